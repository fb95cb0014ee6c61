use http::StatusCode;
use serde_json::{Value, json};

use crate::server::{ApiRequest, Collection as _, Response};
use crate::usebuckets::deliveries::BucketEvent;
use crate::usebuckets::input::{ApiError, ApiResult, Input};
use crate::usebuckets::paging::{self, ListId};
use crate::usebuckets::settings::Settings;
use crate::usebuckets::state::objects::User;
use crate::usebuckets::state::store::Store;

impl Store {
    pub(crate) fn create_user(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = Input::parse(request.body)?;
        let (username, password) = (input.required_text("username")?, input.required_text("password")?);
        let bucket_id = input.required_text("bucket_id")?;
        let (active, permissions) = (input.boolean("active")?, input.map_of_texts("permissions")?);
        self.bucket(&bucket_id)?;
        self.check_username(&bucket_id, &username, None)?;
        let mut user = User { username, password, ..self.new_user(&bucket_id, request.now_ms) };
        user.active = active.unwrap_or(user.active);
        user.permissions = permissions.unwrap_or_default();
        let body = render(&self.settings, &user);
        let event = BucketEvent::of_user("user.created", &user, request.now_ms);
        self.users.insert(user);
        self.record_event(event);
        Ok(self.created(&body))
    }

    pub(crate) fn list_users(&self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let bucket_id = request.parameter("bucket_id");
        self.bucket(bucket_id)?;
        // The documented example has this path, although it is not a route of the service.
        let list = ListId { next: "/api/v1/users", parent: bucket_id };
        paging::page_response(&self.settings, list, &self.users, request.query(), |user| {
            let mut body = render(&self.settings, user);
            if let (false, Some(object)) = (self.settings.permissions_in_lists, body.as_object_mut()) {
                object.remove("permissions");
            }
            body
        })
    }

    pub(crate) fn get_user(&self, id: &str) -> ApiResult<Response> {
        Ok(Response::json(StatusCode::OK, &render(&self.settings, self.user(id)?)))
    }

    pub(crate) fn update_user(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("user_id");
        let mut user = self.user(id)?.clone();
        let input = Input::parse_changes(request.body, &["username", "password", "active", "permissions"])?;
        if let Some(username) = input.text("username")? {
            self.check_username(&user.bucket_id, &username, Some(id))?;
            user.username = username;
        }
        user.password = input.text("password")?.unwrap_or(user.password);
        user.active = input.boolean("active")?.unwrap_or(user.active);
        user.permissions = input.map_of_texts("permissions")?.unwrap_or(user.permissions);
        let body = render(&self.settings, &user);
        let event = BucketEvent::of_user("user.updated", &user, request.now_ms);
        if let Some(stored) = self.users.find_mut(id) {
            *stored = user;
        }
        self.record_event(event);
        Ok(Response::json(StatusCode::OK, &body))
    }

    pub(crate) fn delete_user(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("user_id");
        let event = BucketEvent::of_user("user.deleted", self.user(id)?, request.now_ms);
        self.users.remove(id);
        self.record_event(event);
        Ok(self.deleted())
    }

    /// Checks that a name is unique in the bucket. `id` is the user to name.
    fn check_username(&self, bucket_id: &str, username: &str, id: Option<&str>) -> ApiResult<()> {
        let mut users = self.users.list(bucket_id).filter(|other| Some(other.id.as_str()) != id);
        if !self.settings.duplicate_usernames && users.any(|other| other.username == username) {
            return Err(ApiError::conflict("username is already taken in this bucket"));
        }
        Ok(())
    }
}

/// Renders a user without the password, which the API never returns.
fn render(settings: &Settings, user: &User) -> Value {
    let mut body = json!({
        "id": user.id,
        "username": user.username,
        "active": user.active,
        "permissions": user.permissions,
        "created_at": user.created_at,
    });
    if settings.full_responses {
        body["bucket_id"] = user.bucket_id.as_str().into();
    }
    body
}

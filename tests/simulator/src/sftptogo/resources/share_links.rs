use http::StatusCode;
use serde_json::{Value, json};

use crate::server::{ApiRequest, Response, touch};
use crate::sftptogo::input::{ApiError, ApiResult, FieldUpdate, Input, not_found, required};
use crate::sftptogo::settings::CreatedBy;
use crate::sftptogo::state::objects::ShareLink;
use crate::sftptogo::state::store::Store;

const PERMISSIONS: &[&str] = &["read-only", "read-write", "write-only", "read-write-no-delete"];

/// The outcome of opening a share link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkAccess {
    /// The link was opened and remains. The value is its access count.
    Granted(i64),
    /// The link was opened and then removed, because its limit is reached.
    GrantedAndRemoved,
    /// The link is expired.
    Expired,
    /// The link does not exist.
    NotFound,
}

/// The shape of a link in a response. It depends on the call.
#[derive(Clone, Copy, PartialEq)]
enum LinkView {
    ListItem,
    Single,
    SingleWithPassword,
}

impl Store {
    pub(crate) fn list_share_links(&self) -> Response {
        let list = self.share_links.iter().map(|link| self.render_link(link, LinkView::ListItem));
        Response::json(StatusCode::OK, &Value::Array(list.collect()))
    }

    pub(crate) fn create_share_link(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = Input::parse(request.body)?;
        required("Path", input.text("Path")?)?;
        required("Type", input.text("Type")?)?;
        let mut link = self.new_share_link(request.now_ms);
        self.change_share_link(&mut link, &input)?;
        let body = self.render_link(&link, LinkView::SingleWithPassword);
        self.share_links.push(link);
        Ok(Response::json(StatusCode::CREATED, &body))
    }

    pub(crate) fn get_share_link(&self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("share_link_id");
        let body = self.render_link(self.share_link(id)?, LinkView::Single);
        Ok(Response::json(StatusCode::OK, &body))
    }

    pub(crate) fn update_share_link(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("share_link_id");
        let mut link = self.share_link(id)?.clone();
        let input = Input::parse(request.body)?;
        self.change_share_link(&mut link, &input)?;
        link.updated_at_ms = touch(link.updated_at_ms, request.now_ms);
        let view = if input.has("Password") { LinkView::SingleWithPassword } else { LinkView::Single };
        let body = self.render_link(&link, view);
        *self.share_link_mut(id)? = link;
        Ok(Response::json(StatusCode::OK, &body))
    }

    pub(crate) fn delete_share_link(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("share_link_id");
        self.share_link(id)?;
        self.share_links.retain(|link| link.id != id);
        Ok(Response::json(StatusCode::OK, &json!({})))
    }

    /// Creates a link with a new id. It is not stored yet.
    pub(crate) fn new_share_link(&mut self, now_ms: i64) -> ShareLink {
        ShareLink {
            id: self.random.alphanumeric(13),
            path: "/".into(),
            permission: "read-only".into(),
            state: "active".into(),
            expires_at_ms: None,
            access_limit: 0,
            access_count: 0,
            password: None,
            notes: None,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
        }
    }

    /// Opens a link as a visitor of the portal does.
    pub(crate) fn access(&mut self, id: &str, now_ms: i64) -> LinkAccess {
        let Ok(link) = self.share_link_mut(id) else {
            return LinkAccess::NotFound;
        };
        if link.expires_at_ms.is_some_and(|expires| now_ms >= expires) {
            return LinkAccess::Expired;
        }
        link.access_count += 1;
        let count = link.access_count;
        if link.access_limit > 0 && count >= link.access_limit {
            self.share_links.retain(|link| link.id != id);
            return LinkAccess::GrantedAndRemoved;
        }
        LinkAccess::Granted(count)
    }

    pub(crate) fn share_link(&self, id: &str) -> ApiResult<&ShareLink> {
        self.share_links.iter().find(|link| link.id == id).ok_or_else(not_found)
    }

    pub(crate) fn share_link_mut(&mut self, id: &str) -> ApiResult<&mut ShareLink> {
        self.share_links.iter_mut().find(|link| link.id == id).ok_or_else(not_found)
    }

    fn change_share_link(&self, link: &mut ShareLink, input: &Input) -> ApiResult<()> {
        input.word("Type", &["share"])?;
        if let Some(path) = input.text("Path")? {
            if path.is_empty() {
                return Err(ApiError::bad_request("Path must not be empty"));
            }
            if self.folders.contains(&format!("{path}/")) {
                return Err(ApiError::bad_request("The path of a folder must end with a slash"));
            }
            link.path = path;
        }
        if let Some(permission) = input.word("Permission", PERMISSIONS)? {
            link.permission = permission;
        }
        input.nullable_integer("ExpiresAt")?.apply(&mut link.expires_at_ms);
        match input.nullable_integer("AccessLimit")? {
            FieldUpdate::Keep => {}
            FieldUpdate::Set(limit) if limit >= 0 => link.access_limit = limit,
            _ => {
                return Err(ApiError::bad_request("AccessLimit must be 0 or a positive integer"));
            }
        }
        let password = input.nullable_text("Password")?;
        if let FieldUpdate::Set(password) = &password {
            self.check_password(password)?;
        }
        password.apply(&mut link.password);
        input.nullable_text("Notes")?.apply(&mut link.notes);
        Ok(())
    }

    fn render_link(&self, link: &ShareLink, view: LinkView) -> Value {
        let mut body = json!({
            "Id": link.id,
            "Url": format!("https://portal.sftptogo.com/p/shares/{}", link.id),
            "Path": link.path,
            "Type": "share",
            "Permission": link.permission,
            "State": link.state,
            "ExpiresAt": link.expires_at_ms,
            "AccessLimit": link.access_limit,
            "AccessCount": link.access_count,
            "Notes": link.notes,
            "OrganizationId": self.organization_id,
            "CreatedBy": created_by(self.settings.created_by, view),
            "CreatedAt": link.created_at_ms,
            "UpdatedAt": link.updated_at_ms,
        });
        if let (LinkView::SingleWithPassword, Some(password)) = (view, &link.password) {
            body["Password"] = password.as_str().into();
        }
        body
    }
}

/// The documented ids look like UUIDs but are not: a client that parses them as UUIDs must fail in tests, not in
/// production.
fn created_by(shape: CreatedBy, view: LinkView) -> Value {
    match shape {
        CreatedBy::Documented if view == LinkView::ListItem => created_by(CreatedBy::Admin, view),
        CreatedBy::Documented | CreatedBy::Account => json!({
            "Type": "Account",
            "Id": "gas4c1e9-7a2b-4d3c-8e5f-6a7b8c9d0e1f",
            "Email": "dana@example.net",
            "Name": "Dana Example",
        }),
        CreatedBy::Admin => json!({
            "Type": "Admin",
            "Id": "k7WmQz0pLr4TnYb",
            "PrincipalName": "Dana Example",
            "PrincipalId": "b90c1d2e3f4a5b6c7",
            "PrincipalType": "admin",
        }),
        CreatedBy::Undocumented => json!({ "Type": "ApiKey", "Name": "deployment" }),
        CreatedBy::Null => Value::Null,
    }
}

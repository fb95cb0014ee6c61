use http::{StatusCode, Uri};
use serde_json::{Value, json};

use crate::server::{ApiRequest, Collection as _, Response};
use crate::usebuckets::input::{ApiError, ApiResult, Input};
use crate::usebuckets::paging::{self, ListId};
use crate::usebuckets::state::objects::Notification;
use crate::usebuckets::state::store::Store;

pub(crate) const EVENTS: &[&str] = &[
    "bucket.created",
    "bucket.updated",
    "bucket.deleted",
    "user.created",
    "user.updated",
    "user.deleted",
    "file.uploaded",
    "file.deleted",
];

impl Store {
    pub(crate) fn create_notification(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = Input::parse(request.body)?;
        let bucket_id = input.required_text("bucket_id")?;
        input.required_text("webhook_url")?;
        if input.texts("events")?.is_none() {
            return Err(ApiError::unprocessable("events is required"));
        }
        self.bucket(&bucket_id)?;
        let mut notification = self.new_notification(&bucket_id, request.now_ms);
        change(&mut notification, &input)?;
        let body = render(&notification);
        self.notifications.insert(notification);
        Ok(self.created(&body))
    }

    pub(crate) fn list_notifications(&self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let bucket_id = request.parameter("bucket_id");
        self.bucket(bucket_id)?;
        let list = ListId { next: "/api/v1/notifications", parent: bucket_id };
        paging::page_response(&self.settings, list, &self.notifications, request.query(), render)
    }

    pub(crate) fn get_notification(&self, id: &str) -> ApiResult<Response> {
        Ok(Response::json(StatusCode::OK, &render(self.notification(id)?)))
    }

    pub(crate) fn update_notification(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("notification_id");
        let mut notification = self.notification(id)?.clone();
        let keys = ["events", "active", "webhook_url", "include_file_contents", "paths"];
        change(&mut notification, &Input::parse_changes(request.body, &keys)?)?;
        let body = render(&notification);
        if let Some(stored) = self.notifications.find_mut(id) {
            *stored = notification;
        }
        Ok(Response::json(StatusCode::OK, &body))
    }

    pub(crate) fn delete_notification(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("notification_id");
        self.notification(id)?;
        self.notifications.remove(id);
        Ok(self.deleted())
    }
}

fn change(notification: &mut Notification, input: &Input) -> ApiResult<()> {
    if let Some(events) = input.texts("events")? {
        if events.is_empty() || events.iter().any(|event| !EVENTS.contains(&event.as_str())) {
            return Err(ApiError::unprocessable(format!("events must have at least one of {}", EVENTS.join(", "))));
        }
        notification.events = events;
    }
    if let Some(url) = input.text("webhook_url")? {
        if !is_web_address(&url) {
            return Err(ApiError::unprocessable("webhook_url must be a URL"));
        }
        notification.webhook_url = url;
    }
    if let Some(paths) = input.texts("paths")? {
        // An empty list sets no limit.
        notification.paths = Some(paths).filter(|paths| !paths.is_empty());
    }
    notification.active = input.boolean("active")?.unwrap_or(notification.active);
    let contents = input.boolean("include_file_contents")?;
    notification.include_file_contents = contents.unwrap_or(notification.include_file_contents);
    Ok(())
}

fn render(notification: &Notification) -> Value {
    let mut body = json!({
        "id": notification.id,
        "bucket_id": notification.bucket_id,
        "events": notification.events,
        "active": notification.active,
        "webhook_url": notification.webhook_url,
        "include_file_contents": notification.include_file_contents,
        "created_at": notification.created_at,
    });
    if let Some(paths) = &notification.paths {
        body["paths"] = paths.as_slice().into();
    }
    body
}

fn is_web_address(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    })
}

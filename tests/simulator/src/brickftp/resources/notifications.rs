use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::document::Node;
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::state::objects::Notification;
use crate::brickftp::state::store::Store;
use crate::brickftp::state::tree::clean;

const INTERVALS: &[&str] = &["five_minutes", "fifteen_minutes", "hourly", "daily"];

impl Store {
    pub(crate) fn list_notifications(&self) -> SiteResponse {
        let notifications = self.notifications.values();
        SiteResponse::list("notifications", "notification", notifications.map(|one| self.notification_node(one, false)))
    }

    pub(crate) fn create_notification(&mut self, request: &SiteRequest<'_>) -> ApiResult<SiteResponse> {
        let path = request.input.short_text("path", 5000)?.ok_or_else(|| ApiError::invalid("path can't be blank"))?;
        let user_id = self.target_user(request)?;
        let user_id = user_id.ok_or_else(|| ApiError::invalid("user_id or username can't be blank"))?;
        let send_interval = request.input.word("send_interval", INTERVALS)?;
        let mut notification = self.new_notification(user_id);
        notification.path = clean(&path);
        notification.send_interval = send_interval.unwrap_or(notification.send_interval);
        let node = self.notification_node(&notification, !self.settings.number_ids);
        self.notifications.insert(notification.id, notification);
        Ok(SiteResponse::created("notification", node))
    }

    pub(crate) fn new_notification(&mut self, user_id: u64) -> Notification {
        let id = self.next_id("notification");
        let send_interval = "five_minutes".to_owned();
        Notification { id, path: String::new(), user_id, send_interval, unsubscribed: false }
    }

    pub(crate) fn delete_notification(&mut self, id: u64) -> ApiResult<SiteResponse> {
        self.notifications.remove(&id).map(|_| SiteResponse::nothing()).ok_or_else(ApiError::record_not_found)
    }

    /// The response to the creation has strings instead of numbers.
    fn notification_node(&self, notification: &Notification, text_ids: bool) -> Node {
        let (id, user_id) = if text_ids {
            (Node::TextInteger(notification.id), Node::text(notification.user_id.to_string()))
        } else {
            (Node::Integer(notification.id), Node::Integer(notification.user_id))
        };
        Node::map([
            ("id", id),
            ("path", Node::text(&notification.path)),
            ("user_id", user_id),
            ("username", Node::optional_text(self.username(notification.user_id))),
            ("send_interval", Node::symbol(&notification.send_interval)),
            ("unsubscribed", Node::Boolean(notification.unsubscribed)),
        ])
    }
}

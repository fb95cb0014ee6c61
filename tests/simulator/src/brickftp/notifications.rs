use super::call::{Call, Output};
use super::document::Node;
use super::objects::Notification;
use super::refusal::{Answer, Refusal};
use super::store::Store;
use super::tree::clean;

const INTERVALS: &[&str] = &["five_minutes", "fifteen_minutes", "hourly", "daily"];

impl Store {
    pub(super) fn list_notifications(&self) -> Output {
        let notifications = self.notifications.values();
        Output::list("notifications", "notification", notifications.map(|one| self.notification_node(one, false)))
    }

    pub(super) fn create_notification(&mut self, call: &Call<'_>) -> Answer<Output> {
        let path = call.input.short_text("path", 5000)?.ok_or_else(|| Refusal::invalid("path can't be blank"))?;
        let user_id = self.target_user(call)?;
        let user_id = user_id.ok_or_else(|| Refusal::invalid("user_id or username can't be blank"))?;
        let send_interval = call.input.word("send_interval", INTERVALS)?;
        let mut notification = self.new_notification(user_id);
        notification.path = clean(&path);
        notification.send_interval = send_interval.unwrap_or(notification.send_interval);
        let node = self.notification_node(&notification, !self.settings.number_ids);
        self.notifications.insert(notification.id, notification);
        Ok(Output::created("notification", node))
    }

    pub(super) fn new_notification(&mut self, user_id: u64) -> Notification {
        let id = self.next_id("notification");
        let send_interval = "five_minutes".to_owned();
        Notification { id, path: String::new(), user_id, send_interval, unsubscribed: false }
    }

    pub(super) fn delete_notification(&mut self, id: u64) -> Answer<Output> {
        self.notifications.remove(&id).map(|_| Output::nothing()).ok_or_else(Refusal::not_found)
    }

    /// The answer of the call that creates one has texts where numbers belong.
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

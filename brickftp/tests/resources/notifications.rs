//! Notifications: requests in both formats, and the documented responses.

use crate::support::{NOTHING, Service, both_formats, delete, either, fixture, get, post};
use brickftp::{Format, NewNotification, Notification, NotificationId, Recipient, SendInterval, UserId};
use serde_json::{Value, json};

#[track_caller]
fn is_documented(notification: &Notification) {
    assert_eq!((notification.id.get(), notification.user_id), (15, Some(UserId::new(41))));
    assert_eq!((notification.username.as_deref(), notification.path.as_deref()), (Some("ada"), Some("Staff/in")));
    assert_eq!((&notification.send_interval, notification.unsubscribed), (&Some(SendInterval::Hourly), Some(false)));
}

async fn list(format: Format) {
    let service = Service::answering(format, get("/notifications"), 200, fixture("notifications", format)).await;
    let notifications = service.client.notifications().list().try_collect_vec().await.unwrap();
    assert_eq!(notifications.len(), 1);
    is_documented(&notifications[0]);
    let none = Service::answering(format, get("/notifications"), 200, either(format, NOTHING)).await;
    assert!(none.client.notifications().list().try_next().await.unwrap().is_none());
}

/// The JSON response has its ids as strings.
async fn create(format: Format) {
    let recipients: [(Recipient, Value, &str); 2] = [
        (UserId::new(41).into(), json!({ "user_id": 41 }), "<user_id>41</user_id>"),
        (Recipient::username("ada"), json!({ "username": "ada" }), "<username>ada</username>"),
    ];
    for (recipient, mut json, xml) in recipients {
        json["path"] = "Staff/in".into();
        json["send_interval"] = "hourly".into();
        let xml =
            format!("<notification><path>Staff/in</path>{xml}<send_interval>hourly</send_interval></notification>");
        let making = post("/notifications").body(json, &xml);
        let service = Service::answering(format, making, 201, fixture("notification_created", format)).await;
        let new = NewNotification::new("Staff/in", recipient).send_interval(SendInterval::Hourly);
        is_documented(&service.client.notifications().create(new).await.unwrap());
    }
}

async fn remove(format: Format) {
    let service = Service::answering(format, delete("/notifications/15"), 200, either(format, NOTHING)).await;
    service.client.notifications().delete(NotificationId::new(15)).await.unwrap();
}

both_formats! {
    #[tokio::test]
    list => fn list_json(), fn list_xml();
    create => fn create_json(), fn create_xml();
    remove => fn delete_json(), fn delete_xml();
}

//! Notifications: requests at the assumed routes, and decoding of responses.

mod support;

use serde_json::{Value, json};
use support::{BUCKET, Service, delete, documented, fixture, get, patch, post};
use usebuckets::{EventType, NewNotification, Notification, NotificationUpdate};

const URL: &str = "https://hooks.example.net/buckets";
const NOTIFICATION: &str = "/notifications/bio_test_ntf_1";

fn to_wire(notification: &Notification) -> Value {
    json!({
        "id": notification.id,
        "bucket_id": notification.bucket_id,
        "events": notification.events,
        "active": notification.active,
        "webhook_url": notification.webhook_url,
        "include_file_contents": notification.include_file_contents,
        "paths": notification.paths,
        "created_at": notification.created_at,
    })
}

#[tokio::test]
async fn lists_the_notifications_of_one_bucket_on_every_page() {
    let service = Service::start().await;
    let path = format!("/buckets/{BUCKET}/notifications");
    let first = json!({ "has_more": true, "next_uri": "next-uri-here", "data": [documented("notification")] });
    service.answers(get(&path), 200, first.to_string()).await;
    let second = format!("{path}?after=bio_test_ntf_1");
    service.answers(get(&second), 200, r#"{"has_more":false,"data":[{"id":"2"}]}"#).await;
    let all = service.client.notifications().list(&BUCKET.into()).try_collect_vec().await.unwrap();
    assert_eq!((to_wire(&all[0]), all[1].id.as_str(), all.len()), (documented("notification"), "2", 2));
}

#[tokio::test]
async fn creates_with_the_set_fields_only() {
    let new = || NewNotification::new(&BUCKET.into(), URL, [EventType::FileUploaded, "file.moved".into()]);
    for (notification, more) in [
        (new(), json!({})),
        (
            new().include_file_contents(true).paths(["/invoices", "/in"]),
            json!({ "include_file_contents": true, "paths": ["/invoices", "/in"] }),
        ),
    ] {
        let mut body = json!({ "bucket_id": BUCKET, "webhook_url": URL, "events": ["file.uploaded", "file.moved"] });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let service = Service::answering(post("/notifications", body), 201, fixture("notification")).await;
        let created = service.client.notifications().create(notification).await.unwrap();
        assert_eq!(to_wire(&created), documented("notification"));
    }
}

#[tokio::test]
async fn updates_only_the_set_fields() {
    use NotificationUpdate as Update;
    for (update, body) in [
        (Update::new().active(false), json!({ "active": false })),
        (Update::new().events([EventType::UserCreated]), json!({ "events": ["user.created"] })),
        (Update::new().webhook_url(URL), json!({ "webhook_url": URL })),
        (Update::new().include_file_contents(false), json!({ "include_file_contents": false })),
        (Update::new().paths(Vec::<String>::new()), json!({ "paths": [] })),
        (
            Update::new()
                .paths(["/in"])
                .active(true)
                .events([EventType::FileDeleted])
                .webhook_url(URL)
                .include_file_contents(true),
            json!({
                "paths": ["/in"], "active": true, "events": ["file.deleted"], "webhook_url": URL,
                "include_file_contents": true,
            }),
        ),
        (Update::new().active(true).paths(["/in"]), json!({ "active": true, "paths": ["/in"] })),
    ] {
        let service = Service::answering(patch(NOTIFICATION, body), 200, fixture("notification")).await;
        let notification = service.client.notifications().update(&"bio_test_ntf_1".into(), update).await.unwrap();
        assert_eq!(to_wire(&notification), documented("notification"));
    }
}

#[tokio::test]
async fn deletes_with_any_response_body() {
    for (status, response) in [(200, ""), (204, ""), (200, "{}")] {
        let service = Service::answering(delete(NOTIFICATION), status, response).await;
        service.client.notifications().delete(&"bio_test_ntf_1".into()).await.unwrap();
    }
}

#[test]
fn only_the_id_is_required_and_unknown_values_survive() {
    for odd in [json!({ "id": "1" }), json!({ "id": "1", "events": null, "paths": null, "secret": "x" })] {
        let read: Notification = serde_json::from_value(odd).unwrap();
        assert_eq!((read.events.len(), read.paths.len(), read.active), (0, 0, None));
    }
    let mut odd = documented("notification");
    odd["events"] = json!(["file.renamed", "bucket.created"]);
    assert_eq!(to_wire(&serde_json::from_value(odd.clone()).unwrap()), odd);
}

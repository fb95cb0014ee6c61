//! Webhook deliveries of Buckets.

use std::time::Duration;

use crate::support::receiver::{Received, Receiver};
use crate::support::usebuckets::{bucket_and_user, call};
use mft_simulator::usebuckets::{Builder, DeliveryStatus, Notification, Simulator, sign};
use serde_json::{Value, json};

fn builder() -> Builder {
    Simulator::builder().delivery_delays(0.000_01).delivery_timeout(Duration::from_millis(400))
}

/// Creates a bucket, a user and a notification that the closure changes.
async fn listening(
    simulator: &Simulator,
    receiver: &Receiver,
    change: impl FnOnce(&mut Notification),
) -> (String, String, String) {
    let (bucket, user) = bucket_and_user(simulator).await;
    let notification = simulator.state().add_notification(&bucket, |notification| {
        notification.webhook_url.clone_from(&receiver.url);
        change(notification);
    });
    (bucket, user, notification.id)
}

fn events(receiver: &Receiver) -> Vec<Value> {
    receiver.received().iter().map(|one| one.json()["event"].clone()).collect()
}

#[tokio::test]
async fn every_change_is_delivered_once_and_signed() {
    let simulator = builder().start_time_ms(1_700_000_300_999).frozen_clock().start().await.unwrap();
    let receiver = Receiver::start(&[]).await;
    let (bucket, user, _) = listening(&simulator, &receiver, |_| ()).await;
    let state = simulator.state();
    let second = json!({ "username": "omar", "password": "x", "bucket_id": bucket }).to_string();
    let second = call(&simulator, "POST", "/users", &second).await.json()["id"].as_str().unwrap().to_owned();
    call(&simulator, "PATCH", &format!("/users/{second}"), r#"{"active":false}"#).await;
    call(&simulator, "DELETE", &format!("/users/{second}"), "").await;
    call(&simulator, "PATCH", &format!("/buckets/{bucket}"), r#"{"name":"Y"}"#).await;
    // Rejected requests trigger no events.
    call(&simulator, "PATCH", &format!("/buckets/{bucket}"), "{}").await;
    state.upload_file(&bucket, &user, "/invoices/2024-02.csv", "a,b").unwrap();
    state.delete_file(&bucket, &user, "/invoices/2024-02.csv").unwrap();
    call(&simulator, "DELETE", &format!("/buckets/{bucket}"), "").await;
    simulator.deliveries_settled().await;

    let delivered = events(&receiver);
    let expected = [
        "user.created",
        "user.updated",
        "user.deleted",
        "bucket.updated",
        "file.uploaded",
        "file.deleted",
        "bucket.deleted",
    ];
    assert_eq!(delivered, expected);
    let arrived = receiver.received();
    for one in &arrived {
        assert_eq!(one.header("x-buckets-signature"), Some(&*sign(&simulator.signing_secret(), &one.body)));
        assert!(one.head.starts_with("POST /hook?x=1 HTTP/1.1"), "{}", one.head);
    }
    let at = 1_700_000_300;
    let file = json!({ "event": "file.uploaded", "fired_at": at, "bucket_id": bucket, "user_id": user,
        "file_path": "/invoices/2024-02.csv", "file_name": "2024-02.csv" });
    assert_eq!(arrived[4].json(), file);
    assert_eq!(
        arrived[0].json(),
        json!({ "event": "user.created", "fired_at": at, "bucket_id": bucket, "user_id": second })
    );
    assert_eq!(arrived[6].json(), json!({ "event": "bucket.deleted", "fired_at": at, "bucket_id": bucket }));
}

#[tokio::test]
async fn paths_events_contents_and_strictness() {
    let simulator = builder().strict_payloads().start().await.unwrap();
    let receiver = Receiver::start(&[]).await;
    let (bucket, user, id) = listening(&simulator, &receiver, |notification| {
        notification.events = vec!["file.uploaded".into(), "bucket.updated".into()];
        notification.paths = Some(vec!["/in/*/done".into(), "/out".into()]);
        notification.include_file_contents = true;
    })
    .await;
    let state = simulator.state();
    for path in ["/a.csv", "/in/x/a.csv", "/in/x/done/b.csv", "/out/deep/c.csv"] {
        state.upload_file(&bucket, &user, path, if path.contains('b') { &b"\xff\x00"[..] } else { b"a,b" }).unwrap();
    }
    state.delete_file(&bucket, &user, "/out/deep/c.csv").unwrap();
    call(&simulator, "PATCH", &format!("/buckets/{bucket}"), r#"{"active":false}"#).await;
    simulator.deliveries_settled().await;
    let delivered: Vec<_> = receiver.received().iter().map(Received::json).collect();
    let about: Vec<_> = delivered.iter().map(|one| (one.get("file_path"), one.get("file_contents"))).collect();
    let (b, c) = (json!("/in/x/done/b.csv"), json!("/out/deep/c.csv"));
    assert_eq!(about, [(Some(&b), Some(&json!("/wA="))), (Some(&c), Some(&json!("a,b"))), (None, None)]);
    assert_eq!(delivered.iter().map(|one| one.get("bucket_id").is_some()).collect::<Vec<_>>(), [false, false, true]);

    state.update_bucket(&bucket, |bucket| bucket.active = true).unwrap();
    state.update_notification(&id, |notification| notification.active = false).unwrap();
    state.upload_file(&bucket, &user, "/out/d.csv", "").unwrap();
    assert_eq!(simulator.deliveries().len(), 3);
}

/// The receiver's responses, the number of attempts, and the delivery status.
#[tokio::test]
async fn failures_are_retried_for_24_hours() {
    let cases: [(&[u16], usize, DeliveryStatus); 5] = [
        (&[299], 1, DeliveryStatus::Succeeded),
        (&[404, 301, 0, 410, 500, 204], 6, DeliveryStatus::Succeeded),
        (&[1, 200], 2, DeliveryStatus::Succeeded),
        (&[400; 10], 11, DeliveryStatus::Succeeded),
        (&[400; 20], 11, DeliveryStatus::Failed),
    ];
    for (answers, attempts, status) in cases {
        let simulator = builder().start().await.unwrap();
        let receiver = Receiver::start(answers).await;
        let (bucket, user, _) = listening(&simulator, &receiver, |_| ()).await;
        simulator.state().upload_file(&bucket, &user, "/a.csv", "x").unwrap();
        simulator.deliveries_settled().await;
        let delivery = simulator.deliveries().remove(0);
        assert_eq!((delivery.attempts.len(), delivery.status), (attempts, status), "{answers:?}");
        // All attempts are identical.
        assert!(receiver.received().iter().all(|one| one.body == receiver.received()[0].body));
    }
}

#[tokio::test]
async fn delays_use_simulated_time_and_skip_inactive_notifications() {
    let simulator = Simulator::builder().frozen_clock().start().await.unwrap();
    let receiver = Receiver::start(&[500, 500]).await;
    let (bucket, user, id) = listening(&simulator, &receiver, |_| ()).await;
    simulator.state().upload_file(&bucket, &user, "/a.csv", "x").unwrap();
    let tried = async |times: usize| {
        while simulator.deliveries()[0].attempts.len() < times
            || simulator.deliveries()[0].status == DeliveryStatus::Pending
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tried(1).await;
    simulator.advance(Duration::from_secs(59));
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(receiver.received().len(), 1);
    simulator.advance(Duration::from_secs(1));
    tried(2).await;
    simulator.state().update_notification(&id, |notification| notification.active = false).unwrap();
    // The schedule continues during a pause, without attempts.
    while receiver.received().len() == 2 {
        simulator.advance(Duration::from_secs(240));
        tokio::time::sleep(Duration::from_millis(20)).await;
        simulator.state().update_notification(&id, |notification| notification.active = true).unwrap();
    }
    simulator.deliveries_settled().await;
    let delivery = simulator.deliveries().remove(0);
    assert_eq!((delivery.attempts.len(), delivery.status), (3, DeliveryStatus::Succeeded));
    assert_eq!(simulator.delivery(&delivery.id), Some(delivery));
}

#[tokio::test]
async fn deliveries_stay_on_this_machine() {
    let simulator = builder().start().await.unwrap();
    let receiver = Receiver::start(&[]).await;
    let (bucket, user, id) = listening(&simulator, &receiver, |_| ()).await;
    for url in ["https://127.0.0.1/x", "http://hooks.example.net/x", "nonsense"] {
        simulator.state().update_notification(&id, |notification| notification.webhook_url = url.into()).unwrap();
        simulator.state().upload_file(&bucket, &user, "/a.csv", "x").unwrap();
        simulator.deliveries_settled().await;
        let delivery = simulator.deliveries().pop().unwrap();
        assert_eq!(delivery.status, DeliveryStatus::Failed);
        assert!(delivery.attempts[0].error.as_deref().unwrap().contains("this machine only"), "{url}");
    }
}

//! Webhook deliveries of SFTP To Go.

use std::time::Duration;

use mft_simulator::sftptogo::{Builder, DeliveryStatus, Event, Simulator, sign};
use serde_json::json;

use crate::support::receiver::Receiver;

/// The body of the second documented test vector.
const VECTOR: &str = r#"{"Id":"5f0c2a9e-7b1d-4c3e-8a6f-0d9b1c2e3f40","Topic":"file.created","CreatedAt":1760000000123,"UpdatedAt":1760000000123,"Actor":{"Type":"User","Id":"intake-robot-01"},"Resource":"File","PreviousData":null,"Data":{"Path":"home/intake-robot-01/day+1%2b2/caf%C3%A9.csv","Size":2048},"Metadata":{"Organization":{"Id":"0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b"},"Webhook":{"Id":"a3d1f0c2-94b7-4e55-b1c8-2f60d7e8a911"},"Delivery":{"Id":"c0ffee00-1111-4222-8333-444455556666"},"Attempt":{"Id":"deadbeef-2222-4333-8444-555566667777"},"Event":{"Id":"5f0c2a9e-7b1d-4c3e-8a6f-0d9b1c2e3f40","Topic":"file.created"}}}"#;

fn builder() -> Builder {
    Simulator::builder().allow_http_webhooks().delivery_delays(0.001).delivery_timeout(Duration::from_millis(400))
}

async fn hook(simulator: &Simulator, receiver: &Receiver) -> String {
    let body = json!({ "Url": receiver.url, "Type": "webhook", "AuthorizationHeader": "Bearer lab-token-1",
        "Topics": ["file.created", "file.downloaded"] });
    let created = crate::support::call(simulator, "POST", "/webhooks", &body.to_string()).await.json();
    created["Id"].as_str().expect("the webhook is accepted").to_owned()
}

#[test]
fn signatures_match_the_documented_vectors() {
    assert_eq!(VECTOR.len(), 600);
    for (secret, body, header) in [
        (
            "Very Secret Secret",
            "Hello! This is a test payload.",
            "8ba4c47558de1872150c3ec82211c34bf0cbd6d60fc4f9875b97853af06de917",
        ),
        ("whsec-lab-0001", VECTOR, "0bcfa163a59c7d500387bd07f3c148b6c6ba4f9634f2f9139b0d6ae87f842993"),
        (
            "your-signing-secret",
            r#"{"hello":"world"}"#,
            "3cbbff88ab4a82398a21ab3e2934ee47e53c3a5ba0609866587a80feddb7f755",
        ),
    ] {
        assert_eq!(sign(secret, body.as_bytes()), format!("sha256={header}"));
    }
}

#[tokio::test]
async fn a_delivery_is_signed_and_complete() {
    let simulator = builder().start().await.unwrap();
    let receiver = Receiver::start(&[]).await;
    let id = hook(&simulator, &receiver).await;
    let other_topic = simulator.raise_event(Event::file_deleted("/x"));
    assert!(other_topic.is_empty());
    let deliveries = simulator.raise_event(Event::file_created("/home/robot/day 1+2/café.csv", 2048));
    simulator.deliveries_settled().await;

    let arrived = receiver.received();
    assert_eq!(arrived.len(), 1);
    let (one, secret) = (&arrived[0], simulator.state().webhook(&id).unwrap().secret);
    assert!(one.head.starts_with("POST /hook?x=1 HTTP/1.1"), "{}", one.head);
    assert_eq!(one.header("authorization"), Some("Bearer lab-token-1"));
    assert_eq!(one.header("x-hub-signature"), Some(&*sign(&secret, &one.body)));
    let event = one.json();
    assert_eq!(event["Data"], json!({ "Path": "home/robot/day+1%2b2/caf%C3%A9.csv", "Size": 2048 }));
    assert_eq!((&event["Topic"], &event["Resource"]), (&json!("file.created"), &json!("File")));
    assert_eq!(event["Metadata"]["Event"], json!({ "Id": event["Id"], "Topic": "file.created" }));
    assert_eq!(event["Metadata"]["Delivery"]["Id"], deliveries[0]);
    assert_eq!(event["Metadata"]["Webhook"]["Id"], id);
    assert_eq!(event["Metadata"]["Organization"]["Id"], simulator.organization_id());
    assert_eq!(simulator.delivery(&deliveries[0]).unwrap().status, DeliveryStatus::Succeeded);

    // A ping is delivered to a paused webhook. It has no actor, and its webhook object has no secrets.
    simulator.state().update_webhook(&id, |webhook| webhook.state = "paused".into()).unwrap();
    assert!(simulator.raise_event(Event::file_created("/x", 1)).is_empty());
    simulator.ping(&id).unwrap();
    simulator.deliveries_settled().await;
    let ping = receiver.received()[1].json();
    assert!(ping.get("Actor").is_none() && ping["Metadata"].get("Organization").is_none());
    let keys: Vec<_> = ping["Data"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Alias", "CreatedAt", "Id", "OrganizationId", "State", "Topics", "UpdatedAt", "Url"]);
}

/// The receiver's responses, the number of attempts, and the delivery status.
#[tokio::test]
async fn responses_and_retries() {
    let cases: [(&[u16], usize, DeliveryStatus); 10] = [
        (&[200], 1, DeliveryStatus::Succeeded),
        (&[299], 1, DeliveryStatus::Succeeded),
        (&[503, 204], 2, DeliveryStatus::Succeeded),
        (&[408, 429, 500, 0, 502, 200], 6, DeliveryStatus::Succeeded),
        (&[500; 9], 6, DeliveryStatus::Failed),
        (&[1, 204], 2, DeliveryStatus::Succeeded),
        (&[400], 1, DeliveryStatus::Failed),
        (&[401], 1, DeliveryStatus::Failed),
        (&[503, 404], 2, DeliveryStatus::Failed),
        (&[301], 1, DeliveryStatus::Failed),
    ];
    for (answers, attempts, status) in cases {
        let simulator = builder().start().await.unwrap();
        let receiver = Receiver::start(answers).await;
        hook(&simulator, &receiver).await;
        simulator.raise_event(Event::file_created("/x", 1));
        simulator.deliveries_settled().await;
        let delivery = simulator.deliveries().remove(0);
        assert_eq!((delivery.attempts.len(), delivery.status), (attempts, status), "{answers:?}");
        // All attempts share the ids of the event and the delivery.
        let ids = |key: &str| {
            let mut ids: Vec<_> =
                receiver.received().iter().map(|one| one.json()["Metadata"][key]["Id"].to_string()).collect();
            ids.sort();
            ids.dedup();
            ids.len()
        };
        assert_eq!((ids("Event"), ids("Delivery"), ids("Attempt")), (1, 1, attempts), "{answers:?}");
    }
}

#[tokio::test]
async fn five_consecutive_failures_pause_a_webhook() {
    let simulator = builder().start().await.unwrap();
    let receiver = Receiver::start(&[401, 401, 401, 401, 204, 401, 401, 401, 401, 401, 401, 204]).await;
    let id = hook(&simulator, &receiver).await;
    let state = |simulator: &Simulator| simulator.state().webhook(&id).unwrap().state;
    for _ in 0..9 {
        assert_eq!(simulator.raise_event(Event::file_created("/x", 1)).len(), 1);
        simulator.deliveries_settled().await;
    }
    // A success resets the count. Pings are not counted.
    simulator.ping(&id).unwrap();
    simulator.deliveries_settled().await;
    assert_eq!(state(&simulator), "enabled");
    let last = simulator.raise_event(Event::file_created("/x", 1)).remove(0);
    simulator.deliveries_settled().await;
    assert_eq!(state(&simulator), "paused");
    assert!(simulator.raise_event(Event::file_created("/x", 1)).is_empty());

    // Resuming resets the count. Failed deliveries can be redelivered.
    let path = format!("/webhooks/{id}");
    crate::support::call(&simulator, "PATCH", &path, r#"{"State":"enabled"}"#).await;
    assert_eq!(simulator.state().webhook(&id).unwrap().failure_streak, 0);
    assert!(simulator.redeliver(&last) && !simulator.redeliver("none"));
    simulator.deliveries_settled().await;
    assert_eq!(simulator.delivery(&last).unwrap().status, DeliveryStatus::Succeeded);
    assert_eq!(simulator.delivery(&last).unwrap().attempts.len(), 2);
}

#[tokio::test]
async fn order_duplicates_and_bare_signatures() {
    let sizes = |receiver: &Receiver| -> Vec<_> {
        receiver.received().iter().map(|one| one.json()["Data"]["Size"].as_u64().unwrap()).collect()
    };
    for (builder, expected) in [
        (builder(), vec![1, 2, 3]),
        (builder().duplicate_deliveries(), vec![1, 1, 2, 2, 3, 3]),
        (builder().reorder_deliveries(), vec![2, 1, 3]),
    ] {
        let simulator = builder.start().await.unwrap();
        let receiver = Receiver::start(&[]).await;
        hook(&simulator, &receiver).await;
        for size in 1..=3 {
            simulator.raise_event(Event::file_created("/x", size));
        }
        simulator.deliveries_settled().await;
        let mut order = sizes(&receiver);
        if expected.len() > 3 {
            order.sort_unstable();
        }
        assert_eq!(order, expected);
    }
    let simulator = builder().bare_signatures().start().await.unwrap();
    let receiver = Receiver::start(&[]).await;
    hook(&simulator, &receiver).await;
    simulator.raise_event(Event::file_created("/x", 1));
    simulator.deliveries_settled().await;
    let header = receiver.received()[0].header("x-hub-signature").map(str::len);
    assert_eq!(header, Some(44));
}

#[tokio::test]
async fn deliveries_are_signed_with_the_current_secret() {
    let simulator = builder().start().await.unwrap();
    let receiver = Receiver::start(&[]).await;
    let id = hook(&simulator, &receiver).await;
    let old = simulator.state().webhook(&id).unwrap().secret;
    let new = simulator.state().rotate_webhook_secret(&id).unwrap();
    assert_ne!(old, new);
    simulator.raise_event(Event::file_downloaded("/x", 1).protocol("WEB_PORTAL").actor("IAM", "AIDA1"));
    simulator.deliveries_settled().await;
    let one = &receiver.received()[0];
    assert_eq!(one.header("x-hub-signature"), Some(&*sign(&new, &one.body)));
    assert_eq!(one.json()["Actor"], json!({ "Type": "IAM", "Id": "AIDA1" }));
    assert_eq!(one.json()["Data"]["Metadata"]["Protocol"], "WEB_PORTAL");
}

#[tokio::test]
async fn https_deliveries_fail_with_an_error() {
    let simulator = builder().start().await.unwrap();
    let hook = simulator.state().add_webhook(|hook| hook.url = "https://hooks.example.net/x".into());
    for _ in 0..6 {
        simulator.raise_event(Event::file_created("/x", 1));
    }
    simulator.deliveries_settled().await;
    let delivery = simulator.deliveries().remove(0);
    assert_eq!(delivery.status, DeliveryStatus::Failed);
    assert!(delivery.attempts[0].error.as_deref().unwrap().contains("http:// URLs only"));
    assert_eq!(simulator.state().webhook(&hook.id).unwrap().state, "enabled");
}

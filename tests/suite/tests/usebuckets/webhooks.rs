//! End-to-end webhooks of Buckets: managed by the client, delivered by the simulator, verified by the receiver.

use std::collections::HashSet;

use mft_simulator::usebuckets::{Builder, DeliveryStatus, Simulator};
use mft_tests::webhook_receiver::{Delivery, WebhookReceiver};
use mft_tests::{ClientOptions, Provider, Usebuckets};
use usebuckets::webhook_event::{EventKind, SIGNATURE_HEADER, Verifier, WebhookError, WebhookEvent};
use usebuckets::{BucketUpdate, Client, EventType, NewNotification, NewUser, NotificationUpdate, UserUpdate};

fn event_of(delivery: &Delivery, verifier: &Verifier) -> Result<WebhookEvent, WebhookError> {
    verifier.event(&delivery.body, delivery.header(SIGNATURE_HEADER))
}

/// Starts a simulator with a notification for all events, including file contents.
async fn start_with_notification(receiver: &WebhookReceiver, builder: Builder) -> (Usebuckets, Client, Verifier) {
    let provider = Usebuckets::start_with(builder.delivery_delays(0.001)).await;
    let client = provider.client(ClientOptions::default());
    // The URL of the seeded notification is not reachable.
    client.notifications().delete(&provider.notification).await.unwrap();
    let new = NewNotification::new(&provider.target, &receiver.url, EventType::KNOWN).include_file_contents(true);
    client.notifications().create(new).await.unwrap();
    let verifier = Verifier::new([provider.simulator.signing_secret()]).unwrap();
    (provider, client, verifier)
}

#[tokio::test]
async fn every_change_is_delivered_signed_and_typed() {
    for (builder, strict) in [(Simulator::builder(), false), (Simulator::builder().strict_payloads(), true)] {
        let receiver = WebhookReceiver::with_statuses(&[]).await;
        let (provider, client, verifier) = start_with_notification(&receiver, builder).await;
        let (target, state) = (&provider.target, provider.simulator.state());
        client.buckets().update(target, BucketUpdate::new().name("renamed")).await.unwrap();
        let user = client.users().create(NewUser::new(target, "mira", "Zq7-example-Pw-0001".into())).await.unwrap();
        client.users().update(&user.id, UserUpdate::new().active(true)).await.unwrap();
        let path = "/a b/100%+ü #?&=/日本'{}'.csv";
        state.upload_file(target.as_str(), user.id.as_str(), path, "a,b\n").unwrap();
        state.delete_file(target.as_str(), user.id.as_str(), path).unwrap();
        client.users().delete(&user.id).await.unwrap();
        client.buckets().delete(target).await.unwrap();
        provider.simulator.deliveries_settled().await;

        let events: Vec<_> =
            receiver.received().iter().map(|delivery| event_of(delivery, &verifier).unwrap()).collect();
        let names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
        let expected = ["bucket.updated", "user.created", "user.updated", "file.uploaded", "file.deleted"];
        assert_eq!(names, [expected.as_slice(), &["user.deleted", "bucket.deleted"]].concat());
        for event in &events {
            let names_bucket = !strict || event.kind() == EventKind::Bucket;
            assert_eq!(event.bucket_id.as_ref(), names_bucket.then_some(target), "{event:?}");
            assert_eq!(event.user_id.as_ref(), (event.kind() != EventKind::Bucket).then_some(&user.id), "{event:?}");
            assert_eq!(event.file_path.as_deref(), (event.kind() == EventKind::File).then_some(path), "{event:?}");
        }
        assert_eq!(events[3].file_name.as_deref(), Some("日本'{}'.csv"));
        assert_eq!(events[3].file_contents.as_deref(), Some("a,b\n"));
        assert!(!format!("{:?}", events[3]).contains("a,b"));
        let keys: HashSet<_> = events.iter().map(WebhookEvent::deduplication_key).collect();
        assert_eq!(keys.len(), events.len());
    }
}

#[tokio::test]
async fn redelivery_keeps_the_deduplication_key() {
    let receiver = WebhookReceiver::with_statuses(&[500, 302, 400]).await;
    let (provider, client, verifier) = start_with_notification(&receiver, Simulator::builder()).await;
    client.buckets().update(&provider.target, BucketUpdate::new().active(false)).await.unwrap();
    provider.simulator.deliveries_settled().await;
    let deliveries = provider.simulator.deliveries();
    assert_eq!((deliveries.len(), deliveries[0].status), (1, DeliveryStatus::Succeeded));
    let events: Vec<_> = receiver.received().iter().map(|one| event_of(one, &verifier).unwrap()).collect();
    assert_eq!(events.len(), 4);
    assert!(events.iter().all(|event| event.deduplication_key() == events[0].deduplication_key()));
}

#[tokio::test]
async fn deduplication_key_detects_duplicates_in_any_order() {
    let receiver = WebhookReceiver::with_statuses(&[]).await;
    let builder = Simulator::builder().duplicate_deliveries().reorder_deliveries();
    let (provider, _, verifier) = start_with_notification(&receiver, builder).await;
    let state = provider.simulator.state();
    for number in 0..10 {
        let path = format!("/in/{number}.csv");
        state.upload_file(provider.target.as_str(), provider.user.as_str(), &path, "").unwrap();
    }
    provider.simulator.deliveries_settled().await;
    let deliveries = receiver.received();
    let keys: HashSet<_> = deliveries.iter().map(|one| event_of(one, &verifier).unwrap().deduplication_key()).collect();
    assert_eq!((deliveries.len(), keys.len()), (20, 10));
}

#[tokio::test]
async fn notification_filters_and_pause_apply() {
    let receiver = WebhookReceiver::with_statuses(&[]).await;
    let (provider, client, verifier) = start_with_notification(&receiver, Simulator::builder()).await;
    let notifications = client.notifications();
    let id = notifications.list(&provider.target).try_collect_vec().await.unwrap().remove(0).id;
    let update =
        NotificationUpdate::new().events([EventType::FileUploaded]).paths(["/in"]).include_file_contents(false);
    notifications.update(&id, update).await.unwrap();
    let (target, user, state) = (provider.target.as_str(), provider.user.as_str(), provider.simulator.state());
    let upload = |path: &str| state.upload_file(target, user, path, "a,b\n").unwrap();
    upload("/in/1.csv");
    upload("/elsewhere/2.csv");
    state.delete_file(target, user, "/in/1.csv").unwrap();
    client.users().update(&provider.user, UserUpdate::new().username("other")).await.unwrap();
    provider.simulator.deliveries_settled().await;
    notifications.update(&id, NotificationUpdate::new().active(false)).await.unwrap();
    upload("/in/3.csv");
    provider.simulator.deliveries_settled().await;
    let events: Vec<_> = receiver.received().iter().map(|one| event_of(one, &verifier).unwrap()).collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!((events[0].file_path.as_deref(), &events[0].file_contents), (Some("/in/1.csv"), &None));
}

#[tokio::test]
async fn secret_rotation_accepts_both_secrets_then_only_the_new_one() {
    let receiver = WebhookReceiver::with_statuses(&[]).await;
    let (provider, client, old_only) = start_with_notification(&receiver, Simulator::builder()).await;
    let old = provider.simulator.signing_secret();
    let change = async |name: &str| {
        client.buckets().update(&provider.target, BucketUpdate::new().name(name)).await.unwrap();
        provider.simulator.deliveries_settled().await;
        receiver.received().last().cloned().unwrap()
    };
    let before = change("before").await;
    provider.simulator.set_signing_secret("mrk-Other:Key@3%");
    let after = change("after").await;
    let both = Verifier::new([old.as_str(), "mrk-Other:Key@3%"]).unwrap();
    let new_only = Verifier::new(["mrk-Other:Key@3%"]).unwrap();
    assert!(event_of(&before, &both).is_ok() && event_of(&after, &both).is_ok());
    assert!(event_of(&before, &old_only).is_ok() && event_of(&after, &new_only).is_ok());
    assert_eq!(event_of(&before, &new_only).unwrap_err(), WebhookError::WrongSignature);

    for change in [0, before.body.len() / 2, before.body.len() - 1] {
        let mut changed = before.clone();
        changed.body[change] ^= 1;
        assert_eq!(event_of(&changed, &both).unwrap_err(), WebhookError::WrongSignature, "byte {change}");
    }
    assert_eq!(both.event(&before.body, None).unwrap_err(), WebhookError::MissingSignature);
}

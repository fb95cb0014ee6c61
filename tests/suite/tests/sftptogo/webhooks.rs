//! End-to-end webhooks: managed by the client, delivered by the simulator, verified by the receiver.

use mft_simulator::sftptogo::{DeliveryStatus, Event, Simulator};
use mft_tests::webhook_receiver::{Delivery, WebhookReceiver};
use mft_tests::{ClientOptions, Provider, Sftptogo};
use sftptogo::webhook_event::{EventData, EventTopic, SIGNATURE_HEADER, Verifier, WebhookError, WebhookEvent};
use sftptogo::{Client, NewWebhook, Secret, Webhook, WebhookTopic, WebhookType, WebhookUpdate};

const AUTHORIZATION: &str = "Bearer mrk-Receiver/1+";

fn event_of(delivery: &Delivery, verifier: &Verifier) -> Result<WebhookEvent, WebhookError> {
    verifier.event(&delivery.body, delivery.header(SIGNATURE_HEADER))
}

async fn with_webhook(builder: mft_simulator::sftptogo::Builder, url: &str) -> (Sftptogo, Client, Webhook) {
    let provider = Sftptogo::start_with(builder.allow_http_webhooks().delivery_delays(0.001)).await;
    let client = provider.client(ClientOptions::default());
    let topics = [WebhookTopic::FileCreated, WebhookTopic::FileDeleted, WebhookTopic::FileDownloaded];
    let new = NewWebhook::new(WebhookType::Webhook, url, topics).authorization_header(AUTHORIZATION);
    let webhook = client.webhooks().create(new).await.unwrap();
    // The URL of the seeded webhook is not reachable.
    client.webhooks().delete(&provider.webhook()).await.unwrap();
    (provider, client, webhook)
}

#[tokio::test]
async fn every_event_is_delivered_signed_and_typed_with_its_path() {
    let paths = ["/in/report.csv", "/a b/100%+ü #?&=.txt", "/日本/🗝/'{}'", "/%2F/%41", "/folder/", "/..//x\\y"];
    for builder in [Simulator::builder(), Simulator::builder().bare_signatures()] {
        let receiver = WebhookReceiver::with_statuses(&[]).await;
        let (provider, _, webhook) = with_webhook(builder, &receiver.url).await;
        let verifier = Verifier::new(webhook.secret.clone()).unwrap();
        for path in paths {
            provider.simulator.raise_event(Event::file_created(path, 7));
            provider.simulator.raise_event(Event::file_deleted(path));
            provider.simulator.raise_event(Event::file_downloaded(path, 7));
        }
        provider.simulator.ping(webhook.id.as_str()).unwrap();
        provider.simulator.deliveries_settled().await;
        let deliveries = receiver.received();
        assert_eq!(deliveries.len(), paths.len() * 3 + 1);
        for (number, delivery) in deliveries.iter().enumerate() {
            assert_eq!(delivery.header("authorization"), Some(AUTHORIZATION));
            let event = event_of(delivery, &verifier).unwrap();
            // The service sends paths without the leading slash.
            let path = paths.get(number / 3).map(|path| path.trim_start_matches('/'));
            match event.data {
                EventData::FileCreated(file) => assert_eq!((Some(&*file.path), file.size_bytes), (path, Some(7))),
                EventData::FileDeleted(file) => assert_eq!((Some(&*file.path), file.size_bytes), (path, None)),
                EventData::FileDownloaded(file, _) => assert_eq!(Some(&*file.path), path),
                EventData::Ping(pinged) => assert_eq!((pinged.id, path), (webhook.id.clone(), None)),
                other => panic!("{number}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn unknown_topic_is_delivered_as_unknown() {
    let receiver = WebhookReceiver::with_statuses(&[]).await;
    let (provider, client, webhook) = with_webhook(Simulator::builder(), &receiver.url).await;
    provider.simulator.state().update_webhook(webhook.id.as_str(), |webhook| webhook.topics.push("file.moved".into()));
    let stored_webhook = client.webhooks().list().try_collect_vec().await.unwrap().remove(0);
    assert!(stored_webhook.topics.contains(&WebhookTopic::Unknown("file.moved".into())), "{stored_webhook:?}");
    // An unknown topic is sent back unchanged.
    let update = WebhookUpdate::new().topics(stored_webhook.topics[3..].to_vec());
    let mut error = client.webhooks().update(&webhook.id, update).await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(400), "{error}");
    error = client.webhooks().update(&webhook.id, WebhookUpdate::new()).await.unwrap_err();
    assert!(error.is_invalid_input(), "{error}");

    provider.simulator.raise_event(Event::other("file.moved", serde_json::json!({ "To": "/x" })));
    provider.simulator.deliveries_settled().await;
    let delivery = receiver.received()[0].clone();
    let event = event_of(&delivery, &Verifier::new(webhook.secret).unwrap()).unwrap();
    assert_eq!(event.topic, EventTopic::Unknown("file.moved".into()));
    assert!(matches!(event.data, EventData::Other(data) if data["To"] == "/x"));
}

#[tokio::test]
async fn redeliveries_share_the_event_id() {
    let receiver = WebhookReceiver::with_statuses(&[503, 429]).await;
    let (provider, _, webhook) = with_webhook(Simulator::builder(), &receiver.url).await;
    let verifier = Verifier::new(webhook.secret).unwrap();
    let delivery = provider.simulator.raise_event(Event::file_created("/x", 1)).remove(0);
    provider.simulator.deliveries_settled().await;
    assert_eq!(provider.simulator.delivery(&delivery).unwrap().status, DeliveryStatus::Succeeded);
    let deliveries = receiver.received();
    let events: Vec<_> = deliveries.iter().map(|delivery| event_of(delivery, &verifier).unwrap()).collect();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event.id == events[0].id && event.data == events[0].data));
}

#[tokio::test]
async fn secret_rotation_accepts_both_secrets_then_only_the_new_one() {
    let receiver = WebhookReceiver::with_statuses(&[]).await;
    let (provider, _, webhook) = with_webhook(Simulator::builder(), &receiver.url).await;
    let old = webhook.secret.clone().unwrap();
    let raise = async || {
        provider.simulator.raise_event(Event::file_created("/x", 1));
        provider.simulator.deliveries_settled().await;
        receiver.received().last().cloned().unwrap()
    };
    let before = raise().await;
    let new = Secret::from(provider.simulator.state().rotate_webhook_secret(webhook.id.as_str()).unwrap());
    let after = raise().await;
    let (both, new_only) = (Verifier::new([old, new.clone()]).unwrap(), Verifier::new([new]).unwrap());
    assert!(event_of(&before, &both).is_ok() && event_of(&after, &both).is_ok() && event_of(&after, &new_only).is_ok());
    assert_eq!(event_of(&before, &new_only).unwrap_err(), WebhookError::WrongSignature);

    for change in [0, before.body.len() / 2, before.body.len() - 1] {
        let mut changed = before.clone();
        changed.body[change] ^= 1;
        assert_eq!(event_of(&changed, &both).unwrap_err(), WebhookError::WrongSignature, "byte {change}");
    }
    assert_eq!(both.event(&before.body, None).unwrap_err(), WebhookError::MissingSignature);
}

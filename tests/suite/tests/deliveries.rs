//! Webhooks from end to end: managed by the client, delivered by the simulator, checked by the receiver.

use std::sync::{Arc, Mutex};

use mft_simulator::sftptogo::{DeliveryStatus, Event, Simulator};
use mft_tests::{Provider, Sftptogo, Tweaks};
use sftptogo::webhook_event::{EventData, EventTopic, SIGNATURE_HEADER, Verifier, WebhookError, WebhookEvent};
use sftptogo::{Client, NewWebhook, Secret, Webhook, WebhookTopic, WebhookType, WebhookUpdate};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const AUTHORIZATION: &str = "Bearer mrk-Receiver/1+";

/// A delivery as it came over the wire.
#[derive(Clone)]
struct Received {
    head: String,
    body: Vec<u8>,
}

impl Received {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn event(&self, verifier: &Verifier) -> Result<WebhookEvent, WebhookError> {
        verifier.event(&self.body, self.header(SIGNATURE_HEADER))
    }
}

/// Answers `statuses` one after the other, then 200, and keeps what came.
async fn receiver(statuses: &'static [u16]) -> (String, Arc<Mutex<Vec<Received>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let received = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&received);
    tokio::spawn(async move {
        let mut statuses = statuses.iter();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = Vec::new();
            let whole = loop {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some((head, _)) = text.split_once("\r\n\r\n") {
                    let received = Received { head: head.to_owned(), body: bytes[head.len() + 4..].to_vec() };
                    let length = received.header("content-length").and_then(|length| length.parse().ok());
                    if length == Some(received.body.len()) {
                        break received;
                    }
                }
                if stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
                    continue;
                }
                return;
            };
            kept.lock().unwrap().push(whole);
            let status = statuses.next().unwrap_or(&200);
            let reply = format!("HTTP/1.1 {status} Answer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    (url, received)
}

async fn with_webhook(builder: mft_simulator::sftptogo::Builder, url: &str) -> (Sftptogo, Client, Webhook) {
    let provider = Sftptogo::start_with(builder.allow_http_webhooks().delivery_delays(0.001)).await;
    let client = provider.client(Tweaks::default());
    let topics = [WebhookTopic::FileCreated, WebhookTopic::FileDeleted, WebhookTopic::FileDownloaded];
    let new = NewWebhook::new(WebhookType::Webhook, url, topics).authorization_header(AUTHORIZATION);
    let webhook = client.webhooks().create(new).await.unwrap();
    // The one that was seeded leads nowhere.
    client.webhooks().delete(&provider.webhook()).await.unwrap();
    (provider, client, webhook)
}

#[tokio::test]
async fn every_event_arrives_signed_and_typed_with_its_path_as_it_was() {
    let paths = ["/in/report.csv", "/a b/100%+ü #?&=.txt", "/日本/🗝/'{}'", "/%2F/%41", "/folder/", "/..//x\\y"];
    for builder in [Simulator::builder(), Simulator::builder().bare_signatures()] {
        let (url, received) = receiver(&[]).await;
        let (provider, _, webhook) = with_webhook(builder, &url).await;
        let verifier = Verifier::new(webhook.secret.clone()).unwrap();
        for path in paths {
            provider.simulator.raise_event(Event::file_created(path, 7));
            provider.simulator.raise_event(Event::file_deleted(path));
            provider.simulator.raise_event(Event::file_downloaded(path, 7));
        }
        provider.simulator.ping(webhook.id.as_str()).unwrap();
        provider.simulator.deliveries_settled().await;
        let received = received.lock().unwrap().clone();
        assert_eq!(received.len(), paths.len() * 3 + 1);
        for (number, delivery) in received.iter().enumerate() {
            assert_eq!(delivery.header("authorization"), Some(AUTHORIZATION));
            let event = delivery.event(&verifier).unwrap();
            // The service sends paths without the slash at their beginning.
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
async fn a_topic_of_tomorrow_is_delivered_and_understood_as_such() {
    let (url, received) = receiver(&[]).await;
    let (provider, client, webhook) = with_webhook(Simulator::builder(), &url).await;
    provider.simulator.state().update_webhook(webhook.id.as_str(), |webhook| webhook.topics.push("file.moved".into()));
    let listed = client.webhooks().list().try_collect_vec().await.unwrap().remove(0);
    assert!(listed.topics.contains(&WebhookTopic::Unknown("file.moved".into())), "{listed:?}");
    // Written back as it was read, the unknown word stays.
    let update = WebhookUpdate::new().topics(listed.topics[3..].to_vec());
    let mut refused = client.webhooks().update(&webhook.id, update).await.unwrap_err();
    assert_eq!(refused.status().map(|status| status.as_u16()), Some(400), "{refused}");
    refused = client.webhooks().update(&webhook.id, WebhookUpdate::new()).await.unwrap_err();
    assert!(refused.is_invalid_input(), "{refused}");

    provider.simulator.raise_event(Event::other("file.moved", serde_json::json!({ "To": "/x" })));
    provider.simulator.deliveries_settled().await;
    let delivery = received.lock().unwrap()[0].clone();
    let event = delivery.event(&Verifier::new(webhook.secret).unwrap()).unwrap();
    assert_eq!(event.topic, EventTopic::Unknown("file.moved".into()));
    assert!(matches!(event.data, EventData::Other(data) if data["To"] == "/x"));
}

#[tokio::test]
async fn repeated_deliveries_have_one_event_id_and_a_signature_of_their_own() {
    let (url, received) = receiver(&[503, 429]).await;
    let (provider, _, webhook) = with_webhook(Simulator::builder(), &url).await;
    let verifier = Verifier::new(webhook.secret).unwrap();
    let delivery = provider.simulator.raise_event(Event::file_created("/x", 1)).remove(0);
    provider.simulator.deliveries_settled().await;
    assert_eq!(provider.simulator.delivery(&delivery).unwrap().status, DeliveryStatus::Succeeded);
    let received = received.lock().unwrap().clone();
    let events: Vec<_> = received.iter().map(|delivery| delivery.event(&verifier).unwrap()).collect();
    assert_eq!(events.len(), 3);
    assert!(events.iter().all(|event| event.id == events[0].id && event.data == events[0].data));
}

#[tokio::test]
async fn during_a_rotation_both_secrets_are_good_and_afterwards_only_the_new_one() {
    let (url, received) = receiver(&[]).await;
    let (provider, _, webhook) = with_webhook(Simulator::builder(), &url).await;
    let old = webhook.secret.clone().unwrap();
    let raise = async || {
        provider.simulator.raise_event(Event::file_created("/x", 1));
        provider.simulator.deliveries_settled().await;
        received.lock().unwrap().last().cloned().unwrap()
    };
    let before = raise().await;
    let new = Secret::from(provider.simulator.state().rotate_webhook_secret(webhook.id.as_str()).unwrap());
    let after = raise().await;
    let (both, alone) = (Verifier::new([old, new.clone()]).unwrap(), Verifier::new([new]).unwrap());
    assert!(before.event(&both).is_ok() && after.event(&both).is_ok() && after.event(&alone).is_ok());
    assert_eq!(before.event(&alone).unwrap_err(), WebhookError::WrongSignature);

    for change in [0, before.body.len() / 2, before.body.len() - 1] {
        let mut changed = before.clone();
        changed.body[change] ^= 1;
        assert_eq!(changed.event(&both).unwrap_err(), WebhookError::WrongSignature, "byte {change}");
    }
    assert_eq!(both.event(&before.body, None).unwrap_err(), WebhookError::MissingSignature);
}

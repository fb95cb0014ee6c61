//! Receives deliveries from a simulator.

use std::time::Duration;

use mft_examples::{Failure, SftptogoAccount, UsebucketsAccount};
use mft_simulator::sftptogo::Event;
use sftptogo::{NewWebhook, WebhookTopic, WebhookType};
use tokio::net::TcpListener;
use usebuckets::{EventType, NewBucket, NewNotification, NewUser};

use super::serve;
use super::service::{Service, Verifier};

pub(crate) async fn sftptogo() -> Result<(), Failure> {
    let account = SftptogoAccount::simulated().await?;
    let Some(simulator) = account.simulator else { return Err("no simulator".into()) };
    let (listener, url) = place().await?;
    let topics = [WebhookTopic::FileCreated, WebhookTopic::FileDeleted, WebhookTopic::FileDownloaded];
    let webhook = account.client.webhooks().create(NewWebhook::new(WebhookType::Webhook, url, topics)).await?;
    let signing_secret = webhook.secret.ok_or("the service withheld the secret")?;
    let verifier = Verifier::new(Service::Sftptogo, [signing_secret, "the-secret-before".into()])?;
    let server = tokio::spawn(serve(listener, verifier));

    simulator.raise_event(Event::file_created("inbox/café 1.csv", 2048));
    simulator.raise_event(Event::file_downloaded("inbox/café 1.csv", 2048));
    simulator.raise_event(Event::file_deleted("inbox/café 1.csv"));
    simulator.deliveries_settled().await;
    println!("-- the secret is rotated in the dashboard, but this program still has the old one");
    simulator.state().rotate_webhook_secret(webhook.id.as_str());
    simulator.raise_event(Event::file_created("inbox/2.csv", 1));
    simulator.deliveries_settled().await;

    let answers = simulator.deliveries().into_iter().flat_map(|one| one.attempts).map(|it| it.status);
    server.abort();
    should_be(answers, &[204, 204, 204, 401])
}

pub(crate) async fn usebuckets() -> Result<(), Failure> {
    let account = UsebucketsAccount::simulated().await?;
    let Some(simulator) = account.simulator else { return Err("no simulator".into()) };
    let (listener, url) = place().await?;
    let bucket = account.client.buckets().create(NewBucket::new("Northwind intake")).await?;
    let mira = account.client.users().create(NewUser::new(&bucket.id, "mira", "example-only".into())).await?;
    let events = [EventType::FileUploaded, EventType::FileDeleted];
    account.client.notifications().create(NewNotification::new(&bucket.id, url, events)).await?;
    // The dashboard shows the key, which all notifications of the account share.
    let key = simulator.signing_secret();
    let verifier = Verifier::new(Service::Usebuckets, [key.as_str(), "the-key-before"])?;
    let server = tokio::spawn(serve(listener, verifier));

    let (state, bucket, mira) = (simulator.state(), bucket.id.as_str(), mira.id.as_str());
    state.upload_file(bucket, mira, "/inbox/café 1.csv", "1;2;3")?;
    simulator.deliveries_settled().await;
    state.delete_file(bucket, mira, "/inbox/café 1.csv")?;
    simulator.deliveries_settled().await;
    println!("-- the key is changed, and changed back after deliveries are rejected");
    simulator.set_signing_secret("another-key");
    state.upload_file(bucket, mira, "/inbox/2.csv", "4;5;6")?;
    while simulator.deliveries().last().is_none_or(|delivery| delivery.attempts.iter().all(|it| it.status.is_none())) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    simulator.set_signing_secret(key);
    simulator.deliveries_settled().await;

    let answers = simulator.deliveries().into_iter().flat_map(|one| one.attempts).map(|it| it.status);
    server.abort();
    // The service retries rejected deliveries, so no event is lost.
    should_be(answers, &[204, 204, 401, 204])
}

async fn place() -> Result<(TcpListener, String), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/hook", listener.local_addr()?);
    Ok((listener, url))
}

fn should_be(answers: impl Iterator<Item = Option<u16>>, expected: &[u16]) -> Result<(), Failure> {
    let join = |answers: &[u16]| answers.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let answers: Vec<_> = answers.flatten().collect();
    println!("answered: {}", join(&answers));
    if answers == expected { Ok(()) } else { Err(format!("expected the response statuses {}", join(expected)).into()) }
}

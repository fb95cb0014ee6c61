//! Webhooks and their deliveries.

use mft_simulator::sftptogo::{DeliveryStatus, Event, Simulator};
use sftptogo::webhook_event::{EventData, SIGNATURE_HEADER, Verifier, WebhookEvent};
use sftptogo::{Client, NewWebhook, Secret, WebhookState, WebhookTopic, WebhookType, WebhookUpdate};

use crate::masked;
use crate::tour::receiver::{Receiver, listen};
use crate::tour::{Check, Stop, Walk, holds, same};

pub(super) async fn visit(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let state = simulator.state();
    walk.section("Webhooks");
    let Some((listener, url)) = listen(walk).await else { return Err(Stop) };
    let new = NewWebhook::new(WebhookType::Webhook, url, [WebhookTopic::FileCreated, WebhookTopic::FileDeleted]);
    let webhook = walk
        .call("Create one that delivers to this process", client.webhooks().create(new.alias("Tour")), |made| {
            let stored = state.webhook(made.id.as_str()).ok_or("the service has no such webhook")?;
            same("the topics", &stored.topics, &vec!["file.created".to_owned(), "file.deleted".to_owned()])?;
            holds(
                made.secret == Some(Secret::new(stored.secret)),
                "the response has a different secret than the state",
            )?;
            Ok(format!("deliveries are signed with {}", masked(made.secret.as_ref())))
        })
        .await?;
    walk.call("List the webhooks", client.webhooks().list().try_collect_vec(), |all| {
        same("the number of webhooks", all.len(), 1)?;
        holds(all.iter().all(|one| one.secret.is_none()), "the list contains a secret")?;
        Ok("one webhook; the list withholds its secret".to_owned())
    })
    .await?;
    let verifier = match Verifier::new(webhook.secret.clone()) {
        Ok(verifier) => verifier,
        Err(error) => {
            walk.see("Keep the secret", Err(error.to_string()));
            return Err(Stop);
        }
    };
    let verify = move |body: &[u8], signature: Option<&str>| verifier.event(body, signature);
    let mut receiver = Receiver::start(listener, SIGNATURE_HEADER, verify);
    walk.see("Upload a file, and receive the event", delivered(simulator, &mut receiver).await);
    let pause = WebhookUpdate::new().state(WebhookState::Paused);
    walk.call("Pause it", client.webhooks().update(&webhook.id, pause), |_| {
        let stored = state.webhook(webhook.id.as_str()).ok_or("the service has no such webhook")?;
        same("the state", &*stored.state, "paused")?;
        same("the deliveries of another upload", simulator.raise_event(Event::file_created("later.csv", 1)).len(), 0)?;
        Ok("another upload causes no delivery".to_owned())
    })
    .await?;
    walk.call("Delete it", client.webhooks().delete(&webhook.id), |()| {
        same("the number of webhooks", state.webhooks().len(), 0)?;
        Ok("no webhook is left".to_owned())
    })
    .await?;
    Ok(())
}

/// Makes the simulator sign and send a delivery and checks both ends.
async fn delivered(simulator: &Simulator, receiver: &mut Receiver<WebhookEvent>) -> Check {
    let raised = simulator.raise_event(Event::file_created("home/intake-robot-01/day 1+2/café.csv", 2048));
    simulator.deliveries_settled().await;
    let [id] = raised.as_slice() else {
        return Err(format!("{} deliveries, expected 1", raised.len()));
    };
    let delivery = simulator.delivery(id).ok_or("the delivery is not in the log")?;
    same("the state of the delivery", delivery.status, DeliveryStatus::Succeeded)?;
    same("the response status", delivery.attempts.first().and_then(|attempt| attempt.status), Some(204))?;
    let event = receiver.take().ok_or("no delivery arrived")?;
    same("the id of the event", event.id.as_str(), &*delivery.event_id)?;
    match event.data {
        EventData::FileCreated(file) => {
            same("the path", &*file.path, "home/intake-robot-01/day 1+2/café.csv")?;
            same("the size", file.size_bytes, Some(2048))?;
            Ok(format!("valid signature; {} {:?}, 2048 bytes; answered 204", event.topic, file.path))
        }
        other => Err(format!("unexpected event: {other:?}")),
    }
}

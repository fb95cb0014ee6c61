//! Notifications and their deliveries.

use mft_simulator::usebuckets::Simulator;
use usebuckets::webhook_event::{SIGNATURE_HEADER, Verifier, WebhookEvent};
use usebuckets::{BucketId, Client, EventType, NewNotification, NotificationUpdate, UserId};

use super::stored;
use crate::tour::receiver::{Receiver, listen};
use crate::tour::{Check, Stop, Walk, same};

const PATH: &str = "/invoices/2024/café 1+2.txt";

pub(super) async fn visit(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    bucket: &BucketId,
    mira: &UserId,
) -> Result<(), Stop> {
    let state = simulator.state();
    walk.section("Notifications");
    let Some((listener, url)) = listen(walk).await else { return Err(Stop) };
    let new = NewNotification::new(bucket, url, [EventType::FileUploaded]).paths(["/invoices"]);
    let notification = walk
        .call(
            "Create one that delivers to this process",
            client.notifications().create(new.include_file_contents(true)),
            |made| {
                let stored = stored("notification", state.notification(made.id.as_str()))?;
                same("the events", &stored.events, &vec!["file.uploaded".to_owned()])?;
                same("the paths", stored.paths, Some(vec!["/invoices".to_owned()]))?;
                Ok("uploads below /invoices, with the file contents".to_owned())
            },
        )
        .await?;
    walk.call("List the notifications", client.notifications().list(bucket).try_collect_vec(), |all| {
        same("the ids", all.iter().map(|one| &one.id).collect::<Vec<_>>(), vec![&notification.id])?;
        Ok("one notification".to_owned())
    })
    .await?;
    let verifier = match Verifier::new([simulator.signing_secret()]) {
        Ok(verifier) => verifier,
        Err(error) => {
            walk.see("Keep the key", Err(error.to_string()));
            return Err(Stop);
        }
    };
    let verify = move |body: &[u8], signature: Option<&str>| verifier.event(body, signature);
    let mut receiver = Receiver::start(listener, SIGNATURE_HEADER, verify);
    walk.see("Upload a file, and receive the event", delivered(simulator, &mut receiver, bucket, mira).await);
    let pause = NotificationUpdate::new().active(false);
    walk.call("Pause it", client.notifications().update(&notification.id, pause), |_| {
        let stored = stored("notification", state.notification(notification.id.as_str()))?;
        same("whether it is active", stored.active, false)?;
        let deliveries = simulator.deliveries().len();
        state
            .upload_file(bucket.as_str(), mira.as_str(), PATH, "once more")
            .map_err(|refusal| format!("{refusal:?}"))?;
        same("the deliveries of another upload", simulator.deliveries().len() - deliveries, 0)?;
        Ok("another upload causes no delivery".to_owned())
    })
    .await?;
    walk.call("Delete it", client.notifications().delete(&notification.id), |()| {
        same("the number of notifications", state.notifications().len(), 0)?;
        Ok("no notification is left".to_owned())
    })
    .await
}

/// Makes the simulator sign and send a delivery and checks both ends.
async fn delivered(
    simulator: &Simulator,
    receiver: &mut Receiver<WebhookEvent>,
    bucket: &BucketId,
    mira: &UserId,
) -> Check {
    let upload = simulator.state().upload_file(bucket.as_str(), mira.as_str(), PATH, "2 crates");
    upload.map_err(|refusal| format!("{refusal:?}"))?;
    simulator.deliveries_settled().await;
    let deliveries = simulator.deliveries();
    let [delivery] = deliveries.as_slice() else {
        return Err(format!("{} deliveries, expected 1", deliveries.len()));
    };
    same("the response status", delivery.attempts.first().and_then(|attempt| attempt.status), Some(204))?;
    let event = receiver.take().ok_or("no delivery arrived")?;
    same("the event", &event.event, &EventType::FileUploaded)?;
    same("the path", event.file_path.as_deref(), Some(PATH))?;
    same("the user", event.user_id.as_ref(), Some(mira))?;
    same("the contents", event.file_contents.as_deref(), Some("2 crates"))?;
    Ok(format!("valid signature; {} {PATH:?}, 8 bytes; answered 204", event.event.as_str()))
}

//! SSH keys of a login.

use mft_simulator::sftptogo::Simulator;
use sftptogo::{Client, CredentialId, Deleted};

use crate::tour::journal::{mark, refused_unsent};
use crate::tour::{Stop, Walk, holds, same};

pub(in crate::tour) const PUBLIC_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@quiet-meadow";

/// The fingerprint that `ssh-keygen -l` prints.
const FINGERPRINT: &str = "SHA256:9LrnoKgAJOxi7tICqENeBvZ4r1GmjsgdkzpBL15RoT4";

pub(super) async fn visit(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    let state = simulator.state();
    let keys = || state.ssh_keys(robot.as_str());
    walk.section("SSH keys");
    let key = walk
        .call("Add a key", client.ssh_keys().add(robot, PUBLIC_KEY), |key| {
            same("the stored lines", keys().into_iter().map(|key| key.body).collect::<Vec<_>>(), vec![PUBLIC_KEY])?;
            same("the fingerprint", key.fingerprint.as_deref(), Some(FINGERPRINT))?;
            Ok(format!("{FINGERPRINT}, as printed by ssh-keygen -l"))
        })
        .await?;
    walk.call("List the keys", client.ssh_keys().list(robot).try_collect_vec(), |all| {
        same("the ids", all.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), vec![key.id.as_str()])?;
        let comment = all.first().and_then(|key| key.comment.as_deref());
        Ok(format!("one key, of {}", comment.unwrap_or("unknown")))
    })
    .await?;
    walk.fails("Add the same key again", client.ssh_keys().add(robot, PUBLIC_KEY), |error| {
        holds(error.is_conflict(), "expected Conflict")?;
        same("the number of stored keys", keys().len(), 1)?;
        Ok(format!("{error}"))
    })
    .await;
    let before = mark(simulator);
    let private = "-----BEGIN OPENSSH PRIVATE KEY-----\nnot really\n-----END OPENSSH PRIVATE KEY-----";
    walk.fails("Paste the private key by mistake", client.ssh_keys().add(robot, private), |error| {
        refused_unsent(error, simulator, before)
    })
    .await;
    walk.call("Remove the key", client.ssh_keys().remove(robot, &key.id), |deleted| {
        holds(matches!(deleted, Deleted::Now(was) if was.id == key.id), "the response is not the removed key")?;
        same("the number of stored keys", keys().len(), 0)?;
        Ok("no key is left".to_owned())
    })
    .await
    .map(drop)
}

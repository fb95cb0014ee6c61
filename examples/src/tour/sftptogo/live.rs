//! The read-only operations, on the account from the environment.

use mft_simulator::sftptogo::Simulator;
use sftptogo::{Client, CredentialId};

use super::PATH_PREFIX;
use crate::tour::{Report, Stop, Walk, counted, frame, same};
use crate::{Failure, Narrator};

/// Runs the read-only operations and blocks all others.
///
/// # Errors
///
/// Fails if the environment has no account. A failed step is part of the report.
pub async fn visit_live(narrator: &mut Narrator) -> Result<Report, Failure> {
    let whose = |client: &Client| format!("organization {}", client.organization_id());
    let operations = Simulator::operations().len();
    frame::live::<Simulator>("SFTP To Go", PATH_PREFIX, operations, narrator, whose, read_all).await
}

async fn read_all(walk: &mut Walk<'_>, client: &Client) -> Result<(), Stop> {
    let credentials = walk
        .call("List the credentials", client.credentials().list().try_collect_vec(), |all| {
            let rules: usize = all.iter().filter_map(|one| one.inbound_rules()).map(<[_]>::len).sum();
            Ok(format!("{} with {}", counted(all.len(), "credential"), counted(rules, "inbound rule")))
        })
        .await?;
    if let Some(first) = credentials.first() {
        one_credential(walk, client, &first.id).await?;
    }
    walk.call("List the webhooks", client.webhooks().list().try_collect_vec(), |all| Ok(counted(all.len(), "webhook")))
        .await?;
    let links = walk
        .call("List the share links", client.share_links().list().try_collect_vec(), |all| {
            Ok(counted(all.len(), "share link"))
        })
        .await?;
    if let Some(first) = links.first() {
        walk.call("Fetch one of them", client.share_links().get(&first.id), |link| {
            same("the id", &link.id, &first.id)?;
            let visits = usize::try_from(link.access_count).unwrap_or(usize::MAX);
            Ok(format!("{}, {}", link.path.as_deref().unwrap_or("no path"), counted(visits, "visit")))
        })
        .await?;
    }
    Ok(())
}

async fn one_credential(walk: &mut Walk<'_>, client: &Client, id: &CredentialId) -> Result<(), Stop> {
    walk.call("Fetch one of them", client.credentials().get(id), |read| {
        same("the id", &read.id, id)?;
        let kind = if read.is_default { "the root credential" } else { "a credential" };
        Ok(format!("{kind}, {:?}", read.login_name()))
    })
    .await?;
    walk.call("List its SSH keys", client.ssh_keys().list(id).try_collect_vec(), |all| Ok(counted(all.len(), "key")))
        .await?;
    Ok(())
}

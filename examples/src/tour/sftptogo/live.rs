//! The operations that only read, on the account that the environment names.

use std::time::Instant;

use mft_simulator::sftptogo::Simulator;
use sftptogo::{Client, CredentialId};

use super::PATH_PREFIX;
use crate::account::builder_from_env;
use crate::tour::observer::{Observer, ReadOnly};
use crate::tour::{Report, Stop, Walk, same};
use crate::{Failure, Narrator};

/// Visits the operations that only read, and makes sure that no other is sent.
///
/// # Errors
///
/// Where the environment names no account. A step that goes wrong is in the report.
pub async fn visit_live(narrator: &mut Narrator) -> Result<Report, Failure> {
    let begun = Instant::now();
    let observer = Observer::new(PATH_PREFIX);
    let client = builder_from_env()?
        .around_calls(ReadOnly)
        .around_calls(observer.around_calls())
        .around_attempts(observer.around_attempts())
        .build()?;
    narrator.heading("SFTP To Go");
    narrator.say(&format!("  organization {}; nothing is changed", client.organization_id()));
    let mut walk = Walk::new(narrator);
    if read_all(&mut walk, &client).await.is_err() {
        walk.aside("The steps behind this one are left out.");
    }
    let mut report = walk.report;
    report.path_prefix = PATH_PREFIX;
    report.rows = observer.rows();
    report.covered = report.rows.iter().filter(|row| row.answers.iter().any(|answer| answer == "200")).count();
    report.operations = Simulator::operations().len();
    report.partial = true;
    report.took = begun.elapsed();
    Ok(report)
}

async fn read_all(walk: &mut Walk<'_>, client: &Client) -> Result<(), Stop> {
    walk.section("Read only");
    let credentials = walk
        .call("List who can log in", client.credentials().list().try_collect_vec(), |all| {
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

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

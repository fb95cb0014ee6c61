//! The read-only operations, in the organization from the environment.

use mft_simulator::stook::Simulator;
use stook::Client;

use super::PATH_PREFIX;
use crate::tour::{Report, Stop, Walk, counted, frame, same};
use crate::{Failure, Narrator};

/// Runs the read-only operations and blocks all others except the login.
///
/// # Errors
///
/// Fails if the environment has no organization. A failed step is part of the report.
pub async fn visit_live(narrator: &mut Narrator) -> Result<Report, Failure> {
    let whose = |client: &Client| format!("organization {}", client.organization_uuid());
    let operations = Simulator::operations().len();
    frame::live::<Simulator>("Stook", PATH_PREFIX, operations, narrator, whose, read_all).await
}

async fn read_all(walk: &mut Walk<'_>, client: &Client) -> Result<(), Stop> {
    let buckets = walk
        .call("List the buckets", client.buckets().list().try_collect_vec(), |all| Ok(counted(all.len(), "bucket")))
        .await?;
    if let Some(first) = buckets.first() {
        walk.call("Fetch one of them", client.buckets().get(&first.uuid), |read| {
            same("the id", &read.uuid, &first.uuid)?;
            Ok(format!("{:?}, {}", read.name.as_deref().unwrap_or("?"), read.size.as_deref().unwrap_or("unknown size")))
        })
        .await?;
    }
    walk.call("List the credentials", client.credentials().list().try_collect_vec(), |all| {
        Ok(counted(all.len(), "credential"))
    })
    .await?;
    let accounts = walk
        .call("List the FTP accounts", client.ftp_accounts().list().try_collect_vec(), |all| {
            Ok(counted(all.len(), "account"))
        })
        .await?;
    if let Some(first) = accounts.first() {
        walk.call("Fetch one of them", client.ftp_accounts().get(&first.uuid), |read| {
            same("the id", &read.uuid, &first.uuid)?;
            Ok(format!("{:?} sees {:?}", read.name.as_deref().unwrap_or("?"), read.path.as_deref().unwrap_or("?")))
        })
        .await?;
    }
    Ok(())
}

//! The read-only operations, on the account from the environment.

use ftpgrid::Client;
use mft_simulator::ftpgrid::Simulator;

use super::PATH_PREFIX;
use crate::tour::journal::names;
use crate::tour::{Report, Stop, Walk, counted, frame, same};
use crate::{Failure, Narrator};

/// Runs the read-only operations and blocks all others except the token exchange.
///
/// # Errors
///
/// Fails if the environment has no account. A failed step is part of the report.
pub async fn visit_live(narrator: &mut Narrator) -> Result<Report, Failure> {
    let whose = |_: &Client| "the account of the keys".to_owned();
    let operations = names::<Simulator>(None).len();
    frame::live::<Simulator>("ftpGrid", PATH_PREFIX, operations, narrator, whose, read_all).await
}

async fn read_all(walk: &mut Walk<'_>, client: &Client) -> Result<(), Stop> {
    let accounts = walk
        .call("List the FTP accounts", client.ftp_accounts().list().try_collect_vec(), |all| {
            Ok(counted(all.len(), "account"))
        })
        .await?;
    if let Some(first) = accounts.first() {
        walk.call("Fetch one of them", client.ftp_accounts().get(first.id), |read| {
            same("the id", read.id, first.id)?;
            Ok(format!("{:?}, at {:?}", read.username, read.chroot))
        })
        .await?;
    }
    walk.call("List the directories", client.storage().list_dirs("/").try_collect_vec(), |all| {
        Ok(format!("{}", all.len()))
    })
    .await?;
    walk.call("List the files at the root", client.storage().list_files("/").try_collect_vec(), |all| {
        Ok(counted(all.len(), "file"))
    })
    .await
    .map(drop)
}

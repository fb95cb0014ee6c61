//! The read-only operations, on the account from the environment.

use mft_simulator::usebuckets::Simulator;
use usebuckets::{Client, Permissions};

use super::PATH_PREFIX;
use crate::tour::{Report, Stop, Walk, counted, frame};
use crate::{Failure, Narrator};

/// Runs the read-only operations and blocks all others.
///
/// # Errors
///
/// Fails if the environment has no account. A failed step is part of the report.
pub async fn visit_live(narrator: &mut Narrator) -> Result<Report, Failure> {
    let whose = |_: &Client| "the account of the API key".to_owned();
    let operations = Simulator::operations().len();
    frame::live::<Simulator>("Buckets", PATH_PREFIX, operations, narrator, whose, read_all).await
}

async fn read_all(walk: &mut Walk<'_>, client: &Client) -> Result<(), Stop> {
    let buckets = walk
        .call("List the buckets", client.buckets().list().try_collect_vec(), |all| Ok(counted(all.len(), "bucket")))
        .await?;
    if let Some(first) = buckets.first() {
        walk.call("List the users of one", client.users().list(&first.id).try_collect_vec(), |all| {
            let everything = all.iter().filter(|one| one.permissions.as_ref().is_some_and(Permissions::is_everything));
            Ok(format!("{}, {} with access to every directory", counted(all.len(), "user"), everything.count()))
        })
        .await?;
    }
    Ok(())
}

//! The read-only operations, on the site from the environment.

use brickftp::{Client, Pager};
use mft_simulator::brickftp::Simulator;

use super::{PATH_PREFIX, STORAGE};
use crate::tour::journal::names;
use crate::tour::{Report, Stop, Walk, frame};
use crate::{Failure, Narrator};

/// Runs the read-only operations and blocks all others.
///
/// # Errors
///
/// Fails if the environment has no site. A failed step is part of the report.
pub async fn visit_live(narrator: &mut Narrator) -> Result<Report, Failure> {
    let whose = |client: &Client| format!("the site {}", client.subdomain());
    let operations = names::<Simulator>(Some(STORAGE)).len();
    frame::live::<Simulator>("BrickFTP", PATH_PREFIX, operations, narrator, whose, read_all).await
}

async fn read_all(walk: &mut Walk<'_>, client: &Client) -> Result<(), Stop> {
    walk.call("Count the users", client.users().count(), |count| Ok(format!("{count}"))).await?;
    listed(walk, "List the users", client.users().list()).await?;
    listed(walk, "List the groups", client.groups().list()).await?;
    listed(walk, "List the permissions", client.permissions().list()).await?;
    listed(walk, "List the notifications", client.notifications().list()).await?;
    listed(walk, "List the bundles", client.bundles().list()).await?;
    listed(walk, "List the behaviors", client.behaviors().list()).await?;
    listed(walk, "List the root folder", client.folders().list("")).await?;
    walk.call("Count its entries", client.folders().count_direct(""), |counts| {
        Ok(format!("files: {}, folders: {}", counts.files, counts.folders))
    })
    .await?;
    let mut events = client.history().site().page_size(10);
    walk.call("List the latest history", events.try_next(), |event| {
        let action = event.as_ref().and_then(|event| event.action.as_ref());
        Ok(action.map_or("nothing", |action| action.as_str()).to_owned())
    })
    .await
    .map(drop)
}

async fn listed<T: Send + 'static>(walk: &mut Walk<'_>, step: &str, list: Pager<T>) -> Result<(), Stop> {
    walk.call(step, list.try_collect_vec(), |all| Ok(format!("{}", all.len()))).await.map(drop)
}

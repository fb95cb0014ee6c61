//! The operations that only read, on the site that the environment names.

use std::time::Instant;

use brickftp::{Client, HistoryQuery, ListFolder, Pager};
use mft_simulator::brickftp::Simulator;

use super::{PATH_PREFIX, STORAGE};
use crate::site::site_builder_from_env;
use crate::tour::observer::{Observer, ReadOnly};
use crate::tour::{Report, Stop, Walk};
use crate::{Failure, Narrator};

/// Visits operations that only read, and makes sure that no other is sent.
///
/// # Errors
///
/// Where the environment names no site. A step that goes wrong is in the report.
pub async fn visit_live(narrator: &mut Narrator) -> Result<Report, Failure> {
    let begun = Instant::now();
    let observer = Observer::new(PATH_PREFIX);
    let client = site_builder_from_env()?
        .around_calls(ReadOnly)
        .around_calls(observer.around_calls())
        .around_attempts(observer.around_attempts())
        .build()?;
    narrator.heading("BrickFTP");
    narrator.say(&format!("  the site {}; nothing is changed", client.subdomain()));
    let mut walk = Walk::new(narrator);
    walk.section("Read only");
    if read_all(&mut walk, &client).await.is_err() {
        walk.aside("The steps behind this one are left out.");
    }
    let mut names: Vec<&str> = Simulator::operations().iter().map(|operation| operation.name).collect();
    names.dedup();
    names.retain(|name| !name.starts_with(STORAGE));
    let mut report = walk.report;
    report.path_prefix = PATH_PREFIX;
    report.rows = observer.rows();
    report.covered = report.rows.iter().filter(|row| row.answers.iter().any(|answer| answer == "200")).count();
    report.operations = names.len();
    report.partial = true;
    report.took = begun.elapsed();
    Ok(report)
}

async fn read_all(walk: &mut Walk<'_>, client: &Client) -> Result<(), Stop> {
    walk.call("Count the users", client.users().count(), |count| Ok(format!("{count}"))).await?;
    listed(walk, "List the users", client.users().list()).await?;
    listed(walk, "List the groups", client.groups().list()).await?;
    listed(walk, "List the permissions", client.permissions().list()).await?;
    listed(walk, "List the notifications", client.notifications().list()).await?;
    listed(walk, "List the bundles", client.bundles().list()).await?;
    listed(walk, "List the behaviors", client.behaviors().list()).await?;
    listed(walk, "List the root folder", client.folders().list("", ListFolder::new())).await?;
    walk.call("Count what is in it", client.folders().count_direct(""), |counts| {
        Ok(format!("files: {}, folders: {}", counts.files, counts.folders))
    })
    .await?;
    let mut events = client.history().site(HistoryQuery::new()).page_size(10);
    walk.call("What happened last", events.try_next(), |event| {
        let action = event.as_ref().and_then(|event| event.action.as_ref());
        Ok(action.map_or("nothing", |action| action.as_str()).to_owned())
    })
    .await
    .map(drop)
}

async fn listed<T: Send + 'static>(walk: &mut Walk<'_>, step: &str, list: Pager<T>) -> Result<(), Stop> {
    walk.call(step, list.try_collect_vec(), |all| Ok(format!("{}", all.len()))).await.map(drop)
}

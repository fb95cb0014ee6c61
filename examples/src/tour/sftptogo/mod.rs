//! The chapter of SFTP To Go.

mod credentials;
mod faults;
mod live;
mod share_links;
pub(super) mod ssh_keys;
mod webhooks;

use mft_simulator::sftptogo::{Builder, Simulator};
use sftptogo::Client;

use super::{Report, Stop, Walk, frame};
use crate::{Failure, Narrator};

pub use live::visit_live;

/// The common path prefix, omitted from the table.
const PATH_PREFIX: &str = "/organizations/{organization_id}";

/// Returns the chapter's simulator settings: stable ids, and webhooks to this machine.
pub fn simulator() -> Builder {
    Simulator::builder().seed(20).allow_http_webhooks().delivery_delays(0.01)
}

/// Runs every operation on a simulator with the settings of [`simulator`] and restores its initial state.
///
/// # Errors
///
/// Fails if the tour cannot start. A failed step is part of the report.
pub async fn visit(simulator: &Simulator, narrator: &mut Narrator) -> Result<Report, Failure> {
    frame::simulated("SFTP To Go", PATH_PREFIX, &simulator.base_url(), simulator, narrator, walk_all).await
}

async fn walk_all(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let robot = credentials::logins(walk, client, simulator).await?;
    credentials::inbound_rules(walk, client, simulator, &robot).await?;
    credentials::passwords(walk, client, simulator, &robot).await?;
    ssh_keys::visit(walk, client, simulator, &robot).await?;
    webhooks::visit(walk, client, simulator).await?;
    share_links::visit(walk, client, simulator).await?;
    faults::visit(walk, client, simulator, &robot).await?;
    credentials::clean_up(walk, client, simulator, &robot).await
}

//! The chapter of Stook.

mod buckets;
mod faults;
mod ftp_accounts;
mod live;

use mft_simulator::stook::{Builder, Simulator};
use stook::Client;

use super::{Report, Stop, Walk, frame};
use crate::{Failure, Narrator};

pub use live::visit_live;

/// The common path prefix, omitted from the table.
const PATH_PREFIX: &str = "/api";

/// Returns the chapter's simulator settings: stable ids.
pub fn simulator() -> Builder {
    Simulator::builder().seed(20)
}

/// Runs every operation on a simulator with the settings of [`simulator`] and restores its initial state.
///
/// # Errors
///
/// Fails if the tour cannot start. A failed step is part of the report.
pub async fn visit(simulator: &Simulator, narrator: &mut Narrator) -> Result<Report, Failure> {
    frame::simulated("Stook", PATH_PREFIX, &simulator.base_url(), simulator, narrator, walk_all).await
}

async fn walk_all(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    buckets::login(walk, client, simulator).await?;
    let bucket = buckets::buckets(walk, client, simulator).await?;
    buckets::credentials(walk, client, simulator, &bucket).await?;
    ftp_accounts::visit(walk, client, simulator, &bucket).await?;
    ftp_accounts::legacy(walk, client, simulator, &bucket).await?;
    faults::visit(walk, client, simulator).await?;
    buckets::clean_up(walk, client, simulator, &bucket).await
}

/// Returns the object with this id from the state, or a failure.
fn stored<T>(what: &str, found: Option<T>) -> Result<T, String> {
    found.ok_or_else(|| format!("the service has no such {what}"))
}

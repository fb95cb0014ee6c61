//! The chapter of Buckets.

mod buckets;
mod faults;
mod live;
mod notifications;
mod users;

use mft_simulator::usebuckets::{Builder, Simulator};
use usebuckets::Client;

use super::{Report, Stop, Walk, frame};
use crate::{Failure, Narrator};

pub use live::visit_live;

/// The common path prefix, omitted from the table.
const PATH_PREFIX: &str = "/v1";

/// Returns the chapter's simulator settings: stable ids, and short delays between deliveries.
pub fn simulator() -> Builder {
    Simulator::builder().seed(20).delivery_delays(0.01)
}

/// Runs every operation on a simulator with the settings of [`simulator`] and restores its initial state.
///
/// # Errors
///
/// Fails if the tour cannot start. A failed step is part of the report.
pub async fn visit(simulator: &Simulator, narrator: &mut Narrator) -> Result<Report, Failure> {
    frame::simulated("Buckets", PATH_PREFIX, &simulator.base_url(), simulator, narrator, walk_all).await
}

async fn walk_all(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let bucket = buckets::visit(walk, client, simulator).await?;
    let mira = users::visit(walk, client, simulator, &bucket).await?;
    notifications::visit(walk, client, simulator, &bucket, &mira).await?;
    faults::visit(walk, client, simulator).await?;
    users::clean_up(walk, client, simulator, &mira).await?;
    buckets::clean_up(walk, client, simulator, &bucket).await
}

/// Returns the object with this id from the state, or a failure.
fn stored<T>(what: &str, found: Option<T>) -> Result<T, String> {
    found.ok_or_else(|| format!("the service has no such {what}"))
}

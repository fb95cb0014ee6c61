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

/// Every path begins with this; the table leaves it out.
const PATH_PREFIX: &str = "/v1";

/// The simulator that the chapter wants: the same ids every time, and no long waits between deliveries.
pub fn simulator() -> Builder {
    Simulator::builder().seed(20).delivery_delays(0.01)
}

/// Visits every operation of a simulator that [`simulator`] describes, and leaves it as it was.
///
/// # Errors
///
/// Where the tour cannot begin. A step that goes wrong is in the report.
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

/// What the state has under an id; it is a failure where there is nothing.
fn stored<T>(what: &str, found: Option<T>) -> Result<T, String> {
    found.ok_or_else(|| format!("the service has no such {what}"))
}

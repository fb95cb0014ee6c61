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

/// Every path begins with this; the table leaves it out.
const PATH_PREFIX: &str = "/api";

/// The simulator that the chapter wants: the same ids every time.
pub fn simulator() -> Builder {
    Simulator::builder().seed(20)
}

/// Visits every operation of a simulator that [`simulator`] describes, and leaves it as it was.
///
/// # Errors
///
/// Where the tour cannot begin. A step that goes wrong is in the report.
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

/// What the state has under an id; it is a failure where there is nothing.
fn stored<T>(what: &str, found: Option<T>) -> Result<T, String> {
    found.ok_or_else(|| format!("the service has no such {what}"))
}

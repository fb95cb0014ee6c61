//! The chapter of ftpGrid.

mod accounts;
mod faults;
mod live;
mod storage;

use ftpgrid::Client;
use mft_simulator::ftpgrid::{Builder, Simulator};

use super::{Report, Stop, Walk, frame};
use crate::{Failure, Narrator};

pub use live::visit_live;

/// The paths of the two origins have no common prefix.
const PATH_PREFIX: &str = "";

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
    let place = format!("{}, its storage at {}", simulator.base_url(), simulator.storage_url());
    frame::simulated("ftpGrid", PATH_PREFIX, &place, simulator, narrator, walk_all).await
}

async fn walk_all(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let camera = accounts::visit(walk, client, simulator).await?;
    storage::uploads(walk, client, simulator).await?;
    storage::lists(walk, client, simulator).await?;
    storage::downloads(walk, client).await?;
    faults::visit(walk, client, simulator).await?;
    storage::clean_up(walk, client, simulator).await?;
    accounts::clean_up(walk, client, simulator, camera).await
}

//! Injected faults, and the client's reaction.

use mft_simulator::usebuckets::Simulator;
use usebuckets::{Client, NewBucket};

use crate::tour::faults::{FOUND_GONE, lost_creation, lost_deletion, rate_limit};
use crate::tour::{Stop, Walk, holds};

const NAME: &str = "Northwind, again";

pub(super) async fn visit(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let (buckets, state) = (client.buckets(), simulator.state());
    let list = || client.buckets().list().try_collect_vec();
    walk.section("Faults");
    rate_limit(walk, simulator, "usebuckets.buckets.list", list(), state.buckets().len()).await?;
    let create = buckets.create(NewBucket::new(NAME));
    let bucket = lost_creation(walk, simulator, "usebuckets.buckets.create", create, list(), |one| {
        one.name.as_deref() == Some(NAME)
    })
    .await?;
    lost_deletion(walk, simulator, "usebuckets.buckets.delete", buckets.delete(&bucket.id), |()| {
        holds(state.bucket(bucket.id.as_str()).is_none(), "it still exists")?;
        Ok(FOUND_GONE.to_owned())
    })
    .await
}

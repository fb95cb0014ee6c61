//! Buckets.

use mft_simulator::usebuckets::Simulator;
use usebuckets::{BucketId, BucketUpdate, Client, NewBucket};

use super::stored;
use crate::tour::journal::{count, mark, refused_unsent};
use crate::tour::{Stop, Walk, holds, same};

const NAME: &str = "Northwind intake";
const MANY: usize = 25;

/// Creates, lists and updates.
pub(super) async fn visit(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<BucketId, Stop> {
    let state = simulator.state();
    walk.section("Buckets (each is a server to log in to)");
    let bucket = walk
        .call("Create a bucket", client.buckets().create(NewBucket::new(NAME)), |made| {
            let stored = stored("bucket", state.bucket(made.id.as_str()))?;
            same("the name", &*stored.name, NAME)?;
            same("the host", made.host.as_deref(), Some(&*stored.host))?;
            Ok(format!("its users connect to {}", stored.host))
        })
        .await?;
    for number in 1..MANY {
        let _ = state.add_bucket(|bucket| bucket.name = format!("Archive {number}"));
    }
    let before = mark(simulator);
    let pages = client.buckets().list().page_size(10);
    walk.call("List the buckets, ten at a time", pages.try_collect_vec(), |all| {
        same("the number of buckets", all.len(), MANY)?;
        same("the number of requests", count(simulator, "usebuckets.buckets.list", before), 3)?;
        holds(all.iter().any(|one| one.id == bucket.id), "the new object is missing")?;
        Ok(format!("{MANY} buckets on three pages"))
    })
    .await?;
    for archive in state.buckets().into_iter().filter(|one| one.name.starts_with("Archive ")) {
        state.remove_bucket(&archive.id);
    }
    let change = BucketUpdate::new().name("Northwind, closed").active(false);
    walk.call("Rename it and deactivate it", client.buckets().update(&bucket.id, change), |_| {
        let stored = stored("bucket", state.bucket(bucket.id.as_str()))?;
        same("the name", &*stored.name, "Northwind, closed")?;
        same("whether it is active", stored.active, false)?;
        Ok(format!("now {:?}, inactive", stored.name))
    })
    .await?;
    walk.call("Activate it again", client.buckets().update(&bucket.id, BucketUpdate::new().active(true)), |_| {
        let stored = stored("bucket", state.bucket(bucket.id.as_str()))?;
        same("the name", &*stored.name, "Northwind, closed")?;
        same("whether it is active", stored.active, true)?;
        Ok("active; the name is unchanged".to_owned())
    })
    .await?;
    let before = mark(simulator);
    walk.fails("Omit the name", client.buckets().create(NewBucket::new("")), |error| {
        refused_unsent(error, simulator, before)
    })
    .await;
    Ok(bucket.id)
}

/// Deletes the bucket and checks that the initial state is restored.
pub(super) async fn clean_up(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    bucket: &BucketId,
) -> Result<(), Stop> {
    let state = simulator.state();
    walk.section("Afterwards");
    state.set_api_deletion(false);
    walk.fails("Delete the bucket if the account does not allow it", client.buckets().delete(bucket), |error| {
        same("the status", error.status().map(|status| status.as_u16()), Some(403))?;
        holds(state.bucket(bucket.as_str()).is_some(), "it was deleted")?;
        Ok(format!("{error}"))
    })
    .await;
    state.set_api_deletion(true);
    walk.call("Delete it if the account allows it", client.buckets().delete(bucket), |()| {
        same("the number of buckets", state.buckets().len(), 0)?;
        same("the number of users", state.users().len(), 0)?;
        same("the number of notifications", state.notifications().len(), 0)?;
        Ok("no buckets, users or notifications are left".to_owned())
    })
    .await?;
    walk.call("Look it up again", client.buckets().find(bucket), |found| {
        holds(found.is_none(), "it still exists")?;
        Ok("gone".to_owned())
    })
    .await
    .map(drop)
}

//! What goes wrong with every service, and how its client lives through it.

use std::time::{Duration, Instant};

use mft_simulator::Fault;

use super::journal::{in_doubt, mark, show, since};
use super::{Check, Stop, Walk, holds, same};
use crate::Simulated;

/// Something goes wrong, by a fault of this name: what the steps ask of the service is shown, and that they went well is
/// counted.
pub(super) async fn survived<T>(
    walk: &mut Walk<'_>,
    simulator: &impl Simulated,
    name: &str,
    steps: impl AsyncFnOnce(&mut Walk<'_>, u64) -> T,
) -> T {
    let (mark, failures) = (mark(simulator), walk.report.failures.len());
    let came_to = steps(walk, mark).await;
    walk.fault(name, failures);
    came_to
}

/// A list is asked for too often.
pub(super) async fn rate_limit<T>(
    walk: &mut Walk<'_>,
    simulator: &impl Simulated,
    operation: &'static str,
    list: impl Future<Output = sftptogo::Result<Vec<T>>>,
    should_be: usize,
) -> Result<(), Stop> {
    simulator.faults().push(Fault::status(429).retry_after(1).on(operation).once());
    survived(walk, simulator, "429 with Retry-After", async |walk, mark| {
        let begun = Instant::now();
        let listed = walk
            .call("List, and be asked to come back in a second", list, |all| {
                let took = begun.elapsed();
                same("the number of items", all.len(), should_be)?;
                same("the number of requests", since(simulator, mark).len(), 2)?;
                holds(took >= Duration::from_secs(1), "the client came back too early")?;
                Ok(format!("the client waited and asked again: the list is here after {:.1} s", took.as_secs_f32()))
            })
            .await;
        show(walk, simulator, mark);
        listed.map(drop)
    })
    .await
}

/// A creation is carried out and its reply is lost. What was created is found in a list, where it has to be once.
pub(super) async fn lost_creation<C, T>(
    walk: &mut Walk<'_>,
    simulator: &impl Simulated,
    operation: &'static str,
    create: impl IntoFuture<Output = sftptogo::Result<C>>,
    list: impl Future<Output = sftptogo::Result<Vec<T>>>,
    is_it: impl Fn(&T) -> bool,
) -> Result<T, Stop> {
    simulator.faults().push(Fault::reset().after_processing().on(operation).once());
    survived(walk, simulator, "connection lost after a creation", async |walk, mark| {
        walk.fails("Create, and lose the connection before the reply", create, |error| {
            same("the number of requests", since(simulator, mark).len(), 1)?;
            in_doubt(error)
        })
        .await;
        show(walk, simulator, mark);
        let found = walk
            .call("Look for it before creating it again", list, |all| {
                same("how often it is there", all.iter().filter(|one| is_it(one)).count(), 1)?;
                Ok("it is there, once: nothing is left to do".to_owned())
            })
            .await?;
        found.into_iter().find(|one| is_it(one)).ok_or(Stop)
    })
    .await
}

/// A deletion is carried out and its reply is lost.
pub(super) async fn lost_deletion<T>(
    walk: &mut Walk<'_>,
    simulator: &impl Simulated,
    operation: &'static str,
    delete: impl IntoFuture<Output = sftptogo::Result<T>>,
    is_gone: impl FnOnce(&T) -> Check,
) -> Result<(), Stop> {
    simulator.faults().push(Fault::reset().after_processing().on(operation).once());
    survived(walk, simulator, "connection lost after a deletion", async |walk, mark| {
        let deleted = walk
            .call("Delete, and lose the connection before the reply", delete, |reply| {
                let seen = is_gone(reply)?;
                same("the number of requests", since(simulator, mark).len(), 2)?;
                Ok(seen)
            })
            .await;
        show(walk, simulator, mark);
        deleted.map(drop)
    })
    .await
}

/// What a deletion says whose repeat found nothing.
pub(super) const FOUND_GONE: &str = "the repeat finds it gone, which is what was wanted: no error";

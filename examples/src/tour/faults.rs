//! Faults that are injected for every service, and the client's reaction.

use std::time::{Duration, Instant};

use mft_simulator::Fault;

use super::journal::{in_doubt, mark, show, since};
use super::{Check, Stop, Walk, holds, same};
use crate::Simulated;

/// Runs steps under a named fault, shows their requests, and counts the fault as survived if no step failed.
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

/// Answers a list call with 429 and checks that the client waits and retries.
pub(super) async fn rate_limit<T>(
    walk: &mut Walk<'_>,
    simulator: &impl Simulated,
    operation: &'static str,
    list: impl Future<Output = sftptogo::Result<Vec<T>>>,
    should_be: usize,
) -> Result<(), Stop> {
    simulator.faults().push(Fault::status(429).retry_after(1).on(operation).once());
    survived(walk, simulator, "429 with Retry-After", async |walk, mark| {
        let started = Instant::now();
        let items = walk
            .call("List, answered with 429 and Retry-After: 1", list, |all| {
                let took = started.elapsed();
                same("the number of items", all.len(), should_be)?;
                same("the number of requests", since(simulator, mark).len(), 2)?;
                holds(took >= Duration::from_secs(1), "the client retried too early")?;
                Ok(format!("the client waited and retried; the list arrived after {:.1} s", took.as_secs_f32()))
            })
            .await;
        show(walk, simulator, mark);
        items.map(drop)
    })
    .await
}

/// Loses the response to a create that the service processed. A list must then contain the new object exactly once.
pub(super) async fn lost_creation<C, T>(
    walk: &mut Walk<'_>,
    simulator: &impl Simulated,
    operation: &'static str,
    create: impl IntoFuture<Output = sftptogo::Result<C>>,
    list: impl Future<Output = sftptogo::Result<Vec<T>>>,
    is_it: impl Fn(&T) -> bool,
) -> Result<T, Stop> {
    simulator.faults().push(Fault::reset().after_processing().on(operation).once());
    survived(walk, simulator, "connection lost after a create", async |walk, mark| {
        walk.fails("Create, and lose the connection before the response", create, |error| {
            same("the number of requests", since(simulator, mark).len(), 1)?;
            in_doubt(error)
        })
        .await;
        show(walk, simulator, mark);
        let object = walk
            .call("Look it up before creating it again", list, |all| {
                same("the number of matches", all.iter().filter(|one| is_it(one)).count(), 1)?;
                Ok("it exists exactly once; nothing left to do".to_owned())
            })
            .await?;
        object.into_iter().find(|one| is_it(one)).ok_or(Stop)
    })
    .await
}

/// Loses the response to a delete that the service processed.
pub(super) async fn lost_deletion<T>(
    walk: &mut Walk<'_>,
    simulator: &impl Simulated,
    operation: &'static str,
    delete: impl IntoFuture<Output = sftptogo::Result<T>>,
    is_gone: impl FnOnce(&T) -> Check,
) -> Result<(), Stop> {
    simulator.faults().push(Fault::reset().after_processing().on(operation).once());
    survived(walk, simulator, "connection lost after a delete", async |walk, mark| {
        let deleted = walk
            .call("Delete, and lose the connection before the response", delete, |reply| {
                let detail = is_gone(reply)?;
                same("the number of requests", since(simulator, mark).len(), 2)?;
                Ok(detail)
            })
            .await;
        show(walk, simulator, mark);
        deleted.map(drop)
    })
    .await
}

/// Describes a delete whose retry got a 404.
pub(super) const FOUND_GONE: &str = "the retry got 404, so the object is deleted: no error";

//! What goes wrong, and how the client lives through it.

use std::time::{Duration, Instant};

use mft_simulator::sftptogo::{Simulator, State};
use mft_simulator::{Exchange, Fault};
use sftptogo::{Client, CredentialId, Error, NewCredential, Outcome};

use super::{mark, since};
use crate::tour::{Stop, Walk, holds, same};

const SECOND_ROBOT: &str = "intake-robot-02";

pub(super) async fn visit(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    walk.section("When things go wrong");
    rate_limit(walk, client, simulator).await?;
    lost_read(walk, client, simulator, robot).await?;
    let second = lost_creation(walk, client, simulator).await?;
    lost_deletion(walk, client, simulator, &second).await?;
    lost_rotation(walk, client, simulator, robot).await
}

async fn rate_limit(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let (mark, failures) = (mark(simulator), walk.report.failures.len());
    simulator.faults().push(Fault::status(429).retry_after(1).on("sftptogo.credentials.list").once());
    let begun = Instant::now();
    let listed = walk
        .call("List, and be asked to come back in a second", client.credentials().list().try_collect_vec(), |all| {
            let took = begun.elapsed();
            same("the number of credentials", all.len(), simulator.state().credentials().len())?;
            same("the number of requests", since(simulator, mark).len(), 2)?;
            holds(took >= Duration::from_secs(1), "the client came back too early")?;
            Ok(format!("the client waited and asked again: the list is here after {:.1} s", took.as_secs_f32()))
        })
        .await;
    show(walk, simulator, mark);
    walk.fault("429 with Retry-After", failures);
    listed.map(drop)
}

async fn lost_read(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    let (mark, failures) = (mark(simulator), walk.report.failures.len());
    simulator.faults().push(Fault::reset().on("sftptogo.credentials.get").once());
    let read = walk
        .call("Fetch, and lose the connection", client.credentials().get(robot).with_response(), |reply| {
            same("the attempts", reply.attempts, 2)?;
            same("the credential", reply.value.id.as_str(), robot.as_str())?;
            Ok("reading twice does no harm, so the client asked again".to_owned())
        })
        .await;
    show(walk, simulator, mark);
    walk.fault("connection lost before a read", failures);
    read.map(drop)
}

async fn lost_creation(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<CredentialId, Stop> {
    let (mark, failures) = (mark(simulator), walk.report.failures.len());
    let lost = Fault::reset().after_processing();
    simulator.faults().push(lost.on("sftptogo.credentials.create").once());
    let new = NewCredential::new().user_name(SECOND_ROBOT);
    walk.fails("Create, and lose the connection before the reply", client.credentials().create(new), |error| {
        same("the number of requests", since(simulator, mark).len(), 1)?;
        in_doubt(error)
    })
    .await;
    show(walk, simulator, mark);
    let found = walk
        .call("Look for it before creating it again", client.credentials().list().try_collect_vec(), |all| {
            let found = all.iter().filter(|one| one.login_name() == SECOND_ROBOT).count();
            same("the number of such credentials", found, 1)?;
            let stored = simulator.state().credentials();
            same("the stored ones", stored.iter().filter(|one| one.user_name == SECOND_ROBOT).count(), 1)?;
            Ok("it is there, once: nothing is left to do".to_owned())
        })
        .await?
        .into_iter()
        .find(|one| one.login_name() == SECOND_ROBOT);
    walk.fault("connection lost after a creation", failures);
    found.map(|credential| credential.id).ok_or(Stop)
}

async fn lost_deletion(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    second: &CredentialId,
) -> Result<(), Stop> {
    let (mark, failures) = (mark(simulator), walk.report.failures.len());
    let lost = Fault::reset().after_processing();
    simulator.faults().push(lost.on("sftptogo.credentials.delete").once());
    let deleted = walk
        .call("Delete, and lose the connection before the reply", client.credentials().delete(second), |deleted| {
            same("what the client says", deleted.clone().into_object(), None)?;
            holds(simulator.state().credential(second.as_str()).is_none(), "it is still there")?;
            same("the number of requests", since(simulator, mark).len(), 2)?;
            Ok("the repeat finds it gone, which is what was wanted: no error".to_owned())
        })
        .await;
    show(walk, simulator, mark);
    walk.fault("connection lost after a deletion", failures);
    deleted.map(drop)
}

async fn lost_rotation(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    robot: &CredentialId,
) -> Result<(), Stop> {
    let (mark, failures) = (mark(simulator), walk.report.failures.len());
    let before = password(&simulator.state(), robot);
    let lost = Fault::reset().after_processing();
    simulator.faults().push(lost.on("sftptogo.credentials.rotate_password").once());
    let rotation = client.credentials().rotate_password(robot);
    walk.fails("Rotate a password, and lose the connection before the reply", rotation, |error| {
        same("the number of requests", since(simulator, mark).len(), 1)?;
        in_doubt(error)
    })
    .await;
    show(walk, simulator, mark);
    let read = walk
        .call("Fetch the password that is valid now", client.credentials().get(robot), |read| {
            let (read, stored) = (read.password.as_ref().map(|it| it.expose().to_owned()), simulator.state());
            holds(read.is_some() && read == password(&stored, robot), "another password is stored")?;
            holds(read != before, "it is still the old one")?;
            Ok("it was rotated, once: a repeat would have rotated it again".to_owned())
        })
        .await;
    walk.fault("connection lost after a rotation", failures);
    read.map(drop)
}

fn password(state: &State, id: &CredentialId) -> Option<String> {
    state.credential(id.as_str()).map(|credential| credential.password)
}

fn in_doubt(error: &Error) -> Result<String, String> {
    same("the outcome", error.outcome(), Outcome::Unknown)?;
    same("the attempts", error.attempts(), 1)?;
    Ok(format!("not repeated: {error}"))
}

/// Tells the requests since the mark as the service saw them, with the time between them.
fn show(walk: &mut Walk<'_>, simulator: &Simulator, mark: u64) {
    let mut last: Option<i64> = None;
    for exchange in since(simulator, mark) {
        let later = last.map_or(0, |last| exchange.received_at_ms - last);
        last = Some(exchange.received_at_ms);
        walk.aside(&format!("{later:>5} ms  {}  {}", exchange.operation.unwrap_or("?"), answer(&exchange)));
    }
}

fn answer(exchange: &Exchange) -> String {
    match (exchange.status, exchange.processed) {
        (Some(status), _) => status.to_string(),
        (None, true) => "done, but the connection was reset before the reply".to_owned(),
        (None, false) => "the connection was reset before anything was done".to_owned(),
    }
}

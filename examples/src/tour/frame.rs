//! The frame that all chapters put around their steps.

use std::time::Instant;

use super::observer::{Observer, ReadOnly};
use super::{Report, Stop, Walk, journal};
use crate::account::builder_from_env;
use crate::{Failure, Narrator, Simulated};

/// Runs the steps of a chapter against a simulator and checks that they cover every operation.
pub(super) async fn simulated<S: Simulated>(
    title: &str,
    path_prefix: &'static str,
    place: &str,
    simulator: &S,
    narrator: &mut Narrator,
    steps: impl AsyncFnOnce(&mut Walk<'_>, &S::Client, &S) -> Result<(), Stop>,
) -> Result<Report, Failure> {
    let started = Instant::now();
    narrator.heading(title);
    narrator.say(&format!("  simulated at {place}; nothing leaves this machine"));
    let observer = Observer::new(path_prefix);
    let client = S::build(S::per_call_middleware(simulator.client_builder(), observer.per_call_middleware()))?;
    let mut walk = Walk::new(narrator);
    if steps(&mut walk, &client, simulator).await.is_err() {
        walk.aside("The remaining steps depend on the failed one and are skipped.");
    }
    walk.report.path_prefix = path_prefix;
    walk.report.rows = journal::rows(simulator, path_prefix, &observer.rows(), |_| true);
    walk.section("Coverage");
    let check = journal::coverage(&mut walk.report, simulator);
    walk.see("Every operation succeeded, according to the simulator's request journal", check);
    walk.report.took = started.elapsed();
    Ok(walk.report)
}

/// Runs read-only steps on the account from the environment and blocks every other request.
pub(super) async fn live<S: Simulated>(
    title: &str,
    path_prefix: &'static str,
    operations: usize,
    narrator: &mut Narrator,
    whose: impl FnOnce(&S::Client) -> String,
    steps: impl AsyncFnOnce(&mut Walk<'_>, &S::Client) -> Result<(), Stop>,
) -> Result<Report, Failure> {
    let started = Instant::now();
    let observer = Observer::new(path_prefix);
    let mut builder = builder_from_env::<S>("omit --live")?;
    builder = S::per_call_middleware(builder, ReadOnly);
    builder = S::per_call_middleware(builder, observer.per_call_middleware());
    builder = S::per_attempt_middleware(builder, observer.per_attempt_middleware());
    let client = S::build(builder)?;
    narrator.heading(title);
    narrator.say(&format!("  {}; read-only", whose(&client)));
    let mut walk = Walk::new(narrator);
    walk.section("Read only");
    if steps(&mut walk, &client).await.is_err() {
        walk.aside("The remaining steps are skipped.");
    }
    let mut report = walk.report;
    report.path_prefix = path_prefix;
    report.rows = observer.rows();
    report.covered = report.rows.iter().filter(|row| row.answers.iter().any(|answer| answer == "200")).count();
    report.operations = operations;
    report.partial = true;
    report.took = started.elapsed();
    Ok(report)
}

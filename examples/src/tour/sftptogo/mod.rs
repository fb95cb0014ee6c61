//! The chapter of SFTP To Go.

mod credentials;
mod faults;
mod live;
mod receiver;
mod share_links;
pub(super) mod ssh_keys;
mod webhooks;

use std::time::Instant;

use mft_simulator::sftptogo::{Builder, Simulator};
use mft_simulator::{Exchange, Operation};
use sftptogo::Client;

use super::observer::Observer;
use super::{Check, Report, Row, Stop, Walk, same};
use crate::account::simulated_builder;
use crate::{Failure, Narrator};

pub use live::visit_live;

/// Every path begins with this; the table leaves it out.
const PATH_PREFIX: &str = "/organizations/{organization_id}";

/// The simulator that the chapter wants: the same ids every time, and webhooks to this machine.
pub fn simulator() -> Builder {
    Simulator::builder().seed(20).allow_http_webhooks().delivery_delays(0.01)
}

/// Visits every operation of a simulator that [`simulator`] describes, and leaves it as it was.
///
/// # Errors
///
/// Where the tour cannot begin. A step that goes wrong is in the report.
pub async fn visit(simulator: &Simulator, narrator: &mut Narrator) -> Result<Report, Failure> {
    let begun = Instant::now();
    narrator.heading("SFTP To Go");
    narrator.say(&format!("  simulated at {}; nothing leaves this machine", simulator.base_url()));
    let observer = Observer::new(PATH_PREFIX);
    let client = simulated_builder(simulator).around_calls(observer.around_calls()).build()?;
    let mut walk = Walk::new(narrator);
    if walk_all(&mut walk, &client, simulator).await.is_err() {
        walk.aside("The steps behind this one need what failed, and are left out.");
    }
    walk.report.path_prefix = PATH_PREFIX;
    walk.report.rows = rows(&simulator.journal(), &observer.rows());
    walk.section("Coverage");
    let seen = coverage(&mut walk.report, simulator);
    walk.see("Every operation did what it is for, by the simulator's own journal", seen);
    walk.report.took = begun.elapsed();
    Ok(walk.report)
}

async fn walk_all(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    let robot = credentials::logins(walk, client, simulator).await?;
    credentials::inbound_rules(walk, client, simulator, &robot).await?;
    credentials::passwords(walk, client, simulator, &robot).await?;
    ssh_keys::visit(walk, client, simulator, &robot).await?;
    webhooks::visit(walk, client, simulator).await?;
    share_links::visit(walk, client, simulator).await?;
    faults::visit(walk, client, simulator, &robot).await?;
    credentials::clean_up(walk, client, simulator, &robot).await
}

/// Counts the operations that the service carried out and answered with success.
fn coverage(report: &mut Report, simulator: &Simulator) -> Check {
    let journal = simulator.journal();
    let done = |operation: &&Operation| {
        journal.iter().any(|exchange| {
            exchange.operation == Some(operation.name)
                && exchange.succeeded()
                && exchange.status == exchange.service_status
        })
    };
    let missing: Vec<_> = Simulator::operations().iter().filter(|one| !done(one)).map(|one| one.name).collect();
    report.operations = Simulator::operations().len();
    report.covered = report.operations - missing.len();
    if missing.is_empty() {
        Ok(format!("{} of {}", report.covered, report.operations))
    } else {
        Err(format!("missing: {}", missing.join(", ")))
    }
}

/// A row for each operation in the simulator's order, from its journal; only the calls are the client's.
fn rows(journal: &[Exchange], observed: &[Row]) -> Vec<Row> {
    let row = |operation: &Operation| {
        let calls = observed.iter().find(|row| row.operation == operation.name).map_or(0, |row| row.calls);
        let mut row = Row {
            operation: operation.name.to_owned(),
            method: operation.method.to_owned(),
            path: operation.template.trim_start_matches(PATH_PREFIX).to_owned(),
            calls,
            ..Row::default()
        };
        for exchange in journal.iter().filter(|exchange| exchange.operation == Some(operation.name)) {
            row.answered(exchange.status.map_or_else(|| "none".to_owned(), |status| status.as_u16().to_string()));
        }
        row
    };
    Simulator::operations().iter().map(row).collect()
}

/// Where the journal ends now; see [`since`].
fn mark(simulator: &Simulator) -> u64 {
    simulator.journal().last().map_or(0, |exchange| exchange.sequence)
}

/// What was asked of the simulator since then.
fn since(simulator: &Simulator, mark: u64) -> Vec<Exchange> {
    simulator.journal().into_iter().filter(|exchange| exchange.sequence > mark).collect()
}

/// The input is refused before anything is sent.
fn refused_unsent(error: &sftptogo::Error, simulator: &Simulator, mark: u64) -> Check {
    same("what is wrong", error.kind(), sftptogo::ErrorKind::InvalidInput)?;
    same("the number of requests", since(simulator, mark).len(), 0)?;
    Ok(format!("nothing was sent: {error}"))
}

//! Reads the simulator's request journal for the checks of the tour.

use mft_simulator::{Exchange, Operation};
use sftptogo::{Error, ErrorKind, Outcome};

use super::{Check, Report, Row, Walk, holds, same};
use crate::Simulated;

/// Returns the current end of the journal, for [`since`].
pub(super) fn mark(simulator: &impl Simulated) -> u64 {
    simulator.journal().last().map_or(0, |exchange| exchange.sequence)
}

/// Returns the exchanges after the mark.
pub(super) fn since(simulator: &impl Simulated, mark: u64) -> Vec<Exchange> {
    simulator.journal().into_iter().filter(|exchange| exchange.sequence > mark).collect()
}

/// Counts the requests for an operation after the mark.
pub(super) fn count(simulator: &impl Simulated, operation: &str, mark: u64) -> usize {
    since(simulator, mark).iter().filter(|exchange| exchange.operation == Some(operation)).count()
}

/// Checks that invalid input is rejected before any request.
pub(super) fn refused_unsent(error: &Error, simulator: &impl Simulated, mark: u64) -> Check {
    same("the error kind", error.kind(), ErrorKind::InvalidInput)?;
    same("the number of requests", since(simulator, mark).len(), 0)?;
    Ok(format!("rejected before sending: {error}"))
}

/// Checks for a `NotFound` error.
pub(super) fn not_found(error: &Error) -> Check {
    holds(error.is_not_found(), "expected NotFound")?;
    Ok(format!("{error}"))
}

/// Checks that the outcome is unknown and that the client did not retry.
pub(super) fn in_doubt(error: &Error) -> Check {
    same("the outcome", error.outcome(), Outcome::Unknown)?;
    same("the attempts", error.attempts(), 1)?;
    Ok(format!("not retried: {error}"))
}

/// Prints the requests after the mark as the service received them, with the time between them.
pub(super) fn show(walk: &mut Walk<'_>, simulator: &impl Simulated, mark: u64) {
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
        (None, true) => "processed; connection reset before the response".to_owned(),
        (None, false) => "connection reset before processing".to_owned(),
    }
}

/// Returns the names of a service's operations, except those with this prefix.
pub(super) fn names<S: Simulated>(left_out: Option<&str>) -> Vec<&'static str> {
    let mut names: Vec<_> = S::operations().iter().map(|operation| operation.name).collect();
    names.dedup();
    names.retain(|name| left_out.is_none_or(|prefix| !name.starts_with(prefix)));
    names
}

/// Counts the operations that the service processed and answered with success.
pub(super) fn coverage<S: Simulated>(report: &mut Report, simulator: &S) -> Check {
    let journal = simulator.journal();
    let is_covered = |name: &&str| {
        let did = |exchange: &Exchange| exchange.succeeded() && exchange.status == exchange.service_status;
        journal.iter().any(|exchange| exchange.operation == Some(*name) && did(exchange))
    };
    let names = names::<S>(None);
    let missing: Vec<_> = names.iter().copied().filter(|name| !is_covered(name)).collect();
    report.operations = names.len();
    report.covered = names.len() - missing.len();
    if missing.is_empty() {
        Ok(format!("{} of {}", report.covered, report.operations))
    } else {
        Err(format!("missing: {}", missing.join(", ")))
    }
}

/// Builds a row for each route from the journal, in the simulator's order. Call counts come from the client.
pub(super) fn rows<S: Simulated>(
    simulator: &S,
    prefix: &str,
    observed: &[Row],
    is_used: impl Fn(&Operation) -> bool,
) -> Vec<Row> {
    let journal = simulator.journal();
    let row = |operation: &Operation| {
        let calls = observed.iter().find(|row| row.operation == operation.name).map_or(0, |row| row.calls);
        let mut row = Row {
            operation: operation.name.to_owned(),
            method: operation.method.to_owned(),
            path: operation.template.strip_prefix(prefix).unwrap_or(operation.template).to_owned(),
            calls,
            ..Row::default()
        };
        let of_route =
            |one: &&Exchange| one.operation == Some(operation.name) && one.template == Some(operation.template);
        for exchange in journal.iter().filter(of_route) {
            row.answered(exchange.status.map_or_else(|| "none".to_owned(), |status| status.as_u16().to_string()));
        }
        row
    };
    let mut rows: Vec<_> = S::operations().iter().filter(|operation| is_used(operation)).map(row).collect();
    // A fallback path that was not used gets no row.
    let called: Vec<_> = rows.iter().filter(|row| row.attempts > 0).map(|row| row.operation.clone()).collect();
    rows.retain(|row| row.attempts > 0 || !called.contains(&row.operation));
    rows
}

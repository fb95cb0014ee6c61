//! The chapter of `BrickFTP`: every operation twice, in JSON and in XML.

mod administration;
mod files;
mod groups;
mod keys;
mod live;
mod sharing;
mod transfers;
mod users;

use std::time::Instant;

use brickftp::{Client, Error, Format};
use mft_simulator::brickftp::{Builder, Simulator, State};
use mft_simulator::{Exchange, Operation};

use super::journal::{self, names};
use super::observer::Observer;
use super::{Check, Report, Stop, Walk};
use crate::{Failure, Narrator, Simulated as _};

pub use live::visit_live;

const PATH_PREFIX: &str = "/api/rest/v1";

/// The name prefix of storage requests, which have no format.
const STORAGE: &str = "brickftp.storage.";

const FORMATS: [(Format, &str); 2] = [(Format::Json, "JSON"), (Format::Xml, "XML")];

/// Returns the chapter's simulator settings: stable ids.
pub fn simulator() -> Builder {
    Simulator::builder().seed(20)
}

/// A round in one wire format.
#[derive(Clone)]
struct Round<'s> {
    client: Client,
    simulator: &'s Simulator,
    state: State,
    format: Format,
    name: &'static str,
    /// The end of the journal before the round.
    begins: u64,
}

impl Round<'_> {
    /// Returns the heading of a section.
    fn section(&self, walk: &mut Walk<'_>, title: &str) {
        walk.section(format!("{title}, in {}", self.name));
    }

    /// Returns the current end of the journal, for [`since`](Self::since).
    fn mark(&self) -> u64 {
        journal::mark(self.simulator)
    }

    /// Returns the exchanges after the mark.
    fn since(&self, mark: u64) -> Vec<Exchange> {
        journal::since(self.simulator, mark)
    }

    /// Counts the requests for an operation after the mark.
    fn count(&self, operation: &str, mark: u64) -> usize {
        journal::count(self.simulator, operation, mark)
    }

    /// Checks that invalid input is rejected before any request.
    fn refused_unsent(&self, error: &Error, mark: u64) -> Check {
        journal::refused_unsent(error, self.simulator, mark)
    }
}

/// Runs every operation on a simulator with the settings of [`simulator`], in both formats, and restores its initial
/// state.
///
/// # Errors
///
/// Fails if the tour cannot start. A failed step is part of the report.
pub async fn visit(simulator: &Simulator, narrator: &mut Narrator) -> Result<Report, Failure> {
    let started = Instant::now();
    narrator.heading("BrickFTP");
    narrator.say(&format!("  simulated at {}, its storage at {}", simulator.base_url(), simulator.storage_url()));
    narrator.say("  nothing leaves this machine");
    let observer = Observer::new(PATH_PREFIX);
    let mut walk = Walk::new(narrator);
    for (format, name) in FORMATS {
        let client =
            simulator.client_builder().format(format).per_call_middleware(observer.per_call_middleware()).build()?;
        let begins = journal::mark(simulator);
        let round = Round { client, simulator, state: simulator.state(), format, name, begins };
        // Leftovers of a failed round would make the next round fail too.
        let is_clean = walk.report.formats.iter().all(|(_, covered)| *covered == walk.report.operations);
        if !is_clean {
            walk.report.formats.push((name, 0));
            walk.aside(&format!("The {name} round needs a clean site and is skipped."));
            continue;
        }
        if walk_all(&mut walk, &round).await.is_err() {
            walk.aside("The remaining steps depend on the failed one and are skipped.");
        }
        round.section(&mut walk, "Coverage");
        let check = coverage(&mut walk.report, &round);
        walk.see("Every operation succeeded, according to the simulator's request journal", check);
    }
    walk.report.covered = walk.report.formats.iter().map(|(_, covered)| *covered).min().unwrap_or_default();
    walk.report.path_prefix = PATH_PREFIX;
    // The storage also supports POST forms and HEAD, which this client does not need.
    let is_used = |one: &Operation| !one.name.starts_with(STORAGE) || matches!(one.method, "PUT" | "GET");
    walk.report.rows = journal::rows(simulator, PATH_PREFIX, &observer.rows(), is_used);
    walk.report.took = started.elapsed();
    Ok(walk.report)
}

async fn walk_all(walk: &mut Walk<'_>, round: &Round<'_>) -> Result<(), Stop> {
    users::sessions(walk, round).await?;
    let ada = users::users(walk, round).await?;
    keys::api_keys(walk, round, ada).await?;
    keys::public_keys(walk, round, ada).await?;
    groups::visit(walk, round, ada).await?;
    files::folders(walk, round).await?;
    administration::permissions(walk, round, ada).await?;
    administration::notifications(walk, round, ada).await?;
    transfers::visit(walk, round).await?;
    files::files(walk, round).await?;
    sharing::bundles(walk, round).await?;
    sharing::behaviors(walk, round).await?;
    administration::history(walk, round, ada).await?;
    files::clean_up(walk, round).await?;
    users::clean_up(walk, round, ada).await
}

/// Returns `true` if the service processed the operation in the format of the round and answered with success.
fn did(exchange: &Exchange, operation: &Operation, format: Format) -> bool {
    let is_this = exchange.operation == Some(operation.name) && exchange.template == Some(operation.template);
    let is_body = |wanted: &str| exchange.body.is_empty() || exchange.header("content-type") == Some(wanted);
    let wanted = format.media_type();
    let in_format = exchange.header("accept") == Some(wanted) && is_body(wanted);
    is_this
        && exchange.succeeded()
        && exchange.status == exchange.service_status
        && (in_format || operation.name.starts_with(STORAGE))
}

/// Counts the operations that were processed. An operation with two routes needs both.
fn coverage(report: &mut Report, round: &Round<'_>) -> Check {
    let journal = round.since(round.begins);
    let names = names::<Simulator>(Some(STORAGE));
    let is_covered = |name: &&str| {
        let mut routes = Simulator::operations().iter().filter(|operation| operation.name == *name);
        routes.all(|route| journal.iter().any(|exchange| did(exchange, route, round.format)))
    };
    let missing: Vec<_> = names.iter().copied().filter(|name| !is_covered(name)).collect();
    let covered = names.len() - missing.len();
    report.operations = names.len();
    report.formats.push((round.name, covered));
    let storage = [("PUT", "parts"), ("GET", "ranges")].map(|(method, noun)| {
        let of_storage = |one: &&Exchange| one.operation.is_some_and(|name| name.starts_with(STORAGE));
        format!("{} {noun}", journal.iter().filter(of_storage).filter(|one| one.method == *method).count())
    });
    if missing.is_empty() {
        Ok(format!("{covered} of {}, and {} storage requests", names.len(), storage.join(" and ")))
    } else {
        Err(format!("missing in {}: {}", round.name, missing.join(", ")))
    }
}

/// Returns the object with this id from the state, or a failure.
fn stored<T>(what: &str, found: Option<T>) -> Result<T, String> {
    found.ok_or_else(|| format!("the service has no such {what}"))
}

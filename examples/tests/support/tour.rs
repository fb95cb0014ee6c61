//! Runs the tour and checks its output.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};

use mft_examples::tour::Report;
use mft_examples::{Failure, Narrator};
use mft_simulator::{Exchange, Operation};

use super::{Ran, run, run_in};

const TOUR: &str = env!("CARGO_BIN_EXE_tour");

/// An API key of the simulators in these tests. Their other keys have the same prefix.
pub(crate) const KEY: &str = "MARKER-api-key-0001";

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The report and the output of a chapter.
pub(crate) async fn told(visit: impl AsyncFnOnce(&mut Narrator) -> Result<Report, Failure>) -> (Report, String) {
    let output = Written::default();
    let mut narrator = Narrator::to(output.clone());
    let report = visit(&mut narrator).await.unwrap();
    report.tell(&mut narrator);
    let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    (report, text)
}

/// Runs the program on its own simulators and checks that every operation and fault passes.
pub(crate) async fn the_program_covers(chapter: &str, operations: &[Operation], covered: &str, faults: usize) -> Ran {
    let ran = run(TOUR, &["--only", chapter], None, &[]).await;
    assert!(ran.succeeded, "{}{}", ran.stdout, ran.stderr);
    ran.says(&format!("operations covered  {covered}"));
    ran.says(&format!("faults survived     {faults} of {faults}"));
    for operation in operations {
        ran.says(operation.name);
    }
    assert!(ran.stderr.is_empty() && !ran.stdout.contains('✗') && !ran.stdout.contains('\u{1b}'), "{}", ran.stdout);
    assert!(!ran.stdout.contains("not called"), "{}", ran.stdout);
    ran
}

/// Runs the program on the account from the environment. It covers this many operations, prints no secret and changes
/// nothing.
pub(crate) async fn the_live_tour_reads(
    chapter: &str,
    environment: Vec<(&'static str, String)>,
    covered: &str,
    first_variable: &str,
    journal: impl FnOnce() -> Vec<Exchange>,
) -> Ran {
    let ran = run_in(environment, TOUR, &["--live"]).await;
    assert!(ran.succeeded, "{}{}", ran.stdout, ran.stderr);
    ran.says(&format!("operations covered  {covered} (read-only operations)"));
    ran.hides("MARKER");
    for exchange in journal() {
        let operation = exchange.operation.unwrap_or_default();
        let reads = [".auth.", ".list", ".get"].iter().any(|kind| operation.contains(kind));
        assert!(exchange.method == "GET" || reads, "{exchange}");
    }
    let missing = run(TOUR, &["--live", "--only", chapter], None, &[]).await;
    assert!(!missing.succeeded);
    missing.says(&format!("{first_variable} is not set"));
    missing.says("mft-simulator");
    ran
}

/// Collects the secrets of a state after every exchange, so that short-lived ones are included.
pub(crate) struct Secrets<S> {
    state: Arc<OnceLock<S>>,
    secrets: Arc<Mutex<BTreeSet<String>>>,
}

impl<S: Send + Sync + 'static> Secrets<S> {
    pub(crate) fn new() -> Self {
        Self { state: Arc::default(), secrets: Arc::new(Mutex::new(BTreeSet::from([KEY.to_owned()]))) }
    }

    /// The callback of a simulator for every exchange.
    pub(crate) fn collector<I: IntoIterator<Item = String>>(
        &self,
        of: impl Fn(&S, &Exchange) -> I + Send + Sync + 'static,
    ) -> impl Fn(&Exchange) + Send + Sync + 'static {
        let (state, secrets) = (Arc::clone(&self.state), Arc::clone(&self.secrets));
        move |exchange| secrets.lock().unwrap().extend(of(state.get().unwrap(), exchange))
    }

    /// Runs a chapter, checks that its output has none of the secrets, and returns their number.
    pub(crate) async fn are_hidden_on(
        self,
        state: S,
        visit: impl AsyncFnOnce(&mut Narrator) -> Result<Report, Failure>,
    ) -> usize {
        assert!(self.state.set(state).is_ok());
        let (report, text) = told(visit).await;
        assert!(report.is_good(), "{text}");
        assert!(!text.contains("MARKER"), "a key shows");
        let secrets = self.secrets.lock().unwrap();
        let mut count = 0;
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            assert!(!text.contains(secret), "a secret shows");
            count += 1;
        }
        count
    }
}

//! What tests of leaks share: all that a process prints, kept for the search.

#![allow(dead_code, reason = "every test file uses its own part")]

use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mft_common::Result;
use mft_tests::conformance::every_fault;
use mft_tests::leak::{Secrets, everything};
use mft_tests::support::Trap;
use mft_tests::{Act, Provider, Tweaks};
use tracing_subscriber::fmt::format::FmtSpan;

/// All that subscriber, logger and panic hook hand over.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Sink;

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl log::Log for Sink {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let _ = io::Write::write_all(&mut Self, format!("{} {}\n", record.target(), record.args()).as_bytes());
    }

    fn flush(&self) {}
}

/// Takes over the subscriber, the logger and the panic hook of the process.
pub(crate) fn capture_everything() {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(|| Sink)
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    log::set_logger(&Sink).expect("the only logger");
    log::set_max_level(log::LevelFilter::Trace);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let _ = io::Write::write_all(&mut Sink, format!("panicked: {panic}\n").as_bytes());
        usual(panic);
    }));
}

/// What they have handed over so far.
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// What was printed, kept for the search.
#[derive(Default)]
pub(crate) struct Printed(pub(crate) String);

impl Printed {
    /// A value in both forms of `Debug`.
    pub(crate) fn value(&mut self, value: impl Debug) {
        let _ = writeln!(self.0, "{value:?}\n{value:#?}");
    }

    /// A value, or everything that an error says of itself.
    pub(crate) fn result<T: Debug>(&mut self, result: Result<T>) {
        match result {
            Ok(value) => self.value(value),
            Err(error) => self.0.push_str(&everything(&error)),
        }
    }
}

/// Runs all operations without a fault, and the acts with every fault there is. Gives the secrets that were in play.
pub(crate) async fn every_fault_and_none<P: Provider>(
    printed: &mut Printed,
    all_operations: impl AsyncFn(&P, &P::Client, &mut Printed),
) -> Vec<String> {
    let mut secrets = Vec::new();
    let trap = Trap::open().await;
    let mut faults = every_fault(trap.address(), P::WIRE);
    // Without a fault first, and without those that take longest and print nothing new.
    faults.retain(|(name, _)| !["late", "late after", "many headers"].contains(name));
    for fault in std::iter::once(None).chain(faults.into_iter().map(|(_, fault)| Some(fault))) {
        let provider = P::start().await;
        let attempt_timeout = Duration::from_millis(if fault.is_some() { 150 } else { 10_000 });
        let client = provider.client(Tweaks { attempt_timeout, ..Tweaks::default() }.attempts(2));
        secrets.extend(provider.secrets());
        if let Some(fault) = fault {
            // Each operation meets it; every second request goes through, so that all replies are seen as well.
            provider.faults().push(fault.always().chance(0.5).seed(7));
            for act in P::acts(&[Act::Read, Act::List, Act::Create, Act::Change, Act::Never, Act::Delete]) {
                printed.result(provider.act(&client, act).await);
            }
        } else {
            all_operations(&provider, &client, printed).await;
        }
        for exchange in provider.journal() {
            printed.value(&exchange);
            let _ = writeln!(printed.0, "{exchange}");
        }
        printed.value(provider.faults());
        secrets.extend(provider.secrets());
    }
    secrets
}

/// Fails where a secret shows, and where too little was printed and logged to say so.
pub(crate) fn search(printed: &Printed, secrets: &Secrets, in_log: &[&str], in_print: &[(&str, usize)]) {
    let logged = logged();
    for expected in in_log {
        assert!(logged.contains(expected), "the log is not complete: no {expected}");
    }
    for (expected, times) in in_print {
        let count = printed.0.matches(expected).count();
        assert!(count >= *times, "too little was printed: {count} of {expected}");
    }
    assert!(!logged.contains("panicked"), "{logged}");
    secrets.assert_absent(&printed.0, "Debug or Display");
    secrets.assert_absent(&logged, "the log");
}

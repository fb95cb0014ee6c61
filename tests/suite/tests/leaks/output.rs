//! Shared code of the leak scans: captures all output of the process.

#![allow(dead_code, reason = "each test file uses a different subset")]

use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mft_common::{Error, Result};
use mft_tests::conformance::every_fault;
use mft_tests::leak_scan::{Secrets, error_text};
use mft_tests::net::Honeypot;
use mft_tests::{CallKind, ClientOptions, Provider};
use tracing_subscriber::fmt::format::FmtSpan;

/// The output of the subscriber, the logger and the panic hook.
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

/// Replaces the subscriber, the logger and the panic hook of the process.
pub(crate) fn capture_logs() {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(|| Sink)
        .finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    log::set_logger(&Sink).expect("the only logger");
    log::set_max_level(log::LevelFilter::Trace);
    let default_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let _ = io::Write::write_all(&mut Sink, format!("panicked: {panic}\n").as_bytes());
        default_hook(panic);
    }));
}

/// Returns the captured log so far.
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// The printed values.
#[derive(Default)]
pub(crate) struct Output(pub(crate) String);

impl Output {
    /// Records a value in both `Debug` formats.
    pub(crate) fn value(&mut self, value: impl Debug) {
        let _ = writeln!(self.0, "{value:?}\n{value:#?}");
    }

    /// Records a value, or all text of an error.
    pub(crate) fn result<T: Debug, E: Into<Error>>(&mut self, result: Result<T, E>) {
        match result {
            Ok(value) => self.value(value),
            Err(error) => self.0.push_str(&error_text(&error.into())),
        }
    }
}

/// Runs all operations without a fault, and all call kinds with every fault. Returns the secrets that were used.
pub(crate) async fn run_with_and_without_faults<P: Provider>(
    output: &mut Output,
    all_operations: impl AsyncFn(&P, &P::Client, &mut Output),
) -> Vec<String> {
    let mut secrets = Vec::new();
    let honeypot = Honeypot::open().await;
    let mut faults = every_fault(honeypot.address(), P::WIRE_FORMAT);
    // Runs without a fault first. Skips the slowest faults, which print nothing new.
    faults.retain(|(name, _)| !["late", "late after", "many headers"].contains(name));
    for fault in std::iter::once(None).chain(faults.into_iter().map(|(_, fault)| Some(fault))) {
        let provider = P::start().await;
        let attempt_timeout = Duration::from_millis(if fault.is_some() { 150 } else { 10_000 });
        let client = provider.client(ClientOptions { attempt_timeout, ..ClientOptions::default() }.attempts(2));
        secrets.extend(provider.secrets());
        if let Some(fault) = fault {
            // About half of the requests of each operation are hit, so that all responses are covered as well.
            provider.faults().push(fault.always().chance(0.5).seed(7));
            for call in P::supported(&CallKind::DELETE_LAST) {
                output.result(provider.call(&client, call).await);
            }
        } else {
            all_operations(&provider, &client, output).await;
        }
        for exchange in provider.journal() {
            output.value(&exchange);
            let _ = writeln!(output.0, "{exchange}");
        }
        output.value(provider.faults());
        secrets.extend(provider.secrets());
    }
    secrets
}

/// Fails if a secret appears, or if the output is incomplete.
pub(crate) fn assert_no_leaks(output: &Output, secrets: &Secrets, in_log: &[&str], in_print: &[(&str, usize)]) {
    let logged = logged();
    for expected in in_log {
        assert!(logged.contains(expected), "the log is incomplete: no {expected}");
    }
    for (expected, times) in in_print {
        let count = output.0.matches(expected).count();
        assert!(count >= *times, "the output is incomplete: {count} of {expected}");
    }
    assert!(!logged.contains("panicked"), "{logged}");
    secrets.assert_absent(&output.0, "Debug or Display");
    secrets.assert_absent(&logged, "the log");
}

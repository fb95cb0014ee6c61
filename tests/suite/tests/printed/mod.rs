//! What tests of leaks share: all that a process prints, kept for the search.

use std::fmt::{Debug, Write as _};
use std::io;
use std::sync::{Mutex, PoisonError};

use mft_common::Result;
use mft_tests::leak::everything;
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

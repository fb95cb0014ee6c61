//! Checks that traces contain no secrets, neither those of the workspace's crates nor those of their dependencies.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::util::SubscriberInitExt as _;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::leaks::MARK;

/// The output of a subscriber.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// All traces of this thread.
#[derive(Debug)]
pub struct Traces {
    log: Log,
    guard: DefaultGuard,
}

impl Traces {
    /// Captures the traces of this thread, which also runs the connection tasks of a test's runtime. Records of the
    /// `log` crate, which reqwest writes, are included.
    #[must_use]
    pub fn capture() -> Self {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        let guard = subscriber.set_default();
        tracing::info!("the subscriber is active");
        Self { log, guard }
    }

    /// Stops capturing. Asserts that no line contains a secret or one of `words`, that the transport was traced, and
    /// that the span exists if `span` is set.
    pub fn assert_no_secrets(self, span: Option<&str>, words: &[&str]) {
        drop(self.guard);
        let log_text = String::from_utf8_lossy(&self.log.0.lock().unwrap()).into_owned();
        assert!(log_text.contains("the subscriber is active"));
        assert!(log_text.contains("reqwest::"), "the transport was not traced");
        assert!(span.is_none_or(|span| log_text.contains(span)), "no span was written");
        let secret = |line: &&str| line.contains(MARK) || words.iter().any(|word| line.contains(word));
        assert_eq!(log_text.lines().find(secret), None, "a secret was traced");
    }
}

/// Starts a server on a real socket, so that reqwest and hyper emit their own events. It sends this response to every
/// request.
pub async fn respond_to_everything(status: u16, body: impl ToString) -> MockServer {
    let server = MockServer::start().await;
    let response = ResponseTemplate::new(status)
        .insert_header("x-secret", "MARK-header")
        .set_body_raw(body.to_string(), "application/json");
    Mock::given(any()).respond_with(response).mount(&server).await;
    server
}

/// Asserts that the server received each marker. Secrets that were never sent would prove nothing.
pub async fn assert_planted(server: &MockServer, markers: &[&str]) {
    let requests = server.received_requests().await.unwrap();
    let requests = requests.iter().map(|request| {
        let body = String::from_utf8_lossy(&request.body);
        format!("{} {:?} {body}", request.url, request.headers)
    });
    let requests = requests.collect::<String>();
    for marker in markers {
        assert!(requests.contains(marker), "{marker} was not planted");
    }
}

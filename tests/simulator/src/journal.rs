use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::lock;

/// One request that a simulator received, and what became of it.
///
/// `Debug` and `Display` show no secrets: of headers only the names, of bodies only the lengths, of queries only the
/// names.
#[derive(Clone)]
#[non_exhaustive]
pub struct Exchange {
    /// Counts the requests of a simulator from 1, in the order in which they were complete; bodies that are taken as they
    /// arrive count from their head.
    pub sequence: u64,
    /// Counts the accepted connections of a simulator from 1, whatever origin they lead to.
    pub connection: u64,
    /// The operation, such as `sftptogo.credentials.create`; `None` if the request led nowhere.
    pub operation: Option<&'static str>,
    /// The HTTP method.
    pub method: Method,
    /// The path as received, still encoded.
    pub path: String,
    /// The path with its parameters in braces.
    pub template: Option<&'static str>,
    /// The query as received, without the question mark.
    pub query: Option<String>,
    /// The headers as received.
    pub headers: HeaderMap,
    /// The body as received; empty where the service takes bodies as they arrive, as a storage does.
    pub body: Bytes,
    /// How many bytes of the body arrived.
    pub body_bytes: u64,
    /// The CRC-32 of what arrived of the body; `None` if the settings of the storage switch checksums off.
    pub body_crc32: Option<u32>,
    /// Whether the simulated service handled the request. A fault may have hidden that from the caller, or prevented it.
    pub processed: bool,
    /// The status that the service decided on; `None` if it did not handle the request.
    pub service_status: Option<StatusCode>,
    /// The status that was sent to the caller; `None` if no reply was sent, or none yet.
    pub status: Option<StatusCode>,
    /// The fault that struck, in the words of the text form of fault rules.
    pub fault: Option<String>,
    /// When the request was complete, or its head for a body that is taken as it arrives, in Unix milliseconds of simulated time.
    pub received_at_ms: i64,
}

impl Exchange {
    /// A header of the request, if it is there and text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body of the request, if it is JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the service carried the operation out, whatever the caller was told.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.service_status.is_some_and(|status| status.is_success())
    }

    /// Whether it is for this operation, or for one that starts with what is before the star.
    pub(crate) fn is_for(&self, operation: &str) -> bool {
        self.operation.is_some_and(|name| match operation.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == operation,
        })
    }

    fn query_names(&self) -> Option<String> {
        let names = self
            .query
            .as_deref()?
            .split('&')
            .map(|pair| pair.split_once('=').map_or_else(|| pair.to_owned(), |(name, _)| format!("{name}=…")));
        Some(names.collect::<Vec<_>>().join("&"))
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} {}", self.sequence, self.method, self.path)?;
        if let Some(names) = self.query_names() {
            write!(f, "?{names}")?;
        }
        write!(f, " {}", self.operation.unwrap_or("(no operation)"))?;
        match self.status {
            Some(status) => write!(f, " -> {}", status.as_u16())?,
            None => f.write_str(" -> no reply")?,
        }
        if let Some(fault) = &self.fault {
            write!(f, " [{fault}]")?;
            f.write_str(if self.processed { " processed" } else { " not processed" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("sequence", &self.sequence)
            .field("connection", &self.connection)
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("template", &self.template)
            .field("query", &self.query_names())
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &self.body_bytes)
            .field("body_crc32", &self.body_crc32)
            .field("processed", &self.processed)
            .field("service_status", &self.service_status)
            .field("status", &self.status)
            .field("fault", &self.fault)
            .field("received_at_ms", &self.received_at_ms)
            .finish_non_exhaustive()
    }
}

pub(crate) type ExchangeObserver = Arc<dyn Fn(&Exchange) + Send + Sync>;

/// All exchanges in the order of their arrival, including those that are still under way.
pub(crate) struct Journal {
    entries: Mutex<Entries>,
    observer: Option<ExchangeObserver>,
    limit: usize,
    connections: AtomicU64,
}

#[derive(Default)]
struct Entries {
    last: u64,
    exchanges: BTreeMap<u64, Exchange>,
}

impl Journal {
    pub(crate) fn new(observer: Option<ExchangeObserver>, limit: usize) -> Self {
        Self { entries: Mutex::default(), observer, limit, connections: AtomicU64::new(0) }
    }

    /// The number of an accepted connection, whichever listener accepted it.
    pub(crate) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn all(&self) -> Vec<Exchange> {
        lock(&self.entries).exchanges.values().cloned().collect()
    }

    pub(crate) fn count(&self, matches: impl Fn(&Exchange) -> bool) -> usize {
        lock(&self.entries).exchanges.values().filter(|exchange| matches(exchange)).count()
    }

    pub(crate) fn clear(&self) {
        lock(&self.entries).exchanges.clear();
    }

    /// Enters a request and returns its number.
    pub(crate) fn record(&self, mut exchange: Exchange) -> u64 {
        let mut entries = lock(&self.entries);
        entries.last += 1;
        let sequence = entries.last;
        exchange.sequence = sequence;
        entries.exchanges.insert(sequence, exchange);
        while entries.exchanges.len() > self.limit {
            entries.exchanges.pop_first();
        }
        sequence
    }

    /// Changes an entry, unless the journal was cleared meanwhile.
    pub(crate) fn update(&self, sequence: u64, change: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = lock(&self.entries).exchanges.get_mut(&sequence) {
            change(exchange);
        }
    }

    /// Shows a finished exchange to the observer, outside the lock.
    pub(crate) fn notify_observer(&self, sequence: u64) {
        if let Some(observer) = &self.observer {
            let exchange = lock(&self.entries).exchanges.get(&sequence).cloned();
            if let Some(exchange) = exchange {
                observer(&exchange);
            }
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(lock(&self.entries).exchanges.values()).finish()
    }
}

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;

use crate::lock;

/// An entry of the request journal: a request that a simulator received, and its response.
///
/// `Debug` and `Display` show no secrets. They show the names of headers and query parameters, and the length of
/// bodies.
#[derive(Clone)]
#[non_exhaustive]
pub struct Exchange {
    /// The number of the request, starting at 1. Requests are numbered in the order in which they were complete.
    /// Streamed bodies count from the request head.
    pub sequence: u64,
    /// The number of the connection, starting at 1, across all origins of the simulator.
    pub connection: u64,
    /// The operation, such as `sftptogo.credentials.create`. `None` if the request matched no operation.
    pub operation: Option<&'static str>,
    /// The HTTP method.
    pub method: Method,
    /// The path as received, still percent-encoded.
    pub path: String,
    /// The path template with parameters in braces.
    pub template: Option<&'static str>,
    /// The query as received, without the question mark.
    pub query: Option<String>,
    /// The headers as received.
    pub headers: HeaderMap,
    /// The body as received. Empty for streamed bodies, such as those of a storage.
    pub body: Bytes,
    /// The number of bytes of the body that arrived.
    pub body_bytes: u64,
    /// The CRC-32 of the bytes that arrived. `None` if the storage settings disable checksums.
    pub body_crc32: Option<u32>,
    /// Whether the simulated service processed the request. A fault may prevent this, or hide it from the client.
    pub processed: bool,
    /// The status that the service returned. `None` if it did not process the request.
    pub service_status: Option<StatusCode>,
    /// The status that the client received. `None` if no response was sent, or not yet.
    pub status: Option<StatusCode>,
    /// The injected fault, in the text form of fault rules.
    pub fault: Option<String>,
    /// When the request was complete, in Unix milliseconds of simulated time. For streamed bodies, when the request
    /// head was complete.
    pub received_at_ms: i64,
}

impl Exchange {
    /// Returns a header of the request, if it is present and text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Returns the body of the request, if it is JSON.
    #[must_use]
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether the service performed the operation, regardless of the response that the client received.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.service_status.is_some_and(|status| status.is_success())
    }

    /// Whether the operation has this name, or starts with the prefix before `*`.
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
            None => f.write_str(" -> no response")?,
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

/// The request journal: all exchanges in the order of arrival, including those in progress.
pub(crate) struct Journal {
    entries: Mutex<JournalEntries>,
    observer: Option<ExchangeObserver>,
    limit: usize,
    connections: AtomicU64,
}

#[derive(Default)]
struct JournalEntries {
    last: u64,
    exchanges: BTreeMap<u64, Exchange>,
}

impl Journal {
    pub(crate) fn new(observer: Option<ExchangeObserver>, limit: usize) -> Self {
        Self { entries: Mutex::default(), observer, limit, connections: AtomicU64::new(0) }
    }

    /// Returns the number of a new connection.
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

    /// Records a request and returns its sequence number.
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

    /// Changes an entry, unless the journal was cleared in the meantime.
    pub(crate) fn update(&self, sequence: u64, change: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = lock(&self.entries).exchanges.get_mut(&sequence) {
            change(exchange);
        }
    }

    /// Passes a finished exchange to the observer, outside the lock.
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

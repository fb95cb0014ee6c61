//! Shared code of the transfer tests: a site, upload sources of all kinds, and the requests that the storage received.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

use brickftp::transfer::Source;
use brickftp::transport::BodyError;
use brickftp::{Authentication, Client, ClientBuilder, Error, RetryPolicy};
use bytes::Bytes;
use futures_util::{Stream, stream};
use mft_simulator::brickftp::{Builder, Simulator};
use mft_simulator::{Exchange, pattern};
use tempfile::TempDir;

use crate::leak_scan::error_text;
use crate::runtime::on_simulator_runtime;

/// 1,048,576 bytes.
pub const MIB: usize = 1 << 20;
/// The part size that the service recommends.
pub const PART: usize = 5 * MIB;

/// The operation that uploads a part to the storage.
pub const PUT: &str = "brickftp.storage.put_part";
/// The operation that downloads bytes from the storage.
pub const GET: &str = "brickftp.storage.get";
/// The operation that completes a multipart upload.
pub const COMPLETE: &str = "brickftp.uploads.complete";

/// Returns bytes without repetition, so that a shift is detected.
#[must_use]
pub fn content(size: usize) -> Bytes {
    pattern(size as u64, 0, size).into()
}

/// A simulated site, with a temporary folder for the test.
#[derive(Debug)]
pub struct Site {
    simulator: Simulator,
    folder: TempDir,
}

impl Deref for Site {
    type Target = Simulator;

    fn deref(&self) -> &Simulator {
        &self.simulator
    }
}

impl Site {
    /// Starts a site with default settings.
    pub async fn start() -> Self {
        Self::with(Simulator::builder()).await
    }

    /// Starts a site with the given settings.
    pub async fn with(settings: Builder) -> Self {
        let simulator = on_simulator_runtime(async move { settings.start().await.expect("two free ports") }).await;
        Self { simulator, folder: TempDir::new().expect("a temporary folder") }
    }

    /// Returns a client with short retry delays.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client_with(|client| client)
    }

    /// The same with additional settings.
    #[must_use]
    pub fn client_with(&self, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        let short_timeouts = Client::builder(self.subdomain(), Authentication::api_key(self.api_key()))
            .base_url(self.base_url())
            .allow_http()
            .no_proxy()
            .retry(RetryPolicy::new().base_delay(Duration::from_millis(1)));
        change(short_timeouts).build().expect("a client")
    }

    /// Returns a path in the test's temporary folder.
    #[must_use]
    pub fn local_path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Creates a file in the test's temporary folder.
    #[allow(clippy::must_use_candidate)] // called for its effect too
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.local_path(name);
        std::fs::write(&path, content).expect("a writable file");
        path
    }

    /// Returns the sorted file names in the test's temporary folder.
    #[must_use]
    pub fn file_names(&self) -> Vec<String> {
        file_names_in(self.folder.path())
    }

    /// Returns the part uploads in the order of their arrival.
    #[must_use]
    pub fn puts(&self) -> Vec<Put> {
        self.journal().iter().filter(|exchange| exchange.operation == Some(PUT)).map(Put::of).collect()
    }

    /// Returns a client whose requests are distinguishable from those of an earlier client, which may still have
    /// requests in flight.
    #[must_use]
    pub fn second_client(&self) -> Client {
        self.client_with(|client| client.user_agent(SECOND))
    }

    /// Returns the part uploads of the second client.
    #[must_use]
    pub fn second_client_puts(&self) -> Vec<Put> {
        let journal = self.journal();
        journal.iter().filter(|exchange| exchange.operation == Some(PUT) && is_second(exchange)).map(Put::of).collect()
    }

    /// Returns the ranges that the second client requested.
    #[must_use]
    pub fn second_client_ranges(&self) -> Vec<String> {
        let journal = self.journal();
        let gets = journal.iter().filter(|exchange| exchange.operation == Some(GET) && is_second(exchange));
        gets.map(|exchange| exchange.header("range").unwrap_or_default().to_owned()).collect()
    }

    /// Returns the requested ranges as sent. Requests for whole files yield an empty string.
    #[must_use]
    pub fn ranges(&self) -> Vec<String> {
        let journal = self.journal();
        let gets = journal.iter().filter(|exchange| exchange.operation == Some(GET));
        gets.map(|exchange| exchange.header("range").unwrap_or_default().to_owned()).collect()
    }

    /// Fails unless each part arrived with the right bytes, and every attempt of a part sent the same bytes.
    pub fn assert_parts(&self, content: &[u8], part_size: usize, case: &str) {
        let mut arrived = BTreeMap::new();
        for put in self.puts() {
            let start = (put.part as usize - 1) * part_size;
            let expected = &content[start..(start + part_size).min(content.len())];
            if put.size == expected.len() as u64 {
                assert_eq!(put.crc32, Some(crc32fast::hash(expected)), "{case}: {put:?}");
            } else {
                assert!(put.size < expected.len() as u64 && !put.stored, "{case}: {put:?}");
            }
            *arrived.entry(put.part).or_insert(0) += u32::from(put.stored);
        }
        let parts = u32::try_from(content.len().div_ceil(part_size).max(1)).expect("few parts");
        assert!(arrived.keys().copied().eq(1..=parts), "{case}: {arrived:?} of {parts}");
        assert!(arrived.values().all(|times| *times > 0), "{case}: {arrived:?}");
    }

    /// Fails if a request to the storage contained credentials of the service.
    pub fn assert_no_credentials_in_storage_requests(&self) {
        let key = self.api_key();
        for exchange in self.journal().iter().filter(|exchange| matches!(exchange.operation, Some(PUT | GET))) {
            for name in ["authorization", "cookie", "referer", "x-brick-reauthentication", "origin"] {
                assert!(!exchange.headers.contains_key(name), "{exchange}: {name}");
            }
            let values = exchange.headers.values().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            let query = exchange.query.clone().unwrap_or_default();
            for text in values.chain([exchange.path.clone(), query]) {
                assert!(!text.contains(&key), "{exchange} has the key");
            }
        }
    }

    /// Fails if an error contains a presigned URL or the API key.
    pub fn assert_no_secrets(&self, error: &Error) {
        let text = error_text(error);
        for secret in ["X-Amz-", "Signature=", "uploadId", &self.api_key()] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        assert!(error.operation().is_some(), "{text}");
    }

    /// Fails unless the file does not exist, no client tried to complete it, and the error reports that.
    pub fn assert_not_done(&self, path: &str, error: &Error, case: &str) {
        assert_eq!(error.outcome(), brickftp::Outcome::NotDone, "{case}: {error:?}");
        assert_eq!(self.count(COMPLETE), 0, "{case}");
        assert!(self.state().entry(path).is_none(), "{case}");
        self.assert_no_secrets(error);
        self.assert_no_credentials_in_storage_requests();
    }

    /// Fails unless the file exists with this content and was completed once.
    pub fn assert_done(&self, path: &str, content: &[u8], case: &str) {
        assert!(self.state().content(path).as_deref() == Some(content), "{case}: wrong content");
        assert_eq!(self.count_processed(COMPLETE), 1, "{case}");
        assert!(self.state().uploads().is_empty(), "{case}");
        self.assert_no_credentials_in_storage_requests();
    }
}

/// The user agent of the second client.
const SECOND: &str = "second/1.0";

fn is_second(exchange: &Exchange) -> bool {
    exchange.header("user-agent").is_some_and(|agent| agent.contains(SECOND))
}

/// Returns the sorted file names in a folder.
#[must_use]
pub fn file_names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a readable folder");
    let name =
        |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name().to_string_lossy().into_owned();
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

/// A part upload, as the storage received it.
#[derive(Debug, Clone)]
pub struct Put {
    /// The number of the part.
    pub part: u32,
    /// The number of received bytes.
    pub size: u64,
    /// The checksum of the received bytes.
    pub crc32: Option<u32>,
    /// Whether the storage kept the part.
    pub stored: bool,
    /// The status of the response.
    pub status: Option<u16>,
    /// The injected fault.
    pub fault: Option<String>,
}

impl Put {
    fn of(exchange: &Exchange) -> Self {
        let number = |pair: &str| pair.strip_prefix("partNumber=")?.parse().ok();
        Self {
            part: exchange.query.as_deref().unwrap_or_default().split('&').find_map(number).unwrap_or_default(),
            size: exchange.body_bytes,
            crc32: exchange.body_crc32,
            stored: exchange.succeeded(),
            status: exchange.status.map(|status| status.as_u16()),
            fault: exchange.fault.clone(),
        }
    }
}

/// The kinds of upload sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A local file.
    File,
    /// Bytes in memory.
    Bytes,
    /// A source that can be read from any offset.
    Seekable,
    /// A stream of known size that can be read once.
    KnownSize,
    /// A stream of unknown size that can be read once.
    UnknownSize,
}

impl SourceKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [Self::File, Self::Bytes, Self::Seekable, Self::KnownSize, Self::UnknownSize];

    /// Returns a source with this content.
    #[must_use]
    pub fn source(self, site: &Site, content: &Bytes) -> Source {
        self.source_in(site.folder.path(), content)
    }

    /// The same with the given folder for the file.
    #[must_use]
    pub fn source_in(self, folder: &Path, content: &Bytes) -> Source {
        let length = content.len() as u64;
        match self {
            Self::File => {
                let path = folder.join("source");
                std::fs::write(&path, content).expect("a writable file");
                Source::file(path)
            }
            Self::Bytes => Source::bytes(content.clone()),
            Self::Seekable => {
                let content = content.clone();
                Source::seekable(length, move |position| {
                    let remaining = content.slice(usize::try_from(position).expect("a position in memory")..);
                    std::future::ready(Ok(uneven_chunks(remaining)))
                })
            }
            Self::KnownSize => Source::stream(uneven_chunks(content.clone()), Some(length)),
            Self::UnknownSize => Source::stream(uneven_chunks(content.clone()), None),
        }
    }
}

/// Splits bytes into chunks of uneven sizes: first single bytes, then a cycle of empty, small and huge chunks.
pub fn uneven_chunks(mut content: Bytes) -> impl Stream<Item = Result<Bytes, BodyError>> + Send {
    const SIZES: [usize; 6] = [0, 1, 4096, 700_001, 0, 9 * MIB];
    let mut index = 0;
    stream::iter(std::iter::from_fn(move || {
        let size = if index < 3000 { 1 } else { SIZES[index % SIZES.len()] };
        index += 1;
        (!content.is_empty()).then(|| Ok(content.split_to(size.min(content.len()))))
    }))
}

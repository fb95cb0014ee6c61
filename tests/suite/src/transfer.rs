//! What tests of uploads and downloads share: a site, files from all kinds of sources, and what the storage saw.

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

use crate::leak::everything;
use crate::support::on_server;

/// 1,048,576 bytes.
pub const MIB: usize = 1 << 20;
/// The part size that the service recommends.
pub const PART: usize = 5 * MIB;

/// The operation of requests that bring a part to the storage.
pub const PUT: &str = "brickftp.storage.put_part";
/// The operation of requests that fetch bytes from the storage.
pub const GET: &str = "brickftp.storage.get";
/// The operation that makes a file of the parts.
pub const COMPLETE: &str = "brickftp.uploads.complete";

/// Bytes that repeat nowhere, so that a shift shows.
#[must_use]
pub fn content(size: usize) -> Bytes {
    pattern(size as u64, 0, size).into()
}

/// A simulated site, with a folder on this machine for what the tests write.
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
    /// A site with the defaults.
    pub async fn start() -> Self {
        Self::with(Simulator::builder()).await
    }

    /// A site with settings.
    pub async fn with(settings: Builder) -> Self {
        let simulator = on_server(async move { settings.start().await.expect("two free ports") }).await;
        Self { simulator, folder: TempDir::new().expect("a folder for the test") }
    }

    /// A client that does not wait long between attempts.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client_with(|client| client)
    }

    /// The same with other settings on top.
    #[must_use]
    pub fn client_with(&self, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
        let impatient = Client::builder(self.subdomain(), Authentication::api_key(self.api_key()))
            .base_url(self.base_url())
            .allow_http()
            .no_proxy()
            .retry(RetryPolicy::new().base_delay(Duration::from_millis(1)));
        change(impatient).build().expect("a client")
    }

    /// A place in the test's own folder.
    #[must_use]
    pub fn place(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file with this content in the test's own folder.
    #[allow(clippy::must_use_candidate)] // called for its effect too
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.place(name);
        std::fs::write(&path, content).expect("a file for the test");
        path
    }

    /// The names in the test's own folder, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        names_in(self.folder.path())
    }

    /// What the storage was sent, in the order in which it came.
    #[must_use]
    pub fn puts(&self) -> Vec<Put> {
        self.journal().iter().filter(|exchange| exchange.operation == Some(PUT)).map(Put::of).collect()
    }

    /// A client whose requests can be told from those of an earlier one, of which something may be heard yet.
    #[must_use]
    pub fn second_client(&self) -> Client {
        self.client_with(|client| client.user_agent(SECOND))
    }

    /// What the storage was sent by the second client.
    #[must_use]
    pub fn puts_of_the_second(&self) -> Vec<Put> {
        let journal = self.journal();
        journal.iter().filter(|exchange| exchange.operation == Some(PUT) && is_second(exchange)).map(Put::of).collect()
    }

    /// The ranges that the second client asked for.
    #[must_use]
    pub fn ranges_of_the_second(&self) -> Vec<String> {
        let journal = self.journal();
        let gets = journal.iter().filter(|exchange| exchange.operation == Some(GET) && is_second(exchange));
        gets.map(|exchange| exchange.header("range").unwrap_or_default().to_owned()).collect()
    }

    /// The ranges that were asked for, as they were written; nothing for whole files.
    #[must_use]
    pub fn ranges(&self) -> Vec<String> {
        let journal = self.journal();
        let gets = journal.iter().filter(|exchange| exchange.operation == Some(GET));
        gets.map(|exchange| exchange.header("range").unwrap_or_default().to_owned()).collect()
    }

    /// Fails unless each part arrived with the bytes of its place, and every attempt at a part was made with the same.
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

    /// Fails if a request to the storage brought anything that is the service's alone.
    pub fn assert_storage_was_told_nothing(&self) {
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

    /// Fails if an error shows a signed address or the key.
    pub fn assert_silent(&self, error: &Error) {
        let said = everything(error);
        for secret in ["X-Amz-", "Signature=", "uploadId", &self.api_key()] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
        assert!(error.operation().is_some(), "{said}");
    }

    /// Fails unless there is no file, nobody tried to complete one, and the error says so.
    pub fn assert_not_done(&self, path: &str, error: &Error, case: &str) {
        assert_eq!(error.outcome(), brickftp::Outcome::NotDone, "{case}: {error:?}");
        assert_eq!(self.count(COMPLETE), 0, "{case}");
        assert!(self.state().entry(path).is_none(), "{case}");
        self.assert_silent(error);
        self.assert_storage_was_told_nothing();
    }

    /// Fails unless the file is there with these bytes, made once.
    pub fn assert_done(&self, path: &str, content: &[u8], case: &str) {
        assert!(self.state().content(path).as_deref() == Some(content), "{case}: other bytes");
        assert_eq!(self.count_processed(COMPLETE), 1, "{case}");
        assert!(self.state().uploads().is_empty(), "{case}");
        self.assert_storage_was_told_nothing();
    }
}

/// What the second client calls itself.
const SECOND: &str = "second/1.0";

fn is_second(exchange: &Exchange) -> bool {
    exchange.header("user-agent").is_some_and(|agent| agent.contains(SECOND))
}

/// The names in a folder, in their order.
#[must_use]
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder to list");
    let name =
        |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name().to_string_lossy().into_owned();
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

/// A part on its way, as the storage saw it.
#[derive(Debug, Clone)]
pub struct Put {
    /// The number of the part.
    pub part: u32,
    /// Bytes that arrived.
    pub size: u64,
    /// Of what arrived.
    pub crc32: Option<u32>,
    /// Whether the storage has it.
    pub stored: bool,
    /// What the sender was told.
    pub status: Option<u16>,
    /// What went wrong on purpose.
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

/// Where the bytes of an upload may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// A file of this machine.
    File,
    /// Memory.
    Bytes,
    /// Something that is opened anew for every part.
    Reopened,
    /// A stream that is read once, of a size known beforehand.
    Sized,
    /// A stream that is read once, of a size not known beforehand.
    Unsized,
}

impl From {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::File, Self::Bytes, Self::Reopened, Self::Sized, Self::Unsized];

    /// A source with this content.
    #[must_use]
    pub fn source(self, site: &Site, content: &Bytes) -> Source {
        self.source_in(site.folder.path(), content)
    }

    /// The same with a folder for the file.
    #[must_use]
    pub fn source_in(self, folder: &Path, content: &Bytes) -> Source {
        let length = content.len() as u64;
        match self {
            Self::File => {
                let path = folder.join("source");
                std::fs::write(&path, content).expect("a file for the test");
                Source::file(path)
            }
            Self::Bytes => Source::bytes(content.clone()),
            Self::Reopened => {
                let content = content.clone();
                Source::seekable(length, move |position| {
                    let rest = content.slice(usize::try_from(position).expect("a place in memory")..);
                    std::future::ready(Ok(uneven(rest)))
                })
            }
            Self::Sized => Source::stream(uneven(content.clone()), Some(length)),
            Self::Unsized => Source::stream(uneven(content.clone()), None),
        }
    }
}

/// Bytes in chunks of all sizes: first single bytes, then empty, small and huge ones by turns.
pub fn uneven(mut content: Bytes) -> impl Stream<Item = Result<Bytes, BodyError>> + Send {
    const SIZES: [usize; 6] = [0, 1, 4096, 700_001, 0, 9 * MIB];
    let mut index = 0;
    stream::iter(std::iter::from_fn(move || {
        let size = if index < 3000 { 1 } else { SIZES[index % SIZES.len()] };
        index += 1;
        (!content.is_empty()).then(|| Ok(content.split_to(size.min(content.len()))))
    }))
}

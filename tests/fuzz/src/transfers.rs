//! Uploads and downloads of both services with transfers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};
use mft_common::transfer::{ByteStream, Source};
use mft_common::{Error, RetryPolicy};

use crate::checks::{KEY, SECRET_KEY, assert_valid_error};
use crate::memory::{assert_bounded, peak};
use crate::transport::{BodyKind, ScriptedResponse, ScriptedTransport, parse_responses};
use crate::{run, run_in_real_time};

/// The maximum size of a file.
const LIMIT: usize = 64 * 1024;

/// The minimum size of all parts but the last one.
const MIN_PART: usize = 5 << 20;

/// The memory of a transfer in addition to its responses: buffers of 256 KiB.
const BUFFERS: usize = 4 << 20;

/// Performs one transfer with the responses of the input. Its first two bytes are the transfer and whether failures are
/// retried. Returns whether the transfer succeeded.
///
/// # Panics
///
/// Panics if a check fails.
pub fn any(input: &[u8]) -> bool {
    let [transfer, options, text @ ..] = input else { return false };
    let responses = parse_responses(text);
    let transfer = transfer % 16;
    let hosts: &[&str] = if transfer < 5 { &["api.ftpgrid.com", "web3.ftpgrid.com"] } else { &["acme.brickftp.com"] };
    let transport = ScriptedTransport::new(responses, hosts);
    let writes_files = matches!(transfer, 4 | 9 | 10);
    let retry = match options & 1 {
        0 => RetryPolicy::none(),
        _ if writes_files => RetryPolicy::new().base_delay(Duration::from_micros(1)).max_retry_after(Duration::ZERO),
        _ => RetryPolicy::new().seed(7),
    };
    let transfer_future = async {
        if transfer < 5 {
            ftpgrid(&transport, transfer, retry).await
        } else {
            brickftp(&transport, transfer, retry).await
        }
    };
    let (result, peak_bytes) =
        peak(|| if writes_files { run_in_real_time(transfer_future) } else { run(transfer_future) });
    assert_bounded(&format!("transfer {transfer}"), peak_bytes.saturating_sub(BUFFERS), transport.sent_bytes());
    match &result {
        Ok(Some(bytes)) => assert_received(bytes, &transport),
        Ok(None) => {}
        Err(error) => assert_valid_error(error, &transport.received_secrets()),
    }
    result.is_ok()
}

/// Asserts that every byte of a download was received for its position.
fn assert_received(bytes: &Bytes, transport: &ScriptedTransport) {
    let bodies: Vec<(usize, &ScriptedResponse)> =
        transport.responses().filter_map(|response| Some((position(response)?, response))).collect();
    for (position, byte) in bytes.iter().enumerate() {
        let was_received = bodies.iter().any(|(first, response)| {
            let index = position.checked_sub(*first);
            index.and_then(|index| response.body.get(index)) == Some(byte)
        });
        assert!(was_received, "byte {position} of {} was never received", bytes.len());
    }
}

/// Returns the position of a response body, as declared by its headers.
fn position(response: &ScriptedResponse) -> Option<usize> {
    if !response.status.is_success() || matches!(response.kind, BodyKind::Refuse | BodyKind::Break) {
        return None;
    }
    if response.status != StatusCode::PARTIAL_CONTENT {
        return Some(0);
    }
    let range = response.headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    range.trim().get(5..)?.trim().split('-').next()?.parse().ok()
}

async fn ftpgrid(transport: &ScriptedTransport, transfer: u8, retry: RetryPolicy) -> Result<Option<Bytes>, Error> {
    let builder = ftpgrid::Client::builder(ftpgrid::Authentication::keys(
        ftpgrid::AssociationKey::new("association"),
        ftpgrid::AccessKey::new("access"),
        ftpgrid::SecretKey::new(SECRET_KEY),
    ));
    let builder = builder.storage_url("https://web3.ftpgrid.com").initial_token(KEY).retry(retry);
    let client = builder.transport(transport.clone()).build().expect("a client");
    let storage = client.storage();
    let stream = match transfer {
        0 => storage.download("/a/b.txt").stream().await?,
        1 => storage.download_prepared(&"1".into()).stream().await?,
        2 => storage.download_many(["/a/b.txt", "/c.txt"]).stream().await?,
        3 => return storage.download("/a/b.txt").bytes(LIMIT).await.map(Some),
        _ => {
            let folder = Folder::new();
            let download = storage.download("/a/b.txt").sync(false).to_file(folder.target()).await;
            return folder.assert_file(download.map(|download| download.size));
        }
    };
    // Callers may use the name for a local file.
    let name = &stream.file().name;
    let stored = mft_common::transfer::local_path(Path::new("/srv/in"), name);
    assert!(stored.is_ok() && !name.contains('/'), "{name:?}");
    read_to_end(stream).await.map(Some)
}

async fn read_to_end<F: Send + Sync + 'static>(mut stream: ByteStream<F>) -> Result<Bytes, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.try_next().await? {
        bytes.extend_from_slice(&chunk);
        assert!(bytes.len() <= 4 * LIMIT, "endless stream");
    }
    assert_eq!(stream.received(), bytes.len() as u64);
    assert!(stream.size().is_none_or(|size| size == bytes.len() as u64), "{:?}", stream.size());
    Ok(bytes.into())
}

async fn brickftp(transport: &ScriptedTransport, transfer: u8, retry: RetryPolicy) -> Result<Option<Bytes>, Error> {
    let builder = brickftp::Client::builder("acme", brickftp::Authentication::api_key(KEY))
        .transport(transport.clone())
        .retry(retry);
    let client = builder.build().expect("a client");
    let (files, folders) = (client.files(), client.folders());
    match transfer {
        5..7 => files.download("in/a").bytes(LIMIT).await.map(Some),
        7..9 => read_to_end(files.download("in/a").stream().await?).await.map(Some),
        9 => {
            let folder = Folder::new();
            let request = files.download("in/a").sync(false).parallel(2).range_size(3);
            let download = request.to_file(folder.target()).await;
            folder.assert_file(download.map(|download| download.size))
        }
        10 => {
            let folder = Folder::new();
            let summary = folders.download_dir("in").to_dir(folder.root()).files(1).finish().await;
            let failed = summary.failed;
            folder.assert_nothing_outside();
            failed
                .into_iter()
                .find_map(|item| item.result.err())
                .filter(|error| error.operation().is_some())
                .map_or(Ok(None), Err)
        }
        11 => {
            // A stream of unknown size.
            let content = Chunks(vec![Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"cd"))]);
            files.upload("in/a", Source::stream(content, None)).await.map(|_| None).map_err(Into::into)
        }
        12 => {
            // Two parts, the second one with one byte.
            static CONTENT: [u8; MIN_PART + 1] = [b'a'; MIN_PART + 1];
            files
                .upload("in/a", Source::bytes(&CONTENT[..]))
                .part_size(MIN_PART as u64)
                .await
                .map(|_| None)
                .map_err(Into::into)
        }
        _ => files
            .upload("in/a", Source::bytes(&b"0123456789"[..]))
            .content_type("text/plain")
            .await
            .map(|_| None)
            .map_err(Into::into),
    }
}

struct Chunks(Vec<Result<Bytes, std::io::Error>>);

impl futures_core::Stream for Chunks {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.pop())
    }
}

/// A temporary folder for a download, inside a folder that must stay empty.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static OUTER: OnceLock<PathBuf> = OnceLock::new();
        let outer = OUTER.get_or_init(|| {
            let memory = Path::new("/dev/shm");
            let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
            base.join(format!("mft-fuzz-{}", std::process::id()))
        });
        let _ = fs::remove_dir_all(outer);
        fs::create_dir_all(outer.join("root")).expect("a folder");
        Self(outer.clone())
    }

    fn root(&self) -> PathBuf {
        self.0.join("root")
    }

    fn target(&self) -> PathBuf {
        self.root().join("target")
    }

    /// Asserts that a successful download left one file of its size, and a failed download left none.
    fn assert_file(&self, download: Result<u64, Error>) -> Result<Option<Bytes>, Error> {
        self.assert_nothing_outside();
        let content = fs::read(self.target()).ok();
        match download {
            Ok(size) => {
                let content = content.expect("the file exists");
                assert_eq!((content.len() as u64, names(&self.root())), (size, vec!["target".to_owned()]));
                Ok(Some(content.into()))
            }
            Err(error) => {
                assert!(content.is_none(), "a file exists despite {error}");
                Err(error)
            }
        }
    }

    fn assert_nothing_outside(&self) {
        assert_eq!(names(&self.0), ["root"]);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

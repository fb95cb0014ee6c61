//! Uploads and downloads of both services that move files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};
use mft_common::transfer::{ByteStream, Source};
use mft_common::{Error, RetryPolicy};

use crate::checks::{KEY, SECRET_KEY, assert_sound};
use crate::memory::{assert_bounded, peak};
use crate::server::{Ending, Reply, Server, replies};
use crate::{run, run_in_real_time};

/// No file is larger than this.
const LIMIT: usize = 64 * 1024;

/// No part but the last one may be smaller.
const MIN_PART: usize = 5 << 20;

/// What a transfer costs beside its replies: its buffers, of which each is 256 KiB.
const BUFFERS: usize = 4 << 20;

/// Performs one transfer against servers that give the replies of the input: its first two bytes are the transfer and
/// whether failures are repeated. Tells whether it succeeded.
///
/// # Panics
///
/// Where what must hold does not.
pub fn any(input: &[u8]) -> bool {
    let [transfer, options, text @ ..] = input else { return false };
    let replies = replies(text);
    let transfer = transfer % 16;
    let hosts: &[&str] = if transfer < 5 { &["api.ftpgrid.com", "web3.ftpgrid.com"] } else { &["acme.brickftp.com"] };
    let server = Server::new(replies, hosts);
    let writes_files = matches!(transfer, 4 | 9 | 10);
    let retry = match options & 1 {
        0 => RetryPolicy::none(),
        _ if writes_files => RetryPolicy::new().base_delay(Duration::from_micros(1)).max_retry_after(Duration::ZERO),
        _ => RetryPolicy::new().seed(7),
    };
    let moving = async {
        if transfer < 5 { ftpgrid(&server, transfer, retry).await } else { brickftp(&server, transfer, retry).await }
    };
    let (ended, most) = peak(|| if writes_files { run_in_real_time(moving) } else { run(moving) });
    assert_bounded(&format!("transfer {transfer}"), most.saturating_sub(BUFFERS), server.served());
    match &ended {
        Ok(Some(bytes)) => assert_came(bytes, &server),
        Ok(None) => {}
        Err(error) => assert_sound(error, &server.told()),
    }
    ended.is_ok()
}

/// Every byte of a download came in a reply that said that it holds this place.
fn assert_came(bytes: &Bytes, server: &Server) {
    let pieces: Vec<(usize, &Reply)> = server.given().filter_map(|reply| Some((place(reply)?, reply))).collect();
    for (place, byte) in bytes.iter().enumerate() {
        let came = pieces.iter().any(|(first, reply)| {
            let index = place.checked_sub(*first);
            index.and_then(|index| reply.body.get(index)) == Some(byte)
        });
        assert!(came, "byte {place} of {} never came", bytes.len());
    }
}

/// Where the body of a reply begins, as it says itself.
fn place(reply: &Reply) -> Option<usize> {
    if !reply.status.is_success() || matches!(reply.ending, Ending::Refuse | Ending::Break) {
        return None;
    }
    if reply.status != StatusCode::PARTIAL_CONTENT {
        return Some(0);
    }
    let said = reply.headers.get(header::CONTENT_RANGE)?.to_str().ok()?;
    said.trim().get(5..)?.trim().split('-').next()?.parse().ok()
}

async fn ftpgrid(server: &Server, transfer: u8, retry: RetryPolicy) -> Result<Option<Bytes>, Error> {
    let builder = ftpgrid::Client::builder(ftpgrid::Authentication::keys(
        ftpgrid::AssociationKey::new("association"),
        ftpgrid::AccessKey::new("access"),
        ftpgrid::SecretKey::new(SECRET_KEY),
    ));
    let builder = builder.storage_url("https://web3.ftpgrid.com").initial_token(KEY).retry(retry);
    let client = builder.transport(server.clone()).build().expect("a client");
    let storage = client.storage();
    let stream = match transfer {
        0 => storage.download("/a/b.txt").stream().await?,
        1 => storage.download_prepared(&"1".into()).stream().await?,
        2 => storage.download_many(["/a/b.txt", "/c.txt"]).stream().await?,
        3 => return storage.download("/a/b.txt").bytes(LIMIT).await.map(Some),
        _ => {
            let folder = Folder::new();
            let done = storage.download("/a/b.txt").sync(false).to_file(folder.target()).await;
            return folder.holds_file(done.map(|done| done.size));
        }
    };
    // Somebody may store the file under this name.
    let name = &stream.file().name;
    let stored = mft_common::transfer::local_path(Path::new("/srv/in"), name);
    assert!(stored.is_ok() && !name.contains('/'), "{name:?}");
    collected(stream).await.map(Some)
}

async fn collected<F: Send + Sync + 'static>(mut stream: ByteStream<F>) -> Result<Bytes, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.try_next().await? {
        bytes.extend_from_slice(&chunk);
        assert!(bytes.len() <= 4 * LIMIT, "it goes on and on");
    }
    assert_eq!(stream.received(), bytes.len() as u64);
    assert!(stream.size().is_none_or(|size| size == bytes.len() as u64), "{:?}", stream.size());
    Ok(bytes.into())
}

async fn brickftp(server: &Server, transfer: u8, retry: RetryPolicy) -> Result<Option<Bytes>, Error> {
    let builder = brickftp::Client::builder("acme", brickftp::Authentication::api_key(KEY))
        .transport(server.clone())
        .retry(retry);
    let client = builder.build().expect("a client");
    let (files, folders) = (client.files(), client.folders());
    match transfer {
        5..7 => files.download("in/a").bytes(LIMIT).await.map(Some),
        7..9 => collected(files.download("in/a").stream().await?).await.map(Some),
        9 => {
            let folder = Folder::new();
            let request = files.download("in/a").sync(false).parallel(2).range_size(3);
            let done = request.to_file(folder.target()).await;
            folder.holds_file(done.map(|done| done.size))
        }
        10 => {
            let folder = Folder::new();
            let (_, failed) = folders.download_dir("in", folder.root()).files(1).finish().await;
            folder.holds_nothing_elsewhere();
            failed
                .into_iter()
                .find_map(|item| item.result.err())
                .filter(|error| error.operation().is_some())
                .map_or(Ok(None), Err)
        }
        11 => {
            // Without a size that is known before.
            let content = Pieces(vec![Ok(Bytes::from_static(b"ab")), Ok(Bytes::from_static(b"cd"))]);
            files.upload("in/a", Source::stream(content, None)).await.map(|_| None)
        }
        12 => {
            // Of two parts, the second one of a byte.
            static CONTENT: [u8; MIN_PART + 1] = [b'a'; MIN_PART + 1];
            files.upload("in/a", Source::bytes(&CONTENT[..])).part_size(MIN_PART as u64).await.map(|_| None)
        }
        _ => files.upload("in/a", Source::bytes(&b"0123456789"[..])).content_type("text/plain").await.map(|_| None),
    }
}

struct Pieces(Vec<Result<Bytes, std::io::Error>>);

impl futures_core::Stream for Pieces {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.pop())
    }
}

/// A folder in memory that a download goes to, and one around it into which nothing may get.
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

    /// A download that succeeded has left a file of its size and nothing else, one that failed has left none.
    fn holds_file(&self, done: Result<u64, Error>) -> Result<Option<Bytes>, Error> {
        self.holds_nothing_elsewhere();
        let content = fs::read(self.target()).ok();
        match done {
            Ok(size) => {
                let content = content.expect("the file is there");
                assert_eq!((content.len() as u64, names(&self.root())), (size, vec!["target".to_owned()]));
                Ok(Some(content.into()))
            }
            Err(error) => {
                assert!(content.is_none(), "a file is there in spite of {error}");
                Err(error)
            }
        }
    }

    fn holds_nothing_elsewhere(&self) {
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

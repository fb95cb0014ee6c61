//! Responses and connection failures during a form upload.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ftpgrid::{Client, ErrorKind, Outcome};
use mft_simulator::Fault;
use mft_tests::runtime::wait_until;
use mft_tests::transfer::{MIB, SourceKind, content, file_names_in};
use mft_tests::{ClientOptions, Ftpgrid, Provider};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

const UPLOAD: &str = "ftpgrid.storage.upload";
/// Much larger than the buffers of a connection.
const SIZE: usize = 48 * MIB;

const MESSAGE: &str = "The upload is too large";

fn rejection() -> String {
    let body = format!("{{\"error\":\"{MESSAGE}\"}}");
    let head = "HTTP/1.1 413 Payload Too Large\r\ncontent-type: application/json\r\nconnection: close";
    format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// The reaction of a server that has received part of a form.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Server {
    /// Rejects the form and reads the remaining data.
    RejectAndRead,
    /// Rejects the form, and neither reads nor closes the connection.
    RejectAndWait,
    /// Rejects the form and closes immediately. The unread data resets the connection, sometimes before the client
    /// reads the response.
    RejectAndClose,
    /// Closes without a response, which resets the connection.
    Close,
}

impl Server {
    /// Starts the server and returns its address.
    async fn start(self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(self.serve(connection));
            }
        });
        address
    }

    async fn serve(self, mut connection: TcpStream) {
        let mut buffer = vec![0; MIB];
        let mut read = 0;
        while read < MIB {
            match connection.read(&mut buffer).await {
                Ok(more @ 1..) => read += more,
                _ => return,
            }
        }
        if self != Self::Close {
            let _ = connection.write_all(rejection().as_bytes()).await;
        }
        match self {
            Self::RejectAndRead => while let Ok(1..) = connection.read(&mut buffer).await {},
            Self::RejectAndWait => tokio::time::sleep(Duration::from_secs(30)).await,
            Self::RejectAndClose | Self::Close => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn early_rejection_of_a_large_form_is_reported() {
    let folder = TempDir::new().unwrap();
    let content = content(SIZE);
    for server in [Server::RejectAndRead, Server::RejectAndWait, Server::RejectAndClose, Server::Close] {
        for source_kind in [SourceKind::File, SourceKind::KnownSize, SourceKind::UnknownSize] {
            let case = format!("{server:?}, {source_kind:?}");
            let provider = Ftpgrid::start().await;
            let address = server.start().await;
            let builder = provider.builder(ClientOptions::default()).storage_url(format!("http://{address}"));
            let client = builder.build().unwrap();
            let started = Instant::now();
            let upload = client.storage().upload("/t/up.bin", source_kind.source_in(folder.path(), &content));
            let error = upload.await.expect_err(&case);
            assert!(started.elapsed() < Duration::from_secs(9), "{case}: {:?}", started.elapsed());
            assert_eq!(error.operation(), Some(UPLOAD), "{case}: {error}");
            let attempts = error.attempts();
            let refused = error.kind() == ErrorKind::Rejected;
            if refused {
                assert_eq!(error.status().map(|status| status.as_u16()), Some(413), "{case}: {error}");
                assert_eq!(error.message(), Some(MESSAGE), "{case}");
                assert!(attempts == 1 || server == Server::RejectAndClose, "{case}: {error}");
            } else {
                let tries = if source_kind == SourceKind::File { 3 } else { 1 };
                assert_eq!((error.kind(), attempts), (ErrorKind::Interrupted, tries), "{case}: {error}");
            }
            // An interrupted attempt may have been stored, even if a later attempt is rejected.
            let failure = if refused && attempts == 1 { Outcome::NotDone } else { Outcome::Unknown };
            assert_eq!(error.outcome(), failure, "{case}: {error}");
            match server {
                Server::RejectAndRead | Server::RejectAndWait => assert!(refused, "{case}: {error}"),
                Server::Close => assert!(!refused, "{case}: {error}"),
                Server::RejectAndClose => {}
            }
            assert_eq!(Ftpgrid::free_permits(&client), 64, "{case}");
        }
    }
}

async fn send(client: &Client, source_kind: SourceKind, folder: &TempDir, size: usize) -> ftpgrid::Result<()> {
    let source = source_kind.source_in(folder.path(), &content(size));
    client.storage().upload("/t/up.bin", source).response_timeout(Duration::from_millis(500)).await
}

/// A single attempt is interrupted, and the next one would succeed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn interrupted_form_is_retried_or_reported_accurately() {
    let folder = TempDir::new().unwrap();
    let size = 12 * MIB;
    for (name, fault, kind, outcome, retried) in [
        ("401", Fault::unauthorized(), ErrorKind::Auth, Outcome::NotDone, true),
        ("403", Fault::status(403), ErrorKind::PermissionDenied, Outcome::NotDone, false),
        ("429", Fault::status(429).retry_after(0), ErrorKind::RateLimited, Outcome::NotDone, true),
        ("503", Fault::status(503), ErrorKind::Server, Outcome::Unknown, true),
        ("reset", Fault::reset(), ErrorKind::Interrupted, Outcome::Unknown, true),
        ("silence", Fault::stall(), ErrorKind::Timeout, Outcome::Unknown, true),
    ] {
        for source_kind in [SourceKind::File, SourceKind::Seekable, SourceKind::UnknownSize] {
            let case = format!("{name}, {source_kind:?}");
            let provider = Ftpgrid::start().await;
            provider.faults().push(fault.clone().during_request(1 << 20).on(UPLOAD).once());
            let client = provider.client(ClientOptions::short_timeouts());
            let result = send(&client, source_kind, &folder, size).await;
            let stored = provider.simulator.state().content("/t/up.bin");
            if retried && source_kind != SourceKind::UnknownSize {
                result.unwrap_or_else(|error| panic!("{case}: {error}"));
                assert!(stored.as_deref() == Some(&*content(size)), "{case}: wrong content");
                assert_eq!(provider.simulator.count(UPLOAD), 2, "{case}");
                continue;
            }
            let error = result.expect_err(&case);
            // The client may read the response, or only see that the server closes the connection.
            let broke = (ErrorKind::Interrupted, Outcome::Unknown);
            let failure = (error.kind(), error.outcome());
            assert!(failure == (kind, outcome) || failure == broke, "{case}: {error} {failure:?}");
            assert_eq!((stored, provider.simulator.count(UPLOAD)), (None, 1), "{case}");
        }
    }
}

/// Counts the tasks of the whole runtime, so the test needs its own runtime.
#[tokio::test]
async fn dropped_transfers_release_all_resources() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let folder = TempDir::new().unwrap();
    let provider = Ftpgrid::start().await;
    provider.simulator.state().add_pattern_file("/t/down.bin", 64 << 20, 7);
    provider.faults().push(Fault::slow_request(256 << 10, Duration::from_millis(2)).on(UPLOAD));
    provider.faults().push(Fault::drip(64 << 10, Duration::from_millis(2)).on("ftpgrid.storage.download_single"));
    let client = provider.client(ClientOptions::default());
    for source_kind in [SourceKind::Bytes, SourceKind::UnknownSize] {
        for millis in [0, 1, 2, 4, 8, 16, 32] {
            let source = source_kind.source_in(folder.path(), &content(SIZE));
            let upload = client.storage().upload("/t/up.bin", source).start();
            let download = client.storage().download("/t/down.bin").to_file(folder.path().join("down.bin"));
            let stream = tokio::time::timeout(Duration::from_millis(millis), async {
                let mut stream = client.storage().download("/t/down.bin").stream().await.unwrap();
                while stream.try_next().await.unwrap().is_some() {}
            });
            assert!(stream.await.is_err(), "the download finished within {millis} ms");
            drop((upload, download));
            let idle = || Ftpgrid::free_permits(&client) == 64 && file_names_in(folder.path()).is_empty();
            assert!(wait_until(Duration::from_secs(5), idle).await, "{millis} ms: {:?}", file_names_in(folder.path()));
        }
    }
    drop(client);
    let released = wait_until(Duration::from_secs(5), || alive() == before).await;
    assert!(released, "{} tasks outlive the client, {before} existed before", alive());
    assert_eq!(provider.simulator.state().content("/t/up.bin"), None);
}

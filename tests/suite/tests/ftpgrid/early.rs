//! Answers that come while a form is still being sent, and connections that end there.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ftpgrid::{Client, ErrorKind, Outcome};
use mft_simulator::Fault;
use mft_tests::support::eventually;
use mft_tests::transfer::{From, MIB, content, names_in};
use mft_tests::{Ftpgrid, Provider, Tweaks};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

const UPLOAD: &str = "ftpgrid.storage.upload";
/// Far more than the buffers of a connection hold.
const SIZE: usize = 48 * MIB;

const WORDS: &str = "The upload is too large";

fn refusal() -> String {
    let body = format!("{{\"error\":\"{WORDS}\"}}");
    let head = "HTTP/1.1 413 Payload Too Large\r\ncontent-type: application/json\r\nconnection: close";
    format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// What a server does with a form of which it has read some.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Server {
    /// Refuses, and reads what else comes.
    ReadsOn,
    /// Refuses, and neither reads on nor closes.
    Waits,
    /// Refuses and closes at once: what it has not read resets the connection, at times before the refusal is read.
    Closes,
    /// Closes without a word, which resets the connection.
    Resets,
}

impl Server {
    /// Where it listens.
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
        if self != Self::Resets {
            let _ = connection.write_all(refusal().as_bytes()).await;
        }
        match self {
            Self::ReadsOn => while let Ok(1..) = connection.read(&mut buffer).await {},
            Self::Waits => tokio::time::sleep(Duration::from_secs(30)).await,
            Self::Closes | Self::Resets => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_amid_a_large_form_is_told_in_the_services_words_and_a_reset_as_a_doubt() {
    let folder = TempDir::new().unwrap();
    let content = content(SIZE);
    for server in [Server::ReadsOn, Server::Waits, Server::Closes, Server::Resets] {
        for from in [From::File, From::Sized, From::Unsized] {
            let case = format!("{server:?}, {from:?}");
            let provider = Ftpgrid::start().await;
            let address = server.start().await;
            let builder = provider.builder(Tweaks::default()).storage_url(format!("http://{address}"));
            let client = builder.build().unwrap();
            let started = Instant::now();
            let upload = client.storage().upload("/t/up.bin", from.source_in(folder.path(), &content));
            let error = upload.await.expect_err(&case);
            assert!(started.elapsed() < Duration::from_secs(9), "{case}: {:?}", started.elapsed());
            assert_eq!(error.operation(), Some(UPLOAD), "{case}: {error}");
            let attempts = error.attempts();
            let refused = error.kind() == ErrorKind::Rejected;
            if refused {
                assert_eq!(error.status().map(|status| status.as_u16()), Some(413), "{case}: {error}");
                assert_eq!(error.message(), Some(WORDS), "{case}");
                assert!(attempts == 1 || server == Server::Closes, "{case}: {error}");
            } else {
                let tries = if from == From::File { 3 } else { 1 };
                assert_eq!((error.kind(), attempts), (ErrorKind::Interrupted, tries), "{case}: {error}");
            }
            // What was cut off before may have been stored, whatever a later attempt is told.
            let told = if refused && attempts == 1 { Outcome::NotDone } else { Outcome::Unknown };
            assert_eq!(error.outcome(), told, "{case}: {error}");
            match server {
                Server::ReadsOn | Server::Waits => assert!(refused, "{case}: {error}"),
                Server::Resets => assert!(!refused, "{case}: {error}"),
                Server::Closes => {}
            }
            assert_eq!(Ftpgrid::free_permits(&client), 64, "{case}");
        }
    }
}

async fn send(client: &Client, from: From, folder: &TempDir, size: usize) -> ftpgrid::Result<()> {
    let source = from.source_in(folder.path(), &content(size));
    client.storage().upload("/t/up.bin", source).response_timeout(Duration::from_millis(500)).await
}

/// The same where it is one attempt that ends so, and the next one would not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_cut_off_on_its_way_is_begun_again_or_tells_the_truth() {
    let folder = TempDir::new().unwrap();
    let size = 12 * MIB;
    for (name, fault, kind, outcome, again) in [
        ("401", Fault::unauthorized(), ErrorKind::Auth, Outcome::NotDone, true),
        ("403", Fault::status(403), ErrorKind::PermissionDenied, Outcome::NotDone, false),
        ("429", Fault::status(429).retry_after(0), ErrorKind::RateLimited, Outcome::NotDone, true),
        ("503", Fault::status(503), ErrorKind::Server, Outcome::Unknown, true),
        ("reset", Fault::reset(), ErrorKind::Interrupted, Outcome::Unknown, true),
        ("silence", Fault::stall(), ErrorKind::Timeout, Outcome::Unknown, true),
    ] {
        for from in [From::File, From::Reopened, From::Unsized] {
            let case = format!("{name}, {from:?}");
            let provider = Ftpgrid::start().await;
            provider.faults().push(fault.clone().during_request(1 << 20).on(UPLOAD).once());
            let client = provider.client(Tweaks::impatient());
            let result = send(&client, from, &folder, size).await;
            let stored = provider.simulator.state().content("/t/up.bin");
            if again && from != From::Unsized {
                result.unwrap_or_else(|error| panic!("{case}: {error}"));
                assert!(stored.as_deref() == Some(&*content(size)), "{case}: other bytes");
                assert_eq!(provider.simulator.count(UPLOAD), 2, "{case}");
                continue;
            }
            let error = result.expect_err(&case);
            // A server that is done with a form may be heard, or only be seen closing the connection.
            let broke = (ErrorKind::Interrupted, Outcome::Unknown);
            let told = (error.kind(), error.outcome());
            assert!(told == (kind, outcome) || told == broke, "{case}: {error} {told:?}");
            assert_eq!((stored, provider.simulator.count(UPLOAD)), (None, 1), "{case}");
        }
    }
}

/// Counts the tasks of the whole runtime, so it must not share it.
#[tokio::test]
async fn a_transfer_that_is_dropped_anywhere_leaves_no_task_no_permit_and_no_file() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let folder = TempDir::new().unwrap();
    let provider = Ftpgrid::start().await;
    provider.simulator.state().add_pattern_file("/t/down.bin", 64 << 20, 7);
    provider.faults().push(Fault::slow_request(256 << 10, Duration::from_millis(2)).on(UPLOAD));
    provider.faults().push(Fault::drip(64 << 10, Duration::from_millis(2)).on("ftpgrid.storage.download_single"));
    let client = provider.client(Tweaks::default());
    for from in [From::Bytes, From::Unsized] {
        for millis in [0, 1, 2, 4, 8, 16, 32] {
            let source = from.source_in(folder.path(), &content(SIZE));
            let upload = client.storage().upload("/t/up.bin", source).start();
            let download = client.storage().download("/t/down.bin").to_file(folder.path().join("down.bin"));
            let stream = tokio::time::timeout(Duration::from_millis(millis), async {
                let mut stream = client.storage().download("/t/down.bin").stream().await.unwrap();
                while stream.try_next().await.unwrap().is_some() {}
            });
            assert!(stream.await.is_err(), "{millis} ms are not enough for it");
            drop((upload, download));
            let idle = || Ftpgrid::free_permits(&client) == 64 && names_in(folder.path()).is_empty();
            assert!(eventually(Duration::from_secs(5), idle).await, "{millis} ms: {:?}", names_in(folder.path()));
        }
    }
    drop(client);
    let gone = eventually(Duration::from_secs(5), || alive() == before).await;
    assert!(gone, "{} tasks outlive the client, {before} were there before it", alive());
    assert_eq!(provider.simulator.state().content("/t/up.bin"), None);
}

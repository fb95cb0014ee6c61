//! Runtime, listeners, waiting, and awkward texts.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// Texts that URL libraries, servers and JSON writers are known to stumble over.
pub const AWKWARD: &[&str] = &[
    "a b",
    "100%",
    "%2e%2e",
    "%2F",
    "a?b=c",
    "a#b",
    "a+b",
    "a;b",
    "a//b",
    "/a",
    "a/",
    "../users",
    "a/../b",
    ".json",
    "...",
    "{credential_id}",
    "{}",
    "'",
    "\"",
    "\\",
    "\\..\\",
    "<&>",
    "ü",
    "é\u{301}",
    "日本",
    "🗝\u{fe0f}",
    "\u{202e}x",
    "a:b",
    "a@b",
    "~",
    "!$&'()*,;=",
    "|",
    "^`",
    "\u{7f}",
    "\u{feff}",
    "null",
    "0",
    "-1",
    " ",
    " a ",
];

/// Runs work on the runtime of the simulators, which no test's runtime has to share.
pub async fn on_server<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    server().spawn(work).await.expect("the work on the server's side does not panic")
}

fn server() -> &'static Runtime {
    static SERVER: OnceLock<Runtime> = OnceLock::new();
    SERVER.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(2).enable_all().build().expect("a runtime for the simulators")
    })
}

/// Waits until something is so, and says whether it came about in time.
pub async fn eventually(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !is_so() {
        if Instant::now() > end {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    true
}

/// A port to which nothing may ever be sent. It takes connections and notes what comes.
#[derive(Debug)]
pub struct Trap {
    address: SocketAddr,
    caught: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl Trap {
    /// Opens the port.
    pub async fn open() -> Self {
        let caught = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&caught);
        let (listener, address) = on_server(listen("127.0.0.1:0")).await;
        let accepting = server().spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let read = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut head)).await;
                let read = read.ok().and_then(Result::ok).unwrap_or_default();
                let text = String::from_utf8_lossy(&head[..read]).into_owned();
                notes.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            }
        });
        Self { address, caught, accepting }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What came, connection by connection.
    #[must_use]
    pub fn caught(&self) -> Vec<String> {
        self.caught.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// An address that refuses connections until it is opened, and then leads to another one.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl Gate {
    /// A closed gate. It has a loopback address of its own, where no other test takes the port meanwhile.
    pub async fn closed() -> Self {
        let (listener, address) = on_server(listen("127.0.0.77:0")).await;
        drop(listener);
        Self { address, accepting: None }
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets connections through from now on.
    pub async fn open(&mut self, target: SocketAddr) {
        let address = self.address.to_string();
        let (listener, _) = on_server(async move { listen(&address).await }).await;
        self.accepting = Some(server().spawn(async move {
            while let Ok((mut inside, _)) = listener.accept().await {
                tokio::spawn(async move {
                    if let Ok(mut outside) = TcpStream::connect(target).await {
                        let _ = tokio::io::copy_bidirectional(&mut inside, &mut outside).await;
                    }
                });
            }
        }));
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if let Some(accepting) = &self.accepting {
            accepting.abort();
        }
    }
}

async fn listen(address: &str) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(address).await.expect("a free port");
    let address = listener.local_addr().expect("a bound socket has an address");
    (listener, address)
}

/// The memory that the process holds, in bytes; `None` where the system does not tell.
#[must_use]
pub fn resident_memory() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

//! Listeners for tests: a server that must receive nothing, and a proxy that can be closed.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::runtime::{on_simulator_runtime, server};

/// A server that must receive no connection. It accepts connections and records the data that it receives.
#[derive(Debug)]
pub struct Honeypot {
    address: SocketAddr,
    received: Arc<Mutex<Vec<String>>>,
    accepting: JoinHandle<()>,
}

impl Honeypot {
    /// Opens the port.
    pub async fn open() -> Self {
        let received = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&received);
        let (listener, address) = on_simulator_runtime(listen("127.0.0.1:0")).await;
        let accepting = server().spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = [0; 4096];
                let read = tokio::time::timeout(Duration::from_millis(200), stream.read(&mut head)).await;
                let read = read.ok().and_then(Result::ok).unwrap_or_default();
                let text = String::from_utf8_lossy(&head[..read]).into_owned();
                sink.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            }
        });
        Self { address, received, accepting }
    }

    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the received data, one entry per connection.
    #[must_use]
    pub fn received(&self) -> Vec<String> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Honeypot {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// An address that refuses connections until it is opened. It then forwards connections to a target.
#[derive(Debug)]
pub struct GatedProxy {
    address: SocketAddr,
    accepting: Option<JoinHandle<()>>,
}

impl GatedProxy {
    /// Creates a closed proxy. It has its own loopback address, so that no other test takes the port in the meantime.
    pub async fn closed() -> Self {
        let (listener, address) = on_simulator_runtime(listen("127.0.0.77:0")).await;
        drop(listener);
        Self { address, accepting: None }
    }

    /// Returns the address of the proxy.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Starts to accept and forward connections.
    pub async fn open(&mut self, target: SocketAddr) {
        let address = self.address.to_string();
        let (listener, _) = on_simulator_runtime(async move { listen(&address).await }).await;
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

impl Drop for GatedProxy {
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

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::connection;
use super::socket::Stream;
use crate::StartError;
use crate::server::{Engine, Service};

/// The transport security of connections.
#[derive(Clone)]
pub(crate) enum Security {
    Plain,
    #[cfg(feature = "tls")]
    Tls(tokio_rustls::TlsAcceptor),
}

impl Security {
    /// Opens a port for a service.
    pub(crate) async fn listen(
        &self,
        address: SocketAddr,
        engine: &Arc<Engine>,
        service: Arc<dyn Service>,
    ) -> Result<Listener, StartError> {
        let listener = Listener::bind(address, self.clone(), Arc::clone(engine), service).await;
        listener.map_err(|source| StartError::Listen { address, source })
    }
}

/// An open port of a simulator. Dropping it closes the port and every connection.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

/// How long a graceful shutdown waits for exchanges in progress.
const GRACE: Duration = Duration::from_secs(2);

impl Listener {
    async fn bind(
        address: SocketAddr,
        security: Security,
        engine: Arc<Engine>,
        service: Arc<dyn Service>,
    ) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let accepting = tokio::spawn(accept(socket, security, engine, service, stopped));
        Ok(Self { address, stop, accepting })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting connections, waits briefly for exchanges in progress, then closes the remaining connections.
    pub(crate) async fn shutdown(&mut self) {
        self.stop.send_replace(true);
        let _ = tokio::time::timeout(GRACE, &mut self.accepting).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The task owns the connections, so aborting it closes them.
        self.accepting.abort();
    }
}

async fn accept(
    socket: TcpListener,
    security: Security,
    engine: Arc<Engine>,
    service: Arc<dyn Service>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = socket.accept() => accepted,
            () = connection::stop_requested(&mut stopped) => break,
        };
        while connections.try_join_next().is_some() {}
        // A failed accept affects one connection, or succeeds once file descriptors are available.
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let number = engine.journal.next_connection();
        let (engine, service) = (Arc::clone(&engine), Arc::clone(&service));
        let (security, stopped) = (security.clone(), stopped.clone());
        connections.spawn(async move {
            if let Some(stream) = secure(stream, &security).await {
                connection::serve(stream, engine, service, number, stopped).await;
            }
        });
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}

fn secure(stream: TcpStream, security: &Security) -> impl Future<Output = Option<Stream>> + Send {
    // Responses are written in one write, or in deliberate chunks. Nagle's algorithm would delay both.
    let _ = stream.set_nodelay(true);
    async move {
        match security {
            Security::Plain => Some(Stream::Plain(stream)),
            #[cfg(feature = "tls")]
            Security::Tls(acceptor) => {
                let stream = acceptor.accept(stream).await.ok()?;
                Some(Stream::Tls(Box::new(stream)))
            }
        }
    }
}

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::lock;

/// An accepted connection, shared by hyper and the task that may take it over.
///
/// hyper sends only valid HTTP. Faults such as a truncated body or a reset need the socket itself. Both sides never use
/// it at the same time, because the task waits until hyper has released it.
#[derive(Clone, Debug)]
pub(crate) struct Socket(Arc<Mutex<Stream>>);

#[derive(Debug)]
pub(crate) enum Stream {
    Plain(TcpStream),
    #[cfg(feature = "tls")]
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

impl Socket {
    pub(crate) fn new(stream: Stream) -> Self {
        Self(Arc::new(Mutex::new(stream)))
    }

    /// Makes the kernel send RST instead of FIN when the socket is closed.
    pub(crate) fn reset_on_close(&self) {
        let stream = lock(&self.0);
        #[allow(clippy::infallible_destructuring_match)] // only without TLS
        let socket = match &*stream {
            Stream::Plain(socket) => socket,
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => stream.get_ref().0,
        };
        // tokio warns that closing may block for the linger time, which is zero here.
        #[allow(deprecated)]
        let _ = socket.set_linger(Some(Duration::ZERO));
    }

    fn poll<T>(&self, with: impl FnOnce(Pin<&mut dyn ReadWrite>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &mut *lock(&self.0) {
            Stream::Plain(socket) => with(Pin::new(socket)),
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => with(Pin::new(&mut **stream)),
        }
    }
}

trait ReadWrite: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> ReadWrite for T {}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write_vectored(cx, bufs))
    }

    /// Lets hyper skip copying bodies into its own buffer.
    fn is_write_vectored(&self) -> bool {
        match &*lock(&self.0) {
            Stream::Plain(socket) => socket.is_write_vectored(),
            #[cfg(feature = "tls")]
            Stream::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_shutdown(cx))
    }
}

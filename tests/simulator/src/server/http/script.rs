use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use super::response_body::ResponseBody;
use super::socket::Socket;

/// The rest of a connection that was taken over from hyper: what to write, then how to end it.
#[derive(Debug)]
pub(crate) struct ConnectionScript {
    pub(crate) steps: Vec<WriteStep>,
    pub(crate) end: ConnectionEnd,
}

#[derive(Debug)]
pub(crate) enum WriteStep {
    Bytes(Bytes),
    /// This many spaces; endless spaces if `None`.
    Spaces(Option<u64>),
    Body(ResponseBody),
    /// The body in chunked encoding, without the last chunk.
    Chunks(ResponseBody),
    Drip {
        body: ResponseBody,
        size: usize,
        interval: Duration,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum ConnectionEnd {
    /// FIN, after the `close_notify` of TLS.
    Close,
    /// FIN without `close_notify`, as after a crash.
    Abort,
    Reset,
    /// No response and no end. Waits until the client gives up.
    Hang,
    /// Like `Hang`, and stops reading the request.
    StopReading,
}

/// Lets the client read the written bytes. A reset discards data in flight.
const BEFORE_RESET: Duration = Duration::from_millis(20);

impl ConnectionScript {
    pub(crate) fn end(end: ConnectionEnd) -> Self {
        Self { steps: Vec::new(), end }
    }

    pub(crate) async fn run(self, mut socket: Socket) {
        let wrote = !self.steps.is_empty();
        for step in self.steps {
            // An error means that the client closed the connection, a valid reaction to a fault.
            if step.write(&mut socket).await.is_err() {
                return;
            }
        }
        match self.end {
            ConnectionEnd::Close => {
                let _ = socket.shutdown().await;
                drain(&mut socket).await;
            }
            ConnectionEnd::Abort => {}
            ConnectionEnd::Reset => {
                if wrote {
                    sleep(BEFORE_RESET).await;
                }
                socket.reset_on_close();
            }
            ConnectionEnd::Hang => while matches!(socket.read(&mut [0; 1024]).await, Ok(read) if read > 0) {},
            // The client's FIN stays behind its unread bytes, so only the listener ends this.
            ConnectionEnd::StopReading => std::future::pending().await,
        }
    }
}

/// How long the rest of a request is read.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads the rest of the request. Closing a socket with unread bytes would reset the connection.
async fn drain(socket: &mut Socket) {
    let remaining = async {
        let mut block = vec![0; 64 * 1024];
        let pause = Duration::from_millis(500);
        while matches!(timeout(pause, socket.read(&mut block)).await, Ok(Ok(read)) if read > 0) {}
    };
    let _ = timeout(DRAIN_TIMEOUT, remaining).await;
}

impl WriteStep {
    async fn write(self, socket: &mut Socket) -> io::Result<()> {
        match self {
            Self::Bytes(bytes) => socket.write_all(&bytes).await?,
            Self::Spaces(count) => write_spaces(socket, count).await?,
            Self::Body(mut body) => {
                while let Some(bytes) = body.next().await? {
                    socket.write_all(&bytes).await?;
                }
            }
            Self::Chunks(mut body) => {
                while let Some(bytes) = body.next().await? {
                    socket.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await?;
                    socket.write_all(&bytes).await?;
                    socket.write_all(b"\r\n").await?;
                }
            }
            Self::Drip { mut body, size, interval } => {
                while let Some(bytes) = body.next().await? {
                    for chunk in bytes.chunks(size.max(1)) {
                        sleep(interval).await;
                        socket.write_all(chunk).await?;
                        socket.flush().await?;
                    }
                }
            }
        }
        socket.flush().await
    }
}

static SPACES: [u8; 16 * 1024] = [b' '; 16 * 1024];

async fn write_spaces(socket: &mut Socket, count: Option<u64>) -> io::Result<()> {
    let mut remaining = count.unwrap_or(u64::MAX);
    while remaining > 0 {
        let size = usize::try_from(remaining).unwrap_or(usize::MAX).min(SPACES.len());
        socket.write_all(&SPACES[..size]).await?;
        remaining -= size as u64;
    }
    Ok(())
}

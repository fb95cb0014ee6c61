use std::io;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use super::response_body::ResponseBody;
use super::wire::Wire;

/// What to do with a connection that was taken from hyper: bytes to write, then how to end.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) steps: Vec<Step>,
    pub(crate) end: End,
}

#[derive(Debug)]
pub(crate) enum Step {
    Write(Bytes),
    /// So many spaces, or spaces without end.
    Spaces(Option<u64>),
    Send(ResponseBody),
    /// The same in chunks, without the one that would end it.
    Chunks(ResponseBody),
    Drip {
        body: ResponseBody,
        size: usize,
        interval: Duration,
    },
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// An orderly end: FIN, and the farewell of TLS before it.
    Close,
    /// FIN without a farewell, as after a crash.
    Cut,
    Reset,
    /// Neither an answer nor an end; waits until the other side gives up.
    Hang,
    /// Nor does it read what the other side still writes.
    Freeze,
}

/// Enough for the peer to read what was written before a reset throws away what is still on its way.
const BEFORE_RESET: Duration = Duration::from_millis(20);

impl Script {
    pub(crate) fn end(end: End) -> Self {
        Self { steps: Vec::new(), end }
    }

    pub(crate) async fn perform(self, mut wire: Wire) {
        let wrote = !self.steps.is_empty();
        for step in self.steps {
            if step.perform(&mut wire).await.is_err() {
                // The peer has left, which is a legitimate answer to a fault.
                return;
            }
        }
        match self.end {
            End::Close => {
                let _ = wire.shutdown().await;
                drain(&mut wire).await;
            }
            End::Cut => {}
            End::Reset => {
                if wrote {
                    sleep(BEFORE_RESET).await;
                }
                wire.reset_on_close();
            }
            End::Hang => while matches!(wire.read(&mut [0; 1024]).await, Ok(read) if read > 0) {},
            // Nobody tells that the other side has left while its bytes lie unread; the listener ends this at last.
            End::Freeze => std::future::pending().await,
        }
    }
}

/// How long a caller who does not stop writing is listened to.
const LINGER: Duration = Duration::from_secs(5);

/// Reads on for a moment: closing a socket with unread bytes would turn the orderly end into a reset.
async fn drain(wire: &mut Wire) {
    let rest = async {
        let mut block = vec![0; 64 * 1024];
        let pause = Duration::from_millis(500);
        while matches!(timeout(pause, wire.read(&mut block)).await, Ok(Ok(read)) if read > 0) {}
    };
    let _ = timeout(LINGER, rest).await;
}

impl Step {
    async fn perform(self, wire: &mut Wire) -> io::Result<()> {
        match self {
            Self::Write(bytes) => wire.write_all(&bytes).await?,
            Self::Spaces(count) => write_spaces(wire, count).await?,
            Self::Send(mut body) => {
                while let Some(bytes) = body.next().await? {
                    wire.write_all(&bytes).await?;
                }
            }
            Self::Chunks(mut body) => {
                while let Some(bytes) = body.next().await? {
                    wire.write_all(format!("{:x}\r\n", bytes.len()).as_bytes()).await?;
                    wire.write_all(&bytes).await?;
                    wire.write_all(b"\r\n").await?;
                }
            }
            Self::Drip { mut body, size, interval } => {
                while let Some(bytes) = body.next().await? {
                    for piece in bytes.chunks(size.max(1)) {
                        sleep(interval).await;
                        wire.write_all(piece).await?;
                        wire.flush().await?;
                    }
                }
            }
        }
        wire.flush().await
    }
}

static SPACES: [u8; 16 * 1024] = [b' '; 16 * 1024];

async fn write_spaces(wire: &mut Wire, count: Option<u64>) -> io::Result<()> {
    let mut left = count.unwrap_or(u64::MAX);
    while left > 0 {
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(SPACES.len());
        wire.write_all(&SPACES[..size]).await?;
        left -= size as u64;
    }
    Ok(())
}

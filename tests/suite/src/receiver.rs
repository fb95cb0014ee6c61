//! A receiver of webhooks that keeps what came.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A delivery as it came over the wire.
#[derive(Debug, Clone)]
pub struct Received {
    head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// A header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let received = Self { head: head.to_owned(), body: bytes[head.len() + 4..].to_vec() };
                let length = received.header("content-length").and_then(|length| length.parse().ok());
                if length == Some(received.body.len()) {
                    return Some(received);
                }
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
    }
}

/// Listens until the test's runtime ends.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// Where it listens, without TLS.
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl Receiver {
    /// Answers with these statuses one after the other, then with 200.
    pub async fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("a bound socket has an address"));
        let receiver = Self { url, received: Arc::default() };
        let kept = Arc::clone(&receiver.received);
        tokio::spawn(async move {
            let mut statuses = statuses.iter();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(whole) = Received::read(&mut stream).await else { return };
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(whole);
                let status = statuses.next().unwrap_or(&200);
                let reply = format!("HTTP/1.1 {status} Answer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(reply.as_bytes()).await;
            }
        });
        receiver
    }

    /// What came so far, in order.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

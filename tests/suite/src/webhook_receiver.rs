//! An HTTP server that records webhook deliveries.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A received delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Delivery {
    /// Returns a header. The name is case-insensitive.
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

/// A receiver that listens until the test's runtime ends.
#[derive(Debug, Clone)]
pub struct WebhookReceiver {
    /// The URL of the receiver, without TLS.
    pub url: String,
    received: Arc<Mutex<Vec<Delivery>>>,
}

impl WebhookReceiver {
    /// Responds with these statuses in order, then with 200.
    pub async fn with_statuses(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/hook", listener.local_addr().expect("a bound socket has an address"));
        let receiver = Self { url, received: Arc::default() };
        let deliveries = Arc::clone(&receiver.received);
        tokio::spawn(async move {
            let mut statuses = statuses.iter();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(delivery) = Delivery::read(&mut stream).await else { return };
                deliveries.lock().unwrap_or_else(PoisonError::into_inner).push(delivery);
                let status = statuses.next().unwrap_or(&200);
                let response = format!("HTTP/1.1 {status} Answer\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(response.as_bytes()).await;
            }
        });
        receiver
    }

    /// Returns the deliveries so far, in order.
    #[must_use]
    pub fn received(&self) -> Vec<Delivery> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

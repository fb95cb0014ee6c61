//! Responses, as received on the wire.

use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::timeout;

#[derive(Debug)]
pub struct Answer {
    /// 0 if there was no response.
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    /// How the response ended.
    pub end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The response was complete.
    Complete,
    /// The connection was closed (FIN) before the response was complete.
    Closed,
    /// The connection was reset (RST) before the response was complete.
    Reset,
    /// No data arrived before the timeout.
    Silent,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Reads until the response is complete, or until no data arrives before the timeout.
pub async fn read_answer_from(stream: &mut (impl AsyncRead + Unpin), bodiless: bool, read_timeout: Duration) -> Answer {
    let mut bytes = Vec::new();
    let end = loop {
        if is_complete(&bytes, bodiless) {
            break End::Complete;
        }
        let mut block = vec![0; 64 * 1024];
        match timeout(read_timeout, stream.read(&mut block)).await {
            Err(_) => break End::Silent,
            Ok(Ok(0)) => break End::Closed,
            Ok(Ok(read)) => bytes.extend_from_slice(&block[..read]),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => break End::Reset,
            Ok(Err(error)) => panic!("unexpected: {error}"),
        }
    };
    let split = head_end(&bytes).unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head, body: bytes[split..].to_vec(), end }
}

fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn is_complete(bytes: &[u8], bodiless: bool) -> bool {
    let Some(split) = head_end(bytes) else {
        return false;
    };
    let head = String::from_utf8_lossy(&bytes[..split]).to_ascii_lowercase();
    if bodiless || head.starts_with("http/1.1 304") || head.starts_with("http/1.1 204") {
        return true;
    }
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse::<usize>().is_ok_and(|length| bytes.len() >= split + length))
}

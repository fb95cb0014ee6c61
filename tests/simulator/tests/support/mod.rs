//! A client of a few lines that hides nothing: what it reads is what was on the wire.
#![allow(dead_code, unreachable_pub)] // every test file uses its own part

pub mod brickftp;
pub mod receiver;
pub mod stook;
pub mod usebuckets;

use std::io;
use std::time::Duration;

use mft_simulator::sftptogo::Simulator;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What came back on one connection.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    /// How the connection ended, when the body did not end by itself.
    pub end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The reply was complete.
    Complete,
    /// FIN came first.
    Closed,
    /// RST came first.
    Reset,
    /// Nothing came for a while.
    Silent,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(&self.body)))
    }

    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// The bytes of a request as the vendor's page sends it.
pub fn request(simulator: &Simulator, method: &str, path: &str, body: &str) -> String {
    format!(
        "{method} /organizations/{}{path} HTTP/1.1\r\nHost: simulator\r\nAuthorization: Bearer {}\r\n\
         Content-type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        simulator.organization_id(),
        simulator.api_key(),
        body.len()
    )
}

pub async fn connect(simulator: &Simulator) -> TcpStream {
    let url = simulator.base_url();
    let address = url.strip_prefix("http://").expect("a plain address");
    TcpStream::connect(address).await.expect("the simulator listens")
}

/// One call on a connection of its own.
pub async fn call(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    exchange(simulator, &request(simulator, method, path, body)).await
}

pub async fn exchange(simulator: &Simulator, request: &str) -> Answer {
    let mut stream = connect(simulator).await;
    exchange_on(&mut stream, request).await.expect("the request can be written")
}

pub async fn exchange_on(stream: &mut TcpStream, request: &str) -> io::Result<Answer> {
    stream.write_all(request.as_bytes()).await?;
    Ok(read_answer(stream).await)
}

pub async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let end = loop {
        if is_complete(&bytes) {
            break End::Complete;
        }
        let mut block = [0; 4096];
        match timeout(Duration::from_millis(400), stream.read(&mut block)).await {
            Err(_) => break End::Silent,
            Ok(Ok(0)) => break End::Closed,
            Ok(Ok(read)) => bytes.extend_from_slice(&block[..read]),
            Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => break End::Reset,
            Ok(Err(error)) => panic!("unexpected: {error}"),
        }
    };
    let split = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head, body: bytes[split..].to_vec(), end }
}

fn is_complete(bytes: &[u8]) -> bool {
    let Some(split) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&bytes[..split]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| length.parse::<usize>().is_ok_and(|length| bytes.len() >= split + 4 + length))
}

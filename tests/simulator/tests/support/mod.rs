//! A minimal HTTP client that exposes the bytes on the wire.
#![allow(dead_code, unreachable_pub)] // each test binary uses a part of it

pub mod brickftp;
pub mod ftpgrid;
pub mod receiver;
pub mod stook;
pub mod storage;
pub mod usebuckets;
mod wire;

use std::io;
use std::time::Duration;

use mft_simulator::sftptogo::Simulator;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

pub use self::wire::*;

impl Answer {
    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }
}

/// Builds a request as in the vendor's documentation.
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

/// Sends one request on a new connection.
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
    read_answer_from(stream, false, Duration::from_millis(400)).await
}

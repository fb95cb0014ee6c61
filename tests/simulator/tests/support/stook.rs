//! Raw calls of `stook::Simulator`.

use mft_simulator::stook::Simulator;
use tokio::net::TcpStream;

use super::{Answer, exchange_on};

/// A call with these header lines, each of which ends in a line break, on a connection of its own.
pub async fn call_with(simulator: &Simulator, headers: &str, method: &str, path: &str, body: &str) -> Answer {
    let url = simulator.base_url();
    let address = url.strip_prefix("http://").expect("a plain address");
    let mut stream = TcpStream::connect(address).await.expect("the simulator listens");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: simulator\r\n{headers}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    exchange_on(&mut stream, &request).await.expect("the request can be written")
}

/// A call with a token.
pub async fn call_as(simulator: &Simulator, token: &str, method: &str, path: &str, body: &str) -> Answer {
    call_with(simulator, &format!("Authorization: Bearer {token}\r\n"), method, path, body).await
}

/// A call with a fresh token, relative to the organization under `/api/v2/stook`.
pub async fn call(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    let path = format!("/api/v2/stook/{}{path}", simulator.organization_uuid());
    call_as(simulator, &simulator.state().issue_token(), method, &path, body).await
}

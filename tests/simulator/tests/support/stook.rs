//! Raw requests to `stook::Simulator`.

use mft_simulator::stook::Simulator;
use tokio::net::TcpStream;

use super::{Answer, exchange_on};

/// Sends a request with these header lines on a new connection. Each line ends with a line break.
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

/// Sends a request with a token.
pub async fn call_as(simulator: &Simulator, token: &str, method: &str, path: &str, body: &str) -> Answer {
    call_with(simulator, &format!("Authorization: Bearer {token}\r\n"), method, path, body).await
}

/// Sends a request with a new token. The path is relative to the organization under `/api/v2/stook`.
pub async fn call(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    let path = format!("/api/v2/stook/{}{path}", simulator.organization_uuid());
    call_as(simulator, &simulator.state().issue_token(), method, &path, body).await
}

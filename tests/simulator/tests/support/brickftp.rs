//! Raw requests to `brickftp::Simulator`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mft_simulator::brickftp::Simulator;
use tokio::net::TcpStream;

use super::{Answer, exchange_on};

/// Sends a request to an origin on a new connection.
pub async fn send(origin: &str, request: &str) -> Answer {
    let address = origin.strip_prefix("http://").expect("a plain address").split('/').next().unwrap_or_default();
    let mut stream = TcpStream::connect(address).await.expect("the simulator listens");
    exchange_on(&mut stream, request).await.expect("the request can be written")
}

/// Returns the authorization header of a key.
pub fn basic(key: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(format!("{key}:x")))
}

/// Sends a request with these header lines. Each line ends with a line break.
pub async fn call_with(simulator: &Simulator, headers: &str, method: &str, path: &str, body: &str) -> Answer {
    let request = format!(
        "{method} /api/rest/v1{path} HTTP/1.1\r\nHost: simulator\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    send(&simulator.base_url(), &request).await
}

/// Sends a JSON request with the key of the site.
pub async fn call(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    let headers = format!("{}Content-Type: application/json\r\n", basic(&simulator.api_key()));
    call_with(simulator, &headers, method, path, body).await
}

/// Sends an XML request with the key of the site and asks for XML.
pub async fn call_xml(simulator: &Simulator, method: &str, path: &str, body: &str) -> Answer {
    let key = basic(&simulator.api_key());
    let headers = format!("{key}Content-Type: application/xml\r\nAccept: application/xml\r\n");
    call_with(simulator, &headers, method, path, body).await
}

/// Sends a JSON request with the key of a user.
pub async fn call_as(simulator: &Simulator, key: &str, method: &str, path: &str, body: &str) -> Answer {
    let headers = format!("{}Content-Type: application/json\r\n", basic(key));
    call_with(simulator, &headers, method, path, body).await
}

/// Sends a request to a presigned URL, without credentials.
pub async fn follow(url: &str, method: &str, body: &str) -> Answer {
    let target = url.strip_prefix("http://").expect("a plain address");
    let (host, path) = target.split_once('/').expect("a URL with a path");
    let request = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    send(url, &request).await
}

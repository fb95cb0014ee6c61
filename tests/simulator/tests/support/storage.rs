//! Raw requests to the object storage of `brickftp::Simulator`.

use std::time::Duration;

use mft_simulator::StorageSettings;
use mft_simulator::brickftp::{Builder, Simulator};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

pub use super::wire::*;

/// The timeout for expected responses, even on a busy machine.
pub const LONG: Duration = Duration::from_secs(30);
/// The timeout if no response is expected.
pub const SHORT: Duration = Duration::from_millis(300);

/// Operations of the storage.
pub const PUT: &str = "brickftp.storage.put_part";
pub const GET: &str = "brickftp.storage.get";

impl Answer {
    /// Returns the code of an error document.
    pub fn code(&self) -> String {
        element(&self.text(), "Code")
    }

    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_default().to_owned()
    }
}

pub fn md5_hex(bytes: &[u8]) -> String {
    use md5::Digest as _;
    let sum: [u8; 16] = md5::Md5::digest(bytes).into();
    format!("{:032x}", u128::from_be_bytes(sum))
}

pub fn element(xml: &str, name: &str) -> String {
    let tail = xml.split_once(&format!("<{name}>")).map_or("", |(_, tail)| tail);
    tail.split_once(&format!("</{name}>")).map_or("", |(text, _)| text).to_owned()
}

/// Configures a small minimum part size.
pub fn small() -> Builder {
    Simulator::builder().storage(StorageSettings::new().min_part_size(10)).frozen_clock()
}

pub async fn start(builder: Builder) -> Simulator {
    builder.start().await.expect("ports are free")
}

/// Sends a JSON request to the API.
pub async fn api(simulator: &Simulator, method: &str, path: &str, body: &str) -> (u16, Value) {
    use base64::Engine as _;
    let key = base64::engine::general_purpose::STANDARD.encode(format!("{}:x", simulator.api_key()));
    let headers =
        format!("Authorization: Basic {key}\r\nAccept: application/json\r\nContent-Type: application/json\r\n");
    let url = format!("{}{path}", simulator.base_url());
    let answer = send(method, &url, &headers, body.as_bytes()).await;
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
}

/// Starts an upload. Returns its `ref` and the upload object.
pub async fn begin(simulator: &Simulator, path: &str) -> (String, Value) {
    let (status, upload) = api(simulator, "POST", &format!("/files/{path}"), r#"{"action":"put"}"#).await;
    assert_eq!(status, 200, "{upload}");
    (upload["ref"].as_str().expect("a handle").to_owned(), upload)
}

/// Returns the presigned URL of one part.
pub async fn part_url(simulator: &Simulator, path: &str, reference: &str, part: u32) -> String {
    let body = format!(r#"{{"action":"put","ref":"{reference}","part":{part}}}"#);
    let (status, upload) = api(simulator, "POST", &format!("/files/{path}"), &body).await;
    assert_eq!(status, 200, "{upload}");
    upload["upload_uri"].as_str().expect("a URL").to_owned()
}

pub async fn complete(simulator: &Simulator, path: &str, reference: &str) -> (u16, Value) {
    let body = format!(r#"{{"action":"end","ref":"{reference}"}}"#);
    api(simulator, "POST", &format!("/files/{path}"), &body).await
}

pub async fn put(url: &str, body: &[u8]) -> Answer {
    send("PUT", url, "", body).await
}

pub async fn get(url: &str, headers: &str) -> Answer {
    send("GET", url, headers, b"").await
}

/// Sends one request on a new connection.
pub async fn send(method: &str, url: &str, headers: &str, body: &[u8]) -> Answer {
    send_and_wait(method, url, headers, body, LONG).await
}

pub async fn send_and_wait(method: &str, url: &str, headers: &str, body: &[u8], read_timeout: Duration) -> Answer {
    let mut stream = connect(url).await;
    let length =
        if body.is_empty() && method == "GET" { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let head = head(method, url, &format!("{headers}{length}"));
    // The server may close the connection before it has read the request.
    let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
    read_answer_from(&mut stream, method == "HEAD", read_timeout).await
}

pub async fn connect(url: &str) -> TcpStream {
    let tail = url.strip_prefix("http://").expect("a plain URL");
    let (address, _) = tail.split_once('/').expect("a path");
    TcpStream::connect(address).await.expect("the simulator listens")
}

pub fn head(method: &str, url: &str, headers: &str) -> String {
    let tail = url.strip_prefix("http://").expect("a plain URL");
    let (host, path) = tail.split_once('/').expect("a path");
    format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n")
}

pub async fn read_answer(stream: &mut TcpStream, bodiless: bool) -> Answer {
    read_answer_from(stream, bodiless, LONG).await
}

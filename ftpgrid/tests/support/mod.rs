//! Mocks of the two servers that accept one exact request.

#![allow(dead_code, unused_imports, reason = "every test file uses its own part")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use ftpgrid::{AccessKey, AssociationKey, Authentication, Client, ClientBuilder, RetryPolicy, SecretKey};
use mft_common::testing::MockTransport;
use mft_test_support::mock;
pub(crate) use mft_test_support::mock::{Exchange, delete, get, patch, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::MockServer;

pub(crate) const TOKEN: &str = "token-0001";

pub(crate) fn authentication() -> Authentication {
    Authentication::keys(
        AssociationKey::new("association-key-1"),
        AccessKey::new("AK_access-key-1"),
        SecretKey::new("sk_live_secret-key-1"),
    )
}

pub(crate) struct Service {
    pub(crate) management: MockServer,
    pub(crate) storage: MockServer,
    pub(crate) client: Client,
}

impl Service {
    /// Starts a service with a client that has a token and does not retry.
    pub(crate) async fn start() -> Self {
        let (management, storage) = (MockServer::start().await, MockServer::start().await);
        let client = Client::builder(authentication())
            .initial_token(TOKEN)
            .base_url(management.uri())
            .storage_url(storage.uri())
            .allow_http()
            .no_proxy()
            .retry(RetryPolicy::none())
            .build()
            .unwrap();
        Self { management, storage, client }
    }

    /// Starts a service that accepts exactly one request. Paths below `/api/` are those of the storage server. Dropping
    /// the service panics if the request was not received.
    pub(crate) async fn answering(exchange: Exchange<'_>, response: impl Into<String>) -> Self {
        let service = Self::start().await;
        service.answers(exchange, 200, response).await;
        service
    }

    pub(crate) async fn answers(&self, exchange: Exchange<'_>, status: u16, response: impl Into<String>) {
        let path = exchange.path;
        let server = if path.starts_with("/api/") { &self.storage } else { &self.management };
        let exact = exchange.with_token(TOKEN, concat!("ftpgrid-rust/", env!("CARGO_PKG_VERSION")), path);
        exact.mount(server, mock::reply(status, response)).await;
    }

    /// Returns the number of requests, expected or not.
    pub(crate) async fn requests(&self) -> usize {
        mock::requests(&self.management).await + mock::requests(&self.storage).await
    }
}

/// Returns a client with a mock transport and a token, for paused time.
pub(crate) fn scripted(script: &MockTransport) -> Client {
    without_token(script).initial_token(TOKEN).build().unwrap()
}

pub(crate) fn without_token(script: &MockTransport) -> ClientBuilder {
    Client::builder(authentication())
        .storage_url("https://web3.ftpgrid.com")
        .transport(script.clone())
        .retry(RetryPolicy::new().seed(7))
}

/// Starts a storage server that sends the next of these texts on each connection, repeating the last one, and closes
/// the connection.
pub(crate) async fn raw_storage(replies: &'static [&'static str]) -> (Client, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let response = replies[counter.fetch_add(1, SeqCst).min(replies.len() - 1)];
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") && connection.read_buf(&mut request).await.unwrap() > 0 {}
            connection.write_all(response.as_bytes()).await.unwrap();
            connection.shutdown().await.unwrap();
        }
    });
    let client = Client::builder(authentication())
        .initial_token(TOKEN)
        .storage_url(format!("http://{address}"))
        .allow_http()
        .no_proxy()
        .retry(RetryPolicy::new().base_delay(Duration::from_millis(1)))
        .build()
        .unwrap();
    (client, requests)
}

/// A part of a form: its headers as received, and its content.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) headers: Vec<String>,
    pub(crate) content: Vec<u8>,
}

/// Parses a form according to RFC 7578.
pub(crate) fn parts(content_type: &str, body: &[u8]) -> Vec<Part> {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a form");
    let find = |within: &[u8], what: &[u8]| within.windows(what.len()).position(|window| window == what);
    let (open, between) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
    let mut rest = body.strip_prefix(open.as_bytes()).expect("a first boundary");
    let mut parts = Vec::new();
    loop {
        let end = find(rest, b"\r\n\r\n").expect("an end of the headers");
        let headers = String::from_utf8(rest[..end].to_vec()).unwrap().split("\r\n").map(str::to_owned).collect();
        rest = &rest[end + 4..];
        let end = find(rest, between.as_bytes()).expect("a boundary");
        parts.push(Part { headers, content: rest[..end].to_vec() });
        rest = &rest[end + between.len()..];
        let Some(more) = rest.strip_prefix(b"\r\n") else {
            assert_eq!(rest, b"--\r\n", "no data after the last boundary");
            return parts;
        };
        rest = more;
    }
}

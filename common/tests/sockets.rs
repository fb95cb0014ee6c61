//! The default transport on real sockets and in real time, with timeouts of milliseconds.

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mft_common::provider::{CallBuilder, Pipeline, Settings};
use mft_common::transport::{Body, Request, ReqwestTransport, ReqwestTransportBuilder, Transport};
use mft_common::{ErrorKind, Outcome, RetryPolicy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use support::{build, printed};

/// A server that responds with the bytes of a function and records the requests.
struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

enum BufferedResponse {
    Bytes(Vec<u8>),
    /// Sends these bytes and closes the connection.
    Close(Vec<u8>),
    Silence,
    /// Sends an endless body without `Content-Length`.
    Endless,
}

fn bytes(text: &str) -> BufferedResponse {
    BufferedResponse::Bytes(text.as_bytes().to_vec())
}

fn ok(body: &str) -> BufferedResponse {
    bytes(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

impl Server {
    /// `reply` gets the number of earlier requests.
    async fn start(reply: impl Fn(usize) -> BufferedResponse + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), reply)
    }

    fn on(listener: TcpListener, reply: impl Fn(usize) -> BufferedResponse + Send + Sync + 'static) -> Self {
        let (requests, reply) = (Arc::<Mutex<Vec<String>>>::default(), Arc::new(reply));
        let server = Self { address: listener.local_addr().unwrap(), requests: requests.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, requests.clone(), reply.clone()));
            }
        });
        server
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn settings(&self) -> Settings {
        let mut settings = local(&format!("http://{}", self.address));
        settings.reqwest(ReqwestTransportBuilder::no_proxy);
        settings
    }

    fn client(&self) -> Pipeline {
        build(self.settings())
    }
}

async fn serve(
    mut stream: TcpStream,
    requests: Arc<Mutex<Vec<String>>>,
    reply: Arc<impl Fn(usize) -> BufferedResponse + Send + Sync>,
) {
    while let Some(request) = read_request(&mut stream).await {
        let before = {
            let mut requests = requests.lock().unwrap();
            requests.push(request);
            requests.len() - 1
        };
        match reply(before) {
            BufferedResponse::Bytes(bytes) => stream.write_all(&bytes).await.unwrap(),
            BufferedResponse::Close(bytes) => return stream.write_all(&bytes).await.unwrap(),
            BufferedResponse::Silence => std::future::pending().await,
            BufferedResponse::Endless => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                while stream.write_all(&[b'x'; 8 * 1024]).await.is_ok() {}
                return;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn local(url: &str) -> Settings {
    let mut settings = Settings::default();
    settings.base_url(url);
    settings.allow_http();
    settings.retry(RetryPolicy::new().base_delay(Duration::from_millis(20)));
    settings
}

fn call(pipeline: &Pipeline) -> CallBuilder {
    support::call(pipeline).json_body(&[1])
}

#[tokio::test]
async fn a_refused_connection_is_retried_even_if_the_call_is_not_idempotent() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let mut settings = local(&format!("http://{address}"));
    settings.reqwest(ReqwestTransportBuilder::no_proxy);
    let pipeline = build(settings);
    let error = call(&pipeline).returns_nothing().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Connect, Outcome::NotDone, 3));
    let mut settings = local(&format!("http://{address}"));
    settings.reqwest(ReqwestTransportBuilder::no_proxy);
    settings.retry(
        RetryPolicy::new().max_attempts(50).base_delay(Duration::from_millis(40)).max_delay(Duration::from_millis(40)),
    );
    let patient = tokio::spawn(call(&build(settings)).json::<u8>().with_response());
    tokio::time::sleep(Duration::from_millis(60)).await;
    let server = Server::on(TcpListener::bind(address).await.unwrap(), |_| ok("1"));
    let reply = patient.await.unwrap().unwrap();
    assert!(reply.attempts > 1 && server.requests().len() == 1, "{} attempts", reply.attempts);
}

#[tokio::test]
async fn a_connection_closed_after_the_request_is_retried_only_if_idempotent() {
    for close in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-le"] {
        let server =
            Server::start(move |n| if n == 0 { BufferedResponse::Close(close.to_vec()) } else { ok("1") }).await;
        let reply = call(&server.client()).safe().json::<u8>().with_response().await.unwrap();
        assert_eq!((reply.value, reply.attempts, server.requests().len()), (1, 2, 2));
        let server = Server::start(move |_| BufferedResponse::Close(close.to_vec())).await;
        let error = call(&server.client()).non_idempotent().json::<u8>().await.unwrap_err();
        assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Interrupted, Outcome::Unknown, 1));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_truncated_body_has_outcome_done() {
    let server =
        Server::start(|_| BufferedResponse::Close(b"HTTP/1.1 201 Created\r\ncontent-length: 9\r\n\r\n[1,".to_vec()))
            .await;
    let error = call(&server.client()).non_idempotent().json::<Vec<u8>>().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Interrupted, Outcome::Done));
    assert_eq!(error.status().unwrap().as_u16(), 201);
}

#[tokio::test]
async fn an_idle_connection_that_the_server_closed_does_not_fail_the_next_call() {
    // Every connection is closed after its response, without `Connection: close`.
    let server =
        Server::start(|_| BufferedResponse::Close(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1".to_vec())).await;
    let pipeline = server.client();
    for _ in 0..20 {
        assert_eq!(call(&pipeline).non_idempotent().json::<u8>().await.unwrap(), 1);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(server.requests().len(), 20);
}

#[tokio::test]
async fn a_silent_server_meets_the_attempt_timeout() {
    let server = Server::start(|_| BufferedResponse::Silence).await;
    let mut settings = server.settings();
    settings.attempt_timeout(Duration::from_millis(100));
    let started = Instant::now();
    let error = call(&build(settings)).non_idempotent().returns_nothing().await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::Unknown, 1));
}

#[tokio::test]
async fn a_stalled_handshake_is_a_connect_error() {
    let server = Server::start(|_| BufferedResponse::Silence).await;
    let mut settings = local(&format!("https://{}", server.address));
    settings.reqwest(ReqwestTransportBuilder::no_proxy);
    settings.connect_timeout(Duration::from_millis(100));
    let error = call(&build(settings)).non_idempotent().returns_nothing().no_retry().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone), "{error:?}");
}

#[tokio::test]
async fn the_next_address_is_tried_when_the_first_is_dead() {
    // The server is bound to the second address only.
    let server = Server::start(|_| ok("1")).await;
    let dead = SocketAddr::from(([127, 0, 0, 2], server.address.port()));
    let mut settings = local(&format!("http://parcels.example:{}", server.address.port()));
    let addresses = vec![dead, server.address];
    settings.reqwest(|transport| transport.no_proxy().resolve("parcels.example", addresses));
    let reply = call(&build(settings)).safe().json::<u8>().with_response().await.unwrap();
    assert_eq!((reply.value, reply.attempts), (1, 1));
    assert!(server.requests()[0].contains("host: parcels.example:"), "{:?}", server.requests());
}

#[tokio::test]
async fn malformed_responses_end_in_an_error_or_value_and_never_hang() {
    let headers = format!("x-one-of-many: {}\r\n", "y".repeat(8 * 1024)).repeat(1_000);
    let answer = |head: &str, body: &str| format!("HTTP/1.1 {head}\r\n\r\n{body}");
    let mut cases = vec![
        ("204 with a body", answer("204 No Content\r\ncontent-length: 5", "hello"), Ok(204)),
        ("304", answer("304 Not Modified", ""), Err(ErrorKind::UnexpectedStatus)),
        (
            "102, then 200",
            format!("HTTP/1.1 102 Processing\r\n\r\n{}", answer("200 OK\r\ncontent-length: 0", "")),
            Ok(200),
        ),
        (
            "lengths differ",
            answer("200 OK\r\ncontent-length: 1\r\ncontent-length: 2", "12"),
            Err(ErrorKind::Interrupted),
        ),
        ("1000 headers", answer(&format!("200 OK\r\n{headers}content-length: 0"), ""), Err(ErrorKind::Interrupted)),
        ("no HTTP", "SSH-2.0-OpenSSH_9.6\r\n".to_owned(), Err(ErrorKind::Interrupted)),
        ("bad chunk", answer("200 OK\r\ntransfer-encoding: chunked", "zz\r\nhello"), Err(ErrorKind::Interrupted)),
        ("lengths agree", answer("200 OK\r\ncontent-length: 1\r\ncontent-length: 1", "1"), Ok(200)),
        ("status 999", answer("999 Whatever\r\ncontent-length: 0", ""), Err(ErrorKind::UnexpectedStatus)),
    ];
    for (name, bytes, expected) in cases.drain(..) {
        let server = Server::start(move |_| BufferedResponse::Close(bytes.clone().into_bytes())).await;
        let mut settings = server.settings();
        settings.attempt_timeout(Duration::from_secs(5));
        let started = Instant::now();
        let result = call(&build(settings)).non_idempotent().returns_nothing().with_response().await;
        assert!(started.elapsed() < Duration::from_secs(4), "{name} hangs");
        let got = result.map(|reply| reply.status.as_u16()).map_err(|error| error.kind());
        assert_eq!(got, expected, "{name}");
    }
}

#[tokio::test]
async fn an_endless_response_is_cut_off_at_the_limit() {
    let server = Server::start(|_| BufferedResponse::Endless).await;
    let mut settings = server.settings();
    settings.max_response_bytes(1024 * 1024);
    let error = call(&build(settings)).non_idempotent().json::<Vec<u8>>().await.unwrap_err();
    assert_eq!((error.kind(), error.body().len()), (ErrorKind::Decode, mft_common::provider::MAX_ERROR_BODY));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Server::start(|_| ok("1")).await;
    for status in [301, 302, 303, 307, 308] {
        for target in [format!("http://{}/take?token=hunter2", other.address), "/elsewhere?hunter2".to_owned()] {
            let reply = format!("HTTP/1.1 {status} Moved\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n");
            let server = Server::start(move |_| bytes(&reply)).await;
            let error = call(&server.client()).safe().json::<u8>().await.unwrap_err();
            let named = if target.starts_with('/') { server.address } else { other.address };
            assert!(error.to_string().contains(&format!("redirect to http://{named} was")), "{error}");
            assert!(!printed(&error).contains("hunter2"), "{error:?}");
            assert_eq!(server.requests().len(), 1);
        }
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_request_is_sent_as_built() {
    let server = Server::start(|_| ok("1")).await;
    let stream = futures_util::stream::iter(["ab", "cd"].map(|chunk| Ok(chunk.into())));
    let pipeline = server.client();
    support::call(&pipeline).non_idempotent().body(Body::from_stream(stream, Some(4))).json::<u8>().await.unwrap();
    let request = &server.requests()[0];
    assert!(request.starts_with("POST /parcels HTTP/1.1\r\n") && request.ends_with("\r\n\r\nabcd"), "{request}");
    for line in ["content-length: 4", "authorization: Bearer k3y-material", "accept: application/json"] {
        assert_eq!(request.lines().filter(|known| *known == line).count(), 1, "{line}: {request}");
    }
    assert!(!request.contains("accept-encoding") && !request.contains("referer"), "{request}");
    // A stream that is shorter than its length is never a complete request.
    let short = Body::from_stream(futures_util::stream::iter([Ok("ab".into())]), Some(4));
    let error = support::call(&pipeline).non_idempotent().body(short).json::<u8>().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 1));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_url_that_would_be_rewritten_is_not_sent_and_not_shown() {
    let server = Server::start(|_| ok("1")).await;
    let transport = ReqwestTransport::builder().no_proxy().build().unwrap();
    for path in ["/a?name=it's&x=1", "/{id}", "/a/./b", "/a/../b", "/a/%2e%2e/b", "/a/%2E/b"] {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() =
            format!("http://{}{path}{}signature=hunter2", server.address, if path.contains('?') { '&' } else { '?' })
                .parse()
                .unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert!(error.is_invalid_input() && !printed(&error).contains("hunter2"), "{path}: {error:?}");
    }
    assert!(server.requests().is_empty());
    // A typical signature is sent byte for byte.
    let path = "/a%2Fb/c%20d?X-Amz-Credential=k%2F20250101&X-Amz-Signature=0aF~-._%3D&empty=&flag";
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = format!("http://{}{path}", server.address).parse().unwrap();
    transport.send(request).await.unwrap();
    assert!(server.requests()[0].starts_with(&format!("GET {path} HTTP/1.1\r\n")));
}

#[tokio::test]
async fn transport_errors_do_not_contain_the_query_of_a_url() {
    let closing = Server::start(|_| BufferedResponse::Close(Vec::new())).await;
    let garbage = Server::start(|_| BufferedResponse::Close(b"garbage\r\n\r\n".to_vec())).await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refusing = free.local_addr().unwrap();
    drop(free);
    let transport = ReqwestTransport::builder().no_proxy().connect_timeout(Duration::from_millis(300)).build().unwrap();
    for (scheme, address) in
        [("http", closing.address), ("http", garbage.address), ("http", refusing), ("https", garbage.address)]
    {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = format!("{scheme}://{address}/a?signature=hunter2").parse().unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert!(!printed(&error).contains("hunter2") && !printed(&error).contains("signature"), "{error:?}");
    }
}

/// The environment belongs to the process, so each case runs in a separate process.
const PROXY_CASE: &str = "MFT_TEST_PROXY_CASE";

#[tokio::test]
async fn the_proxy_of_the_environment_applies_unless_disabled() {
    if let Ok(case) = std::env::var(PROXY_CASE) {
        let mut settings = local("http://parcels.example");
        settings.connect_timeout(Duration::from_secs(2));
        if case == "off" {
            settings
                .reqwest(|transport| transport.no_proxy().resolve("parcels.example", vec![([127, 0, 0, 2], 9).into()]));
        }
        if let Some(url) = case.strip_prefix("own ") {
            settings.reqwest(|transport| transport.proxy(url));
        }
        let result = support::call(&build(settings)).safe().json::<u8>().no_retry().await;
        assert_eq!(result.map_err(|error| error.kind()), if case == "off" { Err(ErrorKind::Connect) } else { Ok(1) });
        return;
    }
    let (proxy, own) = (Server::start(|_| ok("1")).await, Server::start(|_| ok("1")).await);
    for (case, at_proxy, at_own) in
        [("on".to_owned(), 1, 0), ("off".to_owned(), 0, 0), (format!("own http://{}", own.address), 0, 1)]
    {
        let before = (proxy.requests().len(), own.requests().len());
        let (this, address) = (std::env::current_exe().unwrap(), proxy.address);
        let child = tokio::task::spawn_blocking(move || {
            std::process::Command::new(this)
                .args(["--exact", "the_proxy_of_the_environment_applies_unless_disabled"])
                .env(PROXY_CASE, &case)
                .env("HTTP_PROXY", format!("http://{address}"))
                .env("http_proxy", format!("http://{address}"))
                .env_remove("NO_PROXY")
                .env_remove("no_proxy")
                .env_remove("REQUEST_METHOD")
                .output()
        });
        let output = child.await.unwrap().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let after = (proxy.requests().len(), own.requests().len());
        assert_eq!((after.0 - before.0, after.1 - before.1), (at_proxy, at_own));
    }
    assert!(proxy.requests()[0].starts_with("POST http://parcels.example/parcels HTTP/1.1\r\n"));
}

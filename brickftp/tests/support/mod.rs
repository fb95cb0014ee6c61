//! A mock service that responds to one exact request.

#![allow(dead_code, unused_imports, unused_macros, reason = "every test file uses its own part")]

use brickftp::{Authentication, Client, Format, RetryPolicy};
use mft_common::testing::MockTransport;
use mft_test_support::mock::{self, Body, Exact};
use serde_json::Value;
use wiremock::{MockServer, ResponseTemplate};

pub(crate) const API_KEY: &str = "api-key-0001";
/// The `Basic` credentials of the key and `x`.
pub(crate) const BASIC: &str = "Basic YXBpLWtleS0wMDAxOng=";
pub(crate) const SESSION: &str = "1f0c5b7a9e3d4c62b8a70f15d2e94c3386aa10be";
pub(crate) const PROLOG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
/// The empty responses of the service.
pub(crate) const NOTHING: [&str; 2] = ["[]", r#"<nil-classes type="array"/>"#];

/// Returns the first value for JSON and the second for XML.
pub(crate) fn either<T>(format: Format, [json, xml]: [T; 2]) -> T {
    match format {
        Format::Json => json,
        Format::Xml => xml,
    }
}

/// Generates a test per format from each function. The attribute is written at the call, so that the names are
/// recognized as tests.
macro_rules! both_formats {
    (#[$test:meta] $($check:ident => fn $json:ident(), fn $xml:ident();)+) => {$(
        #[$test]
        async fn $json() {
            $check(brickftp::Format::Json).await;
        }

        #[$test]
        async fn $xml() {
            $check(brickftp::Format::Xml).await;
        }
    )+};
}

pub(crate) use both_formats;

/// Returns a response from `tests/fixtures`.
pub(crate) fn fixture(name: &str, format: Format) -> String {
    let suffix = either(format, ["json", "xml"]);
    let path = format!("{}/tests/fixtures/{name}.{suffix}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) struct Service {
    server: MockServer,
    format: Format,
    pub(crate) client: Client,
}

impl Service {
    /// Starts the service with a client that has an API key and one format.
    pub(crate) async fn start(format: Format) -> Self {
        Self::start_for(format, Authentication::api_key(API_KEY)).await
    }

    pub(crate) async fn start_for(format: Format, authentication: Authentication) -> Self {
        let server = MockServer::start().await;
        let client = Client::builder("acme", authentication)
            .base_url(format!("{}/api/rest/v1", server.uri()))
            .allow_http()
            .no_proxy()
            .retry(RetryPolicy::none())
            .format(format)
            .build()
            .unwrap();
        Self { server, format, client }
    }

    /// Starts a service that responds to exactly this request. Dropping it fails if the request was not received.
    pub(crate) async fn answering(
        format: Format,
        exchange: Exchange,
        status: u16,
        response: impl Into<String>,
    ) -> Self {
        let service = Self::start(format).await;
        service.answers(exchange, status, response).await;
        service
    }

    pub(crate) async fn answers(&self, exchange: Exchange, status: u16, response: impl Into<String>) {
        let body: String = response.into();
        let mut response = ResponseTemplate::new(status);
        if !body.is_empty() {
            response = response.set_body_raw(body, &format!("{}; charset=utf-8", self.format.media_type()));
        }
        exchange.exact(self.format).mount(&self.server, response).await;
    }

    /// Returns the number of requests, expected or not.
    pub(crate) async fn requests(&self) -> usize {
        mock::requests(&self.server).await
    }

    /// Returns the origin of the mock, without the API prefix.
    pub(crate) fn uri(&self) -> String {
        self.server.uri()
    }
}

/// A request: method, path below the API prefix, query, body in both formats.
pub(crate) struct Exchange {
    method: &'static str,
    path: String,
    suffixed: bool,
    query: Option<String>,
    body: Option<(Value, String)>,
    headers: Vec<(&'static str, String)>,
}

impl Exchange {
    fn new(method: &'static str, path: &str) -> Self {
        let headers = vec![("authorization", BASIC.to_owned())];
        Self { method, path: path.to_owned(), suffixed: true, query: None, body: None, headers }
    }

    /// The endpoint has no suffix: `Accept` selects its format.
    pub(crate) fn without_suffix(mut self) -> Self {
        self.suffixed = false;
        self
    }

    /// Sets the encoded query.
    pub(crate) fn query(mut self, query: &str) -> Self {
        self.query = Some(query.to_owned());
        self
    }

    /// Sets the body in JSON, and in XML without the prolog.
    pub(crate) fn body(mut self, json: Value, xml: &str) -> Self {
        self.body = Some((json, format!("{PROLOG}{xml}")));
        self
    }

    /// Adds a header, or replaces the credentials.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Replaces the API key with the session cookie.
    pub(crate) fn by_session(self) -> Self {
        self.anonymous().header("cookie", &format!("BrickAPI={SESSION}"))
    }

    /// Removes the credentials.
    pub(crate) fn anonymous(mut self) -> Self {
        self.headers.retain(|(name, _)| *name != "authorization");
        self
    }

    /// Returns the request in a format.
    fn exact(self, format: Format) -> Exact {
        let suffix = if self.suffixed { either(format, [".json", ".xml"]) } else { "" };
        let query = self.query.map(|query| format!("?{query}")).unwrap_or_default();
        let exact = Exact::new(self.method, format!("/api/rest/v1{}{suffix}{query}", self.path))
            .header("accept", format.media_type())
            .header("user-agent", concat!("brickftp-rust/", env!("CARGO_PKG_VERSION")));
        let exact = self.headers.iter().fold(exact, |exact, (name, value)| exact.header(name, value));
        match self.body {
            Some((json, xml)) => {
                exact.body(format.media_type(), either(format, [Body::Json(json), Body::Bytes(xml.into_bytes())]))
            }
            None => exact,
        }
    }
}

pub(crate) fn get(path: &str) -> Exchange {
    Exchange::new("GET", path)
}

pub(crate) fn delete(path: &str) -> Exchange {
    Exchange::new("DELETE", path)
}

pub(crate) fn post(path: &str) -> Exchange {
    Exchange::new("POST", path)
}

pub(crate) fn put(path: &str) -> Exchange {
    Exchange::new("PUT", path)
}

pub(crate) fn patch(path: &str) -> Exchange {
    Exchange::new("PATCH", path)
}

/// Returns a client with a mock transport, for paused time.
pub(crate) fn scripted(script: &MockTransport) -> Client {
    scripted_in(script, Format::Json)
}

/// The same in a format.
pub(crate) fn scripted_in(script: &MockTransport, format: Format) -> Client {
    scripted_for(script, Authentication::api_key(API_KEY), format)
}

pub(crate) fn scripted_for(script: &MockTransport, authentication: Authentication, format: Format) -> Client {
    Client::builder("acme", authentication)
        .transport(script.clone())
        .retry(RetryPolicy::new().seed(7))
        .format(format)
        .build()
        .unwrap()
}

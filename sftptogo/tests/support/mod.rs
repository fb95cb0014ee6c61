//! A mock of the service that answers one exact request, and nothing else.

#![allow(dead_code, reason = "every test file uses its own part")]

use mft_common::testing::Script;
use serde_json::Value;
use sftptogo::{Client, RetryPolicy};
use wiremock::matchers::{method, path};
use wiremock::{Match, Mock, MockServer, Request, ResponseTemplate};

pub(crate) const API_KEY: &str = "api-key-0001";
pub(crate) const ORGANIZATION: &str = "72e9cf24-be8c-4f15-9aa2-813281fb98fe";
pub(crate) const CREDENTIAL: &str = "cfc211269c8c0f925c64b1a223d8eb";

/// A reply of `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) struct Service {
    server: MockServer,
    pub(crate) client: Client,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let server = MockServer::start().await;
        let client = Client::builder(ORGANIZATION, API_KEY)
            .base_url(server.uri())
            .allow_http()
            .no_proxy()
            .retry(RetryPolicy::none())
            .build()
            .unwrap();
        Self { server, client }
    }

    /// A service that answers one request, exactly this one, by a reply. Dropping it fails where the request did not come.
    pub(crate) async fn answering(exchange: Exchange<'_>, status: u16, reply: impl Into<String>) -> Self {
        let service = Self::start().await;
        service.answers(exchange, status, reply).await;
        service
    }

    pub(crate) async fn answers(&self, exchange: Exchange<'_>, status: u16, reply: impl Into<String>) {
        let reply = reply.into();
        let mut response = ResponseTemplate::new(status);
        if !reply.is_empty() {
            let html = reply.starts_with('<');
            response = response.set_body_raw(reply, if html { "text/html" } else { "application/json" });
        }
        Mock::given(method(exchange.method))
            .and(path(format!("/organizations/{ORGANIZATION}{}", exchange.path)))
            .and(Exactly { host: self.server.address().to_string(), body: exchange.body })
            .respond_with(response)
            .expect(1)
            .mount(&self.server)
            .await;
    }

    /// How many requests came, expected or not.
    pub(crate) async fn requests(&self) -> usize {
        self.server.received_requests().await.unwrap_or_default().len()
    }
}

/// A request: its method, its path below the organization, its body.
pub(crate) struct Exchange<'a> {
    method: &'a str,
    path: &'a str,
    body: Option<Value>,
}

pub(crate) fn get(path: &str) -> Exchange<'_> {
    Exchange { method: "GET", path, body: None }
}

pub(crate) fn delete(path: &str) -> Exchange<'_> {
    Exchange { method: "DELETE", path, body: None }
}

pub(crate) fn post(path: &str, body: impl Into<Option<Value>>) -> Exchange<'_> {
    Exchange { method: "POST", path, body: body.into() }
}

pub(crate) fn patch(path: &str, body: Value) -> Exchange<'_> {
    Exchange { method: "PATCH", path, body: Some(body) }
}

/// The documented headers and no others, this JSON body or none, no query.
struct Exactly {
    host: String,
    body: Option<Value>,
}

impl Match for Exactly {
    fn matches(&self, request: &Request) -> bool {
        let bearer = format!("Bearer {API_KEY}");
        let user_agent = format!("sftptogo-rust/{}", env!("CARGO_PKG_VERSION"));
        let length = request.body.len().to_string();
        let mut expected = vec![
            ("accept", "application/json"),
            ("authorization", bearer.as_str()),
            ("host", self.host.as_str()),
            ("user-agent", user_agent.as_str()),
        ];
        if self.body.is_some() {
            expected.extend([("content-type", "application/json"), ("content-length", length.as_str())]);
        } else if request.method.as_str() == "POST" {
            expected.push(("content-length", "0"));
        }
        expected.sort_unstable();
        let mut headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("?"))).collect();
        headers.sort_unstable();
        let body_matches = match &self.body {
            Some(body) => serde_json::from_slice::<Value>(&request.body).is_ok_and(|sent| sent == *body),
            None => request.body.is_empty(),
        };
        let matches = headers == expected && body_matches && request.url.query().is_none();
        if !matches {
            eprintln!(
                "expected {expected:?} and {:?}, came {headers:?} and {:?}",
                self.body,
                String::from_utf8_lossy(&request.body)
            );
        }
        matches
    }
}

/// A client whose transport answers from a script, for paused time.
pub(crate) fn scripted(script: &Script) -> Client {
    Client::builder("org", API_KEY).transport(script.clone()).retry(RetryPolicy::new().seed(7)).build().unwrap()
}

//! A mock of the service that answers one exact request, and nothing else.

#![allow(dead_code, reason = "every test file uses its own part")]

use brickftp::{Access, Client, Format, RetryPolicy};
use mft_common::testing::Script;
use serde_json::Value;
use wiremock::matchers::method;
use wiremock::{Match, Mock, MockServer, Request, ResponseTemplate};

pub(crate) const API_KEY: &str = "api-key-0001";
/// `Basic` of the key and `x`.
pub(crate) const BASIC: &str = "Basic YXBpLWtleS0wMDAxOng=";
pub(crate) const SESSION: &str = "1f0c5b7a9e3d4c62b8a70f15d2e94c3386aa10be";
pub(crate) const PROLOG: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
/// What the service says where it says nothing.
pub(crate) const NOTHING: [&str; 2] = ["[]", r#"<nil-classes type="array"/>"#];

/// The text in the format: the first one is JSON.
pub(crate) fn either<T>(format: Format, [json, xml]: [T; 2]) -> T {
    match format {
        Format::Json => json,
        Format::Xml => xml,
    }
}

/// A reply of `tests/fixtures`.
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
    /// The service, and a client with an API key that speaks one format.
    pub(crate) async fn start(format: Format) -> Self {
        Self::start_for(format, API_KEY).await
    }

    pub(crate) async fn start_for(format: Format, access: impl Into<Access>) -> Self {
        let server = MockServer::start().await;
        let client = Client::builder("acme", access)
            .base_url(format!("{}/api/rest/v1", server.uri()))
            .allow_http()
            .no_proxy()
            .retry(RetryPolicy::none())
            .format(format)
            .build()
            .unwrap();
        Self { server, format, client }
    }

    /// A service that answers one request, exactly this one, by a reply. Dropping it fails where the request did not come.
    pub(crate) async fn answering(format: Format, exchange: Exchange, status: u16, reply: impl Into<String>) -> Self {
        let service = Self::start(format).await;
        service.answers(exchange, status, reply).await;
        service
    }

    pub(crate) async fn answers(&self, exchange: Exchange, status: u16, reply: impl Into<String>) {
        let reply = reply.into();
        let mut response = ResponseTemplate::new(status);
        if !reply.is_empty() {
            response = response.set_body_raw(reply, &format!("{}; charset=utf-8", self.format.media_type()));
        }
        Mock::given(method(exchange.method))
            .and(Exactly { host: self.server.address().to_string(), format: self.format, exchange })
            .respond_with(response)
            .expect(1)
            .mount(&self.server)
            .await;
    }

    /// How many requests came, expected or not.
    pub(crate) async fn requests(&self) -> usize {
        self.server.received_requests().await.unwrap_or_default().len()
    }

    /// The address of the mock, without the prefix of the API.
    pub(crate) fn uri(&self) -> String {
        self.server.uri()
    }
}

/// A request: its method, its path below the prefix of the API, its query as it is sent, its body in both formats.
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

    /// The endpoint takes no suffix: its format is told by `Accept` alone.
    pub(crate) fn without_suffix(mut self) -> Self {
        self.suffixed = false;
        self
    }

    /// The query as it is sent, encoded.
    pub(crate) fn query(mut self, query: &str) -> Self {
        self.query = Some(query.to_owned());
        self
    }

    /// The body in JSON, and in XML without the prolog.
    pub(crate) fn body(mut self, json: Value, xml: &str) -> Self {
        self.body = Some((json, format!("{PROLOG}{xml}")));
        self
    }

    /// One more header, or the other one in place of the credential.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The session's cookie in place of the API key.
    pub(crate) fn by_session(self) -> Self {
        self.anonymous().header("cookie", &format!("BrickAPI={SESSION}"))
    }

    /// No credential at all.
    pub(crate) fn anonymous(mut self) -> Self {
        self.headers.retain(|(name, _)| *name != "authorization");
        self
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

/// This path, this query, these headers and no others, this body or none.
struct Exactly {
    host: String,
    format: Format,
    exchange: Exchange,
}

impl Match for Exactly {
    fn matches(&self, request: &Request) -> bool {
        let Exchange { path, suffixed, query, body, headers: own, .. } = &self.exchange;
        let suffix = if *suffixed { either(self.format, [".json", ".xml"]) } else { "" };
        let target = format!("/api/rest/v1{path}{suffix}");
        let user_agent = format!("brickftp-rust/{}", env!("CARGO_PKG_VERSION"));
        let length = request.body.len().to_string();
        let mut headers = vec![("accept", self.format.media_type()), ("host", &self.host), ("user-agent", &user_agent)];
        headers.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
        if body.is_some() {
            headers.extend([("content-type", self.format.media_type()), ("content-length", &length)]);
        } else if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
            headers.push(("content-length", "0"));
        }
        headers.sort_unstable();
        let mut came: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("?"))).collect();
        came.sort_unstable();
        let same_body = match (body, self.format) {
            (None, _) => request.body.is_empty(),
            (Some((json, _)), Format::Json) => {
                serde_json::from_slice::<Value>(&request.body).is_ok_and(|sent| sent == *json)
            }
            (Some((_, xml)), Format::Xml) => request.body == xml.as_bytes(),
        };
        let asked = (request.url.path(), request.url.query());
        let matches = asked == (&target, query.as_deref()) && came == headers && same_body;
        if !matches {
            eprintln!(
                "expected {target} {query:?} {headers:?} {body:?}, came {asked:?} {came:?} {}",
                String::from_utf8_lossy(&request.body)
            );
        }
        matches
    }
}

/// A client whose transport answers from a script, for paused time.
pub(crate) fn scripted(script: &Script) -> Client {
    scripted_for(script, API_KEY, Format::Json)
}

pub(crate) fn scripted_for(script: &Script, access: impl Into<Access>, format: Format) -> Client {
    Client::builder("acme", access)
        .transport(script.clone())
        .retry(RetryPolicy::new().seed(7))
        .format(format)
        .build()
        .unwrap()
}

//! A mock service that responds to exact requests only.

use serde_json::Value;
use wiremock::matchers::method;
use wiremock::{Match, Mock, MockServer, Request, ResponseTemplate};

/// A request: its method, its documented path, and its JSON body.
#[derive(Debug, Clone)]
pub struct Exchange<'a> {
    /// The method.
    pub method: &'static str,
    /// The path, with the query if there is one.
    pub path: &'a str,
    /// The body.
    pub body: Option<Value>,
}

/// Creates a `GET`.
#[must_use]
pub fn get(path: &str) -> Exchange<'_> {
    Exchange { method: "GET", path, body: None }
}

/// Creates a `DELETE`.
#[must_use]
pub fn delete(path: &str) -> Exchange<'_> {
    Exchange { method: "DELETE", path, body: None }
}

/// Creates a `POST` with an optional body.
pub fn post(path: &str, body: impl Into<Option<Value>>) -> Exchange<'_> {
    Exchange { method: "POST", path, body: body.into() }
}

/// Creates a `PUT`.
#[must_use]
pub fn put(path: &str, body: Value) -> Exchange<'_> {
    Exchange { method: "PUT", path, body: Some(body) }
}

/// Creates a `PATCH`.
#[must_use]
pub fn patch(path: &str, body: Value) -> Exchange<'_> {
    Exchange { method: "PATCH", path, body: Some(body) }
}

impl Exchange<'_> {
    /// Returns the exact request that a JSON client with a bearer token sends.
    #[must_use]
    pub fn with_token(self, token: &str, user_agent: &str, target: impl Into<String>) -> Exact {
        let exact = Exact::new(self.method, target)
            .header("accept", "application/json")
            .header("authorization", &format!("Bearer {token}"))
            .header("user-agent", user_agent);
        match self.body {
            Some(body) => exact.body("application/json", Body::Json(body)),
            None => exact,
        }
    }
}

/// The properties of a client that the mock service needs.
pub trait Provider {
    /// The client.
    type Client;
    /// The value of `Authorization: Bearer`.
    const TOKEN: &'static str;
    /// The value of `User-Agent`.
    const USER_AGENT: &'static str;

    /// Creates a client for the service at this address. It makes one attempt per call.
    fn client(address: &str) -> Self::Client;

    /// Returns the path and query of a documented path.
    fn target(path: &str) -> String;
}

/// A mock service with its client.
#[derive(Debug)]
pub struct Service<P: Provider> {
    server: MockServer,
    /// The client.
    pub client: P::Client,
}

impl<P: Provider> Service<P> {
    /// Starts a service without responses.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let client = P::client(&server.uri());
        Self { server, client }
    }

    /// Starts a service that responds to exactly one request. Dropping it panics if the request did not arrive.
    pub async fn answering(exchange: Exchange<'_>, status: u16, body: impl Into<String>) -> Self {
        let service = Self::start().await;
        service.answers(exchange, status, body).await;
        service
    }

    /// Adds a response to one more request.
    pub async fn answers(&self, exchange: Exchange<'_>, status: u16, body: impl Into<String>) {
        let target = P::target(exchange.path);
        exchange.with_token(P::TOKEN, P::USER_AGENT, target).mount(&self.server, reply(status, body)).await;
    }

    /// Returns the number of received requests, expected or not.
    pub async fn requests(&self) -> usize {
        requests(&self.server).await
    }
}

/// Returns the number of requests that a server received, expected or not.
pub async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap_or_default().len()
}

/// Creates a response with JSON, with HTML if the body starts with `<`, or without a body.
pub fn reply(status: u16, body: impl Into<String>) -> ResponseTemplate {
    let (body, response) = (body.into(), ResponseTemplate::new(status));
    if body.is_empty() {
        return response;
    }
    let html = body.starts_with('<');
    response.set_body_raw(body, if html { "text/html" } else { "application/json" })
}

/// An exact request: path, query, all headers, and the body.
#[derive(Debug)]
pub struct Exact {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Body>,
}

/// A request body.
#[derive(Debug)]
pub enum Body {
    /// JSON with this value, in any formatting.
    Json(Value),
    /// These bytes.
    Bytes(Vec<u8>),
}

impl Exact {
    /// Creates a request without a body. Its only header is `Host`.
    pub fn new(method: &'static str, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: Vec::new(), body: None }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Sets the body and its headers.
    #[must_use]
    pub fn body(mut self, media_type: &str, body: Body) -> Self {
        self.body = Some(body);
        self.header("content-type", media_type)
    }

    /// Mounts a response to the request on a server. Dropping the server panics if the request did not arrive exactly
    /// once.
    pub async fn mount(mut self, server: &MockServer, response: ResponseTemplate) {
        self.headers.push(("host", server.address().to_string()));
        Mock::given(method(self.method)).and(self).respond_with(response).expect(1).mount(server).await;
    }
}

impl Match for Exact {
    fn matches(&self, request: &Request) -> bool {
        let length = request.body.len().to_string();
        let mut expected: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if self.body.is_some() || matches!(self.method, "POST" | "PUT" | "PATCH") {
            expected.push(("content-length", &length));
        }
        expected.sort_unstable();
        let mut headers: Vec<(&str, &str)> =
            request.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or("?"))).collect();
        headers.sort_unstable();
        let same_body = match &self.body {
            Some(Body::Json(body)) => serde_json::from_slice::<Value>(&request.body).is_ok_and(|sent| sent == *body),
            Some(Body::Bytes(body)) => request.body == *body,
            None => request.body.is_empty(),
        };
        let url = &request.url;
        let target = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let matches = target == self.target && headers == expected && same_body;
        if !matches {
            let (expected_target, body) = (&self.target, String::from_utf8_lossy(&request.body));
            eprintln!(
                "expected {expected_target} {expected:?} {:?}, received {target} {headers:?} {body:?}",
                self.body
            );
        }
        matches
    }
}

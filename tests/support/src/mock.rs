//! A mock of a service that answers one exact request, and nothing else.

use serde_json::Value;
use wiremock::matchers::method;
use wiremock::{Match, Mock, MockServer, Request, ResponseTemplate};

/// A request: its method, its path as the service's pages show it, its JSON.
#[derive(Debug, Clone)]
pub struct Exchange<'a> {
    /// The method.
    pub method: &'static str,
    /// The path, and the query where there is one.
    pub path: &'a str,
    /// The body.
    pub body: Option<Value>,
}

/// A `GET`.
#[must_use]
pub fn get(path: &str) -> Exchange<'_> {
    Exchange { method: "GET", path, body: None }
}

/// A `DELETE`.
#[must_use]
pub fn delete(path: &str) -> Exchange<'_> {
    Exchange { method: "DELETE", path, body: None }
}

/// A `POST`, with a body or without.
pub fn post(path: &str, body: impl Into<Option<Value>>) -> Exchange<'_> {
    Exchange { method: "POST", path, body: body.into() }
}

/// A `PUT`.
#[must_use]
pub fn put(path: &str, body: Value) -> Exchange<'_> {
    Exchange { method: "PUT", path, body: Some(body) }
}

/// A `PATCH`.
#[must_use]
pub fn patch(path: &str, body: Value) -> Exchange<'_> {
    Exchange { method: "PATCH", path, body: Some(body) }
}

impl Exchange<'_> {
    /// The request with this path and query, as a client of JSON sends it with a token.
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

/// What the mock of a service has to know of its client.
pub trait Provider {
    /// The client.
    type Client;
    /// What is sent in `Authorization: Bearer`.
    const TOKEN: &'static str;
    /// What is sent in `User-Agent`.
    const USER_AGENT: &'static str;

    /// A client of the service at this address, which makes one attempt.
    fn client(address: &str) -> Self::Client;

    /// The path and query that a path of the service's pages becomes.
    fn target(path: &str) -> String;
}

/// A service with its client.
#[derive(Debug)]
pub struct Service<P: Provider> {
    server: MockServer,
    /// The client.
    pub client: P::Client,
}

impl<P: Provider> Service<P> {
    /// A service that answers nothing yet.
    pub async fn start() -> Self {
        let server = MockServer::start().await;
        let client = P::client(&server.uri());
        Self { server, client }
    }

    /// A service that answers one request, exactly this one, by a reply. Dropping it fails where the request did not come.
    pub async fn answering(exchange: Exchange<'_>, status: u16, body: impl Into<String>) -> Self {
        let service = Self::start().await;
        service.answers(exchange, status, body).await;
        service
    }

    /// Answers one more request.
    pub async fn answers(&self, exchange: Exchange<'_>, status: u16, body: impl Into<String>) {
        let target = P::target(exchange.path);
        exchange.with_token(P::TOKEN, P::USER_AGENT, target).is_answered(&self.server, reply(status, body)).await;
    }

    /// How many requests came, expected or not.
    pub async fn requests(&self) -> usize {
        requests(&self.server).await
    }
}

/// How many requests came to a server, expected or not.
pub async fn requests(server: &MockServer) -> usize {
    server.received_requests().await.unwrap_or_default().len()
}

/// A reply of JSON, of HTML where it looks like that, or of nothing.
pub fn reply(status: u16, body: impl Into<String>) -> ResponseTemplate {
    let (body, reply) = (body.into(), ResponseTemplate::new(status));
    if body.is_empty() {
        return reply;
    }
    let html = body.starts_with('<');
    reply.set_body_raw(body, if html { "text/html" } else { "application/json" })
}

/// A request as it is sent: this path and query, these headers and those of the body and no others, this body or none.
#[derive(Debug)]
pub struct Exact {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Body>,
}

/// A body.
#[derive(Debug)]
pub enum Body {
    /// Any text of this value.
    Json(Value),
    /// These bytes.
    Bytes(Vec<u8>),
}

impl Exact {
    /// A request without a body, whose only header is the one of the connection.
    pub fn new(method: &'static str, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), headers: Vec::new(), body: None }
    }

    /// One more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The body, and the headers that come with it.
    #[must_use]
    pub fn body(mut self, media_type: &str, body: Body) -> Self {
        self.body = Some(body);
        self.header("content-type", media_type)
    }

    /// Has a server answer the request once. Dropping the server fails where the request did not come.
    pub async fn is_answered(mut self, server: &MockServer, reply: ResponseTemplate) {
        self.headers.push(("host", server.address().to_string()));
        Mock::given(method(self.method)).and(self).respond_with(reply).expect(1).mount(server).await;
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
            let (wanted, body) = (&self.target, String::from_utf8_lossy(&request.body));
            eprintln!("expected {wanted} {expected:?} {:?}, came {target} {headers:?} {body:?}", self.body);
        }
        matches
    }
}

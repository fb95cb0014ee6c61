//! The transport that the clients use by default.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method};
use url::{Position, Url};

use crate::http::{Body, BodyError, Request, Response, Transport};
use crate::{Error, Result};

/// Sends requests with reqwest, and switches off what reqwest would do by itself: redirects, its own retries, the referer,
/// decompression and HTTP/2.
///
/// Names of types below this one appear nowhere in its signatures, so that a new major version of reqwest is not a new
/// major version of this crate.
///
/// The variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are obeyed unless
/// [`no_proxy`](ReqwestTransportBuilder::no_proxy) is called.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    parsed: Arc<Parsed>,
}

/// Settings of a [`ReqwestTransport`].
#[derive(Debug, Clone)]
#[must_use = "settings do nothing until `build` is called"]
pub struct ReqwestTransportBuilder {
    connect_timeout: Duration,
    pool_idle_timeout: Duration,
    proxy: Proxy,
    root_certificates: Vec<Vec<u8>>,
    resolved: Vec<(String, Vec<SocketAddr>)>,
}

#[derive(Clone)]
enum Proxy {
    Environment,
    None,
    Url(String),
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A proxy's URL often holds a password.
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::None => "None",
            Self::Url(_) => "Url(***)",
        })
    }
}

impl Default for ReqwestTransportBuilder {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            // Below what common servers grant, so that a request rarely meets a connection that is just being closed.
            pool_idle_timeout: Duration::from_secs(30),
            proxy: Proxy::Environment,
            root_certificates: Vec::new(),
            resolved: Vec::new(),
        }
    }
}

impl ReqwestTransportBuilder {
    /// The longest time to make a connection, TLS included. Default 5 s.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long an unused connection is kept. Default 30 s.
    pub fn pool_idle_timeout(mut self, limit: Duration) -> Self {
        self.pool_idle_timeout = limit;
        self
    }

    /// Sends everything through a proxy, whatever the environment says.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::Url(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Trusts one more certificate authority, given as PEM.
    pub fn add_root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Connects to these addresses for a host name, in their order, without asking for the name.
    pub fn resolve(mut self, host: impl Into<String>, addresses: impl Into<Vec<SocketAddr>>) -> Self {
        self.resolved.push((host.into(), addresses.into()));
        self
    }

    /// Makes the transport. Does no I/O and needs no runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) where a certificate or the proxy's URL cannot be
    /// read, or where TLS has no cryptography to work with; the message names the feature to enable.
    pub fn build(self) -> Result<ReqwestTransport> {
        ensure_crypto_provider()?;
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(self.pool_idle_timeout);
        builder = match self.proxy {
            Proxy::Environment => builder,
            Proxy::None => builder.no_proxy(),
            Proxy::Url(url) => {
                builder.proxy(reqwest::Proxy::all(url).map_err(|_| Error::invalid_input("proxy", "is not a URL"))?)
            }
        };
        for (host, addresses) in &self.resolved {
            builder = builder.resolve_to_addrs(host, addresses);
        }
        builder = trust(builder, &self.root_certificates)?;
        let client = builder
            .build()
            .map_err(|error| Error::invalid_input("transport", "cannot be set up").with_source(error.without_url()))?;
        Ok(ReqwestTransport { client, parsed: Arc::default() })
    }
}

impl ReqwestTransport {
    /// The default settings, to be changed.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::default()
    }

    /// Whether this build can speak https at all.
    pub(crate) const HAS_TLS: bool =
        cfg!(any(feature = "rustls", feature = "rustls-ring", feature = "rustls-no-provider", feature = "native-tls"));
}

#[cfg(any(feature = "rustls", feature = "rustls-ring", feature = "rustls-no-provider", feature = "native-tls"))]
fn trust(mut builder: reqwest::ClientBuilder, certificates: &[Vec<u8>]) -> Result<reqwest::ClientBuilder> {
    for pem in certificates {
        let bundle = reqwest::Certificate::from_pem_bundle(pem).ok().filter(|bundle| !bundle.is_empty());
        let bundle = bundle.ok_or_else(|| Error::invalid_input("root certificate", "is not PEM"))?;
        builder = builder.tls_certs_merge(bundle);
    }
    Ok(builder)
}

#[cfg(not(any(feature = "rustls", feature = "rustls-ring", feature = "rustls-no-provider", feature = "native-tls")))]
fn trust(builder: reqwest::ClientBuilder, certificates: &[Vec<u8>]) -> Result<reqwest::ClientBuilder> {
    if certificates.is_empty() { Ok(builder) } else { Err(Error::invalid_input("root certificate", NO_TLS)) }
}

pub(crate) const NO_TLS: &str = "needs TLS, which this build has not: enable the feature `rustls`, `rustls-ring`, `native-tls` or `rustls-no-provider`";

/// reqwest panics where rustls is there and has no cryptography; this looks first.
#[allow(clippy::unnecessary_wraps, reason = "with some sets of features it cannot fail")]
fn ensure_crypto_provider() -> Result<()> {
    #[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Where two threads meet here, the first one wins and both have what they need.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    #[cfg(all(feature = "rustls-no-provider", not(any(feature = "rustls", feature = "rustls-ring"))))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(Error::invalid_input(
            "TLS",
            "has no cryptography provider: install one with `CryptoProvider::install_default` before building the \
             client, or enable the feature `rustls` or `rustls-ring`",
        ));
    }
    Ok(())
}

impl Transport for ReqwestTransport {
    async fn send(&self, request: Request) -> Result<Response> {
        let (mut parts, body) = request.into_parts();
        let url = self.parsed.url(&parts.uri)?;
        for name in [http::header::AUTHORIZATION, http::header::COOKIE] {
            if let Some(value) = parts.headers.get_mut(name) {
                value.set_sensitive(true);
            }
        }
        let mut outgoing = reqwest::Request::new(parts.method, url);
        *outgoing.headers_mut() = parts.headers;
        // A body that is empty on purpose says so; some gateways answer 411 to a POST that does not.
        if body.is_empty() && matches!(*outgoing.method(), Method::POST | Method::PUT | Method::PATCH) {
            outgoing.headers_mut().insert(http::header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        *outgoing.body_mut() = match body.into_bytes_or_stream() {
            Ok(bytes) if bytes.is_empty() => None,
            Ok(bytes) => Some(bytes.into()),
            Err(stream) => Some(reqwest::Body::wrap(stream)),
        };
        let mut incoming = self.client.execute(outgoing).await.map_err(classify)?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = incoming.status();
        *response.version_mut() = incoming.version();
        *response.headers_mut() = std::mem::take(incoming.headers_mut());
        let length = incoming.content_length();
        *response.body_mut() = Body::from_stream(Incoming(incoming), length);
        Ok(response)
    }
}

/// How many origins are remembered: the service's, and those of its storage.
const MAX_ORIGINS: usize = 4;

/// Origins that requests have gone to. Parsing a host again for each request is half of what parsing its URL costs.
#[derive(Debug, Default)]
struct Parsed(RwLock<Vec<Url>>);

impl Parsed {
    /// The URL of a URI. A parser that rewrites what it was given makes a different request, or breaks a signature; that
    /// is an error.
    fn url(&self, uri: &http::Uri) -> Result<Url> {
        if let Some(url) = self.at_known_origin(uri) {
            return Ok(url);
        }
        let url = Url::parse(&uri.to_string()).map_err(|_| Error::invalid_input("URL", "cannot be parsed"))?;
        if !spells(&url, uri) {
            return Err(Error::invalid_input("URL", "would be changed on the way out and is not sent"));
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < MAX_ORIGINS
            && !known.iter().any(|origin| is_at(origin, uri))
            && let Ok(origin) = url.join("/")
        {
            known.push(origin);
        }
        Ok(url)
    }

    fn at_known_origin(&self, uri: &http::Uri) -> Option<Url> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let origin = known.iter().find(|origin| is_at(origin, uri))?;
        // Whatever a path looks like to a parser of references, nothing but what was asked for is good enough.
        origin.join(uri.path_and_query()?.as_str()).ok().filter(|url| spells(url, uri))
    }
}

/// Whether a URL has the scheme and the authority of a URI, in the same spelling.
fn is_at(url: &Url, uri: &http::Uri) -> bool {
    let origin = url[..Position::BeforePath].split_once("://");
    origin.is_some() && origin == uri.scheme_str().zip(uri.authority().map(http::uri::Authority::as_str))
}

fn spells(url: &Url, uri: &http::Uri) -> bool {
    is_at(url, uri) && uri.path_and_query().is_some_and(|rest| url[Position::BeforePath..] == *rest.as_str())
}

/// Keeps reqwest's text, which is of use, without the URL, which may be signed.
fn classify(error: reqwest::Error) -> Error {
    let error = error.without_url();
    if error.is_connect() {
        Error::connect(error)
    } else if error.is_timeout() {
        Error::timeout("the connection fell silent").with_source(error)
    } else if error.is_builder() {
        Error::invalid_input("request", "cannot be sent").with_source(error)
    } else {
        Error::interrupted(error)
    }
}

struct Incoming(reqwest::Response);

impl futures_core::Stream for Incoming {
    type Item = Result<Bytes, BodyError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        // The future of a chunk keeps nothing between polls, so that it can be made anew for each.
        let chunk = std::pin::pin!(self.0.chunk());
        chunk.poll(context).map(|chunk| chunk.map_err(|error| error.without_url().into()).transpose())
    }
}

impl std::fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReqwestTransport")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is asked of an origin that is known, and of one that is not.
    fn both(text: &str) -> Option<(Option<Url>, Option<Url>)> {
        let uri: http::Uri = text.parse().ok()?;
        let known = Parsed::default();
        known.url(&"https://host.example:8443/first".parse().unwrap()).unwrap();
        Some((Parsed::default().url(&uri).ok(), known.url(&uri).ok()))
    }

    #[test]
    fn a_known_origin_changes_no_url() {
        for (path, sent) in [
            ("/a/b%20c?d=e%2Ff&g", true),
            ("/", true),
            ("/?", true),
            ("//evil.example/x", true),
            ("///x", true),
            ("/a:b@c/https://evil.example/", true),
            ("/a/../b", false),
            ("/a/%2e%2e/b", false),
            ("/a/./b", false),
            ("/a?b='c", false),
            ("/a\\b", false),
        ] {
            let text = format!("https://host.example:8443{path}");
            let Some((unknown, known)) = both(&text) else { panic!("{text}") };
            assert_eq!(known, unknown, "{text}");
            assert_eq!(known.map(String::from), sent.then_some(text));
        }
        for other in ["https://host.example/x", "http://host.example:8443/x", "https://host.example:84430/x"] {
            let (unknown, known) = both(other).unwrap();
            assert_eq!(known, unknown, "{other}");
        }
    }

    proptest! {
        #[test]
        fn nor_does_it_for_any_other_path(path in "[!-~]{0,24}") {
            if let Some((unknown, known)) = both(&format!("https://host.example:8443/{path}")) {
                prop_assert_eq!(known, unknown);
            }
        }
    }
}

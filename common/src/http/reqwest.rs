//! The default transport.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method};
use url::{Position, Url};

use crate::http::{Body, BodyError, Request, Response, Transport};
use crate::{Error, Result};

/// A transport based on reqwest. Redirects, reqwest's own retries, `Referer`, decompression and HTTP/2 are disabled.
///
/// No signature contains a reqwest type, so that a new major version of reqwest is not a breaking change of this crate.
///
/// The environment variables `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` apply unless
/// [`no_proxy`](ReqwestTransportBuilder::no_proxy) is called.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    parsed: Arc<Parsed>,
}

/// Builds a [`ReqwestTransport`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
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
        // The URL of a proxy often contains a password.
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
            // Shorter than the keep-alive of common servers, so that a request rarely uses a connection that is being closed.
            pool_idle_timeout: Duration::from_secs(30),
            proxy: Proxy::Environment,
            root_certificates: Vec::new(),
            resolved: Vec::new(),
        }
    }
}

impl ReqwestTransportBuilder {
    /// Sets the timeout for connecting, including TLS. Default: 5 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long an unused connection is kept. Default: 30 seconds.
    pub fn pool_idle_timeout(mut self, timeout: Duration) -> Self {
        self.pool_idle_timeout = timeout;
        self
    }

    /// Sets the proxy for all requests. Default: the proxy of the environment.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::Url(url.into());
        self
    }

    /// Disables all proxies, including those of the environment. Default: enabled.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Adds a trusted certificate authority in PEM format. Default: the authorities of the system.
    pub fn add_root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Sets the addresses of a host name, in order of preference, instead of DNS. Default: none.
    pub fn resolve(mut self, host: impl Into<String>, addresses: impl Into<Vec<SocketAddr>>) -> Self {
        self.resolved.push((host.into(), addresses.into()));
        self
    }

    /// Builds the transport. Performs no I/O and needs no runtime.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if a certificate or the proxy URL is invalid,
    /// or if TLS has no cryptography provider. The message then contains the feature to enable.
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
    /// Returns a builder with the default settings.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder::default()
    }

    /// Whether this build supports https.
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

pub(crate) const NO_TLS: &str = "needs TLS, which this build does not support: enable the feature `rustls`, `rustls-ring`, `native-tls` or `rustls-no-provider`";

/// Checks for a cryptography provider, because reqwest panics without one.
#[allow(clippy::unnecessary_wraps, reason = "it cannot fail with some features")]
fn ensure_crypto_provider() -> Result<()> {
    #[cfg(all(feature = "rustls-ring", not(feature = "rustls")))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // If two threads install one at the same time, the first one wins. Both are equal.
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
        // Some gateways respond with 411 to a POST without `Content-Length`.
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

/// The number of cached origins: those of the service and of its storage.
const MAX_ORIGINS: usize = 4;

/// A cache of origins. Parsing the host is half of the cost of parsing a URL.
#[derive(Debug, Default)]
struct Parsed(RwLock<Vec<Url>>);

impl Parsed {
    /// Returns the URL of a URI. It is an error if the parser would rewrite the URI, because the request would differ or
    /// its signature would be invalid.
    fn url(&self, uri: &http::Uri) -> Result<Url> {
        if let Some(url) = self.at_cached_origin(uri) {
            return Ok(url);
        }
        let url = Url::parse(&uri.to_string()).map_err(|_| Error::invalid_input("URL", "cannot be parsed"))?;
        if !is_same_text(&url, uri) {
            return Err(Error::invalid_input("URL", "is not in normal form and was not sent"));
        }
        let mut origins = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if origins.len() < MAX_ORIGINS
            && !origins.iter().any(|origin| is_at(origin, uri))
            && let Ok(origin) = url.join("/")
        {
            origins.push(origin);
        }
        Ok(url)
    }

    fn at_cached_origin(&self, uri: &http::Uri) -> Option<Url> {
        let origins = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let origin = origins.iter().find(|origin| is_at(origin, uri))?;
        // A path can look like a reference with a host, so the result is compared with the URI.
        origin.join(uri.path_and_query()?.as_str()).ok().filter(|url| is_same_text(url, uri))
    }
}

/// Returns whether a URL has the same scheme and authority text as a URI.
fn is_at(url: &Url, uri: &http::Uri) -> bool {
    let origin = url[..Position::BeforePath].split_once("://");
    origin.is_some() && origin == uri.scheme_str().zip(uri.authority().map(http::uri::Authority::as_str))
}

fn is_same_text(url: &Url, uri: &http::Uri) -> bool {
    is_at(url, uri) && uri.path_and_query().is_some_and(|rest| url[Position::BeforePath..] == *rest.as_str())
}

/// Converts an error of reqwest. The URL is removed because it may be presigned.
fn classify(error: reqwest::Error) -> Error {
    let error = error.without_url();
    if error.is_connect() {
        Error::connect(error)
    } else if error.is_timeout() {
        Error::timeout("the connection timed out").with_source(error)
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
        // The future of a chunk has no state between polls, so it can be created for each poll.
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

    /// Returns the URL without and with a cached origin.
    fn both(text: &str) -> Option<(Option<Url>, Option<Url>)> {
        let uri: http::Uri = text.parse().ok()?;
        let cached = Parsed::default();
        cached.url(&"https://host.example:8443/first".parse().unwrap()).unwrap();
        Some((Parsed::default().url(&uri).ok(), cached.url(&uri).ok()))
    }

    #[test]
    fn a_cached_origin_does_not_change_urls() {
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
            let Some((uncached, cached)) = both(&text) else { panic!("{text}") };
            assert_eq!(cached, uncached, "{text}");
            assert_eq!(cached.map(String::from), sent.then_some(text));
        }
        for other in ["https://host.example/x", "http://host.example:8443/x", "https://host.example:84430/x"] {
            let (uncached, cached) = both(other).unwrap();
            assert_eq!(cached, uncached, "{other}");
        }
    }

    proptest! {
        #[test]
        fn a_cached_origin_does_not_change_any_other_path(path in "[!-~]{0,24}") {
            if let Some((uncached, cached)) = both(&format!("https://host.example:8443/{path}")) {
                prop_assert_eq!(cached, uncached);
            }
        }
    }
}

//! The transport that the clients use by default.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method};

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
pub struct ReqwestTransport(reqwest::Client);

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
        Ok(ReqwestTransport(client))
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
        let text = spell(&parts.uri);
        let url = url::Url::parse(&text).map_err(|_| Error::invalid_input("URL", "cannot be parsed"))?;
        // A parser that rewrites what it was given makes a different request, or breaks a signature.
        if url.as_str() != text {
            return Err(Error::invalid_input("URL", "would be changed on the way out and is not sent"));
        }
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
        let mut incoming = self.0.execute(outgoing).await.map_err(classify)?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = incoming.status();
        *response.version_mut() = incoming.version();
        *response.headers_mut() = std::mem::take(incoming.headers_mut());
        let length = incoming.content_length();
        *response.body_mut() = Body::from_stream(Incoming(incoming), length);
        Ok(response)
    }
}

/// The text of a URI, put together by hand: formatting it costs as much as parsing it.
fn spell(uri: &http::Uri) -> String {
    let (scheme, authority) =
        (uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |authority| authority.as_str()));
    let rest = uri.path_and_query().map_or("/", |rest| rest.as_str());
    let mut text = String::with_capacity(scheme.len() + 3 + authority.len() + rest.len());
    for part in [scheme, "://", authority, rest] {
        text.push_str(part);
    }
    text
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

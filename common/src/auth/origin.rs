//! Origins and base URLs.

use std::fmt;

use bytes::Bytes;
use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use url::Url;

use crate::{Error, Result};

/// Scheme, host and port. Credentials are bound to origins.
///
/// # Examples
///
/// ```
/// use mft_common::transport::Origin;
///
/// let origin: Origin = "https://api.example.com:443/v1".parse()?;
/// assert_eq!(origin.to_string(), "https://api.example.com");
/// # Ok::<(), mft_common::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Box<str>,
    host: Box<str>,
    port: u16,
    /// Host and port as the requests of the client spell them.
    authority: Box<str>,
}

impl Origin {
    pub(crate) fn of_url(url: &Url) -> Option<Self> {
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        Some(Self { scheme: url.scheme().into(), host: host.into(), port, authority: authority.into() })
    }

    /// Returns whether the URI belongs to the origin.
    #[must_use]
    pub fn contains(&self, uri: &Uri) -> bool {
        let is_same_text = uri.authority().is_some_and(|authority| authority.as_str() == &*self.authority);
        (is_same_text && uri.scheme_str() == Some(&self.scheme)) || self.contains_normalized(uri)
    }

    fn contains_normalized(&self, uri: &Uri) -> bool {
        uri.scheme_str().is_some_and(|scheme| scheme.eq_ignore_ascii_case(&self.scheme))
            && uri.host().is_some_and(|host| host.eq_ignore_ascii_case(&self.host))
            && uri.port_u16().or_else(|| default_port(&self.scheme)) == Some(self.port)
            // In `https://api.example.com@evil.example/`, the host follows the user information.
            && !uri.authority().is_some_and(|authority| authority.as_str().contains('@'))
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "https" => Some(443),
        "http" => Some(80),
        _ => None,
    }
}

impl std::str::FromStr for Origin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Url::parse(text)
            .ok()
            .and_then(|url| Self::of_url(&url))
            .ok_or_else(|| Error::invalid_input("origin", "is not an absolute URL with a host"))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        if default_port(&self.scheme) == Some(self.port) { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// The base URL of an API: an origin and the path prefix of every request.
#[derive(Debug, Clone)]
pub struct BaseUrl {
    origin: Origin,
    /// Without a trailing slash, so that a path can follow.
    text: Box<str>,
    /// Scheme and authority of `text`.
    parts: (Scheme, Authority),
}

impl BaseUrl {
    /// Parses a base URL. Plain `http://` requires `allow_http`.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the text is not
    /// `https://host[:port][/path]`.
    pub fn parse(text: &str, allow_http: bool) -> Result<Self> {
        let refuse = |problem: &str| Err(Error::invalid_input("base URL", problem));
        // The message does not contain the text: a mistyped URL may contain a password.
        let Ok(url) = Url::parse(text.trim()) else {
            return refuse("is not an absolute URL such as https://api.example.com");
        };
        match url.scheme() {
            "https" => {}
            "http" if allow_http => {}
            "http" => return refuse("is plain http; call allow_http() to permit it"),
            _ => return refuse("must begin with https://"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("must not contain a user name or password");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("must not contain a query or fragment");
        }
        let Some(origin) = Origin::of_url(&url) else { return refuse("has no host") };
        let parts = (origin.scheme.parse(), origin.authority.parse());
        let (Ok(scheme), Ok(authority)) = parts else { return refuse("has an invalid host") };
        Ok(Self { origin, text: url.as_str().trim_end_matches('/').into(), parts: (scheme, authority) })
    }

    /// Returns the URI of an address below this base URL. Scheme and authority are not parsed again.
    pub(crate) fn uri(&self, address: String) -> Result<Uri> {
        let (scheme, authority) = self.parts.clone();
        let path = scheme.as_str().len() + "://".len() + authority.as_str().len();
        debug_assert!(address.starts_with(&*self.text) && address[path..].starts_with('/'));
        PathAndQuery::from_maybe_shared(Bytes::from(address).slice(path..))
            .ok()
            .and_then(|path| Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build().ok())
            .ok_or_else(|| Error::invalid_input("path", "does not form a valid URL or is too long"))
    }

    /// Returns the origin of the base URL.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the base URL without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Returns whether a URL is plain http to a loopback address. Environment variables can permit only this kind of http.
#[must_use]
pub fn is_loopback_http(text: &str) -> bool {
    let Ok(url) = Url::parse(text.trim()) else { return false };
    url.scheme() == "http"
        && match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_origin_is_contained() {
        let origin: Origin = "https://api.example.com/v1".parse().unwrap();
        for (uri, inside) in [
            ("https://api.example.com/x", true),
            ("https://API.example.com:443/x", true),
            ("http://api.example.com/x", false),
            ("https://api.example.com:8443/x", false),
            ("https://api.example.com.evil.example/x", false),
            ("https://api.example.com@evil.example/x", false),
            ("https://user@api.example.com/x", false),
            ("https://evil.example/api.example.com", false),
            ("/x", false),
        ] {
            assert_eq!(origin.contains(&uri.parse().unwrap()), inside, "{uri}");
        }
    }

    #[test]
    fn invalid_base_urls_are_rejected() {
        for text in [
            "",
            "api.example.com",
            "http://api.example.com",
            "ftp://api.example.com",
            "https://u:p4ssw0rd@api.example.com",
            "https://api.example.com?x=1",
            "https://api.example.com#x",
            "https://",
            "file:///etc/passwd",
        ] {
            let error = BaseUrl::parse(text, false).unwrap_err();
            assert!(error.is_invalid_input() && !error.to_string().contains("p4ssw0rd"), "{text}: {error}");
        }
        assert_eq!(BaseUrl::parse("http://127.0.0.1:8080/api/", true).unwrap().as_str(), "http://127.0.0.1:8080/api");
        assert!(is_loopback_http("http://[::1]:80") && !is_loopback_http("http://10.0.0.1"));
        assert!(!is_loopback_http("http://127.0.0.1.evil.example"));
    }
}

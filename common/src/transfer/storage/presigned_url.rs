//! Presigned URLs: parsing, expiry, and the headers that may be sent to them.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use url::Url;

use crate::auth::origin::Origin;
use crate::clock::Clock;
use crate::{Error, OffsetDateTime, Result, Secret};

/// The maximum length of a URL in bytes.
const MAX_LENGTH: usize = 16 * 1024;

/// A URL that expires sooner is not used for a new request. Expiry limits when a request may start.
const MARGIN: Duration = Duration::from_secs(20);

/// A presigned URL for a part of an upload or for a download.
///
/// It grants access to the file, so `Debug` does not show it. The client sends it byte for byte as the service returned
/// it, and never with credentials.
#[derive(Clone)]
pub struct PresignedUrl {
    text: Secret,
    uri: Uri,
    origin: Origin,
    /// By the clock of the service that signed it.
    expires: Option<SystemTime>,
}

impl PresignedUrl {
    /// Parses a URL that a service returned. Plain `http://` needs `allow_http`.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) if the text is not an `http(s)` URL with a host and
    /// without user information. The error does not show the URL.
    pub fn parse(text: &str, allow_http: bool) -> Result<Self> {
        let invalid = |problem: &str| Error::protocol(format_args!("presigned URL {problem}"));
        if text.len() > MAX_LENGTH {
            return Err(invalid("is longer than 16 KiB"));
        }
        let url = Url::parse(text).map_err(|_| invalid("cannot be read"))?;
        match url.scheme() {
            "https" => {}
            "http" if allow_http => {}
            "http" => return Err(invalid("uses plain http; call allow_http() to permit it")),
            _ => return Err(invalid("is neither http nor https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("contains a user name"));
        }
        // A URL that the parser normalizes would no longer match its signature.
        let uri: Uri = text.parse().map_err(|_| invalid("cannot be read"))?;
        if url.as_str() != text || url.fragment().is_some() {
            return Err(invalid("would be changed by normalization"));
        }
        let origin = Origin::of_url(&url).ok_or_else(|| invalid("has no host"))?;
        let expires = expiry(&url);
        Ok(Self { text: Secret::new(text), uri, origin, expires })
    }

    /// Returns when the URL expires, if known.
    #[must_use]
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// Sets the expiry that the service documents, if the URL itself has none.
    #[must_use]
    pub fn or_expires(mut self, moment: Option<SystemTime>) -> Self {
        self.expires = self.expires.or(moment);
        self
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns whether a new request may use the URL.
    pub(crate) fn is_fresh(&self, clock: &Clock, signer: &Origin) -> bool {
        let Some(expires) = self.expires else { return true };
        // The storage's clock decides. Before its first response, the clock of the signing service is used.
        let now = clock.known_at(&self.origin).unwrap_or_else(|| clock.now_at(signer));
        expires.duration_since(now).is_ok_and(|left| left > MARGIN)
    }

    /// Returns whether the URL has certainly expired, which explains a rejected request.
    pub(crate) fn has_expired(&self, clock: &Clock, signer: &Origin) -> bool {
        let now = clock.known_at(&self.origin).unwrap_or_else(|| clock.now_at(signer));
        self.expires.is_some_and(|expires| expires <= now)
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns what must not appear in messages from the storage: the URL, its query, and long query values.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = vec![self.text.clone()];
        if let Some(query) = self.uri.query() {
            secrets.push(Secret::new(query));
            let values = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value);
            secrets.extend(values.filter(|value| value.len() >= 12).map(Secret::new));
        }
        secrets
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PresignedUrl({}/…)", self.origin)
    }
}

/// Reads `X-Amz-Date` and `X-Amz-Expires`, or `Expires` in seconds since the Unix epoch.
fn expiry(url: &Url) -> Option<SystemTime> {
    let value = |wanted: &str| {
        url.query_pairs().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.into_owned())
    };
    let seconds = |text: String| text.parse::<u32>().ok().map(u64::from).map(Duration::from_secs);
    if let (Some(date), Some(lifetime)) = (value("X-Amz-Date"), value("X-Amz-Expires")) {
        return basic_date(&date)?.checked_add(seconds(lifetime)?);
    }
    let moment = value("Expires")?.parse::<u64>().ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(moment))
}

/// Parses a date in basic format, such as `20180502T101500Z`.
fn basic_date(text: &str) -> Option<SystemTime> {
    if text.len() != 16 || !text.is_ascii() {
        return None;
    }
    let (day, time) = text.split_once('T')?;
    let extended = format!(
        "{}-{}-{}T{}:{}:{}",
        day.get(..4)?,
        day.get(4..6)?,
        day.get(6..8)?,
        time.get(..2)?,
        time.get(2..4)?,
        time.get(4..)?
    );
    extended.parse::<OffsetDateTime>().ok()?.to_system_time()
}

/// Returns the headers that the service requests for uploads to its storage.
///
/// # Errors
///
/// Fails with [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) if a header is invalid, or if it controls routing,
/// message length or authentication.
pub fn storage_headers<'h>(requested: impl IntoIterator<Item = (&'h str, &'h str)>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in requested {
        let (name, value) = storage_header(name, value)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

pub(crate) fn storage_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let invalid = || Error::protocol("a header that the service requests for the storage is invalid");
    let name: HeaderName = name.parse().map_err(|_| invalid())?;
    if !is_allowed(&name) {
        return Err(Error::protocol(format_args!("the service must not set the header {name}")));
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| invalid())?;
    value.set_sensitive(true);
    Ok((name, value))
}

fn is_allowed(name: &HeaderName) -> bool {
    const FORBIDDEN: [HeaderName; 12] = [
        header::HOST,
        header::AUTHORIZATION,
        header::PROXY_AUTHORIZATION,
        header::COOKIE,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::UPGRADE,
        header::TE,
        header::TRAILER,
        header::EXPECT,
        header::REFERER,
    ];
    !FORBIDDEN.contains(name) && !matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_unusable_urls_without_showing_them() {
        for (text, expected) in [
            ("http://169.254.169.254/latest?sig=hunter2", "plain http"),
            ("file:///etc/passwd?hunter2", "neither http nor https"),
            ("ftp://host/hunter2", "neither http nor https"),
            ("https://hunter2:x@host/a", "user name"),
            ("https://host/a/../hunter2", "normalization"),
            ("https://host/a?b='hunter2", "normalization"),
            ("https://host/a?b#hunter2", "normalization"),
            ("//host/hunter2", "cannot be read"),
            ("", "cannot be read"),
        ] {
            let error = PresignedUrl::parse(text, false).unwrap_err();
            let message = format!("{error} {error:?}");
            assert!(message.contains(expected) && !message.contains("hunter2"), "{text}: {message}");
        }
        assert!(PresignedUrl::parse(&format!("https://host/{}", "a".repeat(65_536)), false).is_err());
        assert!(PresignedUrl::parse("http://127.0.0.1:1/a?Signature=x", true).is_ok());
        let url = PresignedUrl::parse("https://host/a?X-Amz-Signature=hunter2", false).unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }

    #[test]
    fn reads_the_expiry_from_the_query() {
        let unix = |seconds| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        for (query, expected) in [
            ("X-Amz-Date=20180502T101500Z&X-Amz-Expires=900", unix(1_525_257_000)),
            ("x-amz-expires=0&x-amz-date=20180502T101500Z", unix(1_525_256_100)),
            ("Expires=1525270200&Signature=abc", unix(1_525_270_200)),
            ("X-Amz-Date=20180502T101500Z&X-Amz-Expires=soon", None),
            ("X-Amz-Date=2018&X-Amz-Expires=900", None),
            ("X-Amz-Date=20181502T101500Z&X-Amz-Expires=900", None),
            ("X-Amz-Date=20180502T101500Z&X-Amz-Expires=99999999999999999999", None),
            ("Expires=-1", None),
            ("Expires=never", None),
            ("a=b", None),
            ("", None),
        ] {
            let url = PresignedUrl::parse(&format!("https://host/o/1?{query}"), false).unwrap();
            assert_eq!(url.expires(), expected, "{query}");
        }
    }

    #[test]
    fn rejects_headers_that_a_service_must_not_set() {
        for name in ["Host", "authorization", "Content-Length", "Transfer-Encoding", "Cookie", "Connection", "a b", ""]
        {
            assert!(storage_headers([(name, "x")]).is_err(), "{name}");
        }
        assert!(storage_headers([("x-amz-acl", "a\r\nb")]).is_err());
        assert_eq!(storage_headers([("x-amz-acl", "private")]).unwrap().len(), 1);
    }
}

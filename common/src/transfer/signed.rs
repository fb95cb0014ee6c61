//! Signed URLs: what may be sent to them, and how long they live.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use url::Url;

use crate::auth::origin::Origin;
use crate::clock::Clock;
use crate::{Error, OffsetDateTime, Result, Secret};

/// Longer ones are no URLs of a storage.
const LONGEST: usize = 16 * 1024;

/// With less time left than this a URL is not begun with: the life of a URL bounds the start of a request.
const MARGIN: Duration = Duration::from_secs(20);

/// The address of a part or of a download, with its signature.
///
/// It is sent byte for byte as the service gave it, never with the client's credential, and never shown: whoever reads it
/// may read or write the file.
#[derive(Clone)]
pub struct SignedUrl {
    text: Secret,
    uri: Uri,
    origin: Origin,
    /// By the clock of whoever signed it.
    expires: Option<SystemTime>,
}

impl SignedUrl {
    /// Checks an address that a service gave out. Plain `http://` is refused unless the client permits it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protocol`](crate::ErrorKind::Protocol), which does not show it, for anything else than an http(s) URL
    /// with a host and without user information.
    pub fn parse(text: &str, allow_http: bool) -> Result<Self> {
        let refused = |problem: &str| Error::protocol(format_args!("a signed URL {problem}, and is not used"));
        if text.len() > LONGEST {
            return Err(refused("is longer than 16 KiB"));
        }
        let url = Url::parse(text).map_err(|_| refused("cannot be read"))?;
        match url.scheme() {
            "https" => {}
            "http" if allow_http => {}
            "http" => return Err(refused("is plain http (`allow_http` permits it)")),
            _ => return Err(refused("is neither http nor https")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("holds a user name"));
        }
        // What a parser rewrites would break the signature, or be another request.
        let uri: Uri = text.parse().map_err(|_| refused("cannot be read"))?;
        if url.as_str() != text || url.fragment().is_some() {
            return Err(refused("would be changed on its way"));
        }
        let origin = Origin::of_url(&url).ok_or_else(|| refused("has no host"))?;
        let expires = expiry(&url);
        Ok(Self { text: Secret::new(text), uri, origin, expires })
    }

    /// When it expires, by what it says itself.
    #[must_use]
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }

    /// Gives it the life that the service states, where the URL itself says nothing.
    #[must_use]
    pub fn or_expires(mut self, moment: Option<SystemTime>) -> Self {
        self.expires = self.expires.or(moment);
        self
    }

    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Whether a request may still be begun with it.
    pub(super) fn is_fresh(&self, clock: &Clock, signer: &Origin) -> bool {
        let Some(expires) = self.expires else { return true };
        // The storage's own clock decides; until it has told, the clock of the service that signs.
        let now = clock.known_at(&self.origin).unwrap_or_else(|| clock.now_at(signer));
        // A life shorter than the margin is used for what it is.
        expires.duration_since(now).is_ok_and(|left| left > MARGIN)
    }

    /// Whether it has expired for certain, so that a refusal needs no other reason.
    pub(super) fn has_expired(&self, clock: &Clock, signer: &Origin) -> bool {
        let now = clock.known_at(&self.origin).unwrap_or_else(|| clock.now_at(signer));
        self.expires.is_some_and(|expires| expires <= now)
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What must not appear in texts that come back from the storage: the URL, its query, and what looks like a key.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = vec![self.text.clone()];
        if let Some(query) = self.uri.query() {
            secrets.push(Secret::new(query));
            let values = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(_, value)| value);
            secrets.extend(values.filter(|value| value.len() >= 12).map(Secret::new));
        }
        secrets
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedUrl({}/…)", self.origin)
    }
}

/// `X-Amz-Date` and `X-Amz-Expires`, or `Expires` in seconds since 1970.
fn expiry(url: &Url) -> Option<SystemTime> {
    let value = |wanted: &str| {
        url.query_pairs().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.into_owned())
    };
    let seconds = |text: String| text.parse::<u32>().ok().map(u64::from).map(Duration::from_secs);
    if let (Some(date), Some(life)) = (value("X-Amz-Date"), value("X-Amz-Expires")) {
        let written = basic_date(&date)?;
        return written.checked_add(seconds(life)?);
    }
    let moment = value("Expires")?.parse::<u64>().ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(moment))
}

/// `20180502T101500Z`.
fn basic_date(text: &str) -> Option<SystemTime> {
    if text.len() != 16 || !text.is_ascii() {
        return None;
    }
    let (day, time) = text.split_once('T')?;
    let spelt = format!(
        "{}-{}-{}T{}:{}:{}", // as RFC 3339 spells it
        day.get(..4)?,
        day.get(4..6)?,
        day.get(6..8)?,
        time.get(..2)?,
        time.get(2..4)?,
        time.get(4..)?
    );
    spelt.parse::<OffsetDateTime>().ok()?.to_system_time()
}

/// Takes over headers that the service asks to send to its storage.
///
/// # Errors
///
/// [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) for headers that say where a request goes, how long it is or who
/// sends it, and for values that cannot stand in a header.
pub fn storage_headers<'h>(asked: impl IntoIterator<Item = (&'h str, &'h str)>) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in asked {
        let (name, value) = storage_header(name, value)?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// One of them.
pub(super) fn storage_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let refused = || Error::protocol("a header that the storage is to be sent is not one, and the upload is not begun");
    let name: HeaderName = name.parse().map_err(|_| refused())?;
    if !may_be_asked_for(&name) {
        return Err(Error::protocol(format_args!("the header {name} is not the service's to set")));
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
    value.set_sensitive(true);
    Ok((name, value))
}

fn may_be_asked_for(name: &HeaderName) -> bool {
    const REFUSED: [HeaderName; 12] = [
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
    !REFUSED.contains(name) && !matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_no_storage_are_refused_and_never_shown() {
        for (text, expected) in [
            ("http://169.254.169.254/latest?sig=hunter2", "plain http"),
            ("file:///etc/passwd?hunter2", "neither http nor https"),
            ("ftp://host/hunter2", "neither http nor https"),
            ("https://hunter2:x@host/a", "user name"),
            ("https://host/a/../hunter2", "changed on its way"),
            ("https://host/a?b='hunter2", "changed on its way"),
            ("https://host/a?b#hunter2", "changed on its way"),
            ("//host/hunter2", "cannot be read"),
            ("", "cannot be read"),
        ] {
            let error = SignedUrl::parse(text, false).unwrap_err();
            let said = format!("{error} {error:?}");
            assert!(said.contains(expected) && !said.contains("hunter2"), "{text}: {said}");
        }
        assert!(SignedUrl::parse(&format!("https://host/{}", "a".repeat(65_536)), false).is_err());
        assert!(SignedUrl::parse("http://127.0.0.1:1/a?Signature=x", true).is_ok());
        let url = SignedUrl::parse("https://host/a?X-Amz-Signature=hunter2", false).unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }

    #[test]
    fn the_life_of_a_url_is_read_from_it() {
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
            let url = SignedUrl::parse(&format!("https://host/o/1?{query}"), false).unwrap();
            assert_eq!(url.expires(), expected, "{query}");
        }
    }

    #[test]
    fn headers_that_are_not_the_services_to_set_are_refused() {
        for name in ["Host", "authorization", "Content-Length", "Transfer-Encoding", "Cookie", "Connection", "a b", ""]
        {
            assert!(storage_headers([(name, "x")]).is_err(), "{name}");
        }
        assert!(storage_headers([("x-amz-acl", "a\r\nb")]).is_err());
        assert_eq!(storage_headers([("x-amz-acl", "private")]).unwrap().len(), 1);
    }
}

//! URLs of webhooks. Most contain a secret.

use std::fmt;

use serde::Serialize;

use crate::Secret;

/// The URL of a webhook. `Debug` prints its scheme and host only.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Creates a URL without checking it.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// Returns the URL as it is sent to the service.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the text is a URL that starts with `https://`, or with `http://` if permitted. A text that a URL
    /// parser would correct (missing slashes, spaces, line ends) is not valid, because the service gets the original text.
    #[must_use]
    pub fn is_web_address(&self, allows_http: bool) -> bool {
        let starts_with =
            |scheme: &str| self.0.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        let is_unmodified = !self.0.contains(|character: char| character.is_whitespace() || character.is_control());
        let has_scheme = starts_with("https://") || (allows_http && starts_with("http://"));
        is_unmodified && has_scheme && url::Url::parse(&self.0).is_ok()
    }

    /// Returns the URL as a secret if a part of it may be secret. It is then masked in error messages of the service.
    #[must_use]
    pub fn secret(&self) -> Option<Secret> {
        let is_hidden = format!("{self:?}") != format!("{:?}", self.0);
        is_hidden.then(|| Secret::new(self.0.as_str()))
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RedactedUrl(&self.0).fmt(f)
    }
}

/// Prints scheme and host of a URL. User information, path, query and fragment may be secret: the path of an incoming
/// webhook of Slack or Teams, for example, permits posting.
pub struct RedactedUrl<'a>(pub &'a str);

impl fmt::Debug for RedactedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after_scheme = self.0.find("://").map_or(0, |colon| colon + "://".len());
        let (scheme, tail) = self.0.split_at(after_scheme);
        let (authority, more) = tail.split_at(tail.find(['/', '\\', '?', '#']).unwrap_or(tail.len()));
        // In an invalid URL, the password may contain a slash, so that the text before it is not the host.
        if more.contains('@') {
            return fmt::Debug::fmt(&format!("{scheme}***"), f);
        }
        let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(_, host)| ("***@", host));
        let (separator, hidden) = more.split_at(more.len().min(1));
        let hidden = if hidden.is_empty() { "" } else { "***" };
        fmt::Debug::fmt(&format!("{scheme}{user}{host}{separator}{hidden}"), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_and_host_are_printed() {
        for (url, printed) in [
            ("https://hooks.example.net", "https://hooks.example.net"),
            ("https://hooks.example.net:8443/", "https://hooks.example.net:8443/"),
            ("https://hooks.slack.com/services/T0/B0/hunter2", "https://hooks.slack.com/***"),
            ("https://u:hunter2@hooks.example.net/in?token=hunter2", "https://***@hooks.example.net/***"),
            ("https://hunter2@hooks.example.net", "https://***@hooks.example.net"),
            ("https://u:a@hunter2@hooks.example.net", "https://***@hooks.example.net"),
            ("https://hooks.example.net?hunter2#hunter2", "https://hooks.example.net?***"),
            ("https://hooks.example.net#hunter2", "https://hooks.example.net#***"),
            (r"https://hooks.example.net\hunter2", r"https://hooks.example.net\***"),
            ("https://u:hunter2/@hooks.example.net", "https://***"),
            ("https://u:hunter2?@hooks.example.net", "https://***"),
            ("https://hooks.example.net/in?to=a@hunter2", "https://***"),
            ("https:u:hunter2@hooks.example.net", "***@hooks.example.net"),
            ("hunter2@hooks.example.net?hunter2", "***@hooks.example.net?***"),
            ("ops@example.net", "***@example.net"),
            ("", ""),
        ] {
            assert_eq!(format!("{:?}", RedactedUrl(url)), format!("{printed:?}"), "{url}");
        }
    }

    #[test]
    fn a_url_that_a_parser_would_correct_is_invalid() {
        for (url, https, http) in [
            ("https://hooks.example.net/in?a=b", true, true),
            ("HTTPS://hooks.example.net", true, true),
            ("http://hooks.example.net", false, true),
            ("https:hooks.example.net", false, false),
            ("https:/hooks.example.net", false, false),
            ("https://", false, false),
            (" https://hooks.example.net", false, false),
            ("https://hooks.example.net/a\tb", false, false),
            ("ftp://hooks.example.net", false, false),
            ("ops@example.net", false, false),
            ("é", false, false),
            ("", false, false),
        ] {
            let address = WebhookUrl::new(url);
            assert_eq!((address.is_web_address(false), address.is_web_address(true)), (https, http), "{url}");
        }
    }
}

//! Addresses that services are to call: of most of them a part is secret.

use std::fmt;

use serde::Serialize;

use crate::Secret;

/// An address that a service is to call. `Debug` shows where it leads and nothing else of it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// An address that has not been looked at yet.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address as the service is sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it begins with `https://`, or `http://` where that is permitted, and is a URL as it stands. A parser mends
    /// missing slashes, blanks and line ends, of which the service is sent none the less.
    #[must_use]
    pub fn is_web_address(&self, allows_http: bool) -> bool {
        let begins_with =
            |scheme: &str| self.0.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme));
        let is_as_it_stands = !self.0.contains(|character: char| character.is_whitespace() || character.is_control());
        let has_scheme = begins_with("https://") || (allows_http && begins_with("http://"));
        is_as_it_stands && has_scheme && url::Url::parse(&self.0).is_ok()
    }

    /// The address, where a part of it may be secret, to be masked in what the service says of it.
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

/// Shows where an address leads and nothing else of it. Receivers keep their secrets in the user, the query, the fragment
/// and the path: whoever knows the path of an incoming webhook of Slack or Teams can write there.
pub struct RedactedUrl<'a>(pub &'a str);

impl fmt::Debug for RedactedUrl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behind_scheme = self.0.find("://").map_or(0, |colon| colon + "://".len());
        let (scheme, rest) = self.0.split_at(behind_scheme);
        let (authority, more) = rest.split_at(rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len()));
        // In an address that is not in order the password may hold a slash, and what stands before it be no host.
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
    fn everything_but_scheme_and_host_is_hidden() {
        for (url, shown) in [
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
            assert_eq!(format!("{:?}", RedactedUrl(url)), format!("{shown:?}"), "{url}");
        }
    }

    #[test]
    fn an_address_is_taken_as_it_stands_or_not_at_all() {
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

//! The address that a notification tells, of which a part may be secret.

use std::fmt;

#[cfg(feature = "unverified")]
use serde::Serialize;

/// An address that is to be sent.
#[cfg(feature = "unverified")]
#[derive(Clone, PartialEq, Eq, Serialize)]
pub(super) struct WebhookUrl(pub(super) String);

#[cfg(feature = "unverified")]
impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Redacted(&self.0).fmt(f)
    }
}

/// Shows an address without its user, password, query and fragment, in which receivers keep their secrets.
pub(super) struct Redacted<'a>(pub(super) &'a str);

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (address, more) = match self.0.find(['?', '#']) {
            Some(end) => (&self.0[..end], &self.0[end..=end]),
            None => (self.0, ""),
        };
        let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
        // In an address that is not in order the password may hold a slash.
        let (user, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("***@", rest));
        let separator = if scheme.is_empty() { "" } else { "://" };
        let hidden = if more.is_empty() { "" } else { "***" };
        fmt::Debug::fmt(&format!("{scheme}{separator}{user}{rest}{more}{hidden}"), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_password_query_and_fragment_are_hidden_and_nothing_else() {
        for (url, shown) in [
            ("https://hooks.example.net/in", "https://hooks.example.net/in"),
            ("https://hooks.example.net:8443", "https://hooks.example.net:8443"),
            ("https://u:hunter2@hooks.example.net/in?token=hunter2", "https://***@hooks.example.net/in?***"),
            ("https://hunter2@hooks.example.net", "https://***@hooks.example.net"),
            ("https://hooks.example.net?hunter2#hunter2", "https://hooks.example.net?***"),
            ("https://hooks.example.net/in#hunter2", "https://hooks.example.net/in#***"),
            ("https://u:hunter2/@hooks.example.net", "https://***@hooks.example.net"),
            ("https:u:hunter2@hooks.example.net", "***@hooks.example.net"),
            ("hunter2@hooks.example.net?hunter2", "***@hooks.example.net?***"),
            ("", ""),
        ] {
            assert_eq!(format!("{:?}", Redacted(url)), format!("{shown:?}"));
        }
    }
}

//! Who a client is.

use mft_common::Origin;
use mft_common::provider::Auth;

use crate::{Result, Secret, Session};

/// Who a client is to the service.
///
/// A text is an API key, which is the common case; a [`Session`] is what a login gave.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authentication {
    /// An API key, sent as the user name of HTTP Basic. The key of an administrator may do everything; that of another
    /// user only what concerns the files that the user may reach.
    ApiKey(Secret),
    /// The id of a session, sent as the cookie `BrickAPI`.
    Session(Secret),
    /// Nobody: enough to log in and to read bundles.
    Anonymous,
}

impl Authentication {
    /// The session with this id.
    pub fn session(id: impl Into<Secret>) -> Self {
        Self::Session(id.into())
    }

    pub(crate) fn kind(&self) -> AuthenticationKind {
        match self {
            Self::ApiKey(_) => AuthenticationKind::ApiKey,
            Self::Session(_) => AuthenticationKind::Session,
            Self::Anonymous => AuthenticationKind::Anonymous,
        }
    }

    pub(crate) fn auth(self, origins: Vec<Origin>) -> Result<Auth> {
        match self {
            // The password is not looked at; `x` is what everybody sends.
            Self::ApiKey(key) => Auth::basic("api_key", key, &Secret::new("x"), origins),
            Self::Session(id) => Auth::cookie("session", "BrickAPI", id, origins),
            Self::Anonymous => Ok(Auth::none()),
        }
    }
}

impl From<Secret> for Authentication {
    fn from(api_key: Secret) -> Self {
        Self::ApiKey(api_key)
    }
}

impl From<&str> for Authentication {
    fn from(api_key: &str) -> Self {
        Self::ApiKey(api_key.into())
    }
}

impl From<String> for Authentication {
    fn from(api_key: String) -> Self {
        Self::ApiKey(api_key.into())
    }
}

impl From<Session> for Authentication {
    fn from(session: Session) -> Self {
        Self::Session(session.id)
    }
}

impl From<&Session> for Authentication {
    fn from(session: &Session) -> Self {
        Self::Session(session.id.clone())
    }
}

/// What a client remembers of its access: the rest is in its pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthenticationKind {
    ApiKey,
    Session,
    Anonymous,
}

//! How a client authenticates.

mod reauthentication;

use mft_common::provider::Auth;
use mft_common::transport::Origin;

pub use reauthentication::Reauthentication;

use crate::{Result, Secret};

/// How a client authenticates to the service.
///
/// # Examples
///
/// ```no_run
/// use brickftp::{Authentication, Client};
///
/// let with_key = Client::builder("acme", Authentication::api_key("api-key")).build()?;
/// let with_session = Client::builder("acme", Authentication::session("session-id")).build()?;
/// let anonymous = Client::builder("acme", Authentication::anonymous()).build()?;
/// # Ok::<(), brickftp::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication(Method);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Method {
    ApiKey(Secret),
    Session(Secret),
    Anonymous,
}

/// The kind of a client's authentication. The pipeline holds the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthenticationKind {
    ApiKey,
    Session,
    Anonymous,
}

impl Authentication {
    /// Authenticates with an API key, sent as the username of HTTP Basic authentication.
    ///
    /// The key of a site administrator can call all operations. The key of another user can only call the file
    /// operations, for files that the user can access.
    pub fn api_key(key: impl Into<Secret>) -> Self {
        Self(Method::ApiKey(key.into()))
    }

    /// Authenticates with a session id, sent as the cookie `BrickAPI`. See [`Sessions::login`](crate::Sessions::login).
    pub fn session(id: impl Into<Secret>) -> Self {
        Self(Method::Session(id.into()))
    }

    /// Sends no credentials. This is sufficient to log in and to read bundles.
    #[must_use]
    pub const fn anonymous() -> Self {
        Self(Method::Anonymous)
    }

    pub(crate) fn kind(&self) -> AuthenticationKind {
        match self.0 {
            Method::ApiKey(_) => AuthenticationKind::ApiKey,
            Method::Session(_) => AuthenticationKind::Session,
            Method::Anonymous => AuthenticationKind::Anonymous,
        }
    }

    pub(crate) fn into_auth(self, origins: Vec<Origin>) -> Result<Auth> {
        match self.0 {
            // The service ignores the password. Its documentation uses `x`.
            Method::ApiKey(key) => Auth::basic("api_key", key, &Secret::new("x"), origins),
            Method::Session(id) => Auth::cookie("session", "BrickAPI", id, origins),
            Method::Anonymous => Ok(Auth::none()),
        }
    }
}

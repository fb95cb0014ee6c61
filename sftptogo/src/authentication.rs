//! Authentication methods of the client.

use mft_common::provider::{Auth, BaseUrl};

use crate::{Result, Secret};

/// How a client authenticates. SFTP To Go has one method: an API key, sent as a bearer token.
///
/// # Examples
///
/// ```
/// use sftptogo::Authentication;
///
/// let authentication = Authentication::api_key("api-key");
/// assert!(!format!("{authentication:?}").contains("api-key"));
/// ```
#[derive(Debug, Clone)]
pub struct Authentication {
    api_key: Secret,
}

impl Authentication {
    /// Authenticates with an API key.
    ///
    /// Applications on Heroku get the key as `SFTPTOGO_API_KEY`. Other customers request one from the service's
    /// support.
    pub fn api_key(key: impl Into<Secret>) -> Self {
        Self { api_key: key.into() }
    }

    /// Returns the pipeline's authenticator. It sends the key to the origins of the base URLs only.
    pub(crate) fn into_auth(self, base_urls: &[BaseUrl]) -> Result<Auth> {
        Auth::bearer("api_key", self.api_key, base_urls.iter().map(|base| base.origin().clone()).collect())
    }
}

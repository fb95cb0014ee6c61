//! Authentication methods of the client.

use mft_common::provider::{Auth, BaseUrl};

use crate::{Result, Secret};

/// How a client authenticates. Buckets has one method: an API key, sent as a bearer token.
///
/// # Examples
///
/// ```
/// use usebuckets::Authentication;
///
/// let authentication = Authentication::api_key("bio_test_api_123abc");
/// assert!(!format!("{authentication:?}").contains("123abc"));
/// ```
#[derive(Debug, Clone)]
pub struct Authentication {
    api_key: Secret,
}

impl Authentication {
    /// Authenticates with an API key of the dashboard. The key selects the account and the environment.
    pub fn api_key(key: impl Into<Secret>) -> Self {
        Self { api_key: key.into() }
    }

    /// Returns the pipeline's authenticator. It sends the key to the origins of the base URLs only.
    pub(crate) fn into_auth(self, base_urls: &[BaseUrl]) -> Result<Auth> {
        Auth::bearer("api_key", self.api_key, base_urls.iter().map(|base| base.origin().clone()).collect())
    }
}

//! How a client authenticates.

use mft_common::provider::check;
use serde::Serialize;

use crate::{Result, Secret};

mft_common::secret_type! {
    /// An API key. The control panel shows it once, on creation.
    ApiKey,

    /// The secret of an API key. The control panel shows it once, on creation.
    ApiSecret,
}

/// How a client authenticates.
///
/// # Examples
///
/// ```no_run
/// use stook::{ApiKey, ApiSecret, Authentication, Client, OrganizationId};
///
/// let organization = OrganizationId::from("0b6c1d2e-0000-4000-8000-0000000000aa");
/// let login = Authentication::login(ApiKey::new("api-key"), ApiSecret::new("api-secret"));
/// let client = Client::builder(organization.clone(), login).build()?;
/// let with_token = Client::builder(organization, Authentication::token("token")).build()?;
/// # Ok::<(), stook::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authentication {
    /// An API key and its secret, which the client exchanges for tokens.
    #[non_exhaustive]
    Login {
        /// The API key.
        api_key: ApiKey,
        /// The secret of the API key.
        api_secret: ApiSecret,
    },
    /// A token. After it expires, calls fail with [`ErrorKind::Auth`](crate::ErrorKind::Auth).
    Token(Secret),
}

impl Authentication {
    /// Authenticates with an API key and its secret, which the client exchanges for tokens.
    ///
    /// Calls `POST /api/v1/auth/login/token` before the first call of the client, 30 seconds before the token expires
    /// (by the server's clock), and after the service refuses a token. The login is single-flight: concurrent calls share
    /// one login, including its error.
    ///
    /// # Errors
    ///
    /// If the service refuses the key or the secret, the calls that waited for the token fail with
    /// [`Auth`](crate::ErrorKind::Auth) and the service's message. They have not been sent.
    #[must_use]
    pub fn login(api_key: ApiKey, api_secret: ApiSecret) -> Self {
        Self::Login { api_key, api_secret }
    }

    /// Authenticates with a token that was obtained earlier, for example with [`Auth::login`](crate::Auth::login).
    pub fn token(token: impl Into<Secret>) -> Self {
        Self::Token(token.into())
    }
}

/// The body of a login request.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LoginBody {
    #[serde(serialize_with = "mft_common::secret::expose")]
    api_key: ApiKey,
    #[serde(serialize_with = "mft_common::secret::expose")]
    api_secret: ApiSecret,
}

impl LoginBody {
    /// Returns the body if neither text is empty.
    pub(crate) fn new(api_key: ApiKey, api_secret: ApiSecret) -> Result<Self> {
        check::not_empty("api_key", api_key.expose())?;
        check::not_empty("api_secret", api_secret.expose())?;
        Ok(Self { api_key, api_secret })
    }

    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let Self { api_key, api_secret } = self.clone();
        vec![api_key.into(), api_secret.into()]
    }
}

//! The client and how it is made.

use std::fmt;
use std::sync::Arc;

use http::Method;
use mft_common::provider::{
    self, CallBuilder, PathValue, Pipeline, Settings, check_segment, optional_variable, required_variable,
};

#[cfg(feature = "unverified")]
use crate::Organizations;
use crate::authentication::LoginBody;
use crate::raw::RawCall;
use crate::service::{SERVICE, TOKEN_SERVICE};
use crate::token_exchange::LoginExchange;
use crate::{
    ApiKey, ApiSecret, Auth, Authentication, Buckets, Credentials, Error, FtpAccounts, LegacyV1, OrganizationId, Result,
};

const BASE_URL: &str = "https://cloud.medianova.com";

/// A client of one Stook organization.
///
/// Create one client and clone it. Clones are cheap and share connections, limits, tokens and the retry budget.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> stook::Result<()> {
/// use stook::{ApiKey, ApiSecret, Authentication, Client, OrganizationId};
///
/// let authentication = Authentication::login(ApiKey::new("api-key"), ApiSecret::new("api-secret"));
/// let client = Client::builder(OrganizationId::from("organization-uuid"), authentication).build()?;
/// let mut accounts = client.ftp_accounts().list();
/// while let Some(account) = accounts.try_next().await? {
///     println!("{}: {}", account.name.unwrap_or_default(), account.path.unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    organization_uuid: Arc<str>,
    /// `None` if the client authenticates with a token.
    login_exchange: Option<Arc<LoginExchange>>,
}

/// The settings of a [`Client`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use stook::{ApiKey, ApiSecret, Authentication, Client, OrganizationId};
///
/// let authentication = Authentication::login(ApiKey::new("api-key"), ApiSecret::new("api-secret"));
/// let client = Client::builder(OrganizationId::from("organization-uuid"), authentication)
///     .attempt_timeout(Duration::from_secs(20))
///     .user_agent("nightly-export/2.1")
///     .build()?;
/// # Ok::<(), stook::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder has no effect until `build` is called"]
pub struct ClientBuilder {
    organization_uuid: OrganizationId,
    authentication: Authentication,
    settings: Settings,
}

impl Client {
    /// Returns a builder for a client of the organization. The control panel shows the UUID of the organization.
    ///
    /// API keys with their secrets are created in the control panel: profile, account, API tokens.
    pub fn builder(organization_uuid: OrganizationId, authentication: Authentication) -> ClientBuilder {
        ClientBuilder { organization_uuid, authentication, settings: Settings::default() }
    }

    /// Creates a client from environment variables. See [`ClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or not usable. The
    /// message names it.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Returns the UUID of the organization.
    #[must_use]
    pub fn organization_uuid(&self) -> OrganizationId {
        OrganizationId::from(&*self.organization_uuid)
    }

    /// Returns the login endpoint. The client obtains its own tokens and does not need it.
    pub fn auth(&self) -> Auth<'_> {
        Auth { client: self }
    }

    /// Returns the operations on FTP accounts, in version 2 of the API.
    pub fn ftp_accounts(&self) -> FtpAccounts<'_> {
        FtpAccounts { client: self }
    }

    /// Returns the operations of version 1 of the API. The service recommends version 2 for new integrations.
    pub fn legacy_v1(&self) -> LegacyV1<'_> {
        LegacyV1 { client: self }
    }

    /// Returns the operations on buckets.
    pub fn buckets(&self) -> Buckets<'_> {
        Buckets { client: self }
    }

    /// Returns the operations on credentials: access keys to buckets over S3.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials { client: self }
    }

    /// Returns the operations on organizations.
    #[cfg(feature = "unverified")]
    pub fn organizations(&self) -> Organizations<'_> {
        Organizations { client: self }
    }

    /// Creates a call to an endpoint that this crate has no method for. It uses the same pipeline.
    ///
    /// The path is the documented path as it follows the base URL, with `{placeholders}` for its variable segments. The
    /// client fills in `{organization_uuid}`.
    ///
    /// The response includes its envelope. A 2xx response that reports a failure (`"status": false`, or another word such
    /// as `error` without any data) is an error, as for all other calls.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// use stook::raw::{Idempotency, Method};
    ///
    /// let response = client
    ///     .raw(Method::GET, "/api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}")
    ///     .path("ftp_uuid", "0b6c1d2e-0000-4000-8000-0000000000f1")
    ///     .idempotency(Idempotency::Safe)
    ///     .into_call()
    ///     .await?;
    /// println!("{} with {} bytes", response.status, response.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, method: Method, path: &str) -> RawCall {
        let call = RawCall::new(&self.pipeline, "stook.raw", method, path.to_owned());
        if path.contains("{organization_uuid}") {
            call.path("organization_uuid", &*self.organization_uuid)
        } else {
            call
        }
    }

    /// Builds a call. The organization fills the first placeholder of every template.
    pub(crate) fn call(
        &self,
        name: &'static str,
        method: Method,
        template: &'static str,
        ids: &[&dyn PathValue],
    ) -> CallBuilder {
        match *ids {
            [] => self.pipeline.call(name, method, template, &[&self.organization_uuid]),
            [id, ..] => self.pipeline.call(name, method, template, &[&self.organization_uuid, id]),
        }
    }

    pub(crate) fn login_exchange(&self) -> Option<&LoginExchange> {
        self.login_exchange.as_deref()
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// Returns the number of calls that could start now. For leak tests.
    #[doc(hidden)]
    #[must_use]
    pub fn free_permits(&self) -> usize {
        self.pipeline.free_permits()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("organization_uuid", &self.organization_uuid)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Creates a builder from environment variables.
    ///
    /// | variable | content |
    /// |---|---|
    /// | `STOOK_ORGANIZATION_UUID` | the UUID of the organization |
    /// | `STOOK_API_KEY` | the API key |
    /// | `STOOK_API_SECRET` | the secret of the API key |
    /// | `STOOK_TOKEN` | a token, used if neither key nor secret is set |
    /// | `STOOK_BASE_URL` | optional: the base URL; plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or not usable. The
    /// message names it.
    pub fn from_env() -> Result<Self> {
        let organization_uuid = OrganizationId::from(required_variable("STOOK_ORGANIZATION_UUID")?);
        let (key, secret) = (optional_variable("STOOK_API_KEY")?, optional_variable("STOOK_API_SECRET")?);
        let authentication = match (key, secret, optional_variable("STOOK_TOKEN")?) {
            (Some(key), Some(secret), _) => Authentication::login(ApiKey::new(key), ApiSecret::new(secret)),
            (None, None, Some(token)) => Authentication::token(token),
            (Some(_), None, _) => return Err(not_set("STOOK_API_SECRET is not set, but STOOK_API_KEY is")),
            (None, Some(_), _) => return Err(not_set("STOOK_API_KEY is not set, but STOOK_API_SECRET is")),
            (None, None, None) => return Err(not_set("neither STOOK_API_KEY nor STOOK_TOKEN is set")),
        };
        let mut builder = Client::builder(organization_uuid, authentication);
        if let Some(url) = optional_variable("STOOK_BASE_URL")? {
            builder.settings.base_url_from_environment(url);
        }
        Ok(builder)
    }

    mft_common::client_settings!();

    /// Builds the client. Performs no I/O and needs no runtime; the first call logs in.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if a setting is not usable or contradicts
    /// another one. The message names it.
    pub fn build(self) -> Result<Client> {
        let Self { organization_uuid, authentication, settings } = self;
        check_segment("organization_uuid", organization_uuid.as_str())?;
        let (pipeline, login_exchange) = match authentication {
            Authentication::Login { api_key, api_secret } => {
                let body = LoginBody::new(api_key, api_secret)?;
                let (pipeline, exchange) =
                    settings.pipeline_with_tokens(SERVICE, TOKEN_SERVICE, &[BASE_URL], None, |pipeline| {
                        LoginExchange { pipeline, body }
                    })?;
                (pipeline, Some(Arc::new(exchange)))
            }
            Authentication::Token(token) => {
                let pipeline = settings.pipeline(SERVICE, &[BASE_URL], |bases| {
                    provider::Auth::bearer("token", token, bases.iter().map(|base| base.origin().clone()).collect())
                })?;
                (pipeline, None)
            }
        };
        Ok(Client { pipeline, organization_uuid: organization_uuid.as_str().into(), login_exchange })
    }
}

fn not_set(problem: &str) -> Error {
    Error::invalid_input("environment variable", problem)
}

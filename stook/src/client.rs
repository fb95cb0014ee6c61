//! The client and how it is made.

use std::fmt;
use std::sync::Arc;

use http::Method;
use mft_common::provider::{
    self, CallBuilder, Pipeline, ServiceInfo, Settings, check_segment, optional_variable, required_variable,
};

#[cfg(feature = "unverified")]
use crate::Organizations;
use crate::authentication::{self, Login, LoginBody};
use crate::{
    Auth, Authentication, Buckets, Credentials, Error, FtpAccounts, LegacyV1, OrganizationId, RawCall, Result,
};

const BASE_URL: &str = "https://cloud.medianova.com";

pub(crate) const SERVICE: ServiceInfo = ServiceInfo {
    name: "stook",
    user_agent: concat!("stook-rust/", env!("CARGO_PKG_VERSION")),
    request_id_headers: &["x-request-id", "x-amzn-requestid", "request-id"],
    parse_error: crate::error::parse_error,
};

/// A client of one organization's storage.
///
/// Make one and clone it: clones are cheap and share connections, tokens, limits and the retry budget.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> stook::Result<()> {
/// use stook::{Authentication, Client};
///
/// let client = Client::builder("organization-uuid", Authentication::login("api-key", "api-secret")).build()?;
/// let mut accounts = client.ftp_accounts().list();
/// while let Some(account) = accounts.try_next().await? {
///     println!("{} sees {}", account.name.unwrap_or_default(), account.path.unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    organization_uuid: Arc<str>,
    /// `None` where the client has a token.
    login: Option<Arc<Login>>,
}

/// Settings of a [`Client`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use stook::{Authentication, Client};
///
/// let client = Client::builder("organization-uuid", Authentication::login("api-key", "api-secret"))
///     .attempt_timeout(Duration::from_secs(20))
///     .user_agent("nightly-export/2.1")
///     .build()?;
/// # Ok::<(), stook::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "settings do nothing until `build` is called"]
pub struct ClientBuilder {
    organization_uuid: OrganizationId,
    access: Authentication,
    settings: Settings,
}

impl Client {
    /// Begins a client of the organization, whose UUID the control panel shows.
    ///
    /// API keys with their secrets are made in the control panel too: profile, account, API tokens.
    pub fn builder(organization_uuid: impl Into<OrganizationId>, access: Authentication) -> ClientBuilder {
        ClientBuilder { organization_uuid: organization_uuid.into(), access, settings: Settings::default() }
    }

    /// Makes a client from the environment: see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the variable that is missing or not usable.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// The organization that the client works on.
    #[must_use]
    pub fn organization_uuid(&self) -> OrganizationId {
        OrganizationId::from(&*self.organization_uuid)
    }

    /// Authentication. A client obtains its tokens by itself.
    pub fn auth(&self) -> Auth<'_> {
        Auth { client: self }
    }

    /// Logins to buckets over FTP, in version 2 of the API.
    pub fn ftp_accounts(&self) -> FtpAccounts<'_> {
        FtpAccounts { client: self }
    }

    /// What is left of version 1 of the API. The service asks new integrations to use version 2.
    pub fn legacy_v1(&self) -> LegacyV1<'_> {
        LegacyV1 { client: self }
    }

    /// Buckets: where the objects are.
    pub fn buckets(&self) -> Buckets<'_> {
        Buckets { client: self }
    }

    /// Authentication keys to buckets over S3.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials { client: self }
    }

    /// The organizations of whoever the client is.
    #[cfg(feature = "unverified")]
    pub fn organizations(&self) -> Organizations<'_> {
        Organizations { client: self }
    }

    /// A call to an endpoint that this crate does not have, through the same pipeline. The path is the whole one; a place
    /// `{organization_uuid}` in it is filled by the client.
    ///
    /// The reply is handed out with its envelope. One that holds `"status": false`, or another word such as `error` and
    /// nothing beside it, is an error here too.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: stook::Client) -> stook::Result<()> {
    /// use stook::{Method, Idempotency};
    ///
    /// let reply = client
    ///     .raw(Method::GET, "/api/v2/stook/{organization_uuid}/ftp/{ftp_uuid}")
    ///     .path("ftp_uuid", "0b6c1d2e-0000-4000-8000-0000000000f1")
    ///     .idempotency(Idempotency::Safe)
    ///     .into_call()
    ///     .await?;
    /// println!("{} with {} bytes", reply.status, reply.body.len());
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

    /// Begins an operation. The organization fills the first place of every template.
    pub(crate) fn call(&self, name: &'static str, method: Method, template: &'static str, ids: &[&str]) -> CallBuilder {
        match *ids {
            [] => self.pipeline.call(name, method, template, &[&self.organization_uuid]),
            [id, ..] => self.pipeline.call(name, method, template, &[&self.organization_uuid, id]),
        }
    }

    pub(crate) fn login(&self) -> Option<&Login> {
        self.login.as_deref()
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// For tests of what leaks: how many more calls could start right now.
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
    /// Begins a client from the environment.
    ///
    /// | variable | content |
    /// |---|---|
    /// | `STOOK_ORGANIZATION_UUID` | the organization |
    /// | `STOOK_API_KEY` | the API key |
    /// | `STOOK_API_SECRET` | its secret |
    /// | `STOOK_TOKEN` | a token, looked at where neither key nor secret is set |
    /// | `STOOK_BASE_URL` | another address, if set; plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the variable that is missing.
    pub fn from_env() -> Result<Self> {
        let organization_uuid = required_variable("STOOK_ORGANIZATION_UUID")?;
        let (key, secret) = (optional_variable("STOOK_API_KEY")?, optional_variable("STOOK_API_SECRET")?);
        let access = match (key, secret, optional_variable("STOOK_TOKEN")?) {
            (Some(key), Some(secret), _) => Authentication::login(key, secret),
            (None, None, Some(token)) => Authentication::token(token),
            (Some(_), None, _) => return Err(not_set("STOOK_API_SECRET is not set, and STOOK_API_KEY is")),
            (None, Some(_), _) => return Err(not_set("STOOK_API_KEY is not set, and STOOK_API_SECRET is")),
            (None, None, None) => return Err(not_set("STOOK_API_KEY is not set, nor is STOOK_TOKEN")),
        };
        let mut builder = Client::builder(organization_uuid, access);
        if let Some(url) = optional_variable("STOOK_BASE_URL")? {
            builder.settings.base_url_from_environment(url);
        }
        Ok(builder)
    }

    mft_common::client_settings!();

    /// Makes the client. Does no I/O and needs no runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the setting that is not usable or contradicts
    /// another one.
    pub fn build(self) -> Result<Client> {
        let Self { organization_uuid, access, settings } = self;
        check_segment("organization_uuid", organization_uuid.as_str())?;
        let (pipeline, login) = match access {
            Authentication::Login { api_key, api_secret } => {
                let body = LoginBody { api_key, api_secret };
                body.check()?;
                let (pipeline, login) =
                    settings.pipeline_with_tokens(SERVICE, authentication::SERVICE, &[BASE_URL], None, |plain| {
                        body.over(plain)
                    })?;
                (pipeline, Some(Arc::new(login)))
            }
            Authentication::Token(token) => {
                let pipeline = settings.pipeline(SERVICE, &[BASE_URL], |bases| {
                    provider::Auth::bearer("token", token, bases.iter().map(|base| base.origin().clone()).collect())
                })?;
                (pipeline, None)
            }
        };
        Ok(Client { pipeline, organization_uuid: organization_uuid.as_str().into(), login })
    }
}

fn not_set(problem: &str) -> Error {
    Error::invalid_input("environment variable", problem)
}

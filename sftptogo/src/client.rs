//! The client and how it is made.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::Method;
use mft_common::provider::{
    Auth, CallBuilder, Pipeline, ServiceInfo, Settings, check_segment, optional_variable, required_variable,
};

use crate::{Credentials, OrganizationId, RawCall, Result, Secret, ShareLinks, SshKeys, Webhooks};

const BASE_URL: &str = "https://api.sftptogo.com";

const SERVICE: ServiceInfo = ServiceInfo {
    name: "sftptogo",
    user_agent: concat!("sftptogo-rust/", env!("CARGO_PKG_VERSION")),
    request_id_headers: &["x-request-id", "x-amzn-requestid", "request-id"],
    parse_error: crate::error::parse_error,
};

/// A client of one SFTP To Go organization.
///
/// Make one and clone it: clones are cheap and share connections, limits and the retry budget.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> sftptogo::Result<()> {
/// let client = sftptogo::Client::builder("0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b", "api-key").build()?;
/// let mut credentials = client.credentials().list();
/// while let Some(credential) = credentials.try_next().await? {
///     println!("{} at {}", credential.login_name(), credential.host.as_deref().unwrap_or("?"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    organization_id: Arc<str>,
    allows_http: bool,
}

/// Settings of a [`Client`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// let client = sftptogo::Client::builder("organization-id", "api-key")
///     .attempt_timeout(Duration::from_secs(20))
///     .user_agent("nightly-export/2.1")
///     .build()?;
/// # Ok::<(), sftptogo::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "settings do nothing until `build` is called"]
pub struct ClientBuilder {
    organization_id: OrganizationId,
    api_key: Secret,
    settings: Settings,
}

impl Client {
    /// Begins a client of the organization, which the dashboard shows in its address, with an API key.
    ///
    /// Applications on Heroku get the key as `SFTPTOGO_API_KEY`; everybody else asks the service's support for one.
    pub fn builder(organization_id: impl Into<OrganizationId>, api_key: impl Into<Secret>) -> ClientBuilder {
        ClientBuilder {
            organization_id: organization_id.into(),
            api_key: api_key.into(),
            settings: Settings::default(),
        }
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
    pub fn organization_id(&self) -> OrganizationId {
        OrganizationId::from(&*self.organization_id)
    }

    /// Logins to the storage: what the dashboard calls credentials and the API's paths call `users`.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials { client: self }
    }

    /// The SSH public keys of credentials.
    pub fn ssh_keys(&self) -> SshKeys<'_> {
        SshKeys { client: self }
    }

    /// Notifications about files, sent to an address of yours.
    pub fn webhooks(&self) -> Webhooks<'_> {
        Webhooks { client: self }
    }

    /// Links for browsers to a file or folder: what the API's paths call `portal-links`.
    pub fn share_links(&self) -> ShareLinks<'_> {
        ShareLinks { client: self }
    }

    /// A call to an endpoint that this crate does not have, through the same pipeline. The path begins behind the
    /// organization: `/users/{credential_id}` is what [`Credentials::get`] calls.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// use sftptogo::{Method, Idempotency};
    ///
    /// let reply = client
    ///     .raw(Method::GET, "/users/{credential_id}")
    ///     .path("credential_id", "9a41c07be25d38f6104a7ce3b8d52f")
    ///     .idempotency(Idempotency::Safe)
    ///     .into_call()
    ///     .await?;
    /// println!("{} with {} bytes", reply.status, reply.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, method: Method, path: &str) -> RawCall {
        // Anything else than a slash would go on with the organization's id.
        let template = if path.starts_with('/') {
            Cow::Owned(format!("/organizations/{{organization_id}}{path}"))
        } else {
            Cow::Owned(path.to_owned()) // refused, for its missing slash
        };
        RawCall::new(&self.pipeline, "sftptogo.raw", method, template).path("organization_id", &*self.organization_id)
    }

    /// Begins an operation. The organization fills the first place of every template.
    pub(crate) fn call(&self, name: &'static str, method: Method, template: &'static str, ids: &[&str]) -> CallBuilder {
        match *ids {
            [] => self.pipeline.call(name, method, template, &[&self.organization_id]),
            [id] => self.pipeline.call(name, method, template, &[&self.organization_id, id]),
            [id, inner, ..] => self.pipeline.call(name, method, template, &[&self.organization_id, id, inner]),
        }
    }

    pub(crate) fn allows_http(&self) -> bool {
        self.allows_http
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
            .field("organization_id", &self.organization_id)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Begins a client from the environment.
    ///
    /// | variable | content |
    /// |---|---|
    /// | `SFTPTOGO_API_KEY` | the API key; Heroku sets it |
    /// | `SFTPTOGO_ORGANIZATION_ID` | the organization |
    /// | `SFTPTOGO_BASE_URL` | another address, if set; plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the variable that is missing.
    pub fn from_env() -> Result<Self> {
        let organization_id = required_variable("SFTPTOGO_ORGANIZATION_ID")?;
        let mut builder = Client::builder(organization_id, required_variable("SFTPTOGO_API_KEY")?);
        if let Some(url) = optional_variable("SFTPTOGO_BASE_URL")? {
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
        let Self { organization_id, api_key, settings } = self;
        check_segment("organization_id", organization_id.as_str())?;
        let allows_http = settings.allows_http();
        let pipeline = settings.pipeline(SERVICE, &[BASE_URL], |bases| {
            Auth::bearer("api_key", api_key, bases.iter().map(|base| base.origin().clone()).collect())
        })?;
        Ok(Client { pipeline, organization_id: organization_id.as_str().into(), allows_http })
    }
}

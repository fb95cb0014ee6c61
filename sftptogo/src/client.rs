//! The client and its builder.

use std::fmt;
use std::sync::Arc;

use http::Method;
use mft_common::provider::{
    CallBuilder, PathValue, Pipeline, ServiceInfo, Settings, check_segment, optional_variable, required_variable,
};
use mft_common::raw::RawCall;

use crate::{Authentication, Credentials, OrganizationId, Result, ShareLinks, SshKeys, Webhooks};

const BASE_URL: &str = "https://api.sftptogo.com";

const SERVICE: ServiceInfo = ServiceInfo {
    name: "sftptogo",
    user_agent: concat!("sftptogo-rust/", env!("CARGO_PKG_VERSION")),
    request_id_headers: ServiceInfo::REQUEST_ID_HEADERS,
    parse_error: crate::error::parse_error,
};

/// A client for one SFTP To Go organization.
///
/// Create one client and clone it as needed. Clones are cheap. They share the connection pool, the concurrency limit and
/// the retry budget.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> sftptogo::Result<()> {
/// use sftptogo::{Authentication, Client, OrganizationId};
///
/// let organization = OrganizationId::from("0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b");
/// let client = Client::builder(organization, Authentication::api_key("api-key")).build()?;
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

/// The settings of a [`Client`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use sftptogo::{Authentication, Client, OrganizationId};
///
/// let client = Client::builder(OrganizationId::from("organization-id"), Authentication::api_key("api-key"))
///     .attempt_timeout(Duration::from_secs(20))
///     .user_agent("nightly-export/2.1")
///     .build()?;
/// # Ok::<(), sftptogo::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder has no effect until `build` is called"]
pub struct ClientBuilder {
    organization_id: OrganizationId,
    authentication: Authentication,
    settings: Settings,
}

impl Client {
    /// Returns a builder for a client of the given organization. The URL of the dashboard contains the organization id.
    pub fn builder(organization_id: OrganizationId, authentication: Authentication) -> ClientBuilder {
        ClientBuilder { organization_id, authentication, settings: Settings::default() }
    }

    /// Creates a client from environment variables. See [`ClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or invalid. The error names
    /// the variable.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Returns the id of the client's organization.
    #[must_use]
    pub fn organization_id(&self) -> OrganizationId {
        OrganizationId::from(&*self.organization_id)
    }

    /// Returns the operations on credentials: logins to the storage. The API's paths call them `users`.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials { client: self }
    }

    /// Returns the operations on the SSH public keys of credentials.
    pub fn ssh_keys(&self) -> SshKeys<'_> {
        SshKeys { client: self }
    }

    /// Returns the operations on webhooks: notifications about files.
    pub fn webhooks(&self) -> Webhooks<'_> {
        Webhooks { client: self }
    }

    /// Returns the operations on share links: links to a file or folder for web browsers. The API's paths call them
    /// `portal-links`.
    pub fn share_links(&self) -> ShareLinks<'_> {
        ShareLinks { client: self }
    }

    /// Calls any endpoint through the client's pipeline.
    ///
    /// The path is the documented path as it follows the client's base URL, with `{placeholders}`. The client fills in
    /// `{organization_id}`, and [`RawCall::path`] the others.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client) -> sftptogo::Result<()> {
    /// use sftptogo::raw::{Idempotency, Method};
    ///
    /// let response = client
    ///     .raw(Method::GET, "/organizations/{organization_id}/users/{credential_id}")
    ///     .path("credential_id", "9a41c07be25d38f6104a7ce3b8d52f")
    ///     .idempotency(Idempotency::Safe)
    ///     .into_call()
    ///     .await?;
    /// println!("{} with {} bytes", response.status, response.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, method: Method, path: &str) -> RawCall {
        let call = RawCall::new(&self.pipeline, "sftptogo.raw", method, path.to_owned());
        // A value without a placeholder is an error, and a path need not contain the organization.
        if path.contains("{organization_id}") { call.path("organization_id", &*self.organization_id) } else { call }
    }

    /// Starts an operation. The organization fills the first placeholder of every template.
    pub(crate) fn call(
        &self,
        name: &'static str,
        method: Method,
        template: &'static str,
        ids: &[&dyn PathValue],
    ) -> CallBuilder {
        match *ids {
            [] => self.pipeline.call(name, method, template, &[&self.organization_id]),
            [id] => self.pipeline.call(name, method, template, &[&self.organization_id, id]),
            [id, inner, ..] => self.pipeline.call(name, method, template, &[&self.organization_id, id, inner]),
        }
    }

    pub(crate) fn allows_http(&self) -> bool {
        self.allows_http
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
            .field("organization_id", &self.organization_id)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Returns a builder with the settings of these environment variables:
    ///
    /// | variable | content |
    /// |---|---|
    /// | `SFTPTOGO_API_KEY` | the API key; Heroku sets it |
    /// | `SFTPTOGO_ORGANIZATION_ID` | the organization id |
    /// | `SFTPTOGO_BASE_URL` | optional: the base URL; plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if a required variable is missing. The error names
    /// the variable.
    pub fn from_env() -> Result<Self> {
        let organization_id = OrganizationId::from(required_variable("SFTPTOGO_ORGANIZATION_ID")?);
        let authentication = Authentication::api_key(required_variable("SFTPTOGO_API_KEY")?);
        let mut builder = Client::builder(organization_id, authentication);
        if let Some(url) = optional_variable("SFTPTOGO_BASE_URL")? {
            builder.settings.base_url_from_environment(url);
        }
        Ok(builder)
    }

    mft_common::client_settings!();

    /// Builds the client. Performs no I/O and needs no runtime.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if a setting is invalid or contradicts another
    /// setting. The error names the setting.
    pub fn build(self) -> Result<Client> {
        let Self { organization_id, authentication, settings } = self;
        check_segment("organization_id", organization_id.as_str())?;
        let allows_http = settings.allows_http();
        let pipeline = settings.pipeline(SERVICE, &[BASE_URL], |base_urls| authentication.into_auth(base_urls))?;
        Ok(Client { pipeline, organization_id: organization_id.as_str().into(), allows_http })
    }
}

//! The client and its builder.

use std::fmt;
use std::sync::Arc;

use http::{Method, header};
use mft_common::provider::{
    CallBuilder, PathValue, Pipeline, ServiceInfo, Settings, optional_variable, required_variable,
};

use crate::authentication::AuthenticationKind;
use crate::raw::RawCall;
use crate::{
    ApiKeys, Authentication, Behaviors, Bundles, Error, Files, Folders, Format, Groups, History, Notifications,
    Permissions, PublicKeys, Reauthentication, Result, Sessions, Uploads, Users,
};

const SERVICE: ServiceInfo = ServiceInfo {
    name: "brickftp",
    user_agent: concat!("brickftp-rust/", env!("CARGO_PKG_VERSION")),
    request_id_headers: ServiceInfo::REQUEST_ID_HEADERS,
    parse_error: crate::error::parse_error,
};

/// Client for one BrickFTP site.
///
/// Create one client and clone it. Clones are cheap and share the connection pool, the limits and the retry budget.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> brickftp::Result<()> {
/// use brickftp::{Authentication, Client};
///
/// let client = Client::builder("acme", Authentication::api_key("api-key")).build()?;
/// let mut users = client.users().list();
/// while let Some(user) = users.try_next().await? {
///     println!("{} {}", user.id, user.username.unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    site: Arc<Site>,
    reauthentication: Option<Arc<Reauthentication>>,
}

/// State that all clones of a client share, apart from the pipeline.
struct Site {
    subdomain: Box<str>,
    host: Box<str>,
    authentication: AuthenticationKind,
    request_format: Format,
    response_format: Format,
    settings: Settings,
}

/// Builder for a [`Client`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use brickftp::{Authentication, Client};
///
/// let client = Client::builder("acme", Authentication::api_key("api-key"))
///     .attempt_timeout(Duration::from_secs(20))
///     .user_agent("nightly-export/2.1")
///     .build()?;
/// # Ok::<(), brickftp::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder has no effect until `build` is called"]
pub struct ClientBuilder {
    subdomain: String,
    authentication: Authentication,
    request_format: Format,
    response_format: Format,
    settings: Settings,
}

impl Client {
    /// Returns a builder for a client of the site `SUBDOMAIN.brickftp.com`.
    ///
    /// Administrators create API keys in the web interface or with [`ApiKeys::create`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use brickftp::{Authentication, Client};
    ///
    /// let client = Client::builder("acme", Authentication::api_key("api-key")).build()?;
    /// # Ok::<(), brickftp::Error>(())
    /// ```
    pub fn builder(subdomain: impl Into<String>, authentication: Authentication) -> ClientBuilder {
        ClientBuilder {
            subdomain: subdomain.into(),
            authentication,
            request_format: Format::Json,
            response_format: Format::Json,
            settings: Settings::default(),
        }
    }

    /// Creates a client from environment variables. See [`ClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), which names the variable, if a variable
    /// is missing or invalid.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Returns the first label of the site's host name.
    #[must_use]
    pub fn subdomain(&self) -> &str {
        &self.site.subdomain
    }

    /// Returns a client of the same site with another authentication. It has the same settings and shares the
    /// connection pool. Its limits and retry budget are separate.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the API key or session id is not a
    /// valid header value.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, visitors_session: String) -> brickftp::Result<()> {
    /// use brickftp::Authentication;
    ///
    /// let visitor = client.with_authentication(Authentication::session(visitors_session))?;
    /// visitor.sessions().logout().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_authentication(&self, authentication: Authentication) -> Result<Self> {
        let mut settings = self.site.settings.clone();
        settings.share_transport(&self.pipeline);
        ClientBuilder {
            subdomain: self.site.subdomain.to_string(),
            authentication,
            request_format: self.site.request_format,
            response_format: self.site.response_format,
            settings,
        }
        .build()
    }

    /// Returns a client that also sends the password of the session's user to operations that require reauthentication.
    ///
    /// The service requires reauthentication for sessions only. A client with an API key never sends the password. By
    /// default, it is sent with the two operations that are known to require it: [`Users::update`] if the update
    /// changes a password, and [`Users::delete`]. For other operations, see [`Reauthentication::on_every_call`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId, password: brickftp::Secret) -> brickftp::Result<()> {
    /// let session = client.sessions().login_guarded("ada", password.clone()).await?;
    /// session.with_reauthentication(password).users().delete(user).await?;
    /// session.logout().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_reauthentication(&self, reauthentication: impl Into<Reauthentication>) -> Self {
        Self { reauthentication: Some(Arc::new(reauthentication.into())), ..self.clone() }
    }

    /// Returns the operations on sessions: login and logout.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions { client: self }
    }

    /// Returns the operations on users.
    pub fn users(&self) -> Users<'_> {
        Users { client: self }
    }

    /// Returns the operations on the API keys of users.
    pub fn api_keys(&self) -> ApiKeys<'_> {
        ApiKeys { client: self }
    }

    /// Returns the operations on the SSH public keys of users.
    pub fn public_keys(&self) -> PublicKeys<'_> {
        PublicKeys { client: self }
    }

    /// Returns the operations on groups and their members.
    pub fn groups(&self) -> Groups<'_> {
        Groups { client: self }
    }

    /// Returns the operations on the permissions of users and groups.
    pub fn permissions(&self) -> Permissions<'_> {
        Permissions { client: self }
    }

    /// Returns the operations on e-mail notifications.
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications { client: self }
    }

    /// Returns the operations on the history of the site.
    pub fn history(&self) -> History<'_> {
        History { client: self }
    }

    /// Returns the operations on bundles: public links to files and folders.
    pub fn bundles(&self) -> Bundles<'_> {
        Bundles { client: self }
    }

    /// Returns the operations on behaviors: automatic actions on folders.
    pub fn behaviors(&self) -> Behaviors<'_> {
        Behaviors { client: self }
    }

    /// Returns the operations on folders.
    pub fn folders(&self) -> Folders<'_> {
        Folders { client: self }
    }

    /// Returns the operations on files, including uploads and downloads.
    pub fn files(&self) -> Files<'_> {
        Files { client: self }
    }

    /// Returns the single steps of an upload. [`Files::upload`] performs all of them.
    pub fn uploads(&self) -> Uploads<'_> {
        Uploads { client: self }
    }

    /// Creates a call to an endpoint that this crate has no method for. It uses the same pipeline. `path` is the
    /// documented path as it follows the client's base URL, with `{placeholders}`: [`Users::get`] calls
    /// `/users/{user_id}.json`.
    ///
    /// The call requests a JSON response in every client, unless an `Accept` header is set. It does not send the
    /// password of [`with_reauthentication`](Self::with_reauthentication).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::raw::{Method, Idempotency};
    ///
    /// let response = client.raw(Method::GET, "/site/usage.json").idempotency(Idempotency::Safe).into_call().await?;
    /// println!("{} with {} bytes", response.status, response.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, method: Method, path: &str) -> RawCall {
        RawCall::new(&self.pipeline, "brickftp.raw", method, path.to_owned())
            .header(header::ACCEPT, Format::Json.media_type())
    }

    /// Starts a call. A template that ends in `.{format}` gets the suffix of the response format.
    pub(crate) fn call(
        &self,
        name: &'static str,
        method: Method,
        template: &'static str,
        ids: &[&dyn PathValue],
    ) -> CallBuilder {
        let format = self.site.response_format;
        let builder = if template.ends_with(".{format}") {
            let suffix: &dyn PathValue = &format.suffix();
            let values: Vec<&dyn PathValue> = ids.iter().copied().chain([suffix]).collect();
            self.pipeline.call(name, method, template, &values)
        } else {
            self.pipeline.call(name, method, template, ids)
        };
        let call = builder.header(header::ACCEPT, format.media_type());
        // The login creates the session and has the password in its body.
        let always = self.reauthentication.as_ref().is_some_and(|password| password.on_every_call);
        if always && name != crate::sessions::LOGIN { self.reauthenticate(call) } else { call }
    }

    /// Sends the password of the session's user, if the client has both.
    pub(crate) fn reauthenticate(&self, call: CallBuilder) -> CallBuilder {
        match &self.reauthentication {
            Some(password) if self.site.authentication == AuthenticationKind::Session => password.apply(call),
            _ => call,
        }
    }

    pub(crate) fn request_format(&self) -> Format {
        self.site.request_format
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// The site's host name. The bodies of some calls contain it.
    pub(crate) fn host(&self) -> &str {
        &self.site.host
    }

    pub(crate) fn authentication(&self) -> AuthenticationKind {
        self.site.authentication
    }

    pub(crate) fn allows_http(&self) -> bool {
        self.site.settings.allows_http()
    }

    /// Returns the number of free concurrency permits. For leak tests.
    #[doc(hidden)]
    #[must_use]
    pub fn free_permits(&self) -> usize {
        self.pipeline.free_permits()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("subdomain", &self.site.subdomain)
            .field("authentication", &self.site.authentication)
            .field("formats", &(self.site.request_format, self.site.response_format))
            .field("reauthentication", &self.reauthentication)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Returns a builder from environment variables.
    ///
    /// | variable | content |
    /// |---|---|
    /// | `BRICKFTP_SUBDOMAIN` | the first part of the site's host name |
    /// | `BRICKFTP_API_KEY` | the API key |
    /// | `BRICKFTP_BASE_URL` | another address, if set, with its prefix (`https://host.example/api/rest/v1`); plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), which names the variable, if a variable
    /// is missing.
    pub fn from_env() -> Result<Self> {
        let subdomain = required_variable("BRICKFTP_SUBDOMAIN")?;
        let mut builder = Client::builder(subdomain, Authentication::api_key(required_variable("BRICKFTP_API_KEY")?));
        if let Some(url) = optional_variable("BRICKFTP_BASE_URL")? {
            builder.settings.base_url_from_environment(url);
        }
        Ok(builder)
    }

    /// Sets the format of requests and responses. Default: [`Format::Json`].
    pub fn format(self, format: Format) -> Self {
        self.request_format(format).response_format(format)
    }

    /// Sets the format of requests. Default: [`Format::Json`].
    pub fn request_format(mut self, format: Format) -> Self {
        self.request_format = format;
        self
    }

    /// Sets the format of responses. Default: [`Format::Json`].
    pub fn response_format(mut self, format: Format) -> Self {
        self.response_format = format;
        self
    }

    mft_common::client_settings!();

    /// Builds the client. Performs no I/O and needs no runtime.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), which names the setting, if a setting is
    /// invalid or contradicts another setting.
    pub fn build(self) -> Result<Client> {
        let Self { subdomain, authentication, request_format, response_format, settings } = self;
        check_subdomain(&subdomain)?;
        let kind = authentication.kind();
        let host = format!("{subdomain}.brickftp.com");
        let base_url = format!("https://{host}/api/rest/v1");
        let pipeline = settings.clone().pipeline(SERVICE, &[&base_url], |bases| {
            authentication.into_auth(bases.iter().map(|base| base.origin().clone()).collect())
        })?;
        let site = Site {
            subdomain: subdomain.into(),
            host: host.into(),
            authentication: kind,
            request_format,
            response_format,
            settings,
        };
        Ok(Client { pipeline, site: Arc::new(site), reauthentication: None })
    }
}

/// Checks that the subdomain is one valid label of a host name.
fn check_subdomain(subdomain: &str) -> Result<()> {
    let problem = if subdomain.is_empty() {
        "is empty"
    } else if subdomain.contains('.') {
        "has a dot; use only the first label of the host name, or set the base URL for another host"
    } else if !subdomain.chars().all(|character| character.is_ascii_alphanumeric() || character == '-') {
        "has a character other than letters, digits and hyphens"
    } else if subdomain.starts_with('-') || subdomain.ends_with('-') {
        "begins or ends with a hyphen"
    } else if subdomain.len() > 63 {
        "is longer than 63 characters"
    } else {
        return Ok(());
    };
    Err(Error::invalid_input("subdomain", problem))
}

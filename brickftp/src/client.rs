//! The client and how it is made.

use std::fmt;
use std::sync::Arc;

use http::{Method, header};
use mft_common::provider::{PathValue, Pipeline, ServiceInfo, Settings, optional_variable, required_variable};

use crate::authentication::AuthenticationKind;
use crate::raw::RawCall;
use crate::request::Request;
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

/// A client of one BrickFTP site.
///
/// Make one and clone it: clones are cheap and share connections, limits and the retry budget.
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

/// What all clones of a client share beside the pipeline.
struct Site {
    subdomain: Box<str>,
    host: Box<str>,
    authentication: AuthenticationKind,
    request_format: Format,
    response_format: Format,
    settings: Settings,
}

/// Settings of a [`Client`].
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
#[must_use = "settings do nothing until `build` is called"]
pub struct ClientBuilder {
    subdomain: String,
    authentication: Authentication,
    request_format: Format,
    response_format: Format,
    settings: Settings,
}

impl Client {
    /// Begins a client of the site `SUBDOMAIN.brickftp.com` with an API key, or with another [`Authentication`].
    ///
    /// An administrator makes API keys in the web interface or by [`ApiKeys::create`].
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

    /// Makes a client from the environment: see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the variable that is missing or not usable.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// The first part of the site's host name.
    #[must_use]
    pub fn subdomain(&self) -> &str {
        &self.site.subdomain
    }

    /// A client of the same site for somebody else: same settings, same connections, limits and retry budget of its own.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) where the key or session cannot stand in a header.
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

    /// The same client, which also sends the password of the session's user where the service wants it again.
    ///
    /// Only sessions are asked for it, so that a client with an API key never sends it. Given a password alone it goes
    /// with the two operations that are known to want it: [`Users::update`] where that changes a password, and
    /// [`Users::delete`]. For others that turn out to want it see [`Reauthentication::on_every_call`].
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// let session = client.sessions().login_guarded("ada", "password").await?;
    /// session.with_reauthentication("password").users().delete(user).await?;
    /// session.logout().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_reauthentication(&self, reauthentication: impl Into<Reauthentication>) -> Self {
        Self { reauthentication: Some(Arc::new(reauthentication.into())), ..self.clone() }
    }

    /// Logging in and out.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions { client: self }
    }

    /// The users of the site.
    pub fn users(&self) -> Users<'_> {
        Users { client: self }
    }

    /// The API keys of users.
    pub fn api_keys(&self) -> ApiKeys<'_> {
        ApiKeys { client: self }
    }

    /// The SSH public keys of users.
    pub fn public_keys(&self) -> PublicKeys<'_> {
        PublicKeys { client: self }
    }

    /// Groups of users, and who is in them.
    pub fn groups(&self) -> Groups<'_> {
        Groups { client: self }
    }

    /// What users and groups may do below a path.
    pub fn permissions(&self) -> Permissions<'_> {
        Permissions { client: self }
    }

    /// E-mails to users about files below a path.
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications { client: self }
    }

    /// What happened on the site.
    pub fn history(&self) -> History<'_> {
        History { client: self }
    }

    /// Files and folders behind public links.
    pub fn bundles(&self) -> Bundles<'_> {
        Bundles { client: self }
    }

    /// What the service does by itself in folders.
    pub fn behaviors(&self) -> Behaviors<'_> {
        Behaviors { client: self }
    }

    /// Folders and what is in them.
    pub fn folders(&self) -> Folders<'_> {
        Folders { client: self }
    }

    /// Files: moved, copied, deleted, and where their bytes are.
    pub fn files(&self) -> Files<'_> {
        Files { client: self }
    }

    /// Uploads step by step; [`Files::upload`] does all of it.
    pub fn uploads(&self) -> Uploads<'_> {
        Uploads { client: self }
    }

    /// A call to an endpoint that this crate does not have, through the same pipeline. The path begins behind
    /// `/api/rest/v1`: `/users/{user_id}.json` is what [`Users::get`] calls.
    ///
    /// The reply is asked for in JSON, whatever the client's format, unless a header `Accept` is set. The password of
    /// [`with_reauthentication`](Self::with_reauthentication) is not sent.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::raw::{Method, Idempotency};
    ///
    /// let reply = client.raw(Method::GET, "/site/usage.json").idempotency(Idempotency::Safe).into_call().await?;
    /// println!("{} with {} bytes", reply.status, reply.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, method: Method, path: &str) -> RawCall {
        RawCall::new(&self.pipeline, "brickftp.raw", method, path.to_owned())
            .header(header::ACCEPT, Format::Json.media_type())
    }

    /// Begins an operation. A template that ends in the place `.{format}` gets the suffix of the response's format.
    pub(crate) fn call(
        &self,
        name: &'static str,
        method: Method,
        template: &'static str,
        ids: &[&dyn PathValue],
    ) -> Request {
        let format = self.site.response_format;
        let builder = if template.ends_with(".{format}") {
            let suffix: &dyn PathValue = &format.suffix();
            let values: Vec<&dyn PathValue> = ids.iter().copied().chain([suffix]).collect();
            self.pipeline.call(name, method, template, &values)
        } else {
            self.pipeline.call(name, method, template, ids)
        };
        // Only sessions are asked for the password, and a login is what makes one.
        let asked = self.site.authentication == AuthenticationKind::Session && name != crate::sessions::LOGIN;
        let reauthentication = self.reauthentication.clone().filter(|_| asked);
        let always = reauthentication.as_ref().is_some_and(|known| known.on_every_call);
        let request = Request {
            name,
            builder: builder.header(header::ACCEPT, format.media_type()),
            format: self.site.request_format,
            reauthentication,
        };
        if always { request.reauthenticates() } else { request }
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// The site's host name, which some bodies name again.
    pub(crate) fn host(&self) -> &str {
        &self.site.host
    }

    pub(crate) fn authentication(&self) -> AuthenticationKind {
        self.site.authentication
    }

    pub(crate) fn allows_http(&self) -> bool {
        self.site.settings.allows_http()
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
            .field("subdomain", &self.site.subdomain)
            .field("authentication", &self.site.authentication)
            .field("formats", &(self.site.request_format, self.site.response_format))
            .field("reauthentication", &self.reauthentication)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Begins a client from the environment.
    ///
    /// | variable | content |
    /// |---|---|
    /// | `BRICKFTP_SUBDOMAIN` | the first part of the site's host name |
    /// | `BRICKFTP_API_KEY` | the API key |
    /// | `BRICKFTP_BASE_URL` | another address, if set, with its prefix (`https://host.example/api/rest/v1`); plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the variable that is missing.
    pub fn from_env() -> Result<Self> {
        let subdomain = required_variable("BRICKFTP_SUBDOMAIN")?;
        let mut builder = Client::builder(subdomain, Authentication::api_key(required_variable("BRICKFTP_API_KEY")?));
        if let Some(url) = optional_variable("BRICKFTP_BASE_URL")? {
            builder.settings.base_url_from_environment(url);
        }
        Ok(builder)
    }

    /// The format of requests and replies. Default [`Format::Json`].
    pub fn format(self, format: Format) -> Self {
        self.request_format(format).response_format(format)
    }

    /// The format of requests alone: the two may differ.
    pub fn request_format(mut self, format: Format) -> Self {
        self.request_format = format;
        self
    }

    /// The format of replies alone.
    pub fn response_format(mut self, format: Format) -> Self {
        self.response_format = format;
        self
    }

    mft_common::client_settings!();

    /// Makes the client. Does no I/O and needs no runtime.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the setting that is not usable or contradicts
    /// another one.
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

/// What can be one label of a host name.
fn check_subdomain(subdomain: &str) -> Result<()> {
    let problem = if subdomain.is_empty() {
        "is empty"
    } else if subdomain.contains('.') {
        "has a dot; it is the first part of the site's host name only. For another host set the base URL"
    } else if !subdomain.chars().all(|character| character.is_ascii_alphanumeric() || character == '-') {
        "has a character that is neither letter, digit nor hyphen"
    } else if subdomain.starts_with('-') || subdomain.ends_with('-') {
        "begins or ends with a hyphen"
    } else if subdomain.len() > 63 {
        "is longer than 63 characters"
    } else {
        return Ok(());
    };
    Err(Error::invalid_input("subdomain", problem))
}

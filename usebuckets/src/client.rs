//! The client and its builder.

use std::fmt;

use http::Method;
use mft_common::provider::{
    CallBuilder, PathValue, Pipeline, ServiceInfo, Settings, optional_variable, required_variable,
};
use mft_common::raw::RawCall;

#[cfg(feature = "unverified")]
use crate::Notifications;
use crate::{Authentication, Buckets, Result, Users};

const BASE_URL: &str = "https://api.usebuckets.io/v1";

const SERVICE: ServiceInfo = ServiceInfo {
    name: "usebuckets",
    user_agent: concat!("usebuckets-rust/", env!("CARGO_PKG_VERSION")),
    request_id_headers: ServiceInfo::REQUEST_ID_HEADERS,
    parse_error: crate::error::parse_error,
};

/// A client for one Buckets account and environment: those of its API key.
///
/// Create one client and clone it as needed. Clones are cheap. They share the connection pool, the concurrency limit and
/// the retry budget.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> usebuckets::Result<()> {
/// use usebuckets::{Authentication, Client};
///
/// let client = Client::builder(Authentication::api_key("bio_test_api_123abc")).build()?;
/// let mut buckets = client.buckets().list();
/// while let Some(bucket) = buckets.try_next().await? {
///     println!("{} at {}", bucket.id, bucket.host.as_deref().unwrap_or("?"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    #[cfg(feature = "unverified")]
    allows_http: bool,
}

/// The settings of a [`Client`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use usebuckets::{Authentication, Client};
///
/// let client = Client::builder(Authentication::api_key("bio_test_api_123abc"))
///     .attempt_timeout(Duration::from_secs(20))
///     .user_agent("nightly-export/2.1")
///     .build()?;
/// # Ok::<(), usebuckets::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder has no effect until `build` is called"]
pub struct ClientBuilder {
    authentication: Authentication,
    settings: Settings,
}

impl Client {
    /// Returns a builder for a client.
    ///
    /// The default base URL is `https://api.usebuckets.io/v1`. Set another with [`ClientBuilder::base_url`], for example
    /// `https://api.nightly.sh/v1` for the product under its later name.
    pub fn builder(authentication: Authentication) -> ClientBuilder {
        ClientBuilder { authentication, settings: Settings::default() }
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

    /// Returns the operations on buckets: SFTP servers, each with its own host, users and files.
    pub fn buckets(&self) -> Buckets<'_> {
        Buckets { client: self }
    }

    /// Returns the operations on the users of buckets: logins over SFTP.
    pub fn users(&self) -> Users<'_> {
        Users { client: self }
    }

    /// Returns the operations on notifications: webhooks of a bucket. All routes are assumed.
    #[cfg(feature = "unverified")]
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications { client: self }
    }

    /// Calls any endpoint through the client's pipeline.
    ///
    /// The path is the documented path as it follows the client's base URL, with `{placeholders}`. [`RawCall::path`]
    /// fills them in.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client) -> usebuckets::Result<()> {
    /// use usebuckets::raw::{Idempotency, Method};
    ///
    /// let response = client
    ///     .raw(Method::GET, "/buckets/{bucket_id}/directories")
    ///     .path("bucket_id", "bio_test_buc_7q2mk94x0ab")
    ///     .idempotency(Idempotency::Safe)
    ///     .into_call()
    ///     .await?;
    /// println!("{} with {} bytes", response.status, response.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, method: Method, path: &str) -> RawCall {
        RawCall::new(&self.pipeline, "usebuckets.raw", method, path.to_owned())
    }

    /// Starts an operation.
    pub(crate) fn call(
        &self,
        name: &'static str,
        method: Method,
        template: &'static str,
        ids: &[&dyn PathValue],
    ) -> CallBuilder {
        self.pipeline.call(name, method, template, ids)
    }

    #[cfg(feature = "unverified")]
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
        f.debug_struct("Client").field("pipeline", &self.pipeline).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Returns a builder with the settings of these environment variables:
    ///
    /// | variable | content |
    /// |---|---|
    /// | `USEBUCKETS_API_KEY` | the API key |
    /// | `USEBUCKETS_BASE_URL` | optional: the base URL; plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if a required variable is missing. The error names
    /// the variable.
    pub fn from_env() -> Result<Self> {
        let mut builder = Client::builder(Authentication::api_key(required_variable("USEBUCKETS_API_KEY")?));
        if let Some(url) = optional_variable("USEBUCKETS_BASE_URL")? {
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
        let Self { authentication, settings } = self;
        #[cfg(feature = "unverified")]
        let allows_http = settings.allows_http();
        let pipeline = settings.pipeline(SERVICE, &[BASE_URL], |base_urls| authentication.into_auth(base_urls))?;
        Ok(Client {
            pipeline,
            #[cfg(feature = "unverified")]
            allows_http,
        })
    }
}

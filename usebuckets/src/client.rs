//! The client and how it is made.

use std::fmt;

use http::Method;
use mft_common::provider::{Auth, CallBuilder, Pipeline, ServiceInfo, Settings, optional_variable, required_variable};

#[cfg(feature = "unverified")]
use crate::Notifications;
use crate::{Buckets, RawCall, Result, Secret, Users};

const BASE_URL: &str = "https://api.usebuckets.io/v1";

const SERVICE: ServiceInfo = ServiceInfo {
    name: "usebuckets",
    user_agent: concat!("usebuckets-rust/", env!("CARGO_PKG_VERSION")),
    request_id_headers: &["x-request-id", "x-amzn-requestid", "request-id"],
    parse_error: crate::error::parse_error,
};

/// A client of one Buckets account and environment: those of its API key.
///
/// Make one and clone it: clones are cheap and share connections, limits and the retry budget.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> usebuckets::Result<()> {
/// let client = usebuckets::Client::builder("bio_test_api_123abc").build()?;
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

/// Settings of a [`Client`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// let client = usebuckets::Client::builder("bio_test_api_123abc")
///     .attempt_timeout(Duration::from_secs(20))
///     .user_agent("nightly-export/2.1")
///     .build()?;
/// # Ok::<(), usebuckets::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "settings do nothing until `build` is called"]
pub struct ClientBuilder {
    api_key: Secret,
    settings: Settings,
}

impl Client {
    /// Begins a client with an API key of the dashboard. The key decides which account and environment it works on.
    ///
    /// The base URL is `https://api.usebuckets.io/v1` unless another is set, for example `https://api.nightly.sh/v1`,
    /// where the product lives under its later name.
    pub fn builder(api_key: impl Into<Secret>) -> ClientBuilder {
        ClientBuilder { api_key: api_key.into(), settings: Settings::default() }
    }

    /// Makes a client from the environment: see [`ClientBuilder::from_env`].
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the variable that is missing or not usable.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Buckets: SFTP servers, each with a host, users and files of its own.
    pub fn buckets(&self) -> Buckets<'_> {
        Buckets { client: self }
    }

    /// The users of buckets: logins over SFTP.
    pub fn users(&self) -> Users<'_> {
        Users { client: self }
    }

    /// Notifications: what a bucket tells an address of yours. All routes are assumed.
    #[cfg(feature = "unverified")]
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications { client: self }
    }

    /// A call to an endpoint that this crate does not have, through the same pipeline. The path begins behind `/v1`:
    /// `/buckets/{bucket_id}` is what [`Buckets::update`] calls.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: usebuckets::Client) -> usebuckets::Result<()> {
    /// use usebuckets::{Method, Idempotency};
    ///
    /// let reply = client
    ///     .raw(Method::GET, "/buckets/{bucket_id}/directories")
    ///     .path("bucket_id", "bio_test_buc_7q2mk94x0ab")
    ///     .idempotency(Idempotency::Safe)
    ///     .into_call()
    ///     .await?;
    /// println!("{} with {} bytes", reply.status, reply.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, method: Method, path: &str) -> RawCall {
        RawCall::new(&self.pipeline, "usebuckets.raw", method, path.to_owned())
    }

    /// Begins an operation.
    pub(crate) fn call(&self, name: &'static str, method: Method, template: &'static str, ids: &[&str]) -> CallBuilder {
        self.pipeline.call(name, method, template, ids)
    }

    #[cfg(feature = "unverified")]
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
        f.debug_struct("Client").field("pipeline", &self.pipeline).finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Begins a client from the environment.
    ///
    /// | variable | content |
    /// |---|---|
    /// | `USEBUCKETS_API_KEY` | the API key |
    /// | `USEBUCKETS_BASE_URL` | another address, if set; plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the variable that is missing.
    pub fn from_env() -> Result<Self> {
        let mut builder = Client::builder(required_variable("USEBUCKETS_API_KEY")?);
        if let Some(url) = optional_variable("USEBUCKETS_BASE_URL")? {
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
        let Self { api_key, settings } = self;
        #[cfg(feature = "unverified")]
        let allows_http = settings.allows_http();
        let pipeline = settings.pipeline(SERVICE, &[BASE_URL], |bases| {
            Auth::bearer("api_key", api_key, bases.iter().map(|base| base.origin().clone()).collect())
        })?;
        Ok(Client {
            pipeline,
            #[cfg(feature = "unverified")]
            allows_http,
        })
    }
}

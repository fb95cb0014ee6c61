//! The client and how it is made.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use http::Method;
use mft_common::provider::{
    BaseUrl, CallBuilder, PathValue, Pipeline, Settings, is_loopback_http, optional_variable, required_variable,
};

use crate::raw::RawCall;
use crate::service::{SERVICE, TOKEN_SERVICE};
#[cfg(feature = "unverified")]
use crate::storage::MkdirBody;
use crate::token_exchange::{self, KeyExchange};
use crate::{
    AccessKey, AssociationKey, Auth, Authentication, Error, FtpAccounts, Result, Secret, SecretKey, Storage, scope,
};

const BASE_URL: &str = "https://api.ftpgrid.com";

/// The index of the storage server in the client's base URLs.
const STORAGE: usize = 1;

/// A client of one ftpGrid account.
///
/// Create one client and clone it. Clones are cheap and share connections, limits, the token and the retry budget.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> ftpgrid::Result<()> {
/// use ftpgrid::{AccessKey, AssociationKey, Authentication, Client, SecretKey};
///
/// let authentication = Authentication::keys(
///     AssociationKey::new("association-key"),
///     AccessKey::new("AK_access"),
///     SecretKey::new("sk_live_secret"),
/// );
/// let client = Client::builder(authentication).storage_url("https://web3.ftpgrid.com").build()?;
/// let mut files = client.storage().list_files("/inbox");
/// while let Some(file) = files.try_next().await? {
///     println!("{} has {} bytes", file.name, file.size);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pipeline: Pipeline,
    account: Arc<Account>,
}

/// The state that all clones of a client share, apart from the pipeline.
struct Account {
    has_storage: bool,
    key_exchange: KeyExchange,
    lists_at_docs: Arc<AtomicBool>,
    deletes_at_docs: Arc<AtomicBool>,
    #[cfg(feature = "unverified")]
    mkdir_body: MkdirBody,
}

/// The settings of a [`Client`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use ftpgrid::{AccessKey, AssociationKey, Authentication, Client, SecretKey};
///
/// let authentication = Authentication::keys(
///     AssociationKey::new("association-key"),
///     AccessKey::new("AK_access"),
///     SecretKey::new("sk_live_secret"),
/// );
/// let client = Client::builder(authentication)
///     .storage_url("https://web3.ftpgrid.com")
///     .attempt_timeout(Duration::from_secs(20))
///     .user_agent("nightly-export/2.1")
///     .build()?;
/// # Ok::<(), ftpgrid::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder has no effect until `build` is called"]
pub struct ClientBuilder {
    authentication: Authentication,
    storage_url: Option<StorageUrl>,
    initial_token: Option<Secret>,
    #[cfg(feature = "unverified")]
    mkdir_body: MkdirBody,
    settings: Settings,
}

/// An unchecked URL. It may contain a password, so `Debug` hides it.
#[derive(Clone)]
struct StorageUrl(String);

impl fmt::Debug for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl Client {
    /// Returns a builder for a client that authenticates with the keys of a REST API account.
    ///
    /// The calls of [`storage`](Self::storage) also need [`ClientBuilder::storage_url`].
    pub fn builder(authentication: Authentication) -> ClientBuilder {
        ClientBuilder {
            authentication,
            storage_url: None,
            initial_token: None,
            #[cfg(feature = "unverified")]
            mkdir_body: MkdirBody::default(),
            settings: Settings::default(),
        }
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

    /// Returns the operations on FTP accounts: logins over FTP, FTPS, SFTP and SCP.
    pub fn ftp_accounts(&self) -> FtpAccounts<'_> {
        FtpAccounts { client: self }
    }

    /// Returns the operations on files and directories.
    pub fn storage(&self) -> Storage<'_> {
        Storage { client: self }
    }

    /// Returns the token endpoint. The client obtains its own tokens and does not need it.
    pub fn auth(&self) -> Auth<'_> {
        Auth { client: self }
    }

    /// Creates a call to an endpoint of the management API that this crate has no method for. It uses the same pipeline.
    ///
    /// The path is the documented path as it follows the base URL, with `{placeholders}` for its variable segments.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::raw::{Idempotency, Method};
    ///
    /// let call = client.raw(Method::GET, "/ftpaccounts/id/{id}").path("id", "501");
    /// let response = call.idempotency(Idempotency::Safe).into_call().await?;
    /// println!("{} with {} bytes", response.status, response.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, method: Method, path: &str) -> RawCall {
        RawCall::new(&self.pipeline, "ftpgrid.raw", method, path.to_owned())
    }

    /// Creates a call to an endpoint of the storage server that this crate has no method for. It uses the same pipeline.
    ///
    /// The path is the documented path as it follows the storage URL, with `{placeholders}` for its variable segments.
    /// Documented paths include `/api`, whether or not the storage URL was set with it.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::raw::{Idempotency, Method};
    ///
    /// let call = client.raw_storage(Method::POST, "/api/list/files").idempotency(Idempotency::Safe);
    /// let response = call.into_call().await?;
    /// println!("{} with {} bytes", response.status, response.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw_storage(&self, method: Method, path: &str) -> RawCall {
        RawCall::new(&self.pipeline, "ftpgrid.raw_storage", method, path.to_owned()).at_base(STORAGE)
    }

    /// Builds a call to the management API.
    pub(crate) fn call(
        &self,
        name: &'static str,
        method: Method,
        template: &'static str,
        ids: &[&dyn PathValue],
    ) -> CallBuilder {
        scope::require(self.pipeline.call(name, method, template, ids), name)
    }

    /// Builds a call to the storage server. Its operations all use `POST`.
    pub(crate) fn storage_call(&self, name: &'static str, template: &'static str) -> CallBuilder {
        let storage = if self.account.has_storage {
            Ok(())
        } else {
            Err(Error::invalid_input("storage_url", "is not set; the dashboard shows it in the settings"))
        };
        self.call(name, Method::POST, template, &[]).check(storage).at_base(STORAGE)
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    pub(crate) fn key_exchange(&self) -> &KeyExchange {
        &self.account.key_exchange
    }

    pub(crate) fn lists_at_docs(&self) -> &Arc<AtomicBool> {
        &self.account.lists_at_docs
    }

    pub(crate) fn deletes_at_docs(&self) -> &Arc<AtomicBool> {
        &self.account.deletes_at_docs
    }

    #[cfg(feature = "unverified")]
    pub(crate) fn mkdir_body(&self) -> MkdirBody {
        self.account.mkdir_body
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
    /// Creates a builder from environment variables.
    ///
    /// | variable | content |
    /// |---|---|
    /// | `FTPGRID_ASSOCIATION_KEY` | the association key of the ftpGrid account |
    /// | `FTPGRID_ACCESS_KEY` | the access key of the REST API account |
    /// | `FTPGRID_SECRET_KEY` | the secret key of the REST API account |
    /// | `FTPGRID_STORAGE_URL` | optional: the URL of the storage server; plain `http://` for loopback addresses only |
    /// | `FTPGRID_BASE_URL` | optional: the base URL of the management API; plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if a variable is missing or not usable. The
    /// message names it.
    pub fn from_env() -> Result<Self> {
        let association_key = AssociationKey::new(required_variable("FTPGRID_ASSOCIATION_KEY")?);
        let access_key = AccessKey::new(required_variable("FTPGRID_ACCESS_KEY")?);
        let secret_key = SecretKey::new(required_variable("FTPGRID_SECRET_KEY")?);
        let mut builder = Client::builder(Authentication::keys(association_key, access_key, secret_key));
        let (storage_url, base_url) =
            (optional_variable("FTPGRID_STORAGE_URL")?, optional_variable("FTPGRID_BASE_URL")?);
        // Checked for each URL: permission for one loopback URL must not extend to the other URL.
        for (name, url) in [("FTPGRID_STORAGE_URL", &storage_url), ("FTPGRID_BASE_URL", &base_url)] {
            url.as_deref().map_or(Ok(()), |url| check_http(name, url))?;
        }
        if let Some(url) = storage_url {
            builder.settings.loopback_from_environment(&url);
            builder = builder.storage_url(url);
        }
        if let Some(url) = base_url {
            builder.settings.base_url_from_environment(url);
        }
        Ok(builder)
    }

    /// Sets the URL of the storage server of the ftpGrid account, for example `https://web3.ftpgrid.com`. A trailing
    /// `/api` is accepted. Default: none; the calls of [`Client::storage`] then fail with
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
    ///
    /// The dashboard shows the URL in the settings. No endpoint returns it.
    pub fn storage_url(mut self, url: impl Into<String>) -> Self {
        self.storage_url = Some(StorageUrl(url.into()));
        self
    }

    /// Sets a token that was obtained earlier, for example with [`Auth::token`]. The client replaces it if the service
    /// refuses it. Default: none; the first call requests a token.
    pub fn initial_token(mut self, token: impl Into<Secret>) -> Self {
        self.initial_token = Some(token.into());
        self
    }

    /// Sets the request body of [`Storage::mkdir`]. Default: [`MkdirBody::Params`].
    ///
    /// **Unverified**, like the call itself.
    #[cfg(feature = "unverified")]
    pub fn mkdir_body(mut self, body: MkdirBody) -> Self {
        self.mkdir_body = body;
        self
    }

    mft_common::client_settings!();

    /// Builds the client. Performs no I/O and needs no runtime; the first call requests the first token.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if a setting is not usable or contradicts
    /// another one. The message names it.
    pub fn build(self) -> Result<Client> {
        let Self { authentication, storage_url, initial_token, settings, .. } = self;
        let keys = authentication.into_keys()?;
        let mut base_urls = vec![BASE_URL];
        let storage_url = storage_url.map(|StorageUrl(url)| url);
        if let Some(url) = storage_url.as_deref().map(without_api) {
            check_storage_url(url, settings.allows_http_to(url))?;
            base_urls.push(url);
        }
        let has_storage = base_urls.len() > 1;
        let initial_token = initial_token.map(token_exchange::initial);
        let (pipeline, key_exchange) =
            settings.pipeline_with_tokens(SERVICE, TOKEN_SERVICE, &base_urls, initial_token, |pipeline| {
                KeyExchange { pipeline, keys }
            })?;
        let account = Account {
            has_storage,
            key_exchange,
            lists_at_docs: Arc::default(),
            deletes_at_docs: Arc::default(),
            #[cfg(feature = "unverified")]
            mkdir_body: self.mkdir_body,
        };
        Ok(Client { pipeline, account: Arc::new(account) })
    }
}

/// Removes `/api`, because every path template starts with it. The dashboard and the documentation write the URL in both
/// forms.
fn without_api(url: &str) -> &str {
    let trimmed = url.trim().trim_end_matches('/');
    trimmed.strip_suffix("/api").unwrap_or(trimmed)
}

/// Checks the storage URL like a base URL, with an error that names the setting.
fn check_storage_url(url: &str, allow_http: bool) -> Result<()> {
    BaseUrl::parse(url, allow_http).map(|_| ()).map_err(|error| {
        let message = error.message().unwrap_or_default();
        Error::invalid_input("storage_url", message.strip_prefix("base URL ").unwrap_or(message))
    })
}

fn check_http(variable: &str, url: &str) -> Result<()> {
    // Parsed, because the URL parser ignores characters such as a tab inside `http:`.
    let is_plain = BaseUrl::parse(url, true).is_ok() && BaseUrl::parse(url, false).is_err();
    if is_plain && !is_loopback_http(url) {
        return Err(Error::invalid_input(variable, "is plain http, which is accepted for loopback addresses only"));
    }
    Ok(())
}

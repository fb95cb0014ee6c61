//! The client and how it is made.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use http::Method;
use mft_common::provider::{
    BaseUrl, CallBuilder, Pipeline, ServiceInfo, Settings, is_loopback_http, optional_variable, required_variable,
};

use crate::auth::{self, Exchange};
#[cfg(feature = "unverified")]
use crate::storage::MkdirBody;
use crate::{Auth, Credentials, Error, FtpAccounts, RawCall, Result, Secret, Storage, scope};

const BASE_URL: &str = "https://api.ftpgrid.com";

pub(crate) const SERVICE: ServiceInfo = ServiceInfo {
    name: "ftpgrid",
    user_agent: concat!("ftpgrid-rust/", env!("CARGO_PKG_VERSION")),
    request_id_headers: &["x-request-id", "x-amzn-requestid", "request-id"],
    parse_error: crate::error::parse_error,
};

/// Which of the client's base URLs is the storage server's.
const STORAGE: usize = 1;

/// A client of one ftpGrid account.
///
/// Make one and clone it: clones are cheap and share connections, limits, the token and the retry budget.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> ftpgrid::Result<()> {
/// use ftpgrid::{Client, Credentials};
///
/// let credentials = Credentials::new("association-key", "AK_access", "sk_live_secret");
/// let client = Client::builder(credentials).storage_url("https://web3.ftpgrid.com").build()?;
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

/// What all clones of a client share beside the pipeline.
struct Account {
    has_storage: bool,
    exchange: Exchange,
    lists_at_docs: Arc<AtomicBool>,
    deletes_at_docs: Arc<AtomicBool>,
    #[cfg(feature = "unverified")]
    mkdir_body: MkdirBody,
}

/// Settings of a [`Client`].
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use ftpgrid::{Client, Credentials};
///
/// let client = Client::builder(Credentials::new("association-key", "AK_access", "sk_live_secret"))
///     .storage_url("https://web3.ftpgrid.com")
///     .attempt_timeout(Duration::from_secs(20))
///     .user_agent("nightly-export/2.1")
///     .build()?;
/// # Ok::<(), ftpgrid::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "settings do nothing until `build` is called"]
pub struct ClientBuilder {
    credentials: Credentials,
    storage_url: Option<StorageUrl>,
    initial_token: Option<Secret>,
    #[cfg(feature = "unverified")]
    mkdir_body: MkdirBody,
    settings: Settings,
}

/// Not yet checked, so that it may hold a password.
#[derive(Clone)]
struct StorageUrl(String);

impl fmt::Debug for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

impl Client {
    /// Begins a client with the keys of a REST API account, which the dashboard shows when the account is created.
    ///
    /// For the storage it also needs [`ClientBuilder::storage_url`].
    pub fn builder(credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            credentials,
            storage_url: None,
            initial_token: None,
            #[cfg(feature = "unverified")]
            mkdir_body: MkdirBody::default(),
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

    /// Logins over FTP, FTPS, SFTP and SCP.
    pub fn ftp_accounts(&self) -> FtpAccounts<'_> {
        FtpAccounts { client: self }
    }

    /// The files and directories of the ftpGrid account.
    pub fn storage(&self) -> Storage<'_> {
        Storage { client: self }
    }

    /// Tokens, which the client obtains by itself.
    pub fn auth(&self) -> Auth<'_> {
        Auth { client: self }
    }

    /// A call to an endpoint of the management API that this crate does not have, through the same pipeline.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::{Method, Idempotency};
    ///
    /// let call = client.raw(Method::GET, "/ftpaccounts/id/{id}").path("id", "501");
    /// let reply = call.idempotency(Idempotency::Safe).into_call().await?;
    /// println!("{} with {} bytes", reply.status, reply.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self, method: Method, path: &str) -> RawCall {
        RawCall::new(&self.pipeline, "ftpgrid.raw", method, path.to_owned())
    }

    /// A call to an endpoint of the storage server that this crate does not have, through the same pipeline.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: ftpgrid::Client) -> ftpgrid::Result<()> {
    /// use ftpgrid::{Method, Idempotency};
    ///
    /// let call = client.raw_storage(Method::POST, "/api/list/files").idempotency(Idempotency::Safe);
    /// let reply = call.into_call().await?;
    /// println!("{} with {} bytes", reply.status, reply.body.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw_storage(&self, method: Method, path: &str) -> RawCall {
        RawCall::new(&self.pipeline, "ftpgrid.raw_storage", method, path.to_owned()).at_base(STORAGE)
    }

    /// Begins an operation of the management API.
    pub(crate) fn call(&self, name: &'static str, method: Method, template: &'static str, ids: &[&str]) -> CallBuilder {
        scope::named(self.pipeline.call(name, method, template, ids), name)
    }

    /// Begins an operation of the storage server, all of which are `POST`.
    pub(crate) fn storage_call(&self, name: &'static str, template: &'static str) -> CallBuilder {
        let known = if self.account.has_storage {
            Ok(())
        } else {
            Err(Error::invalid_input("storage_url", "is not set; the dashboard shows it in its settings"))
        };
        self.call(name, Method::POST, template, &[]).check(known).at_base(STORAGE)
    }

    pub(crate) fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    pub(crate) fn exchange(&self) -> &Exchange {
        &self.account.exchange
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
    /// | `FTPGRID_ASSOCIATION_KEY` | the key of the ftpGrid account |
    /// | `FTPGRID_ACCESS_KEY` | the access key of the REST API account |
    /// | `FTPGRID_SECRET_KEY` | the secret key of the REST API account |
    /// | `FTPGRID_STORAGE_URL` | the address of the storage server, if set; plain `http://` for loopback addresses only |
    /// | `FTPGRID_BASE_URL` | another address of the management API, if set; plain `http://` for loopback addresses only |
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the variable that is missing.
    pub fn from_env() -> Result<Self> {
        let association_key = required_variable("FTPGRID_ASSOCIATION_KEY")?;
        let access_key = required_variable("FTPGRID_ACCESS_KEY")?;
        let secret_key = required_variable("FTPGRID_SECRET_KEY")?;
        let mut builder = Client::builder(Credentials::new(association_key, access_key, secret_key));
        let (storage_url, base_url) =
            (optional_variable("FTPGRID_STORAGE_URL")?, optional_variable("FTPGRID_BASE_URL")?);
        // What is permitted for one address must not be for the other one.
        for (name, url) in [("FTPGRID_STORAGE_URL", &storage_url), ("FTPGRID_BASE_URL", &base_url)] {
            url.as_deref().map_or(Ok(()), |url| refuse_distant_http(name, url))?;
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

    /// The address of the storage server that the account was assigned, such as `https://web3.ftpgrid.com`: the
    /// dashboard shows it in its settings. With or without `/api` at its end. No call tells it, so that without it the
    /// calls of [`Client::storage`] are [`InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn storage_url(mut self, url: impl Into<String>) -> Self {
        self.storage_url = Some(StorageUrl(url.into()));
        self
    }

    /// A token that was obtained before, by [`Auth::token`] or by another program: used until it is refused, and
    /// replaced then.
    pub fn initial_token(mut self, token: impl Into<Secret>) -> Self {
        self.initial_token = Some(token.into());
        self
    }

    /// In which of the guessed shapes [`Storage::mkdir`] names the directory. Default [`MkdirBody::Params`].
    ///
    /// **Unverified**, as the call itself.
    #[cfg(feature = "unverified")]
    pub fn mkdir_body(mut self, body: MkdirBody) -> Self {
        self.mkdir_body = body;
        self
    }

    mft_common::client_settings!();

    /// Makes the client. Does no I/O and needs no runtime: the first call obtains the first token.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the setting that is not usable or contradicts
    /// another one.
    pub fn build(self) -> Result<Client> {
        let Self { credentials, storage_url, initial_token, settings, .. } = self;
        credentials.check()?;
        let mut bases = vec![BASE_URL];
        let storage_url = storage_url.map(|StorageUrl(url)| url);
        if let Some(url) = storage_url.as_deref().map(without_api) {
            check_storage_url(url, settings.allows_http_to(url))?;
            bases.push(url);
        }
        let has_storage = bases.len() > 1;
        let initial = initial_token.map(auth::initial);
        let (pipeline, exchange) = settings
            .pipeline_with_tokens(SERVICE, auth::SERVICE, &bases, initial, |plain| Exchange { plain, credentials })?;
        let account = Account {
            has_storage,
            exchange,
            lists_at_docs: Arc::default(),
            deletes_at_docs: Arc::default(),
            #[cfg(feature = "unverified")]
            mkdir_body: self.mkdir_body,
        };
        Ok(Client { pipeline, account: Arc::new(account) })
    }
}

/// The dashboard and the documentation write the address in both ways, and every path begins with `/api`.
fn without_api(url: &str) -> &str {
    let trimmed = url.trim().trim_end_matches('/');
    trimmed.strip_suffix("/api").unwrap_or(trimmed)
}

/// The same check as that of the other address, under the name of the setting.
fn check_storage_url(url: &str, allow_http: bool) -> Result<()> {
    BaseUrl::parse(url, allow_http).map(|_| ()).map_err(|error| {
        let said = error.message().unwrap_or_default();
        Error::invalid_input("storage_url", said.strip_prefix("base URL ").unwrap_or(said))
    })
}

fn refuse_distant_http(variable: &str, url: &str) -> Result<()> {
    // As the address will be read, which takes no note of a tab inside of `http:`.
    let is_plain = BaseUrl::parse(url, true).is_ok() && BaseUrl::parse(url, false).is_err();
    if is_plain && !is_loopback_http(url) {
        return Err(Error::invalid_input(variable, "is plain http, which is accepted for loopback addresses only"));
    }
    Ok(())
}

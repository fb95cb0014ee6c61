use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Simulator;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{Overwrite, PartLength, Settings, UploadForm};
use super::store::Store;
use crate::journal::{Journal, Watcher};
#[cfg(feature = "tls")]
use crate::server::Certificate;
use crate::server::{Clock, Engine, Listener, Security, Tasks};
use crate::storage::{Storage, StorageSettings};
use crate::{Exchange, FaultPlan, FaultRule, StartError};

/// The settings of a [`Simulator`] before it starts.
#[derive(Clone)]
#[must_use = "a builder does nothing until start() is awaited"]
pub struct Builder {
    listen: SocketAddr,
    storage_listen: Option<SocketAddr>,
    seed: u64,
    start_ms: Option<i64>,
    frozen: bool,
    #[cfg(feature = "tls")]
    tls: bool,
    faults: Vec<FaultRule>,
    latency: Duration,
    watcher: Option<Watcher>,
    journal_limit: usize,
    settings: Settings,
    storage: StorageSettings,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            storage_listen: None,
            seed: 0,
            start_ms: None,
            frozen: false,
            #[cfg(feature = "tls")]
            tls: false,
            faults: Vec::new(),
            latency: Duration::ZERO,
            watcher: None,
            journal_limit: usize::MAX,
            settings: Settings::default(),
            storage: StorageSettings::default(),
        }
    }
}

impl Builder {
    /// Where the API listens; `127.0.0.1:0` (a free port of the loopback address) unless set.
    pub const fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Where the storage listens; a free port beside the API unless set.
    pub const fn storage_listen(mut self, address: SocketAddr) -> Self {
        self.storage_listen = Some(address);
        self
    }

    /// Seeds ids, keys, passwords and the chances of faults: the same seed gives the same values. 0 unless set.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Serves both origins by https with a certificate made at start, for the listening addresses and `localhost`.
    /// Clients have to trust [`Simulator::ca_pem`].
    #[cfg(feature = "tls")]
    pub const fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The first part of the site's host name, which shows in the URLs of bundles; `acme` unless set.
    pub fn subdomain(mut self, subdomain: impl Into<String>) -> Self {
        self.settings.subdomain = subdomain.into();
        self
    }

    /// The API key of the site; made from the seed unless set.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// The password of the administrator; made from the seed unless set.
    pub fn admin_password(mut self, password: impl Into<String>) -> Self {
        self.settings.admin_password = Some(password.into());
        self
    }

    /// How the storage behaves.
    pub fn storage(mut self, settings: StorageSettings) -> Self {
        self.storage = settings;
        self
    }

    /// Starts the simulated time here, in Unix milliseconds, instead of now.
    pub const fn start_time_ms(mut self, unix_ms: i64) -> Self {
        self.start_ms = Some(unix_ms);
        self
    }

    /// Lets the simulated time move by [`Simulator::advance`] only.
    pub const fn frozen_clock(mut self) -> Self {
        self.frozen = true;
        self
    }

    /// Adds a fault rule; [`Simulator::faults`] takes more at any time.
    pub fn fault(mut self, rule: impl Into<FaultRule>) -> Self {
        self.faults.push(rule.into());
        self
    }

    /// Delays every exchange.
    pub const fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// Keeps only so many exchanges in the journal, the newest; all unless set.
    pub const fn journal_limit(mut self, exchanges: usize) -> Self {
        self.journal_limit = exchanges;
        self
    }

    /// Calls this with every exchange when its reply has been decided.
    pub fn on_exchange(mut self, watcher: impl Fn(&Exchange) + Send + Sync + 'static) -> Self {
        self.watcher = Some(Arc::new(watcher));
        self
    }

    /// Writes `subfolders_locked` in XML, where the service writes `subfolders_locked?`, which is no XML name.
    pub const fn legal_xml(mut self) -> Self {
        self.settings.legal_xml = true;
        self
    }

    /// Writes numbers as numbers in the answer to the creation of a notification, where the documentation has strings.
    pub const fn number_ids(mut self) -> Self {
        self.settings.number_ids = true;
        self
    }

    /// Answers a search for a user with an array of one, as clients of the time expect, and not with an object.
    pub const fn found_users_as_array(mut self) -> Self {
        self.settings.found_users_as_array = true;
        self
    }

    /// The offset of the site's time zone from UTC in minutes, -300 unless set. Times of files are in UTC anyway.
    pub const fn site_offset_minutes(mut self, minutes: i32) -> Self {
        self.settings.site_offset_minutes = minutes;
        self
    }

    /// How long sessions live; 24 hours unless set.
    pub const fn session_life(mut self, life: Duration) -> Self {
        self.settings.session_life = life;
        self
    }

    /// Locks a user out for a while after so many failed logins in a row; never unless set.
    pub const fn lockout(mut self, failures: u32, duration: Duration) -> Self {
        self.settings.lockout = Some((failures, duration));
        self
    }

    /// The operations that sessions have to reauthenticate for, such as `brickftp.users.delete`. Unless set these are
    /// `brickftp.users.delete` and, when it changes the password, `brickftp.users.update`.
    pub fn reauthentication_for<I: IntoIterator<Item = S>, S: Into<String>>(mut self, operations: I) -> Self {
        self.settings.reauthenticated = operations.into_iter().map(Into::into).collect();
        self
    }

    /// Shows the content of bundles without credentials too, as later versions of the service do.
    pub const fn public_bundles(mut self) -> Self {
        self.settings.public_bundles = true;
        self
    }

    /// Answers every page of a list with the first one.
    pub const fn ignore_page(mut self) -> Self {
        self.settings.ignore_page = true;
        self
    }

    /// Never puts more entries on a page than this, whatever `per_page` asks for.
    pub const fn page_cap(mut self, entries: usize) -> Self {
        self.settings.page_cap = Some(entries);
        self
    }

    /// What happens to a file whose name is taken.
    pub const fn overwrite(mut self, overwrite: Overwrite) -> Self {
        self.settings.overwrite = overwrite;
        self
    }

    /// How parts have to be sent.
    pub const fn upload_form(mut self, form: UploadForm) -> Self {
        self.settings.upload_form = form;
        self
    }

    /// How upload objects speak of `Content-Length`.
    pub const fn part_length(mut self, length: PartLength) -> Self {
        self.settings.part_length = length;
        self
    }

    /// The size that upload objects recommend for parts, in bytes; 5 MiB unless set.
    pub const fn part_size(mut self, bytes: u64) -> Self {
        self.settings.part_size = bytes;
        self
    }

    /// The highest part number that there are URLs for; 10,000 unless set.
    pub const fn available_parts(mut self, parts: u32) -> Self {
        self.settings.available_parts = parts;
        self
    }

    /// How long upload URLs live; 15 minutes unless set.
    pub const fn upload_url_life(mut self, life: Duration) -> Self {
        self.settings.upload_url_life = life;
        self
    }

    /// How long download URLs live; 3 minutes unless set.
    pub const fn download_url_life(mut self, life: Duration) -> Self {
        self.settings.download_url_life = life;
        self
    }

    /// How long an upload may take from its start to its completion; 24 hours unless set.
    pub const fn upload_life(mut self, life: Duration) -> Self {
        self.settings.upload_life = life;
        self
    }

    /// How long `crc32` and `md5` of an uploaded file stay unknown. The answer to the completion never has them.
    pub const fn checksum_delay(mut self, delay: Duration) -> Self {
        self.settings.checksum_delay = delay;
        self
    }

    /// Starts the simulator on the current tokio runtime.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let clock = Arc::new(Clock::new(self.start_ms, self.frozen));
        let faults = FaultPlan::new(OPERATIONS, Arc::clone(&clock), self.seed);
        faults.set_latency(self.latency);
        for rule in self.faults {
            faults.try_push(rule)?;
        }
        let storage = Storage::new(self.storage, Arc::clone(&clock), self.seed);
        let store = Store::new(self.settings, storage.clone(), self.seed, clock.now_ms());
        let store = Arc::new(Mutex::new(store));
        let engine = Arc::new(Engine {
            clock: Arc::clone(&clock),
            faults,
            journal: Journal::new(self.watcher, self.journal_limit),
            tasks: Tasks::new(),
        });
        let storage_listen = self.storage_listen.unwrap_or_else(|| SocketAddr::new(self.listen.ip(), 0));
        #[cfg(feature = "tls")]
        let (security, authority_pem) = if self.tls {
            let names = ["localhost".to_owned(), self.listen.ip().to_string(), storage_listen.ip().to_string()];
            let certificate = Certificate::generate(&names).map_err(StartError::Certificate)?;
            (Security::Tls(certificate.acceptor), Some(certificate.authority_pem))
        } else {
            (Security::Plain, None)
        };
        #[cfg(not(feature = "tls"))]
        let (security, authority_pem) = (Security::Plain, None);
        let service = Arc::new(Api { store: Arc::clone(&store), clock });
        let listener = Listener::bind(self.listen, security.clone(), Arc::clone(&engine), service)
            .await
            .map_err(|source| StartError::Listen { address: self.listen, source })?;
        let service = storage.service(OPERATIONS);
        let storage_listener = Listener::bind(storage_listen, security, Arc::clone(&engine), service)
            .await
            .map_err(|source| StartError::Listen { address: storage_listen, source })?;
        let simulator = Simulator { listener, storage_listener, engine, store, authority_pem };
        storage.set_origin(simulator.storage_url());
        Ok(simulator)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("listen", &self.listen)
            .field("seed", &self.seed)
            .field("faults", &self.faults)
            .field("latency", &self.latency)
            .field("settings", &self.settings)
            .field("storage", &self.storage)
            .finish_non_exhaustive()
    }
}

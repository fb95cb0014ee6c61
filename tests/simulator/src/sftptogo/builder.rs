use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Simulator;
use super::deliveries::Dispatcher;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{CreatedBy, PasswordPolicy, Settings};
use super::store::Store;
use crate::journal::{Journal, Watcher};
#[cfg(feature = "tls")]
use crate::server::Certificate;
use crate::server::{Clock, Engine, Listener, Security, Tasks};
use crate::{Exchange, FaultPlan, FaultRule, StartError};

/// The settings of a [`Simulator`] before it starts.
#[derive(Clone)]
#[must_use = "a builder does nothing until start() is awaited"]
pub struct Builder {
    listen: SocketAddr,
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
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
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
        }
    }
}

impl Builder {
    /// Where to listen; `127.0.0.1:0` (a free port of the loopback address) unless set.
    pub const fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Seeds ids, keys, passwords and the chances of faults: the same seed gives the same values. 0 unless set.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Serves https with a certificate made at start, for the listening address and `localhost`. Clients have to trust
    /// [`Simulator::ca_pem`].
    #[cfg(feature = "tls")]
    pub const fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// The organization id; made from the seed unless set.
    pub fn organization_id(mut self, id: impl Into<String>) -> Self {
        self.settings.organization_id = Some(id.into());
        self
    }

    /// The API key; made from the seed unless set.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// Replies have the keys that the documented examples have, call by call. This is the default.
    pub const fn example_replies(mut self) -> Self {
        self.settings.full_replies = false;
        self
    }

    /// Every reply has every key, `Settings`, `PasswordCreatedAt` and `Expiration` included.
    pub const fn full_replies(mut self) -> Self {
        self.settings.full_replies = true;
        self
    }

    /// The shape of `CreatedBy` in share links.
    pub const fn created_by(mut self, shape: CreatedBy) -> Self {
        self.settings.created_by = shape;
        self
    }

    /// What passwords must look like.
    pub const fn password_policy(mut self, policy: PasswordPolicy) -> Self {
        self.settings.password_policy = policy;
        self
    }

    /// Answers 405 instead of 404 when a known path is called with another method.
    pub const fn method_not_allowed(mut self) -> Self {
        self.settings.method_not_allowed = true;
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

    /// Accepts `http://` URLs of the loopback address for webhooks, which the service itself refuses.
    pub const fn allow_http_webhooks(mut self) -> Self {
        self.settings.allow_http_webhooks = true;
        self
    }

    /// Multiplies the delays between the attempts of a delivery: with 0.001 seconds become milliseconds.
    ///
    /// # Panics
    ///
    /// If `scale` is negative or not finite.
    pub fn delivery_delays(mut self, scale: f64) -> Self {
        assert!(scale.is_finite() && scale >= 0.0, "delays cannot be negative or endless");
        self.settings.delivery.scale = scale;
        self
    }

    /// How long a delivery waits for an answer; 10 seconds unless set.
    pub const fn delivery_timeout(mut self, timeout: Duration) -> Self {
        self.settings.delivery.timeout = timeout;
        self
    }

    /// Signs deliveries as one sample of the vendor shows it: in base64, without `sha256=`.
    pub const fn bare_signatures(mut self) -> Self {
        self.settings.delivery.bare_signature = true;
        self
    }

    /// Sends every delivery that succeeded once more: deliveries are promised at least once, not exactly once.
    pub const fn duplicate_deliveries(mut self) -> Self {
        self.settings.delivery.duplicate = true;
        self
    }

    /// Lets every second delivery overtake the one before: their order is not promised.
    pub const fn reorder_deliveries(mut self) -> Self {
        self.settings.delivery.reorder = true;
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
        let store = Arc::new(Mutex::new(Store::new(self.settings, self.seed, clock.now_ms())));
        let engine = Arc::new(Engine {
            clock: Arc::clone(&clock),
            faults,
            journal: Journal::new(self.watcher, self.journal_limit),
            tasks: Tasks::new(),
        });
        #[cfg(feature = "tls")]
        let (security, authority_pem) = if self.tls {
            let names = ["localhost".to_owned(), self.listen.ip().to_string()];
            let certificate = Certificate::generate(&names).map_err(StartError::Certificate)?;
            (Security::Tls(certificate.acceptor), Some(certificate.authority_pem))
        } else {
            (Security::Plain, None)
        };
        #[cfg(not(feature = "tls"))]
        let (security, authority_pem) = (Security::Plain, None);
        let service = Arc::new(Api { store: Arc::clone(&store), clock });
        let listener = Listener::bind(self.listen, security, Arc::clone(&engine), service)
            .await
            .map_err(|source| StartError::Listen { address: self.listen, source })?;
        let dispatcher = Dispatcher::new(Arc::clone(&engine), Arc::clone(&store));
        Ok(Simulator { listener, engine, store, dispatcher, authority_pem })
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
            .finish_non_exhaustive()
    }
}

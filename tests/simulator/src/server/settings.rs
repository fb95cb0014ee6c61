//! The settings that all simulators have.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::http::listener::Security;
#[cfg(feature = "tls")]
use super::http::tls::Certificate;
use super::{Clock, Engine, Running, Service, Tasks};
use crate::journal::{ExchangeObserver, Journal};
use crate::{FaultPlan, FaultRule, Operation, StartError};

/// The settings that all builders share, in a field `server`. [`builder_settings!`] defines the setters.
#[derive(Clone)]
pub(crate) struct ServerSettings {
    pub(crate) listen: SocketAddr,
    /// For services with a separate storage origin.
    pub(crate) storage_listen: Option<SocketAddr>,
    pub(crate) seed: u64,
    pub(crate) start_ms: Option<i64>,
    pub(crate) frozen: bool,
    #[cfg(feature = "tls")]
    pub(crate) tls: bool,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) latency: Duration,
    pub(crate) observer: Option<ExchangeObserver>,
    pub(crate) journal_limit: usize,
}

impl Default for ServerSettings {
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
            observer: None,
            journal_limit: usize::MAX,
        }
    }
}

impl ServerSettings {
    /// Creates everything but the listeners.
    pub(crate) fn prepare(self, operations: &'static [Operation]) -> Result<PreparedServer, StartError> {
        let clock = Arc::new(Clock::new(self.start_ms, self.frozen));
        let faults = FaultPlan::new(operations, Arc::clone(&clock), self.seed);
        faults.set_latency(self.latency);
        for rule in self.faults {
            faults.try_push(rule)?;
        }
        let journal = Journal::new(self.observer, self.journal_limit);
        let engine = Arc::new(Engine { clock, faults, journal, tasks: Tasks::new() });
        let storage_listen = self.storage_listen.unwrap_or_else(|| SocketAddr::new(self.listen.ip(), 0));
        #[cfg(feature = "tls")]
        let (security, authority_pem) = if self.tls {
            let mut names = vec!["localhost".to_owned(), self.listen.ip().to_string()];
            if storage_listen.ip() != self.listen.ip() {
                names.push(storage_listen.ip().to_string());
            }
            let certificate = Certificate::generate(&names).map_err(StartError::Certificate)?;
            (Security::Tls(certificate.acceptor), Some(certificate.authority_pem))
        } else {
            (Security::Plain, None)
        };
        #[cfg(not(feature = "tls"))]
        let (security, authority_pem) = (Security::Plain, None);
        Ok(PreparedServer { engine, seed: self.seed, listen: self.listen, storage_listen, security, authority_pem })
    }
}

/// Omits the observer and the settings that do not affect a run.
impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSettings")
            .field("listen", &self.listen)
            .field("seed", &self.seed)
            .field("faults", &self.faults)
            .field("latency", &self.latency)
            .finish_non_exhaustive()
    }
}

/// A simulator that does not listen yet.
pub(crate) struct PreparedServer {
    pub(crate) engine: Arc<Engine>,
    pub(crate) seed: u64,
    listen: SocketAddr,
    storage_listen: SocketAddr,
    security: Security,
    authority_pem: Option<String>,
}

impl PreparedServer {
    pub(crate) fn clock(&self) -> Arc<Clock> {
        Arc::clone(&self.engine.clock)
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.engine.clock.now_ms()
    }

    /// Listens on one port.
    pub(crate) async fn run(self, service: Arc<dyn Service>) -> Result<Running, StartError> {
        let prefix = service.prefix();
        let listener = self.security.listen(self.listen, &self.engine, service).await?;
        Ok(Running { listener, prefix, storage: None, engine: self.engine, authority_pem: self.authority_pem })
    }

    /// Listens on two ports, with a service on each.
    pub(crate) async fn run_both(
        self,
        service: Arc<dyn Service>,
        storage: Arc<dyn Service>,
    ) -> Result<Running, StartError> {
        let storage = self.security.listen(self.storage_listen, &self.engine, storage).await?;
        let mut running = self.run(service).await?;
        running.storage = Some(storage);
        Ok(running)
    }
}

/// Defines the setters that all builders share, inside the `impl` block of a builder. It expects a field `server` of
/// type [`ServerSettings`] and a `Simulator` in scope.
///
/// `two origins` adds the setter of a service that has an API on one port and a storage on another.
macro_rules! builder_settings {
    (two origins) => {
        /// Sets the address of the storage. Default: a free port of the API's address.
        pub const fn storage_listen(mut self, address: std::net::SocketAddr) -> Self {
            self.server.storage_listen = Some(address);
            self
        }

        $crate::server::builder_settings!();
    };
    () => {
        /// Sets the address of the API. Default: `127.0.0.1:0`, a free port of the loopback address.
        pub const fn listen(mut self, address: std::net::SocketAddr) -> Self {
            self.server.listen = address;
            self
        }

        /// Serves https with a generated certificate for the listening addresses and `localhost`. Clients must trust
        /// [`Simulator::ca_pem`].
        #[cfg(feature = "tls")]
        pub const fn tls(mut self) -> Self {
            self.server.tls = true;
            self
        }

        /// Sets the seed of ids, keys, passwords and random faults. The same seed generates the same values. Default:
        /// 0.
        pub const fn seed(mut self, seed: u64) -> Self {
            self.server.seed = seed;
            self
        }

        /// Sets the start of the simulated time, in Unix milliseconds. Default: the current time.
        pub const fn start_time_ms(mut self, unix_ms: i64) -> Self {
            self.server.start_ms = Some(unix_ms);
            self
        }

        /// Freezes the simulated time. Only [`Simulator::advance`] moves it.
        pub const fn frozen_clock(mut self) -> Self {
            self.server.frozen = true;
            self
        }

        /// Adds a fault rule. [`Simulator::faults`] adds rules at any time.
        pub fn fault(mut self, rule: impl Into<$crate::FaultRule>) -> Self {
            self.server.faults.push(rule.into());
            self
        }

        /// Sets a delay of every exchange. Default: none.
        pub const fn latency(mut self, latency: std::time::Duration) -> Self {
            self.server.latency = latency;
            self
        }

        /// Sets how many exchanges the journal keeps. Older ones are discarded. Default: unlimited.
        pub const fn journal_limit(mut self, exchanges: usize) -> Self {
            self.server.journal_limit = exchanges;
            self
        }

        /// Sets a function that is called with every exchange when its response has been decided.
        pub fn on_exchange(mut self, observer: impl Fn(&$crate::Exchange) + Send + Sync + 'static) -> Self {
            self.server.observer = Some(std::sync::Arc::new(observer));
            self
        }
    };
}

pub(crate) use builder_settings;

//! What every simulator can be told before it starts.

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

/// The settings that all builders share. They get the methods that make them by [`builder_settings!`], and keep them in
/// a field `server`.
#[derive(Clone)]
pub(crate) struct ServerSettings {
    pub(crate) listen: SocketAddr,
    /// Of services with two origins.
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
    /// Makes everything but the listeners: what a service needs to come into being.
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

/// Shows neither the observer, which has no form, nor what says nothing about the run.
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

/// A simulator before it listens.
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

/// Gives a builder the settings that all simulators share; to be called inside its `impl` block. The builder needs a field
/// `server` of type [`ServerSettings`] and a `Simulator` in scope.
///
/// With `two origins` it is for a service that has an API on one port and a storage on another.
macro_rules! builder_settings {
    (two origins) => {
        /// Where the storage listens; a free port beside the API unless set.
        pub const fn storage_listen(mut self, address: std::net::SocketAddr) -> Self {
            self.server.storage_listen = Some(address);
            self
        }

        $crate::server::builder_settings!();
    };
    () => {
        /// Where the API listens; `127.0.0.1:0` (a free port of the loopback address) unless set.
        pub const fn listen(mut self, address: std::net::SocketAddr) -> Self {
            self.server.listen = address;
            self
        }

        /// Serves https with a certificate made at start, for the listening addresses and `localhost`. Clients have to
        /// trust [`Simulator::ca_pem`].
        #[cfg(feature = "tls")]
        pub const fn tls(mut self) -> Self {
            self.server.tls = true;
            self
        }

        /// Seeds ids, keys, passwords and the chances of faults: the same seed gives the same values. 0 unless set.
        pub const fn seed(mut self, seed: u64) -> Self {
            self.server.seed = seed;
            self
        }

        /// Starts the simulated time here, in Unix milliseconds, instead of now.
        pub const fn start_time_ms(mut self, unix_ms: i64) -> Self {
            self.server.start_ms = Some(unix_ms);
            self
        }

        /// Lets the simulated time move by [`Simulator::advance`] only.
        pub const fn frozen_clock(mut self) -> Self {
            self.server.frozen = true;
            self
        }

        /// Adds a fault rule; [`Simulator::faults`] takes more at any time.
        pub fn fault(mut self, rule: impl Into<$crate::FaultRule>) -> Self {
            self.server.faults.push(rule.into());
            self
        }

        /// Delays every exchange.
        pub const fn latency(mut self, latency: std::time::Duration) -> Self {
            self.server.latency = latency;
            self
        }

        /// Keeps only so many exchanges in the journal, the newest; all unless set.
        pub const fn journal_limit(mut self, exchanges: usize) -> Self {
            self.server.journal_limit = exchanges;
            self
        }

        /// Calls this with every exchange when its reply has been decided.
        pub fn on_exchange(mut self, observer: impl Fn(&$crate::Exchange) + Send + Sync + 'static) -> Self {
            self.server.observer = Some(std::sync::Arc::new(observer));
            self
        }
    };
}

pub(crate) use builder_settings;

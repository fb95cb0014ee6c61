//! What all simulated services share: sockets, connections, faults, journal, time and chance.

mod clock;
mod connection;
mod exchange;
mod listener;
mod random;
mod reply;
mod routes;
mod script;
#[cfg(feature = "tls")]
mod tls;
mod wire;

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex};

use http::StatusCode;
use http::request::Parts;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

pub(crate) use self::clock::{Clock, iso_millis};
pub(crate) use self::listener::{Listener, Security};
pub(crate) use self::random::Random;
pub(crate) use self::reply::Reply;
pub use self::routes::Operation;
pub(crate) use self::routes::{Parameters, Route};
#[cfg(feature = "tls")]
pub(crate) use self::tls::Certificate;
use crate::fault::WireWords;
use crate::journal::Journal;
use crate::{FaultPlan, lock};

/// A simulated service: what the engine asks it.
pub(crate) trait Service: fmt::Debug + Send + Sync + 'static {
    fn operations(&self) -> &'static [Operation];

    /// Chooses between operations that share a route.
    fn refine(&self, operation: &'static Operation, body: &[u8]) -> &'static Operation;

    fn handle(&self, route: &Route, request: &Parts, body: &[u8]) -> Reply;

    /// The service's own way of saying that something failed, for statuses that a fault injects.
    fn error_reply(&self, status: StatusCode) -> Reply;

    fn wire_words(&self) -> WireWords;
}

/// What the listeners of one simulator share.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: FaultPlan,
    pub(crate) journal: Journal,
    pub(crate) tasks: Tasks,
}

/// Work that outlives the connection it came from but not the simulator.
#[derive(Debug)]
pub(crate) struct Tasks {
    running: Mutex<JoinSet<()>>,
    // Kept, so that work can be started from threads that know no runtime.
    runtime: Handle,
}

impl Tasks {
    /// For the current runtime.
    pub(crate) fn new() -> Self {
        Self { running: Mutex::default(), runtime: Handle::current() }
    }

    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut running = lock(&self.running);
        while running.try_join_next().is_some() {}
        running.spawn_on(work, &self.runtime);
    }

    pub(crate) fn stop(&self) {
        lock(&self.running).abort_all();
    }
}

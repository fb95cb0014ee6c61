//! What all simulated services share: sockets, connections, faults, journal, time and chance.

mod arriving;
mod clock;
mod connection;
mod deliver;
mod exchange;
mod headers;
mod listener;
mod multipart;
mod random;
mod reply;
mod reply_body;
mod routes;
mod running;
mod script;
mod settings;
mod streamed;
#[cfg(feature = "tls")]
mod tls;
mod wire;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use http::StatusCode;
use http::request::Parts;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

pub(crate) use self::arriving::{Arriving, BrokenOff};
pub(crate) use self::clock::{Clock, iso_millis};
pub(crate) use self::headers::{announces_json, bearer, lacks_json};
use self::listener::{Listener, Security};
pub(crate) use self::multipart::{FormEvent, Multipart};
pub(crate) use self::random::Random;
pub(crate) use self::reply::Reply;
pub use self::routes::Operation;
pub(crate) use self::routes::{Parameters, Route, find as find_route};
pub(crate) use self::running::{Running, simulator};
pub(crate) use self::settings::{ServerSettings, builder_settings};
#[cfg(feature = "tls")]
use self::tls::Certificate;
use crate::fault::WireWords;
use crate::journal::Journal;
use crate::{FaultPlan, lock};

/// A simulated service: what the engine asks it.
pub(crate) trait Service: Send + Sync + 'static {
    fn operations(&self) -> &'static [Operation];

    /// What stands before the paths of all operations.
    fn prefix(&self) -> &'static str {
        ""
    }

    /// Finds the operation that a request asks for, as far as its first line and headers tell.
    fn route(&self, request: &Parts) -> Route {
        let path = request.uri.path().strip_prefix(self.prefix());
        path.map_or(Route::Unknown, |path| routes::find(self.operations(), request.method.as_str(), path))
    }

    /// Chooses between operations that share a route.
    fn refine(&self, operation: &'static Operation, _body: &[u8]) -> &'static Operation {
        operation
    }

    fn handle(&self, route: &Route, request: &Parts, body: &[u8]) -> Reply;

    /// The service's own way of saying that something failed, for statuses that a fault injects and that have a body.
    fn error_reply(&self, status: StatusCode) -> Reply;

    /// The same for services whose format is up to the request.
    fn error_reply_to(&self, _request: &Parts, status: StatusCode) -> Reply {
        self.error_reply(status)
    }

    fn wire_words(&self) -> WireWords;

    /// How the body of this request is taken as it arrives, if it is. [`handle`](Self::handle) is then not asked.
    fn streams(&self, _request: &Parts) -> Option<&dyn Streams> {
        None
    }
}

impl fmt::Debug for dyn Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("prefix", &self.prefix()).finish_non_exhaustive()
    }
}

/// A service that takes bodies of requests as they arrive, and may answer before they are complete.
pub(crate) trait Streams: Send + Sync {
    /// The reply does not count if the body turns out to be broken off.
    fn handle<'a>(
        &'a self,
        route: &'a Route,
        request: &'a Parts,
        body: &'a mut Arriving,
    ) -> Pin<Box<dyn Future<Output = Reply> + Send + 'a>>;

    /// Whether the journal gets a checksum of every body.
    fn digests(&self) -> bool;
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

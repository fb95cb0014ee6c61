//! What all simulated services share: sockets, connections, faults, journal, time and chance.

mod api_error;
mod clock;
mod connection;
mod deliver;
mod exchange;
mod headers;
mod listener;
mod multipart;
mod random;
mod request_body;
mod response;
mod response_body;
mod routing;
mod running;
mod script;
mod settings;
mod state;
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

pub(crate) use self::api_error::{ApiError, ApiResult};
pub(crate) use self::clock::{Clock, iso_millis};
pub(crate) use self::headers::{announces_json, bearer, lacks_json};
use self::listener::{Listener, Security};
pub(crate) use self::multipart::{FormEvent, Multipart};
pub(crate) use self::random::Random;
pub(crate) use self::request_body::{Disconnected, RequestBody};
pub(crate) use self::request_body::{Disconnected as BrokenOff, RequestBody as Arriving};
pub(crate) use self::response::Response;
// The old name, until all simulators use the new one.
pub(crate) use self::response::Response as Reply;
pub use self::routing::Operation;
pub(crate) use self::routing::{ApiRequest, Parameters, Route, RouteMatch, handler, match_route, operations};
pub(crate) use self::running::{Running, simulator};
pub(crate) use self::settings::{ServerSettings, builder_settings};
pub(crate) use self::state::{Collection, Identified, SharedStore, SimulatedStore, state, stored};
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
    fn route(&self, request: &Parts) -> RouteMatch {
        let path = request.uri.path().strip_prefix(self.prefix());
        path.map_or(RouteMatch::NotFound, |path| routing::match_route(self.operations(), request.method.as_str(), path))
    }

    /// Chooses between operations that share a route.
    fn refine(&self, operation: &'static Operation, _body: &[u8]) -> &'static Operation {
        operation
    }

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Response;

    /// The service's own way of saying that something failed, for statuses that a fault injects and that have a body.
    fn error_reply(&self, status: StatusCode) -> Response;

    /// The same for services whose format is up to the request.
    fn error_reply_to(&self, _request: &Parts, status: StatusCode) -> Response {
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
        route: &'a RouteMatch,
        request: &'a Parts,
        body: &'a mut RequestBody,
    ) -> Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

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

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use http::StatusCode;
use http::request::Parts;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::Clock;
use super::http::request_body::RequestBody;
use super::http::response::Response;
use super::routing::{self, Operation, RouteMatch};
use crate::fault::MutationTargets;
use crate::journal::Journal;
use crate::{FaultPlan, lock};

/// A simulated service, as the HTTP server calls it.
pub(crate) trait Service: Send + Sync + 'static {
    fn operations(&self) -> &'static [Operation];

    /// The prefix of the paths of all operations.
    fn prefix(&self) -> &'static str {
        ""
    }

    /// Finds the operation of a request by its request line and headers.
    fn route(&self, request: &Parts) -> RouteMatch {
        let path = request.uri.path().strip_prefix(self.prefix());
        path.map_or(RouteMatch::NotFound, |path| routing::match_route(self.operations(), request.method.as_str(), path))
    }

    /// Selects by the body between operations that share a route.
    fn refine(&self, operation: &'static Operation, _body: &[u8]) -> &'static Operation {
        operation
    }

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Response;

    /// Returns the service's error document for a status that a fault injects.
    fn error_response(&self, status: StatusCode) -> Response;

    /// Like [`error_response`](Self::error_response), for services whose format depends on the request.
    fn error_response_for(&self, _request: &Parts, status: StatusCode) -> Response {
        self.error_response(status)
    }

    /// The keys whose values faults mutate.
    fn mutation_targets(&self) -> MutationTargets;

    /// Returns the streaming handler if the body of this request is processed while it arrives. [`handle`](Self::handle) is
    /// then not called.
    fn streaming(&self, _request: &Parts) -> Option<&dyn StreamingService> {
        None
    }
}

impl fmt::Debug for dyn Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service").field("prefix", &self.prefix()).finish_non_exhaustive()
    }
}

/// A service that processes request bodies while they arrive, and may respond before they are complete.
pub(crate) trait StreamingService: Send + Sync {
    /// The response is discarded if the body is incomplete.
    fn handle<'a>(
        &'a self,
        route: &'a RouteMatch,
        request: &'a Parts,
        body: &'a mut RequestBody,
    ) -> Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

    /// Whether the journal records a checksum of every body.
    fn records_checksums(&self) -> bool;
}

/// The state that the listeners of a simulator share.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) clock: Arc<Clock>,
    pub(crate) faults: FaultPlan,
    pub(crate) journal: Journal,
    pub(crate) tasks: Tasks,
}

/// Background tasks that outlive their connection but not the simulator.
#[derive(Debug)]
pub(crate) struct Tasks {
    running: Mutex<JoinSet<()>>,
    /// Allows spawning from threads outside the runtime.
    runtime: Handle,
}

impl Tasks {
    /// Uses the current runtime.
    pub(crate) fn new() -> Self {
        Self { running: Mutex::default(), runtime: Handle::current() }
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut running = lock(&self.running);
        while running.try_join_next().is_some() {}
        running.spawn_on(task, &self.runtime);
    }

    pub(crate) fn stop(&self) {
        lock(&self.running).abort_all();
    }
}

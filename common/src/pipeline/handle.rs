//! The state that all clones of a client share.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderMap, HeaderValue, Uri};
use tokio::sync::Semaphore;

use super::limits::Limits;
use super::middleware::DynMiddleware;
use super::retry::{Backoff, observe_date};
use super::service_info::ServiceInfo;
use crate::auth::Auth;
use crate::auth::origin::BaseUrl;
use crate::clock::Clock;
use crate::http::DynTransport;

/// The inner part of a client: settings, connections, credentials and retry budget. Cloning is cheap.
#[derive(Clone)]
pub struct Pipeline(Arc<PipelineInner>);

pub(crate) struct PipelineInner {
    pub(crate) service: ServiceInfo,
    pub(crate) bases: Vec<BaseUrl>,
    pub(crate) auth: Auth,
    pub(crate) transport: Arc<dyn DynTransport>,
    pub(crate) per_call_middleware: Vec<Arc<dyn DynMiddleware>>,
    pub(crate) per_attempt_middleware: Vec<Arc<dyn DynMiddleware>>,
    pub(crate) backoff: Backoff,
    pub(crate) permits: Arc<Semaphore>,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) user_agent: HeaderValue,
    /// Whether requests carry their [`Operation`](super::Operation) as an extension. The default transport ignores it.
    pub(crate) attaches_operation: bool,
}

impl Pipeline {
    pub(crate) fn new(inner: PipelineInner) -> Self {
        Self(Arc::new(inner))
    }

    /// Returns the first base URL, which operations use by default.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        // `Settings::pipeline` rejects an empty list.
        &self.0.bases[0]
    }

    /// Records the server's clock offset from the `Date` header and returns the current time of the server.
    #[must_use]
    pub fn observe_date(&self, headers: &HeaderMap) -> SystemTime {
        let origin = self.base_url().origin();
        observe_date(headers, &self.0.clock, origin);
        self.0.clock.now_at(origin)
    }

    /// Returns the number of attempts that can start now without waiting. Tests use it to detect leaked permits.
    #[must_use]
    pub fn free_permits(&self) -> usize {
        self.0.permits.available_permits()
    }

    pub(crate) fn inner(&self) -> &PipelineInner {
        &self.0
    }
}

impl PipelineInner {
    pub(super) fn is_known_origin(&self, uri: &Uri) -> bool {
        self.bases.iter().any(|base| base.origin().contains(uri))
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.0.service.name)
            .field("base_urls", &self.0.bases.iter().map(BaseUrl::as_str).collect::<Vec<_>>())
            .field("auth", &self.0.auth)
            .field("retry", &self.0.backoff.policy)
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

//! Middleware of the application.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::Result;
use crate::http::transport::BoxFuture;
use crate::http::{Request, Response};

/// A step that the application runs around each call or around each attempt.
///
/// Per-call middleware handles one request and the final result. Per-attempt middleware handles every request after the
/// credentials were added, and every result after the status check, so that an error status is an `Err`.
///
/// # Examples
///
/// ```
/// use http::HeaderValue;
/// use mft_common::Result;
/// use mft_common::middleware::{Middleware, Next};
/// use mft_common::transport::{Request, Response};
///
/// struct Tenant(HeaderValue);
///
/// impl Middleware for Tenant {
///     async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
///         request.headers_mut().insert("x-tenant", self.0.clone());
///         next.run(request).await
///     }
/// }
/// ```
pub trait Middleware: Send + Sync + 'static {
    /// Handles a request. Most implementations pass it to `next`.
    fn handle(&self, request: Request, next: Next<'_>) -> impl Future<Output = Result<Response>> + Send;
}

pub(crate) trait DynMiddleware: Send + Sync {
    fn handle_boxed<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>>;
}

impl<T: Middleware> DynMiddleware for T {
    fn handle_boxed<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response>> {
        Box::pin(self.handle(request, next))
    }
}

/// The step behind the last middleware: the retry loop of a call, or the transport of an attempt.
pub(super) trait Terminal: Sync {
    fn run_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response>>;
}

/// The remaining steps of the pipeline.
#[must_use = "the request is not sent until `run` is called"]
pub struct Next<'a> {
    pub(super) rest: &'a [Arc<dyn DynMiddleware>],
    pub(super) terminal: &'a dyn Terminal,
}

impl Next<'_> {
    /// Runs the remaining steps and returns their result.
    ///
    /// # Errors
    ///
    /// Fails with the error of the remaining steps.
    pub async fn run(self, request: Request) -> Result<Response> {
        match self.rest.split_first() {
            Some((first, rest)) => first.handle_boxed(request, Next { rest, terminal: self.terminal }).await,
            None => self.terminal.run_boxed(request).await,
        }
    }
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("middleware_left", &self.rest.len()).finish_non_exhaustive()
    }
}

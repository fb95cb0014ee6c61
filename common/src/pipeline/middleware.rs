//! The user's own steps in the way of a call.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::attempt::Attempt;
use super::call_state::CallState;
use crate::Result;
use crate::http::transport::BoxFuture;
use crate::http::{Request, Response};

/// A step of the application's own, around the whole call or around each attempt.
///
/// Around the call it sees one request and the final result. Around each attempt it sees every request after the
/// credential was put on, and every result after the service's success test, so that a status of failure is an `Err`.
///
/// # Examples
///
/// ```
/// use http::HeaderValue;
/// use mft_common::{Middleware, Next, Request, Response, Result};
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
    /// Handles a request, usually by handing it on to `next`.
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

/// The rest of the way.
#[must_use = "the request goes nowhere until `run` is called"]
pub struct Next<'a> {
    pub(super) rest: &'a [Arc<dyn DynMiddleware>],
    pub(super) end: Terminal<'a>,
}

/// What stands behind the last middleware of a slot.
#[derive(Clone, Copy)]
pub(super) enum Terminal<'a> {
    /// Time limit and retry.
    Call(&'a CallState<'a>),
    /// Origin check, span, limit and transport.
    Attempt(&'a Attempt<'a>),
}

impl Next<'_> {
    /// Hands the request on and waits for the result.
    ///
    /// # Errors
    ///
    /// Whatever the rest of the way ends in.
    pub async fn run(self, request: Request) -> Result<Response> {
        match self.rest.split_first() {
            Some((first, rest)) => first.handle_boxed(request, Next { rest, end: self.end }).await,
            None => match self.end {
                Terminal::Call(call) => call.run_boxed(request).await,
                Terminal::Attempt(attempt) => attempt.send(request).await,
            },
        }
    }
}

impl fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("middleware_left", &self.rest.len()).finish_non_exhaustive()
    }
}

//! The transport trait.

use std::future::Future;
use std::pin::Pin;

use crate::Result;
use crate::http::Body;

/// An HTTP request. Its extensions contain the [`Operation`](crate::middleware::Operation).
pub type Request = http::Request<Body>;

/// An HTTP response.
pub type Response = http::Response<Body>;

/// Sends a single request. It does not retry, authenticate, follow redirects or decode.
///
/// # Examples
///
/// ```
/// use mft_common::Result;
/// use mft_common::transport::{Body, Request, Response, Transport};
///
/// /// Responds to every request with an empty list.
/// struct Empty;
///
/// impl Transport for Empty {
///     async fn send(&self, _request: Request) -> Result<Response> {
///         Ok(Response::new(Body::from("[]")))
///     }
/// }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends the request and returns the response with its body unread.
    ///
    /// # Errors
    ///
    /// Any status is `Ok`. Fails only if no response arrived: with [`Error::connect`](crate::Error::connect) if nothing was
    /// sent, otherwise with [`Error::interrupted`](crate::Error::interrupted) or [`Error::timeout`](crate::Error::timeout).
    /// This decides whether a call that is not idempotent can be retried.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response>> + Send;
}

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The object-safe form of [`Transport`], so that the public trait can use `async fn`.
pub(crate) trait DynTransport: Send + Sync {
    fn send_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response>>;
}

impl<T: Transport> DynTransport for T {
    fn send_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        Box::pin(self.send(request))
    }
}

//! The seam between the family and whatever sends its requests.

use std::future::Future;
use std::pin::Pin;

use crate::Result;
use crate::http::Body;

/// A request on its way out. [`Operation`](crate::Operation) is among its extensions.
pub type Request = http::Request<Body>;

/// A reply on its way back.
pub type Response = http::Response<Body>;

/// Sends one request, once. It does not retry, authenticate, follow redirects or decode.
///
/// # Examples
///
/// ```
/// use mft_common::{Body, Request, Response, Result, Transport};
///
/// /// Answers every request with an empty list.
/// struct Empty;
///
/// impl Transport for Empty {
///     async fn send(&self, _request: Request) -> Result<Response> {
///         Ok(Response::new(Body::from("[]")))
///     }
/// }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// Sends the request and returns the reply, its body not yet read.
    ///
    /// # Errors
    ///
    /// Any status is `Ok`. `Err` means that no reply arrived: [`Error::connect`](crate::Error::connect) where nothing
    /// was sent, [`Error::interrupted`](crate::Error::interrupted) or [`Error::timeout`](crate::Error::timeout)
    /// otherwise. The difference decides whether a call that must not run twice may be repeated.
    fn send(&self, request: Request) -> impl Future<Output = Result<Response>> + Send;
}

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The object-safe twin of [`Transport`], so that the public trait can be a plain `async fn`.
pub(crate) trait DynTransport: Send + Sync {
    fn send_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response>>;
}

impl<T: Transport> DynTransport for T {
    fn send_boxed(&self, request: Request) -> BoxFuture<'_, Result<Response>> {
        Box::pin(self.send(request))
    }
}

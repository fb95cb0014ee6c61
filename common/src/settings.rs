//! What every client can be told, and how a client is made of it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::Semaphore;

use crate::auth::origin::{BaseUrl, is_loopback_http};
use crate::auth::{Auth, Token, TokenExchange};
use crate::clock::Clock;
use crate::http::DynTransport;
use crate::http::reqwest::{NO_TLS, ReqwestTransport, ReqwestTransportBuilder};
use crate::pipeline::budget::RetryBudget;
use crate::pipeline::limit::Limits;
use crate::pipeline::middleware::DynMiddleware;
use crate::pipeline::retry::Jitter;
use crate::pipeline::{Pipeline, PipelineInner, ServiceInfo};
use crate::{Error, Middleware, Result, RetryPolicy, Transport};

/// The settings that all clients share. Provider crates put them into their builders by
/// [`client_settings!`](crate::client_settings).
#[derive(Clone, Default)]
pub struct Settings {
    base_url: Option<String>,
    allow_http: bool,
    /// Whether plain http to this machine is permitted, because a variable of the environment names an address there.
    loopback: bool,
    user_agent: Option<String>,
    limits: Limits,
    retry: RetryPolicy,
    per_call_middleware: Vec<Arc<dyn DynMiddleware>>,
    per_attempt_middleware: Vec<Arc<dyn DynMiddleware>>,
    own_transport: Option<Arc<dyn DynTransport>>,
    /// Whether that is the default transport of another client.
    shares_plain_transport: bool,
    connect_timeout: Option<Duration>,
    /// Present once one of its settings was made.
    reqwest: Option<ReqwestTransportBuilder>,
}

impl Settings {
    /// See [`client_settings!`](crate::client_settings); the methods below are what it calls.
    pub fn base_url(&mut self, url: impl Into<String>) {
        self.base_url = Some(url.into());
    }

    /// Sets the base URL from an environment variable: plain http is accepted for loopback addresses only.
    pub fn base_url_from_environment(&mut self, url: String) {
        self.loopback_from_environment(&url);
        self.base_url = Some(url);
    }

    /// Takes note of an address that an environment variable names: plain http is accepted for loopback addresses only.
    pub fn loopback_from_environment(&mut self, url: &str) {
        self.loopback |= is_loopback_http(url);
    }

    /// Permits plain `http://`.
    pub fn allow_http(&mut self) {
        self.allow_http = true;
    }

    /// Whether plain `http://` is permitted, be it to this machine alone.
    #[must_use]
    pub fn allows_http(&self) -> bool {
        self.allow_http || self.loopback
    }

    /// Whether plain `http://` is permitted to an address. What the environment permits holds for this machine alone,
    /// whatever address is set later.
    #[must_use]
    pub fn allows_http_to(&self, url: &str) -> bool {
        self.allow_http || (self.loopback && is_loopback_http(url))
    }

    /// Puts a product name before the client's own.
    pub fn user_agent(&mut self, product: impl Into<String>) {
        self.user_agent = Some(product.into());
    }

    /// Sets the limit of one attempt.
    pub fn attempt_timeout(&mut self, limit: Duration) {
        self.limits.attempt = limit;
    }

    /// Sets the limit for making a connection.
    pub fn connect_timeout(&mut self, limit: Duration) {
        self.connect_timeout = Some(limit);
        self.reqwest(|transport| transport.connect_timeout(limit));
    }

    /// Sets the longest silence in a streamed body.
    pub fn idle_timeout(&mut self, limit: Duration) {
        self.limits.idle = limit;
    }

    /// Sets the limit of a whole call.
    pub fn call_timeout(&mut self, limit: Duration) {
        self.limits.call = Some(limit);
    }

    /// Sets the retry policy.
    pub fn retry(&mut self, policy: RetryPolicy) {
        self.retry = policy;
    }

    /// Sets how many calls may be under way.
    pub fn max_concurrent_calls(&mut self, calls: usize) {
        self.limits.concurrent = calls;
    }

    /// Sets the largest reply.
    pub fn max_response_bytes(&mut self, bytes: usize) {
        self.limits.response_bytes = bytes;
    }

    /// Adds a middleware around whole calls.
    pub fn per_call_middleware(&mut self, middleware: impl Middleware) {
        self.per_call_middleware.push(Arc::new(middleware));
    }

    /// Adds a middleware around attempts.
    pub fn per_attempt_middleware(&mut self, middleware: impl Middleware) {
        self.per_attempt_middleware.push(Arc::new(middleware));
    }

    /// Replaces the transport.
    pub fn transport(&mut self, transport: impl Transport) {
        self.own_transport = Some(Arc::new(transport));
    }

    /// Sends through the connections of a client that is there already.
    pub fn share_transport(&mut self, pipeline: &Pipeline) {
        self.own_transport = Some(pipeline.transport());
        self.reqwest = None;
        self.shares_plain_transport = !pipeline.tells_operation();
    }

    /// Changes the default transport.
    pub fn reqwest(&mut self, change: impl FnOnce(ReqwestTransportBuilder) -> ReqwestTransportBuilder) {
        let transport = self.reqwest.take().unwrap_or_default();
        self.reqwest = Some(change(transport));
    }

    /// Makes the client's inner part. `defaults` are the service's base URLs; the caller's replaces the first one.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the setting that is not usable or contradicts
    /// another one.
    pub fn pipeline(
        self,
        profile: ServiceInfo,
        defaults: &[&str],
        auth: impl FnOnce(&[BaseUrl]) -> Result<Auth>,
    ) -> Result<Pipeline> {
        self.limits.check(self.connect_timeout)?;
        if self.own_transport.is_some() && self.reqwest.is_some() {
            return Err(Error::invalid_input(
                "transport",
                "is your own: connect_timeout, proxies and root certificates must be set on it and not on the client",
            ));
        }
        let mut bases = Vec::with_capacity(defaults.len());
        for (index, default) in defaults.iter().enumerate() {
            let text = self.base_url.as_deref().filter(|_| index == 0).unwrap_or(default);
            bases.push(BaseUrl::parse(text, self.allows_http_to(text))?);
        }
        if bases.is_empty() {
            return Err(Error::invalid_input("base URL", "is missing"));
        }
        let tells_operation = (self.own_transport.is_some() && !self.shares_plain_transport)
            || !self.per_call_middleware.is_empty()
            || !self.per_attempt_middleware.is_empty();
        let transport = match self.own_transport {
            Some(transport) => transport,
            None if !ReqwestTransport::HAS_TLS && bases.iter().any(|base| base.as_str().starts_with("https:")) => {
                return Err(Error::invalid_input("base URL", NO_TLS));
            }
            None => {
                let transport = self.reqwest.unwrap_or_default();
                // A proxy elsewhere would look for the loopback address on its own machine.
                let stays_here = self.loopback && bases.iter().any(|base| is_loopback_http(base.as_str()));
                Arc::new(if stays_here { transport.no_proxy() } else { transport }.build()?)
            }
        };
        let user_agent = match self.user_agent {
            Some(product) => format!("{product} {}", profile.user_agent),
            None => profile.user_agent.to_owned(),
        };
        let user_agent = HeaderValue::from_str(&user_agent)
            .map_err(|_| Error::invalid_input("user_agent", "has a character that cannot stand in a header"))?;
        Ok(Pipeline::new(PipelineInner {
            profile,
            auth: auth(&bases)?,
            bases,
            transport,
            per_call_middleware: self.per_call_middleware,
            per_attempt_middleware: self.per_attempt_middleware,
            jitter: Jitter::new(&self.retry),
            retry: self.retry,
            budget: RetryBudget::full(),
            permits: Arc::new(Semaphore::new(self.limits.concurrent.min(Semaphore::MAX_PERMITS))),
            limits: self.limits,
            clock: Clock::start(),
            user_agent,
            tells_operation,
        }))
    }
}

impl Settings {
    /// Makes the inner part of a client whose credential is exchanged for short-lived tokens, and the exchange.
    ///
    /// `exchange` is given a pipeline of the same service that carries no credential and has permits of its own, so that an
    /// exchange neither waits for itself nor for the calls that wait for it. Its profile is one of its own too: a refusal
    /// is one of the keys there, see [`ErrorDetails::of_credentials`](crate::provider::ErrorDetails::of_credentials). An `initial`
    /// token is used until it is refused.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) as for [`pipeline`](Self::pipeline).
    pub fn pipeline_with_tokens<X: TokenExchange + Clone>(
        self,
        profile: ServiceInfo,
        of_exchange: ServiceInfo,
        defaults: &[&str],
        initial: Option<Token>,
        exchange: impl FnOnce(Pipeline) -> X,
    ) -> Result<(Pipeline, X)> {
        let plain = self.clone().pipeline(of_exchange, defaults, |_| Ok(Auth::none()))?;
        let mut own = self;
        own.share_transport(&plain);
        let exchange = exchange(plain);
        let pipeline = own.pipeline(profile, defaults, |bases| {
            let origins = bases.iter().map(|base| base.origin().clone()).collect();
            Auth::token_exchange(exchange.clone(), initial, origins)
        })?;
        Ok((pipeline, exchange))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A base URL that is not yet checked may hold a password.
        f.debug_struct("Settings")
            .field("has_base_url", &self.base_url.is_some())
            .field("allow_http", &self.allow_http)
            .field("user_agent", &self.user_agent)
            .field("limits", &self.limits)
            .field("retry", &self.retry)
            .field("middleware", &(self.per_call_middleware.len(), self.per_attempt_middleware.len()))
            .field("own_transport", &self.own_transport.is_some())
            .field("reqwest", &self.reqwest)
            .finish_non_exhaustive()
    }
}

/// Reads an environment variable that must be there and not blank.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) naming the variable.
pub fn required_variable(name: &str) -> Result<String> {
    optional_variable(name)?
        .ok_or_else(|| Error::invalid_input("environment variable", format_args!("{name} is not set")))
}

/// Reads an environment variable that may be missing. A blank one counts as missing.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) where it is not text.
pub fn optional_variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value.trim().to_owned()).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::invalid_input("environment variable", format_args!("{name} is not text")))
        }
    }
}

/// The setters that every client builder has, written once so that they are named, documented and behave alike in all
/// crates. Used inside an `impl` of a builder with a field `settings: Settings`.
#[macro_export]
macro_rules! client_settings {
    () => {
        /// Talks to another address: a regional host, a gateway, or a simulator.
        ///
        /// Plain `http://` is refused by `build` unless [`allow_http`](Self::allow_http) is called too.
        pub fn base_url(mut self, url: impl ::std::convert::Into<::std::string::String>) -> Self {
            self.settings.base_url(url);
            self
        }

        /// Permits a plain `http://` base URL, on which everybody on the way can read the credential. Meant for tests.
        pub fn allow_http(mut self) -> Self {
            self.settings.allow_http();
            self
        }

        /// Puts the application's product name before the library's in `User-Agent`, for example `nightly-export/2.1`.
        pub fn user_agent(mut self, product: impl ::std::convert::Into<::std::string::String>) -> Self {
            self.settings.user_agent(product);
            self
        }

        /// The longest time for one attempt, from the first byte sent to the last byte read. Default 30 s.
        pub fn attempt_timeout(mut self, limit: ::std::time::Duration) -> Self {
            self.settings.attempt_timeout(limit);
            self
        }

        /// The longest time to make a connection, TLS included. Default 5 s; not above the attempt's.
        pub fn connect_timeout(mut self, limit: ::std::time::Duration) -> Self {
            self.settings.connect_timeout(limit);
            self
        }

        /// The longest silence in a streamed body. Default 30 s.
        pub fn idle_timeout(mut self, limit: ::std::time::Duration) -> Self {
            self.settings.idle_timeout(limit);
            self
        }

        /// The longest time for a whole call with its retries and waits. Default none; must be above the attempt's. For a
        /// single call see [`Call::call_timeout`](crate::Call::call_timeout).
        pub fn call_timeout(mut self, limit: ::std::time::Duration) -> Self {
            self.settings.call_timeout(limit);
            self
        }

        /// How often and after which waits calls are repeated. Default three attempts.
        pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
            self.settings.retry(policy);
            self
        }

        /// How many calls may be under way at once, over all clones of the client; further ones wait. Default 64.
        pub fn max_concurrent_calls(mut self, calls: usize) -> Self {
            self.settings.max_concurrent_calls(calls);
            self
        }

        /// The largest reply that is read, in bytes. Default 64 MiB.
        pub fn max_response_bytes(mut self, bytes: usize) -> Self {
            self.settings.max_response_bytes(bytes);
            self
        }

        /// Adds a step around every whole call. The first one added is the outermost.
        pub fn per_call_middleware(mut self, middleware: impl $crate::Middleware) -> Self {
            self.settings.per_call_middleware(middleware);
            self
        }

        /// Adds a step around every attempt, after the credential was put on. The first one added is the outermost.
        pub fn per_attempt_middleware(mut self, middleware: impl $crate::Middleware) -> Self {
            self.settings.per_attempt_middleware(middleware);
            self
        }

        /// Sends requests by a transport of your own.
        pub fn transport(mut self, transport: impl $crate::Transport) -> Self {
            self.settings.transport(transport);
            self
        }

        /// Sends everything through a proxy, whatever `HTTP_PROXY` and its kin say.
        pub fn proxy(mut self, url: impl ::std::convert::Into<::std::string::String>) -> Self {
            self.settings.reqwest(|transport| transport.proxy(url));
            self
        }

        /// Uses no proxy, whatever `HTTP_PROXY` and its kin say.
        pub fn no_proxy(mut self) -> Self {
            self.settings.reqwest(|transport| transport.no_proxy());
            self
        }

        /// Trusts one more certificate authority, given as PEM, beside those of the system.
        pub fn add_root_certificate(mut self, pem: impl ::std::convert::Into<::std::vec::Vec<u8>>) -> Self {
            self.settings.reqwest(|transport| transport.add_root_certificate(pem));
            self
        }

        /// Connects to these addresses for a host name, in their order, without asking for the name.
        pub fn resolve(
            mut self,
            host: impl ::std::convert::Into<::std::string::String>,
            addresses: impl ::std::convert::Into<::std::vec::Vec<::std::net::SocketAddr>>,
        ) -> Self {
            self.settings.reqwest(|transport| transport.resolve(host, addresses));
            self
        }
    };
}

const _: fn() = || {
    fn is_shared<T: Send + Sync + Clone>() {}
    is_shared::<Settings>();
    is_shared::<Pipeline>();
};

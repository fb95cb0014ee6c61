//! The settings of a client, and how they become a pipeline.

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
use crate::pipeline::limits::Limits;
use crate::pipeline::middleware::{DynMiddleware, Middleware};
use crate::pipeline::retry::Backoff;
use crate::pipeline::{Pipeline, PipelineInner, ServiceInfo};
use crate::{Error, Result, RetryPolicy, Transport};

/// The settings of every client. The builders of the provider crates get their setters from
/// [`client_settings!`](crate::client_settings).
#[derive(Clone, Default)]
pub struct Settings {
    base_url: Option<String>,
    allow_http: bool,
    /// Whether plain http to a loopback address is permitted, because an environment variable contains such an address.
    loopback: bool,
    user_agent: Option<String>,
    limits: Limits,
    retry: RetryPolicy,
    per_call_middleware: Vec<Arc<dyn DynMiddleware>>,
    per_attempt_middleware: Vec<Arc<dyn DynMiddleware>>,
    custom_transport: Option<Arc<dyn DynTransport>>,
    /// Whether `custom_transport` is the default transport of another client.
    shares_default_transport: bool,
    connect_timeout: Option<Duration>,
    /// Set if a setting of the default transport was changed.
    reqwest: Option<ReqwestTransportBuilder>,
}

impl Settings {
    /// Sets the base URL. The documentation of the setters is in [`client_settings!`](crate::client_settings).
    pub fn base_url(&mut self, url: impl Into<String>) {
        self.base_url = Some(url.into());
    }

    /// Sets the base URL from an environment variable. Plain http is permitted for loopback addresses only.
    pub fn base_url_from_environment(&mut self, url: String) {
        self.loopback_from_environment(&url);
        self.base_url = Some(url);
    }

    /// Permits plain http to loopback addresses if the URL of an environment variable is one.
    pub fn loopback_from_environment(&mut self, url: &str) {
        self.loopback |= is_loopback_http(url);
    }

    /// Permits plain `http://`.
    pub fn allow_http(&mut self) {
        self.allow_http = true;
    }

    /// Returns whether plain `http://` is permitted, at least to loopback addresses.
    #[must_use]
    pub fn allows_http(&self) -> bool {
        self.allow_http || self.loopback
    }

    /// Returns whether plain `http://` is permitted to a URL. The permission of an environment variable applies to
    /// loopback addresses only, even if the URL is set later.
    #[must_use]
    pub fn allows_http_to(&self, url: &str) -> bool {
        self.allow_http || (self.loopback && is_loopback_http(url))
    }

    /// Sets the product that precedes the client in `User-Agent`.
    pub fn user_agent(&mut self, product: impl Into<String>) {
        self.user_agent = Some(product.into());
    }

    /// Sets the attempt timeout.
    pub fn attempt_timeout(&mut self, timeout: Duration) {
        self.limits.attempt = timeout;
    }

    /// Sets the connect timeout.
    pub fn connect_timeout(&mut self, timeout: Duration) {
        self.connect_timeout = Some(timeout);
        self.reqwest(|transport| transport.connect_timeout(timeout));
    }

    /// Sets the idle timeout of streamed bodies.
    pub fn idle_timeout(&mut self, timeout: Duration) {
        self.limits.idle = timeout;
    }

    /// Sets the call timeout.
    pub fn call_timeout(&mut self, timeout: Duration) {
        self.limits.call = Some(timeout);
    }

    /// Sets the retry policy.
    pub fn retry(&mut self, policy: RetryPolicy) {
        self.retry = policy;
    }

    /// Sets the maximum number of concurrent calls.
    pub fn max_concurrent_calls(&mut self, calls: usize) {
        self.limits.concurrent = calls;
    }

    /// Sets the maximum size of a response.
    pub fn max_response_bytes(&mut self, bytes: usize) {
        self.limits.response_bytes = bytes;
    }

    /// Adds a per-call middleware.
    pub fn per_call_middleware(&mut self, middleware: impl Middleware) {
        self.per_call_middleware.push(Arc::new(middleware));
    }

    /// Adds a per-attempt middleware.
    pub fn per_attempt_middleware(&mut self, middleware: impl Middleware) {
        self.per_attempt_middleware.push(Arc::new(middleware));
    }

    /// Sets a custom transport.
    pub fn transport(&mut self, transport: impl Transport) {
        self.custom_transport = Some(Arc::new(transport));
    }

    /// Uses the connections of an existing client.
    pub fn share_transport(&mut self, pipeline: &Pipeline) {
        self.custom_transport = Some(Arc::clone(&pipeline.inner().transport));
        self.reqwest = None;
        self.shares_default_transport = !pipeline.inner().attaches_operation;
    }

    /// Changes the default transport.
    pub fn reqwest(&mut self, change: impl FnOnce(ReqwestTransportBuilder) -> ReqwestTransportBuilder) {
        let transport = self.reqwest.take().unwrap_or_default();
        self.reqwest = Some(change(transport));
    }

    /// Builds the pipeline. `defaults` are the base URLs of the service. A base URL that the caller set replaces the first
    /// one.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if a setting is invalid or contradicts
    /// another one.
    pub fn pipeline(
        self,
        service: ServiceInfo,
        defaults: &[&str],
        auth: impl FnOnce(&[BaseUrl]) -> Result<Auth>,
    ) -> Result<Pipeline> {
        self.limits.check(self.connect_timeout)?;
        if self.custom_transport.is_some() && self.reqwest.is_some() {
            return Err(Error::invalid_input(
                "transport",
                "is custom: set connect_timeout, proxies and root certificates on the transport, not on the client",
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
        let attaches_operation = (self.custom_transport.is_some() && !self.shares_default_transport)
            || !self.per_call_middleware.is_empty()
            || !self.per_attempt_middleware.is_empty();
        let transport = match self.custom_transport {
            Some(transport) => transport,
            None if !ReqwestTransport::HAS_TLS && bases.iter().any(|base| base.as_str().starts_with("https:")) => {
                return Err(Error::invalid_input("base URL", NO_TLS));
            }
            None => {
                let transport = self.reqwest.unwrap_or_default();
                // A proxy on another machine would resolve the loopback address on that machine.
                let is_loopback = self.loopback && bases.iter().any(|base| is_loopback_http(base.as_str()));
                Arc::new(if is_loopback { transport.no_proxy() } else { transport }.build()?)
            }
        };
        let user_agent = match self.user_agent {
            Some(product) => format!("{product} {}", service.user_agent),
            None => service.user_agent.to_owned(),
        };
        let user_agent = HeaderValue::from_str(&user_agent)
            .map_err(|_| Error::invalid_input("user_agent", "contains a character that is invalid in a header"))?;
        Ok(Pipeline::new(PipelineInner {
            service,
            auth: auth(&bases)?,
            bases,
            transport,
            per_call_middleware: self.per_call_middleware,
            per_attempt_middleware: self.per_attempt_middleware,
            backoff: Backoff::new(self.retry),
            permits: Arc::new(Semaphore::new(self.limits.concurrent.min(Semaphore::MAX_PERMITS))),
            limits: self.limits,
            clock: Clock::start(),
            user_agent,
            attaches_operation,
        }))
    }
}

impl Settings {
    /// Builds the pipeline of a client that exchanges its credentials for short-lived tokens, and the exchange.
    ///
    /// `exchange` gets a pipeline without credentials and with separate permits. An exchange therefore waits neither for
    /// itself nor for the calls that wait for it. `exchange_service` parses its errors: they are about the credentials, see
    /// [`ErrorDetails::of_credentials`](crate::provider::ErrorDetails::of_credentials). An `initial` token is used until
    /// the service rejects it.
    ///
    /// # Errors
    ///
    /// Fails like [`pipeline`](Self::pipeline).
    pub fn pipeline_with_tokens<X: TokenExchange + Clone>(
        self,
        service: ServiceInfo,
        exchange_service: ServiceInfo,
        defaults: &[&str],
        initial: Option<Token>,
        exchange: impl FnOnce(Pipeline) -> X,
    ) -> Result<(Pipeline, X)> {
        let plain = self.clone().pipeline(exchange_service, defaults, |_| Ok(Auth::none()))?;
        let mut authenticated = self;
        authenticated.share_transport(&plain);
        let exchange = exchange(plain);
        let pipeline = authenticated.pipeline(service, defaults, |bases| {
            let origins = bases.iter().map(|base| base.origin().clone()).collect();
            Auth::token_exchange(exchange.clone(), initial, origins)
        })?;
        Ok((pipeline, exchange))
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A base URL that was not parsed yet may contain a password.
        f.debug_struct("Settings")
            .field("has_base_url", &self.base_url.is_some())
            .field("allow_http", &self.allow_http)
            .field("user_agent", &self.user_agent)
            .field("limits", &self.limits)
            .field("retry", &self.retry)
            .field("middleware", &(self.per_call_middleware.len(), self.per_attempt_middleware.len()))
            .field("custom_transport", &self.custom_transport.is_some())
            .field("reqwest", &self.reqwest)
            .finish_non_exhaustive()
    }
}

/// Returns the value of a required environment variable.
///
/// # Errors
///
/// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the variable is missing or blank.
pub fn required_variable(name: &str) -> Result<String> {
    optional_variable(name)?
        .ok_or_else(|| Error::invalid_input("environment variable", format_args!("{name} is not set")))
}

/// Returns the value of an optional environment variable. A blank value counts as missing.
///
/// # Errors
///
/// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the value is not Unicode.
pub fn optional_variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value.trim().to_owned()).filter(|value| !value.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Error::invalid_input("environment variable", format_args!("{name} is not valid Unicode")))
        }
    }
}

/// Declares the setters of a client builder. All provider crates share them. Use it inside an `impl` of a builder with a
/// field `settings: Settings`.
#[macro_export]
macro_rules! client_settings {
    () => {
        $crate::client_settings! { settings:
            /// Sets the base URL, for example of a regional host, a gateway or a simulator. Default: the URL of the service.
            ///
            /// `build` rejects plain `http://` unless [`allow_http`](Self::allow_http) is called too.
            base_url(url: impl ::std::convert::Into<::std::string::String>);

            /// Permits a plain `http://` base URL, for tests. The credentials are then sent unencrypted. Default: not permitted.
            allow_http();

            /// Sets the product that precedes the client in `User-Agent`, for example `nightly-export/2.1`. Default: none.
            user_agent(product: impl ::std::convert::Into<::std::string::String>);

            /// Sets the timeout of one attempt, from the first byte sent to the last byte read. Default: 30 seconds.
            attempt_timeout(timeout: ::std::time::Duration);

            /// Sets the timeout for connecting, including TLS. It cannot exceed the attempt timeout. Default: 5 seconds.
            connect_timeout(timeout: ::std::time::Duration);

            /// Sets the maximum time between two chunks of a streamed body. Default: 30 seconds.
            idle_timeout(timeout: ::std::time::Duration);

            /// Sets the timeout of a whole call, including retries and delays. It must exceed the attempt timeout. Default:
            /// none. [`Call::call_timeout`](crate::Call::call_timeout) sets it for one call.
            call_timeout(timeout: ::std::time::Duration);

            /// Sets the retry policy. Default: three attempts with exponential backoff and full jitter.
            retry(policy: $crate::RetryPolicy);

            /// Sets the maximum number of concurrent calls of all clones of the client. Further calls wait. Default: 64.
            max_concurrent_calls(calls: usize);

            /// Sets the maximum size of a response, in bytes. Default: 64 MiB.
            max_response_bytes(bytes: usize);

            /// Adds a middleware around every call. The first one added is the outermost. Default: none.
            per_call_middleware(middleware: impl $crate::middleware::Middleware);

            /// Adds a middleware around every attempt, after the credentials were added. The first one added is the outermost.
            /// Default: none.
            per_attempt_middleware(middleware: impl $crate::middleware::Middleware);

            /// Sets a custom transport. Default: [`ReqwestTransport`](crate::transport::ReqwestTransport).
            transport(transport: impl $crate::transport::Transport);
        }
        $crate::client_settings! { transport:
            /// Sets the proxy for all requests. Default: the proxy of the environment (`HTTP_PROXY` and similar variables).
            proxy(url: impl ::std::convert::Into<::std::string::String>);

            /// Disables all proxies, including those of the environment. Default: enabled.
            no_proxy();

            /// Adds a trusted certificate authority in PEM format. Default: the authorities of the system.
            add_root_certificate(pem: impl ::std::convert::Into<::std::vec::Vec<u8>>);

            /// Sets the addresses of a host name, in order of preference, instead of DNS. Default: none.
            resolve(
                host: impl ::std::convert::Into<::std::string::String>,
                addresses: impl ::std::convert::Into<::std::vec::Vec<::std::net::SocketAddr>>
            );
        }
    };
    (settings: $($(#[$meta:meta])* $setting:ident($($value:ident: $type:ty),*);)+) => {$(
        $(#[$meta])*
        pub fn $setting(mut self, $($value: $type),*) -> Self {
            self.settings.$setting($($value),*);
            self
        }
    )+};
    // Settings of the default transport.
    (transport: $($(#[$meta:meta])* $setting:ident($($value:ident: $type:ty),*);)+) => {$(
        $(#[$meta])*
        pub fn $setting(mut self, $($value: $type),*) -> Self {
            self.settings.reqwest(|transport| transport.$setting($($value),*));
            self
        }
    )+};
}

const _: fn() = || {
    fn is_shared<T: Send + Sync + Clone>() {}
    is_shared::<Settings>();
    is_shared::<Pipeline>();
};

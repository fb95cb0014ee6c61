//! Spans and events, with the names of the OpenTelemetry conventions for HTTP clients.
//!
//! The crate emits events and never installs a subscriber. Query values, bodies and headers are not recorded.

#[cfg(feature = "tracing")]
mod on {
    use std::time::Duration;

    use http::StatusCode;
    use tracing::field::Empty;

    use crate::Error;
    use crate::http::Request;
    use crate::pipeline::Operation;

    pub(crate) use tracing::Instrument;

    #[derive(Clone)]
    pub(crate) struct Span(tracing::Span);

    impl Span {
        /// Returns the span of a whole call, including retries and delays.
        pub(crate) fn of_call(operation: &Operation) -> Self {
            Self(
                tracing::info_span!("mft_call", otel.name = operation.name(), otel.kind = "internal", otel.status_code = Empty, error.type = Empty),
            )
        }

        /// Returns the span of one attempt.
        pub(crate) fn of_attempt(operation: &Operation, request: &Request, attempt: u32) -> Self {
            let uri = request.uri();
            Self(tracing::info_span!(
                "http_request",
                otel.name = %format_args!("{} {}", request.method(), operation.template()),
                otel.kind = "client",
                otel.status_code = Empty,
                // The storage requests of a transfer have no call span.
                operation = operation.name(),
                http.request.method = request.method().as_str(),
                http.request.resend_count = (attempt > 1).then(|| attempt - 1),
                http.response.status_code = Empty,
                url.template = operation.template(),
                url.full = %super::Redacted(uri),
                server.address = uri.host().unwrap_or_default(),
                server.port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 }),
                error.type = Empty,
            ))
        }

        pub(crate) fn status(&self, status: StatusCode) {
            self.0.record("http.response.status_code", status.as_u16());
        }

        pub(crate) fn failed(&self, error: &Error) {
            if self.0.is_disabled() {
                return;
            }
            self.0.record("error.type", error_type(error));
            self.0.record("otel.status_code", "ERROR");
        }

        pub(crate) fn around<F: Future>(&self, future: F) -> tracing::instrument::Instrumented<F> {
            future.instrument(self.0.clone())
        }
    }

    /// Returns a value of low cardinality, which can be a metric label.
    fn error_type(error: &Error) -> String {
        match error.status().filter(|status| status.as_u16() >= 400) {
            Some(status) => status.as_str().to_owned(),
            None => error.kind().word().to_owned(),
        }
    }

    pub(crate) fn retrying(operation: &Operation, next_attempt: u32, delay: Duration, cause: &Error) {
        tracing::debug!(
            operation = operation.name(),
            attempt = next_attempt,
            delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
            error.type = error_type(cause),
            "retrying"
        );
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use std::time::Duration;

    use http::StatusCode;

    use crate::Error;
    use crate::http::Request;
    use crate::pipeline::Operation;

    /// The same interface as a no-op.
    #[derive(Clone)]
    pub(crate) struct Span;

    impl Span {
        pub(crate) fn of_call(_: &Operation) -> Self {
            Self
        }

        pub(crate) fn of_attempt(_: &Operation, _: &Request, _: u32) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "the variant with tracing uses it")]
        pub(crate) fn status(&self, _: StatusCode) {}

        #[expect(clippy::unused_self, reason = "the variant with tracing uses it")]
        pub(crate) fn failed(&self, _: &Error) {}

        #[expect(clippy::unused_self, reason = "the variant with tracing uses it")]
        pub(crate) fn around<F: Future>(&self, future: F) -> F {
            future
        }
    }

    pub(crate) fn retrying(_: &Operation, _: u32, _: Duration, _: &Error) {}
}

#[cfg(not(feature = "tracing"))]
pub(crate) use off::{Span, retrying};
#[cfg(feature = "tracing")]
pub(crate) use on::{Span, retrying};

/// A URI without user information and with redacted query values.
#[cfg(feature = "tracing")]
struct Redacted<'a>(&'a http::Uri);

#[cfg(feature = "tracing")]
impl std::fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let uri = self.0;
        write!(f, "{}://{}", uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default())?;
        if let Some(port) = uri.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(uri.path())?;
        for (index, pair) in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).enumerate() {
            let name = pair.split_once('=').map_or(pair, |(name, _)| name);
            let text = if matches!(name, "page" | "per_page" | "limit") { pair } else { &format!("{name}=REDACTED") };
            write!(f, "{}{text}", if index == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}

//! Whether a request can be sent twice.

/// Whether a request can be sent twice. It is stated for each operation, because the HTTP method does not determine it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Idempotency {
    /// The request must never be processed twice. Retried only if nothing was sent.
    #[default]
    NeverRetry,
    /// A second request would create a second object. Retried only if the service certainly did not process it.
    NonIdempotent,
    /// Sending the request twice has the effect of sending it once.
    Idempotent,
    /// The request changes nothing.
    Safe,
}

impl Idempotency {
    pub(super) const fn is_idempotent(self) -> bool {
        matches!(self, Self::Idempotent | Self::Safe)
    }
}

//! The operation that a request belongs to.

use std::borrow::Cow;

use crate::Idempotency;

/// The operation that a request belongs to. Middleware and transports read it from the extensions of the request.
///
/// Name and template have low cardinality and are suitable for span names and metric labels. The actual path is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    name: &'static str,
    template: Cow<'static, str>,
    idempotency: Idempotency,
}

impl Operation {
    pub(crate) fn new(name: &'static str, template: Cow<'static, str>, idempotency: Idempotency) -> Self {
        Self { name, template, idempotency }
    }

    /// Returns the name of the operation, for example `sftptogo.credentials.create`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Returns the path with placeholders, for example `/organizations/{organization_id}/users`.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.template
    }

    /// Returns whether the request is idempotent.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency {
        self.idempotency
    }

    pub(super) fn set_idempotency(&mut self, idempotency: Idempotency) {
        self.idempotency = idempotency;
    }
}

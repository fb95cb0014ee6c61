//! Reauthentication: the password that some operations of a session require.

use http::HeaderName;
use mft_common::provider::CallBuilder;

use crate::{Error, Secret};

const HEADER: HeaderName = HeaderName::from_static("x-brick-reauthentication");

/// Password of a session's user, for operations that require reauthentication. See [`Client::with_reauthentication`].
///
/// Sent in a header, encoded as UTF-8. The service does not document how it decodes characters outside ASCII.
///
/// [`Client::with_reauthentication`]: crate::Client::with_reauthentication
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reauthentication {
    password: Secret,
    pub(crate) on_every_call: bool,
}

impl Reauthentication {
    /// Sends the password with the operations that are known to require it: changing a user's password and deleting a
    /// user.
    pub fn new(password: impl Into<Secret>) -> Self {
        Self { password: password.into(), on_every_call: false }
    }

    /// Sends the password with every call except the login. The service has no published list of operations that
    /// require reauthentication. See [`needs_reauthentication`](crate::needs_reauthentication) to detect them.
    #[must_use]
    pub fn on_every_call(mut self) -> Self {
        self.on_every_call = true;
        self
    }

    pub(crate) fn apply(&self, builder: CallBuilder) -> CallBuilder {
        if self.password.is_empty() {
            return builder.check(Err(Error::invalid_input("reauthentication password", "is empty")));
        }
        if self.password.expose().ends_with([' ', '\t']) {
            let problem = "ends in whitespace, which servers remove from header values";
            return builder.check(Err(Error::invalid_input("reauthentication password", problem)));
        }
        // The service splits at the first colon, so the password may contain colons.
        let value = Secret::new(format!("password:{}", self.password.expose()));
        builder.secret_header(HEADER, value.expose(), &self.password)
    }
}

impl From<Secret> for Reauthentication {
    fn from(password: Secret) -> Self {
        Self::new(password)
    }
}

impl From<&str> for Reauthentication {
    fn from(password: &str) -> Self {
        Self::new(password)
    }
}

impl From<String> for Reauthentication {
    fn from(password: String) -> Self {
        Self::new(password)
    }
}

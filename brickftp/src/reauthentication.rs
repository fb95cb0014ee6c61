//! The password that the service wants again for some operations of a session.

use http::HeaderName;
use mft_common::provider::CallBuilder;

use crate::{Error, Secret};

const HEADER: HeaderName = HeaderName::from_static("x-brick-reauthentication");

/// The password of a session's user, for the operations that want it again; see [`Client::with_reauthentication`].
///
/// It travels in a header, as UTF-8; how the service reads characters outside ASCII there is not documented.
///
/// [`Client::with_reauthentication`]: crate::Client::with_reauthentication
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reauthentication {
    password: Secret,
    pub(crate) on_every_call: bool,
}

impl Reauthentication {
    /// Sends the password with the operations that are known to want it: changing the password of a user, and deleting
    /// a user.
    pub fn new(password: impl Into<Secret>) -> Self {
        Self { password: password.into(), on_every_call: false }
    }

    /// Sends the password with every call but the login. The service's list of operations that want it was never
    /// published; see [`needs_reauthentication`](crate::needs_reauthentication) for how one is recognised.
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
            let problem = "ends in a blank, which every server cuts off a header";
            return builder.check(Err(Error::invalid_input("reauthentication password", problem)));
        }
        // Everything behind the first colon is the password, further colons included.
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

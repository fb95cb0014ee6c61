//! A session cookie.

use super::{Auth, check_credential};
use crate::{Error, Origin, Result, Secret};

impl Auth {
    /// A session id that is sent as a cookie.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), naming `what` and never the value, where the id is
    /// blank or would end the cookie early.
    pub fn cookie(what: &str, name: &str, session: Secret, origins: Vec<Origin>) -> Result<Self> {
        check_credential(what, &session)?;
        if session.expose().contains([';', ',', ' ', '"']) {
            return Err(Error::invalid_input(what, "has a character that would end the cookie"));
        }
        let value = zeroize::Zeroizing::new(format!("{name}={}", session.expose()));
        Self::header(http::header::COOKIE, &value, session, origins)
    }
}

//! `Authorization: Basic`.

use base64::Engine as _;
use zeroize::Zeroizing;

use super::{Auth, check_credential};
use crate::{Error, Origin, Result, Secret};

impl Auth {
    /// A user name and a password, of which either may be the secret: some services take a key as user name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), naming `what` and never the value, where the user
    /// name is blank, holds a colon (the password would begin there) or something else than printable ASCII.
    pub fn basic(what: &str, user: Secret, password: &Secret, origins: Vec<Origin>) -> Result<Self> {
        check_credential(what, &user)?;
        if user.expose().contains(':') {
            return Err(Error::invalid_input(what, "has a colon"));
        }
        let pair = Zeroizing::new(format!("{}:{}", user.expose(), password.expose()));
        let encoded = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
        let value = Zeroizing::new(format!("Basic {}", encoded.as_str()));
        let mut auth = Self::header(http::header::AUTHORIZATION, &value, user, origins)?;
        if let super::Scheme::Header { secrets, .. } = &mut auth.scheme {
            secrets.extend([password.clone(), Secret::new(encoded.as_str())]);
        }
        Ok(auth)
    }
}

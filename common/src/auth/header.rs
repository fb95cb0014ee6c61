//! Bearer, basic and cookie authentication.

use base64::Engine as _;
use http::header;
use zeroize::Zeroizing;

use super::{Auth, check_credential};
use crate::{Error, Origin, Result, Secret};

impl Auth {
    /// Returns authentication with `Authorization: Bearer`.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the key is blank or contains other
    /// characters than printable ASCII. The error contains `field`, but not the key.
    pub fn bearer(field: &str, key: Secret, origins: Vec<Origin>) -> Result<Self> {
        check_credential(field, &key)?;
        let value = Zeroizing::new(format!("Bearer {}", key.expose()));
        Self::header(header::AUTHORIZATION, &value, key, origins)
    }

    /// Returns authentication with `Authorization: Basic`. Both parts are secrets: some services expect an API key as user
    /// name.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the user name is blank or contains a
    /// colon or other characters than printable ASCII. The error contains `field`, but not the user name.
    pub fn basic(field: &str, user: Secret, password: &Secret, origins: Vec<Origin>) -> Result<Self> {
        check_credential(field, &user)?;
        if user.expose().contains(':') {
            return Err(Error::invalid_input(field, "contains a colon"));
        }
        let pair = Zeroizing::new(format!("{}:{}", user.expose(), password.expose()));
        let encoded = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
        let value = Zeroizing::new(format!("Basic {}", encoded.as_str()));
        let mut auth = Self::header(header::AUTHORIZATION, &value, user, origins)?;
        if let super::Scheme::Header { secrets, .. } = &mut auth.scheme {
            secrets.extend([password.clone(), Secret::new(encoded.as_str())]);
        }
        Ok(auth)
    }

    /// Returns authentication with a session cookie.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the session id is blank or contains a
    /// character that ends a cookie. The error contains `field`, but not the session id.
    pub fn cookie(field: &str, name: &str, session: Secret, origins: Vec<Origin>) -> Result<Self> {
        check_credential(field, &session)?;
        if session.expose().contains([';', ',', ' ', '"']) {
            return Err(Error::invalid_input(field, "contains a character that ends a cookie"));
        }
        let value = Zeroizing::new(format!("{name}={}", session.expose()));
        Self::header(header::COOKIE, &value, session, origins)
    }
}

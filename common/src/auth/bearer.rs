//! `Authorization: Bearer`.

use super::{Auth, check_credential};
use crate::{Origin, Result, Secret};

impl Auth {
    /// A key that is sent as `Authorization: Bearer …`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), naming `what` and never the value, where the key is
    /// blank or holds something else than printable ASCII.
    pub fn bearer(what: &str, key: Secret, origins: Vec<Origin>) -> Result<Self> {
        check_credential(what, &key)?;
        let value = zeroize::Zeroizing::new(format!("Bearer {}", key.expose()));
        Self::header(http::header::AUTHORIZATION, &value, key, origins)
    }
}

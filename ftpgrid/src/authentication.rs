//! How a client authenticates.

use mft_common::provider::check;
use serde::Serialize;

use crate::{Result, Secret};

mft_common::secret_type! {
    /// The association key, which identifies the ftpGrid account.
    ///
    /// The dashboard shows it in the settings.
    AssociationKey,

    /// The access key of a REST API account, for example `AK_...`.
    AccessKey,

    /// The secret key of a REST API account, for example `sk_live_...`.
    SecretKey,
}

/// How a client authenticates: with the three keys of a REST API account.
///
/// The client exchanges the keys for a short-lived token and renews the token if the service refuses it. The dashboard
/// shows all three keys when a REST API account is created.
///
/// # Examples
///
/// ```
/// use ftpgrid::{AccessKey, AssociationKey, Authentication, SecretKey};
///
/// let authentication = Authentication::keys(
///     AssociationKey::new("1b2c3d4e-0000-4000-8000-00000000abcd"),
///     AccessKey::new("AK_access"),
///     SecretKey::new("sk_live_secret"),
/// );
/// assert!(!format!("{authentication:?}").contains("sk_live_secret"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication(Keys);

/// The body of a token request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the names of the service's fields")]
pub(crate) struct Keys {
    #[serde(serialize_with = "mft_common::secret::expose")]
    association_key: AssociationKey,
    #[serde(serialize_with = "mft_common::secret::expose")]
    access_key: AccessKey,
    #[serde(serialize_with = "mft_common::secret::expose")]
    secret_key: SecretKey,
}

impl Authentication {
    /// Authenticates with the keys of a REST API account.
    #[must_use]
    pub fn keys(association_key: AssociationKey, access_key: AccessKey, secret_key: SecretKey) -> Self {
        Self(Keys { association_key, access_key, secret_key })
    }

    /// Returns the keys if none is empty. The prefixes of the keys are not documented, so they are not checked.
    pub(crate) fn into_keys(self) -> Result<Keys> {
        check::not_empty("association_key", self.0.association_key.expose())?;
        check::not_empty("access_key", self.0.access_key.expose())?;
        check::not_empty("secret_key", self.0.secret_key.expose())?;
        Ok(self.0)
    }
}

impl Keys {
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let Self { association_key, access_key, secret_key } = self.clone();
        vec![association_key.into(), access_key.into(), secret_key.into()]
    }
}

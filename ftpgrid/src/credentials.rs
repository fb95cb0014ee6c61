//! The keys of a REST API account.

use serde::Serialize;

use crate::{Error, Result, Secret};

/// The keys of a REST API account, which are exchanged for a short-lived token.
///
/// The dashboard shows all three when a REST API account is created; the association key belongs to the ftpGrid account
/// and is found in its settings too.
///
/// # Examples
///
/// ```
/// use ftpgrid::Credentials;
///
/// let credentials = Credentials::new("1b2c3d4e-0000-4000-8000-00000000abcd", "AK_access", "sk_live_secret");
/// assert!(!format!("{credentials:?}").contains("sk_live_secret"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credentials {
    #[serde(rename = "AssociationKey", serialize_with = "mft_common::secret::expose")]
    association: Secret,
    #[serde(rename = "AccessKey", serialize_with = "mft_common::secret::expose")]
    access: Secret,
    #[serde(rename = "SecretKey", serialize_with = "mft_common::secret::expose")]
    secret: Secret,
}

impl Credentials {
    /// The keys as the dashboard shows them.
    pub fn new(
        association_key: impl Into<Secret>,
        access_key: impl Into<Secret>,
        secret_key: impl Into<Secret>,
    ) -> Self {
        Self { association: association_key.into(), access: access_key.into(), secret: secret_key.into() }
    }

    /// Their prefixes are a habit of the service and no promise, so that only what is missing is refused.
    pub(crate) fn check(&self) -> Result<()> {
        for (name, key) in
            [("association_key", &self.association), ("access_key", &self.access), ("secret_key", &self.secret)]
        {
            if key.expose().trim().is_empty() {
                return Err(Error::invalid_input(name, "is empty"));
            }
        }
        Ok(())
    }

    pub(crate) fn secrets(&self) -> Vec<Secret> {
        vec![self.association.clone(), self.access.clone(), self.secret.clone()]
    }
}

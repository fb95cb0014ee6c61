//! The credential model.

use mft_common::provider::lenient;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{CredentialSettings, InboundRule, OffsetDateTime, OrganizationId, Secret, UnixMillis, UnixSeconds};

mft_common::id! {
    /// Identifies a credential. 30 hexadecimal digits in all documented examples; treat it as opaque.
    CredentialId
}

mft_common::open_enum! {
    /// The file permission of a credential.
    CredentialPermission {
        /// Log in only.
        None = "none",
        /// List and download.
        ReadOnly = "read-only",
        /// List, create folders, delete, upload and download.
        ReadWrite = "read-write",
        /// List, create folders, and upload without overwriting.
        WriteOnly = "write-only",
        /// Everything, including the creation of share links.
        Full = "full",
    }

    /// The state of a credential.
    CredentialState {
        /// The credential can log in.
        Active = "active",
        /// The credential cannot log in. Open sessions continue.
        Inactive = "inactive",
    }
}

/// A login to the storage.
///
/// Only the id is always present. `None` means that the response does not contain the value, not that the value is empty.
/// [`Credentials::list`](crate::Credentials::list) returns all values.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Credential {
    /// The id.
    pub id: CredentialId,
    /// The display name. Not used to log in.
    #[serde(default)]
    pub alias: Option<String>,
    /// The user name for logins. See [`Credential::login_name`].
    #[serde(default)]
    pub user_name: Option<String>,
    /// The password, if the response contains it.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub password: Option<Secret>,
    /// The time of the last password change.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub password_created_at: Option<OffsetDateTime>,
    /// The directory in which sessions start. For the root credential: `/`, followed by the name of the storage bucket.
    #[serde(default)]
    pub home_directory: Option<String>,
    /// The name under which the home directory is visible. `/` by default.
    #[serde(default)]
    pub chroot_directory: Option<String>,
    /// The file permission.
    #[serde(default)]
    pub permission: Option<CredentialPermission>,
    /// The state.
    #[serde(default)]
    pub state: Option<CredentialState>,
    /// Whether this is the root credential, which was created with the organization.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub is_default: bool,
    /// The organization.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The host for SFTP and FTPS. See [`Credential::file_access`].
    #[serde(default)]
    pub host: Option<String>,
    /// An `sftp://` URI with the user name **and the password**. It is not escaped reliably; prefer the separate fields.
    #[serde(default, rename = "URI", deserialize_with = "lenient::withheld_secret")]
    pub uri: Option<Secret>,
    /// The number of SSH keys.
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    pub ssh_public_keys_count: Option<i64>,
    /// The settings. See [`Credential::inbound_rules`].
    #[serde(default)]
    pub settings: Option<CredentialSettings>,
    /// The time at which the credential becomes inactive. No documented response contains it.
    #[serde(default, deserialize_with = "expiration")]
    pub expiration: Option<Expiration>,
    /// The time of creation.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// The time of the last change.
    #[serde(default)]
    pub updated_at: Option<UnixMillis>,
}

impl Credential {
    /// Returns the user name for logins. In responses without a user name, this is the id.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn show(credential: &sftptogo::Credential) {
    /// println!("log in as {}", credential.login_name());
    /// # }
    /// ```
    #[must_use]
    pub fn login_name(&self) -> &str {
        self.user_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(self.id.as_str())
    }

    /// Returns the inbound rules, or `None` if the response does not contain them.
    #[must_use]
    pub fn inbound_rules(&self) -> Option<&[InboundRule]> {
        self.settings.as_ref()?.network.as_ref()?.inbound_rules.as_deref()
    }
}

/// The time at which a credential becomes inactive, with its unit.
///
/// The documentation of the service calls the value "unix time", without an example. All other times are milliseconds. In the wrong unit,
/// a credential never expires or expires at once, so the caller chooses the unit. Verify the choice with a test
/// credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expiration {
    /// Sent as milliseconds.
    UnixMillis(UnixMillis),
    /// Sent as seconds.
    UnixSeconds(UnixSeconds),
}

impl Serialize for Expiration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::UnixMillis(millis) => millis.serialize(serializer),
            Self::UnixSeconds(seconds) => seconds.serialize(serializer),
        }
    }
}

/// Smaller numbers are seconds: as milliseconds, they would be dates before 1974.
const FIRST_MILLIS: i64 = 100_000_000_000;

/// No documented response contains the field, so an unexpected form must not fail the decoding of the credential.
fn expiration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Expiration>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if let Some(moment) = value.as_str().and_then(|text| text.parse::<OffsetDateTime>().ok()) {
        return Ok(Some(Expiration::UnixMillis(moment.unix_millis())));
    }
    let number = lenient::optional_integer(value).ok().flatten();
    Ok(number.map(|number| {
        if number < FIRST_MILLIS {
            Expiration::UnixSeconds(UnixSeconds(number))
        } else {
            Expiration::UnixMillis(UnixMillis(number))
        }
    }))
}

//! What the service says of a credential.

use mft_common::provider::lenient;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{CredentialSettings, InboundRule, OffsetDateTime, OrganizationId, Secret, UnixMillis, UnixSeconds};

mft_common::id! {
    /// A credential, 30 hexadecimal digits in all examples. Treat it as opaque.
    CredentialId
}

mft_common::open_enum! {
    /// What a credential may do.
    CredentialPermission {
        /// A session may open and do nothing.
        None = "none",
        /// List and download.
        ReadOnly = "read-only",
        /// List, make folders, remove, upload, download.
        ReadWrite = "read-write",
        /// List, make folders, upload without overwriting.
        WriteOnly = "write-only",
        /// Everything, and create share links.
        Full = "full",
    }

    /// Whether a credential can log in.
    CredentialState {
        /// It can.
        Active = "active",
        /// It cannot; open sessions go on.
        Inactive = "inactive",
    }
}

/// A login to the storage.
///
/// Only the id is certain to be there. A missing value means "not said in this reply", never "empty": ask
/// [`Credentials::list`](crate::Credentials::list) for everything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Credential {
    /// The id.
    pub id: CredentialId,
    /// The display name. Not used to log in.
    #[serde(default)]
    pub alias: Option<String>,
    /// The name to log in with; see [`Credential::login_name`].
    #[serde(default)]
    pub user_name: Option<String>,
    /// The password, where the service shows it.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub password: Option<Secret>,
    /// When the password was set.
    #[serde(default, deserialize_with = "lenient::optional_date_time")]
    pub password_created_at: Option<OffsetDateTime>,
    /// Where a session begins. For the root credential, `/` and the name of the storage bucket.
    #[serde(default)]
    pub home_directory: Option<String>,
    /// The name under which the home directory shows up, `/` by default.
    #[serde(default)]
    pub chroot_directory: Option<String>,
    /// What it may do.
    #[serde(default)]
    pub permission: Option<CredentialPermission>,
    /// Whether it can log in.
    #[serde(default)]
    pub state: Option<CredentialState>,
    /// Whether this is the root credential, made with the organization.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub is_default: bool,
    /// The organization.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The host for SFTP and FTPS; see [`Credential::file_access`].
    #[serde(default)]
    pub host: Option<String>,
    /// An `sftp://` URI with user name **and password**. Not escaped reliably: take the fields beside it instead.
    #[serde(default, rename = "URI", deserialize_with = "lenient::withheld_secret")]
    pub uri: Option<Secret>,
    /// How many SSH keys it has.
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    pub ssh_public_keys_count: Option<i64>,
    /// The settings; see [`Credential::inbound_rules`].
    #[serde(default)]
    pub settings: Option<CredentialSettings>,
    /// When it turns inactive by itself. No documented reply shows it.
    #[serde(default, deserialize_with = "expiration")]
    pub expiration: Option<Expiration>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<UnixMillis>,
}

impl Credential {
    /// The name to log in with: the user name or, in replies without one, the id, which then is the user name.
    #[must_use]
    pub fn login_name(&self) -> &str {
        self.user_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(self.id.as_str())
    }

    /// The inbound rules, or `None` where this reply does not tell them.
    #[must_use]
    pub fn inbound_rules(&self) -> Option<&[InboundRule]> {
        self.settings.as_ref()?.network.as_ref()?.inbound_rules.as_deref()
    }
}

/// When a credential turns inactive by itself.
///
/// The service's documentation says "unix time" and shows no example, and all its other times are milliseconds. A wrong
/// unit either never expires or expires at once, so the caller names it. Whichever you choose: create one credential
/// with it and look.
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

/// Below this a number cannot be milliseconds of a moment that anybody would set: it would lie in 1973.
const FIRST_MILLIS: i64 = 100_000_000_000;

/// No documented reply shows it, so whatever form it comes in must not cost the caller the credential.
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

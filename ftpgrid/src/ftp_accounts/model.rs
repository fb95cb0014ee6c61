//! FTP accounts as the service returns them.

use serde::{Deserialize, Deserializer};

use crate::{Secret, lenient};

mft_common::numeric_id! {
    /// Identifies an FTP account. It is a number in all documented responses; text of digits is accepted too.
    FtpAccountId
}

mft_common::open_enum! {
    /// The access rights of an FTP account below its directory. Parsed case-insensitively.
    AccessRights {
        /// Lists and downloads files.
        ReadOnly = "RO",
        /// Has full access.
        ReadWrite = "RW",
    }
}

/// A login to the storage over FTP, FTPS, SFTP and SCP, depending on the plan.
///
/// No response contains the password. `None` means that the response does not contain the value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FtpAccount {
    /// The id, unique within the ftpGrid account.
    pub id: FtpAccountId,
    /// The username for logins, unique within the ftpGrid account.
    pub username: String,
    /// The access rights. If the response does not contain them, an empty [`Unknown`](AccessRights::Unknown).
    #[serde(default = "unknown_rights", deserialize_with = "access_rights")]
    pub access_rights: AccessRights,
    /// The directory that sessions cannot leave.
    #[serde(default, deserialize_with = "mft_common::provider::lenient::null_as_default")]
    pub chroot: String,
    /// Whether the account can log in. If the response does not contain it, `true`.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::bool_or_true")]
    pub enabled: bool,
    /// The description, a text for people. The response to a create call does not contain it.
    #[serde(default)]
    pub description: Option<String>,
    /// The public key, as one OpenSSH line. Only [`FtpAccounts::get`](crate::FtpAccounts::get) returns it.
    #[serde(default)]
    pub rsa_key: Option<String>,
    /// The association key of the ftpGrid account. Only [`FtpAccounts::get`](crate::FtpAccounts::get) returns it.
    #[serde(default, deserialize_with = "mft_common::provider::lenient::withheld_secret")]
    pub association_key: Option<Secret>,
}

fn unknown_rights() -> AccessRights {
    AccessRights::from("")
}

fn access_rights<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccessRights, D::Error> {
    Ok(match Option::deserialize(deserializer)?.unwrap_or_else(unknown_rights) {
        AccessRights::Unknown(text) => match AccessRights::from(text.to_ascii_uppercase()) {
            AccessRights::Unknown(_) => AccessRights::Unknown(text),
            known => known,
        },
        known => known,
    })
}

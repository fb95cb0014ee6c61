//! What the service says of an FTP account.

use serde::{Deserialize, Deserializer};

use crate::{Secret, lenient};

mft_common::numeric_id! {
    /// An FTP account, a number in all documented replies. Texts of digits are read too.
    FtpAccountId
}

mft_common::open_enum! {
    /// What an FTP account may do below its directory. Read in any case of letters.
    AccessRights {
        /// List and download.
        ReadOnly = "RO",
        /// Everything.
        ReadWrite = "RW",
    }
}

/// A login to the storage over FTP, FTPS, SFTP and SCP, as far as the plan allows each.
///
/// No reply holds a password. A missing value means "not said in this reply".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FtpAccount {
    /// The id, unique within the ftpGrid account.
    pub id: FtpAccountId,
    /// The name to log in with, unique within the ftpGrid account.
    pub username: String,
    /// What it may do. Where a reply does not say it, an [`Unknown`](AccessRights::Unknown) that is empty.
    #[serde(default = "no_rights_told", deserialize_with = "access_rights")]
    pub access_rights: AccessRights,
    /// The directory that a session cannot leave.
    #[serde(default, deserialize_with = "mft_common::provider::lenient::null_as_default")]
    pub chroot: String,
    /// Whether it can log in. Where a reply does not say it, `true`.
    #[serde(default = "lenient::yes", deserialize_with = "lenient::bool_or_true")]
    pub enabled: bool,
    /// A text for people. The reply to a creation does not hold it.
    #[serde(default)]
    pub description: Option<String>,
    /// The public key, as one OpenSSH line; told by [`FtpAccounts::get`](crate::FtpAccounts::get), if at all.
    #[serde(default)]
    pub rsa_key: Option<String>,
    /// The key of the ftpGrid account; told by [`FtpAccounts::get`](crate::FtpAccounts::get).
    #[serde(default, deserialize_with = "mft_common::provider::lenient::withheld_secret")]
    pub association_key: Option<Secret>,
}

fn no_rights_told() -> AccessRights {
    AccessRights::from("")
}

fn access_rights<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AccessRights, D::Error> {
    Ok(match Option::deserialize(deserializer)?.unwrap_or_else(no_rights_told) {
        AccessRights::Unknown(word) => match AccessRights::from(word.to_ascii_uppercase()) {
            AccessRights::Unknown(_) => AccessRights::Unknown(word),
            known => known,
        },
        known => known,
    })
}

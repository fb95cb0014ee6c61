//! The share link model.

use std::num::NonZeroU64;

use mft_common::provider::lenient;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{OrganizationId, Secret, UnixMillis};

mft_common::id! {
    /// Identifies a share link. 13 letters and digits in all documented examples; treat it as opaque.
    ShareLinkId
}

mft_common::open_enum! {
    /// The access that a share link grants.
    SharePermission {
        /// Read only.
        ReadOnly = "read-only",
        /// Read and write.
        ReadWrite = "read-write",
        /// Write only.
        WriteOnly = "write-only",
        /// Read and write, but not delete.
        ReadWriteNoDelete = "read-write-no-delete",
    }

    /// The state of a share link. `active` is the only documented value.
    ShareLinkState {
        /// The link works.
        Active = "active",
    }

    /// The kind of a link. The service accepts `share` only.
    ShareLinkType {
        /// A share.
        Share = "share",
    }
}

/// How often a share link can be opened. The service deletes a link that reaches its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AccessLimit {
    /// No limit: 0 on the wire.
    #[default]
    Unlimited,
    /// This many times.
    Times(NonZeroU64),
}

impl From<u64> for AccessLimit {
    /// Converts a number. Zero is [`AccessLimit::Unlimited`], as on the wire.
    fn from(times: u64) -> Self {
        NonZeroU64::new(times).map_or(Self::Unlimited, Self::Times)
    }
}

impl Serialize for AccessLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(match self {
            Self::Unlimited => 0,
            Self::Times(times) => times.get(),
        })
    }
}

impl<'de> Deserialize<'de> for AccessLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        count(deserializer).map(Self::from)
    }
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = lenient::optional_integer(deserializer)?.unwrap_or_default();
    u64::try_from(number).map_err(|_| serde::de::Error::custom("the number is negative"))
}

/// The creator of a share link. The service uses two shapes, sometimes for the same link.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum CreatedBy {
    /// A principal.
    Principal(PrincipalCreator),
    /// An account.
    Account(AccountCreator),
    /// A shape that this version does not know, as received.
    Other(Value),
}

/// A creator in the principal shape.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PrincipalCreator {
    /// `Admin` in all examples.
    #[serde(default, rename = "Type")]
    pub creator_type: Option<String>,
    /// The id.
    #[serde(default)]
    pub id: Option<String>,
    /// The principal's name.
    #[serde(default)]
    pub principal_name: Option<String>,
    /// The principal's id.
    #[serde(default)]
    pub principal_id: Option<String>,
    /// `admin` in all examples.
    pub principal_type: String,
}

/// A creator in the account shape.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AccountCreator {
    /// `Account` in all examples.
    #[serde(default, rename = "Type")]
    pub creator_type: Option<String>,
    /// The id.
    #[serde(default)]
    pub id: Option<String>,
    /// The e-mail address.
    pub email: String,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
}

/// A link to a file or folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ShareLink {
    /// The id.
    pub id: ShareLinkId,
    /// The URL to share.
    #[serde(default)]
    pub url: Option<String>,
    /// The path in the storage. A folder path ends with `/`.
    #[serde(default)]
    pub path: Option<String>,
    /// The kind.
    #[serde(default, rename = "Type")]
    pub link_type: Option<ShareLinkType>,
    /// The access that the link grants.
    #[serde(default)]
    pub permission: Option<SharePermission>,
    /// The state. Do not infer it from [`expires_at`](Self::expires_at).
    #[serde(default)]
    pub state: Option<ShareLinkState>,
    /// The time of expiration. `None` means never.
    #[serde(default)]
    pub expires_at: Option<UnixMillis>,
    /// The access limit.
    #[serde(default)]
    pub access_limit: AccessLimit,
    /// The number of accesses so far.
    #[serde(default, deserialize_with = "count")]
    pub access_count: u64,
    /// The password. Only the response to the call that set it contains it, so `None` does not mean that the link has no
    /// password.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub password: Option<Secret>,
    /// Internal notes.
    #[serde(default)]
    pub notes: Option<String>,
    /// The organization.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The creator.
    #[serde(default)]
    pub created_by: Option<CreatedBy>,
    /// The time of creation.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// The time of the last change.
    #[serde(default)]
    pub updated_at: Option<UnixMillis>,
}

impl ShareLink {
    /// Returns `true` if the link leads to a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.path.as_deref().is_some_and(|path| path.ends_with('/'))
    }
}

//! What the service says of a share link.

use std::num::NonZeroU64;

use mft_common::provider::lenient;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{OrganizationId, Secret, UnixMillis};

mft_common::id! {
    /// A share link, 13 letters and digits in all examples. Treat it as opaque.
    ShareLinkId
}

mft_common::open_enum! {
    /// What a share link allows.
    SharePermission {
        /// Read, and not write.
        ReadOnly = "read-only",
        /// Read and write.
        ReadWrite = "read-write",
        /// Write, and not read.
        WriteOnly = "write-only",
        /// Read and write, and not delete.
        ReadWriteNoDelete = "read-write-no-delete",
    }

    /// Whether a share link works. No word but `active` is documented.
    ShareLinkState {
        /// It does.
        Active = "active",
    }

    /// The kind of a link. The service takes nothing but `share`.
    ShareLinkType {
        /// A share.
        Share = "share",
    }
}

/// How often a share link can be opened. At its limit the service removes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AccessLimit {
    /// As often as anybody likes: 0 on the wire.
    #[default]
    Unlimited,
    /// This many times.
    Times(NonZeroU64),
}

impl From<u64> for AccessLimit {
    /// Zero is [`AccessLimit::Unlimited`], as on the wire.
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

/// Who made a share link. The service tells it in two shapes, for one and the same link even.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum CreatedBy {
    /// The shape with a principal.
    Principal(PrincipalCreator),
    /// The shape with an account.
    Account(AccountCreator),
    /// A shape that this version does not know, as it came.
    Other(Value),
}

/// A creator, told as a principal.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PrincipalCreator {
    /// `Admin` in all examples.
    #[serde(default, rename = "Type")]
    pub creator_type: Option<String>,
    /// An id.
    #[serde(default)]
    pub id: Option<String>,
    /// A name.
    #[serde(default)]
    pub principal_name: Option<String>,
    /// Another id.
    #[serde(default)]
    pub principal_id: Option<String>,
    /// `admin` in all examples.
    pub principal_type: String,
}

/// A creator, told as an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AccountCreator {
    /// `Account` in all examples.
    #[serde(default, rename = "Type")]
    pub creator_type: Option<String>,
    /// An id.
    #[serde(default)]
    pub id: Option<String>,
    /// An e-mail address.
    pub email: String,
    /// A name.
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
    /// The address to hand out.
    #[serde(default)]
    pub url: Option<String>,
    /// The path in the storage; a folder's ends with `/`.
    #[serde(default)]
    pub path: Option<String>,
    /// The kind.
    #[serde(default, rename = "Type")]
    pub link_type: Option<ShareLinkType>,
    /// What it allows.
    #[serde(default)]
    pub permission: Option<SharePermission>,
    /// Whether it works. Do not tell that from [`expires_at`](Self::expires_at).
    #[serde(default)]
    pub state: Option<ShareLinkState>,
    /// When it ends; `None` for never.
    #[serde(default)]
    pub expires_at: Option<UnixMillis>,
    /// How often it can be opened.
    #[serde(default)]
    pub access_limit: AccessLimit,
    /// How often it was opened.
    #[serde(default, deserialize_with = "count")]
    pub access_count: u64,
    /// The password, in the reply to the call that set it. Its absence does not mean that there is none.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub password: Option<Secret>,
    /// Notes for those who may share.
    #[serde(default)]
    pub notes: Option<String>,
    /// The organization.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// Who made it.
    #[serde(default)]
    pub created_by: Option<CreatedBy>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<UnixMillis>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<UnixMillis>,
}

impl ShareLink {
    /// Whether it leads to a folder.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.path.as_deref().is_some_and(|path| path.ends_with('/'))
    }
}

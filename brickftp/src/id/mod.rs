//! Numeric ids.

mod list;

use serde::de::{Deserializer, Error};

pub use list::IdList;

mft_common::numeric_id! {
    /// Identifies a user.
    UserId
    /// Identifies an API key of a user. Not the key itself.
    ApiKeyId
    /// Identifies an SSH public key of a user.
    PublicKeyId
    /// Identifies a group of users.
    GroupId
    /// Identifies a membership of a user in a group. No operation takes it: memberships are addressed by group and
    /// user.
    MembershipId
    /// Identifies a permission.
    PermissionId
    /// Identifies a notification.
    NotificationId
}

/// Deserializes an id that may be a number, a string, `null`, an empty string or absent.
pub(crate) fn optional<'de, D: Deserializer<'de>, I: From<u64>>(deserializer: D) -> Result<Option<I>, D::Error> {
    let number = mft_common::provider::lenient::optional_integer(deserializer)?;
    number
        .map(|number| u64::try_from(number).map(I::from))
        .transpose()
        .map_err(|_| D::Error::custom("a negative number"))
}

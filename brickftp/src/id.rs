//! Ids, which are numbers here.

use serde::de::{Deserializer, Error};

mft_common::numeric_id! {
    /// A user.
    UserId
    /// An API key of a user; not the key itself.
    ApiKeyId
    /// An SSH public key of a user.
    PublicKeyId
    /// A group of users.
    GroupId
    /// That a user is in a group. No operation takes it: a membership is found by its group and user.
    MembershipId
    /// A permission.
    PermissionId
    /// A notification.
    NotificationId
}

/// Reads a number that may be a text, or nothing: `null`, an empty text or an absent key.
pub(crate) fn optional<'de, D: Deserializer<'de>, I: From<u64>>(deserializer: D) -> Result<Option<I>, D::Error> {
    let number = mft_common::provider::lenient::optional_integer(deserializer)?;
    number.map(|number| u64::try_from(number).map(I::from)).transpose().map_err(|_| D::Error::custom("it is negative"))
}

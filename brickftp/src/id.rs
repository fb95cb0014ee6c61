//! Ids, which are numbers here.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

/// Declares ids. They are read from numbers and from texts of digits, and written as numbers.
macro_rules! numeric_id {
    ($($(#[$meta:meta])* $name:ident)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(u64);

        impl $name {
            /// Wraps the number that the service gave.
            #[must_use]
            pub const fn new(id: u64) -> Self {
                Self(id)
            }

            /// The number that the service gave.
            #[must_use]
            pub const fn get(self) -> u64 {
                self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl ::std::convert::From<u64> for $name {
            fn from(id: u64) -> Self {
                Self(id)
            }
        }

        impl ::std::convert::From<$name> for u64 {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::num::ParseIntError;

            fn from_str(id: &str) -> ::std::result::Result<Self, Self::Err> {
                id.trim().parse().map(Self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                $crate::id::deserialize(deserializer).map(Self)
            }
        }
    )+};
}

pub(crate) use numeric_id;

/// Reads a number that may be a text: the service writes some of its ids so.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    struct Number;
    impl Visitor<'_> for Number {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number, or a text of digits")
        }

        fn visit_u64<E>(self, value: u64) -> Result<u64, E> {
            Ok(value)
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<u64, E> {
            u64::try_from(value).map_err(|_| E::custom("the number is negative"))
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<u64, E> {
            value.trim().parse().map_err(|_| E::custom("not a number"))
        }
    }
    deserializer.deserialize_any(Number)
}

numeric_id! {
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

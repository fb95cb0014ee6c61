//! Typed numeric ids.

use serde::de::Deserializer;

use crate::codec::lenient::{Scalar, scalar};

/// Declares numeric id types, one newtype for each kind of id.
///
/// They deserialize from numbers and from strings of digits, and serialize as numbers.
///
/// # Examples
///
/// ```
/// mft_common::numeric_id! {
///     /// A parcel.
///     ParcelId
/// }
///
/// assert_eq!(serde_json::from_str::<ParcelId>("\"17\"").unwrap(), ParcelId::new(17));
/// assert_eq!(serde_json::to_string(&ParcelId::new(17)).unwrap(), "17");
/// ```
#[macro_export]
macro_rules! numeric_id {
    ($($(#[$meta:meta])* $name:ident)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Creates an id from its number.
            #[must_use]
            pub const fn new(id: u64) -> Self {
                Self(id)
            }

            /// Returns the number.
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

        impl $crate::__private::PathValue for $name {
            fn text(&self) -> $crate::Result<::std::borrow::Cow<'_, str>> {
                $crate::__private::PathValue::text(&self.0).map(|text| ::std::borrow::Cow::Owned(text.into_owned()))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::num::ParseIntError;

            fn from_str(id: &str) -> ::std::result::Result<Self, Self::Err> {
                id.trim().parse().map(Self)
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_u64(self.0)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::deserialize_number(deserializer).map(Self)
            }
        }
    )+};
}

/// Deserializes a number that may be encoded as a string.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    scalar(deserializer, "a number, or a text of digits", |scalar| match scalar {
        Scalar::Integer(value) => value.try_into().ok(),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Null | Scalar::Bool(_) | Scalar::Float(_) => None,
    })
}

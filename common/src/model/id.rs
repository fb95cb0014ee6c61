//! Typed ids.

use crate::codec::lenient::{Scalar, scalar};

/// Declares opaque id types, one newtype for each kind of id.
///
/// An id is text that is never parsed. Numbers are accepted too, because some services send the same id as a number in one
/// response and as a string in another.
///
/// # Examples
///
/// ```
/// mft_common::id! {
///     /// A parcel.
///     ParcelId
/// }
///
/// let id = ParcelId::from("p-17");
/// assert_eq!(id.as_str(), "p-17");
/// assert_eq!(serde_json::from_str::<ParcelId>("17").unwrap(), ParcelId::from("17"));
/// ```
#[macro_export]
macro_rules! id {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(::std::boxed::Box<str>);

        impl $name {
            /// Creates an id from its text.
            pub fn new(id: impl ::std::convert::Into<::std::boxed::Box<str>>) -> Self {
                Self(id.into())
            }

            /// Returns the id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl ::std::convert::From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.into())
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(id: ::std::string::String) -> Self {
                Self(id.into())
            }
        }

        impl ::std::convert::From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl $crate::__private::PathValue for $name {
            fn text(&self) -> $crate::Result<::std::borrow::Cow<'_, str>> {
                ::std::result::Result::Ok(::std::borrow::Cow::Borrowed(&self.0))
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = ::std::convert::Infallible;

            fn from_str(id: &str) -> ::std::result::Result<Self, Self::Err> {
                ::std::result::Result::Ok(Self(id.into()))
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::__private::deserialize_id(deserializer).map(Self)
            }
        }
    )+};
}

/// Deserializes an id that may be a string or a number.
pub fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Box<str>, D::Error> {
    scalar(deserializer, "an id", |scalar| match scalar {
        Scalar::Text(text) => Some(text.into()),
        Scalar::Integer(number) => Some(number.to_string().into()),
        Scalar::Null | Scalar::Bool(_) | Scalar::Float(_) => None,
    })
}

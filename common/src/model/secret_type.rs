//! Secrets as types.

/// Declares secret types, one newtype for each kind of key, so that two keys cannot be swapped unnoticed.
///
/// A value is created from text or a [`Secret`](crate::Secret) and has the same guarantees: it is never logged.
///
/// # Examples
///
/// ```
/// mft_common::secret_type! {
///     /// The key of a locker.
///     LockerKey
/// }
///
/// let key = LockerKey::new("example-only");
/// assert_eq!(format!("{key:?}"), "LockerKey(***)");
/// assert_eq!(key.expose(), "example-only");
/// ```
#[macro_export]
macro_rules! secret_type {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name($crate::Secret);

        impl $name {
            /// Wraps the secret.
            pub fn new(secret: impl ::std::convert::Into<$crate::Secret>) -> Self {
                Self(secret.into())
            }

            /// Returns the text. Call it only in code that sends or stores the secret.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(::std::concat!(::std::stringify!($name), "(***)"))
            }
        }

        impl ::std::convert::From<$name> for $crate::Secret {
            fn from(secret: $name) -> Self {
                secret.0
            }
        }

        impl $crate::secret::Expose for $name {
            fn serialize_exposed<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::std::result::Result<S::Ok, S::Error> {
                self.0.serialize_exposed(serializer)
            }
        }
    )+};
}

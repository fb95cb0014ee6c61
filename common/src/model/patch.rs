//! Fields of an update.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

/// A field of an update: unchanged, cleared or set.
///
/// In JSON, `Keep` is an absent key, `Clear` is `null` and `Set` is the value. Fields of this type need
/// `#[serde(default, skip_serializing_if = "Patch::is_keep")]`.
///
/// # Examples
///
/// ```
/// use mft_common::Patch;
///
/// #[derive(serde::Serialize)]
/// struct Change {
///     #[serde(skip_serializing_if = "Patch::is_keep")]
///     notes: Patch<String>,
/// }
///
/// let json = |notes| serde_json::to_string(&Change { notes }).unwrap();
/// assert_eq!(json(Patch::Keep), "{}");
/// assert_eq!(json(Patch::Clear), r#"{"notes":null}"#);
/// assert_eq!(json(Patch::Set("new".to_owned())), r#"{"notes":"new"}"#);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// The key is not sent. The value is left unchanged.
    #[default]
    Keep,
    /// `null` is sent: the value is removed.
    Clear,
    /// The value is replaced.
    Set(T),
}

impl<T> Patch<T> {
    /// Returns whether the key is omitted.
    #[must_use]
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Returns the new value if it is set.
    pub const fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => value.serialize(serializer),
            Self::Keep | Self::Clear => serializer.serialize_none(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

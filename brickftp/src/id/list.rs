//! Lists of ids.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// List of ids.
///
/// The service sends it as a string such as `2,9`, as an array of numbers or strings, or as `null`. Requests send the
/// string.
///
/// # Examples
///
/// ```
/// use brickftp::{GroupId, IdList};
///
/// let groups: IdList<GroupId> = [2, 9].into_iter().map(GroupId::new).collect();
/// assert!(groups.contains(&GroupId::new(9)));
/// assert_eq!(groups.to_string(), "2,9");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdList<I>(Vec<I>);

impl<I> IdList<I> {
    /// Creates an empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns the ids in the order of the service.
    #[must_use]
    pub fn into_vec(self) -> Vec<I> {
        self.0
    }
}

impl<I> Default for IdList<I> {
    fn default() -> Self {
        Self::new()
    }
}

impl<I> Deref for IdList<I> {
    type Target = [I];

    fn deref(&self) -> &[I] {
        &self.0
    }
}

impl<I> From<Vec<I>> for IdList<I> {
    fn from(ids: Vec<I>) -> Self {
        Self(ids)
    }
}

impl<I, const N: usize> From<[I; N]> for IdList<I> {
    fn from(ids: [I; N]) -> Self {
        Self(ids.into())
    }
}

impl<I> FromIterator<I> for IdList<I> {
    fn from_iter<T: IntoIterator<Item = I>>(ids: T) -> Self {
        Self(ids.into_iter().collect())
    }
}

impl<I> IntoIterator for IdList<I> {
    type Item = I;
    type IntoIter = std::vec::IntoIter<I>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'l, I> IntoIterator for &'l IdList<I> {
    type Item = &'l I;
    type IntoIter = std::slice::Iter<'l, I>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<I: fmt::Display> fmt::Display for IdList<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, id) in self.0.iter().enumerate() {
            let between = if index == 0 { "" } else { "," };
            write!(f, "{between}{id}")?;
        }
        Ok(())
    }
}

impl<I: fmt::Display> Serialize for IdList<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, I: From<u64> + Deserialize<'de>> Deserialize<'de> for IdList<I> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnySpelling<I>(PhantomData<I>);
        impl<'de, I: From<u64> + Deserialize<'de>> Visitor<'de> for AnySpelling<I> {
            type Value = IdList<I>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("ids, as a comma-separated string or a list")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(IdList::new())
            }

            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(IdList::new())
            }

            fn visit_u64<E>(self, id: u64) -> Result<Self::Value, E> {
                Ok(IdList(vec![id.into()]))
            }

            fn visit_str<E: Error>(self, ids: &str) -> Result<Self::Value, E> {
                let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
                let ids = ids.map(|id| id.parse().map(<I as From<u64>>::from).map_err(|_| E::custom("not a number")));
                ids.collect()
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut ids: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(id) = ids.next_element()? {
                    list.push(id);
                }
                Ok(IdList(list))
            }
        }
        deserializer.deserialize_any(AnySpelling(PhantomData))
    }
}

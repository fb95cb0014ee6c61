//! Deserializers for values that services encode inconsistently.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A JSON value that is neither a list nor an object.
#[derive(Clone, Copy)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(&'a str),
}

/// Deserializes a scalar in any encoding that `convert` accepts. Otherwise the error is what was expected.
pub(crate) fn scalar<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &'static str,
    convert: fn(Scalar<'_>) -> Option<T>,
) -> Result<T, D::Error> {
    deserializer.deserialize_any(ScalarVisitor { expected, convert })
}

struct ScalarVisitor<T> {
    expected: &'static str,
    convert: fn(Scalar<'_>) -> Option<T>,
}

impl<T> ScalarVisitor<T> {
    fn accept<E: Error>(self, scalar: Scalar<'_>) -> Result<T, E> {
        (self.convert)(scalar).ok_or_else(|| E::custom(format_args!("not {}", self.expected)))
    }
}

impl<'de, T> Visitor<'de> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_unit<E: Error>(self) -> Result<T, E> {
        self.accept(Scalar::Null)
    }

    fn visit_none<E: Error>(self) -> Result<T, E> {
        self.accept(Scalar::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        self.accept(Scalar::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        self.accept(Scalar::Integer(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        self.accept(Scalar::Integer(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        self.accept(Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        self.accept(Scalar::Text(value))
    }
}

/// Converts an integer that may be encoded as a string or with a zero fraction.
fn to_integer(scalar: Scalar<'_>) -> Option<i64> {
    // Within this range every integral `f64` is exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match scalar {
        Scalar::Integer(value) => value.try_into().ok(),
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        Scalar::Float(value) if value.fract() == 0.0 && value.abs() <= EXACT => Some(value as i64),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Null | Scalar::Bool(_) | Scalar::Float(_) => None,
    }
}

/// Deserializes an integer that may be encoded as a string or with a zero fraction.
pub(crate) fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    scalar(deserializer, "a whole number in the range of the type", to_integer)
}

/// Deserializes an integer that may be encoded as a string, or `None` for `null`, an empty string or an absent key.
pub fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    scalar(deserializer, "a whole number or nothing", |scalar| match scalar {
        Scalar::Null => Some(None),
        Scalar::Text(text) if text.trim().is_empty() => Some(None),
        scalar => to_integer(scalar).map(Some),
    })
}

/// Deserializes a boolean that may be encoded as a string or number, or `None` for `null`, an empty string or an absent
/// key.
pub fn optional_bool<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    scalar(deserializer, "true, false, 1, 0 or nothing", |scalar| match scalar {
        Scalar::Null => Some(None),
        Scalar::Bool(value) => Some(Some(value)),
        Scalar::Integer(0) => Some(Some(false)),
        Scalar::Integer(1) => Some(Some(true)),
        Scalar::Integer(_) | Scalar::Float(_) => None,
        Scalar::Text(text) => match text.trim() {
            "" => Some(None),
            "true" | "1" => Some(Some(true)),
            "false" | "0" => Some(Some(false)),
            _ => None,
        },
    })
}

/// Deserializes a date and time that may be missing, `null` or an empty string.
pub fn optional_date_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<crate::OffsetDateTime>, D::Error> {
    empty_as_none(deserializer)?.map(|text| text.parse().map_err(D::Error::custom)).transpose()
}

/// Deserializes `null` as the default of the type: an empty list, string or map.
pub fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Deserializes a secret that a service withholds as `null` or as an empty string.
pub fn withheld_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<crate::Secret>, D::Error> {
    Ok(Option::<crate::Secret>::deserialize(deserializer)?.filter(|secret| !secret.is_empty()))
}

/// Deserializes a string that a service omits as `null` or as an empty string.
pub fn empty_as_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

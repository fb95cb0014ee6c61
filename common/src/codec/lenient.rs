//! Deserializers for values that services encode inconsistently.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// Deserializes an integer that may be encoded as a string or with a zero fraction.
pub(crate) struct Integer;

impl Visitor<'_> for Integer {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(|_| E::custom("the number is too large"))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<i64, E> {
        // Within this range every integral `f64` is exact.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "the range was checked")]
            return Ok(value as i64);
        }
        Err(E::custom("not a whole number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<i64, E> {
        value.trim().parse().map_err(|_| E::custom("not a whole number"))
    }
}

/// Deserializes an integer that may be encoded as a string, or `None` for `null`, an empty string or an absent key.
pub fn optional_integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    struct Optional;
    impl<'de> Visitor<'de> for Optional {
        type Value = Option<i64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number or nothing")
        }

        fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_any(self)
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
            Integer.visit_i64(value).map(Some)
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
            Integer.visit_u64(value).map(Some)
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
            Integer.visit_f64(value).map(Some)
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
            if value.trim().is_empty() { Ok(None) } else { Integer.visit_str(value).map(Some) }
        }
    }
    deserializer.deserialize_any(Optional)
}

/// Deserializes a boolean that may be encoded as a string or number, or `None` for `null`, an empty string or an absent
/// key.
pub fn optional_bool<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    struct Bool;
    impl<'de> Visitor<'de> for Bool {
        type Value = Option<bool>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("true, false, 1, 0 or nothing")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_any(self)
        }

        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok(Some(value))
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
            match value {
                0 => Ok(Some(false)),
                1 => Ok(Some(true)),
                _ => Err(E::custom("neither 0 nor 1")),
            }
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
            self.visit_u64(u64::try_from(value).unwrap_or(u64::MAX))
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
            match value.trim() {
                "" => Ok(None),
                "true" | "1" => Ok(Some(true)),
                "false" | "0" => Ok(Some(false)),
                _ => Err(E::custom("neither true nor false")),
            }
        }
    }
    deserializer.deserialize_any(Bool)
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

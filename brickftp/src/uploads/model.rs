//! The upload object.

use std::fmt;

use mft_common::provider::lenient;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Secret;

mft_common::id! {
    /// Identifies an upload until it is completed. Treat it as opaque.
    UploadRef
}

/// Presigned target of one part of an upload. The reference calls it the upload object.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct UploadPart {
    /// The id of the upload.
    #[serde(rename = "ref")]
    pub upload_ref: UploadRef,
    /// The requested path. May change on completion.
    #[serde(default)]
    pub path: Option<String>,
    /// Whether a file with this path exists and will be replaced.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub ask_about_overwrites: Option<bool>,
    /// The HTTP method for the storage: `PUT`, or `POST` for a form.
    #[serde(default)]
    pub http_method: Option<String>,
    /// The presigned URL of this part. It grants write access to the part. Valid for 15 minutes according to the
    /// reference.
    #[serde(default, deserialize_with = "lenient::withheld_secret")]
    pub upload_uri: Option<Secret>,
    /// The recommended size of this part, in bytes.
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    pub partsize: Option<i64>,
    /// The number of the part, counted from 1.
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    pub part_number: Option<i64>,
    /// The maximum number of parts of this upload.
    #[serde(default, deserialize_with = "lenient::optional_integer")]
    pub available_parts: Option<i64>,
    /// Whether parts may be sent in parallel. Not in the reference. If it is missing, parts may be sent in parallel.
    #[serde(default, deserialize_with = "lenient::optional_bool")]
    pub parallel_parts: Option<bool>,
    /// Headers to send to the storage with exactly these values.
    #[serde(default, deserialize_with = "pairs")]
    pub headers: Vec<(String, String)>,
    /// Form fields to send with exactly these values, if the part is sent as a form.
    #[serde(default, deserialize_with = "pairs")]
    pub parameters: Vec<(String, String)>,
    /// The locations of the variable fields: `body`, `required-header NAME` or `required-parameter NAME` for each of
    /// `file`, `partdata`, `partsize` and `Content-Type`.
    #[serde(default, deserialize_with = "pairs")]
    pub send: Vec<(String, String)>,
}

impl fmt::Debug for UploadPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers and parameters also contain signatures.
        let names = |pairs: &[(String, String)]| pairs.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        f.debug_struct("UploadPart")
            .field("upload_ref", &self.upload_ref)
            .field("path", &self.path)
            .field("http_method", &self.http_method)
            .field("upload_uri", &self.upload_uri)
            .field("partsize", &self.partsize)
            .field("part_number", &self.part_number)
            .field("available_parts", &self.available_parts)
            .field("headers", &names(&self.headers))
            .field("parameters", &names(&self.parameters))
            .field("send", &self.send)
            .finish_non_exhaustive()
    }
}

/// Deserializes a map of strings and keeps its order. The service sends an empty map as an empty list, an empty string
/// or nothing.
fn pairs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, String)>, D::Error> {
    struct Pairs;
    impl<'de> Visitor<'de> for Pairs {
        type Value = Vec<(String, String)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of strings")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_none<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            if text.trim().is_empty() { Ok(Vec::new()) } else { Err(E::custom("a string instead of a map")) }
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            match items.next_element::<IgnoredAny>()? {
                None => Ok(Vec::new()),
                Some(_) => Err(serde::de::Error::custom("a list instead of a map")),
            }
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut pairs = Vec::new();
            while let Some((name, value)) = entries.next_entry::<String, Text>()? {
                if let Some(value) = value.0 {
                    pairs.push((name, value));
                }
            }
            Ok(pairs)
        }
    }
    deserializer.deserialize_any(Pairs)
}

/// A value that may be a number.
struct Text(Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value;
        impl Visitor<'_> for Value {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_none<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }

            fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
                Ok(Text(Some(value.to_string())))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Text, E> {
                Ok(Text(Some(value.to_string())))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Text, E> {
                Ok(Text(Some(value.to_string())))
            }

            fn visit_str<E>(self, value: &str) -> Result<Text, E> {
                Ok(Text(Some(value.to_owned())))
            }
        }
        deserializer.deserialize_any(Value)
    }
}

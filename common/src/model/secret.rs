//! Values that must not appear in logs.

use std::cell::RefCell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::Serializer;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A value that must not appear in logs: a key, a token, a password, or a URL with one of them.
///
/// It implements neither `Display` nor `Serialize` nor `Deref`. Only [`Secret::expose`] returns the text, which is easy to
/// find in a review. Comparison is constant-time for equal lengths, and the memory is zeroized on drop.
///
/// # Examples
///
/// ```
/// use mft_common::Secret;
///
/// let key = Secret::new("example-only");
/// assert_eq!(format!("{key:?}"), "Secret(***)");
/// assert_eq!(key.expose(), "example-only");
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Creates a secret.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// Returns the text. Call it only to send or store the value.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns whether the text is empty. Services send an empty text for a withheld secret.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for Secret {}

impl From<&str> for Secret {
    fn from(value: &str) -> Self {
        Self::new(value)
    }
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self::new(value)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Secret, E> {
                Ok(Secret::new(value))
            }

            fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Secret, E> {
                Ok(Secret::new(value))
            }
        }
        // The message of the decoder would quote the value.
        deserializer.deserialize_string(Text).map_err(|_| D::Error::custom("expected a text"))
    }
}

/// A secret, or an optional one, that [`expose`] can serialize.
pub trait Expose {
    /// Serializes the value in clear text.
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

impl Expose for Secret {
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        record(self);
        serializer.serialize_str(self.expose())
    }
}

impl Expose for Option<Secret> {
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(secret) => secret.serialize_exposed(serializer),
            None => serializer.serialize_none(),
        }
    }
}

impl Expose for crate::Patch<Secret> {
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            crate::Patch::Set(secret) => secret.serialize_exposed(serializer),
            crate::Patch::Keep | crate::Patch::Clear => serializer.serialize_none(),
        }
    }
}

/// Serializes a secret into a request: `#[serde(serialize_with = "mft_common::secret::expose")]`.
pub fn expose<T: Expose, S: Serializer>(secret: &T, serializer: S) -> Result<S::Ok, S::Error> {
    secret.serialize_exposed(serializer)
}

thread_local! {
    static EXPOSED: RefCell<Option<Vec<Secret>>> = const { RefCell::new(None) };
}

/// Runs `write` and returns the secrets that it exposed. They are masked in error messages of the service, which can quote
/// the request.
pub(crate) fn collect<T>(write: impl FnOnce() -> T) -> (T, Vec<Secret>) {
    let outer = EXPOSED.replace(Some(Vec::new()));
    let result = write();
    let exposed = EXPOSED.replace(outer).unwrap_or_default();
    (result, exposed)
}

fn record(secret: &Secret) {
    EXPOSED.with_borrow_mut(|exposed| {
        if let Some(exposed) = exposed {
            exposed.push(secret.clone());
        }
    });
}

/// Shorter secrets are not masked, because they would match parts of ordinary words.
const MIN_MASKED: usize = 4;

/// Replaces every occurrence of the secrets in `text`, in all their encodings.
pub(crate) fn mask<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut masked = text.to_owned();
    let mut texts: Vec<_> = secrets.into_iter().flat_map(encodings).filter(|text| text.len() >= MIN_MASKED).collect();
    // Longer secrets first: if a secret is the prefix of a longer one, the rest of the longer one would remain.
    texts.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
    for text in &texts {
        if masked.contains(text.as_str()) {
            masked = masked.replace(text.as_str(), "***");
        }
    }
    masked
}

/// Returns the length of the longest encoding of the secrets.
pub(crate) fn longest(secrets: &[Secret]) -> usize {
    secrets.iter().flat_map(encodings).map(|text| text.len()).max().unwrap_or(0)
}

/// Returns a secret in all encodings in which a service can quote it: unchanged, trimmed as in a header, in JSON with and
/// without escaped slashes, in XML, and in a URL.
fn encodings(secret: &Secret) -> Vec<Zeroizing<String>> {
    let plain = secret.expose();
    let mut all = vec![Zeroizing::new(plain.to_owned())];
    if plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')) {
        return all;
    }
    let trimmed = plain.trim();
    let json = Zeroizing::new(serde_json::to_string(trimmed).unwrap_or_default());
    let json = json.trim_matches('"');
    let mut xml = Zeroizing::new(trimmed.to_owned());
    for (character, entity) in [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&apos;")] {
        xml = Zeroizing::new(xml.replace(character, entity));
    }
    let numbered = xml.replace("&apos;", "&#39;").replace("&quot;", "&#34;");
    let url = crate::http::path::encoded(trimmed);
    let form = url.replace("%20", "+");
    for text in [trimmed.to_owned(), json.to_owned(), json.replace('/', "\\/"), xml.to_string(), numbered, url, form] {
        let text = Zeroizing::new(text);
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoding_error_does_not_quote_the_secret() {
        let error = serde_json::from_str::<Secret>("12345678").unwrap_err();
        assert!(!error.to_string().contains("12345678"), "{error}");
    }

    #[test]
    fn exposed_secrets_are_recorded_only_while_collecting() {
        #[derive(serde::Serialize)]
        struct Request {
            #[serde(serialize_with = "expose")]
            password: Secret,
        }
        let request = Request { password: Secret::new("hunter22") };
        let (json, exposed) = collect(|| serde_json::to_string(&request).unwrap());
        assert_eq!(json, r#"{"password":"hunter22"}"#);
        assert_eq!(exposed, [Secret::new("hunter22")]);
        let _ = serde_json::to_string(&request).unwrap();
        assert!(collect(|| ()).1.is_empty());
        assert_eq!(mask("bad password hunter22!", &exposed), "bad password ***!");
    }

    #[test]
    fn a_secret_is_masked_in_all_encodings() {
        let secret = [Secret::new(" pa\"ss/w&rd<é> 'Hunter2\\ ")];
        for quoted in [
            " pa\"ss/w&rd<é> 'Hunter2\\ ",
            "pa\"ss/w&rd<é> 'Hunter2\\",
            r#"pa\"ss/w&rd<é> 'Hunter2\\"#,
            r#"pa\"ss\/w&rd<é> 'Hunter2\\"#,
            "pa&quot;ss/w&amp;rd&lt;é&gt; &apos;Hunter2\\",
            "pa&#34;ss/w&amp;rd&lt;é&gt; &#39;Hunter2\\",
            "pa%22ss%2Fw%26rd%3C%C3%A9%3E%20%27Hunter2%5C",
            "pa%22ss%2Fw%26rd%3C%C3%A9%3E+%27Hunter2%5C",
        ] {
            assert_eq!(mask(&format!("<{quoted}>"), &secret), "<***>", "{quoted}");
        }
    }
}

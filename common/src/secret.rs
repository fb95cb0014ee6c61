//! Values that must not stage a log.

use std::cell::RefCell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::Serializer;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A value that must not stage a log: a key, a token, a password, or a URL that holds one.
///
/// There is no `Display`, no `Serialize` and no `Deref`: the text leaves only through [`Secret::expose`], which is easy
/// to find in a review. Comparison takes the same time wherever two secrets of one length differ, and the memory is
/// overwritten on drop.
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
    /// Wraps a text.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The text itself. Name this call where the value is sent or stored, and nowhere else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all, as services send it for "withheld".
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
        // A decoder's own message quotes the value that it did not like.
        deserializer.deserialize_string(Text).map_err(|_| D::Error::custom("expected a text"))
    }
}

/// What [`expose`] can write: a secret, or one that may be absent.
pub trait Expose {
    /// Writes the value in clear text.
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

impl Expose for Secret {
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        note(self);
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

/// Writes a secret into a request: `#[serde(serialize_with = "mft_common::secret::expose")]`.
pub fn expose<T: Expose, S: Serializer>(secret: &T, serializer: S) -> Result<S::Ok, S::Error> {
    secret.serialize_exposed(serializer)
}

thread_local! {
    static NOTED: RefCell<Option<Vec<Secret>>> = const { RefCell::new(None) };
}

/// Runs `write` and hands out the secrets that it exposed, so that a service which quotes them in an error message does
/// not get them into a log through us.
pub(crate) fn collect<T>(write: impl FnOnce() -> T) -> (T, Vec<Secret>) {
    let outer = NOTED.replace(Some(Vec::new()));
    let result = write();
    let noted = NOTED.replace(outer).unwrap_or_default();
    (result, noted)
}

fn note(secret: &Secret) {
    NOTED.with_borrow_mut(|noted| {
        if let Some(noted) = noted {
            noted.push(secret.clone());
        }
    });
}

/// Shorter ones are left: hiding them would blank half of an ordinary sentence and tell more than it hides.
const SHORTEST: usize = 4;

/// Replaces every occurrence of the secrets in `text`, in whichever way the text writes them.
pub(crate) fn mask<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut masked = text.to_owned();
    let mut texts: Vec<_> = secrets.into_iter().flat_map(spellings).filter(|text| text.len() >= SHORTEST).collect();
    // A secret may begin like a longer one, whose end would then be left.
    texts.sort_unstable_by_key(|text| std::cmp::Reverse(text.len()));
    for text in &texts {
        if masked.contains(text.as_str()) {
            masked = masked.replace(text.as_str(), "***");
        }
    }
    masked
}

/// How many bytes the longest spelling of a secret has.
pub(crate) fn longest(secrets: &[Secret]) -> usize {
    secrets.iter().flat_map(spellings).map(|text| text.len()).max().unwrap_or(0)
}

/// A secret as it stands; as a header carries it, without blanks around it; and as it stands in JSON, with slashes escaped
/// or not, in XML, and in a URL: a service may quote the request as it came.
fn spellings(secret: &Secret) -> Vec<Zeroizing<String>> {
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
    fn a_mistyped_secret_is_not_quoted_by_the_decoder() {
        let error = serde_json::from_str::<Secret>("12345678").unwrap_err();
        assert!(!error.to_string().contains("12345678"), "{error}");
    }

    #[test]
    fn exposed_secrets_are_noted_only_while_collecting() {
        #[derive(serde::Serialize)]
        struct Request {
            #[serde(serialize_with = "expose")]
            password: Secret,
        }
        let request = Request { password: Secret::new("hunter22") };
        let (json, noted) = collect(|| serde_json::to_string(&request).unwrap());
        assert_eq!(json, r#"{"password":"hunter22"}"#);
        assert_eq!(noted, [Secret::new("hunter22")]);
        let _ = serde_json::to_string(&request).unwrap();
        assert!(collect(|| ()).1.is_empty());
        assert_eq!(mask("bad password hunter22!", &noted), "bad password ***!");
    }

    #[test]
    fn a_secret_is_masked_however_it_is_written() {
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

//! Errors of documents. They never quote the document.

use std::fmt;

use serde::{de, ser};

/// Maximum length of element names in errors.
const MAX_NAME: usize = 64;
/// Maximum length of descriptions of expected values in errors.
const MAX_EXPECTATION: usize = 120;
/// Maximum length of paths in errors.
const MAX_PATH: usize = 512;

/// Class of an XML error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// The document has no element.
    Empty,
    /// The document is an HTML page, usually of a proxy or a login.
    Html,
    /// The encoding of the document is not UTF-8.
    Encoding,
    /// The document is not well-formed.
    Syntax,
    /// The document is truncated.
    Truncated,
    /// The document contains a document type or a custom entity, which are rejected for safety.
    Forbidden,
    /// The document exceeds one of the [`Limits`](super::Limits).
    Limit,
    /// The document is well-formed, but a value has the wrong type or is missing.
    Data,
    /// XML cannot represent the value to be written.
    Unwritable,
}

impl Class {
    fn describe(self) -> &'static str {
        match self {
            Self::Empty => "no XML element",
            Self::Html => "an HTML page",
            Self::Encoding => "XML in another encoding than UTF-8",
            Self::Syntax => "no well-formed XML",
            Self::Truncated => "XML that ends too early",
            Self::Forbidden => "XML with a part that is refused",
            Self::Limit => "XML beyond a limit",
            Self::Data => "a value of another type or a missing element",
            Self::Unwritable => "a value that XML cannot carry",
        }
    }
}

/// Error of reading or writing a document.
///
/// Contains the class of the error, the path of the element and the location in the document. It never quotes the text
/// of the document, which may contain a secret, and it has no source.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    class: Class,
    detail: String,
    path: String,
    offset: Option<usize>,
    place: Option<(usize, usize)>,
}

impl Error {
    #[cold]
    pub(super) fn new(class: Class, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner { class, detail: detail.into(), path: String::new(), offset: None, place: None }))
    }

    #[cold]
    pub(super) fn unwritable(detail: impl Into<String>) -> Self {
        Self::new(Class::Unwritable, detail)
    }

    /// Sets the location, unless an inner element has set it.
    #[cold]
    pub(super) fn at(mut self, offset: usize) -> Self {
        self.0.offset.get_or_insert(offset);
        self
    }

    /// Prepends the name of the parent element to the path.
    #[cold]
    pub(super) fn within(mut self, name: &str) -> Self {
        let dot = !self.0.path.is_empty() && !self.0.path.starts_with('[');
        self.prepend(&format!("{}{}", shown(name), if dot { "." } else { "" }));
        self
    }

    /// Prepends the index in the parent list to the path.
    #[cold]
    pub(super) fn within_item(mut self, index: usize) -> Self {
        let dot = !self.0.path.is_empty() && !self.0.path.starts_with('[');
        self.prepend(&format!("[{index}]{}", if dot { "." } else { "" }));
        self
    }

    fn prepend(&mut self, part: &str) {
        if self.0.path.len() + part.len() <= MAX_PATH {
            self.0.path.insert_str(0, part);
        }
    }

    /// Converts the offset to a line and a column.
    #[cold]
    pub(super) fn located(mut self, document: &[u8]) -> Self {
        if let Some(offset) = self.0.offset {
            let before = &document[..offset.min(document.len())];
            let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
            let line = before.split(|&byte| byte == b'\n').count();
            self.0.place = Some((line, 1 + before.len() - line_start));
        }
        self
    }

    /// Returns the class of the error.
    #[must_use]
    pub fn class(&self) -> Class {
        self.0.class
    }

    /// Returns the path of the element, such as `users[3].admin_group_ids`. Empty if the error is outside of the root.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Returns the byte offset of the error.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        self.0.offset
    }

    /// Returns the line of the error, counted from 1.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.0.place.map(|(line, _)| line)
    }

    /// Returns the column of the error in bytes, counted from 1.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.0.place.map(|(_, column)| column)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.class.describe())?;
        if !self.0.detail.is_empty() {
            write!(f, " ({})", self.0.detail)?;
        }
        if !self.0.path.is_empty() {
            write!(f, " at `{}`", self.0.path)?;
        }
        if let Some((line, column)) = self.0.place {
            write!(f, ", line {line} column {column}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl std::error::Error for Error {}

/// The messages of serde quote the document, so only their fixed parts are kept.
impl de::Error for Error {
    #[cold]
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::new(Class::Data, "the type refuses it")
    }

    #[cold]
    fn invalid_type(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(Class::Data, format!("expected {}, found {}", clipped(expected), kind_of(&unexpected)))
    }

    #[cold]
    fn invalid_value(unexpected: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(Class::Data, format!("expected {}, found another value: {}", clipped(expected), kind_of(&unexpected)))
    }

    #[cold]
    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Self::new(Class::Data, format!("expected {}, found {length} elements", clipped(expected)))
    }

    #[cold]
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new(Class::Data, "none of the known words")
    }

    #[cold]
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new(Class::Data, "an element that is not known")
    }

    #[cold]
    fn missing_field(field: &'static str) -> Self {
        Self::new(Class::Data, format!("the element `{field}` is missing"))
    }

    #[cold]
    fn duplicate_field(field: &'static str) -> Self {
        Self::new(Class::Data, format!("the element `{field}` comes twice"))
    }
}

impl ser::Error for Error {
    #[cold]
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::unwritable("the type refuses to be written")
    }
}

fn kind_of(unexpected: &de::Unexpected<'_>) -> &'static str {
    use de::Unexpected as U;
    match unexpected {
        U::Bool(_) => "a boolean",
        U::Unsigned(_) | U::Signed(_) => "an integer",
        U::Float(_) => "a number",
        U::Char(_) | U::Str(_) => "text",
        U::Bytes(_) => "bytes",
        U::Unit | U::Option => "nil",
        U::Seq => "a list",
        U::Map => "elements",
        U::NewtypeStruct | U::Enum | U::UnitVariant | U::NewtypeVariant | U::TupleVariant | U::StructVariant => {
            "a variant"
        }
        U::Other(_) => "something else",
    }
}

/// Expectations are usually fixed texts, but a type can generate one, so the length is limited.
fn clipped(expected: &dyn de::Expected) -> String {
    let mut text = expected.to_string();
    if text.len() > MAX_EXPECTATION {
        let end = (0..=MAX_EXPECTATION).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

/// A name in the form that paths show. Hostile documents can contain arbitrary names.
fn shown(name: &str) -> &str {
    let plain =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'?'));
    if plain && !name.is_empty() && name.len() <= MAX_NAME { name } else { "*" }
}

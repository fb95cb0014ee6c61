//! The attributes with a meaning: `type` and `nil`.

use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesRef, BytesStart};

use super::entity::{self, Resolved};
use super::error::{Class, Error};
use super::limits::Limits;

/// Value of the attribute `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// No type.
    Untyped,
    Integer,
    Float,
    Boolean,
    Array,
    /// A date and time. Text, or nothing if empty.
    DateTime,
    /// A type with text content, such as `symbol`, or an unknown type.
    Text,
}

impl Kind {
    fn named(word: &str) -> Self {
        const KINDS: [(&str, Kind); 8] = [
            ("integer", Kind::Integer),
            ("boolean", Kind::Boolean),
            ("array", Kind::Array),
            ("datetime", Kind::DateTime),
            ("date", Kind::DateTime),
            ("time", Kind::DateTime),
            ("float", Kind::Float),
            ("double", Kind::Float),
        ];
        KINDS.iter().find(|(name, _)| word.eq_ignore_ascii_case(name)).map_or(Self::Text, |&(_, kind)| kind)
    }

    /// Whether an empty element of this type means nothing instead of an empty string.
    pub(super) fn is_nothing_when_empty(self) -> bool {
        matches!(self, Self::Integer | Self::Float | Self::Boolean | Self::DateTime)
    }
}

/// Reads `type` and `nil` of a start tag.
pub(super) fn read(tag: &BytesStart<'_>, limits: &Limits) -> Result<(Kind, bool), Error> {
    // Fast path for nearly all tags of the service.
    Ok(match tag.attributes_raw().trim_ascii() {
        "type=\"boolean\"" => (Kind::Boolean, false),
        "type=\"integer\"" => (Kind::Integer, false),
        "type=\"dateTime\"" | "type=\"datetime\"" => (Kind::DateTime, false),
        "type=\"symbol\"" => (Kind::Text, false),
        "type=\"array\"" => (Kind::Array, false),
        "nil=\"true\"" => (Kind::Untyped, true),
        _ => return read_all(tag, limits),
    })
}

#[cold]
fn read_all(tag: &BytesStart<'_>, limits: &Limits) -> Result<(Kind, bool), Error> {
    let mut kind = Kind::Untyped;
    let mut nil = false;
    if tag.attributes_raw().contains('<') {
        return Err(Error::new(Class::Syntax, "a tag within a tag"));
    }
    for (index, attribute) in tag.attributes().enumerate() {
        let attribute = attribute.map_err(|fault| {
            Error::new(
                Class::Syntax,
                match fault {
                    AttrError::Duplicated(..) => "an attribute comes twice",
                    _ => "an attribute without a value in quotes",
                },
            )
        })?;
        if index == limits.attributes {
            return Err(Error::new(Class::Limit, "an element has too many attributes"));
        }
        let name: &str = attribute.key.as_ref();
        if !entity::is_name(name) {
            return Err(Error::new(Class::Syntax, "the name of an attribute that XML does not allow"));
        }
        let value: &str = &attribute.value;
        check(value)?;
        match name {
            "type" => kind = Kind::named(value),
            "nil" => nil = value.eq_ignore_ascii_case("true") || value == "1",
            _ => {}
        }
    }
    Ok((kind, nil))
}

/// Attribute values are only compared, but they are restricted like text.
fn check(value: &str) -> Result<(), Error> {
    for after in value.split('&').skip(1) {
        if let Some((reference, _)) = after.split_once(';')
            && let Resolved::Refused(why) = entity::resolve(&BytesRef::new(reference))
        {
            return Err(Error::new(Class::Forbidden, why));
        }
    }
    Ok(())
}

//! References such as `&amp;` and `&#233;`.

use std::num::IntErrorKind;

use quick_xml::errors::Error as Fault;
use quick_xml::escape::{self, EscapeError, ParseCharRefError};
use quick_xml::events::BytesRef;

/// Meaning of the text between `&` and `;`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resolved {
    Character(char),
    /// Not a reference: the `&` is not escaped.
    NoReference,
    Refused(&'static str),
}

/// Resolves a reference. Only the five predefined XML entities exist.
pub(super) fn resolve(reference: &BytesRef<'_>) -> Resolved {
    if let Some(text) = escape::resolve_xml_entity(reference) {
        return text.chars().next().map_or(Resolved::NoReference, Resolved::Character);
    }
    match reference.resolve_char_ref() {
        Ok(Some(character)) if is_carried(character) => Resolved::Character(character),
        Ok(None) if is_name(reference) => Resolved::Refused("an entity of its own"),
        Ok(None) | Err(Fault::Escape(EscapeError::InvalidCharRef(ParseCharRefError::UnexpectedSign))) => {
            Resolved::NoReference
        }
        Err(Fault::Escape(EscapeError::InvalidCharRef(ParseCharRefError::InvalidNumber(fault))))
            if *fault.kind() != IntErrorKind::PosOverflow =>
        {
            Resolved::NoReference
        }
        _ => Resolved::Refused("a reference to a character that XML does not have"),
    }
}

/// Whether XML 1.0 allows this character, literally or as a reference.
pub(super) fn is_carried(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    }
}

/// Whether a text is a valid name of an element or entity.
pub(super) fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(starts_name) && characters.all(continues_name)
}

fn starts_name(character: char) -> bool {
    matches!(character,
        ':' | '_' | 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
        | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
        | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

fn continues_name(character: char) -> bool {
    starts_name(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

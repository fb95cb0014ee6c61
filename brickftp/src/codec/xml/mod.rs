//! XML dialect of the service, as serde formats.
//!
//! It is the output of Rails' `to_xml`. The same `Deserialize` types read JSON and XML and get equal values:
//!
//! | XML | JSON, and the value for an untyped target |
//! |---|---|
//! | `<x>a</x>` | `"a"` |
//! | `<x></x>`, `<x/>` | `""`; an empty list, map, struct or unit if the type expects one |
//! | `<x nil="true"/>` | `null` |
//! | `<x type="integer">5</x>` | `5` |
//! | `<x type="boolean">true</x>` | `true` |
//! | `<x type="integer"/>`, and so for `boolean`, `float` and dates | `null` |
//! | `<x type="dateTime">…</x>`, `datetime`, `symbol`, other types | text |
//! | `<x type="array"><y>a</y><z>b</z></x>` | `["a","b"]`, regardless of the item names |
//! | `<x type="array"/>` | `[]`; an empty map, struct or unit if the type expects one |
//! | `<nil-classes type="array"/>` | `[]`; unit or `None` if the type expects one |
//! | `<x><y>a</y></x>` | `{"y":"a"}`; a list if the type expects one |
//!
//! * If the type expects a number or boolean, untyped text is parsed. If it expects text, typed values are read as
//!   text.
//! * Type names are case-insensitive. Elements may be nested in elements with the same name.
//! * `<subfolders_locked? nil="true"/>` is accepted, although `?` is not valid in XML names.
//! * A `&` that does not start a reference is a literal `&`: presigned URLs contain unescaped ones.
//! * An empty map equals an empty string, so a map in a `flatten`ed or untagged type must not be empty.
//!
//! Document types, custom entities, references to characters outside of XML and encodings other than UTF-8 are
//! rejected. [`Limits`] bound the resources of a document. Beyond that, the parser is lenient: it does not check for
//! control characters in text or for `--` in comments.
//!
//! Requests have no types: `<paths><path>a</path></paths>` for a list (items have the singular of the list's name), `<x
//! nil="true"/>` for `None`, `<x type="array"/>` for an empty list, `<x></x>` for an empty string or map.

mod attributes;
mod decode;
mod element;
mod encode;
mod entity;
mod error;
mod limits;
mod prolog;
mod scan;

use serde::{Deserialize, Serialize};

pub use self::error::{Class, Error};
pub use self::limits::Limits;

use self::decode::Decoder;
use self::element::Element;
use self::scan::Scanner;

/// The name of the root element that represents nothing.
const NOTHING: &str = "nil-classes";

/// Deserializes a document.
///
/// Ignores the name of the root element. See [`root_name`].
///
/// # Errors
///
/// Fails if the document is not well-formed, exceeds [`Limits::DEFAULT`] or does not match the type.
///
/// # Examples
///
/// ```
/// let ids: Vec<u64> = brickftp::xml::from_slice(b"<ids type=\"array\"><id>1</id><id>2</id></ids>")?;
/// assert_eq!(ids, [1, 2]);
/// # Ok::<(), brickftp::xml::Error>(())
/// ```
pub fn from_slice<'de, T: Deserialize<'de>>(document: &'de [u8]) -> Result<T, Error> {
    from_slice_with(document, Limits::DEFAULT)
}

/// Deserializes a document with other limits than those of [`from_slice`].
///
/// # Errors
///
/// Fails as [`from_slice`] does.
pub fn from_slice_with<'de, T: Deserialize<'de>>(document: &'de [u8], limits: Limits) -> Result<T, Error> {
    let text = prolog::text(document)?;
    let read = || {
        let mut decoder = Decoder::new(Scanner::new(text, limits));
        let tag = decoder.root()?;
        let value = T::deserialize(Element { decoder: &mut decoder, tag })
            .map_err(|error| error.at(tag.offset).within(tag.name))?;
        decoder.end()?;
        Ok(value)
    };
    read().map_err(|error: Error| error.located(text.as_bytes()))
}

/// Returns the name of a document's root element.
///
/// # Errors
///
/// Fails if the document has no valid root element.
///
/// # Examples
///
/// ```
/// let name = brickftp::xml::root_name(b"<nil-classes type=\"array\"/>")?;
/// assert_eq!(name, "nil-classes");
/// # Ok::<(), brickftp::xml::Error>(())
/// ```
pub fn root_name(document: &[u8]) -> Result<&str, Error> {
    let text = prolog::text(document)?;
    let mut decoder = Decoder::new(Scanner::new(text, Limits::DEFAULT));
    decoder.root().map(|tag| tag.name).map_err(|error| error.located(text.as_bytes()))
}

/// Serializes a document with this root element.
///
/// # Errors
///
/// Fails if a name or text contains characters that XML does not allow, if a number is not finite, or if a value is
/// bytes.
///
/// # Examples
///
/// ```
/// let document = brickftp::xml::to_vec("paths", &["a", "b & c"])?;
/// assert_eq!(
///     String::from_utf8_lossy(&document),
///     r#"<?xml version="1.0" encoding="UTF-8"?><paths><path>a</path><path>b &amp; c</path></paths>"#,
/// );
/// # Ok::<(), brickftp::xml::Error>(())
/// ```
pub fn to_vec<T: Serialize + ?Sized>(root: &str, value: &T) -> Result<Vec<u8>, Error> {
    encode::document(root, value)
}

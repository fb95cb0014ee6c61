//! The XML dialect of the service, read and written by serde.
//!
//! It is what Rails' `to_xml` writes. The same `Deserialize` types read JSON and XML, and get equal values:
//!
//! | XML | JSON, and what a type without a wish sees |
//! |---|---|
//! | `<x>a</x>` | `"a"` |
//! | `<x></x>`, `<x/>` | `""`; an empty list, map, struct or unit where the type asks for one |
//! | `<x nil="true"/>` | `null` |
//! | `<x type="integer">5</x>` | `5` |
//! | `<x type="boolean">true</x>` | `true` |
//! | `<x type="integer"/>`, and so for `boolean`, `float` and dates | `null` |
//! | `<x type="dateTime">…</x>`, `datetime`, `symbol`, other types | text |
//! | `<x type="array"><y>a</y><z>b</z></x>` | `["a","b"]`, whatever the items are called |
//! | `<x type="array"/>` | `[]`; an empty map, struct or unit where the type asks for one |
//! | `<nil-classes type="array"/>` | `[]`; unit or `None` where the type asks for one |
//! | `<x><y>a</y></x>` | `{"y":"a"}`; a list where the type asks for one |
//!
//! * A number or boolean that the type asks for is read from text without a type as well, and text from a typed one.
//! * Types are compared without regard to case. Elements of any name may be within elements of the same name.
//! * `<subfolders_locked? nil="true"/>` is read as it stands, although XML has no such name.
//! * A `&` that begins no reference stands for itself: signed URLs come with raw ones.
//! * An empty map and an empty text are the same, so that a map in a `flatten`ed or untagged type must not be empty.
//!
//! Document types, entities other than the five of XML, references to characters that XML does not have and encodings
//! other than UTF-8 are refused, and [`Limits`] bound what a document may ask for. Beyond that the reader is lenient:
//! it does not look for control characters in texts, nor for `--` in comments.
//!
//! Requests are written without types: `<paths><path>a</path></paths>` for a list (an item has the singular of the
//! list's name), `<x nil="true"/>` for `None`, `<x type="array"/>` for an empty list, `<x></x>` for an empty text or map.

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

/// The name of the root element that stands for nothing.
const NOTHING: &str = "nil-classes";

/// Reads a document.
///
/// The name of the root element is not looked at; see [`root_name`].
///
/// # Errors
///
/// When the document is not well-formed, goes beyond [`Limits::DEFAULT`], or does not fit the type.
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

/// Reads a document within other limits than those of [`from_slice`].
///
/// # Errors
///
/// As [`from_slice`].
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

/// The name of a document's root element.
///
/// # Errors
///
/// When there is none that could be read.
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

/// Writes a document with a root element of the given name.
///
/// # Errors
///
/// When a name or a text has characters that XML cannot carry, a number is not finite, or a value is bytes.
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

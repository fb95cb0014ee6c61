//! Traversal of a document.

use std::mem;

use quick_xml::events::BytesText;
use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Unexpected, Visitor};

use super::element::Element;
use super::error::{Class, Error};
use super::scan::{Scanner, Tag, Token};

/// Decoder state: the scanner, and a buffer for text that is not contiguous in the document.
#[derive(Debug)]
pub(super) struct Decoder<'de> {
    pub(super) scanner: Scanner<'de>,
    /// Text with references or several sections is assembled here: one buffer for the whole document.
    pub(super) scratch: String,
}

/// Content of an element.
pub(super) enum Content<'de> {
    /// No element and no text.
    Empty,
    /// Text borrowed from the document.
    Borrowed(&'de str),
    /// Text assembled in `scratch`.
    Scratch,
    /// Elements. Contains the first of them.
    Elements(Tag<'de>),
}

impl<'de> Decoder<'de> {
    pub(super) fn new(scanner: Scanner<'de>) -> Self {
        Self { scanner, scratch: String::new() }
    }

    /// Advances to the root element.
    pub(super) fn root(&mut self) -> Result<Tag<'de>, Error> {
        loop {
            let start = self.scanner.offset();
            match self.scanner.next()? {
                Token::Open(tag) if tag.name.eq_ignore_ascii_case("html") => {
                    return Err(Error::new(Class::Html, "").at(start));
                }
                Token::Open(tag) => return Ok(tag),
                Token::Text(text) if is_blank(text) => {}
                Token::End => return Err(Error::new(Class::Empty, "").at(start)),
                _ => return Err(Error::new(Class::Syntax, "text before the first element").at(start)),
            }
        }
    }

    /// Advances to the end of the document.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        loop {
            let start = self.scanner.offset();
            match self.scanner.next()? {
                Token::End => return Ok(()),
                Token::Text(text) if is_blank(text) => {}
                Token::Open(_) => return Err(Error::new(Class::Syntax, "a second root element").at(start)),
                _ => return Err(Error::new(Class::Syntax, "text after the root element").at(start)),
            }
        }
    }

    /// Reads an element up to its end or its first child.
    pub(super) fn content(&mut self, tag: &Tag<'de>) -> Result<Content<'de>, Error> {
        if tag.closed {
            return Ok(Content::Empty);
        }
        match self.scanner.next()? {
            Token::Close => Ok(Content::Empty),
            Token::Open(child) => Ok(Content::Elements(child)),
            Token::Text(text) => match self.scanner.next()? {
                Token::Close if !text.is_empty() && !text.contains('\r') => Ok(Content::Borrowed(text)),
                Token::Open(child) if is_blank(text) => Ok(Content::Elements(child)),
                token => self.pieces(text, token),
            },
            token => self.pieces("", token),
        }
    }

    #[cold]
    fn pieces(&mut self, start: &str, mut token: Token<'de>) -> Result<Content<'de>, Error> {
        self.scratch.clear();
        push_lines(&mut self.scratch, start);
        loop {
            match token {
                Token::Text(text) => push_lines(&mut self.scratch, text),
                Token::Character(character) => self.scratch.push(character),
                Token::Close if self.scratch.is_empty() => return Ok(Content::Empty),
                Token::Close => return Ok(Content::Scratch),
                Token::Open(child) if is_blank(&self.scratch) => return Ok(Content::Elements(child)),
                Token::Open(_) | Token::End => {
                    return Err(Error::new(Class::Data, "text and elements side by side").at(self.scanner.offset()));
                }
            }
            token = self.scanner.next()?;
        }
    }

    /// Advances to the next child or to the end of the parent element.
    fn child(&mut self) -> Result<Option<Tag<'de>>, Error> {
        loop {
            match self.scanner.next()? {
                Token::Open(tag) => return Ok(Some(tag)),
                Token::Close => return Ok(None),
                Token::Text(text) if is_blank(text) => {}
                Token::Character(' ' | '\t' | '\n' | '\r') => {}
                _ => return Err(Error::new(Class::Data, "text between elements").at(self.scanner.offset())),
            }
        }
    }

    /// Passes the assembled text to a visitor.
    pub(super) fn visit_scratch<T>(&mut self, visit: impl FnOnce(&str) -> Result<T, Error>) -> Result<T, Error> {
        // Taken out and put back, because the visitor's result must not borrow from it.
        let scratch = mem::take(&mut self.scratch);
        let visited = visit(&scratch);
        self.scratch = scratch;
        visited
    }
}

/// Normalizes line ends to line feeds, as XML requires.
fn push_lines(scratch: &mut String, text: &str) {
    scratch.push_str(&BytesText::from_escaped(text).xml10_content());
}

pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

/// The children of an element, as a list or a map.
pub(super) struct Children<'a, 'de> {
    pub(super) decoder: &'a mut Decoder<'de>,
    /// The child that was read ahead.
    ahead: Option<Tag<'de>>,
    /// The child whose name was returned as a key and whose value is pending.
    value: Option<Tag<'de>>,
    /// Whether the end of the parent element was reached.
    ended: bool,
    /// The number of returned children.
    count: usize,
}

impl<'a, 'de> Children<'a, 'de> {
    pub(super) fn none(decoder: &'a mut Decoder<'de>) -> Self {
        Self::new(decoder, None)
    }

    pub(super) fn new(decoder: &'a mut Decoder<'de>, first: Option<Tag<'de>>) -> Self {
        Self { decoder, ended: first.is_none(), ahead: first, value: None, count: 0 }
    }

    pub(super) fn visit_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let value = visitor.visit_seq(&mut self)?;
        self.finish()?;
        Ok(value)
    }

    pub(super) fn visit_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
        let value = visitor.visit_map(&mut self)?;
        self.finish()?;
        Ok(value)
    }

    pub(super) fn finish(&mut self) -> Result<(), Error> {
        match self.take()? {
            None => Ok(()),
            Some(tag) => Err(Error::invalid_length(self.count + 1, &"fewer elements").at(tag.offset)),
        }
    }

    fn take(&mut self) -> Result<Option<Tag<'de>>, Error> {
        if self.value.take().is_some_and(|tag| !tag.closed) {
            // The value was not requested.
            self.decoder.scanner.skip()?;
        }
        if let Some(tag) = self.ahead.take() {
            return Ok(Some(tag));
        }
        if self.ended {
            return Ok(None);
        }
        let child = self.decoder.child()?;
        self.ended = child.is_none();
        Ok(child)
    }
}

impl<'de> SeqAccess<'de> for Children<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(tag) = self.take()? else { return Ok(None) };
        let index = self.count;
        self.count += 1;
        match seed.deserialize(Element { decoder: self.decoder, tag }) {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(error.at(tag.offset).within_item(index)),
        }
    }
}

impl<'de> MapAccess<'de> for Children<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(tag) = self.take()? else { return Ok(None) };
        self.count += 1;
        self.value = Some(tag);
        seed.deserialize(BorrowedStrDeserializer::new(tag.name))
            .map(Some)
            .map_err(|error: Error| error.at(tag.offset).within(tag.name))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let Some(tag) = self.value.take() else {
            return Err(Error::invalid_type(Unexpected::Unit, &"a key before its value"));
        };
        seed.deserialize(Element { decoder: self.decoder, tag }).map_err(|error| error.at(tag.offset).within(tag.name))
    }
}

/// Variant of an enum. The only child element has the variant's name and contains its value.
pub(super) struct Variant<'a, 'de> {
    pub(super) children: Children<'a, 'de>,
}

impl<'de> serde::de::EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<(T::Value, Self), Error> {
        let value = self.children.next_key_seed(seed)?;
        Ok((value.ok_or_else(|| Error::invalid_length(0, &"one element"))?, self))
    }
}

impl<'de> serde::de::VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        self.newtype_variant_seed(std::marker::PhantomData)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(mut self, seed: T) -> Result<T::Value, Error> {
        let value = self.children.next_value_seed(seed)?;
        self.children.finish()?;
        Ok(value)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.newtype_variant_seed(Visit { visitor, seq: true })
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.newtype_variant_seed(Visit { visitor, seq: false })
    }
}

/// Adapts a visitor to an interface that takes seeds.
struct Visit<V> {
    visitor: V,
    seq: bool,
}

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for Visit<V> {
    type Value = V::Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        if self.seq { deserializer.deserialize_seq(self.visitor) } else { deserializer.deserialize_map(self.visitor) }
    }
}

/// Visits text as the name of a unit variant.
pub(super) fn visit_word<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Error> {
    visitor.visit_enum(StrDeserializer::new(text))
}

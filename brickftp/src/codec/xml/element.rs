//! Deserializes one element.

use serde::de::{Deserializer, Error as _, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::attributes::Kind;
use super::decode::{Children, Content, Decoder, Variant, is_blank, visit_word};
use super::error::Error;
use super::scan::Tag;

/// An element after its start tag. Deserializing it consumes the element up to its end.
pub(super) struct Element<'a, 'de> {
    pub(super) decoder: &'a mut Decoder<'de>,
    pub(super) tag: Tag<'de>,
}

impl<'de> Element<'_, 'de> {
    /// Reads an element that represents nothing.
    fn nil<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.skip()?;
        visitor.visit_unit()
    }

    fn skip(self) -> Result<(), Error> {
        if self.tag.closed { Ok(()) } else { self.decoder.scanner.skip() }
    }

    /// Reads the element as text and visits it in the given form.
    fn text<V: Visitor<'de>>(self, visitor: V, form: Form) -> Result<V::Value, Error> {
        let Self { decoder, tag } = self;
        if tag.nil {
            return Element { decoder, tag }.nil(visitor);
        }
        match decoder.content(&tag)? {
            Content::Borrowed(text) => form.visit(text, visitor, |text, visitor| visitor.visit_borrowed_str(text)),
            Content::Scratch => {
                decoder.visit_scratch(|text| form.visit(text, visitor, |text, visitor| visitor.visit_str(text)))
            }
            Content::Empty if tag.kind == Kind::Array => visitor.visit_seq(Children::none(decoder)),
            Content::Empty if tag.kind.is_nothing_when_empty() => visitor.visit_unit(),
            Content::Empty => visitor.visit_borrowed_str(""),
            Content::Elements(_) if tag.kind == Kind::Array => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
            Content::Elements(_) => Err(Error::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    /// Reads the element as a map. A list is visited as a list unless an object is expected: serde would read its items
    /// as the fields of the object.
    fn map<V: Visitor<'de>>(self, visitor: V, wants_object: bool) -> Result<V::Value, Error> {
        let Self { decoder, tag } = self;
        if tag.nil {
            return Element { decoder, tag }.nil(visitor);
        }
        match decoder.content(&tag)? {
            Content::Elements(first) => {
                let children = Children::new(decoder, Some(first));
                match tag.kind {
                    Kind::Array if wants_object => Err(Error::invalid_type(Unexpected::Seq, &visitor)),
                    Kind::Array => children.visit_seq(visitor),
                    _ => children.visit_map(visitor),
                }
            }
            Content::Empty => Children::new(decoder, None).visit_map(visitor),
            Content::Borrowed(text) if is_blank(text) => Children::new(decoder, None).visit_map(visitor),
            Content::Scratch if is_blank(&decoder.scratch) => Children::new(decoder, None).visit_map(visitor),
            Content::Borrowed(text) => visitor.visit_borrowed_str(text),
            Content::Scratch => decoder.visit_scratch(|text| visitor.visit_str(text)),
        }
    }
}

/// Expected form of a text. A text that does not match is visited as text, so the type reports the error.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Boolean,
    Integer,
    Float,
}

impl Form {
    fn visit<'de, 't, V: Visitor<'de>>(
        self,
        text: &'t str,
        visitor: V,
        visit_text: impl FnOnce(&'t str, V) -> Result<V::Value, Error>,
    ) -> Result<V::Value, Error> {
        let trimmed = text.trim_ascii();
        match self {
            Self::Text => {}
            Self::Boolean => match trimmed {
                "true" | "1" => return visitor.visit_bool(true),
                "false" | "0" => return visitor.visit_bool(false),
                _ => {}
            },
            Self::Integer => {
                if let Ok(number) = trimmed.parse::<u64>() {
                    return visitor.visit_u64(number);
                }
                if let Ok(number) = trimmed.parse::<i64>() {
                    return visitor.visit_i64(number);
                }
                if let Ok(number) = trimmed.parse::<u128>() {
                    return visitor.visit_u128(number);
                }
                if let Ok(number) = trimmed.parse::<i128>() {
                    return visitor.visit_i128(number);
                }
            }
            Self::Float => {
                if let Some(number) = trimmed.parse::<f64>().ok().filter(|number| number.is_finite()) {
                    return visitor.visit_f64(number);
                }
            }
        }
        visit_text(text, visitor)
    }
}

macro_rules! as_form {
    ($($method:ident => $form:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.text(visitor, Form::$form)
        }
    )+};
}

impl<'de> Deserializer<'de> for Element<'_, 'de> {
    type Error = Error;

    as_form! {
        deserialize_bool => Boolean
        deserialize_i8 => Integer
        deserialize_i16 => Integer
        deserialize_i32 => Integer
        deserialize_i64 => Integer
        deserialize_i128 => Integer
        deserialize_u8 => Integer
        deserialize_u16 => Integer
        deserialize_u32 => Integer
        deserialize_u64 => Integer
        deserialize_u128 => Integer
        deserialize_f32 => Float
        deserialize_f64 => Float
        deserialize_char => Text
        deserialize_str => Text
        deserialize_string => Text
        deserialize_identifier => Text
    }

    forward_to_deserialize_any! { bytes byte_buf }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let form = match self.tag.kind {
            Kind::Array if !self.tag.nil => return self.deserialize_seq(visitor),
            Kind::Integer => Form::Integer,
            Kind::Boolean => Form::Boolean,
            Kind::Float => Form::Float,
            Kind::Array | Kind::Untyped | Kind::DateTime | Kind::Text => Form::Text,
        };
        let Self { decoder, tag } = self;
        if tag.nil {
            return Element { decoder, tag }.nil(visitor);
        }
        match decoder.content(&tag)? {
            Content::Elements(first) => Children::new(decoder, Some(first)).visit_map(visitor),
            Content::Borrowed(text) => form.visit(text, visitor, |text, visitor| visitor.visit_borrowed_str(text)),
            Content::Scratch => {
                decoder.visit_scratch(|text| form.visit(text, visitor, |text, visitor| visitor.visit_str(text)))
            }
            Content::Empty if tag.kind.is_nothing_when_empty() => visitor.visit_unit(),
            Content::Empty => visitor.visit_borrowed_str(""),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Tag { nil, kind, name, closed, .. } = self.tag;
        if nil || name == super::NOTHING {
            self.skip()?;
            return visitor.visit_none();
        }
        if kind.is_nothing_when_empty() && (closed || self.decoder.scanner.is_at_end_tag()) {
            self.skip()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Self { decoder, tag } = self;
        if tag.nil {
            return Element { decoder, tag }.nil(visitor);
        }
        match decoder.content(&tag)? {
            Content::Empty => visitor.visit_unit(),
            Content::Borrowed(text) if is_blank(text) => visitor.visit_unit(),
            Content::Scratch if is_blank(&decoder.scratch) => visitor.visit_unit(),
            Content::Borrowed(_) | Content::Scratch => Err(Error::invalid_type(Unexpected::Str(""), &visitor)),
            Content::Elements(_) => Err(Error::invalid_type(Unexpected::Map, &visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Self { decoder, tag } = self;
        if tag.nil {
            return Element { decoder, tag }.nil(visitor);
        }
        match decoder.content(&tag)? {
            Content::Elements(first) => Children::new(decoder, Some(first)).visit_seq(visitor),
            Content::Empty => Children::none(decoder).visit_seq(visitor),
            Content::Borrowed(text) if is_blank(text) => Children::none(decoder).visit_seq(visitor),
            Content::Scratch if is_blank(&decoder.scratch) => Children::none(decoder).visit_seq(visitor),
            Content::Borrowed(text) => visitor.visit_borrowed_str(text),
            Content::Scratch => decoder.visit_scratch(|text| visitor.visit_str(text)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.map(visitor, false)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.map(visitor, true)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Self { decoder, tag } = self;
        if tag.nil {
            return Element { decoder, tag }.nil(visitor);
        }
        match decoder.content(&tag)? {
            Content::Elements(first) => visitor.visit_enum(Variant { children: Children::new(decoder, Some(first)) }),
            Content::Borrowed(text) => visit_word(text, visitor),
            Content::Scratch => decoder.visit_scratch(|text| visit_word(text, visitor)),
            Content::Empty => visit_word("", visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.nil(visitor)
    }
}

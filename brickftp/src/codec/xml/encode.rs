//! Encodes requests as XML.

use std::fmt::{self, Write as _};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::entity::{is_carried, is_name};
use super::error::Error;

/// Writes a value as the root element `root`.
pub(super) fn document<T: Serialize + ?Sized>(root: &str, value: &T) -> Result<Vec<u8>, Error> {
    let mut out = Out::new(Vec::with_capacity(256));
    write(&mut out, Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    write_element(&mut out, root, value)?;
    Ok(out.into_inner())
}

type Out = Writer<Vec<u8>>;

fn write_element<T: Serialize + ?Sized>(out: &mut Out, name: &str, value: &T) -> Result<(), Error> {
    if !is_name(name) {
        return Err(Error::unwritable("a name that XML does not allow").within(name));
    }
    value.serialize(ElementWriter { out, name }).map_err(|error| error.within(name))
}

fn write(out: &mut Out, event: Event<'_>) -> Result<(), Error> {
    out.write_event(event).map_err(|_| Error::unwritable("the document cannot be stored"))
}

fn open(out: &mut Out, name: &str) -> Result<(), Error> {
    write(out, Event::Start(BytesStart::new(name)))
}

fn close(out: &mut Out, name: &str) -> Result<(), Error> {
    write(out, Event::End(BytesEnd::new(name)))
}

fn empty(out: &mut Out, name: &str, attribute: (&str, &str)) -> Result<(), Error> {
    write(out, Event::Empty(BytesStart::new(name).with_attributes([attribute])))
}

/// Returns the name of a list's items: `path` in `paths`, `value` in `value`.
fn singular(name: &str) -> String {
    let ends = |end: &str| name.len() > end.len() && name.ends_with(end);
    if ends("ies") {
        format!("{}y", &name[..name.len() - 3])
    } else if ["sses", "xes", "ches", "shes"].into_iter().any(ends) {
        name[..name.len() - 2].to_owned()
    } else if ends("s") && !ends("ss") {
        name[..name.len() - 1].to_owned()
    } else {
        name.to_owned()
    }
}

/// Writes one element.
struct ElementWriter<'a> {
    out: &'a mut Out,
    name: &'a str,
}

impl<'a> ElementWriter<'a> {
    fn nil(self) -> Result<(), Error> {
        empty(self.out, self.name, ("nil", "true"))
    }

    /// Writes text with all special characters escaped. This includes `>`, so `]]>` never occurs in text, and the
    /// carriage return, which a parser would normalize to a line feed.
    fn text(self, text: &str) -> Result<(), Error> {
        if !text.chars().all(is_carried) {
            return Err(Error::unwritable("a character that XML does not have"));
        }
        open(self.out, self.name)?;
        write(self.out, Event::Text(BytesText::new(text)))?;
        close(self.out, self.name)
    }

    fn number(self, number: impl fmt::Display) -> Result<(), Error> {
        self.text(&number.to_string())
    }

    fn float(self, number: impl fmt::Display, is_finite: bool) -> Result<(), Error> {
        if !is_finite {
            return Err(Error::unwritable("a number that is not finite"));
        }
        self.number(number)
    }

    fn list(self) -> List<'a> {
        List { item: singular(self.name), out: self.out, name: self.name, variant: None, count: 0 }
    }

    fn fields(self) -> Result<Fields<'a>, Error> {
        open(self.out, self.name)?;
        Ok(Fields { out: self.out, name: self.name, variant: None, key: None })
    }

    /// Opens the element of a variant within this element.
    fn open_variant(&mut self, variant: &str) -> Result<(), Error> {
        if !is_name(variant) {
            return Err(Error::unwritable("a name that XML does not allow").within(variant));
        }
        open(self.out, self.name)
    }
}

macro_rules! numbers {
    ($($method:ident: $number:ty)+) => {$(
        fn $method(self, number: $number) -> Result<(), Error> {
            self.number(number)
        }
    )+};
}

impl<'a> Serializer for ElementWriter<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    numbers! {
        serialize_bool: bool
        serialize_i8: i8
        serialize_i16: i16
        serialize_i32: i32
        serialize_i64: i64
        serialize_i128: i128
        serialize_u8: u8
        serialize_u16: u16
        serialize_u32: u32
        serialize_u64: u64
        serialize_u128: u128
    }

    fn serialize_f32(self, number: f32) -> Result<(), Error> {
        self.float(number, number.is_finite())
    }

    fn serialize_f64(self, number: f64) -> Result<(), Error> {
        self.float(number, number.is_finite())
    }

    fn serialize_char(self, character: char) -> Result<(), Error> {
        self.text(character.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Error> {
        self.text(text)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        Err(Error::unwritable("bytes"))
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.nil()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.nil()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        open(self.out, self.name)?;
        write_element(self.out, variant, value)?;
        close(self.out, self.name)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Error> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, Error> {
        self.open_variant(variant)?;
        Ok(List { item: singular(variant), out: self.out, name: self.name, variant: Some(variant), count: 0 })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Error> {
        self.fields()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, Error> {
        self.fields()
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Error> {
        self.open_variant(variant)?;
        open(self.out, variant)?;
        Ok(Fields { out: self.out, name: self.name, variant: Some(variant), key: None })
    }
}

/// Writes the items of a list.
struct List<'a> {
    out: &'a mut Out,
    name: &'a str,
    /// The element between `name` and the items.
    variant: Option<&'static str>,
    item: String,
    count: usize,
}

impl List<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let index = self.count;
        self.count += 1;
        if index == 0 {
            open(self.out, self.variant.unwrap_or(self.name))?;
        }
        value.serialize(ElementWriter { out: self.out, name: &self.item }).map_err(|error| error.within_item(index))
    }

    fn finish(self) -> Result<(), Error> {
        let name = self.variant.unwrap_or(self.name);
        if self.count == 0 {
            // Without the type, it would be an empty string.
            empty(self.out, name, ("type", "array"))?;
        } else {
            close(self.out, name)?;
        }
        if self.variant.is_some() { close(self.out, self.name) } else { Ok(()) }
    }
}

macro_rules! list {
    ($($interface:ident::$method:ident)+) => {$(
        impl $interface for List<'_> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        }
    )+};
}

list! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

/// Writes the fields of a struct or the entries of a map.
struct Fields<'a> {
    out: &'a mut Out,
    name: &'a str,
    /// The element between `name` and the fields.
    variant: Option<&'static str>,
    key: Option<String>,
}

impl Fields<'_> {
    fn finish(self) -> Result<(), Error> {
        if let Some(variant) = self.variant {
            close(self.out, variant)?;
        }
        close(self.out, self.name)
    }
}

macro_rules! fields {
    ($($interface:ident)+) => {$(
        impl $interface for Fields<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
                write_element(self.out, key, value)
            }

            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        }
    )+};
}

fields! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let mut text = String::new();
        write!(text, "{}", Key(key)).map_err(|_| Error::unwritable("a key that is no text"))?;
        self.key = Some(text);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take().ok_or_else(|| Error::unwritable("a value without a key"))?;
        write_element(self.out, &key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

/// A key as text. `std`'s formatter is a serializer for values with one plain form and rejects all others.
struct Key<'a, T: ?Sized>(&'a T);

impl<T: Serialize + ?Sized> fmt::Display for Key<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

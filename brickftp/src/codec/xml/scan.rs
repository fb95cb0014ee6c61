//! Tokenizer: the events of quick-xml, with the checks that it leaves to its users.

use quick_xml::Reader;
use quick_xml::errors::{Error as Fault, IllFormedError, SyntaxError};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::attributes::{self, Kind};
use super::entity::{self, Resolved};
use super::error::{Class, Error};
use super::limits::Limits;

/// A start tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'de> {
    pub(super) name: &'de str,
    pub(super) kind: Kind,
    pub(super) nil: bool,
    /// `<x/>`: no end tag follows.
    pub(super) closed: bool,
    pub(super) offset: usize,
}

/// Token of a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'de> {
    Open(Tag<'de>),
    Close,
    /// Literal text. References are separate tokens.
    Text(&'de str),
    /// A reference to one character.
    Character(char),
    End,
}

/// Reads a document sequentially.
#[derive(Debug)]
pub(super) struct Scanner<'de> {
    reader: Reader<&'de [u8]>,
    document: &'de str,
    limits: Limits,
    /// The number of open elements.
    depth: usize,
}

impl<'de> Scanner<'de> {
    pub(super) fn new(document: &'de str, limits: Limits) -> Self {
        let mut reader = Reader::from_str(document);
        let config = reader.config_mut();
        config.allow_dangling_amp = true;
        config.check_end_names = true;
        Self { reader, document, limits, depth: 0 }
    }

    /// Returns the number of bytes read.
    pub(super) fn offset(&self) -> usize {
        usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX)
    }

    /// Whether the next token is an end tag.
    pub(super) fn is_at_end_tag(&self) -> bool {
        self.rest(self.offset()).starts_with("</")
    }

    pub(super) fn next(&mut self) -> Result<Token<'de>, Error> {
        loop {
            let start = self.offset();
            return Ok(match self.reader.read_event().map_err(|fault| self.refuse(&fault, start))? {
                Event::Text(text) => Token::Text(self.slice(start, text.len())),
                Event::Start(tag) => {
                    let tag = self.tag(&tag, start, false)?;
                    if self.depth >= self.limits.depth {
                        return Err(Error::new(Class::Limit, "too many elements within one another").at(start));
                    }
                    self.depth += 1;
                    Token::Open(tag)
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Token::Close
                }
                Event::Empty(tag) => Token::Open(self.tag(&tag, start, true)?),
                Event::GeneralRef(reference) => self.reference(&reference, start)?,
                Event::CData(_) if self.depth == 0 => {
                    return Err(syntax("text outside of the root element", start));
                }
                Event::CData(text) => Token::Text(self.slice(start + "<![CDATA[".len(), text.len())),
                // Whitespace before it is an error without consequences.
                Event::Decl(_) if !self.slice(0, start).trim_ascii().is_empty() => {
                    return Err(syntax("an XML declaration after the start", start));
                }
                Event::PI(instruction) if !instruction.target().bytes().next().is_some_and(starts_name) => {
                    return Err(syntax("unknown markup", start));
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
                Event::DocType(_) => return Err(Error::new(Class::Forbidden, "a document type").at(start)),
                Event::Eof if self.depth > 0 => return Err(truncated(start)),
                Event::Eof => Token::End,
            });
        }
    }

    /// Skips the rest of the element that was opened last.
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }

    fn rest(&self, offset: usize) -> &'de str {
        self.document.get(offset..).unwrap_or_default()
    }

    /// Returns a slice of the document. The slices of an event do not outlive the event.
    fn slice(&self, start: usize, length: usize) -> &'de str {
        self.document.get(start..start + length).unwrap_or_default()
    }

    fn tag(&self, tag: &BytesStart<'_>, offset: usize, closed: bool) -> Result<Tag<'de>, Error> {
        let name_bytes = tag.name().as_ref().len();
        let name = self.slice(offset + 1, name_bytes);
        self.check_lengths(name_bytes, tag.len() - name_bytes, offset)?;
        check_name(name, offset)?;
        let (kind, nil) = match tag.attributes_raw() {
            "" => (Kind::Untyped, false),
            _ => attributes::read(tag, &self.limits).map_err(|error| error.at(offset))?,
        };
        Ok(Tag { name, kind, nil, closed, offset })
    }

    fn check_lengths(&self, name: usize, attributes: usize, offset: usize) -> Result<(), Error> {
        if name > self.limits.name_bytes {
            return Err(Error::new(Class::Limit, "the name of an element is too long").at(offset));
        }
        if attributes > self.limits.attribute_bytes {
            return Err(Error::new(Class::Limit, "the attributes of an element are too long").at(offset));
        }
        Ok(())
    }

    #[cold]
    fn reference(&self, reference: &BytesRef<'_>, start: usize) -> Result<Token<'de>, Error> {
        match entity::resolve(reference) {
            Resolved::Character(character) => Ok(Token::Character(character)),
            // An unescaped `&` with a semicolon somewhere after it.
            Resolved::NoReference => Ok(Token::Text(self.slice(start, reference.len() + "&;".len()))),
            Resolved::Refused(why) => Err(Error::new(Class::Forbidden, why).at(start)),
        }
    }

    /// Converts an error of quick-xml, without the names that it quotes.
    #[cold]
    fn refuse(&self, fault: &Fault, start: usize) -> Error {
        let remainder = self.rest(start);
        // Other markup is reported as an unclosed comment, section or document type.
        let begins = |markup: &str| {
            let length = remainder.len().min(markup.len());
            remainder.as_bytes()[..length].eq_ignore_ascii_case(&markup.as_bytes()[..length])
        };
        let is_cut = match fault {
            Fault::IllFormed(IllFormedError::MismatchedEndTag { .. }) => {
                return syntax("an end tag that does not match its start", start);
            }
            Fault::IllFormed(IllFormedError::UnmatchedEndTag(_)) => {
                return syntax("an end tag without a start", start);
            }
            Fault::IllFormed(IllFormedError::MissingDoctypeName) => {
                return Error::new(Class::Forbidden, "a document type").at(start);
            }
            Fault::Syntax(SyntaxError::UnclosedDoctype) if begins("<!DOCTYPE") => {
                return Error::new(Class::Forbidden, "a document type").at(start);
            }
            Fault::Syntax(SyntaxError::UnclosedDoctype) => false,
            Fault::Syntax(SyntaxError::InvalidBangMarkup) => remainder == "<!",
            Fault::Syntax(SyntaxError::UnclosedComment) => begins("<!--"),
            Fault::Syntax(SyntaxError::UnclosedCData) => begins("<![CDATA["),
            Fault::Syntax(SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl) => !remainder.starts_with("<?>"),
            Fault::Syntax(_) => return self.refuse_tag(start),
            _ => false,
        };
        if is_cut { truncated(start) } else { syntax("unknown markup", start) }
    }

    /// Finds the problem of an unclosed tag. The limits and name rules are the same as for other tags.
    fn refuse_tag(&self, start: usize) -> Error {
        let tag = self.rest(start).strip_prefix('<').unwrap_or_default();
        if tag.is_empty() || tag.starts_with('/') {
            return truncated(start);
        }
        let name = tag.find([' ', '\t', '\r', '\n', '/', '>']).map_or(tag, |length| &tag[..length]);
        let validity =
            self.check_lengths(name.len(), tag.len() - name.len(), start).and_then(|()| check_name(name, start));
        validity.err().unwrap_or_else(|| truncated(start))
    }
}

#[cold]
fn truncated(offset: usize) -> Error {
    Error::new(Class::Truncated, "").at(offset)
}

#[cold]
fn syntax(what: &'static str, offset: usize) -> Error {
    Error::new(Class::Syntax, what).at(offset)
}

fn check_name(name: &str, offset: usize) -> Result<(), Error> {
    let mut bytes = name.bytes();
    if bytes.next().is_some_and(starts_name) && bytes.all(|byte| IN_NAME[usize::from(byte)]) {
        return Ok(());
    }
    Err(syntax("a name that XML does not allow", offset))
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':' | 0x80..)
}

/// Bytes allowed in names. All non-ASCII bytes are, and so is the `?` of `subfolders_locked?`.
const IN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let byte = at as u8;
        table[at] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-' | b'.' | b'?' | 0x80..);
        at += 1;
    }
    table
};

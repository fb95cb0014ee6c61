//! Encoding detection, and the check that the document is XML.

use super::error::{Class, Error};

/// Number of bytes that are searched for an encoding declaration.
const DECLARATION: usize = 512;
/// Encoding names that are compatible with UTF-8.
const UTF8: [&[u8]; 3] = [b"utf-8", b"utf8", b"us-ascii"];

/// Returns the document as text, without its byte order mark.
///
/// HTML pages are detected here too. Most are not well-formed, and their syntax error would be misleading.
pub(super) fn text(document: &[u8]) -> Result<&str, Error> {
    if document.starts_with(&[0xfe, 0xff]) || document.starts_with(&[0xff, 0xfe]) {
        return Err(Error::new(Class::Encoding, "UTF-16"));
    }
    if document.starts_with(&[0, b'<']) || document.starts_with(&[b'<', 0]) {
        return Err(Error::new(Class::Encoding, "UTF-16"));
    }
    let mut bytes = document;
    // Removes all of them: quick-xml removes another one without counting it.
    while let Some(rest) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        bytes = rest;
    }
    if let Some(name) = declared(bytes)
        && !UTF8.iter().any(|alias| name.eq_ignore_ascii_case(alias))
    {
        return Err(Error::new(Class::Encoding, shown(name)));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| Error::new(Class::Encoding, "not UTF-8").at(error.valid_up_to()).located(bytes))?;
    if is_html(text) {
        return Err(Error::new(Class::Html, ""));
    }
    Ok(text)
}

/// Returns the encoding that the declaration names.
fn declared(bytes: &[u8]) -> Option<&[u8]> {
    let start = bytes.trim_ascii_start().strip_prefix(b"<?xml")?;
    let start = &start[..start.len().min(DECLARATION)];
    let declaration = &start[..find(start, b"?>")?];
    let after = &declaration[find(declaration, b"encoding")? + b"encoding".len()..];
    let after = after.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = *after.first().filter(|&&quote| quote == b'"' || quote == b'\'')?;
    after[1..].split(|&byte| byte == quote).next()
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

/// Returns the encoding name, if it is one.
fn shown(name: &[u8]) -> String {
    let plain = name.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':'));
    if plain && name.len() <= 40 { String::from_utf8_lossy(name).into_owned() } else { "an unknown one".to_owned() }
}

fn is_html(text: &str) -> bool {
    let start = text.trim_ascii_start().as_bytes();
    let starts_with = |word: &[u8]| {
        start.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word))
            && start.get(word.len()).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
    };
    starts_with(b"<!doctype html") || starts_with(b"<html")
}

//! The file name of a `Content-Disposition` header.

use std::path::Path;

use mft_common::transfer::local_path;
use percent_encoding::percent_decode_str;

/// Returns the file name without directories. `filename*` takes precedence over `filename`.
pub(super) fn file_name(header: &[u8]) -> Option<String> {
    let header = String::from_utf8_lossy(header);
    let (mut plain, mut extended) = (None, None);
    for (name, value) in parameters(&header) {
        if name.eq_ignore_ascii_case("filename*") {
            extended = extended.or_else(|| decode(&value));
        } else if name.eq_ignore_ascii_case("filename") {
            plain = plain.or(Some(value));
        }
    }
    extended.as_deref().and_then(last_segment).or_else(|| last_segment(plain.as_deref()?))
}

/// Returns the parameters after the disposition type. A semicolon inside quotation marks is part of the value.
fn parameters(header: &str) -> Vec<(&str, String)> {
    let mut parameters = Vec::new();
    let mut remaining = header.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = remaining.split_once('=') {
        // Skips parameters without a value.
        let name = name.rsplit(';').next().unwrap_or_default().trim();
        let after = after.trim_start();
        let (value, end) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)
        } else {
            let end = after.find(';').unwrap_or(after.len());
            (after[..end].trim().to_owned(), &after[end..])
        };
        parameters.push((name, value));
        remaining = end.split_once(';').map_or("", |(_, rest)| rest);
    }
    parameters
}

/// Returns the unescaped text up to the closing quotation mark, and the text after it.
fn unquote(text: &str) -> (String, &str) {
    let (mut value, mut characters) = (String::new(), text.char_indices());
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return (value, &text[index + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

/// Decodes an extended value such as `UTF-8''%C3%BC.txt`. UTF-8 is the only charset in use.
fn decode(value: &str) -> Option<String> {
    let (charset, value) = value.split_once('\'')?;
    let (_, encoded) = value.split_once('\'')?;
    let is_utf8 = charset.eq_ignore_ascii_case("utf-8");
    percent_decode_str(encoded).decode_utf8().ok().filter(|_| is_utf8).map(std::borrow::Cow::into_owned)
}

/// Returns the last path segment if it is a safe file name, so that a server cannot choose another directory.
fn last_segment(name: &str) -> Option<String> {
    let segment = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let segment: String = segment.chars().filter(|character| !character.is_control()).collect();
    safe(segment.trim()).map(str::to_owned)
}

/// Returns the name if it is a safe file name on all common operating systems.
pub(super) fn safe(name: &str) -> Option<&str> {
    local_path(Path::new(""), name).is_ok().then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_the_name_in_every_form_and_keeps_it_in_the_directory() {
        for (header, expected) in [
            (r#"attachment; filename="ftpgrid_download.zip""#, Some("ftpgrid_download.zip")),
            (r#"inline; filename="a b.txt""#, Some("a b.txt")),
            ("inline; filename=a.txt", Some("a.txt")),
            ("inline;filename = a.txt ; x=y", Some("a.txt")),
            (r#"inline; FileName="a;b=c\"d.txt"; size=3"#, Some("a;b=c\"d.txt")),
            (r#"inline; x; filename="ü.txt""#, Some("ü.txt")),
            ("inline; filename=\"old\"; filename*=UTF-8''%C3%BC%20b.txt", Some("ü b.txt")),
            ("inline; filename*=utf-8'de'a%2Fb.txt; filename=c", Some("b.txt")),
            ("inline; filename*=latin1''%FC.txt; filename=c", Some("c")),
            ("inline; filename*=UTF-8''%FF; filename=c", Some("c")),
            (r#"attachment; filename="../../etc/passwd""#, Some("passwd")),
            (r#"attachment; filename="C:\\x\\y.txt""#, Some("y.txt")),
            ("attachment; filename=\"a\tb\"", Some("ab")),
            (r#"attachment; filename="..""#, None),
            (r#"attachment; filename="a/""#, None),
            (r#"attachment; filename="""#, None),
            (r#"attachment; filename=" . ""#, None),
            (r#"attachment; filename="CON""#, None),
            (r#"attachment; filename="nul.txt""#, None),
            (r#"attachment; filename="a:b""#, None),
            (r#"attachment; filename="C:a.txt""#, None),
            (r#"attachment; filename="a.""#, None),
            ("attachment; filename*=UTF-8''a%E2%80%AEfdp.exe", None),
            ("attachment; filename=b; filename*=UTF-8''CON", Some("b")),
            (r#"attachment; filename="unclosed"#, Some("unclosed")),
            ("attachment", None),
            ("filename=a.txt", None),
            ("", None),
        ] {
            assert_eq!(file_name(header.as_bytes()).as_deref(), expected, "{header}");
        }
        assert_eq!(file_name(b"inline; filename=\"\xfc.txt\"").as_deref(), Some("\u{fffd}.txt"));
    }

    proptest! {
        #[test]
        fn any_header_gives_a_name_without_directories_or_none(header in proptest::collection::vec(any::<u8>(), 0..64)) {
            let complete = [b"inline; filename".as_slice(), &header].concat();
            for header in [header, complete] {
                if let Some(name) = file_name(&header) {
                    prop_assert!(!name.is_empty() && !name.contains(['/', '\\']));
                }
            }
        }
    }
}

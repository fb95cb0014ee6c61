//! The file's name in a `Content-Disposition`.

use std::path::Path;

use mft_common::transfer::local_path;
use percent_encoding::percent_decode_str;

/// The name, without any directory in it. `filename*` says more than `filename` where both are there.
pub(super) fn file_name(header: &[u8]) -> Option<String> {
    let header = String::from_utf8_lossy(header);
    let (mut plain, mut extended) = (None, None);
    for (name, value) in parameters(&header) {
        if name.eq_ignore_ascii_case("filename*") {
            extended = extended.or_else(|| decoded(&value));
        } else if name.eq_ignore_ascii_case("filename") {
            plain = plain.or(Some(value));
        }
    }
    extended.as_deref().and_then(last_segment).or_else(|| last_segment(plain.as_deref()?))
}

/// The parameters behind the kind of disposition. A semicolon inside quotation marks ends nothing.
fn parameters(header: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut rest = header.split_once(';').map_or("", |(_, rest)| rest);
    while let Some((name, after)) = rest.split_once('=') {
        // A parameter without a value ends at its semicolon.
        let name = name.rsplit(';').next().unwrap_or_default().trim();
        let after = after.trim_start();
        let (value, end) = if let Some(quoted) = after.strip_prefix('"') {
            unquoted(quoted)
        } else {
            let end = after.find(';').unwrap_or(after.len());
            (after[..end].trim().to_owned(), &after[end..])
        };
        found.push((name, value));
        rest = end.split_once(';').map_or("", |(_, rest)| rest);
    }
    found
}

/// What stands before the closing quotation mark, and what stands behind it.
fn unquoted(text: &str) -> (String, &str) {
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

/// `UTF-8''%C3%BC.txt`, the only encoding that is in use.
fn decoded(value: &str) -> Option<String> {
    let (charset, rest) = value.split_once('\'')?;
    let (_, encoded) = rest.split_once('\'')?;
    let is_utf8 = charset.eq_ignore_ascii_case("utf-8");
    percent_decode_str(encoded).decode_utf8().ok().filter(|_| is_utf8).map(std::borrow::Cow::into_owned)
}

/// A server's name leads nowhere else.
fn last_segment(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let last: String = last.chars().filter(|character| !character.is_control()).collect();
    safe(last.trim()).map(str::to_owned)
}

/// A name that leads nowhere else and shows as what it is, here and on other systems.
pub(super) fn safe(name: &str) -> Option<&str> {
    local_path(Path::new(""), name).is_ok().then_some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_name_is_found_in_every_form_and_leads_nowhere() {
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
        fn no_header_is_too_strange(header in proptest::collection::vec(any::<u8>(), 0..64)) {
            let whole = [b"inline; filename".as_slice(), &header].concat();
            for header in [header, whole] {
                if let Some(name) = file_name(&header) {
                    prop_assert!(!name.is_empty() && !name.contains(['/', '\\']));
                }
            }
        }
    }
}

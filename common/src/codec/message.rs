//! Error messages in response bodies.

use serde_json::Value;

/// Returns the trimmed text, or `None` if it is blank.
#[must_use]
pub fn not_blank(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// Returns the first non-blank string among these keys.
#[must_use]
pub fn first_text<'v>(document: &'v Value, keys: &[&str]) -> Option<&'v str> {
    keys.iter().find_map(|key| not_blank(document.get(*key)?.as_str()?))
}

/// Returns the text of a body, unless it starts with one of these characters. They exclude HTML pages, for example.
#[must_use]
pub fn plain_text<'b>(body: &'b [u8], excluded: &[char]) -> Option<&'b str> {
    not_blank(std::str::from_utf8(body).ok()?).filter(|text| !text.starts_with(excluded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_in_the_order_of_the_keys() {
        let document =
            serde_json::json!({ "error": " ", "message": { "message": "no" }, "title": " t ", "detail": "d" });
        for (keys, expected) in [
            (&["error", "message", "title", "detail"][..], Some("t")),
            (&["detail", "title"], Some("d")),
            (&["error", "message", "none"], None),
            (&[], None),
        ] {
            assert_eq!(first_text(&document, keys), expected, "{keys:?}");
        }
        assert_eq!(first_text(&serde_json::json!(["error"]), &["error"]), None);
        for (body, expected) in [
            (b" no\n".as_slice(), Some("no")),
            (b" <p>no", None),
            (b"{", Some("{")),
            (b" \n", None),
            (b"", None),
            (&[0xff], None),
        ] {
            assert_eq!(plain_text(body, &['<']), expected, "{body:?}");
        }
    }
}

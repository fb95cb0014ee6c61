//! The words in a reply of failure, wherever a service puts them.

use serde_json::Value;

/// The text without the blanks around it, unless nothing is left.
#[must_use]
pub fn not_blank(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// The words under the first of these keys that has any.
#[must_use]
pub fn first_text<'v>(said: &'v Value, keys: &[&str]) -> Option<&'v str> {
    keys.iter().find_map(|key| not_blank(said.get(*key)?.as_str()?))
}

/// The words of a body that is text and begins with none of these: a page of HTML would fill a log and say little.
#[must_use]
pub fn plain_text<'b>(body: &'b [u8], beginnings: &[char]) -> Option<&'b str> {
    not_blank(std::str::from_utf8(body).ok()?).filter(|text| !text.starts_with(beginnings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_the_order_of_the_keys_and_never_made_up() {
        let said = serde_json::json!({ "error": " ", "message": { "message": "no" }, "title": " t ", "detail": "d" });
        for (keys, expected) in [
            (&["error", "message", "title", "detail"][..], Some("t")),
            (&["detail", "title"], Some("d")),
            (&["error", "message", "none"], None),
            (&[], None),
        ] {
            assert_eq!(first_text(&said, keys), expected, "{keys:?}");
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

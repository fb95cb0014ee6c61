//! Checks of the paths of files and folders, performed before a request is sent.

use crate::{Error, Result};

/// Maximum length of a file or folder path, in characters.
pub(crate) const FILE_LIMIT: usize = 550;

/// Maximum length of the path of a permission, notification or behavior, in characters.
pub(crate) const SETTING_LIMIT: usize = 5_000;

/// Checks a path and removes one leading slash. Rejects paths that the service would interpret as another path. The
/// result has no slash at either end. The root is empty.
pub(crate) fn check<'p>(name: &str, path: &'p str, limit: usize) -> Result<&'p str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    if path.is_empty() {
        return Ok(path);
    }
    let refuse = |problem: &str| Err(Error::invalid_input(name, problem));
    for segment in path.split('/') {
        match segment {
            "" => return refuse("has an empty segment: a slash at its end, or two in a row"),
            "." | ".." => return refuse("has a segment `.` or `..`, which a server would resolve to another path"),
            _ if segment.chars().any(char::is_control) => return refuse("has a control character"),
            _ => {}
        }
    }
    // No string has more characters than bytes.
    if path.len() > limit {
        let length = path.chars().count();
        if length > limit {
            return Err(Error::invalid_input(name, format_args!("has {length} characters; the limit is {limit}")));
        }
    }
    Ok(path)
}

/// Checks a path that must not be the root.
pub(crate) fn check_below_root<'p>(name: &str, path: &'p str, limit: usize) -> Result<&'p str> {
    match check(name, path, limit)? {
        "" => Err(Error::invalid_input(name, "is the root of the site, which this call does not accept")),
        path => Ok(path),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_leading_slash_is_removed() {
        for (path, expected) in [
            ("", ""),
            ("/", ""),
            ("a", "a"),
            ("/Staff/a b.txt", "Staff/a b.txt"),
            ("a/...", "a/..."),
            (" a / b ", " a / b "),
            ("100%25/%2e%2e/a+b;c.json", "100%25/%2e%2e/a+b;c.json"),
        ] {
            assert_eq!(check("path", path, FILE_LIMIT).unwrap(), expected, "{path:?}");
        }
    }

    #[test]
    fn ambiguous_paths_are_rejected() {
        for path in
            ["//", "//a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "a\nb", "a/\0", "a\u{85}", "tab\t", "/a/"]
        {
            let error = check("source", path, FILE_LIMIT).unwrap_err();
            assert!(
                error.is_invalid_input() && error.message().unwrap().starts_with("source has "),
                "{path:?}: {error}"
            );
        }
        for path in ["", "/"] {
            assert!(check_below_root("path", path, FILE_LIMIT).unwrap_err().to_string().contains("is the root"));
        }
    }

    #[test]
    fn the_limit_counts_characters() {
        let longest = "é".repeat(550);
        assert_eq!(check("path", &format!("/{longest}"), FILE_LIMIT).unwrap(), longest);
        let error = check("path", &format!("{longest}x"), FILE_LIMIT).unwrap_err();
        assert!(error.to_string().contains("has 551 characters; the limit is 550"), "{error}");
    }

    proptest! {
        #[test]
        fn accepted_paths_are_unchanged(path in "\\PC{0,40}") {
            if let Ok(checked) = check("path", &path, FILE_LIMIT) {
                prop_assert_eq!(checked, path.strip_prefix('/').unwrap_or(&path));
                prop_assert!(!checked.starts_with('/') && !checked.ends_with('/'));
            }
        }
    }
}

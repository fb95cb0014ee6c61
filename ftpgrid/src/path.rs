//! Normalizes and validates storage paths before a request is sent.

use crate::{Error, Result};

/// Normalizes a path: absolute, with single slashes and without `.` segments. A trailing slash is kept.
///
/// Rejects paths that the service, or a proxy before it, could resolve to another path.
pub(crate) fn normalized(field: &str, path: &str) -> Result<String> {
    let reject = |problem: &str| Err(Error::invalid_input(field, problem));
    if path.is_empty() {
        return reject("is empty; the root is `/`");
    }
    let mut normalized = String::with_capacity(path.len() + 1);
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => return reject("has a `..` segment"),
            _ if segment.contains('\\') => return reject("has a backslash; the separator is `/`"),
            _ if segment.chars().any(char::is_control) => return reject("has a control character"),
            _ => {
                normalized.push('/');
                normalized.push_str(segment);
            }
        }
    }
    if normalized.is_empty() || path.ends_with('/') {
        normalized.push('/');
    }
    Ok(normalized)
}

/// Normalizes a path that must not be the root, and removes a trailing slash.
///
/// The service sanitizes paths itself. It could resolve a path of only blanks and dots to the root, so such a path is
/// rejected too.
pub(crate) fn below_root(field: &str, path: &str) -> Result<String> {
    let mut path = normalized(field, path)?;
    if path == "/" {
        return Err(Error::invalid_input(field, "is the storage root, which this call does not accept"));
    }
    if path.split('/').all(|segment| matches!(segment.trim(), "" | "." | "..")) {
        return Err(Error::invalid_input(
            field,
            "has only blanks and dots, which the service could resolve to the root",
        ));
    }
    path.truncate(path.trim_end_matches('/').len());
    Ok(path)
}

/// Normalizes the path of a file. A file has a name, so the path must not end in a slash or a `.` segment.
pub(crate) fn of_file(field: &str, path: &str) -> Result<String> {
    let normalized = normalized(field, path)?;
    if normalized.ends_with('/') {
        return Err(Error::invalid_input(field, "ends in a slash; a file path ends in the file's name"));
    }
    if path.ends_with("/.") {
        return Err(Error::invalid_input(field, "ends in a `.` segment, which is a directory"));
    }
    Ok(normalized)
}

/// Splits a normalized path into its directory, with a trailing slash, and its name.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rfind('/').map_or(("/", path), |slash| path.split_at(slash + 1))
}

/// Validates a name: a single path segment.
pub(crate) fn check_name(field: &str, name: &str) -> Result<()> {
    let problem = if name.is_empty() {
        "is empty"
    } else if name.contains(['/', '\\']) {
        "has a slash or a backslash; expected a name, not a path"
    } else if name == "." || name == ".." {
        "is `.` or `..`"
    } else if name.chars().any(char::is_control) {
        "has a control character"
    } else {
        return Ok(());
    };
    Err(Error::invalid_input(field, problem))
}

/// Separates a validated value, or a default, from its error, which goes to the call's `check`.
pub(crate) fn value_and_check<T: Default>(result: Result<T>) -> (T, Result<()>) {
    match result {
        Ok(value) => (value, Ok(())),
        Err(error) => (T::default(), Err(error)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn normalizes_paths() {
        for (path, expected) in [
            ("/", "/"),
            ("//", "/"),
            (".", "/"),
            ("./", "/"),
            ("a", "/a"),
            ("/a", "/a"),
            ("a/", "/a/"),
            ("//a///b", "/a/b"),
            ("/a/./b/.", "/a/b"),
            ("/inbox/a b.txt", "/inbox/a b.txt"),
            (" a / b ", "/ a / b "),
            ("/a/.../b", "/a/.../b"),
            ("/Übersicht/100%25?#&+;.json", "/Übersicht/100%25?#&+;.json"),
        ] {
            assert_eq!(normalized("path", path).unwrap(), expected, "{path:?}");
        }
    }

    #[test]
    fn rejects_paths_that_resolve_to_another_path() {
        for path in ["", "..", "../a", "/a/..", "/a/../b", "a\\b", "\\\\srv\\x", "a\0", "/a\n", "a/\r\n/b", "\u{85}"] {
            for check in [normalized, below_root, of_file] {
                let error = check("source", path).unwrap_err();
                assert!(
                    error.is_invalid_input() && error.message().unwrap().starts_with("source "),
                    "{path:?}: {error}"
                );
            }
        }
        for path in ["/", "//", "./"] {
            assert!(below_root("path", path).unwrap_err().to_string().contains("is the storage root"));
            assert!(of_file("path", path).is_err());
        }
        for blank in [" ", "/ ", "/ / /", "\u{a0}/", "./ ", " . ", "/.. /"] {
            assert!(
                below_root("path", blank).unwrap_err().to_string().contains("could resolve to the root"),
                "{blank:?}"
            );
        }
        assert_eq!(below_root("path", "/ /a").unwrap(), "/ /a");
        assert_eq!(below_root("path", "a/b/").unwrap(), "/a/b");
        assert!(of_file("path", "/a/").unwrap_err().to_string().contains("ends in a slash"));
        for directory in ["/inbox/.", "inbox/.", "/inbox//.", "/inbox/./.", "/.", "."] {
            assert!(of_file("path", directory).is_err(), "{directory}");
        }
        for (file, expected) in [("/inbox/./a", "/inbox/a"), ("/inbox/a.", "/inbox/a."), ("./...", "/...")] {
            assert_eq!(of_file("path", file).unwrap(), expected);
        }
        for name in ["", ".", "..", "a/b", "/a", "a\\b", "a\0", "\n"] {
            assert!(check_name("name", name).is_err(), "{name:?}");
        }
        assert!(check_name("name", "a b.txt").is_ok());
    }

    #[test]
    fn splits_a_path_into_directory_and_name() {
        assert_eq!(split("/a"), ("/", "a"));
        assert_eq!(split("/a/b c/d"), ("/a/b c/", "d"));
    }

    proptest! {
        #[test]
        fn normalization_is_idempotent(path in "[a./\\\\é \\n]{0,12}") {
            if let Ok(normalized_path) = normalized("path", &path) {
                prop_assert!(normalized_path.starts_with('/'));
                prop_assert!(!normalized_path.contains("//") && !normalized_path.contains("/../"));
                prop_assert_eq!(normalized("path", &normalized_path).unwrap(), normalized_path);
            }
        }
    }
}

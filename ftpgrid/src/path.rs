//! Paths in the storage, brought into one form and checked in one place before anything is sent.

use crate::{Error, Result};

/// The one form of a path: from the root, with single slashes and no segment `.`. The slash at its end stays where it
/// was given. What the service, or a server before it, could read as another path is refused.
pub(crate) fn normalized(field: &str, path: &str) -> Result<String> {
    let refuse = |problem: &str| Err(Error::invalid_input(field, problem));
    if path.is_empty() {
        return refuse("is empty; the root is `/`");
    }
    let mut one = String::with_capacity(path.len() + 1);
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => return refuse("has a segment `..`, which would leave the directory before it"),
            _ if segment.contains('\\') => return refuse("has a backslash; the separator is `/`"),
            _ if segment.chars().any(char::is_control) => return refuse("has a control character"),
            _ => {
                one.push('/');
                one.push_str(segment);
            }
        }
    }
    if one.is_empty() || path.ends_with('/') {
        one.push('/');
    }
    Ok(one)
}

/// The same for what cannot be the root; without a slash at the end. The service brings paths into a form of its own,
/// and one of nothing but blanks and dots could become the root there.
pub(crate) fn below_root(field: &str, path: &str) -> Result<String> {
    let mut path = normalized(field, path)?;
    if path == "/" {
        return Err(Error::invalid_input(field, "is the root of the storage, which this call does not take"));
    }
    if path.split('/').all(|segment| matches!(segment.trim(), "" | "." | "..")) {
        return Err(Error::invalid_input(
            field,
            "has nothing but blanks and dots, which the service could take for the root",
        ));
    }
    path.truncate(path.trim_end_matches('/').len());
    Ok(path)
}

/// The path of a file: it has a name, and so neither a slash nor a segment `.` at its end.
pub(crate) fn of_file(field: &str, path: &str) -> Result<String> {
    let one = normalized(field, path)?;
    if one.ends_with('/') {
        return Err(Error::invalid_input(field, "ends in a slash; a file has a name behind its directory"));
    }
    if path.ends_with("/.") {
        return Err(Error::invalid_input(field, "ends in a segment `.`, which means a directory"));
    }
    Ok(one)
}

/// A path in one form as directory, with its slash at the end, and name.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rfind('/').map_or(("/", path), |slash| path.split_at(slash + 1))
}

/// One segment, to be put behind a directory.
pub(crate) fn check_name(field: &str, name: &str) -> Result<()> {
    let problem = if name.is_empty() {
        "is empty"
    } else if name.contains(['/', '\\']) {
        "has a slash or a backslash; it is a name and no path"
    } else if name == "." || name == ".." {
        "is `.` or `..`, which would mean another place"
    } else if name.chars().any(char::is_control) {
        "has a control character"
    } else {
        return Ok(());
    };
    Err(Error::invalid_input(field, problem))
}

/// A path to begin a call with, and what is wrong with it for the call's `check`.
pub(crate) fn unless_refused<T: Default>(checked: Result<T>) -> (T, Result<()>) {
    match checked {
        Ok(value) => (value, Ok(())),
        Err(error) => (T::default(), Err(error)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_have_one_form() {
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
    fn what_would_be_read_as_another_path_is_refused() {
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
            assert!(below_root("path", path).unwrap_err().to_string().contains("is the root"));
            assert!(of_file("path", path).is_err());
        }
        for blank in [" ", "/ ", "/ / /", "\u{a0}/", "./ ", " . ", "/.. /"] {
            assert!(
                below_root("path", blank).unwrap_err().to_string().contains("could take for the root"),
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
    fn a_path_is_a_directory_and_a_name() {
        assert_eq!(split("/a"), ("/", "a"));
        assert_eq!(split("/a/b c/d"), ("/a/b c/", "d"));
    }

    proptest! {
        #[test]
        fn the_one_form_stays_as_it_is(path in "[a./\\\\é \\n]{0,12}") {
            if let Ok(one) = normalized("path", &path) {
                prop_assert!(one.starts_with('/') && !one.contains("//") && !one.contains("/../"));
                prop_assert_eq!(normalized("path", &one).unwrap(), one);
            }
        }
    }
}

//! Paths in a bucket, and the directories of permissions and notifications.

use std::collections::BTreeMap;

/// Returns whether this is the absolute path of a file.
pub(crate) fn is_file_path(path: &str) -> bool {
    path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(|segment| !matches!(segment, "" | "." | "..")))
}

/// Returns whether a directory contains a file, at any depth. `*` matches any one segment.
pub(crate) fn holds(directory: &str, path: &str) -> bool {
    let mut segments = segments(path);
    let same = self::segments(directory)
        .all(|expected| segments.next().is_some_and(|segment| expected == "*" || expected == segment));
    same && segments.next().is_some()
}

/// Returns whether these permissions allow to write a file. The deepest matching directory decides.
pub(crate) fn may_write(permissions: &BTreeMap<String, String>, path: &str) -> bool {
    let matches = permissions.iter().filter(|(directory, _)| holds(directory, path));
    let deepest = matches.max_by_key(|(directory, _)| segments(directory).count());
    permissions.is_empty() || deepest.is_some_and(|(_, word)| word != "read")
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{holds, is_file_path, may_write};

    #[test]
    fn directories_hold_what_is_inside_and_deeper() {
        for (directory, path, expected) in [
            ("/", "/a.csv", true),
            ("/in", "/in/a.csv", true),
            ("/in/", "/in/b/a.csv", true),
            ("/in", "/in", false),
            ("/in", "/inbox/a.csv", false),
            ("/dir1/*/dir2", "/dir1/x/dir2/a.csv", true),
            ("/dir1/*/dir2", "/dir1/dir2/a.csv", false),
            ("/dir1/*", "/dir1/a.csv", false),
        ] {
            assert_eq!(holds(directory, path), expected, "{directory} {path}");
        }
        for (path, expected) in [
            ("/a", true),
            ("/a/b.csv", true),
            ("a", false),
            ("/", false),
            ("/a/", false),
            ("/a/../b", false),
            ("//a", false),
        ] {
            assert_eq!(is_file_path(path), expected, "{path}");
        }
    }

    #[test]
    fn the_deepest_directory_decides() {
        let permissions = [("/", "read"), ("/in", "write"), ("/in/*/done", "read")].map(|(a, b)| (a.into(), b.into()));
        for (path, expected) in
            [("/a.csv", false), ("/in/a.csv", true), ("/in/x/a.csv", true), ("/in/x/done/a.csv", false)]
        {
            assert_eq!(may_write(&permissions.clone().into(), path), expected, "{path}");
        }
        assert!(may_write(&[].into(), "/a.csv"));
        assert!(!may_write(&[("/in".into(), "write".into())].into(), "/a.csv"));
    }
}

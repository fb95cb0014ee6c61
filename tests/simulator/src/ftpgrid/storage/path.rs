//! Paths of the storage: absolute, separated by `/`, without a trailing slash.

use crate::ftpgrid::input::{ApiError, ApiResult};

pub(crate) const ROOT: &str = "/";

/// Normalizes a path. A path without a leading slash starts at the root. `..`, NUL and backslashes are rejected.
pub(crate) fn normalize(path: &str) -> ApiResult<String> {
    if path.is_empty() {
        return Err(ApiError::bad_request("A path must not be empty"));
    }
    if path.contains(['\0', '\\']) {
        return Err(ApiError::bad_request("A path must not hold a NUL or a backslash"));
    }
    let mut clean = String::with_capacity(path.len() + 1);
    for name in path.split('/').filter(|name| !matches!(*name, "" | ".")) {
        if name == ".." {
            return Err(ApiError::bad_request("A path must not hold .."));
        }
        clean.push('/');
        clean.push_str(name);
    }
    Ok(if clean.is_empty() { ROOT.to_owned() } else { clean })
}

/// Returns the path of an entry of a directory.
pub(crate) fn join(directory: &str, name: &str) -> String {
    format!("{}/{name}", directory.trim_end_matches('/'))
}

/// Returns the parent directory. The parent of the root is the root.
pub(crate) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(at @ 1..) => &path[..at],
        _ => ROOT,
    }
}

/// Returns the last segment.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Returns the common prefix of all paths below a directory.
pub(crate) fn prefix(directory: &str) -> String {
    join(directory, "")
}

/// Returns the new path after `from` was moved to `to`, or `None` if the path is not affected.
pub(crate) fn rebase(path: &str, from: &str, to: &str) -> Option<String> {
    let suffix = path.strip_prefix(from)?;
    (suffix.is_empty() || suffix.starts_with('/')).then(|| format!("{to}{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::{join, name, normalize, parent, prefix, rebase};

    #[test]
    fn normalizes_paths() {
        for (path, expected) in [
            ("/", Some("/")),
            ("//", Some("/")),
            (".", Some("/")),
            ("a", Some("/a")),
            ("/a//b/./c/", Some("/a/b/c")),
            ("/a b/é+%2F", Some("/a b/é+%2F")),
            ("/...", Some("/...")),
            ("", None),
            ("/a/../b", None),
            ("..", None),
            ("/a\\b", None),
            ("/a\0b", None),
        ] {
            assert_eq!(normalize(path).ok().as_deref(), expected, "{path:?}");
        }
    }

    #[test]
    fn parts_of_paths() {
        for (path, directory, last, below) in
            [("/", "/", "", "/"), ("/a", "/", "a", "/a/"), ("/a/b c", "/a", "b c", "/a/b c/")]
        {
            assert_eq!((parent(path), name(path), prefix(path).as_str()), (directory, last, below), "{path}");
        }
        assert_eq!((join("/", "a"), join("/a", "b")), ("/a".into(), "/a/b".into()));
        assert_eq!(rebase("/a/b", "/a", "/x/y").as_deref(), Some("/x/y/b"));
        assert_eq!(rebase("/ab", "/a", "/x"), None);
    }
}

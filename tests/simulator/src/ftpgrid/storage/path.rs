//! Paths of the storage: absolute, `/` between their names, none at their end.

use crate::ftpgrid::refusal::{Answer, Refusal};

pub(crate) const ROOT: &str = "/";

/// The one way to write a path. What has no slash in front starts at the root; what could lead elsewhere is refused.
pub(crate) fn normalize(path: &str) -> Answer<String> {
    if path.is_empty() {
        return Err(Refusal::invalid("A path must not be empty"));
    }
    if path.contains(['\0', '\\']) {
        return Err(Refusal::invalid("A path must not hold a NUL or a backslash"));
    }
    let mut clean = String::with_capacity(path.len() + 1);
    for name in path.split('/').filter(|name| !matches!(*name, "" | ".")) {
        if name == ".." {
            return Err(Refusal::invalid("A path must not hold .."));
        }
        clean.push('/');
        clean.push_str(name);
    }
    Ok(if clean.is_empty() { ROOT.to_owned() } else { clean })
}

/// The path of something in a directory.
pub(crate) fn join(directory: &str, name: &str) -> String {
    format!("{}/{name}", directory.trim_end_matches('/'))
}

/// The directory that something is in; the root is in itself.
pub(crate) fn parent(path: &str) -> &str {
    match path.rfind('/') {
        Some(at @ 1..) => &path[..at],
        _ => ROOT,
    }
}

/// The last name.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// What the paths of all that is below a directory begin with.
pub(crate) fn prefix(directory: &str) -> String {
    join(directory, "")
}

/// The path of what was at `path`, after `from` became `to`; `None` if that is not about it.
pub(crate) fn moved(path: &str, from: &str, to: &str) -> Option<String> {
    let rest = path.strip_prefix(from)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::{join, moved, name, normalize, parent, prefix};

    #[test]
    fn one_way_to_write_each_path() {
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
        assert_eq!(moved("/a/b", "/a", "/x/y").as_deref(), Some("/x/y/b"));
        assert_eq!(moved("/ab", "/a", "/x"), None);
    }
}

//! Safe local paths for names that a server returns. No path leads out of its root folder.

use std::path::{Component, Path, PathBuf};

use crate::transfer::local::file::io_error;
use crate::{Error, Result};

/// The maximum length of a name on every common file system, in bytes.
const MAX_NAME: usize = 255;

/// Returns the local path of a file below `root`.
///
/// # Errors
///
/// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if a segment is unsafe on this or another
/// system: `..`, an absolute path, a drive, a Windows device name, a backslash, a control character, or a character that
/// changes the text direction.
pub fn local_path(root: &Path, relative: &str) -> Result<PathBuf> {
    let mut path = root.to_owned();
    for name in relative.split('/') {
        if let Some(problem) = problem_of(name) {
            return Err(Error::invalid_input("name", format_args!("{name:?} {problem}; no file is written")));
        }
        path.push(name);
    }
    Ok(path)
}

fn problem_of(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("is empty");
    }
    if matches!(name, "." | "..") {
        return Some("refers to another folder");
    }
    if name.contains(['/', '\\', ':', '\0']) {
        return Some("contains a path separator of some system");
    }
    if name.chars().any(|character| character.is_control() || changes_text_direction(character)) {
        return Some("contains a control or text direction character");
    }
    if name.len() > MAX_NAME {
        return Some("is longer than 255 bytes");
    }
    if name.ends_with(['.', ' ']) {
        return Some("ends in a dot or a space, which some systems remove");
    }
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| {
            matches!(rest, "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
        })
    };
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || is_numbered("COM")
        || is_numbered("LPT")
    {
        return Some("is a Windows device name");
    }
    // The name must also be a single plain component on this system.
    let mut components = Path::new(name).components();
    let plain = matches!(components.next(), Some(Component::Normal(_))) && components.next().is_none();
    (!plain).then_some("is not a plain file name")
}

const fn changes_text_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Creates `folder` and its parents below `root`. Fails if one of them is a symbolic link. Blocks.
pub(crate) fn create_folders(root: &Path, folder: &Path) -> Result<()> {
    let below = folder.strip_prefix(root).unwrap_or(Path::new(""));
    let mut path = root.to_owned();
    for component in below.components() {
        path.push(component);
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(metadata) => {
                let kind = if metadata.is_symlink() { "a symbolic link" } else { "a file" };
                let problem = format_args!("{} is {kind}, not a folder", path.display());
                return Err(Error::invalid_input("target", problem));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => match std::fs::create_dir(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(io_error("create", &path, error));
                }
                _ => {}
            },
            Err(error) => return Err(io_error("read the metadata of", &path, error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rejects_unsafe_names() {
        let root = Path::new("/srv/in");
        let long = "x".repeat(5_000);
        for name in [
            "../x",
            "/etc/x",
            "a/../../x",
            "C:\\x",
            "\\\\srv\\x",
            "a\0b",
            "CON",
            "con.txt",
            "LPT1",
            "COM0.log",
            ".",
            "",
            "a/",
            "a//b",
            &long,
            "\u{202e}gpj.exe",
            "a:b",
            "dot.",
            "space ",
            "a/..",
            "tab\t",
            "nul",
            "aux .c",
        ] {
            let error = local_path(root, name).unwrap_err();
            assert!(error.is_invalid_input(), "{name:?}");
        }
        for name in ["a", "a b/c.txt", "...x", "é/ü", "CONSOLE", "com10", "-rf", "~"] {
            assert_eq!(local_path(root, name).unwrap(), root.join(name), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn no_name_escapes_the_root(name in "[/.\\\\:a-c\\PC]{0,24}") {
            let root = Path::new("/srv/in");
            if let Ok(path) = local_path(root, &name) {
                prop_assert!(path.starts_with(root));
                prop_assert!(path.components().all(|part| !matches!(part, Component::ParentDir)));
                prop_assert!(path.components().count() > root.components().count());
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn does_not_follow_a_symbolic_link() {
        let root = std::env::temp_dir().join(format!("mft-links-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        std::os::unix::fs::symlink("/", root.join("out")).unwrap();
        let error = create_folders(&root, &root.join("out/etc")).unwrap_err();
        let created = create_folders(&root, &root.join("a/b"));
        let exists = root.join("a/b").is_dir();
        std::fs::remove_dir_all(&root).unwrap();
        assert!(error.to_string().contains("symbolic link"), "{error}");
        assert!(created.is_ok() && exists);
    }
}

//! From names that a server gives to places on this machine, none of which is outside of the folder that was meant.

use std::path::{Component, Path, PathBuf};

use super::file::failed;
use crate::{Error, Result};

/// Bytes that a name may have on every common file system.
const MAX_NAME: usize = 255;

/// The place of a file below `root`.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a name that is no name here, or that would lead
/// somewhere else here or on another system: `..`, an absolute path, a drive, a device of Windows, a backslash, a control
/// character or one that turns the direction of text around.
pub fn local_path(root: &Path, relative: &str) -> Result<PathBuf> {
    let mut path = root.to_owned();
    for name in relative.split('/') {
        if let Some(problem) = problem_with(name) {
            return Err(Error::invalid_input(
                "name",
                format_args!("{name:?} {problem}, and nothing is written under it"),
            ));
        }
        path.push(name);
    }
    Ok(path)
}

fn problem_with(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("is empty");
    }
    if matches!(name, "." | "..") {
        return Some("leads to another folder");
    }
    if name.contains(['/', '\\', ':', '\0']) {
        return Some("has a character that separates names on some systems");
    }
    if name.chars().any(|character| character.is_control() || turns_text(character)) {
        return Some("has a character that shows as something else");
    }
    if name.len() > MAX_NAME {
        return Some("is longer than 255 bytes");
    }
    if name.ends_with(['.', ' ']) {
        return Some("ends in a dot or a space, which some systems drop");
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
        return Some("is a device on Windows");
    }
    // What is left is one plain component here too.
    let mut components = Path::new(name).components();
    let plain = matches!(components.next(), Some(Component::Normal(_))) && components.next().is_none();
    (!plain).then_some("is not a plain name")
}

const fn turns_text(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Creates the folders above a place below `root`, none of which may be a symbolic link. Blocks.
pub(super) fn create_folders(root: &Path, folder: &Path) -> Result<()> {
    let below = folder.strip_prefix(root).unwrap_or(Path::new(""));
    let mut path = root.to_owned();
    for component in below.components() {
        path.push(component);
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(metadata) => {
                let what = if metadata.is_symlink() { "a symbolic link" } else { "a file" };
                let problem = format_args!("{} is {what} where a folder is needed", path.display());
                return Err(Error::invalid_input("target", problem));
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => match std::fs::create_dir(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(failed("create", &path, error));
                }
                _ => {}
            },
            Err(error) => return Err(failed("look at", &path, error)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
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
        fn no_name_leads_out_of_the_folder(name in "[/.\\\\:a-c\\PC]{0,24}") {
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
    fn a_link_inside_of_the_folder_leads_nowhere() {
        let root = std::env::temp_dir().join(format!("mft-links-{}", std::process::id()));
        std::fs::create_dir_all(&root).unwrap();
        std::os::unix::fs::symlink("/", root.join("out")).unwrap();
        let refused = create_folders(&root, &root.join("out/etc")).unwrap_err();
        let created = create_folders(&root, &root.join("a/b"));
        let made = root.join("a/b").is_dir();
        std::fs::remove_dir_all(&root).unwrap();
        assert!(refused.to_string().contains("symbolic link"), "{refused}");
        assert!(created.is_ok() && made);
    }
}

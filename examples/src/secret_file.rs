//! Where a secret goes that its owner has to keep.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use sftptogo::Secret;

use crate::Failure;

/// A file that only its owner can read.
///
/// It is opened before the secret is made, because a secret that cannot be kept is of no use. What the file holds stays
/// until there is something better.
#[derive(Debug)]
pub struct SecretFile(File);

impl SecretFile {
    /// Opens or creates the file.
    ///
    /// # Errors
    ///
    /// Where it cannot be written, or not be kept from others.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(Self(file))
    }

    /// Writes the secret, and nothing else.
    ///
    /// # Errors
    ///
    /// Where it cannot be written.
    pub fn write(mut self, secret: &Secret) -> Result<(), Failure> {
        self.0.set_len(0)?;
        Ok(self.0.write_all(secret.expose().as_bytes())?)
    }
}

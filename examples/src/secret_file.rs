//! A file for a secret.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use sftptogo::Secret;

use crate::Failure;

/// A file that only its owner can read.
///
/// Open it before creating the secret, so that a secret that cannot be saved is never created. The old content remains
/// until [`write`](Self::write).
#[derive(Debug)]
pub struct SecretFile(File);

impl SecretFile {
    /// Opens or creates the file.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be opened or its mode cannot be set to 0600.
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

    /// Replaces the content by the secret.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub fn write(mut self, secret: &Secret) -> Result<(), Failure> {
        self.0.set_len(0)?;
        Ok(self.0.write_all(secret.expose().as_bytes())?)
    }
}

//! The file with the resume token of an upload.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use brickftp::transfer::ResumeToken;
use mft_examples::Failure;

/// `LOCAL.upload-token.json`. It contains no secret: resuming also requires the API key and the file.
#[derive(Clone)]
pub(crate) struct TokenFile(PathBuf);

impl TokenFile {
    pub(crate) fn beside(local: &Path) -> Self {
        let mut path = OsString::from(local);
        path.push(".upload-token.json");
        Self(path.into())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Reads the token of an earlier run, if any.
    pub(crate) fn read(&self) -> Result<Option<ResumeToken>, Failure> {
        let text = match fs::read(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{}: {error}", self.0.display()).into()),
        };
        let token = serde_json::from_slice(&text);
        token.map(Some).map_err(|error| {
            let path = self.0.display();
            format!("{path} is not a resume token: {error}\nAdd --restart to start over.").into()
        })
    }

    /// Saves a token atomically.
    pub(crate) fn write(&self, token: &ResumeToken) -> io::Result<()> {
        let mut unfinished = self.0.clone();
        unfinished.set_extension("json.new");
        fs::write(&unfinished, serde_json::to_vec(token)?)?;
        fs::rename(unfinished, &self.0)
    }

    pub(crate) fn remove(&self) {
        // The file may not exist, and the next upload rejects a stale token.
        let _ = fs::remove_file(&self.0);
    }
}

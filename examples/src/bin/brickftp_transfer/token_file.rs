//! The file beside a file being uploaded that says how far the upload is.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use brickftp::transfer::ResumeToken;
use mft_examples::Failure;

/// `LOCAL.upload-token.json`. It holds no secret: who wants to go on needs the API key and the file.
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

    /// What an earlier run has left, if it did.
    pub(crate) fn read(&self) -> Result<Option<ResumeToken>, Failure> {
        let text = match fs::read(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{}: {error}", self.0.display()).into()),
        };
        let token = serde_json::from_slice(&text);
        token.map(Some).map_err(|error| {
            let path = self.0.display();
            format!("{path} is no token of an upload: {error}\nAdd --restart to begin anew.").into()
        })
    }

    /// Keeps a token. What was kept before is there until the new one is complete.
    pub(crate) fn write(&self, token: &ResumeToken) -> io::Result<()> {
        let mut unfinished = self.0.clone();
        unfinished.set_extension("json.new");
        fs::write(&unfinished, serde_json::to_vec(token)?)?;
        fs::rename(unfinished, &self.0)
    }

    pub(crate) fn remove(&self) {
        // It may never have been there; and a token too many is refused by the next upload.
        let _ = fs::remove_file(&self.0);
    }
}

//! Local files, read and written by position so that parts of them can be in flight at once.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::{Error, ErrorKind, Result};

/// A failure of the local file system, with the path that it concerns.
pub(super) fn failed(doing: &str, path: &Path, error: io::Error) -> Error {
    Error::local(ErrorKind::Io, format_args!("cannot {doing} {}: {error}", path.display())).with_source(error)
}

/// Runs work that blocks where it may.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::other("the runtime shut down during a file operation"))
}

/// An open file and what it was when it was opened.
#[derive(Debug)]
pub(super) struct LocalFile {
    file: File,
    path: PathBuf,
    pub(super) size: u64,
    pub(super) modified: Option<SystemTime>,
}

impl LocalFile {
    pub(super) async fn open(path: PathBuf) -> Result<Arc<Self>> {
        blocking(move || {
            let file = File::open(&path).map_err(|error| failed("open", &path, error))?;
            let metadata = file.metadata().map_err(|error| failed("look at", &path, error))?;
            if !metadata.is_file() {
                return Err(Error::invalid_input("source", format_args!("{} is not a file", path.display())));
            }
            let (size, modified) = identity(&metadata);
            Ok(Arc::new(Self { file, path, size, modified }))
        })
        .await?
    }

    /// Fills the buffer from a position. A file that ends too early has changed since it was opened.
    pub(super) fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            match positional::read(&self.file, &mut buffer[filled..], position + filled as u64) {
                Ok(0) => return Err(self.changed()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed("read", &self.path, error)),
            }
        }
        Ok(())
    }

    /// Refuses a file that is no longer what it was when it was opened.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        let metadata = self.file.metadata().map_err(|error| failed("look at", &self.path, error))?;
        if identity(&metadata) == (self.size, self.modified) { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> Error {
        let path = self.path.display();
        Error::local(ErrorKind::Integrity, format_args!("{path} changed while it was being sent"))
    }
}

fn identity(metadata: &Metadata) -> (u64, Option<SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}

/// A file that is being written in pieces, in any order.
#[derive(Debug)]
pub(super) struct PartFile {
    file: File,
    pub(super) path: PathBuf,
}

impl PartFile {
    /// Opens what an earlier try left, or begins anew. A symbolic link in its place is not followed.
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Error::invalid_input("target", format_args!("{} is not a file", path.display())));
        }
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|error| failed("write", &path, error))?;
        Ok(Self { file, path })
    }

    pub(super) fn len(&self) -> Result<u64> {
        self.file.metadata().map(|metadata| metadata.len()).map_err(|error| failed("look at", &self.path, error))
    }

    /// Cuts or stretches the file where it has another length. A file that was cut is flushed when it is closed, which
    /// is not worth it where there is nothing to cut.
    pub(super) fn set_len(&self, size: u64) -> Result<()> {
        if self.len()? == size {
            return Ok(());
        }
        self.file.set_len(size).map_err(|error| failed("resize", &self.path, error))
    }

    pub(super) fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(|error| failed("sync", &self.path, error))
    }

    pub(super) fn write_at(&self, mut bytes: &[u8], mut position: u64) -> Result<()> {
        while !bytes.is_empty() {
            match positional::write(&self.file, bytes, position) {
                Ok(0) => return Err(failed("write", &self.path, io::ErrorKind::WriteZero.into())),
                Ok(written) => {
                    bytes = &bytes[written..];
                    position += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed("write", &self.path, error)),
            }
        }
        Ok(())
    }

    pub(super) fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<()> {
        let mut filled = 0;
        while filled < buffer.len() {
            match positional::read(&self.file, &mut buffer[filled..], position + filled as u64) {
                Ok(0) => return Err(failed("read", &self.path, io::ErrorKind::UnexpectedEof.into())),
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed("read", &self.path, error)),
            }
        }
        Ok(())
    }
}

/// Makes the new name of a file as durable as its content.
pub(super) fn sync_directory(of: &Path) {
    // Not every system lets a directory be opened, and the file itself is safe by now.
    if let Some(directory) = of.parent()
        && let Ok(directory) = File::open(if directory.as_os_str().is_empty() { Path::new(".") } else { directory })
    {
        let _ = directory.sync_all();
    }
}

#[cfg(unix)]
mod positional {
    use std::fs::File;
    use std::io;
    use std::os::unix::fs::FileExt;

    pub(super) fn read(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        file.read_at(buffer, position)
    }

    pub(super) fn write(file: &File, bytes: &[u8], position: u64) -> io::Result<usize> {
        file.write_at(bytes, position)
    }
}

#[cfg(windows)]
mod positional {
    use std::fs::File;
    use std::io;
    use std::os::windows::fs::FileExt;

    pub(super) fn read(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        file.seek_read(buffer, position)
    }

    pub(super) fn write(file: &File, bytes: &[u8], position: u64) -> io::Result<usize> {
        file.seek_write(bytes, position)
    }
}

//! Local files that are read and written by position, so that several parts can be in flight.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::{Error, ErrorKind, Result};

/// Returns the error of a file system operation, with its path.
pub(crate) fn io_error(action: &str, path: &Path, error: io::Error) -> Error {
    Error::local(ErrorKind::Io, format_args!("cannot {action} {}: {error}", path.display())).with_source(error)
}

/// Runs blocking work on a thread for it.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| runtime_shut_down())
}

pub(crate) fn runtime_shut_down() -> Error {
    Error::other("the runtime shut down during a file operation")
}

/// Converts a length that is at most that of a buffer.
pub(crate) fn to_usize(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// A file that is uploaded, with its metadata from the time when it was opened.
#[derive(Debug)]
pub(crate) struct SourceFile {
    file: File,
    path: PathBuf,
    pub(crate) size: u64,
    pub(crate) modified: Option<SystemTime>,
}

impl SourceFile {
    pub(crate) async fn open(path: PathBuf) -> Result<Arc<Self>> {
        blocking(move || {
            let file = File::open(&path).map_err(|error| io_error("open", &path, error))?;
            let metadata = file.metadata().map_err(|error| io_error("read the metadata of", &path, error))?;
            if !metadata.is_file() {
                return Err(Error::invalid_input("source", format_args!("{} is not a file", path.display())));
            }
            let (size, modified) = identity(&metadata);
            Ok(Arc::new(Self { file, path, size, modified }))
        })
        .await?
    }

    /// Fills the buffer from a position. A file that ends early has changed since it was opened. Blocks.
    pub(crate) fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<()> {
        positional::read_exact(&self.file, buffer, position).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.changed(),
            _ => io_error("read", &self.path, error),
        })
    }

    /// Fails if size or modification time have changed since the file was opened. Blocks.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        let metadata = self.file.metadata().map_err(|error| io_error("read the metadata of", &self.path, error))?;
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

/// A file that is written in pieces, in any order. All methods block.
#[derive(Debug)]
pub(crate) struct TargetFile {
    file: File,
    pub(crate) path: PathBuf,
}

impl TargetFile {
    /// Opens or creates a file. Does not follow a symbolic link.
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(Error::invalid_input("target", format_args!("{} is not a file", path.display())));
        }
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path);
        match file {
            Ok(file) => Ok(Self { file, path }),
            Err(error) => Err(io_error("write", &path, error)),
        }
    }

    pub(crate) fn len(&self) -> Result<u64> {
        let metadata = self.file.metadata();
        metadata.map(|metadata| metadata.len()).map_err(|error| io_error("read the metadata of", &self.path, error))
    }

    /// Truncates or extends the file if its length differs. File systems flush a truncated file when it is closed, so
    /// that a truncation that changes nothing is avoided.
    pub(crate) fn set_len(&self, size: u64) -> Result<()> {
        if self.len()? == size {
            return Ok(());
        }
        self.file.set_len(size).map_err(|error| io_error("resize", &self.path, error))
    }

    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(|error| io_error("sync", &self.path, error))
    }

    pub(crate) fn write_at(&self, bytes: &[u8], position: u64) -> Result<()> {
        positional::write_all(&self.file, bytes, position).map_err(|error| io_error("write", &self.path, error))
    }

    pub(crate) fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<()> {
        positional::read_exact(&self.file, buffer, position).map_err(|error| io_error("read", &self.path, error))
    }
}

/// Makes the new name of a file durable. Best effort: not every system can open a directory, and the content is durable
/// already.
pub(crate) fn sync_directory(of: &Path) {
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

    pub(super) fn read_exact(file: &File, buffer: &mut [u8], position: u64) -> io::Result<()> {
        file.read_exact_at(buffer, position)
    }

    pub(super) fn write_all(file: &File, bytes: &[u8], position: u64) -> io::Result<()> {
        file.write_all_at(bytes, position)
    }
}

#[cfg(windows)]
mod positional {
    use std::fs::File;
    use std::io;
    use std::os::windows::fs::FileExt;

    pub(super) fn read_exact(file: &File, mut buffer: &mut [u8], mut position: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match file.seek_read(buffer, position) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => {
                    buffer = &mut buffer[read..];
                    position += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub(super) fn write_all(file: &File, mut bytes: &[u8], mut position: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match file.seek_write(bytes, position) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    bytes = &bytes[written..];
                    position += written as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

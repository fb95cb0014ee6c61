//! The thread that writes the partial file while several tasks fetch its ranges.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::transfer::local::partial_file::PartialFile;
use crate::{Error, Result};

/// The maximum number of waiting writes. More would only use memory; the network waits instead.
const QUEUE: usize = 4;

enum Job {
    Write { position: u64, chunks: Vec<Bytes> },
    CompleteRange { index: u64, crc32: Option<u32> },
}

/// Sends writes to the writing thread, which runs them in order.
///
/// Several threads would not write faster to one file: they contend for its lock.
#[derive(Clone)]
pub(crate) struct FileWriter(mpsc::Sender<Job>);

impl FileWriter {
    /// Starts the thread. It ends once all clones of the writer are dropped, or with the first error.
    pub(crate) fn start(partial: &Arc<PartialFile>) -> (Self, JoinHandle<Result<()>>) {
        let (sender, mut jobs) = mpsc::channel(QUEUE);
        let partial = Arc::clone(partial);
        let thread = tokio::task::spawn_blocking(move || {
            while let Some(job) = jobs.blocking_recv() {
                match job {
                    Job::Write { mut position, chunks } => {
                        for chunk in chunks {
                            partial.file.write_at(&chunk, position)?;
                            position += chunk.len() as u64;
                        }
                    }
                    Job::CompleteRange { index, crc32 } => partial.complete_range(index, crc32)?,
                }
            }
            Ok(())
        });
        (Self(sender), thread)
    }

    pub(crate) async fn write(&self, position: u64, chunks: Vec<Bytes>) -> Result<()> {
        self.send(Job::Write { position, chunks }).await
    }

    /// Records a range as complete after its writes.
    pub(crate) async fn complete_range(&self, index: u64, crc32: Option<u32>) -> Result<()> {
        self.send(Job::CompleteRange { index, crc32 }).await
    }

    async fn send(&self, job: Job) -> Result<()> {
        // The thread returns the cause.
        self.0.send(job).await.map_err(|_| Error::other("cannot write the file"))
    }
}

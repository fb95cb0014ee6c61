//! The one thread that writes a file while many tasks fetch it.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::partial::Partial;
use crate::{Error, Result};

/// What may wait to be written; more makes the network wait.
const WAITING: usize = 4;

/// Something to be done to the file, in the order in which it is sent.
enum Job {
    Write { position: u64, chunks: Vec<Bytes> },
    Done { segment: u64, sum: Option<u32> },
}

/// Writes what it is sent.
///
/// Threads that write to one file at once do not write faster: they spin on its lock.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Job>);

impl Writer {
    pub(super) fn start(partial: &Arc<Partial>) -> (Self, JoinHandle<Result<()>>) {
        let (sender, mut jobs) = mpsc::channel(WAITING);
        let partial = Arc::clone(partial);
        let writing = tokio::task::spawn_blocking(move || {
            while let Some(job) = jobs.blocking_recv() {
                match job {
                    Job::Write { mut position, chunks } => {
                        for chunk in chunks {
                            partial.file.write_at(&chunk, position)?;
                            position += chunk.len() as u64;
                        }
                    }
                    Job::Done { segment, sum } => partial.done(segment, sum)?,
                }
            }
            Ok(())
        });
        (Self(sender), writing)
    }

    pub(super) async fn write(&self, position: u64, chunks: Vec<Bytes>) -> Result<()> {
        self.send(Job::Write { position, chunks }).await
    }

    /// Notes that all of a segment has been sent here.
    pub(super) async fn done(&self, segment: u64, sum: Option<u32>) -> Result<()> {
        self.send(Job::Done { segment, sum }).await
    }

    async fn send(&self, job: Job) -> Result<()> {
        // The thread itself tells why it stopped.
        self.0.send(job).await.map_err(|_| Error::other("the file could not be written"))
    }
}

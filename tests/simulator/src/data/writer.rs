use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use md5::{Digest, Md5};

use super::spill::SpillFile;
use super::{BLOCK, Blob, BlobData, BlobStore, Reservation};

/// Writes a [`Blob`]. Dropping it discards the bytes.
#[derive(Debug)]
pub(crate) struct Writer {
    store: Arc<BlobStore>,
    length: u64,
    checksums: Option<Box<(Md5, crc32fast::Hasher)>>,
    // The block in progress.
    open: BytesMut,
    blocks: Vec<Bytes>,
    reservations: Vec<Reservation>,
    file: Option<(SpillFile, File)>,
}

impl Writer {
    pub(super) fn new(store: Arc<BlobStore>) -> Self {
        let checksums = store.checksums.then(Box::default);
        Self {
            store,
            length: 0,
            checksums,
            open: BytesMut::new(),
            blocks: Vec::new(),
            reservations: Vec::new(),
            file: None,
        }
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) async fn write(&mut self, mut bytes: Bytes) -> io::Result<()> {
        self.length += bytes.len() as u64;
        if let Some(checksums) = &mut self.checksums {
            checksums.0.update(&bytes);
            checksums.1.update(&bytes);
        }
        if !self.store.keeps_content {
            return Ok(());
        }
        while !bytes.is_empty() {
            let room = BLOCK - self.open.len();
            let chunk = bytes.split_to(room.min(bytes.len()));
            self.open.extend_from_slice(&chunk);
            if self.open.len() == BLOCK {
                self.close_block().await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn finish(mut self) -> io::Result<Blob> {
        if !self.open.is_empty() {
            self.close_block().await?;
        }
        let data = match self.file.take() {
            Some((stored, _)) => BlobData::File(stored),
            None if self.store.keeps_content => BlobData::Blocks(self.blocks, self.reservations),
            None => BlobData::Zeros,
        };
        let mut blob = Blob::new(self.length, data);
        if let Some(checksums) = self.checksums {
            blob.md5 = Some(checksums.0.finalize().into());
            blob.crc32 = Some(checksums.1.finalize());
        }
        Ok(blob)
    }

    async fn close_block(&mut self) -> io::Result<()> {
        let block = std::mem::take(&mut self.open).freeze();
        if self.file.is_none()
            && let Some(reservation) = self.store.reserve(block.len() as u64)
        {
            self.blocks.push(block);
            self.reservations.push(reservation);
            return Ok(());
        }
        // The memory limit is reached, so this blob moves to a file with the blocks so far.
        let mut blocks = std::mem::take(&mut self.blocks);
        blocks.push(block);
        let (file, store) = (self.file.take(), Arc::clone(&self.store));
        let file_task = tokio::task::spawn_blocking(move || {
            let (stored, mut file) = match file {
                Some(file) => file,
                None => store.create_file()?,
            };
            for block in blocks {
                file.write_all(&block)?;
            }
            io::Result::Ok((stored, file))
        });
        self.file = Some(file_task.await??);
        self.reservations.clear();
        Ok(())
    }
}

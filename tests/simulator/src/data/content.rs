use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::{BLOCK, Blob, BlobData, pattern};

/// The bytes of an object, or a range of them: a list of blobs. Cloning and slicing do not copy bytes.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    blobs: Arc<[Blob]>,
    start: u64,
    length: u64,
    /// The position of a flipped bit, from the start of the blobs.
    flipped: Option<u64>,
}

impl Content {
    pub(crate) fn new(blobs: impl Into<Arc<[Blob]>>) -> Self {
        let blobs = blobs.into();
        let length = blobs.iter().map(|blob| blob.length).sum();
        Self { blobs, start: 0, length, flipped: None }
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Returns up to `length` bytes from `start`.
    pub(crate) fn slice(&self, start: u64, length: u64) -> Self {
        let start = start.min(self.length);
        Self { start: self.start + start, length: length.min(self.length - start), ..self.clone() }
    }

    /// Flips one bit in the middle.
    pub(crate) fn corrupted(mut self) -> Self {
        self.flipped = Some(self.start + self.length / 2);
        self
    }

    pub(crate) fn reader(&self) -> Reader {
        let mut reader = Reader {
            content: self.clone(),
            at: self.start,
            remaining: self.length,
            blob: 0,
            offset: self.start,
            file: None,
        };
        reader.skip_finished();
        reader
    }

    /// Reads everything into memory. Blocks.
    pub(crate) fn read_all(&self) -> io::Result<Bytes> {
        let mut bytes = BytesMut::new();
        let mut reader = self.reader();
        while let Some(block) = reader.fetch()? {
            if block.len() as u64 == self.length {
                return Ok(block);
            }
            bytes.extend_from_slice(&block);
        }
        Ok(bytes.freeze())
    }
}

/// Reads a [`Content`] sequentially.
#[derive(Debug)]
pub(crate) struct Reader {
    content: Content,
    at: u64,
    remaining: u64,
    blob: usize,
    /// The position in the blob.
    offset: u64,
    file: Option<File>,
}

static ZEROS: [u8; BLOCK] = [0; BLOCK];

impl Reader {
    /// Returns the next bytes and the reader, or `None` at the end. Files are read on the blocking thread pool.
    pub(crate) async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let in_file = self.content.blobs.get(self.blob).is_some_and(|blob| matches!(*blob.data, BlobData::File(_)));
        let (bytes, next_reader) = if in_file && self.remaining > 0 {
            tokio::task::spawn_blocking(move || io::Result::Ok((self.fetch()?, self))).await??
        } else {
            (self.fetch()?, self)
        };
        Ok(bytes.map(|bytes| (bytes, next_reader)))
    }

    /// Returns the next bytes. May block.
    pub(crate) fn fetch(&mut self) -> io::Result<Option<Bytes>> {
        if self.remaining == 0 {
            return Ok(None);
        }
        let Some(blob) = self.content.blobs.get(self.blob) else {
            return Ok(None);
        };
        let limit = (blob.length - self.offset).min(self.remaining).min(BLOCK as u64);
        // A block fits into memory, so its size fits into `usize`.
        let limit = usize::try_from(limit).unwrap_or(BLOCK);
        let begin = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let mut bytes = match &*blob.data {
            BlobData::Blocks(blocks, _) => {
                let in_block = begin % BLOCK;
                let end = (in_block + limit).min(BLOCK);
                blocks[begin / BLOCK].slice(in_block..end)
            }
            BlobData::Whole(bytes) => bytes.slice(begin..begin + limit),
            BlobData::Pattern(seed) => pattern(*seed, self.offset, limit).into(),
            BlobData::Zeros => Bytes::from_static(&ZEROS[..limit]),
            BlobData::File(stored) => {
                let file = if let Some(file) = &mut self.file {
                    file
                } else {
                    let mut file = stored.open()?;
                    file.seek(SeekFrom::Start(self.offset))?;
                    self.file.insert(file)
                };
                let mut bytes = Vec::with_capacity(limit);
                file.take(limit as u64).read_to_end(&mut bytes)?;
                if bytes.len() < limit {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                bytes.into()
            }
        };
        let length = bytes.len() as u64;
        if let Some(wrong) = self.content.flipped.filter(|wrong| (self.at..self.at + length).contains(wrong)) {
            let mut changed = bytes.to_vec();
            changed[usize::try_from(wrong - self.at).unwrap_or(0)] ^= 1;
            bytes = changed.into();
        }
        self.at += length;
        self.remaining -= length;
        self.offset += length;
        self.skip_finished();
        Ok(Some(bytes))
    }

    /// Moves to the blob of the next byte.
    fn skip_finished(&mut self) {
        while let Some(blob) = self.content.blobs.get(self.blob).filter(|blob| self.offset >= blob.length) {
            self.offset -= blob.length;
            self.blob += 1;
            self.file = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::BlobStore;
    use super::{BLOCK, Blob, Content, pattern};

    #[tokio::test]
    async fn all_places_hold_the_same_bytes() {
        let length = 3 * BLOCK + 17;
        let expected = pattern(5, 0, length);
        for memory in [u64::MAX, 2 * BLOCK as u64, 0] {
            let store = BlobStore::new(memory, None, true, true);
            let mut writer = store.writer();
            for chunk in expected.chunks(100_003) {
                writer.write(Bytes::copy_from_slice(chunk)).await.unwrap();
            }
            let blob = writer.finish().await.unwrap();
            assert_eq!(blob.crc32, Some(crc32fast::hash(&expected)));
            assert!(store.peak_resident() <= memory);
            let in_memory = Blob::whole(expected.clone().into());
            let row = Content::new(vec![blob.clone(), Blob::pattern(length as u64, 5), in_memory, blob]);
            let joined = expected.repeat(4);
            assert_eq!(row.length(), joined.len() as u64);
            for (start, size) in [
                (0, joined.len()),
                (0, 0),
                (1, 1),
                (BLOCK - 1, 2),
                (length - 1, 2),
                (length, BLOCK),
                (2 * length - 5, length + 10),
                (joined.len() - 1, 1),
            ] {
                let read = row.slice(start as u64, size as u64).read_all().unwrap();
                assert!(read == joined[start..start + size], "{start} {size}");
                let mut streamed = Vec::new();
                let mut reader = row.slice(start as u64, size as u64).reader();
                while let Some((bytes, next_reader)) = reader.next().await.unwrap() {
                    streamed.extend_from_slice(&bytes);
                    reader = next_reader;
                }
                assert!(streamed == read, "{start} {size}");
            }
            let wrong = row.slice(10, 5).corrupted().read_all().unwrap();
            assert_eq!(wrong[2], joined[12] ^ 1);
            assert_eq!((&wrong[..2], &wrong[3..]), (&joined[10..12], &joined[13..15]));
        }
    }

    #[tokio::test]
    async fn files_go_with_their_last_holder() {
        let parent = std::env::temp_dir().join(format!("mft-simulator-test-{}", std::process::id()));
        let store = BlobStore::new(0, Some(parent.clone()), true, false);
        let mut writer = store.writer();
        writer.write(Bytes::from_static(b"abc")).await.unwrap();
        let blob = writer.finish().await.unwrap();
        let folder = std::fs::read_dir(&parent).unwrap().next().unwrap().unwrap().path();
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        let content = Content::new(vec![blob]);
        assert_eq!(content.read_all().unwrap(), "abc");
        drop(content);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        drop(store);
        assert!(!folder.exists());
        std::fs::remove_dir(&parent).unwrap();
    }
}

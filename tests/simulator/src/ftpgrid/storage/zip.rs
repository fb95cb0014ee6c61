//! ZIP archives of stored files. Files are not compressed, so that their content is sent without a copy.

use crate::data::{Blob, Content};
use crate::ftpgrid::storage::tree::TreeFile;

/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
/// January 1, 1980, the first date of the format.
const DATE: u16 = 0x21;
/// Larger numbers need ZIP64 fields.
const LIMIT: u64 = 0xffff_ffff;

/// The maximum length of a name in bytes.
const MAX_NAME: usize = 0xffff;

/// Creates an archive of files by path, without the leading slash. Returns `None` if a path is too long. Computes missing
/// checksums.
pub(crate) fn archive(files: &[(String, TreeFile)]) -> Option<Content> {
    if files.iter().any(|(path, _)| name_in_archive(path).len() > MAX_NAME) {
        return None;
    }
    let mut pieces = Vec::new();
    let mut directory = Vec::new();
    let mut at = 0;
    for (path, file) in files {
        let entry = ZipEntry {
            name: name_in_archive(path),
            size: file.piece.length,
            crc32: file.checksums.crc32_now(&file.piece),
            at,
        };
        entry.write_central(&mut directory);
        let head = entry.local();
        at += head.len() as u64 + entry.size;
        pieces.extend([Blob::whole(head.into()), file.piece.clone()]);
    }
    let size = directory.len() as u64;
    write_end(&mut directory, files.len() as u64, size, at);
    pieces.push(Blob::whole(directory.into()));
    Some(Content::new(pieces))
}

fn name_in_archive(path: &str) -> &[u8] {
    path.trim_start_matches('/').as_bytes()
}

struct ZipEntry<'a> {
    name: &'a [u8],
    size: u64,
    crc32: u32,
    at: u64,
}

impl ZipEntry<'_> {
    fn local(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let large = if self.size >= LIMIT { extra(&[self.size, self.size]) } else { Vec::new() };
        put(&mut out, 4, 0x0403_4b50);
        self.write_common(&mut out, &large);
        out.extend_from_slice(self.name);
        out.extend(large);
        out
    }

    fn write_central(&self, out: &mut Vec<u8>) {
        let mut numbers = Vec::new();
        if self.size >= LIMIT {
            numbers.extend([self.size, self.size]);
        }
        if self.at >= LIMIT {
            numbers.push(self.at);
        }
        let large = extra(&numbers);
        put(out, 4, 0x0201_4b50);
        put(out, 2, 45);
        self.write_common(out, &large);
        // No comment, one disk, no attributes.
        out.extend_from_slice(&[0; 10]);
        put(out, 4, self.at.min(LIMIT));
        out.extend_from_slice(self.name);
        out.extend(large);
    }

    /// Writes the fields that both headers have.
    fn write_common(&self, out: &mut Vec<u8>, extra: &[u8]) {
        put(out, 2, if extra.is_empty() { 20 } else { 45 });
        put(out, 2, FLAGS.into());
        // Stored, at midnight.
        out.extend_from_slice(&[0; 4]);
        put(out, 2, DATE.into());
        put(out, 4, self.crc32.into());
        put(out, 4, self.size.min(LIMIT));
        put(out, 4, self.size.min(LIMIT));
        put(out, 2, self.name.len() as u64);
        put(out, 2, extra.len() as u64);
    }
}

/// Returns the ZIP64 extra field for numbers that do not fit in 32 bits.
fn extra(numbers: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    if !numbers.is_empty() {
        put(&mut out, 2, 1);
        put(&mut out, 2, 8 * numbers.len() as u64);
        for number in numbers {
            put(&mut out, 8, *number);
        }
    }
    out
}

fn write_end(out: &mut Vec<u8>, entries: u64, size: u64, at: u64) {
    if entries >= 0xffff || at + size >= LIMIT {
        put(out, 4, 0x0606_4b50);
        put(out, 8, 44);
        put(out, 2, 45);
        put(out, 2, 45);
        out.extend_from_slice(&[0; 8]);
        put(out, 8, entries);
        put(out, 8, entries);
        put(out, 8, size);
        put(out, 8, at);
        put(out, 4, 0x0706_4b50);
        put(out, 4, 0);
        put(out, 8, at + size);
        put(out, 4, 1);
    }
    put(out, 4, 0x0605_4b50);
    out.extend_from_slice(&[0; 4]);
    put(out, 2, entries.min(0xffff));
    put(out, 2, entries.min(0xffff));
    put(out, 4, size.min(LIMIT));
    put(out, 4, at.min(LIMIT));
    put(out, 2, 0);
}

/// Appends the lowest bytes of a number in little-endian order.
fn put(out: &mut Vec<u8>, bytes: usize, number: u64) {
    out.extend_from_slice(&number.to_le_bytes()[..bytes]);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;

    use super::super::checksums::{FileChecksums, FileHasher};
    use super::{Blob, Content, TreeFile, archive};

    fn file(piece: Blob, crc32_of: &[u8]) -> TreeFile {
        let mut hasher = FileHasher::default();
        hasher.update(crc32_of);
        TreeFile { piece, checksums: FileChecksums::of(hasher), modified_ms: 0 }
    }

    fn small(text: &'static str) -> TreeFile {
        file(Blob::whole(text.into()), text.as_bytes())
    }

    /// Reads bytes and little-endian numbers at any offset of an archive.
    struct Archive {
        content: Content,
        /// The complete content, if it is small.
        bytes: Option<Bytes>,
    }

    impl Archive {
        fn of(files: &[(String, TreeFile)]) -> Self {
            let content = archive(files).unwrap();
            let bytes = (content.length() < 64 << 20).then(|| content.read_all().unwrap());
            Self { content, bytes }
        }

        fn bytes(&self, at: u64, length: u64) -> Bytes {
            match &self.bytes {
                Some(bytes) => bytes.slice(usize::try_from(at).unwrap()..usize::try_from(at + length).unwrap()),
                None => self.content.slice(at, length).read_all().unwrap(),
            }
        }

        fn number(&self, at: u64, length: u64) -> u64 {
            self.bytes(at, length).iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
        }

        /// Returns the number at an offset, or the next ZIP64 number if the field is full.
        fn large(&self, at: u64, extra: &mut impl Iterator<Item = u64>) -> u64 {
            match self.number(at, 4) {
                0xffff_ffff => extra.next().expect("a larger number"),
                number => number,
            }
        }

        /// Returns the ZIP64 numbers after a name.
        fn extra(&self, at: u64, length: u64) -> impl Iterator<Item = u64> + '_ {
            if length > 0 {
                assert_eq!((self.number(at, 2), self.number(at + 2, 2)), (1, length - 4));
            }
            (4..length).step_by(8).map(move |offset| self.number(at + offset, 8))
        }

        /// Returns the offsets and sizes of all entries, read from the end of the archive.
        fn entries(&self) -> BTreeMap<String, (u64, u64)> {
            let end = self.content.length() - 22;
            assert_eq!(self.number(end, 4), 0x0605_4b50);
            let (mut count, mut size, mut at) =
                (self.number(end + 10, 2), self.number(end + 12, 4), self.number(end + 16, 4));
            let mut directory_end = end;
            if count == 0xffff || size == 0xffff_ffff || at == 0xffff_ffff {
                assert_eq!(self.number(end - 20, 4), 0x0706_4b50);
                directory_end = self.number(end - 12, 8);
                assert_eq!((self.number(directory_end, 4), directory_end + 56), (0x0606_4b50, end - 20));
                count = self.number(directory_end + 32, 8);
                size = self.number(directory_end + 40, 8);
                at = self.number(directory_end + 48, 8);
            }
            assert_eq!(at + size, directory_end);
            let entries = (0..count).map(|_| {
                assert_eq!(self.number(at, 4), 0x0201_4b50);
                let (name, behind) = (self.number(at + 28, 2), self.number(at + 30, 2));
                let mut extra = self.extra(at + 46 + name, behind);
                let packed = self.large(at + 20, &mut extra);
                let size = self.large(at + 24, &mut extra);
                let local = self.large(at + 42, &mut extra);
                assert_eq!((packed, extra.next()), (size, None));
                let name_bytes = self.bytes(at + 46, name);
                assert_eq!(self.number(local, 4), 0x0403_4b50);
                assert_eq!((self.number(local + 14, 4), self.number(local + 26, 2)), (self.number(at + 16, 4), name));
                assert_eq!(self.bytes(local + 30, name), name_bytes);
                let local_behind = self.number(local + 28, 2);
                let mut extra = self.extra(local + 30 + name, local_behind);
                assert_eq!(self.large(local + 18, &mut extra), size);
                assert_eq!(self.large(local + 22, &mut extra), size);
                at += 46 + name + behind;
                (String::from_utf8(name_bytes.into()).unwrap(), (local + 30 + name + local_behind, size))
            });
            entries.collect()
        }
    }

    #[test]
    fn large_archives_use_zip64_fields() {
        const GIB: u64 = 1 << 30;
        let pattern = |size| file(Blob::pattern(size, 3), b"other content");
        for (case, large) in [
            ("little", vec![]),
            ("one byte less", vec![0xffff_fffe]),
            ("the first that does not fit", vec![0xffff_ffff]),
            ("one large file", vec![5 * GIB]),
            ("large together", vec![3 * GIB, 2 * GIB]),
        ] {
            let mut files = vec![("/first".to_owned(), small("first"))];
            files.extend(large.iter().enumerate().map(|(number, size)| (format!("/large/{number}"), pattern(*size))));
            files.push(("/last".to_owned(), small("last")));
            let archive = Archive::of(&files);
            let entries = archive.entries();
            assert_eq!(entries.len(), files.len(), "{case}");
            for (path, file) in &files {
                let (at, size) = entries[path.trim_start_matches('/')];
                assert_eq!(size, file.piece.length, "{case}: {path}");
                let stored = Content::new(vec![file.piece.clone()]);
                for (from, length) in [(0, 100), (size.saturating_sub(100), 100)] {
                    let length = u64::min(length, size);
                    let expected = stored.slice(from, length).read_all().unwrap();
                    assert_eq!(archive.bytes(at + from, length), expected, "{case}: {path}");
                }
            }
        }
    }

    #[test]
    fn entry_counts_and_name_lengths_are_limited_by_the_format() {
        for count in [0xfffe, 0xffff, 0x1_0000, 70_000] {
            let one = small("x");
            let files: Vec<_> = (0..count).map(|number| (format!("/{number}"), one.clone())).collect();
            let archive = Archive::of(&files);
            let entries = archive.entries();
            assert_eq!(entries.len(), count);
            assert_eq!(archive.bytes(entries[&(count - 1).to_string()].0, 1), "x");
        }
        for (length, fits) in [(0xffff, true), (0x1_0000, false)] {
            let files = vec![(format!("/{}", "n".repeat(length)), small("x"))];
            assert_eq!(archive(&files).is_some(), fits, "{length}");
        }
    }
}

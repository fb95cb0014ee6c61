//! Archives of stored files: nothing is compressed, so that their bytes are sent as they are kept.

use super::tree::File;
use crate::data::{Content, Piece};

/// UTF-8 in names.
const FLAGS: u16 = 1 << 11;
/// The first of January 1980, where the time of archives begins.
const DATE: u16 = 0x21;
/// Where a number of 32 bits ends, the larger form begins.
const LIMIT: u64 = 0xffff_ffff;

/// An archive of all files under their paths without the slash in front. Computes sums that are not known yet.
pub(super) fn archive(files: &[(String, File)]) -> Content {
    let mut pieces = Vec::new();
    let mut directory = Vec::new();
    let mut at = 0;
    for (path, file) in files {
        let entry = Entry {
            name: path.trim_start_matches('/').as_bytes(),
            size: file.piece.length,
            crc32: file.sums.crc32_now(&file.piece),
            at,
        };
        entry.write_central(&mut directory);
        let head = entry.local();
        at += head.len() as u64 + entry.size;
        pieces.extend([Piece::whole(head.into()), file.piece.clone()]);
    }
    let size = directory.len() as u64;
    write_end(&mut directory, files.len() as u64, size, at);
    pieces.push(Piece::whole(directory.into()));
    Content::new(pieces)
}

struct Entry<'a> {
    name: &'a [u8],
    size: u64,
    crc32: u32,
    at: u64,
}

impl Entry<'_> {
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

    /// What both headers have.
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

/// Numbers that are too large for their places.
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

/// The lowest bytes of a number, the least first.
fn put(out: &mut Vec<u8>, bytes: usize, number: u64) {
    out.extend_from_slice(&number.to_le_bytes()[..bytes]);
}

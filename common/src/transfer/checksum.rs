//! Checksums of file content, and their comparison with the checksums that a service reports.

use std::fmt::Write as _;

use md5::{Digest, Md5};

use crate::transfer::service::FileMetadata;
use crate::{Error, ErrorKind, Result};

/// Computes checksums of bytes in order. The default computes none.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChecksumHasher {
    crc32: Option<crc32fast::Hasher>,
    md5: Option<Md5>,
}

impl ChecksumHasher {
    pub(crate) fn md5() -> Self {
        Self { crc32: None, md5: Some(Md5::new()) }
    }

    pub(crate) fn crc32() -> Self {
        Self { crc32: Some(crc32fast::Hasher::new()), md5: None }
    }

    /// Computes every checksum that the service reports.
    pub(crate) fn for_all(reported: &FileMetadata) -> Self {
        Self {
            crc32: reported.crc32.as_ref().map(|_| crc32fast::Hasher::new()),
            md5: reported.md5.as_ref().map(|_| Md5::new()),
        }
    }

    /// Computes one checksum that the service reports: CRC32, which is cheaper, or else MD5.
    pub(crate) fn for_cheapest(reported: &FileMetadata) -> Self {
        if reported.crc32.is_some() { Self::crc32() } else { Self::for_all(reported) }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        if let Some(crc32) = &mut self.crc32 {
            crc32.update(bytes);
        }
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
    }

    pub(crate) fn finish(self) -> Checksums {
        Checksums { crc32: self.crc32.map(crc32fast::Hasher::finalize), md5: self.md5.map(|md5| hex(&md5.finalize())) }
    }
}

/// Computed checksums. Those that were not computed are `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Checksums {
    pub(crate) crc32: Option<u32>,
    /// In lowercase hexadecimal digits.
    pub(crate) md5: Option<String>,
}

impl Checksums {
    /// Compares the computed checksums with the reported ones. Returns whether at least one could be compared.
    pub(crate) fn verify(&self, reported: &FileMetadata) -> Result<bool> {
        // Services omit leading zeros of a CRC32.
        let crc32 = self.crc32.zip(reported.crc32.as_ref());
        let crc32 = crc32.map(|(computed, reported)| u32::from_str_radix(reported.trim(), 16) == Ok(computed));
        let md5 = self.md5.as_ref().zip(reported.md5.as_ref());
        let md5 = md5.map(|(computed, reported)| reported.eq_ignore_ascii_case(computed));
        for (matches, algorithm) in [(crc32, "CRC32"), (md5, "MD5")] {
            if matches == Some(false) {
                let problem =
                    format_args!("{algorithm} mismatch between the transferred bytes and the service's report");
                return Err(Error::local(ErrorKind::Integrity, problem));
            }
        }
        Ok(crc32.or(md5).is_some())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

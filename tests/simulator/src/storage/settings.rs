use std::path::PathBuf;

/// The settings of a simulated object storage: limits, URL formats, and where content is stored.
///
/// ```
/// use mft_simulator::StorageSettings;
///
/// let settings = StorageSettings::new().min_part_size(1024);
/// # let _ = settings;
/// ```
#[derive(Clone, Debug)]
#[must_use = "settings do nothing until a simulator starts with them"]
pub struct StorageSettings {
    pub(crate) memory_limit: u64,
    pub(crate) data_folder: Option<PathBuf>,
    pub(crate) keeps_content: bool,
    pub(crate) checksums: bool,
    pub(crate) min_part_size: u64,
    pub(crate) max_part_size: u64,
    pub(crate) max_parts: u32,
    pub(crate) part_etags: PartEtags,
    pub(crate) download_urls: DownloadUrls,
    pub(crate) form_status: u16,
    pub(crate) key_prefix: String,
}

/// The `ETag` of the response to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartEtags {
    /// The MD5 of the part in hex, as of unencrypted storage.
    Md5,
    /// 32 hex digits and `-1`, not an MD5, as of encrypted storage.
    Opaque,
    /// No `ETag`.
    Absent,
}

/// The format of presigned download URLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownloadUrls {
    /// `Expires` in Unix seconds and a base64 `Signature`, as in the vendor's documentation.
    ExpiresSeconds,
    /// `X-Amz-Date`, `X-Amz-Expires` and `X-Amz-Signature`, as in upload URLs.
    DateAndLifetime,
}

impl Default for StorageSettings {
    fn default() -> Self {
        Self {
            memory_limit: 64 << 20,
            data_folder: None,
            keeps_content: true,
            checksums: true,
            min_part_size: 5 << 20,
            max_part_size: 5 << 30,
            max_parts: 10_000,
            part_etags: PartEtags::Md5,
            download_urls: DownloadUrls::ExpiresSeconds,
            form_status: 200,
            key_prefix: String::new(),
        }
    }
}

impl StorageSettings {
    /// Returns the default settings: the real limits, MD5 as `ETag`, 64 MiB in memory and the rest in temporary files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the memory limit of content in bytes. Further content is stored in files. Default: 64 MiB.
    pub const fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = bytes;
        self
    }

    /// Sets the parent of the directory for content files. The directory is removed with the simulator. Default: the
    /// system's directory for temporary files.
    pub fn data_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_folder = Some(folder.into());
        self
    }

    /// Discards uploaded content after counting it, for benchmarks. Such files read as zeros.
    pub const fn drain(mut self) -> Self {
        self.keeps_content = false;
        self
    }

    /// Disables MD5 and CRC-32, for benchmarks. `ETag`s are then [opaque](PartEtags::Opaque), and `md5` and `crc32`
    /// stay unknown.
    pub const fn without_checksums(mut self) -> Self {
        self.checksums = false;
        self
    }

    /// Sets the minimum size of all parts but the last. It is checked when an upload is completed. Default: 5 MiB.
    pub const fn min_part_size(mut self, bytes: u64) -> Self {
        self.min_part_size = bytes;
        self
    }

    /// Sets the maximum size of a part. Default: 5 GiB.
    pub const fn max_part_size(mut self, bytes: u64) -> Self {
        self.max_part_size = bytes;
        self
    }

    /// Sets the maximum part number. Default: 10,000.
    pub const fn max_parts(mut self, parts: u32) -> Self {
        self.max_parts = parts;
        self
    }

    /// Sets the `ETag` of the response to a part. Default: MD5.
    pub const fn part_etags(mut self, etags: PartEtags) -> Self {
        self.part_etags = etags;
        self
    }

    /// Sets a prefix of the path in every presigned URL, byte for byte. Default: none. Some HTTP libraries re-encode
    /// texts such as `it's/` or `a/./`, which invalidates the signature.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    /// Sets the format of presigned download URLs. Default: [`DownloadUrls::ExpiresSeconds`].
    pub const fn download_urls(mut self, urls: DownloadUrls) -> Self {
        self.download_urls = urls;
        self
    }

    /// Sets the status of the response to a form upload. Object storages support 200, 201 and 204. Default: 200, as the
    /// vendor documents.
    pub const fn form_status(mut self, status: u16) -> Self {
        self.form_status = status;
        self
    }
}

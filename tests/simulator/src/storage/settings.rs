use std::path::PathBuf;

/// How the storage half of a simulator behaves, and where it keeps its bytes.
///
/// ```
/// use mft_simulator::StorageSettings;
///
/// let settings = StorageSettings::new().minimum_part_size(1024);
/// # let _ = settings;
/// ```
#[derive(Clone, Debug)]
#[must_use = "settings do nothing until a simulator starts with them"]
pub struct StorageSettings {
    pub(crate) memory_limit: u64,
    pub(crate) data_folder: Option<PathBuf>,
    pub(crate) keeps_content: bool,
    pub(crate) checksums: bool,
    pub(crate) minimum_part_size: u64,
    pub(crate) maximum_part_size: u64,
    pub(crate) maximum_parts: u32,
    pub(crate) part_etags: PartEtags,
    pub(crate) download_urls: DownloadUrls,
    pub(crate) form_status: u16,
    pub(crate) key_prefix: String,
}

/// The `ETag` that answers a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartEtags {
    /// The MD5 of the part in hex, as of storage that does not encrypt.
    Md5,
    /// 32 hex digits and `-1`, which is no MD5, as of storage that encrypts.
    Opaque,
    /// None at all.
    Absent,
}

/// How signed download URLs look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownloadUrls {
    /// `Expires` in Unix seconds and a `Signature` in base64, as the vendor's documentation shows.
    ExpiresSeconds,
    /// `X-Amz-Date`, `X-Amz-Expires` and `X-Amz-Signature`, as upload URLs have them.
    DateAndLife,
}

impl Default for StorageSettings {
    fn default() -> Self {
        Self {
            memory_limit: 64 << 20,
            data_folder: None,
            keeps_content: true,
            checksums: true,
            minimum_part_size: 5 << 20,
            maximum_part_size: 5 << 30,
            maximum_parts: 10_000,
            part_etags: PartEtags::Md5,
            download_urls: DownloadUrls::ExpiresSeconds,
            form_status: 200,
            key_prefix: String::new(),
        }
    }
}

impl StorageSettings {
    /// The defaults: real limits, MD5 as `ETag`, 64 MiB in memory and the rest in a folder for temporary files.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes are state in memory, 64 MiB unless set. What comes on top goes to files.
    pub const fn memory_limit(mut self, bytes: u64) -> Self {
        self.memory_limit = bytes;
        self
    }

    /// Where the files are made, in a folder of their own that goes when the simulator goes; the system's folder for
    /// temporary files unless set.
    pub fn data_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_folder = Some(folder.into());
        self
    }

    /// Counts the bytes of parts and keeps none, for measurements: such files are read back as zeros.
    pub const fn drain(mut self) -> Self {
        self.keeps_content = false;
        self
    }

    /// Computes no MD5 and no CRC-32, for measurements: tags are then [opaque](PartEtags::Opaque), and `md5` and `crc32`
    /// stay unknown.
    pub const fn without_checksums(mut self) -> Self {
        self.checksums = false;
        self
    }

    /// The least size of a part that is not the last, 5 MiB unless set. It is checked when an upload is completed.
    pub const fn minimum_part_size(mut self, bytes: u64) -> Self {
        self.minimum_part_size = bytes;
        self
    }

    /// The largest part that is accepted, 5 GiB unless set.
    pub const fn maximum_part_size(mut self, bytes: u64) -> Self {
        self.maximum_part_size = bytes;
        self
    }

    /// The highest part number, 10,000 unless set.
    pub const fn maximum_parts(mut self, parts: u32) -> Self {
        self.maximum_parts = parts;
        self
    }

    /// The `ETag` that answers a part.
    pub const fn part_etags(mut self, etags: PartEtags) -> Self {
        self.part_etags = etags;
        self
    }

    /// Puts a text into the path of every signed URL, byte for byte. HTTP libraries write some texts anew, such as `it's/`
    /// or `a/./`, and break the signature by that.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    /// How signed download URLs look.
    pub const fn download_urls(mut self, urls: DownloadUrls) -> Self {
        self.download_urls = urls;
        self
    }

    /// The status that answers a form post: 200 unless set, as the vendor documents it; storage also knows 201 and 204.
    pub const fn form_status(mut self, status: u16) -> Self {
        self.form_status = status;
        self
    }
}

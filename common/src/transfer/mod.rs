//! Transfers of files: multipart uploads, ranged downloads, form uploads and directory trees.
//!
//! ```text
//! upload     Source ─> Plan ─> { presigned URL ─> PUT part ─> compare ETag } × parallel parts
//!                      ─> source unchanged? ─> complete ─> compare size and checksum
//! download   presigned URL ─> { ranged GET ─> compare range and validator ─> write at position } × parallel ranges
//!                      ─> compare size and checksum ─> sync ─> rename
//! ```
//!
//! * **Multipart upload.** A file is divided into parts within the limits of the service ([`Plan`]). Each part is sent to a
//!   presigned URL and retried on its own. The upload is completed only after all parts have arrived. If one fails for good,
//!   the upload fails, and no file appears.
//! * **Presigned URLs** are sent byte for byte, without credentials, and without the application's middleware and the
//!   client's permits. They are renewed if they have expired, and never shown.
//! * **Ranged GETs** are pinned to one version of the file with a strong validator: `If-Match`, or `If-Unmodified-Since` if
//!   there is no strong `ETag`. Without a validator the file is fetched in a single request. `Content-Range`, validator and
//!   size of each response are checked.
//! * **Atomic files.** A download writes to a `.part` file, and renames it once it is complete and verified. The `.part`
//!   file ends with a manifest of the complete ranges, so that the next download can resume it.
//! * **Checksums.** The MD5 in the `ETag` of a part, and the MD5 or CRC32 that the service reports for a file, are compared
//!   with the transferred bytes. Size and checksum mismatches fail with [`ErrorKind::Integrity`](crate::ErrorKind).
//! * **Resume tokens.** A failed or aborted upload returns a serializable [`ResumeToken`]. It names the upload, the completed
//!   parts and a fingerprint of the source, but no URL.
//! * **Retries** follow the client's retry policy: exponential backoff with full jitter. The wait is at least the
//!   `Retry-After` of the storage.
//! * **Hedging.** Optionally, a part or range that takes much longer than the others is requested a second time.
//! * **Idle timeout.** Transfers have no overall timeout. A request fails if no byte moves for the idle timeout, or if no
//!   response arrives within the response timeout.
//! * **Memory** is a few chunks for each part in flight. Only one-shot streams are held in memory part by part, within the
//!   memory budget.
//!
//! Services without presigned URLs use a [`FormUpload`], which sends all files in one request, and a [`WholeDownload`],
//! which receives a file in one response.
//!
//! The engine does not depend on a service. A provider crate implements [`UploadService`], [`DownloadService`] or
//! [`WholeDownloadService`], and returns [`UploadRequest`], [`DownloadRequest`], [`FormUpload`], [`WholeDownload`],
//! [`TreeUploadRequest`] and [`TreeDownloadRequest`].

mod checksum;
mod download;
mod form;
mod handle;
mod hedge;
mod local;
mod progress;
mod request;
mod service;
mod source;
mod storage;
mod tree;
mod upload;

pub use download::byte_stream::ByteStream;
pub use download::whole_download::WholeDownload;
pub use download::{Download, DownloadRequest, Downloaded};
pub use form::upload::{FormUpload, FormUploadHandle};
pub use form::{FormBody, FormFile};
pub use local::path::local_path;
pub use progress::{Progress, ProgressWatch};
pub use service::{
    DownloadService, FieldLocation, FileMetadata, PartEncoding, PartField, PartTarget, UploadService, UploadSession,
    WholeDownloadService,
};
pub use source::Source;
pub use storage::presigned_url::{PresignedUrl, storage_headers};
pub use tree::download::TreeDownloadRequest;
pub use tree::upload::TreeUploadRequest;
pub use tree::{TreeEntry, TreeItem, TreeSummary, TreeTransfer};
pub use upload::error::UploadError;
pub use upload::plan::{PartLimits, Plan};
pub use upload::resume_token::ResumeToken;
pub use upload::{Aborted, Upload, UploadRequest};

//! Moving files over signed URLs: large ones, in parts, and without losing a byte.
//!
//! ```text
//! upload     Source ─> Plan ─> { address of a part ─> send it ─> check what the storage says it got } × parts side by side
//!                        ─> source unchanged? ─> complete ─> compare size and sums ─> the file is there
//! download   address ─> { range ─> right range of the right version? ─> write at its place } × ranges side by side
//!                        ─> compare size and sums ─> sync ─> rename ─> the file is there
//! ```
//!
//! What holds for every transfer:
//!
//! * An upload is completed only after every part has arrived. A part that fails is read and sent again: with the same
//!   bytes, and with a new address where the old one has expired. What cannot be mended ends in an error, and no file.
//! * A download is bound to the version that it was begun with. No byte of another version, of an error page or of a reply
//!   for another range gets into it, and nothing stands under the final name before all of it is there.
//! * Requests to a storage carry no credential, no middleware of the application and none of the client's permits. Their
//!   URLs are sent as they came and never shown. They have no limit on their whole time: what ends them is silence.
//! * Memory is that of a few chunks for each part in flight, whatever the size of the file. Only a stream that cannot be
//!   read again is held part by part.
//!
//! The engine knows no service. A provider crate implements [`UploadService`] and [`DownloadService`] and hands out
//! [`UploadRequest`], [`DownloadRequest`] and [`TreeTransfer`].

mod byte_stream;
mod chunks;
mod content_range;
mod download;
mod download_tree;
mod fetch;
mod file;
mod flow;
mod form;
mod form_upload;
mod handle;
mod local_path;
mod multipart;
mod pace;
mod partial;
mod plan;
mod progress;
mod put;
mod resume;
mod run;
mod service;
mod signed;
mod source;
mod storage;
mod to_file;
mod tree;
mod upload;
mod upload_tree;
mod whole_download;
mod writer;

pub use byte_stream::ByteStream;
pub use download::{Download, DownloadRequest, Downloaded};
pub use form::{FormBody, FormFile};
pub use form_upload::{FormUpload, FormUploadHandle};
pub use local_path::local_path;
pub use plan::{PartLimits, Plan};
pub use progress::{Progress, ProgressWatch};
pub use resume::ResumeToken;
pub use service::{
    DownloadService, FieldLocation, FileMetadata, PartEncoding, PartField, PartTarget, UploadService, UploadSession,
    WholeDownloadService,
};
pub use signed::{SignedUrl, storage_headers};
pub use source::Source;
pub use tree::{TreeEntry, TreeItem, TreeTransfer};
pub use upload::{Aborted, Upload, UploadRequest};
pub use whole_download::WholeDownload;

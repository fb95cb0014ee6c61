//! The traits that a provider crate implements for its transfers.

use std::future::Future;

use http::{HeaderMap, HeaderName, Method};

use crate::Result;
use crate::http::Response;
use crate::http::transport::BoxFuture;
use crate::transfer::storage::presigned_url::PresignedUrl;
use crate::transfer::upload::plan::PartLimits;

/// A multipart upload to one destination.
pub trait UploadService: Send + Sync + 'static {
    /// The file that the service returns for a completed upload.
    type File: Send + 'static;

    /// Returns the documented limits, to reject a file before anything is sent.
    fn limits(&self) -> PartLimits;

    /// Starts an upload session.
    fn open(&self) -> impl Future<Output = Result<UploadSession>> + Send;

    /// Requests the target of a part, or renews it.
    fn part_target(&self, reference: &str, part: u32) -> impl Future<Output = Result<PartTarget>> + Send;

    /// Completes the upload: makes a file of the parts.
    fn complete(&self, reference: &str) -> impl Future<Output = Result<Self::File>> + Send;

    /// Looks for the file after a completion with an unknown outcome. Returns `None` if the file is not certainly the
    /// uploaded one.
    fn confirm(&self, size: u64) -> impl Future<Output = Result<Option<Self::File>>> + Send;

    /// Aborts the upload session, if the service has a call for that.
    fn abort(&self, _reference: &str) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Requests the metadata of the file again, for checksums that appear late.
    fn refresh(&self, file: &Self::File) -> impl Future<Output = Result<Self::File>> + Send;

    /// Returns the metadata that the service reports for the file.
    fn metadata(&self, file: &Self::File) -> FileMetadata;
}

/// A download of one file through a presigned URL.
pub trait DownloadService: Send + Sync + 'static {
    /// The description of the file that the service returns.
    type File: Send + Sync + 'static;

    /// Requests a presigned URL for the file, or renews it.
    fn presigned_url(&self) -> impl Future<Output = Result<(PresignedUrl, Self::File)>> + Send;

    /// Returns the metadata that the service reports for the file.
    fn metadata(&self, file: &Self::File) -> FileMetadata;
}

/// A download of one file from a service that sends it in one response and does not support ranges.
pub trait WholeDownloadService: Send + Sync + 'static {
    /// The description of the file that the service returns.
    type File: Send + Sync + 'static;

    /// Requests the file. The unread body of the response is its content.
    fn open(&self) -> impl Future<Output = Result<(Response, Self::File)>> + Send;
}

/// The metadata that a service reports for a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileMetadata {
    /// The size in bytes.
    pub size: Option<u64>,
    /// The MD5 in hexadecimal digits.
    pub md5: Option<String>,
    /// The CRC32 in hexadecimal digits. Leading zeros may be missing.
    pub crc32: Option<String>,
}

/// A started upload.
#[derive(Debug)]
pub struct UploadSession {
    /// Identifies the upload in further calls.
    pub reference: String,
    /// The target of the first part.
    pub first: PartTarget,
    /// The limits of this upload.
    pub limits: PartLimits,
    /// Whether parts may be sent in parallel.
    pub parallel: bool,
}

/// The request that uploads a part.
#[derive(Debug, Clone)]
pub struct PartTarget {
    /// The part number.
    pub number: u32,
    /// `PUT` or `POST`.
    pub method: Method,
    /// The presigned URL.
    pub url: PresignedUrl,
    /// Headers that the service requires; see [`storage_headers`](crate::transfer::storage_headers).
    pub headers: HeaderMap,
    /// The encoding of the content.
    pub encoding: PartEncoding,
    /// Values of the part that the request must contain, and where.
    pub fields: Vec<(PartField, FieldLocation)>,
}

/// The encoding of the content of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartEncoding {
    /// The content is the request body.
    Body,
    /// The content is the last field of a form.
    Form {
        /// The fields before the content.
        fields: Vec<(String, String)>,
        /// The name of the field with the content.
        data: String,
    },
}

/// A value of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartField {
    /// The size in bytes.
    Size,
    /// The media type of the file.
    ContentType,
}

/// The location of a value in the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldLocation {
    /// A header.
    Header(HeaderName),
    /// A form field.
    Field(String),
}

/// The object-safe twin of [`UploadService`].
pub(crate) trait DynUploadService<F>: Send + Sync {
    fn limits(&self) -> PartLimits;
    fn open(&self) -> BoxFuture<'_, Result<UploadSession>>;
    fn part_target<'a>(&'a self, reference: &'a str, part: u32) -> BoxFuture<'a, Result<PartTarget>>;
    fn complete<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<F>>;
    fn confirm(&self, size: u64) -> BoxFuture<'_, Result<Option<F>>>;
    fn abort<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<()>>;
    fn refresh<'a>(&'a self, file: &'a F) -> BoxFuture<'a, Result<F>>;
    fn metadata(&self, file: &F) -> FileMetadata;
}

impl<S: UploadService> DynUploadService<S::File> for S {
    fn limits(&self) -> PartLimits {
        self.limits()
    }

    fn open(&self) -> BoxFuture<'_, Result<UploadSession>> {
        Box::pin(self.open())
    }

    fn part_target<'a>(&'a self, reference: &'a str, part: u32) -> BoxFuture<'a, Result<PartTarget>> {
        Box::pin(self.part_target(reference, part))
    }

    fn complete<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<S::File>> {
        Box::pin(self.complete(reference))
    }

    fn confirm(&self, size: u64) -> BoxFuture<'_, Result<Option<S::File>>> {
        Box::pin(self.confirm(size))
    }

    fn abort<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.abort(reference))
    }

    fn refresh<'a>(&'a self, file: &'a S::File) -> BoxFuture<'a, Result<S::File>> {
        Box::pin(self.refresh(file))
    }

    fn metadata(&self, file: &S::File) -> FileMetadata {
        self.metadata(file)
    }
}

/// The object-safe twin of [`DownloadService`].
pub(crate) trait DynDownloadService<F>: Send + Sync {
    fn presigned_url(&self) -> BoxFuture<'_, Result<(PresignedUrl, F)>>;
    fn metadata(&self, file: &F) -> FileMetadata;
}

impl<S: DownloadService> DynDownloadService<S::File> for S {
    fn presigned_url(&self) -> BoxFuture<'_, Result<(PresignedUrl, S::File)>> {
        Box::pin(self.presigned_url())
    }

    fn metadata(&self, file: &S::File) -> FileMetadata {
        self.metadata(file)
    }
}

/// The object-safe twin of [`WholeDownloadService`].
pub(crate) trait DynWholeDownloadService<F>: Send + Sync {
    fn open(&self) -> BoxFuture<'_, Result<(Response, F)>>;
}

impl<S: WholeDownloadService> DynWholeDownloadService<S::File> for S {
    fn open(&self) -> BoxFuture<'_, Result<(Response, S::File)>> {
        Box::pin(self.open())
    }
}

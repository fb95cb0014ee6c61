//! What a provider crate implements so that the engine can move its files.

use std::future::Future;

use http::{HeaderMap, HeaderName, Method};

use super::plan::PartLimits;
use super::signed::SignedUrl;
use crate::Result;
use crate::http::Response;
use crate::http::transport::BoxFuture;

/// One upload to one destination.
pub trait UploadService: Send + Sync + 'static {
    /// What the service returns for a complete upload.
    type File: Send + 'static;

    /// The limits as they are documented, to refuse a file before anything is sent.
    fn limits(&self) -> PartLimits;

    /// Begins the upload.
    fn open(&self) -> impl Future<Output = Result<UploadSession>> + Send;

    /// Asks for the address of a part, the first time or again.
    fn part_target(&self, reference: &str, part: u32) -> impl Future<Output = Result<PartTarget>> + Send;

    /// Makes a file of the parts.
    fn complete(&self, reference: &str) -> impl Future<Output = Result<Self::File>> + Send;

    /// Looks for the file after a completion of which nobody knows whether it happened. `None` where it cannot be told.
    fn confirm(&self, size: u64) -> impl Future<Output = Result<Option<Self::File>>> + Send;

    /// Gives the upload up, where the service has a call for that.
    fn abandon(&self, _reference: &str) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Asks once more what the service knows of the complete file, for sums that come late.
    fn refresh(&self, file: &Self::File) -> impl Future<Output = Result<Self::File>> + Send;

    /// What the service says of the complete file.
    fn facts(&self, file: &Self::File) -> FileMetadata;
}

/// One file to be downloaded.
pub trait DownloadService: Send + Sync + 'static {
    /// What the service knows of the file.
    type File: Send + Sync + 'static;

    /// Asks for the address of the file, the first time or again.
    fn target(&self) -> impl Future<Output = Result<(SignedUrl, Self::File)>> + Send;

    /// What the service says of the file.
    fn facts(&self, file: &Self::File) -> FileMetadata;
}

/// One file to be downloaded from a service that sends it in one reply: nothing in it can be asked for by itself.
pub trait WholeDownloadService: Send + Sync + 'static {
    /// What the service says of the file.
    type File: Send + Sync + 'static;

    /// Asks for the file. The body of the reply is the file, and not yet read.
    fn open(&self) -> impl Future<Output = Result<(Response, Self::File)>> + Send;
}

/// What a service says of a file, as far as it does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileMetadata {
    /// In bytes.
    pub size: Option<u64>,
    /// In hexadecimal digits.
    pub md5: Option<String>,
    /// In hexadecimal digits; leading zeros may be missing.
    pub crc32: Option<String>,
}

/// An upload that was begun.
#[derive(Debug)]
pub struct UploadSession {
    /// What further calls name the upload by.
    pub reference: String,
    /// Where the first part goes.
    pub first: PartTarget,
    /// What the service says of the parts.
    pub limits: PartLimits,
    /// Whether parts may be sent at the same time.
    pub parallel: bool,
}

/// Where a part goes.
#[derive(Debug, Clone)]
pub struct PartTarget {
    /// The part that it is for.
    pub number: u32,
    /// `PUT` or `POST`.
    pub method: Method,
    /// The address.
    pub url: SignedUrl,
    /// Headers that the service asks for; see [`storage_headers`](super::storage_headers).
    pub headers: HeaderMap,
    /// How the bytes travel.
    pub encoding: PartEncoding,
    /// Where facts of the part go that only the engine knows.
    pub pieces: Vec<(PartField, FieldLocation)>,
}

/// How the bytes of a part travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartEncoding {
    /// As the body of the request.
    Body,
    /// As the last field of a form.
    Form {
        /// The fields before it.
        fields: Vec<(String, String)>,
        /// The name of the last one.
        data: String,
    },
}

/// A fact of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartField {
    /// Its length in bytes.
    Size,
    /// The media type of the file.
    ContentType,
}

/// Where a fact of a part goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldLocation {
    /// Into a header.
    Header(HeaderName),
    /// Into a field of the form.
    Field(String),
}

/// The object-safe twin of [`UploadService`].
pub(super) trait DynUploadService<F>: Send + Sync {
    fn limits(&self) -> PartLimits;
    fn open(&self) -> BoxFuture<'_, Result<UploadSession>>;
    fn part_target<'a>(&'a self, reference: &'a str, part: u32) -> BoxFuture<'a, Result<PartTarget>>;
    fn complete<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<F>>;
    fn confirm(&self, size: u64) -> BoxFuture<'_, Result<Option<F>>>;
    fn abandon<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<()>>;
    fn refresh<'a>(&'a self, file: &'a F) -> BoxFuture<'a, Result<F>>;
    fn facts(&self, file: &F) -> FileMetadata;
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

    fn abandon<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.abandon(reference))
    }

    fn refresh<'a>(&'a self, file: &'a S::File) -> BoxFuture<'a, Result<S::File>> {
        Box::pin(self.refresh(file))
    }

    fn facts(&self, file: &S::File) -> FileMetadata {
        self.facts(file)
    }
}

/// The object-safe twin of [`DownloadService`].
pub(super) trait DynDownloadService<F>: Send + Sync {
    fn target(&self) -> BoxFuture<'_, Result<(SignedUrl, F)>>;
    fn facts(&self, file: &F) -> FileMetadata;
}

impl<S: DownloadService> DynDownloadService<S::File> for S {
    fn target(&self) -> BoxFuture<'_, Result<(SignedUrl, S::File)>> {
        Box::pin(self.target())
    }

    fn facts(&self, file: &S::File) -> FileMetadata {
        self.facts(file)
    }
}

/// The object-safe twin of [`WholeDownloadService`].
pub(super) trait DynWholeDownloadService<F>: Send + Sync {
    fn open(&self) -> BoxFuture<'_, Result<(Response, F)>>;
}

impl<S: WholeDownloadService> DynWholeDownloadService<S::File> for S {
    fn open(&self) -> BoxFuture<'_, Result<(Response, S::File)>> {
        Box::pin(self.open())
    }
}

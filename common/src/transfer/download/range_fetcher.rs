//! Requests ranges of one version of a file, and checks that each response holds the requested range.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::http::Response;
use crate::pipeline::Pipeline;
use crate::transfer::download::content_range::parse_content_range;
use crate::transfer::progress::ProgressMeter;
use crate::transfer::request::RESPONSE_TIMEOUT;
use crate::transfer::service::{DynDownloadService, DynWholeDownloadService, FileMetadata};
use crate::transfer::storage::client::{StorageClient, StorageError};
use crate::transfer::storage::presigned_url::PresignedUrl;
use crate::transfer::storage::renewable::Renewable;
use crate::{Body, Error, ErrorKind, Result};

/// The version of a file according to the first response. All other responses must have the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Version {
    /// The size in bytes. `None` only if neither service nor storage reports it.
    pub(crate) total: Option<u64>,
    /// The strong `ETag`.
    pub(crate) tag: Option<String>,
    modified: Option<String>,
}

impl Version {
    /// Returns whether ranges can be pinned to the version. Without a validator, ranges of two versions could be mixed.
    pub(crate) fn has_validator(&self) -> bool {
        self.tag.is_some() || self.modified.is_some()
    }
}

/// The service that a download comes from.
pub(crate) enum DownloadSource<F> {
    /// Returns presigned URLs of a storage. The name is that of the requests to the storage.
    Storage(Arc<dyn DynDownloadService<F>>, &'static str),
    /// Sends the whole file in one response.
    Whole(Arc<dyn DynWholeDownloadService<F>>),
}

enum Backend<F> {
    Storage {
        service: Arc<dyn DynDownloadService<F>>,
        storage: StorageClient,
        url: Renewable<PresignedUrl>,
    },
    /// With the response that opened the download, until it is used.
    Whole {
        service: Arc<dyn DynWholeDownloadService<F>>,
        first: Mutex<Option<Response>>,
    },
}

/// Requests ranges of one file.
pub(crate) struct RangeFetcher<F> {
    pub(crate) pipeline: Pipeline,
    backend: Backend<F>,
    file: Arc<F>,
    /// The metadata that the service reports.
    pub(crate) metadata: FileMetadata,
    version: OnceLock<Version>,
    pub(crate) meter: ProgressMeter,
}

/// The body of a response that was checked.
pub(crate) struct OpenBody {
    pub(crate) body: Body,
    /// Bytes before the requested position.
    pub(crate) skip: u64,
    /// The end of the body within the file, if known.
    pub(crate) end: Option<u64>,
    /// Whether the response holds the whole file.
    pub(crate) is_whole: bool,
}

impl<F: Send + Sync + 'static> RangeFetcher<F> {
    /// Asks the service for the file.
    pub(crate) async fn open(pipeline: Pipeline, source: &DownloadSource<F>, meter: ProgressMeter) -> Result<Self> {
        let (backend, file, metadata) = match source {
            DownloadSource::Storage(service, operation) => {
                let (url, file) = service.presigned_url().await?;
                let metadata = service.metadata(&file);
                let storage = StorageClient::new(pipeline.clone(), operation, RESPONSE_TIMEOUT);
                let url = Renewable::new(url);
                (Backend::Storage { service: Arc::clone(service), storage, url }, file, metadata)
            }
            DownloadSource::Whole(service) => {
                let (response, file) = service.open().await?;
                let first = Mutex::new(Some(response));
                (Backend::Whole { service: Arc::clone(service), first }, file, FileMetadata::default())
            }
        };
        meter.change(|progress| progress.total = metadata.size);
        Ok(Self { pipeline, backend, file: Arc::new(file), metadata, version: OnceLock::new(), meter })
    }

    /// Returns the description of the file that the service returned when the download started.
    pub(crate) fn file(&self) -> Arc<F> {
        Arc::clone(&self.file)
    }

    /// Returns whether every response holds the whole file.
    pub(crate) fn sends_whole_files(&self) -> bool {
        matches!(self.backend, Backend::Whole { .. })
    }

    /// Returns whether a download broke that cannot be resumed, because no validator pins the rest to its version.
    pub(crate) fn failed_without_validator(&self, error: &Error) -> bool {
        let is_broken = matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::Timeout);
        is_broken && self.version().is_some_and(|version| !version.has_validator())
    }

    /// Returns the version, once the first response has arrived.
    pub(crate) fn version(&self) -> Option<&Version> {
        self.version.get()
    }

    /// Renews the presigned URL, unless another request has already renewed this generation.
    pub(crate) async fn renew_url(&self, generation: u64) -> Result<()> {
        if let Backend::Storage { service, url, .. } = &self.backend {
            url.renew(generation, request_url(service)).await?;
        }
        Ok(())
    }

    /// Requests a range, or the rest of the file. An error has the generation of the presigned URL that was used.
    pub(crate) async fn request(
        &self,
        start: u64,
        end: Option<u64>,
        attempt: u32,
    ) -> Result<OpenBody, (u64, StorageError)> {
        let (service, storage, renewable) = match &self.backend {
            Backend::Storage { service, storage, url } => (service, storage, url),
            Backend::Whole { service, first } => {
                let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
                let response = match first {
                    Some(response) => response,
                    None => service.open().await.map_err(|error| (0, StorageError::fail(error)))?.0,
                };
                return self.check(response, start, end).map_err(|error| (0, StorageError::fail(error)));
            }
        };
        let (mut generation, mut url) = renewable.get();
        if !storage.is_fresh(&url) && attempt > 1 {
            let renewed = renewable.renew(generation, request_url(service)).await;
            (generation, url) = renewed.map_err(|error| (generation, StorageError::fail(error)))?;
        }
        let headers = self.range_headers(start, end);
        let result = storage.send(&url, Method::GET, headers, Body::empty(), attempt).await;
        let response = result.map_err(|failed| (generation, changed_version(failed)))?;
        self.check(response, start, end).map_err(|error| (generation, StorageError::fail(error)))
    }

    /// Returns the headers of a request for a range, pinned to the version.
    fn range_headers(&self, start: u64, end: Option<u64>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        // With another content coding, ranges and checksums would not be those of the file.
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(header::ACCEPT, HeaderValue::from_static("*/*"));
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        if start > 0 || end.is_some() {
            let last = end.map(|end| (end - 1).to_string()).unwrap_or_default();
            set(header::RANGE, &format!("bytes={start}-{last}"));
            match self.version() {
                Some(Version { tag: Some(tag), .. }) => set(header::IF_MATCH, tag),
                Some(Version { modified: Some(modified), .. }) => set(header::IF_UNMODIFIED_SINCE, modified),
                _ => {}
            }
        }
        headers
    }

    /// Checks that a response holds the requested range of the same version.
    fn check(&self, response: Response, start: u64, end: Option<u64>) -> Result<OpenBody> {
        let (parts, body) = response.into_parts();
        let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let invalid = |problem: &str| Err(Error::protocol(format_args!("storage {problem}")).with_status(parts.status));
        // The client requests no content coding, so that it cannot be the file's own.
        if self.sends_whole_files()
            && text(header::CONTENT_ENCODING).is_some_and(|coding| !coding.eq_ignore_ascii_case("identity"))
        {
            return invalid("sent the file with a content coding that was not requested");
        }
        let (skip, until, total) = match parts.status {
            StatusCode::OK => (start, body.len(), body.len()),
            StatusCode::PARTIAL_CONTENT => {
                let Some((range, total)) = text(header::CONTENT_RANGE).and_then(parse_content_range) else {
                    return invalid("sent a range without a valid Content-Range");
                };
                if range.start != start || end.is_some_and(|end| range.end > end) {
                    return invalid("sent another range than the requested one");
                }
                if body.len().is_some_and(|length| length != range.end - range.start) {
                    return invalid("sent a range whose length differs from its Content-Range");
                }
                (0, Some(range.end), total)
            }
            _ => return invalid("responded with neither a file nor a range"),
        };
        if let (Some(total), Some(size)) = (total, self.metadata.size)
            && total != size
        {
            let problem = format_args!("the storage has {total} bytes, but the service reports {size}");
            return Err(Error::local(ErrorKind::Integrity, problem));
        }
        let received = Version {
            total: total.or(self.metadata.size),
            tag: text(header::ETAG).filter(|tag| !tag.starts_with("W/") && !tag.is_empty()).map(str::to_owned),
            modified: text(header::LAST_MODIFIED).map(str::to_owned),
        };
        let has_end_marker = parts.status == StatusCode::OK && parts.headers.contains_key(header::TRANSFER_ENCODING);
        if received.total.is_none() && !has_end_marker {
            return invalid("does not report the size of the file, so that a truncated body could not be detected");
        }
        let version = self.version.get_or_init(|| received.clone());
        let is_same = version.tag == received.tag
            && (version.tag.is_some() || version.modified == received.modified)
            && version.total == received.total;
        if !is_same {
            return Err(changed());
        }
        Ok(OpenBody { body, skip, end: until, is_whole: parts.status == StatusCode::OK })
    }
}

async fn request_url<F>(service: &Arc<dyn DynDownloadService<F>>) -> Result<PresignedUrl> {
    service.presigned_url().await.map(|(url, _)| url)
}

fn changed() -> Error {
    Error::local(ErrorKind::Integrity, "the file changed on the server during the download")
}

/// Converts the statuses for a failed precondition and for a range that no longer exists.
fn changed_version(failed: StorageError) -> StorageError {
    let error = match failed.error.status() {
        Some(StatusCode::PRECONDITION_FAILED) => changed(),
        Some(StatusCode::RANGE_NOT_SATISFIABLE) => {
            Error::local(ErrorKind::Integrity, "the file on the server is shorter than the requested range")
        }
        _ => return failed,
    };
    StorageError::fail(match failed.error.status() {
        Some(status) => error.with_status(status),
        None => error,
    })
}

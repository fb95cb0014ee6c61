use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::header::{CONTENT_LENGTH, ETAG, HeaderName, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderValue, StatusCode};

use super::Storage;
use super::error::{StorageError, StorageResult};
use super::presign::SignedQuery;
use crate::data::{Blob, Writer};
use crate::server::{Disconnected, RequestBody, Response};

const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");

/// Stores a part whose bytes are the request body.
pub(super) async fn put(
    storage: &Storage,
    request: &Parts,
    object_id: &str,
    signed: &SignedQuery,
    body: &mut RequestBody,
) -> StorageResult<Response> {
    let length = length_of(request)?;
    let upload = signed.get("uploadId").unwrap_or_default();
    let number = check(storage, object_id, upload, signed.get("partNumber"), length)?;
    let expected = match request.headers.get(CONTENT_MD5) {
        Some(sum) => Some(read_md5(sum).ok_or_else(|| StorageError::new("InvalidDigest"))?),
        None => None,
    };
    let mut writer = storage.0.blobs.writer();
    while let Some(bytes) = body.next().await? {
        writer.write(bytes).await.map_err(|_| StorageError::new("InternalError"))?;
    }
    let blob = finish(writer).await?;
    if let (Some(expected), Some(actual)) = (expected, blob.md5)
        && expected != actual
    {
        let (expected, actual) = (BASE64.encode(expected), BASE64.encode(actual));
        return Err(StorageError::new("BadDigest")
            .detail("ExpectedDigest", expected)
            .detail("CalculatedDigest", actual));
    }
    let etag = storage.store_part(upload, number, blob)?;
    Ok(success(StatusCode::OK, etag.as_deref()))
}

/// Checks the request before its body is read.
pub(super) fn check(
    storage: &Storage,
    object_id: &str,
    upload: &str,
    number: Option<&str>,
    length: u64,
) -> StorageResult<u32> {
    let settings = &storage.0.settings;
    let max_parts = settings.max_parts;
    let number = number.and_then(|number| number.parse().ok()).filter(|number| (1..=max_parts).contains(number));
    let number = number.ok_or_else(|| {
        let message = format!("Part number must be an integer between 1 and {max_parts}, inclusive");
        StorageError::new("InvalidArgument").message(message).detail("ArgumentName", "partNumber")
    })?;
    if !storage.is_open(upload, object_id) {
        return Err(StorageError::new("NoSuchUpload"));
    }
    if length > settings.max_part_size {
        return Err(too_large(storage, length));
    }
    Ok(number)
}

pub(super) fn too_large(storage: &Storage, length: u64) -> StorageError {
    StorageError::new("EntityTooLarge")
        .detail("ProposedSize", length.to_string())
        .detail("MaxSizeAllowed", storage.0.settings.max_part_size.to_string())
}

/// Returns the length of the body. Object storages require it in advance.
pub(super) fn length_of(request: &Parts) -> StorageResult<u64> {
    if request.headers.contains_key(TRANSFER_ENCODING) {
        return Err(StorageError::new("NotImplemented").detail("Header", "Transfer-Encoding"));
    }
    let length = request.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    length.ok_or_else(|| StorageError::new("MissingContentLength"))
}

pub(super) async fn finish(writer: Writer) -> StorageResult<Blob> {
    writer.finish().await.map_err(|_| StorageError::new("InternalError"))
}

pub(super) fn success(status: StatusCode, etag: Option<&str>) -> Response {
    let mut response = Response::empty(status);
    if let Some(etag) = etag.and_then(|etag| HeaderValue::from_str(etag).ok()) {
        response.headers.insert(ETAG, etag);
    }
    response
}

fn read_md5(value: &HeaderValue) -> Option<[u8; 16]> {
    BASE64.decode(value.as_bytes()).ok()?.try_into().ok()
}

impl From<Disconnected> for StorageError {
    /// The response is never sent, because the client is gone.
    fn from(Disconnected: Disconnected) -> Self {
        Self::new("IncompleteBody")
    }
}

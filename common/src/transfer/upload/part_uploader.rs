//! Sends a part to its presigned URL until the storage has it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::error::{FailureStage, MAX_ERROR_BODY};
use crate::http::Response;
use crate::transfer::checksum::{ChecksumHasher, Checksums};
use crate::transfer::form::multipart::Frame;
use crate::transfer::progress::{ByteCounter, PartProgress, ProgressMeter};
use crate::transfer::service::{DynUploadService, FieldLocation, PartEncoding, PartField, PartTarget};
use crate::transfer::storage::client::{Recovery, StorageClient, StorageError, check_success_body};
use crate::transfer::upload::part_body::PartBody;
use crate::transfer::upload::part_reader::PartData;
use crate::{Error, ErrorKind, Result};

/// How often the presigned URL of a part may be renewed.
const MAX_RENEWALS: u32 = 2;

/// Sends the parts of an upload.
pub(crate) struct PartUploader {
    storage: StorageClient,
    content_type: String,
    verify: bool,
    /// Whether the storage returns an MD5 as `ETag`. Until then no MD5 is computed.
    has_md5_tags: AtomicBool,
}

impl PartUploader {
    pub(crate) fn new(storage: StorageClient, content_type: String, verify: bool) -> Self {
        Self { storage, content_type, verify, has_md5_tags: AtomicBool::new(false) }
    }

    /// Makes one attempt to send a part.
    async fn attempt(
        &self,
        target: &PartTarget,
        data: &PartData,
        attempt: u32,
        meter: &ProgressMeter,
    ) -> Result<(), StorageError> {
        let progress = PartProgress::new(meter);
        self.send(target, data, attempt, progress.counter()).await?;
        progress.succeed();
        Ok(())
    }

    async fn send(
        &self,
        target: &PartTarget,
        data: &PartData,
        attempt: u32,
        counter: &ByteCounter,
    ) -> Result<(), StorageError> {
        let size = data.size();
        let (headers, frame) = self.encode(target, size).map_err(StorageError::fail)?;
        let hash = self.verify && self.has_md5_tags.load(Relaxed);
        let hasher = if hash { ChecksumHasher::md5() } else { ChecksumHasher::default() };
        let (body, results) = PartBody::body(frame, data.chunks(), size, hasher, counter);
        let result = self.storage.send(&target.url, target.method.clone(), headers, body, attempt).await;
        // The transport only knows that the body broke; the source knows why.
        if let Some(error) = results.error.get() {
            return Err(StorageError::fail(error));
        }
        let response = result?;
        if counter.bytes() < size {
            return Err(StorageError::retry(Error::interrupted("storage responded before it had received the part")));
        }
        self.check_response(response, target, data, results.checksums()).await
    }

    /// Returns the headers of the request, and the form around the content if the target uses one.
    fn encode(&self, target: &PartTarget, size: u64) -> Result<(HeaderMap, Frame)> {
        let mut headers = target.headers.clone();
        let mut form_fields = Vec::new();
        for (field, location) in &target.fields {
            let value = match field {
                PartField::Size => size.to_string(),
                PartField::ContentType => self.content_type.clone(),
            };
            match location {
                // The transport sets it.
                FieldLocation::Header(name) if *name == header::CONTENT_LENGTH => {}
                FieldLocation::Header(name) => {
                    let value = HeaderValue::try_from(value)
                        .map_err(|_| Error::invalid_input("content_type", "is not a valid header value"))?;
                    headers.insert(name, value);
                }
                FieldLocation::Field(name) => form_fields.push((name.clone(), value)),
            }
        }
        let frame = match &target.encoding {
            PartEncoding::Body => Frame::default(),
            PartEncoding::Form { fields, data } => {
                let frame = Frame::new(fields.iter().chain(&form_fields), data, &self.content_type);
                if let Some(content_type) = frame.content_type() {
                    headers.insert(header::CONTENT_TYPE, content_type);
                }
                frame
            }
        };
        Ok((headers, frame))
    }

    /// Checks that the storage has stored the part, and compares its MD5 with the `ETag`.
    async fn check_response(
        &self,
        response: Response,
        target: &PartTarget,
        data: &PartData,
        checksums: Option<Checksums>,
    ) -> Result<(), StorageError> {
        let (parts, mut body) = response.into_parts();
        let bytes = self.storage.read_prefix(&mut body, MAX_ERROR_BODY).await;
        check_success_body(parts.status, &bytes, &target.url)?;
        if matches!(parts.status, StatusCode::ACCEPTED | StatusCode::PARTIAL_CONTENT) {
            let error = Error::new(ErrorKind::UnexpectedStatus, FailureStage::Undecodable)
                .with_status(parts.status)
                .with_message("the status does not confirm that the storage has the part", &[]);
            return Err(StorageError::fail(error));
        }
        let tag = parts.headers.get(header::ETAG).and_then(|tag| tag.to_str().ok()).and_then(md5_of_tag);
        let Some(tag) = tag.filter(|_| self.verify) else { return Ok(()) };
        self.has_md5_tags.store(true, Relaxed);
        let md5 = match checksums.and_then(|checksums| checksums.md5) {
            Some(md5) => Some(md5),
            None => data.chunks().checksums(ChecksumHasher::md5()).await.map_err(StorageError::fail)?.md5,
        };
        if md5 == Some(tag) {
            return Ok(());
        }
        let problem = format_args!("MD5 mismatch between part {} and the ETag of the storage", target.number);
        Err(StorageError::retry(Error::local(ErrorKind::Integrity, problem).with_status(parts.status)))
    }
}

/// Sends a part. Retries, and renews the presigned URL if it has expired.
pub(crate) async fn upload_part<F>(
    service: &dyn DynUploadService<F>,
    uploader: &PartUploader,
    reference: &str,
    first: PartTarget,
    data: &PartData,
    meter: &ProgressMeter,
) -> Result<()> {
    let part = first.number;
    let storage = &uploader.storage;
    let backoff = &storage.pipeline.inner().backoff;
    let is_fresh = |target: &PartTarget| storage.is_fresh(&target.url);
    let mut target = Some(first).filter(is_fresh);
    let (mut attempts, mut renewals, mut mismatches) = (0, 0, 0);
    loop {
        let current = if let Some(current) = target.take() {
            current
        } else {
            let renewed = service.part_target(reference, part).await?;
            check_number(part, &renewed)?;
            renewed
        };
        attempts += 1;
        let Err(StorageError { error, recovery }) = uploader.attempt(&current, data, attempts, meter).await else {
            return Ok(());
        };
        let error = error.tried(attempts + renewals);
        let is_mismatch = error.kind() == ErrorKind::Integrity;
        match recovery {
            Recovery::RenewUrl if renewals < MAX_RENEWALS => {
                renewals += 1;
                attempts -= 1;
            }
            Recovery::Retry(wait) if !(is_mismatch && mismatches > 0) => {
                mismatches += u32::from(is_mismatch);
                backoff.wait(attempts, wait).await.map_err(|_| error)?;
                target = Some(current).filter(is_fresh);
            }
            _ => return Err(error),
        }
    }
}

/// Fails if the service returned the target of another part.
pub(crate) fn check_number(requested: u32, target: &PartTarget) -> Result<()> {
    if target.number == requested {
        return Ok(());
    }
    Err(Error::protocol(format_args!("requested the target of part {requested}, received that of {}", target.number)))
}

/// Returns the MD5 in an `ETag`. Tags of another form, such as those with a dash, are not an MD5.
fn md5_of_tag(tag: &str) -> Option<String> {
    let tag = tag.trim().trim_matches('"');
    let is_md5 = tag.len() == 32 && tag.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_md5.then(|| tag.to_ascii_lowercase())
}

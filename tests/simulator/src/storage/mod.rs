//! The object store of a simulated service, which presigned URLs refer to.
//!
//! It listens on its own origin, because clients must not send their credentials there. A presigned URL is valid
//! until it expires by the simulated clock. Credentials are ignored, and the journal records them so that a test
//! can check their absence.
//!
//! A part is stored when all of it has arrived, and the last upload of a part number wins. Bodies are streamed to and
//! from the [blobs](crate::data), so that files of any size need no memory. An object exists as long as a handle to it.
//! Afterwards its URLs respond with 404.

mod download;
mod error;
mod form;
mod object;
mod part;
mod presign;
mod service;
mod settings;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use bytes::Bytes;

pub(crate) use self::error::ErrorCode;
use self::error::{StorageError, StorageResult};
pub(crate) use self::object::Object;
use self::object::{Objects, StoredContent};
use self::presign::Signer;
pub use self::settings::{DownloadUrls, PartEtags, StorageSettings};
use crate::data::{Blob, BlobStore, Content};
pub(crate) use crate::hash::hex;
use crate::server::{Clock, Random, Service};
use crate::{Operation, lock};

/// The id of a multipart upload, as in its presigned URLs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct UploadKey(String);

/// A completely uploaded part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartInfo {
    pub(crate) number: u32,
    pub(crate) size: u64,
    /// In hex. `None` if the settings disable checksums.
    pub(crate) md5: Option<String>,
}

/// The reason why an upload cannot be completed. The upload stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AssembleError {
    NoParts,
    /// The first missing part.
    Gap(u32),
    TooSmall(u32),
    TooLarge(u32),
}

/// A handle to the object store. Clones refer to the same store.
#[derive(Clone, Debug)]
pub(crate) struct Storage(Arc<StorageInner>);

#[derive(Debug)]
struct StorageInner {
    settings: StorageSettings,
    clock: Arc<Clock>,
    blobs: Arc<BlobStore>,
    signer: Signer,
    origin: Mutex<String>,
    state: Mutex<StorageState>,
    empty: OnceLock<Object>,
}

#[derive(Debug)]
struct StorageState {
    random: Random,
    uploads: HashMap<String, MultipartUpload>,
    objects: Objects,
}

#[derive(Debug)]
struct MultipartUpload {
    object_id: String,
    parts: BTreeMap<u32, Blob>,
}

impl Storage {
    pub(crate) fn new(settings: StorageSettings, clock: Arc<Clock>, seed: u64) -> Self {
        // Differs from the seed that generates the ids of the service.
        let mut random = Random::new(seed ^ 0x0073_746f_7261_6765);
        let blobs = BlobStore::new(
            settings.memory_limit,
            settings.data_folder.clone(),
            settings.keeps_content,
            settings.checksums,
        );
        let signer = Signer::new(random.alphanumeric(40));
        let state = StorageState { random, uploads: HashMap::new(), objects: Objects::default() };
        Self(Arc::new(StorageInner {
            settings,
            clock,
            blobs,
            signer,
            origin: Mutex::default(),
            state: Mutex::new(state),
            empty: OnceLock::new(),
        }))
    }

    /// Sets the origin of presigned URLs, such as `http://127.0.0.1:40418`.
    pub(crate) fn set_origin(&self, origin: impl Into<String>) {
        *lock(&self.0.origin) = origin.into();
    }

    /// Returns the service for the storage's listener. `operations` must contain an operation for each of PUT, POST,
    /// GET and HEAD whose name ends in `.storage.put_part` or `.storage.get`. Others are ignored.
    pub(crate) fn service(&self, operations: &'static [Operation]) -> Arc<dyn Service> {
        Arc::new(service::StorageService::new(self.clone(), operations))
    }

    /// Returns the largest number of bytes that were in memory at once.
    pub(crate) fn peak_resident(&self) -> u64 {
        self.0.blobs.peak_resident()
    }

    pub(crate) fn create_upload(&self) -> UploadKey {
        let mut state = lock(&self.0.state);
        let (key, object_id) = (state.random.alphanumeric(32), state.random.alphanumeric(20));
        state.uploads.insert(key.clone(), MultipartUpload { object_id, parts: BTreeMap::new() });
        UploadKey(key)
    }

    /// Presigns the PUT of a part. A URL for an upload that does not exist is validly signed too, and responds with
    /// 404.
    pub(crate) fn sign_part(&self, key: &UploadKey, part: u32, lifetime: Duration) -> String {
        let (path, origin) = self.place(key);
        let query = format!("partNumber={part}&uploadId={}", key.0);
        let signed = self.0.signer.sign_v4("PUT", &path, &query, self.0.clock.now_ms(), lifetime);
        format!("{origin}{path}?{signed}")
    }

    /// Returns the URL and the fields of a form that uploads a part. The file follows the fields, named `file`.
    pub(crate) fn form_target(
        &self,
        key: &UploadKey,
        part: u32,
        lifetime: Duration,
    ) -> (String, Vec<(String, String)>) {
        let (path, origin) = self.place(key);
        let fields = [
            ("key", path.trim_start_matches('/').to_owned()),
            ("uploadId", key.0.clone()),
            ("partNumber", part.to_string()),
            ("success_action_status", self.0.settings.form_status.to_string()),
        ];
        (format!("{origin}{path}"), self.0.signer.sign_form(&fields, self.0.clock.now_ms(), lifetime))
    }

    fn place(&self, key: &UploadKey) -> (String, String) {
        let object_id = lock(&self.0.state).uploads.get(&key.0).map(|upload| upload.object_id.clone());
        (self.path_of(object_id.as_deref().unwrap_or("gone")), lock(&self.0.origin).clone())
    }

    /// The prefix is part of the signed path and has no other meaning.
    fn path_of(&self, object_id: &str) -> String {
        format!("/o/{}{object_id}", self.0.settings.key_prefix)
    }

    /// Returns the stored parts, by number.
    pub(crate) fn parts(&self, key: &UploadKey) -> Vec<PartInfo> {
        let state = lock(&self.0.state);
        let parts = state.uploads.get(&key.0).into_iter().flat_map(|upload| &upload.parts);
        let info = |(number, blob): (&u32, &Blob)| PartInfo {
            number: *number,
            size: blob.length,
            md5: blob.md5.as_ref().map(|sum| hex(sum)),
        };
        parts.map(info).collect()
    }

    /// Completes an upload: combines the parts, which must be complete from 1, into an object.
    pub(crate) fn assemble(&self, key: &UploadKey) -> Result<Object, AssembleError> {
        let mut state = lock(&self.0.state);
        let upload = state.uploads.get(&key.0).ok_or(AssembleError::NoParts)?;
        let last = *upload.parts.keys().next_back().ok_or(AssembleError::NoParts)?;
        for (expected, (number, blob)) in (1..).zip(&upload.parts) {
            if *number != expected {
                return Err(AssembleError::Gap(expected));
            }
            if *number != last && blob.length < self.0.settings.min_part_size {
                return Err(AssembleError::TooSmall(*number));
            }
            if blob.length > self.0.settings.max_part_size {
                return Err(AssembleError::TooLarge(*number));
            }
        }
        let Some(upload) = state.uploads.remove(&key.0) else {
            return Err(AssembleError::NoParts);
        };
        let blobs: Vec<_> = upload.parts.into_values().collect();
        let etag = object::etag_of_parts(&blobs).unwrap_or_else(|| opaque_etag(&mut state.random));
        let object = self.object(
            upload.object_id,
            etag,
            StoredContent::of_blobs(blobs, self.0.blobs.checksums() && self.0.settings.keeps_content),
        );
        state.objects.insert(&object);
        Ok(object)
    }

    /// Removes an upload and its parts.
    pub(crate) fn abort_upload(&self, key: &UploadKey) {
        lock(&self.0.state).uploads.remove(&key.0);
    }

    pub(crate) fn put(&self, bytes: impl Into<Bytes>) -> Object {
        self.keep(|random| {
            let stored = StoredContent::of_blobs(vec![Blob::whole(bytes.into())], self.0.blobs.checksums());
            let etag = stored.md5().map_or_else(|| opaque_etag(random), |md5| format!("\"{}\"", hex(&md5)));
            (etag, stored)
        })
    }

    /// Stores an object of [generated](crate::pattern) bytes, which uses no memory.
    pub(crate) fn put_pattern(&self, size: u64, seed: u64) -> Object {
        self.keep(|random| {
            let stored = StoredContent::of_blobs(vec![Blob::pattern(size, seed)], self.0.blobs.checksums());
            (opaque_etag(random), stored)
        })
    }

    fn keep(&self, make: impl FnOnce(&mut Random) -> (String, Arc<StoredContent>)) -> Object {
        let mut state = lock(&self.0.state);
        let id = state.random.alphanumeric(20);
        let (etag, stored) = make(&mut state.random);
        let object = self.object(id, etag, stored);
        state.objects.insert(&object);
        object
    }

    fn object(&self, id: String, etag: String, stored: Arc<StoredContent>) -> Object {
        Object::new(id, etag, self.0.clock.now_ms(), stored)
    }

    /// Reads the content into memory. Blocks.
    pub(crate) fn read(&self, object: &Object) -> Bytes {
        let _ = self;
        object.stored.content.read_all().unwrap_or_default()
    }

    /// The object of all empty files.
    pub(crate) fn empty(&self) -> Object {
        self.0.empty.get_or_init(|| self.put(Bytes::new())).clone()
    }

    /// Presigns GET and HEAD. The response suggests `file_name` for saving the file.
    pub(crate) fn sign_download(&self, object: &Object, file_name: &str, lifetime: Duration) -> String {
        let path = self.path_of(&object.id);
        let disposition = presign::encode(&download::disposition(file_name));
        let query = format!("response-content-disposition={disposition}");
        let now_ms = self.0.clock.now_ms();
        let signed = match self.0.settings.download_urls {
            DownloadUrls::ExpiresSeconds => self.0.signer.sign_v2("GET", &path, &query, now_ms, lifetime),
            DownloadUrls::DateAndLifetime => self.0.signer.sign_v4("GET", &path, &query, now_ms, lifetime),
        };
        format!("{}{path}?{signed}", lock(&self.0.origin))
    }

    fn is_open(&self, upload: &str, object_id: &str) -> bool {
        lock(&self.0.state).uploads.get(upload).is_some_and(|upload| upload.object_id == object_id)
    }

    /// Stores a complete part and returns its `ETag`.
    fn store_part(&self, upload: &str, number: u32, blob: Blob) -> StorageResult<Option<String>> {
        let mut state = lock(&self.0.state);
        let etag = match (self.0.settings.part_etags, blob.md5) {
            (PartEtags::Absent, _) => None,
            (PartEtags::Md5, Some(md5)) => Some(format!("\"{}\"", hex(&md5))),
            _ => Some(opaque_etag(&mut state.random)),
        };
        // The upload may have ended while the body was arriving.
        let upload = state.uploads.get_mut(upload).ok_or_else(|| StorageError::new("NoSuchUpload"))?;
        upload.parts.insert(number, blob);
        Ok(etag)
    }

    fn find(&self, object_id: &str) -> Option<Object> {
        lock(&self.0.state).objects.get(object_id)
    }
}

fn opaque_etag(random: &mut Random) -> String {
    format!("\"{}-1\"", random.hex(32))
}

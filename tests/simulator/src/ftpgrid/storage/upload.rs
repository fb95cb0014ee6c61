//! Uploads: forms of one or many files that are streamed, and stored when they are complete.

use std::collections::HashMap;
use std::sync::Arc;

use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use serde_json::Value;

use crate::data::{BlobStore, Writer};
use crate::ftpgrid::accounts::acknowledged;
use crate::ftpgrid::input::{ApiError, ApiResult, Input};
use crate::ftpgrid::state::store::Store;
use crate::ftpgrid::storage::changes::API;
use crate::ftpgrid::storage::checksums::{FileChecksums, FileHasher};
use crate::ftpgrid::storage::metadata::{HashedContent, Update};
use crate::ftpgrid::storage::path::{ROOT, join, normalize};
use crate::ftpgrid::storage::tree::{Occupied, TreeFile};
use crate::server::{FormEvent, Multipart, RequestBody, Response, SharedStore, touch};

/// The part that contains the target paths of the files.
const META: &str = "meta";
const META_LIMIT: usize = 1 << 20;

/// A completely received file.
struct ReceivedFile {
    field: String,
    name: String,
    hashed: HashedContent,
}

/// The received parts of a form.
struct ReceivedForm {
    depot: Arc<BlobStore>,
    checksums: bool,
    files: Vec<ReceivedFile>,
    meta: Option<Vec<u8>>,
    current: CurrentPart,
}

/// The part that is being received.
enum CurrentPart {
    File(Box<OpenFile>),
    Meta,
    /// A text part with an unknown name.
    Ignored,
}

struct OpenFile {
    field: String,
    name: String,
    writer: Writer,
    hasher: FileHasher,
}

pub(crate) async fn receive(
    store: &SharedStore<Store>,
    request: &Parts,
    body: &mut RequestBody,
) -> ApiResult<Response> {
    let (mut form, max_size) = {
        let store = store.lock();
        (ReceivedForm::new(Arc::clone(&store.depot), store.settings.checksums), store.settings.max_upload_size)
    };
    let header = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
    let mut parser = header(CONTENT_TYPE)
        .and_then(Multipart::new)
        .ok_or_else(|| ApiError::bad_request("The body must be multipart/form-data with a boundary"))?;
    let mut received = 0;
    let content_length = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    check_size(content_length.unwrap_or(0), max_size)?;
    while let Some(bytes) = body.next().await? {
        received += bytes.len() as u64;
        check_size(received, max_size)?;
        parser.push(&bytes);
        while let Some(event) = parser.next().map_err(|()| malformed())? {
            form.take(event).await?;
        }
    }
    if !parser.is_complete() {
        return Err(malformed());
    }
    form.close().await?;
    let files = form.into_files()?;
    store_files(&mut store.lock(), files, store.now_ms())?;
    Ok(acknowledged())
}

fn check_size(bytes: u64, max_size: u64) -> ApiResult<()> {
    if bytes > max_size {
        return Err(ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "The upload is too large"));
    }
    Ok(())
}

fn malformed() -> ApiError {
    ApiError::bad_request("The body is no well-formed multipart/form-data")
}

impl ReceivedForm {
    fn new(depot: Arc<BlobStore>, checksums: bool) -> Self {
        Self { depot, checksums, files: Vec::new(), meta: None, current: CurrentPart::Ignored }
    }

    async fn take(&mut self, event: FormEvent) -> ApiResult<()> {
        match event {
            FormEvent::Begin { name, file_name } => {
                self.close().await?;
                self.current = self.begin(name, file_name)?;
            }
            FormEvent::Data(bytes) => match &mut self.current {
                CurrentPart::File(file) => {
                    if self.checksums {
                        file.hasher.update(&bytes);
                    }
                    file.writer.write(bytes).await.map_err(|_| broken())?;
                }
                CurrentPart::Meta => {
                    let meta = self.meta.get_or_insert_default();
                    meta.extend_from_slice(&bytes);
                    if meta.len() > META_LIMIT {
                        return Err(ApiError::bad_request("meta is too large"));
                    }
                }
                CurrentPart::Ignored => {}
            },
        }
        Ok(())
    }

    fn begin(&mut self, field: String, file_name: Option<String>) -> ApiResult<CurrentPart> {
        let Some(name) = file_name else {
            if field != META {
                return Ok(CurrentPart::Ignored);
            }
            return match self.meta.replace(Vec::new()) {
                None => Ok(CurrentPart::Meta),
                Some(_) => Err(ApiError::bad_request("meta is there twice")),
            };
        };
        if field == META {
            return Err(ApiError::bad_request("meta must not be a file"));
        }
        if self.files.iter().any(|file| file.field == field) {
            return Err(ApiError::bad_request(format!("Two files are named {field}")));
        }
        if matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\\', '\0']) {
            return Err(ApiError::bad_request("A filename must be the name of a file, without directories"));
        }
        Ok(CurrentPart::File(Box::new(OpenFile {
            field,
            name,
            writer: self.depot.writer(),
            hasher: FileHasher::default(),
        })))
    }

    /// Ends the current part.
    async fn close(&mut self) -> ApiResult<()> {
        if let CurrentPart::File(file) = std::mem::replace(&mut self.current, CurrentPart::Ignored) {
            let OpenFile { field, name, writer, hasher } = *file;
            let piece = writer.finish().await.map_err(|_| broken())?;
            let checksums = if self.checksums { FileChecksums::of(hasher) } else { Arc::default() };
            self.files.push(ReceivedFile { field, name, hashed: HashedContent { piece, checksums } });
        }
        Ok(())
    }

    /// Returns the files with their target paths.
    fn into_files(self) -> ApiResult<Vec<(String, HashedContent)>> {
        if self.files.is_empty() {
            return Err(ApiError::bad_request("There is no file"));
        }
        let directories = self.meta.as_deref().map(read_meta).transpose()?;
        let with_path = |file: ReceivedFile| {
            let directory = match &directories {
                None => ROOT,
                Some(directories) => directories
                    .get(&file.field)
                    .ok_or_else(|| ApiError::bad_request(format!("meta does not say where {} goes", file.field)))?,
            };
            Ok((join(directory, &file.name), file.hashed))
        };
        self.files.into_iter().map(with_path).collect()
    }
}

fn broken() -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be written")
}

/// Returns the directories by part name.
fn read_meta(meta: &[u8]) -> ApiResult<HashMap<String, String>> {
    let value: Value = serde_json::from_slice(meta).map_err(|_| ApiError::bad_request("meta is not valid JSON"))?;
    let meta = Input::of(&value, "meta")?;
    let entries = meta.list("files")?.ok_or_else(|| ApiError::bad_request("meta has no files"))?;
    let mut directories = HashMap::new();
    for entry in entries {
        let entry = Input::of(entry, "An entry of meta")?;
        let (field, path) = (entry.required("field")?.to_owned(), normalize(entry.required("path")?)?);
        if directories.insert(field, path).is_some() {
            return Err(ApiError::bad_request("meta has two entries for one file"));
        }
    }
    Ok(directories)
}

/// Stores all files, or no file if one fails.
fn store_files(store: &mut Store, files: Vec<(String, HashedContent)>, now_ms: i64) -> ApiResult<()> {
    // A file of the form can be at the path of a directory that another file needs.
    let before = (files.len() > 1).then(|| store.tree.clone());
    let mut results = Vec::new();
    for (path, hashed) in &files {
        match store.put(path, hashed.clone(), now_ms) {
            Ok(put) => results.push(put),
            Err(occupied) => {
                if let Some(before) = before {
                    store.tree = before;
                }
                return Err(occupied.into());
            }
        }
    }
    for ((path, hashed), put) in files.into_iter().zip(results) {
        for update in updates(&path, hashed, put, API) {
            store.learn(update, now_ms);
        }
    }
    Ok(())
}

/// The result of storing a file. The metadata is not updated yet.
pub(crate) struct PutResult {
    /// The created directories, parents first.
    directories: Vec<String>,
    modified_ms: i64,
}

/// Returns the metadata updates for a file and its created directories.
pub(crate) fn updates(
    path: &str,
    hashed: HashedContent,
    put: PutResult,
    protocol: &str,
) -> impl Iterator<Item = Update> {
    let PutResult { directories, modified_ms: at_ms } = put;
    let directory = move |path| Update::Directory { path, implied: true, protocol: protocol.to_owned(), at_ms };
    let file = Update::File { path: path.to_owned(), hashed, protocol: protocol.to_owned(), at_ms };
    directories.into_iter().map(directory).chain([file])
}

impl Store {
    /// Stores a file, replacing an existing file.
    pub(crate) fn put(&mut self, path: &str, hashed: HashedContent, now_ms: i64) -> Result<PutResult, Occupied> {
        let last_ms = self.tree.file(path).map_or(i64::MIN, |file| file.modified_ms);
        let modified_ms = touch(last_ms, now_ms);
        let directories =
            self.tree.put_file(path, TreeFile { piece: hashed.piece, checksums: hashed.checksums, modified_ms })?;
        Ok(PutResult { directories, modified_ms })
    }
}

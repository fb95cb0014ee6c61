//! Uploads: forms of one or many files that are taken as they arrive, and stored when the last byte is there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use serde_json::Value;

use crate::data::{Depot, Writer};
use crate::ftpgrid::accounts::acknowledged;
use crate::ftpgrid::input::Input;
use crate::ftpgrid::refusal::{Answer, Refusal};
use crate::ftpgrid::state::store::Store;
use crate::ftpgrid::storage::changes::API;
use crate::ftpgrid::storage::checksums::{Summing, Sums};
use crate::ftpgrid::storage::metadata::{Summed, Update};
use crate::ftpgrid::storage::path::{ROOT, join, normalize};
use crate::ftpgrid::storage::tree::{File, Occupied};
use crate::lock;
use crate::server::{Arriving, Clock, FormEvent, Multipart, Reply};

/// The part that says where the files go.
const META: &str = "meta";
const META_LIMIT: usize = 1 << 20;

/// A file that arrived whole.
struct Arrived {
    field: String,
    name: String,
    summed: Summed,
}

/// What a form has brought so far.
struct Form {
    depot: Arc<Depot>,
    checksums: bool,
    files: Vec<Arrived>,
    meta: Option<Vec<u8>>,
    open: Open,
}

/// The part that is arriving.
enum Open {
    File(Box<OpenFile>),
    Meta,
    /// A text that nobody knows.
    Ignored,
}

struct OpenFile {
    field: String,
    name: String,
    writer: Writer,
    summing: Summing,
}

pub(crate) async fn take(store: &Mutex<Store>, clock: &Clock, request: &Parts, body: &mut Arriving) -> Answer<Reply> {
    let (mut form, most) = {
        let store = lock(store);
        (Form::new(Arc::clone(&store.depot), store.settings.checksums), store.settings.maximum_upload)
    };
    let header = |name| request.headers.get(name).and_then(|value| value.to_str().ok());
    let mut parser = header(CONTENT_TYPE)
        .and_then(Multipart::new)
        .ok_or_else(|| Refusal::invalid("The body must be multipart/form-data with a boundary"))?;
    let mut arrived = 0;
    let said = header(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    check_size(said.unwrap_or(0), most)?;
    while let Some(bytes) = body.next().await? {
        arrived += bytes.len() as u64;
        check_size(arrived, most)?;
        parser.push(&bytes);
        while let Some(event) = parser.next().map_err(|()| malformed())? {
            form.take(event).await?;
        }
    }
    if !parser.is_complete() {
        return Err(malformed());
    }
    form.close().await?;
    let files = form.placed()?;
    store_files(&mut lock(store), files, clock.now_ms())?;
    Ok(acknowledged())
}

fn check_size(bytes: u64, most: u64) -> Answer<()> {
    if bytes > most {
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "The upload is too large"));
    }
    Ok(())
}

fn malformed() -> Refusal {
    Refusal::invalid("The body is no well-formed multipart/form-data")
}

impl Form {
    fn new(depot: Arc<Depot>, checksums: bool) -> Self {
        Self { depot, checksums, files: Vec::new(), meta: None, open: Open::Ignored }
    }

    async fn take(&mut self, event: FormEvent) -> Answer<()> {
        match event {
            FormEvent::Begin { name, file_name } => {
                self.close().await?;
                self.open = self.begin(name, file_name)?;
            }
            FormEvent::Data(bytes) => match &mut self.open {
                Open::File(file) => {
                    if self.checksums {
                        file.summing.update(&bytes);
                    }
                    file.writer.write(bytes).await.map_err(|_| broken())?;
                }
                Open::Meta => {
                    let meta = self.meta.get_or_insert_default();
                    meta.extend_from_slice(&bytes);
                    if meta.len() > META_LIMIT {
                        return Err(Refusal::invalid("meta is too large"));
                    }
                }
                Open::Ignored => {}
            },
        }
        Ok(())
    }

    fn begin(&mut self, field: String, file_name: Option<String>) -> Answer<Open> {
        let Some(name) = file_name else {
            if field != META {
                return Ok(Open::Ignored);
            }
            return match self.meta.replace(Vec::new()) {
                None => Ok(Open::Meta),
                Some(_) => Err(Refusal::invalid("meta is there twice")),
            };
        };
        if field == META {
            return Err(Refusal::invalid("meta must not be a file"));
        }
        if self.files.iter().any(|file| file.field == field) {
            return Err(Refusal::invalid(format!("Two files are named {field}")));
        }
        if matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\\', '\0']) {
            return Err(Refusal::invalid("A filename must be the name of a file, without directories"));
        }
        Ok(Open::File(Box::new(OpenFile { field, name, writer: self.depot.writer(), summing: Summing::default() })))
    }

    /// Ends the part that is open.
    async fn close(&mut self) -> Answer<()> {
        if let Open::File(file) = std::mem::replace(&mut self.open, Open::Ignored) {
            let OpenFile { field, name, writer, summing } = *file;
            let piece = writer.finish().await.map_err(|_| broken())?;
            let sums = if self.checksums { Sums::of(summing) } else { Arc::default() };
            self.files.push(Arrived { field, name, summed: Summed { piece, sums } });
        }
        Ok(())
    }

    /// The files with their paths.
    fn placed(self) -> Answer<Vec<(String, Summed)>> {
        if self.files.is_empty() {
            return Err(Refusal::invalid("There is no file"));
        }
        let directories = self.meta.as_deref().map(read_meta).transpose()?;
        let place = |file: Arrived| {
            let directory = match &directories {
                None => ROOT,
                Some(directories) => directories
                    .get(&file.field)
                    .ok_or_else(|| Refusal::invalid(format!("meta does not say where {} goes", file.field)))?,
            };
            Ok((join(directory, &file.name), file.summed))
        };
        self.files.into_iter().map(place).collect()
    }
}

fn broken() -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "The file could not be written")
}

/// Directories by the names of parts.
fn read_meta(meta: &[u8]) -> Answer<HashMap<String, String>> {
    let value: Value = serde_json::from_slice(meta).map_err(|_| Refusal::invalid("meta is not valid JSON"))?;
    let meta = Input::of(&value, "meta")?;
    let entries = meta.list("files")?.ok_or_else(|| Refusal::invalid("meta has no files"))?;
    let mut directories = HashMap::new();
    for entry in entries {
        let entry = Input::of(entry, "An entry of meta")?;
        let (field, path) = (entry.required("field")?.to_owned(), normalize(entry.required("path")?)?);
        if directories.insert(field, path).is_some() {
            return Err(Refusal::invalid("meta has two entries for one file"));
        }
    }
    Ok(directories)
}

/// Stores all files or none.
fn store_files(store: &mut Store, files: Vec<(String, Summed)>, now_ms: i64) -> Answer<()> {
    // One file cannot be in the way of itself; of many, one may need a directory where another is going.
    let before = (files.len() > 1).then(|| store.tree.clone());
    let mut made = Vec::new();
    for (path, summed) in &files {
        match store.put(path, summed.clone(), now_ms) {
            Ok(put) => made.push(put),
            Err(occupied) => {
                if let Some(before) = before {
                    store.tree = before;
                }
                return Err(occupied.into());
            }
        }
    }
    for ((path, summed), put) in files.into_iter().zip(made) {
        for update in updates(&path, summed, put, API) {
            store.learn(update, now_ms);
        }
    }
    Ok(())
}

/// A file that was put into the storage, of which the metadata knows nothing yet.
pub(crate) struct Put {
    /// The directories that had to be made for it, parents first.
    directories: Vec<String>,
    modified_ms: i64,
}

/// What the metadata learns of a file and the directories that were made for it.
pub(crate) fn updates(path: &str, summed: Summed, put: Put, protocol: &str) -> impl Iterator<Item = Update> {
    let Put { directories, modified_ms: at_ms } = put;
    let directory = move |path| Update::Directory { path, implied: true, protocol: protocol.to_owned(), at_ms };
    let file = Update::File { path: path.to_owned(), summed, protocol: protocol.to_owned(), at_ms };
    directories.into_iter().map(directory).chain([file])
}

impl Store {
    /// Puts a file into the storage, in the place of what is there.
    pub(crate) fn put(&mut self, path: &str, summed: Summed, now_ms: i64) -> Result<Put, Occupied> {
        // The time of a write moves even when two writes fall into the same millisecond.
        let last_ms = self.tree.file(path).map_or(i64::MIN, |file| file.modified_ms);
        let modified_ms = now_ms.max(last_ms.saturating_add(1));
        let directories = self.tree.put_file(path, File { piece: summed.piece, sums: summed.sums, modified_ms })?;
        Ok(Put { directories, modified_ms })
    }
}

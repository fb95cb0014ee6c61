use http::header::CONTENT_DISPOSITION;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use percent_encoding::utf8_percent_encode;
use serde_json::json;

use crate::data::{Blob, Content};
use crate::fault::StorageOverrides;
use crate::ftpgrid::input::{ApiError, ApiResult, Input, query};
use crate::ftpgrid::settings::Settings;
use crate::ftpgrid::state::store::Store;
use crate::ftpgrid::storage::path::{name, normalize};
use crate::ftpgrid::storage::tree::TreeFile;
use crate::ftpgrid::storage::zip;
use crate::server::{ApiRequest, Response, SharedStore, UNRESERVED};

/// A prepared download.
pub(crate) struct PreparedDownload {
    pub(crate) paths: Vec<String>,
    pub(crate) expires_ms: i64,
}

const ARCHIVE: &str = "ftpgrid_download.zip";
const BYTES: &str = "application/octet-stream";

impl Store {
    pub(crate) fn prepare_download(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let input = &Input::parse(request)?;
        let list = input.texts("Filelist")?.ok_or_else(|| ApiError::bad_request("Filelist is required"))?;
        let mut paths = Vec::new();
        for path in list {
            let path = normalize(path)?;
            self.find_file(&path)?;
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        if paths.is_empty() {
            return Err(ApiError::bad_request("Filelist must not be empty"));
        }
        let lifetime_ms = i64::try_from(self.settings.download_id_lifetime.as_millis()).unwrap_or(i64::MAX);
        let id = self.random.hex(12);
        self.prepared
            .insert(id.clone(), PreparedDownload { paths, expires_ms: request.now_ms.saturating_add(lifetime_ms) });
        Ok(Response::json(StatusCode::OK, &json!({ "rslt": id })))
    }

    pub(crate) fn download_single(&self, request: &Parts) -> ApiResult<Response> {
        let path = normalize(&query(request.uri.query(), "path")?)?;
        let piece = content_or_fault(&self.find_file(&path)?.piece, request);
        Ok(self.settings.download("inline", name(&path), kind(&path), Content::new(vec![piece])))
    }

    fn find_file(&self, path: &str) -> ApiResult<&TreeFile> {
        self.tree.file(path).ok_or_else(|| ApiError::not_found(format!("No such file: {path}")))
    }

    /// Returns the files of a prepared download.
    fn redeem(&mut self, id: &str) -> ApiResult<Vec<(String, TreeFile)>> {
        let prepared = self.prepared.get(id).ok_or_else(|| ApiError::not_found("No such download"))?;
        let files = prepared.paths.iter().map(|path| Ok((path.clone(), self.find_file(path)?.clone())));
        let files = files.collect::<ApiResult<_>>()?;
        if self.settings.single_use_ids {
            self.prepared.remove(id);
        }
        Ok(files)
    }
}

/// Returns one file unchanged, or several files as a ZIP archive.
pub(crate) async fn multi(store: &SharedStore<Store>, request: &Parts) -> ApiResult<Response> {
    let mut id = query(request.uri.query(), "id")?;
    if overrides(request).expired_url {
        id.clear();
    }
    let (files, settings) = {
        let mut store = store.lock();
        (store.redeem(&id)?, store.settings.clone())
    };
    if let [(path, file)] = &*files {
        let content = Content::new(vec![content_or_fault(&file.piece, request)]);
        return Ok(settings.download("attachment", name(path), BYTES, content));
    }
    // Computing the checksums of large generated files takes time.
    let archive = tokio::task::spawn_blocking(move || zip::archive(&files)).await;
    let archive = archive.map_err(|_| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "No archive could be made"))?;
    let archive = archive.ok_or_else(|| ApiError::bad_request("A path is too long for an archive"))?;
    Ok(settings.download("attachment", ARCHIVE, "application/zip", archive))
}

/// Returns the content, or other content if a fault changes it.
fn content_or_fault(piece: &Blob, request: &Parts) -> Blob {
    if overrides(request).changed_content { Blob::pattern(piece.length, u64::MAX) } else { piece.clone() }
}

/// Returns the faults that apply to this request.
fn overrides(request: &Parts) -> StorageOverrides {
    request.extensions.get().copied().unwrap_or_default()
}

impl Settings {
    fn download(&self, disposition: &str, name: &str, kind: &'static str, content: Content) -> Response {
        let mut reply = Response::empty(StatusCode::OK).with_content(kind, content);
        reply.chunked = self.chunked_downloads;
        let disposition = format!("{disposition}; {}", file_name(name, self.extended_names));
        // Names that are not ASCII are sent in UTF-8.
        if let Ok(value) = HeaderValue::from_bytes(disposition.as_bytes()) {
            reply.headers.insert(CONTENT_DISPOSITION, value);
        }
        reply
    }
}

fn file_name(name: &str, extended: bool) -> String {
    let quote = |c: char| match c {
        '"' => "\\\"".to_owned(),
        c if c.is_control() => "_".to_owned(),
        c if extended && !c.is_ascii() => "_".to_owned(),
        c => c.to_string(),
    };
    let quoted: String = name.chars().map(quote).collect();
    if extended {
        format!("filename=\"{quoted}\"; filename*=UTF-8''{}", utf8_percent_encode(name, UNRESERVED))
    } else {
        format!("filename=\"{quoted}\"")
    }
}

/// Returns the content type for a file extension.
fn kind(path: &str) -> &'static str {
    let end = name(path).rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    match end.as_deref().unwrap_or_default() {
        "txt" | "log" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "html" | "htm" => "text/html; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "mp4" => "video/mp4",
        _ => BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_in_headers() {
        for (name, plain, extended) in [
            ("a b.txt", r#"filename="a b.txt""#, r#"filename="a b.txt"; filename*=UTF-8''a%20b.txt"#),
            ("a\"b\n", r#"filename="a\"b_""#, r#"filename="a\"b_"; filename*=UTF-8''a%22b%0A"#),
            ("é", r#"filename="é""#, r#"filename="_"; filename*=UTF-8''%C3%A9"#),
        ] {
            assert_eq!((file_name(name, false).as_str(), file_name(name, true).as_str()), (plain, extended));
        }
    }
}

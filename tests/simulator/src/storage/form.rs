//! A part that is uploaded as an HTML form: signed fields first, the file last.

use http::request::Parts;
use http::{StatusCode, header};

use super::Storage;
use super::error::{StorageError, StorageResult};
use super::part::{check, finish, length_of, success, too_large};
use crate::data::Writer;
use crate::fault::StorageOverrides;
use crate::server::{FormEvent as Event, Multipart, RequestBody, Response};

/// The limit for all fields together.
const FIELDS_LIMIT: usize = 64 * 1024;

pub(super) async fn post(
    storage: &Storage,
    request: &Parts,
    object_id: &str,
    pretence: StorageOverrides,
    body: &mut RequestBody,
) -> StorageResult<Response> {
    let length = length_of(request)?;
    let mut parser = request
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| Multipart::new(kind.to_str().ok()?))
        .ok_or_else(malformed)?;
    let mut fields: Vec<(String, Vec<u8>)> = Vec::new();
    let mut file: Option<(Writer, String, u32)> = None;
    let mut file_ended = false;
    while let Some(bytes) = body.next().await? {
        parser.push(&bytes);
        while let Some(event) = parser.next().map_err(|()| malformed())? {
            match event {
                // Fields after the file are ignored.
                _ if file_ended => {}
                Event::Begin { name, .. } if file.is_none() && name != "file" => fields.push((name, Vec::new())),
                Event::Begin { name, .. } if name == "file" && file.is_none() => {
                    let (upload, number) = admit(storage, object_id, &fields, pretence, length)?;
                    file = Some((storage.0.blobs.writer(), upload, number));
                }
                Event::Begin { .. } => file_ended = true,
                Event::Data(bytes) => {
                    if let Some((writer, ..)) = &mut file {
                        writer.write(bytes).await.map_err(|_| StorageError::new("InternalError"))?;
                        if writer.length() > storage.0.settings.max_part_size {
                            return Err(too_large(storage, writer.length()));
                        }
                    } else if let Some((_, value)) = fields.last_mut() {
                        value.extend_from_slice(&bytes);
                        if fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > FIELDS_LIMIT {
                            return Err(malformed());
                        }
                    }
                }
            }
        }
    }
    let (writer, upload, number) = file.filter(|_| parser.is_complete()).ok_or_else(malformed)?;
    let etag = storage.store_part(&upload, number, finish(writer).await?)?;
    Ok(response(field(&fields, "success_action_status"), etag.as_deref()))
}

/// Checks the fields before the file is read.
fn admit(
    storage: &Storage,
    object_id: &str,
    fields: &[(String, Vec<u8>)],
    pretence: StorageOverrides,
    length: u64,
) -> StorageResult<(String, u32)> {
    let now_ms = storage.0.clock.now_ms();
    storage.0.signer.check_form(|name| field(fields, name), now_ms, pretence.expired_url)?;
    if field(fields, "key") != Some(storage.path_of(object_id).trim_start_matches('/')) {
        return Err(StorageError::new("InvalidArgument").detail("ArgumentName", "key"));
    }
    let upload = field(fields, "uploadId").unwrap_or_default();
    // The form is longer than its file, so this rejects only files that are certainly too large.
    let min_file_size = length.saturating_sub(2 * FIELDS_LIMIT as u64);
    let number = check(storage, object_id, upload, field(fields, "partNumber"), min_file_size)?;
    Ok((upload.to_owned(), number))
}

fn response(status: Option<&str>, etag: Option<&str>) -> Response {
    match status {
        Some("200") => success(StatusCode::OK, etag),
        Some("201") => {
            let etag_element =
                etag.map_or_else(String::new, |etag| format!("<ETag>{}</ETag>", etag.replace('"', "&quot;")));
            let document =
                format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse>{etag_element}</PostResponse>");
            success(StatusCode::CREATED, etag).with_body("application/xml", document)
        }
        _ => success(StatusCode::NO_CONTENT, etag),
    }
}

fn field<'a>(fields: &'a [(String, Vec<u8>)], name: &str) -> Option<&'a str> {
    let (_, value) = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(value).ok()
}

fn malformed() -> StorageError {
    StorageError::new("MalformedPOSTRequest")
}

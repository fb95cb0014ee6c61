use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, ETAG, HeaderName, IF_MATCH, IF_NONE_MATCH, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::error::{StorageError, StorageResult};
use super::object::StoredContent;
use super::presign::{SignedQuery, encode};
use super::{Object, Storage};
use crate::data::Blob;
use crate::fault::StorageOverrides;
use crate::server::Response;

/// Sends an object or a range of it.
pub(super) fn get(
    storage: &Storage,
    request: &Parts,
    object_id: &str,
    signed: &SignedQuery,
    pretence: StorageOverrides,
) -> StorageResult<Response> {
    let mut object = storage.find(object_id).ok_or_else(|| {
        let key = request.uri.path().trim_start_matches('/');
        StorageError::new("NoSuchKey").detail("Key", key)
    })?;
    if pretence.changed_content {
        object = changed(&object, storage.0.clock.now_ms());
    }
    let headers = &request.headers;
    let modified = modified(&object);
    let mut response = Response::empty(StatusCode::OK);
    set(&mut response.headers, &ETAG, &object.etag);
    set(&mut response.headers, &LAST_MODIFIED, &httpdate::fmt_http_date(modified));
    if !text(headers, &IF_MATCH).is_none_or(|tags| matches(tags, &object.etag)) {
        return Err(StorageError::new("PreconditionFailed").detail("Condition", "If-Match"));
    }
    if text(headers, &IF_NONE_MATCH).is_some_and(|tag| matches(tag, &object.etag)) {
        response.status = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    set(&mut response.headers, &ACCEPT_RANGES, "bytes");
    if let Some(disposition) = signed.get("response-content-disposition") {
        set(&mut response.headers, &CONTENT_DISPOSITION, disposition);
    }
    let unchanged = text(headers, &IF_RANGE)
        .is_none_or(|tag| tag == object.etag || httpdate::parse_http_date(tag).is_ok_and(|tag| tag == modified));
    let content = &object.stored.content;
    let range = text(headers, &RANGE).filter(|_| unchanged);
    let (begin, length) = match range.map_or(RequestedRange::Whole, |range| requested_range(range, object.size)) {
        RequestedRange::Whole => (0, object.size),
        RequestedRange::Bytes { first, last } => {
            response.status = StatusCode::PARTIAL_CONTENT;
            set(&mut response.headers, &CONTENT_RANGE, &format!("bytes {first}-{last}/{}", object.size));
            (first, last - first + 1)
        }
        RequestedRange::Nothing => {
            let mut response = StorageError::new("InvalidRange")
                .detail("RangeRequested", range.unwrap_or_default())
                .detail("ActualObjectSize", object.size.to_string())
                .into_response();
            set(&mut response.headers, &CONTENT_RANGE, &format!("bytes */{}", object.size));
            return Ok(response);
        }
    };
    Ok(response.with_content("application/octet-stream", content.slice(begin, length)))
}

#[derive(Debug, PartialEq)]
enum RequestedRange {
    Whole,
    Bytes {
        first: u64,
        last: u64,
    },
    /// Not satisfiable.
    Nothing,
}

/// Parses a single range. Like object storages, ignores invalid and multiple ranges.
fn requested_range(range: &str, size: u64) -> RequestedRange {
    let bounds = range.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-'));
    let Some((first, last)) = bounds else {
        return RequestedRange::Whole;
    };
    let read = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    match (read(first), read(last)) {
        (None, Some(0)) if first.is_empty() => RequestedRange::Nothing,
        (None, Some(_)) if first.is_empty() && size == 0 => RequestedRange::Nothing,
        (None, Some(length)) if first.is_empty() => {
            RequestedRange::Bytes { first: size.saturating_sub(length), last: size - 1 }
        }
        (Some(first), Some(last)) if first > last => RequestedRange::Whole,
        (Some(first), _) if first >= size && (last.is_empty() || read(last).is_some()) => RequestedRange::Nothing,
        (Some(first), None) if last.is_empty() => RequestedRange::Bytes { first, last: size - 1 },
        (Some(first), Some(last)) => RequestedRange::Bytes { first, last: last.min(size - 1) },
        _ => RequestedRange::Whole,
    }
}

/// Whether a list of entity tags contains this one.
fn matches(list: &str, etag: &str) -> bool {
    list.trim() == "*" || list.split(',').any(|tag| tag.trim() == etag)
}

/// Returns a replacement of the same size, for [`Fault::changed_content`](crate::Fault::changed_content).
fn changed(object: &Object, now_ms: i64) -> Object {
    let seed = object.id.bytes().fold(0_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let etag = format!("\"{:032x}\"", u128::from(seed) << 64 | 0xc4a9_6ed0);
    let stored = StoredContent::of_blobs(vec![Blob::pattern(object.size, seed)], false);
    Object::new(object.id.clone(), etag, now_ms, stored)
}

/// HTTP dates have whole seconds.
fn modified(object: &Object) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(object.modified_ms / 1000).unwrap_or(0))
}

/// Returns a `Content-Disposition` for a file name. A non-ASCII name is sent in both forms in use.
pub(super) fn disposition(file_name: &str) -> String {
    let plain: String =
        file_name.chars().map(|c| if c.is_ascii() && !c.is_ascii_control() { c } else { '_' }).collect();
    let quoted = plain.replace('\\', "\\\\").replace('"', "\\\"");
    if plain == file_name {
        return format!("attachment; filename=\"{quoted}\"");
    }
    format!("attachment; filename=\"{quoted}\"; filename*=UTF-8''{}", encode(file_name))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn set(headers: &mut HeaderMap, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::{RequestedRange, disposition, requested_range};

    #[test]
    fn ranges() {
        let bytes = |first, last| RequestedRange::Bytes { first, last };
        for (range, size, expected) in [
            ("bytes=0-0", 10, bytes(0, 0)),
            ("bytes=0-", 10, bytes(0, 9)),
            ("bytes=3-7", 10, bytes(3, 7)),
            ("bytes=3-700", 10, bytes(3, 9)),
            ("bytes=9-", 10, bytes(9, 9)),
            ("bytes=10-", 10, RequestedRange::Nothing),
            ("bytes=10-12", 10, RequestedRange::Nothing),
            ("bytes=-3", 10, bytes(7, 9)),
            ("bytes=-30", 10, bytes(0, 9)),
            ("bytes=-0", 10, RequestedRange::Nothing),
            ("bytes=0-", 0, RequestedRange::Nothing),
            ("bytes=-5", 0, RequestedRange::Nothing),
            ("bytes=7-3", 10, RequestedRange::Whole),
            ("bytes=0-1,3-4", 10, RequestedRange::Whole),
            ("bytes=", 10, RequestedRange::Whole),
            ("bytes=-", 10, RequestedRange::Whole),
            ("bytes=a-b", 10, RequestedRange::Whole),
            ("bytes=+1-2", 10, RequestedRange::Whole),
            ("bytes=20-x", 10, RequestedRange::Whole),
            ("items=0-1", 10, RequestedRange::Whole),
            ("bytes=99999999999999999999-", 10, RequestedRange::Whole),
        ] {
            assert_eq!(requested_range(range, size), expected, "{range} of {size}");
        }
    }

    #[test]
    fn file_names() {
        for (name, expected) in [
            ("a b.txt", r#"attachment; filename="a b.txt""#),
            (r#"say "hi"\.txt"#, r#"attachment; filename="say \"hi\"\\.txt""#),
            ("Résumé\n", "attachment; filename=\"R_sum__\"; filename*=UTF-8''R%C3%A9sum%C3%A9%0A"),
        ] {
            assert_eq!(disposition(name), expected);
        }
    }
}

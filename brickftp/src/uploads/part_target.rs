//! Converts an upload object to a part target: its method, headers, parameters and locations. Unsupported values are an
//! error before anything is sent.

use std::time::{Duration, SystemTime};

use http::{HeaderName, Method};
use mft_common::transfer::{
    FieldLocation, PartEncoding, PartField, PartLimits, PartTarget, PresignedUrl, storage_headers,
};

use super::{MAX_PARTS, UploadPart};
use crate::{Error, Result};

const MIB: u64 = 1 << 20;

/// The documented limits: parts of 5 MB to 5 GB as the storage counts them, and files of up to 5 TB.
pub(super) const DOCUMENTED: PartLimits = PartLimits {
    min_part_size: 5 * MIB,
    max_part_size: 5 * 1024 * MIB,
    max_parts: MAX_PARTS,
    recommended: 5 * MIB,
    max_file_size: 5 * 1024 * 1024 * MIB,
};

/// Lifetime of a presigned URL that does not state its expiry.
const STATED_LIFE: Duration = Duration::from_secs(15 * 60);

fn refused(problem: &str) -> Error {
    Error::protocol(format_args!("the upload object {problem}"))
}

/// Returns the limits of this upload.
pub(super) fn limits(part: &UploadPart) -> Result<PartLimits> {
    let number = |value: Option<i64>, default: u64, name: &str| {
        let Some(value) = value else { return Ok(default) };
        let problem = || refused(&format!("has a {name} of {value}, which is invalid"));
        u64::try_from(value).ok().filter(|value| *value > 0).ok_or_else(problem)
    };
    let recommended = number(part.partsize, DOCUMENTED.recommended, "partsize")?;
    let max_parts = number(part.available_parts, u64::from(MAX_PARTS), "number of available parts")?;
    if recommended > DOCUMENTED.max_part_size {
        return Err(refused(&format!("has a partsize of {recommended} bytes, above the storage's limit")));
    }
    let max_parts = u32::try_from(max_parts).unwrap_or(MAX_PARTS).min(MAX_PARTS);
    // The service may recommend parts below its documented minimum.
    Ok(PartLimits { min_part_size: DOCUMENTED.min_part_size.min(recommended), max_parts, recommended, ..DOCUMENTED })
}

/// Returns the target of a part.
pub(super) fn target(part: &UploadPart, requested: u32, now: SystemTime, allow_http: bool) -> Result<PartTarget> {
    let number = part.part_number.map_or(Ok(requested), |number| {
        u32::try_from(number).map_err(|_| refused(&format!("has the part number {number}")))
    })?;
    let method = match part.http_method.as_deref() {
        None | Some("PUT") => Method::PUT,
        Some("POST") => Method::POST,
        Some(_) => return Err(refused("requires a method other than PUT and POST")),
    };
    let address = part.upload_uri.as_ref().ok_or_else(|| refused("has no URL"))?;
    let url = PresignedUrl::parse(address.expose(), allow_http)?.or_expires(now.checked_add(STATED_LIFE));
    let headers = storage_headers(part.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())))?;
    let (encoding, pieces) = encoding(part)?;
    if encoding != PartEncoding::Body && method != Method::POST {
        return Err(refused("requires a form without POST"));
    }
    Ok(PartTarget { number, method, url, headers, encoding, fields: pieces })
}

/// Reads `send`.
fn encoding(part: &UploadPart) -> Result<(PartEncoding, Vec<(PartField, FieldLocation)>)> {
    let mut data = None;
    let mut pieces = Vec::new();
    for (name, place) in &part.send {
        let piece = match name.as_str() {
            "file" | "partdata" => None,
            "partsize" => Some(PartField::Size),
            "Content-Type" => Some(PartField::ContentType),
            _ => return Err(refused("has an unknown field to send")),
        };
        match (piece, read_place(place)?) {
            (None, Where::Header(_)) => return Err(refused("requires the data in a header")),
            // If both are present, they name the same bytes. `partdata` takes precedence.
            (None, place) if data.is_none() || name == "partdata" => data = Some(place),
            (None, _) => {}
            (Some(_), Where::Body) => return Err(refused("requires two fields in one body")),
            (Some(piece), place) => pieces.push((piece, place)),
        }
    }
    let Some(Where::Parameter(field)) = data else {
        if !part.parameters.is_empty() {
            return Err(refused("has form parameters, but requires the data as the body"));
        }
        // The reference's example uses "parameter" for a value that can only be a header.
        let pieces = pieces.into_iter().map(|(piece, place)| place.in_header().map(|place| (piece, place)));
        return Ok((PartEncoding::Body, pieces.collect::<Result<_>>()?));
    };
    let pieces = pieces.into_iter().map(|(piece, place)| {
        let place = match place {
            Where::Parameter(name) => FieldLocation::Field(name),
            header => header.in_header()?,
        };
        Ok((piece, place))
    });
    Ok((PartEncoding::Form { fields: part.parameters.clone(), data: field }, pieces.collect::<Result<_>>()?))
}

/// Location of a field, as the service names it.
enum Where {
    Body,
    Header(String),
    Parameter(String),
}

impl Where {
    fn in_header(self) -> Result<FieldLocation> {
        match self {
            Self::Header(name) | Self::Parameter(name) => {
                let name: HeaderName = name.parse().map_err(|_| refused("has an invalid header name"))?;
                // The exact content length is always sent. Other headers are checked like those in `headers`.
                if name != http::header::CONTENT_LENGTH {
                    storage_headers([(name.as_str(), "")])?;
                }
                Ok(FieldLocation::Header(name))
            }
            Self::Body => Err(refused("requires two fields in one body")),
        }
    }
}

fn read_place(text: &str) -> Result<Where> {
    let suffix_of = |prefix: &str| {
        let name = text.strip_prefix(prefix)?.trim();
        (!name.is_empty()).then(|| name.to_owned())
    };
    if text == "body" {
        Ok(Where::Body)
    } else if let Some(name) = suffix_of("required-header ") {
        Ok(Where::Header(name))
    } else if let Some(name) = suffix_of("required-parameter ") {
        Ok(Where::Parameter(name))
    } else {
        Err(refused("has an unknown field location"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn part(change: &Value) -> UploadPart {
        let mut object = json!({
            "ref": "put-9", "path": "a b.txt", "action": "put/write", "ask_about_overwrites": false,
            "http_method": "PUT", "upload_uri": "https://storage.example/o/1?X-Amz-Signature=hunter2",
            "partsize": 5_242_880, "part_number": 1, "available_parts": 10_000,
            "send": {"partsize": "required-parameter Content-Length", "partdata": "body"},
            "headers": {}, "parameters": {},
        });
        for (key, value) in change.as_object().unwrap() {
            object[key] = value.clone();
        }
        serde_json::from_value(object).unwrap()
    }

    fn read(change: &Value) -> Result<PartTarget> {
        let part = part(change);
        limits(&part)?;
        target(&part, 1, SystemTime::UNIX_EPOCH, false)
    }

    #[test]
    fn an_upload_object_becomes_a_part_target() {
        let plain = read(&json!({})).unwrap();
        assert_eq!((plain.method, plain.encoding), (Method::PUT, PartEncoding::Body));
        assert_eq!(plain.fields, [(PartField::Size, FieldLocation::Header(http::header::CONTENT_LENGTH))]);
        assert_eq!(plain.url.expires(), Some(SystemTime::UNIX_EPOCH + STATED_LIFE));

        let form = read(&json!({
            "http_method": "POST", "parameters": {"key": "k", "policy": "p"},
            "send": {"file": "required-parameter file", "Content-Type": "required-parameter Content-Type",
                     "partsize": "required-header x-size"},
        }));
        let form = form.unwrap();
        let fields = vec![("key".to_owned(), "k".to_owned()), ("policy".to_owned(), "p".to_owned())];
        assert_eq!(form.encoding, PartEncoding::Form { fields, data: "file".to_owned() });
        assert!(form.fields.contains(&(PartField::ContentType, FieldLocation::Field("Content-Type".to_owned()))));
        assert!(form.fields.contains(&(PartField::Size, FieldLocation::Header(HeaderName::from_static("x-size")))));

        for empty in [json!([]), json!(""), json!(null)] {
            assert!(read(&json!({"headers": empty, "parameters": empty})).is_ok());
        }
        assert_eq!(read(&json!({"headers": {"x-amz-acl": "private"}})).unwrap().headers.len(), 1);
        assert_eq!(limits(&part(&json!({"partsize": "6291456", "available_parts": 3}))).unwrap().max_parts, 3);
    }

    #[test]
    fn unsupported_upload_objects_are_errors_without_the_url() {
        for (change, expected) in [
            (json!({"partsize": 0}), "partsize of 0"),
            (json!({"partsize": -5}), "partsize of -5"),
            (json!({"partsize": 5_368_709_121_u64}), "above the storage's limit"),
            (json!({"available_parts": 0}), "available parts of 0"),
            (json!({"part_number": -1}), "part number -1"),
            (json!({"upload_uri": null}), "no URL"),
            (json!({"upload_uri": "http://169.254.169.254/hunter2"}), "plain http"),
            (json!({"http_method": "DELETE"}), "other than PUT and POST"),
            (json!({"headers": {"Host": "evil"}}), "host"),
            (json!({"headers": {"Authorization": "x"}}), "authorization"),
            (json!({"send": {"partdata": "somewhere"}}), "unknown field location"),
            (json!({"send": {"partdata": "body", "checksum": "required-header x"}}), "unknown field to send"),
            (json!({"send": {"partdata": "required-header x-data"}}), "data in a header"),
            (json!({"send": {"partdata": "body", "partsize": "body"}}), "two fields"),
            (
                json!({"send": {"partdata": "body", "Content-Type": "required-header Transfer-Encoding"}}),
                "transfer-encoding",
            ),
            (json!({"parameters": {"key": "k"}}), "form parameters"),
            (json!({"send": {"file": "required-parameter file"}}), "form without POST"),
        ] {
            let error = read(&change).unwrap_err();
            let message = error.to_string();
            assert!(message.contains(expected) && !message.contains("hunter2"), "{change}: {message}");
            assert_eq!(error.kind(), crate::ErrorKind::Protocol, "{change}");
        }
        assert!(!format!("{:?}", part(&json!({"parameters": {"policy": "hunter2"}}))).contains("hunter2"));
    }
}

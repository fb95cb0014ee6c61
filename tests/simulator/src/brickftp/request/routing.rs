//! Finds the operation of a request by its method, path, query and body.

use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::Operation;
use crate::brickftp::operations::{self, OPERATIONS};
use crate::brickftp::request::input::Input;
use crate::brickftp::request::query;
use crate::brickftp::response::format::Format;
use crate::server::{Parameters, RouteMatch, match_segments};

/// The part of the path before this prefix is ignored, because clients build their URLs in many ways.
pub(crate) const PREFIX: &str = "/api/rest/v1";

pub(crate) fn find(request: &Parts) -> RouteMatch {
    let path = request.uri.path();
    let remaining = path.find(PREFIX).map_or(path, |at| &path[at + PREFIX.len()..]);
    if !remaining.is_empty() && !remaining.starts_with('/') {
        return RouteMatch::NotFound;
    }
    let Some(segments) = segments(remaining) else {
        return RouteMatch::NotFound;
    };
    let query = query::pairs(request.uri.query().unwrap_or_default());
    path_endpoint(&request.method, &segments, &query)
        .or_else(|| resource_endpoint(&request.method, segments, &query))
        .unwrap_or(RouteMatch::NotFound)
}

/// Returns the decoded segments. Some clients encode or repeat the separators.
fn segments(path: &str) -> Option<Vec<String>> {
    let decoded_path = percent_decode_str(path).decode_utf8().ok()?;
    let segments = decoded_path.split('/').filter(|segment| !segment.is_empty());
    let segments: Vec<_> = segments.map(ToOwned::to_owned).collect();
    let is_unsafe = segments.iter().any(|segment| matches!(segment.as_str(), "." | "..") || segment.contains('\0'));
    (!is_unsafe).then_some(segments)
}

/// The endpoints whose URL ends in a path. `.json` is part of the file name there.
fn path_endpoint(method: &Method, segments: &[String], query: &[(String, String)]) -> Option<RouteMatch> {
    let words: Vec<_> = segments.iter().map(String::as_str).collect();
    let action = query::first(query, "action");
    let (name, path) = match (method.as_str(), words.as_slice()) {
        ("GET", ["folders", path @ ..]) => match action {
            Some("count") => ("brickftp.folders.count", path),
            Some("count_nrs") => ("brickftp.folders.count_direct", path),
            Some("size") => ("brickftp.folders.size", path),
            Some("stat") => ("brickftp.files.stat", path),
            _ => ("brickftp.folders.list", path),
        },
        ("GET", ["files", path @ ..]) if action == Some("stat") => ("brickftp.files.stat", path),
        ("GET", ["files", path @ ..]) => ("brickftp.files.download_url", path),
        ("DELETE", ["files", path @ ..]) => ("brickftp.files.delete", path),
        ("POST", [area @ ("files" | "folders"), path @ ..]) => {
            let mut input = Input::default();
            input.complete(query);
            let fallback = if *area == "files" { "brickftp.uploads.start" } else { "brickftp.folders.create" };
            (by_body(&input).unwrap_or(fallback), path)
        }
        ("GET", ["history", "files", path @ ..]) => ("brickftp.history.file", path),
        ("GET", ["history", "folders", path @ ..]) => ("brickftp.history.folder", path),
        ("GET", ["behaviors", "folders", path @ ..]) => ("brickftp.behaviors.list_for_folder", path),
        ("POST", ["bundles", "folders", path @ ..]) if !path.is_empty() => ("brickftp.bundles.contents", path),
        _ => return None,
    };
    let template = (name == "brickftp.bundles.contents").then_some("/bundles/folders/{*path}");
    let operation = operations::find(name, template)?;
    Some(RouteMatch::Found(operation, Parameters::new(vec![("path", path.join("/"))])))
}

/// Selects by the body between the operations that post to a path.
fn by_body(input: &Input) -> Option<&'static str> {
    let action = input.text("action").ok().flatten();
    Some(match action.as_deref() {
        Some("end") => "brickftp.uploads.complete",
        Some("put") if input.has("ref") => "brickftp.uploads.part",
        Some("put") => "brickftp.uploads.start",
        _ if input.has("move-destination") => "brickftp.files.rename",
        _ if input.has("copy-destination") => "brickftp.files.copy",
        _ => return None,
    })
}

/// Refines an operation that posts to a path.
pub(crate) fn refine(operation: &'static Operation, body: &[u8]) -> &'static Operation {
    if !matches!(operation.name, "brickftp.uploads.start" | "brickftp.folders.create") {
        return operation;
    }
    let name = Input::sniff(body).and_then(|input| by_body(&input));
    name.and_then(|name| operations::find(name, None)).unwrap_or(operation)
}

/// Removes a suffix such as `.json` from the last segment.
fn without_suffix(mut segments: Vec<String>) -> (Vec<String>, &'static str) {
    let Some(last) = segments.last_mut() else {
        return (segments, "");
    };
    for suffix in ["json", "xml", "html", "xls", "csv"] {
        let remaining = last
            .strip_suffix(suffix)
            .and_then(|remaining| remaining.strip_suffix('.'))
            .filter(|remaining| !remaining.is_empty());
        if let Some(length) = remaining.map(str::len) {
            last.truncate(length);
            return (segments, suffix);
        }
    }
    (segments, "")
}

/// The endpoints whose URL does not end in a path.
fn resource_endpoint(method: &Method, segments: Vec<String>, query: &[(String, String)]) -> Option<RouteMatch> {
    let (mut segments, suffix) = without_suffix(segments);
    correct_spelling(method, &mut segments);
    let find = |method| {
        let fixed = OPERATIONS.iter().filter(|operation| !operation.template.contains("{*"));
        match match_segments(fixed, method, &segments) {
            RouteMatch::Found(operation, parameters) => Some((operation, parameters)),
            _ => None,
        }
    };
    // PUT and PATCH are interchangeable, except for memberships, which define both.
    let (mut operation, mut parameters) = find(method.as_str()).or_else(|| match method.as_str() {
        "PUT" => find("PATCH"),
        "PATCH" => find("PUT"),
        _ => None,
    })?;
    if operation.name == "brickftp.users.list" {
        let is_count = query::first(query, "action") == Some("count");
        let name = if is_count { "brickftp.users.count" } else { "brickftp.users.find" };
        if is_count || query::first(query, "q[username]").is_some() {
            operation = operations::find(name, None)?;
        }
    }
    let is_export = matches!(Format::from_suffix(suffix), Some(Format::Html | Format::Xls | Format::Csv));
    if is_export && !operation.name.starts_with("brickftp.history.") {
        return None;
    }
    parameters.push("suffix", suffix.to_owned());
    Some(RouteMatch::Found(operation, parameters))
}

/// Accepts the misspelled paths of the documented examples.
fn correct_spelling(method: &Method, segments: &mut [String]) {
    for (position, segment) in segments.iter_mut().enumerate() {
        let correct = match (position, segment.as_str()) {
            (0, "user") => "users",
            (0, "public_key") => "public_keys",
            (2, "public_key") if *method == Method::POST => "public_keys",
            (2, "membersips") => "memberships",
            _ => continue,
        };
        correct.clone_into(segment);
    }
}

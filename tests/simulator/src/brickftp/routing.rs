//! From method, path, query and body to the operation.

use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::format::Format;
use super::input::Input;
use super::operations;
use super::query;
use crate::Operation;
use crate::server::{Parameters, RouteMatch};

/// Clients build their URLs in many ways; what counts begins behind this.
pub(super) const PREFIX: &str = "/api/rest/v1";

pub(super) fn find(request: &Parts) -> RouteMatch {
    let path = request.uri.path();
    let rest = path.find(PREFIX).map_or(path, |at| &path[at + PREFIX.len()..]);
    if !rest.is_empty() && !rest.starts_with('/') {
        return RouteMatch::NotFound;
    }
    let Some(segments) = segments(rest) else {
        return RouteMatch::NotFound;
    };
    let query = query::pairs(request.uri.query().unwrap_or_default());
    let found = path_endpoint(&request.method, &segments, &query).or_else(|| {
        let (segments, suffix) = without_suffix(segments);
        ordinary(&request.method, &segments, &query, suffix)
    });
    found.unwrap_or(RouteMatch::NotFound)
}

/// The decoded segments. Some clients encode the separators too, and some repeat them.
fn segments(path: &str) -> Option<Vec<String>> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let segments = decoded.split('/').filter(|segment| !segment.is_empty());
    let segments: Vec<_> = segments.map(ToOwned::to_owned).collect();
    let climbs = segments.iter().any(|segment| matches!(segment.as_str(), "." | "..") || segment.contains('\0'));
    (!climbs).then_some(segments)
}

fn known(name: &str, template: Option<&str>, parameters: Vec<(&'static str, String)>) -> Option<RouteMatch> {
    operations::find(name, template).map(|operation| RouteMatch::Found(operation, Parameters::new(parameters)))
}

/// The endpoints whose URL ends in a path: `.json` is part of the file's name there.
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
    known(name, template, vec![("path", path.join("/"))])
}

/// Of the calls that post to a path, the one that the body means.
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

/// Chooses between the operations that post to a path.
pub(super) fn refine(operation: &'static Operation, body: &[u8]) -> &'static Operation {
    if !matches!(operation.name, "brickftp.uploads.start" | "brickftp.folders.create") {
        return operation;
    }
    let name = Input::sniff(body).and_then(|input| by_body(&input));
    name.and_then(|name| operations::find(name, None)).unwrap_or(operation)
}

/// Takes `.json` and the like off the last segment.
fn without_suffix(mut segments: Vec<String>) -> (Vec<String>, &'static str) {
    let Some(last) = segments.last_mut() else {
        return (segments, "");
    };
    for suffix in ["json", "xml", "html", "xls", "csv"] {
        let rest = last.strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.')).filter(|rest| !rest.is_empty());
        if let Some(length) = rest.map(str::len) {
            last.truncate(length);
            return (segments, suffix);
        }
    }
    (segments, "")
}

fn ordinary(
    method: &Method,
    segments: &[String],
    query: &[(String, String)],
    suffix: &'static str,
) -> Option<RouteMatch> {
    let words: Vec<_> = segments.iter().map(String::as_str).collect();
    let mut ids = Vec::new();
    let name = match (method.as_str(), words.as_slice()) {
        ("POST", ["sessions"]) => "sessions.create",
        ("DELETE", ["sessions"]) => "sessions.delete",
        ("GET", ["users"]) if query::first(query, "action") == Some("count") => "users.count",
        ("GET", ["users"]) if query::first(query, "q[username]").is_some() => "users.find",
        (_, ["users" | "user", rest @ ..]) => users(method, rest, &mut ids)?,
        (_, ["api_keys", id]) => {
            ids.push(("api_key_id", *id));
            by_method(method, "api_keys.get", "api_keys.delete")?
        }
        (_, ["public_keys" | "public_key", id]) => {
            ids.push(("public_key_id", *id));
            by_method(method, "public_keys.get", "public_keys.delete")?
        }
        (_, ["groups", rest @ ..]) => groups(method, rest, &mut ids)?,
        ("GET", ["permissions"]) => "permissions.list",
        ("POST", ["permissions"]) => "permissions.create",
        ("DELETE", ["permissions", id]) => {
            ids.push(("permission_id", *id));
            "permissions.delete"
        }
        ("GET", ["notifications"]) => "notifications.list",
        ("POST", ["notifications"]) => "notifications.create",
        ("DELETE", ["notifications", id]) => {
            ids.push(("notification_id", *id));
            "notifications.delete"
        }
        ("GET", ["history"]) => "history.site",
        ("GET", ["history", "login"]) => "history.logins",
        ("GET", ["history", "users", id]) => {
            ids.push(("user_id", *id));
            "history.user"
        }
        ("GET", ["bundles"]) => "bundles.list",
        ("POST", ["bundles"]) => "bundles.create",
        ("POST", ["bundles", "folders"]) => "bundles.contents",
        ("POST", ["bundles", "files"]) => "bundles.download_urls",
        (_, ["bundles", id]) => {
            ids.push(("bundle_id", *id));
            by_method(method, "bundles.get", "bundles.delete")?
        }
        ("GET", ["behaviors"]) => "behaviors.list",
        ("POST", ["behaviors"]) => "behaviors.create",
        ("PATCH" | "PUT", ["behaviors", id]) => {
            ids.push(("behavior_id", *id));
            "behaviors.update"
        }
        (_, ["behaviors", id]) => {
            ids.push(("behavior_id", *id));
            by_method(method, "behaviors.get", "behaviors.delete")?
        }
        _ => return None,
    };
    let exported = matches!(Format::from_suffix(suffix), Some(Format::Html | Format::Xls | Format::Csv));
    if exported && !name.starts_with("history.") {
        return None;
    }
    let mut parameters: Vec<_> = ids.into_iter().map(|(name, id)| (name, id.to_owned())).collect();
    parameters.push(("suffix", suffix.to_owned()));
    known(&format!("brickftp.{name}"), None, parameters)
}

fn by_method(method: &Method, get: &'static str, delete: &'static str) -> Option<&'static str> {
    match *method {
        Method::GET => Some(get),
        Method::DELETE => Some(delete),
        _ => None,
    }
}

type Ids<'a> = Vec<(&'static str, &'a str)>;

fn users<'a>(method: &Method, rest: &[&'a str], ids: &mut Ids<'a>) -> Option<&'static str> {
    if let Some(id) = rest.first() {
        ids.push(("user_id", id));
    }
    Some(match (method.as_str(), rest) {
        ("GET", []) => "users.list",
        ("POST", []) => "users.create",
        ("GET", [_]) => "users.get",
        ("PUT" | "PATCH", [_]) => "users.update",
        ("DELETE", [_]) => "users.delete",
        ("POST", [_, "unlock"]) => "users.unlock",
        ("GET", [_, "api_keys"]) => "api_keys.list",
        ("POST", [_, "api_keys"]) => "api_keys.create",
        ("GET", [_, "public_keys"]) => "public_keys.list",
        // One documented example spells it in the singular.
        ("POST", [_, "public_keys" | "public_key"]) => "public_keys.create",
        _ => return None,
    })
}

fn groups<'a>(method: &Method, rest: &[&'a str], ids: &mut Ids<'a>) -> Option<&'static str> {
    if let Some(id) = rest.first() {
        ids.push(("group_id", id));
    }
    Some(match (method.as_str(), rest) {
        ("GET", []) => "groups.list",
        ("POST", []) => "groups.create",
        ("GET", [_]) => "groups.get",
        ("PUT" | "PATCH", [_]) => "groups.update",
        ("DELETE", [_]) => "groups.delete",
        ("POST", [_, "users"]) => "groups.create_user",
        // The documented examples misspell it.
        (_, [_, "memberships" | "membersips", user]) => {
            ids.push(("user_id", user));
            match method.as_str() {
                "PUT" => "memberships.add",
                "PATCH" => "memberships.update",
                "DELETE" => "memberships.remove",
                _ => return None,
            }
        }
        _ => return None,
    })
}

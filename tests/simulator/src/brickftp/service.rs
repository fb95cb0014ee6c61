use std::sync::{Arc, Mutex};

use http::StatusCode;
use http::request::Parts;

use super::access::Caller;
use super::call::{Call, Output};
use super::format::Format;
use super::input::Input;
use super::operations::OPERATIONS;
use super::query;
use super::refusal::{Answer, Refusal};
use super::routing;
use super::store::Store;
use crate::fault::WireWords;
use crate::server::{Clock, Parameters, Reply, Route, Service};
use crate::{Operation, lock};

/// The API as the engine drives it.
pub(super) struct Api {
    pub(super) store: Arc<Mutex<Store>>,
    pub(super) clock: Arc<Clock>,
}

impl Service for Api {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn prefix(&self) -> &'static str {
        routing::PREFIX
    }

    fn route(&self, request: &Parts) -> Route {
        routing::find(request)
    }

    fn refine(&self, operation: &'static Operation, body: &[u8]) -> &'static Operation {
        routing::refine(operation, body)
    }

    fn handle(&self, route: &Route, request: &Parts, body: &[u8]) -> Reply {
        let mut store = lock(&self.store);
        let now_ms = self.clock.now_ms();
        store.tick(now_ms);
        let format = format(route, request);
        let legal_xml = store.settings.legal_xml;
        let answer = match route {
            Route::Known(operation, parameters) => {
                answer(&mut store, operation.name, parameters, request, body, format, now_ms)
            }
            _ => Err(Refusal::not_found()),
        };
        match answer {
            Ok(Output::Document(status, document)) => {
                let text = if format == Format::Xml { document.to_xml(legal_xml) } else { document.to_json() };
                let format = if format == Format::Xml { Format::Xml } else { Format::Json };
                Reply::empty(status).with_body(format.content_type(), text)
            }
            Ok(Output::Export(text)) => Reply::empty(StatusCode::OK).with_body(format.content_type(), text),
            Err(refusal) => refusal.into_reply(format, legal_xml),
        }
    }

    fn error_reply(&self, status: StatusCode) -> Reply {
        error_reply(status, Format::Json)
    }

    fn error_reply_to(&self, request: &Parts, status: StatusCode) -> Reply {
        error_reply(status, format(&self.route(request), request))
    }

    fn wire_words(&self) -> WireWords {
        WireWords {
            enum_keys: &[
                "authentication_method",
                "ssl_required",
                "permission_set",
                "platform",
                "permission",
                "send_interval",
                "action",
                "interface",
                "behavior",
                "type",
                "http_method",
            ],
            time_keys: &["id", "user_id", "group_id", "size", "partsize", "part_number", "available_parts", "count"],
        }
    }
}

fn error_reply(status: StatusCode, format: Format) -> Reply {
    Refusal::new(status, status.canonical_reason().unwrap_or("Error")).into_reply(format, false)
}

/// The suffix decides, then `Accept`. Three of the formats are for the histories only.
fn format(route: &Route, request: &Parts) -> Format {
    let (suffix, exports) = match route {
        Route::Known(operation, parameters) => {
            let of_path = matches!(operation.name, "brickftp.history.folder" | "brickftp.history.file");
            (parameters.get("suffix"), of_path)
        }
        _ => ("", false),
    };
    let format = Format::from_suffix(suffix).or_else(|| Format::from_accept(&request.headers, exports));
    format.unwrap_or(Format::Json)
}

fn answer(
    store: &mut Store,
    operation: &'static str,
    parameters: &Parameters,
    request: &Parts,
    body: &[u8],
    format: Format,
    now_ms: i64,
) -> Answer<Output> {
    let open = matches!(operation, "brickftp.sessions.create" | "brickftp.sessions.delete");
    let caller = if open { Caller::Anonymous } else { store.caller(&request.headers, now_ms)? };
    let shared = matches!(operation, "brickftp.bundles.contents" | "brickftp.bundles.download_urls");
    if caller == Caller::Anonymous && !open && !(shared && store.settings.public_bundles) {
        return Err(Refusal::unauthorized());
    }
    let query = query::pairs(request.uri.query().unwrap_or_default());
    let mut input = Input::default();
    if !matches!(request.method.as_str(), "GET" | "DELETE") {
        input = Input::parse(&request.headers, body)?;
        input.complete(&query);
    }
    let headers = &request.headers;
    let call = Call { operation, parameters, query, input, headers, caller, format, now_ms };
    let own_check = matches!(operation, "brickftp.users.update" | "brickftp.users.delete");
    if !own_check {
        store.check_reauthentication(&call.caller, operation, headers)?;
    }
    let name = operation.trim_start_matches("brickftp.");
    let area = name.split('.').next().unwrap_or_default();
    match area {
        "sessions" | "bundles" | "folders" | "files" | "uploads" | "history" => content(store, name, &call),
        _ => administration(store, name, &call),
    }
}

/// What everybody may use, within their rights.
fn content(store: &mut Store, name: &str, call: &Call<'_>) -> Answer<Output> {
    match name {
        "sessions.create" => store.log_in(call),
        "sessions.delete" => Ok(store.log_out(call)),
        "history.folder" => store.path_history(call, false),
        "history.file" => store.path_history(call, true),
        "bundles.list" => store.list_bundles(call),
        "bundles.get" => store.get_bundle(call),
        "bundles.create" => store.create_bundle(call),
        "bundles.delete" => store.delete_bundle(call),
        "bundles.contents" => store.bundle_contents(call),
        "bundles.download_urls" => store.bundle_download_urls(call),
        "folders.list" => store.list_folder(call),
        "folders.create" => store.create_folder(call),
        "folders.count" => store.count_folder(call),
        "folders.count_direct" => store.count_folder_directly(call),
        "folders.size" => store.folder_size(call),
        "files.download_url" => store.download(call),
        "files.stat" => store.stat(call),
        "files.rename" => store.rename(call),
        "files.copy" => store.copy(call),
        "files.delete" => store.delete(call),
        "uploads.start" => store.start_upload(call),
        "uploads.part" => store.continue_upload(call),
        "uploads.complete" => store.complete_upload(call),
        _ => administration(store, name, call),
    }
}

fn administration(store: &mut Store, name: &str, call: &Call<'_>) -> Answer<Output> {
    // The one call of these that is not only for administrators of the site looks for itself.
    if name == "groups.create_user" {
        return store.create_user_in_group(call);
    }
    call.caller.must_be_admin(store)?;
    match name {
        "users.list" => Ok(store.list_users(call)),
        "users.count" => Ok(store.count_users()),
        "users.find" => Ok(store.find_user(call)),
        "users.get" => store.get_user(call.id("user_id")?),
        "users.create" => store.create_user(call),
        "users.update" => store.update_user(call),
        "users.delete" => store.delete_user(call),
        "users.unlock" => store.unlock_user(call.id("user_id")?),
        "api_keys.list" => store.list_api_keys(call.id("user_id")?),
        "api_keys.get" => store.get_api_key(call.id("api_key_id")?),
        "api_keys.create" => store.create_api_key(call),
        "api_keys.delete" => store.delete_api_key(call.id("api_key_id")?),
        "public_keys.list" => store.list_public_keys(call.id("user_id")?),
        "public_keys.get" => store.get_public_key(call.id("public_key_id")?),
        "public_keys.create" => store.create_public_key(call),
        "public_keys.delete" => store.delete_public_key(call.id("public_key_id")?),
        "groups.list" => Ok(store.list_groups()),
        "groups.get" => store.get_group(call.id("group_id")?),
        "groups.create" => store.create_group(call),
        "groups.update" => store.update_group(call),
        "groups.delete" => store.delete_group(call),
        "memberships.add" => store.add_membership(call),
        "memberships.update" => store.update_membership(call),
        "memberships.remove" => store.remove_membership(call),
        "permissions.list" => Ok(store.list_permissions(call)),
        "permissions.create" => store.create_permission(call),
        "permissions.delete" => store.delete_permission(call),
        "notifications.list" => Ok(store.list_notifications()),
        "notifications.create" => store.create_notification(call),
        "notifications.delete" => store.delete_notification(call.id("notification_id")?),
        "history.site" => store.site_history(call),
        "history.logins" => store.login_history(call),
        "history.user" => store.user_history(call),
        "behaviors.list" => Ok(store.list_behaviors()),
        "behaviors.list_for_folder" => store.list_folder_behaviors(call),
        "behaviors.get" => store.get_behavior(call.id("behavior_id")?),
        "behaviors.create" => store.create_behavior(call),
        "behaviors.update" => store.update_behavior(call),
        "behaviors.delete" => store.delete_behavior(call.id("behavior_id")?),
        _ => Err(Refusal::not_found()),
    }
}

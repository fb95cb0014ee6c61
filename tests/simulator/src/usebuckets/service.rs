use std::sync::{Arc, Mutex};

use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use serde_json::json;

use super::deliveries::{Notifications, tell};
use super::input::{Answer, Refusal};
use super::operations::{OPERATIONS, PREFIX};
use super::state::store::Store;
use crate::deliveries::Dispatcher;
use crate::fault::WireWords;
use crate::server::{Clock, Parameters, Reply, Route, Service, bearer, lacks_json};
use crate::{Operation, lock};

/// The API as the engine drives it.
pub(crate) struct Api {
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) clock: Arc<Clock>,
    pub(crate) dispatcher: Arc<Dispatcher<Notifications>>,
}

impl Service for Api {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn handle(&self, route: &Route, request: &Parts, body: &[u8]) -> Reply {
        let (reply, events) = {
            let mut store = lock(&self.store);
            let answer = answer(&mut store, route, request, body, self.clock.now_ms());
            (answer.unwrap_or_else(Refusal::into_reply), std::mem::take(&mut store.events))
        };
        tell(&self.dispatcher, events);
        reply
    }

    fn error_reply(&self, status: StatusCode) -> Reply {
        let message = status.canonical_reason().unwrap_or("Error");
        Reply::json(status, &json!({ "message": message }))
    }

    fn wire_words(&self) -> WireWords {
        WireWords { enum_keys: &["events", "event"], time_keys: &["created_at", "fired_at"] }
    }
}

fn answer(store: &mut Store, route: &Route, request: &Parts, body: &[u8], now_ms: i64) -> Answer<Reply> {
    if matches!(route, Route::Unknown) {
        return Err(Refusal::not_found("Route"));
    }
    authorize(store, &request.headers)?;
    match route {
        Route::Known(operation, parameters) => {
            if lacks_json(&request.headers, body) {
                return Err(Refusal::malformed("A body needs the header Content-Type: application/json"));
            }
            let query = request.uri.query().unwrap_or_default();
            dispatch(store, operation.name, parameters, query, body, now_ms)
        }
        Route::OtherMethod(parameters) if request.method == Method::GET => get_one(store, parameters),
        _ => Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")),
    }
}

fn authorize(store: &Store, headers: &HeaderMap) -> Answer<()> {
    let key = bearer(headers);
    if key.is_some() && key == store.api_key.as_deref() {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::UNAUTHORIZED, "The API key is missing or not valid"))
}

fn dispatch(
    store: &mut Store,
    operation: &str,
    parameters: &Parameters,
    query: &str,
    body: &[u8],
    now_ms: i64,
) -> Answer<Reply> {
    let bucket = parameters.get("bucket_id");
    let user = parameters.get("user_id");
    let notification = parameters.get("notification_id");
    match operation.trim_start_matches("usebuckets.") {
        "buckets.create" => store.create_bucket(body, now_ms),
        "buckets.list" => store.list_buckets(query),
        "buckets.update" => store.update_bucket(bucket, body, now_ms),
        "buckets.delete" => store.delete_bucket(bucket, now_ms),
        "users.create" => store.create_user(body, now_ms),
        "users.list" => store.list_users(bucket, query),
        "users.update" => store.update_user(user, body, now_ms),
        "users.delete" => store.delete_user(user, now_ms),
        "notifications.create" => store.create_notification(body, now_ms),
        "notifications.list" => store.list_notifications(bucket, query),
        "notifications.update" => store.update_notification(notification, body),
        "notifications.delete" => store.delete_notification(notification),
        _ => Err(Refusal::not_found("Route")),
    }
}

/// The routes that read one object are documented nowhere, so they are no operations and mostly not there.
fn get_one(store: &Store, parameters: &Parameters) -> Answer<Reply> {
    let kind = ["bucket_id", "user_id", "notification_id"].into_iter().find(|kind| !parameters.get(kind).is_empty());
    let Some(kind) = kind else {
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"));
    };
    let id = parameters.get(kind);
    match kind {
        _ if !store.settings.get_one => Err(Refusal::not_found("Route")),
        "bucket_id" => store.get_bucket(id),
        "user_id" => store.get_user(id),
        _ => store.get_notification(id),
    }
}

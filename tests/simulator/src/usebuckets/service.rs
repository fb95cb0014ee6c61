use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};

use super::deliveries::{Notifications, dispatch_events};
use super::input::{ApiError, ApiResult};
use super::operations::{OPERATIONS, PREFIX, ROUTES};
use super::state::store::Store;
use crate::Operation;
use crate::deliveries::Dispatcher;
use crate::fault::MutationTargets;
use crate::server::{ApiRequest, Parameters, Response, RouteMatch, Service, SharedStore, bearer, handler, lacks_json};

/// The API, as the server calls it.
pub(crate) struct Api {
    pub(crate) store: SharedStore<Store>,
    pub(crate) dispatcher: Arc<Dispatcher<Notifications>>,
}

impl Service for Api {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn prefix(&self) -> &'static str {
        PREFIX
    }

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Response {
        let now_ms = self.store.now_ms();
        let (result, events) = {
            let mut store = self.store.lock();
            (respond(&mut store, route, request, body, now_ms), std::mem::take(&mut store.events))
        };
        dispatch_events(&self.dispatcher, events);
        result.unwrap_or_else(|error| error.into_json("message"))
    }

    fn error_response(&self, status: StatusCode) -> Response {
        ApiError::from_status(status).into_json("message")
    }

    fn mutation_targets(&self) -> MutationTargets {
        MutationTargets { enum_keys: &["events", "event"], time_keys: &["created_at", "fired_at"] }
    }
}

fn respond(store: &mut Store, route: &RouteMatch, parts: &Parts, body: &[u8], now_ms: i64) -> ApiResult<Response> {
    if matches!(route, RouteMatch::NotFound) {
        return Err(ApiError::not_found("Route not found"));
    }
    authorize(store, &parts.headers)?;
    match route {
        &RouteMatch::Found(operation, ref parameters) => {
            if lacks_json(&parts.headers, body) {
                return Err(ApiError::bad_request("A body needs the header Content-Type: application/json"));
            }
            handler(&ROUTES, operation)(store, &ApiRequest { operation, parameters, parts, body, now_ms })
        }
        RouteMatch::MethodNotAllowed(parameters) if parts.method == Method::GET => get_one(store, parameters),
        _ => Err(ApiError::method_not_allowed("Method not allowed")),
    }
}

fn authorize(store: &Store, headers: &HeaderMap) -> ApiResult<()> {
    let key = bearer(headers);
    if key.is_some() && key == store.api_key.as_deref() {
        return Ok(());
    }
    Err(ApiError::unauthorized("The API key is missing or not valid"))
}

/// The routes that read one object are undocumented. They are not operations, and disabled by default.
fn get_one(store: &Store, parameters: &Parameters) -> ApiResult<Response> {
    let kind = ["bucket_id", "user_id", "notification_id"].into_iter().find(|kind| !parameters.get(kind).is_empty());
    let Some(kind) = kind else {
        return Err(ApiError::method_not_allowed("Method not allowed"));
    };
    let id = parameters.get(kind);
    match kind {
        _ if !store.settings.get_one => Err(ApiError::not_found("Route not found")),
        "bucket_id" => store.get_bucket(id),
        "user_id" => store.get_user(id),
        _ => store.get_notification(id),
    }
}

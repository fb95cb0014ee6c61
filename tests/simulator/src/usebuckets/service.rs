use std::sync::{Arc, Mutex};

use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};

use super::deliveries::{Notifications, dispatch_events};
use super::input::{Answer, Refusal};
use super::operations::{OPERATIONS, PREFIX, ROUTES};
use super::state::store::Store;
use crate::deliveries::Dispatcher;
use crate::fault::WireWords;
use crate::server::{ApiRequest, Clock, Parameters, Reply, RouteMatch, Service, bearer, handler, lacks_json};
use crate::{Operation, lock};

/// The API, as the server calls it.
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

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Reply {
        let (reply, events) = {
            let mut store = lock(&self.store);
            let answer = answer(&mut store, route, request, body, self.clock.now_ms());
            (answer.unwrap_or_else(|error| error.into_json("message")), std::mem::take(&mut store.events))
        };
        dispatch_events(&self.dispatcher, events);
        reply
    }

    fn error_response(&self, status: StatusCode) -> Reply {
        Refusal::from_status(status).into_json("message")
    }

    fn mutation_targets(&self) -> WireWords {
        WireWords { enum_keys: &["events", "event"], time_keys: &["created_at", "fired_at"] }
    }
}

fn answer(store: &mut Store, route: &RouteMatch, request: &Parts, body: &[u8], now_ms: i64) -> Answer<Reply> {
    if matches!(route, RouteMatch::NotFound) {
        return Err(Refusal::not_found("Route not found"));
    }
    authorize(store, &request.headers)?;
    match route {
        &RouteMatch::Found(operation, ref parameters) => {
            if lacks_json(&request.headers, body) {
                return Err(Refusal::bad_request("A body needs the header Content-Type: application/json"));
            }
            let request = ApiRequest { operation, parameters, parts: request, body, now_ms };
            handler(&ROUTES, operation)(store, &request)
        }
        RouteMatch::MethodNotAllowed(parameters) if request.method == Method::GET => get_one(store, parameters),
        _ => Err(Refusal::method_not_allowed("Method not allowed")),
    }
}

fn authorize(store: &Store, headers: &HeaderMap) -> Answer<()> {
    let key = bearer(headers);
    if key.is_some() && key == store.api_key.as_deref() {
        return Ok(());
    }
    Err(Refusal::unauthorized("The API key is missing or not valid"))
}

/// The routes that read one object are undocumented. They are not operations, and disabled by default.
fn get_one(store: &Store, parameters: &Parameters) -> Answer<Reply> {
    let kind = ["bucket_id", "user_id", "notification_id"].into_iter().find(|kind| !parameters.get(kind).is_empty());
    let Some(kind) = kind else {
        return Err(Refusal::method_not_allowed("Method not allowed"));
    };
    let id = parameters.get(kind);
    match kind {
        _ if !store.settings.get_one => Err(Refusal::not_found("Route not found")),
        "bucket_id" => store.get_bucket(id),
        "user_id" => store.get_user(id),
        _ => store.get_notification(id),
    }
}

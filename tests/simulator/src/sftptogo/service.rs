use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::input::{ApiError, ApiResult, Input, not_found};
use super::operations::{OPERATIONS, REPLACE_INBOUND_RULES, ROTATE_PASSWORD, ROUTES, SET_PASSWORD, UPDATE};
use super::state::store::Store;
use crate::Operation;
use crate::fault::MutationTargets;
use crate::server::{ApiRequest, Response, RouteMatch, Service, SharedStore, bearer, handler, lacks_json};

/// The API, as the server calls it.
pub(crate) struct Api {
    pub(crate) store: SharedStore<Store>,
}

impl Service for Api {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn refine(&self, operation: &'static Operation, body: &[u8]) -> &'static Operation {
        let Ok(input) = Input::parse(body) else {
            return operation;
        };
        let name = match operation.name {
            UPDATE if input.keys().eq(["Settings"]) => REPLACE_INBOUND_RULES,
            ROTATE_PASSWORD if input.has("Password") => SET_PASSWORD,
            _ => return operation,
        };
        OPERATIONS.iter().find(|operation| operation.name == name).unwrap_or(operation)
    }

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Response {
        let now_ms = self.store.now_ms();
        let result = respond(&mut self.store.lock(), route, request, body, now_ms);
        result.unwrap_or_else(|error| error.into_json("message"))
    }

    fn error_response(&self, status: StatusCode) -> Response {
        ApiError::from_status(status).into_json("message")
    }

    fn mutation_targets(&self) -> MutationTargets {
        MutationTargets {
            enum_keys: &["Permission", "State", "Type", "Protocol", "PrincipalType", "Action", "Topics"],
            time_keys: &["CreatedAt", "UpdatedAt", "ExpiresAt", "Expiration"],
        }
    }
}

fn respond(store: &mut Store, route: &RouteMatch, parts: &Parts, body: &[u8], now_ms: i64) -> ApiResult<Response> {
    let (RouteMatch::Found(_, parameters) | RouteMatch::MethodNotAllowed(parameters)) = route else {
        return Err(not_found());
    };
    authorize(store, &parts.headers)?;
    if parameters.get("organization_id") != store.organization_id {
        return Err(ApiError::forbidden("Forbidden"));
    }
    let &RouteMatch::Found(operation, _) = route else {
        let hidden = !store.settings.method_not_allowed;
        return Err(if hidden { not_found() } else { ApiError::method_not_allowed("Method Not Allowed") });
    };
    if lacks_json(&parts.headers, body) {
        return Err(ApiError::bad_request("A body needs the header Content-type: application/json"));
    }
    handler(&ROUTES, operation)(store, &ApiRequest { operation, parameters, parts, body, now_ms })
}

fn authorize(store: &Store, headers: &HeaderMap) -> ApiResult<()> {
    let key = bearer(headers);
    if key.is_some() && key == store.api_key.as_deref() {
        return Ok(());
    }
    Err(ApiError::unauthorized("Unauthorized"))
}

/// Renders a webhook for pings, without its secrets.
pub(crate) fn without_secrets(webhook: &super::Webhook, organization_id: &str) -> Value {
    json!({
        "Id": webhook.id,
        "Alias": webhook.alias,
        "Topics": webhook.topics,
        "State": webhook.state,
        "Url": webhook.url,
        "OrganizationId": organization_id,
        "CreatedAt": webhook.created_at_ms,
        "UpdatedAt": webhook.updated_at_ms,
    })
}

use std::sync::{Arc, Mutex};

use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::input::{Answer, Input, Refusal};
use super::operations::{OPERATIONS, REPLACE_INBOUND_RULES, SET_PASSWORD};
use super::state::store::Store;
use crate::fault::WireWords;
use crate::server::{Clock, Parameters, Reply, RouteMatch, Service, bearer, lacks_json};
use crate::{Operation, lock};

/// The API, as the server calls it.
pub(crate) struct Api {
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) clock: Arc<Clock>,
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
            "sftptogo.credentials.update" if input.keys().eq(["Settings"]) => REPLACE_INBOUND_RULES,
            "sftptogo.credentials.rotate_password" if input.has("Password") => SET_PASSWORD,
            _ => return operation,
        };
        OPERATIONS.iter().find(|operation| operation.name == name).unwrap_or(operation)
    }

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Reply {
        let mut store = lock(&self.store);
        let now_ms = self.clock.now_ms();
        store.tick(now_ms);
        answer(&mut store, route, &request.headers, body, now_ms).unwrap_or_else(Refusal::into_reply)
    }

    fn error_response(&self, status: StatusCode) -> Reply {
        let message = status.canonical_reason().unwrap_or("Error");
        Reply::json(status, &json!({ "message": message }))
    }

    fn mutation_targets(&self) -> WireWords {
        WireWords {
            enum_keys: &["Permission", "State", "Type", "Protocol", "PrincipalType", "Action", "Topics"],
            time_keys: &["CreatedAt", "UpdatedAt", "ExpiresAt", "Expiration"],
        }
    }
}

fn answer(store: &mut Store, route: &RouteMatch, headers: &HeaderMap, body: &[u8], now_ms: i64) -> Answer<Reply> {
    let parameters = match route {
        RouteMatch::NotFound => return Err(Refusal::not_found()),
        RouteMatch::Found(_, parameters) | RouteMatch::MethodNotAllowed(parameters) => parameters,
    };
    authorize(store, headers)?;
    if parameters.get("organization_id") != store.organization_id {
        return Err(Refusal::forbidden());
    }
    match route {
        RouteMatch::Found(operation, _) => {
            if lacks_json(headers, body) {
                return Err(Refusal::invalid("A body needs the header Content-type: application/json"));
            }
            dispatch(store, operation.name, parameters, body, now_ms)
        }
        _ if store.settings.method_not_allowed => {
            Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"))
        }
        _ => Err(Refusal::not_found()),
    }
}

fn authorize(store: &Store, headers: &HeaderMap) -> Answer<()> {
    let key = bearer(headers);
    if key.is_some() && key == store.api_key.as_deref() {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::UNAUTHORIZED, "Unauthorized"))
}

fn dispatch(store: &mut Store, operation: &str, parameters: &Parameters, body: &[u8], now_ms: i64) -> Answer<Reply> {
    let credential = parameters.get("credential_id");
    let key = parameters.get("key_id");
    let webhook = parameters.get("webhook_id");
    let link = parameters.get("share_link_id");
    match operation.trim_start_matches("sftptogo.") {
        "credentials.list" => Ok(store.list_credentials()),
        "credentials.create" => store.create_credential(body, now_ms),
        "credentials.get" => store.get_credential(credential),
        "credentials.update" | "credentials.replace_inbound_rules" => store.update_credential(credential, body, now_ms),
        "credentials.delete" => store.delete_credential(credential),
        "credentials.rotate_password" | "credentials.set_password" => store.set_password(credential, body, now_ms),
        "ssh_keys.list" => store.list_ssh_keys(credential),
        "ssh_keys.add" => store.add_ssh_key(credential, body, now_ms),
        "ssh_keys.remove" => store.remove_ssh_key(credential, key),
        "webhooks.list" => Ok(store.list_webhooks()),
        "webhooks.create" => store.create_webhook(body, now_ms),
        "webhooks.update" => store.update_webhook(webhook, body, now_ms),
        "webhooks.delete" => store.delete_webhook(webhook),
        "share_links.list" => Ok(store.list_share_links()),
        "share_links.create" => store.create_share_link(body, now_ms),
        "share_links.get" => store.get_share_link(link),
        "share_links.update" => store.update_share_link(link, body, now_ms),
        "share_links.delete" => store.delete_share_link(link),
        _ => Err(Refusal::not_found()),
    }
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

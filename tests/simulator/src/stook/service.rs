use std::sync::{Arc, Mutex};

use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::envelope::{Envelope, PageRequest};
use super::input::{Answer, Refusal};
use super::operations::OPERATIONS;
use super::state::store::Store;
use crate::fault::WireWords;
use crate::server::{Clock, Parameters, Reply, RouteMatch, Service, lacks_json, match_route};
use crate::{Operation, lock};

/// The API, as the server calls it.
pub(crate) struct Api {
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) clock: Arc<Clock>,
    /// `http` or `https`.
    pub(crate) scheme: &'static str,
    pub(crate) doubled_prefix: bool,
}

impl Service for Api {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn route(&self, request: &Parts) -> RouteMatch {
        let path = request.uri.path();
        let path = match path.strip_prefix("/api") {
            Some(rest) if self.doubled_prefix && rest.starts_with("/api/") => rest,
            _ => path,
        };
        match_route(OPERATIONS, request.method.as_str(), path)
    }

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Reply {
        let mut store = lock(&self.store);
        let page_request = PageRequest::new(self.scheme, request);
        let answer = answer(&mut store, route, &request.headers, body, self.clock.now_ms());
        match answer {
            Ok(envelope) => envelope.into_reply(&store.settings, &page_request),
            Err(refusal) => refusal.into_reply(&store.settings),
        }
    }

    fn error_response(&self, status: StatusCode) -> Reply {
        let message = status.canonical_reason().unwrap_or("Error");
        Reply::json(status, &json!({ "status": status.is_success(), "message": message }))
    }

    fn mutation_targets(&self) -> WireWords {
        WireWords { enum_keys: &["type", "region"], time_keys: &["expire", "count"] }
    }
}

fn answer(store: &mut Store, route: &RouteMatch, headers: &HeaderMap, body: &[u8], now_ms: i64) -> Answer<Envelope> {
    let parameters = match route {
        RouteMatch::NotFound => return Err(Refusal::not_found()),
        RouteMatch::Found(_, parameters) | RouteMatch::MethodNotAllowed(parameters) => parameters,
    };
    let operation = match route {
        RouteMatch::Found(operation, _) => operation.name,
        _ => "",
    };
    if operation == "stook.auth.login" {
        check_content_type(headers, body)?;
        return store.log_in(body, now_ms);
    }
    store.authorize(headers, now_ms)?;
    // The list of organizations has no organization in its path.
    let organization = parameters.get("organization_uuid");
    if !organization.is_empty() {
        check_organization(store, organization)?;
    }
    if operation.is_empty() {
        return Err(if store.settings.method_not_allowed {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        } else {
            Refusal::not_found()
        });
    }
    check_content_type(headers, body)?;
    dispatch(store, operation, parameters, body)
}

fn check_organization(store: &Store, uuid: &str) -> Answer<()> {
    if store.organizations.iter().any(|organization| organization.uuid == uuid) {
        return Ok(());
    }
    Err(if store.settings.foreign_organizations_forbidden {
        Refusal::new(StatusCode::FORBIDDEN, "This action is unauthorized.")
    } else {
        Refusal::not_found()
    })
}

fn check_content_type(headers: &HeaderMap, body: &[u8]) -> Answer<()> {
    if !lacks_json(headers, body) {
        return Ok(());
    }
    let message = "A body needs the header Content-Type: application/json";
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message))
}

fn dispatch(store: &mut Store, operation: &str, parameters: &Parameters, body: &[u8]) -> Answer<Envelope> {
    let organization = parameters.get("organization_uuid");
    let bucket = parameters.get("bucket_uuid");
    let credential = parameters.get("credential_uuid");
    let account = parameters.get("ftp_uuid");
    match operation.trim_start_matches("stook.") {
        "organizations.list" => Ok(store.list_organizations()),
        "buckets.list" => Ok(store.list_buckets(organization)),
        "buckets.get" => store.get_bucket(organization, bucket),
        "buckets.create" => store.create_bucket(organization, body),
        "buckets.update" => store.update_bucket(organization, bucket, body),
        "buckets.delete" => store.delete_bucket(organization, bucket),
        "credentials.list" => Ok(store.list_credentials(organization)),
        "credentials.get" => store.get_credential(organization, credential),
        "credentials.create" => store.create_credential(organization, body),
        "credentials.update" => store.update_credential(organization, credential, body),
        "credentials.delete" => store.delete_credential(organization, credential),
        "ftp_accounts.list" => Ok(store.list_ftp_accounts(organization)),
        "ftp_accounts.get" => store.get_ftp_account(organization, account),
        "ftp_accounts.create" => store.create_ftp_account(organization, body),
        "ftp_accounts.update" => store.update_ftp_account(organization, account, body),
        "ftp_accounts.delete" | "legacy_v1.ftp_accounts.delete" => store.delete_ftp_account(organization, account),
        "legacy_v1.ftp_accounts.get" => store.get_legacy_ftp_account(organization, account),
        "legacy_v1.ftp_accounts.update" => store.replace_legacy_ftp_account(organization, account, body),
        _ => Err(Refusal::not_found()),
    }
}

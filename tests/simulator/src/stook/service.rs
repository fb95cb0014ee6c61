use http::StatusCode;
use http::request::Parts;
use serde_json::json;

use super::envelope::{Envelope, PageRequest, error_response};
use super::input::{ApiError, ApiResult, not_found};
use super::operations::{LOGIN, OPERATIONS, ROUTES};
use super::state::store::Store;
use crate::Operation;
use crate::fault::MutationTargets;
use crate::server::{ApiRequest, Response, RouteMatch, Service, SharedStore, handler, lacks_json, match_route};

/// The API, as the server calls it.
pub(crate) struct Api {
    pub(crate) store: SharedStore<Store>,
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
            Some(tail) if self.doubled_prefix && tail.starts_with("/api/") => tail,
            _ => path,
        };
        match_route(OPERATIONS, request.method.as_str(), path)
    }

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Response {
        let now_ms = self.store.now_ms();
        let mut store = self.store.lock();
        match respond(&mut store, route, request, body, now_ms) {
            Ok(envelope) => envelope.into_response(&store.settings, &PageRequest::new(self.scheme, request)),
            Err(error) => error_response(&error, &store.settings),
        }
    }

    fn error_response(&self, status: StatusCode) -> Response {
        let message = ApiError::from_status(status).message;
        Response::json(status, &json!({ "status": status.is_success(), "message": message }))
    }

    fn mutation_targets(&self) -> MutationTargets {
        MutationTargets { enum_keys: &["type", "region"], time_keys: &["expire", "count"] }
    }
}

fn respond(store: &mut Store, route: &RouteMatch, parts: &Parts, body: &[u8], now_ms: i64) -> ApiResult<Envelope> {
    let (RouteMatch::Found(_, parameters) | RouteMatch::MethodNotAllowed(parameters)) = route else {
        return Err(not_found());
    };
    if !matches!(route, RouteMatch::Found(operation, _) if operation.name == LOGIN) {
        store.authorize(&parts.headers)?;
        // The list of organizations has no organization in its path.
        let organization = parameters.get("organization_uuid");
        if !organization.is_empty() {
            check_organization(store, organization)?;
        }
    }
    let &RouteMatch::Found(operation, _) = route else {
        let hidden = !store.settings.method_not_allowed;
        return Err(if hidden { not_found() } else { ApiError::method_not_allowed("Method Not Allowed") });
    };
    if lacks_json(&parts.headers, body) {
        let message = "A body needs the header Content-Type: application/json";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    handler(&ROUTES, operation)(store, &ApiRequest { operation, parameters, parts, body, now_ms })
}

fn check_organization(store: &Store, uuid: &str) -> ApiResult<()> {
    if store.organizations.iter().any(|organization| organization.uuid == uuid) {
        return Ok(());
    }
    let forbidden = store.settings.foreign_organizations_forbidden;
    Err(if forbidden { ApiError::forbidden("This action is unauthorized.") } else { not_found() })
}

use http::StatusCode;
use http::request::Parts;

use crate::Operation;
use crate::brickftp::operations::{OPERATIONS, ROUTES};
use crate::brickftp::request::access::AccessLevel;
use crate::brickftp::request::input::Input;
use crate::brickftp::request::query;
use crate::brickftp::request::routing;
use crate::brickftp::request::{SiteRequest, SiteResponse};
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::response::format::Format;
use crate::brickftp::state::store::Store;
use crate::fault::MutationTargets;
use crate::server::{ApiRequest, Response, RouteMatch, Service, SharedStore, handler};

/// The API of the site.
pub(crate) struct Api {
    pub(crate) store: SharedStore<Store>,
}

impl Service for Api {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn prefix(&self) -> &'static str {
        routing::PREFIX
    }

    fn route(&self, request: &Parts) -> RouteMatch {
        routing::find(request)
    }

    fn refine(&self, operation: &'static Operation, body: &[u8]) -> &'static Operation {
        routing::refine(operation, body)
    }

    fn handle(&self, route: &RouteMatch, parts: &Parts, body: &[u8]) -> Response {
        let now_ms = self.store.now_ms();
        let mut store = self.store.lock();
        let format = format(route, parts);
        let result = match *route {
            RouteMatch::Found(operation, ref parameters) => {
                let request = ApiRequest { operation, parameters, parts, body, now_ms };
                respond(&mut store, request, format)
            }
            _ => Err(ApiError::record_not_found()),
        };
        let legal_xml = store.settings.legal_xml;
        match result {
            Ok(SiteResponse::Document(status, document)) => document.into_response(status, format, legal_xml),
            Ok(SiteResponse::Export(text)) => Response::empty(StatusCode::OK).with_body(format.content_type(), text),
            Err(error) => error.into_response(format, legal_xml),
        }
    }

    fn error_response(&self, status: StatusCode) -> Response {
        error_response(status, Format::Json)
    }

    fn error_response_for(&self, request: &Parts, status: StatusCode) -> Response {
        error_response(status, format(&self.route(request), request))
    }

    fn mutation_targets(&self) -> MutationTargets {
        MutationTargets {
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

fn error_response(status: StatusCode, format: Format) -> Response {
    ApiError::from_status(status).into_response(format, false)
}

/// The suffix takes precedence over `Accept`. Three of the formats are for the history only.
fn format(route: &RouteMatch, request: &Parts) -> Format {
    let (suffix, exports) = match route {
        RouteMatch::Found(operation, parameters) => {
            let of_path = matches!(operation.name, "brickftp.history.folder" | "brickftp.history.file");
            (parameters.get("suffix"), of_path)
        }
        _ => ("", false),
    };
    let format = Format::from_suffix(suffix).or_else(|| Format::from_accept(&request.headers, exports));
    format.unwrap_or(Format::Json)
}

fn respond(store: &mut Store, request: ApiRequest<'_>, format: Format) -> ApiResult<SiteResponse> {
    let endpoint = handler(&ROUTES, request.operation);
    let caller = store.admit(endpoint.access, request.headers(), request.now_ms)?;
    let query = query::pairs(request.query());
    let mut input = Input::default();
    if !matches!(request.parts.method.as_str(), "GET" | "DELETE") {
        input = Input::parse(request.headers(), request.body)?;
        input.complete(&query);
    }
    let request = SiteRequest { request, query, input, caller, format };
    if !endpoint.checks_reauthentication {
        store.check_reauthentication(&request)?;
    }
    if endpoint.access == AccessLevel::Admin {
        request.caller.must_be_admin(store)?;
    }
    endpoint.handler.call(store, &request)
}

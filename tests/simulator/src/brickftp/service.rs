use http::StatusCode;
use http::request::Parts;

use super::access::Access;
use super::call::{Call, Output};
use super::format::Format;
use super::input::Input;
use super::operations::{OPERATIONS, ROUTES};
use super::query;
use super::refusal::{Answer, Refusal};
use super::routing;
use super::store::Store;
use crate::Operation;
use crate::fault::WireWords;
use crate::server::{Parameters, Response, RouteMatch, Service, SharedStore, handler};

/// The API as the engine drives it.
pub(super) struct Api {
    pub(super) store: SharedStore<Store>,
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

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Response {
        let now_ms = self.store.now_ms();
        let mut store = self.store.lock();
        let format = format(route, request);
        let legal_xml = store.settings.legal_xml;
        let answer = match route {
            RouteMatch::Found(operation, parameters) => {
                answer(&mut store, operation, parameters, request, body, format, now_ms)
            }
            _ => Err(Refusal::not_found()),
        };
        match answer {
            Ok(Output::Document(status, document)) => {
                let text = if format == Format::Xml { document.to_xml(legal_xml) } else { document.to_json() };
                let format = if format == Format::Xml { Format::Xml } else { Format::Json };
                Response::empty(status).with_body(format.content_type(), text)
            }
            Ok(Output::Export(text)) => Response::empty(StatusCode::OK).with_body(format.content_type(), text),
            Err(refusal) => refusal.into_reply(format, legal_xml),
        }
    }

    fn error_reply(&self, status: StatusCode) -> Response {
        error_reply(status, Format::Json)
    }

    fn error_reply_to(&self, request: &Parts, status: StatusCode) -> Response {
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

fn error_reply(status: StatusCode, format: Format) -> Response {
    Refusal::new(status, status.canonical_reason().unwrap_or("Error")).into_reply(format, false)
}

/// The suffix decides, then `Accept`. Three of the formats are for the histories only.
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

fn answer(
    store: &mut Store,
    operation: &'static Operation,
    parameters: &Parameters,
    request: &Parts,
    body: &[u8],
    format: Format,
    now_ms: i64,
) -> Answer<Output> {
    let endpoint = handler(&ROUTES, operation);
    let headers = &request.headers;
    let caller = store.admit(endpoint.access, headers, now_ms)?;
    let query = query::pairs(request.uri.query().unwrap_or_default());
    let mut input = Input::default();
    if !matches!(request.method.as_str(), "GET" | "DELETE") {
        input = Input::parse(headers, body)?;
        input.complete(&query);
    }
    let call = Call { operation: operation.name, parameters, query, input, headers, caller, format, now_ms };
    if !endpoint.checks_reauthentication {
        store.check_reauthentication(&call.caller, operation.name, headers)?;
    }
    if endpoint.access == Access::Admin {
        call.caller.must_be_admin(store)?;
    }
    (endpoint.handler)(store, &call)
}

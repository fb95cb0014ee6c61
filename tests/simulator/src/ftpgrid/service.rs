use std::pin::Pin;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use super::input::{ApiError, ApiResult};
use super::operations::{
    self, ACCOUNT_LIST, ACCOUNTS, ACCOUNTS_LIST, DELETE, DELETE_WITH_SLASH, Endpoint, Handler, ROUTES,
};
use super::settings::{ErrorBody, Paths};
use super::state::store::Store;
use super::storage::{downloads, upload};
use crate::Operation;
use crate::fault::MutationTargets;
use crate::server::{
    ApiRequest, Parameters, RequestBody, Response, RouteMatch, Service, SharedStore, StreamingService, handler,
    match_route,
};

/// One of the two origins, as the server calls it.
pub(crate) struct Api {
    store: SharedStore<Store>,
    is_storage: bool,
    operations: &'static [Operation],
    disabled_paths: Vec<&'static str>,
    error_body: ErrorBody,
}

impl Api {
    pub(crate) fn new(store: &SharedStore<Store>, is_storage: bool) -> Arc<Self> {
        let settings = store.lock().settings.clone();
        let mut disabled_paths = Vec::new();
        for (paths, introduction, reference) in
            [(settings.account_list_paths, ACCOUNTS_LIST, ACCOUNTS), (settings.delete_paths, DELETE_WITH_SLASH, DELETE)]
        {
            match paths {
                Paths::Both => {}
                Paths::Introduction => disabled_paths.push(reference),
                Paths::Reference => disabled_paths.push(introduction),
            }
        }
        let operations = operations::of_origin(is_storage);
        Arc::new(Self { store: store.clone(), is_storage, operations, disabled_paths, error_body: settings.error_body })
    }

    /// Authorizes a call and applies the effects of time.
    fn authorize(&self, store: &mut Store, endpoint: &Endpoint, headers: &HeaderMap) -> ApiResult<()> {
        store.authorize(headers, endpoint.scopes)?;
        if self.is_storage {
            store.calls += 1;
            store.catch_up(self.store.now_ms());
        }
        Ok(())
    }

    fn respond(&self, route: &RouteMatch, parts: &Parts, body: &[u8]) -> ApiResult<Response> {
        let (operation, parameters) = matched(route)?;
        let endpoint = handler(&ROUTES, operation);
        let mut store = self.store.lock();
        self.authorize(&mut store, &endpoint, &parts.headers)?;
        let Handler::Buffered(handler) = endpoint.handler else {
            return Err(ApiError::not_found("Not Found"));
        };
        handler(&mut store, &ApiRequest { operation, parameters, parts, body, now_ms: self.store.now_ms() })
    }

    async fn respond_streamed(
        &self,
        route: &RouteMatch,
        request: &Parts,
        body: &mut RequestBody,
    ) -> ApiResult<Response> {
        let (operation, _) = matched(route)?;
        let endpoint = handler(&ROUTES, operation);
        self.authorize(&mut self.store.lock(), &endpoint, &request.headers)?;
        if matches!(endpoint.handler, Handler::Upload) {
            return upload::receive(&self.store, request, body).await;
        }
        while body.next().await?.is_some() {}
        downloads::multi(&self.store, request).await
    }

    fn render_error(&self, error: ApiError) -> Response {
        let response = Response::empty(error.status);
        match self.error_body {
            ErrorBody::Json => Response::json(error.status, &json!({ "error": error.message })),
            ErrorBody::Plain => response.with_body("text/plain; charset=utf-8", error.message),
            ErrorBody::Empty => response,
        }
    }
}

impl Service for Api {
    fn operations(&self) -> &'static [Operation] {
        self.operations
    }

    fn route(&self, request: &Parts) -> RouteMatch {
        let path = request.uri.path();
        let route = match_route(self.operations, request.method.as_str(), path);
        if !self.disabled_paths.contains(&path) {
            return route;
        }
        match route {
            RouteMatch::Found(operation, parameters) if path == ACCOUNTS => match operation.name {
                // The path still exists for updates.
                ACCOUNT_LIST => RouteMatch::MethodNotAllowed(parameters),
                _ => RouteMatch::Found(operation, parameters),
            },
            _ => RouteMatch::NotFound,
        }
    }

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Response {
        self.respond(route, request, body).unwrap_or_else(|error| self.render_error(error))
    }

    fn error_response(&self, status: StatusCode) -> Response {
        self.render_error(ApiError::from_status(status))
    }

    fn mutation_targets(&self) -> MutationTargets {
        MutationTargets {
            enum_keys: &["accessRights", "protocol", "type"],
            time_keys: &["id", "lastModified", "mtime", "created_at", "updated_at"],
        }
    }

    fn streaming(&self, request: &Parts) -> Option<&dyn StreamingService> {
        match self.route(request) {
            RouteMatch::Found(operation, _) => match handler(&ROUTES, operation).handler {
                Handler::Buffered(_) => None,
                Handler::Upload | Handler::DownloadMulti => Some(self),
            },
            _ => None,
        }
    }
}

impl StreamingService for Api {
    fn handle<'a>(
        &'a self,
        route: &'a RouteMatch,
        request: &'a Parts,
        body: &'a mut RequestBody,
    ) -> Pin<Box<dyn Future<Output = Response> + Send + 'a>> {
        Box::pin(async {
            let result = self.respond_streamed(route, request, body).await;
            result.unwrap_or_else(|error| self.render_error(error))
        })
    }

    fn records_checksums(&self) -> bool {
        self.store.lock().settings.checksums
    }
}

fn matched(route: &RouteMatch) -> ApiResult<(&'static Operation, &Parameters)> {
    match route {
        RouteMatch::Found(operation, parameters) => Ok((operation, parameters)),
        RouteMatch::MethodNotAllowed(_) => Err(ApiError::method_not_allowed("Method Not Allowed")),
        RouteMatch::NotFound => Err(ApiError::not_found("Not Found")),
    }
}

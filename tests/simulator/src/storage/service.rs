use std::pin::Pin;

use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};

use super::error::{StorageError, StorageResult, reply_of_status};
use super::{Storage, download, form, part};
use crate::Operation;
use crate::fault::{MutationTargets, StorageOverrides};
use crate::server::{Parameters, RequestBody, Response, RouteMatch, Service, StreamingService};

/// The HTTP service of the object store.
pub(super) struct StorageService {
    storage: Storage,
    operations: &'static [Operation],
}

impl StorageService {
    pub(super) fn new(storage: Storage, operations: &'static [Operation]) -> Self {
        Self { storage, operations }
    }
}

impl Service for StorageService {
    fn operations(&self) -> &'static [Operation] {
        self.operations
    }

    /// Matches by the method only. The presigned URL names the object.
    fn route(&self, request: &Parts) -> RouteMatch {
        let mut storage_operations = self.operations.iter().filter(|operation| operation.name.contains(".storage."));
        let object_id = request.uri.path().rsplit('/').next().unwrap_or_default();
        let parameters = Parameters::new(vec![("object_id", object_id.to_owned())]);
        match storage_operations.find(|operation| operation.method == request.method.as_str()) {
            Some(operation) => RouteMatch::Found(operation, parameters),
            None => RouteMatch::MethodNotAllowed(parameters),
        }
    }

    fn handle(&self, _route: &RouteMatch, _request: &Parts, _body: &[u8]) -> Response {
        reply_of_status(StatusCode::NOT_IMPLEMENTED)
    }

    fn error_response(&self, status: StatusCode) -> Response {
        with_request_id(reply_of_status(status))
    }

    fn mutation_targets(&self) -> MutationTargets {
        MutationTargets { enum_keys: &[], time_keys: &[] }
    }

    fn streaming(&self, _request: &Parts) -> Option<&dyn StreamingService> {
        Some(self)
    }
}

impl StreamingService for StorageService {
    fn handle<'a>(
        &'a self,
        route: &'a RouteMatch,
        request: &'a Parts,
        body: &'a mut RequestBody,
    ) -> Pin<Box<dyn Future<Output = Response> + Send + 'a>> {
        Box::pin(async {
            let result = respond(&self.storage, route, request, body).await;
            with_request_id(result.unwrap_or_else(StorageError::into_response))
        })
    }

    fn records_checksums(&self) -> bool {
        self.storage.0.settings.checksums
    }
}

async fn respond(
    storage: &Storage,
    route: &RouteMatch,
    request: &Parts,
    body: &mut RequestBody,
) -> StorageResult<Response> {
    let RouteMatch::Found(_, parameters) = route else {
        return Err(StorageError::new("MethodNotAllowed").detail("Method", request.method.as_str()));
    };
    let object_id = parameters.get("object_id");
    let pretence = request.extensions.get::<StorageOverrides>().copied().unwrap_or_default();
    if request.method == Method::POST && request.uri.query().is_none() {
        return form::post(storage, request, object_id, pretence, body).await;
    }
    // A URL for GET is valid for HEAD too.
    let method = if request.method == Method::HEAD { "GET" } else { request.method.as_str() };
    let signed = storage.0.signer.check(
        method,
        request.uri.path(),
        request.uri.query().unwrap_or_default(),
        storage.0.clock.now_ms(),
        pretence.expired_url,
    )?;
    if method == "GET" {
        return download::get(storage, request, object_id, &signed, pretence);
    }
    part::put(storage, request, object_id, &signed, body).await
}

/// Adds the request id of the error documents.
fn with_request_id(mut response: Response) -> Response {
    response.headers.insert("x-amz-request-id", HeaderValue::from_static(super::error::REQUEST_ID));
    response
}

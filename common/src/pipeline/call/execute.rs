//! Running one request through the pipeline.

use std::sync::atomic::Ordering::Relaxed;

use http::{HeaderMap, Method, Uri};
use tokio::time::Instant;

use super::pending::{Fallback, PendingRequest};
use crate::http::{Body, Request, Response};
use crate::pipeline::call_context::{CallContext, FallbackTarget};
use crate::pipeline::middleware::Next;
use crate::pipeline::progress::CallProgress;
use crate::pipeline::trace::Span;
use crate::pipeline::{Operation, PipelineInner};
use crate::{Error, Result, Secret};

/// A successful response.
pub(super) struct Executed {
    pub(super) response: Response,
    pub(super) attempts: u32,
    pub(super) span: Span,
    /// Whether the call may have been partially applied, even if the response contains an error.
    pub(super) may_have_applied: bool,
}

/// Runs a request through the pipeline.
pub(super) async fn execute(
    pipeline: &PipelineInner,
    pending: PendingRequest,
    secrets: &[Secret],
) -> Result<Executed, (Error, Option<Span>)> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err((needs_runtime().with_operation(pending.operation.name()), None));
    }
    let PendingRequest {
        operation,
        method,
        mut address,
        base,
        headers,
        body,
        streamed,
        retries,
        call_timeout,
        attempt_timeout,
        response_timeout,
        fallback,
        required_permission,
        partial_effects,
        ..
    } = pending;
    let fallback = fallback.map(|Fallback { address: mut second, use_fallback }| {
        let prefers_fallback = use_fallback.load(Relaxed);
        if prefers_fallback {
            std::mem::swap(&mut address, &mut second);
        }
        FallbackTarget { address: second, use_fallback, is_fallback: !prefers_fallback }
    });
    let base = &pipeline.bases[base.0];
    let request = build(pipeline, &operation, method, base.uri(address), headers, body)
        .map_err(|error| (error.with_operation(operation.name()), None))?;
    // The duration of a file transfer is unknown, so the call timeout of the client does not apply to it.
    let default_timeout = if response_timeout.is_some() { None } else { pipeline.limits.call };
    let call_timeout = call_timeout.or(default_timeout);
    let call = CallContext {
        pipeline,
        base,
        operation: &operation,
        secrets,
        deadline: call_timeout.and_then(|timeout| Instant::now().checked_add(timeout)),
        retries,
        streamed,
        attempt_timeout: attempt_timeout.map_or(pipeline.limits.attempt, |limit| limit.max(pipeline.limits.attempt)),
        response_timeout,
        fallback: fallback.as_ref(),
        required_permission,
        partial_effects,
        progress: CallProgress::default(),
    };
    let span = Span::of_call(&operation);
    // Pinned in place: a future that is moved into its wrapper occupies its size twice, at every level.
    let running = std::pin::pin!(async {
        if pipeline.per_call_middleware.is_empty() {
            call.run(request).await
        } else {
            Next { rest: &pipeline.per_call_middleware, terminal: &call }.run(request).await
        }
    });
    let result = span.around(running).await;
    match result {
        Ok(response) => {
            let may_have_applied = partial_effects || call.progress.may_have_applied();
            Ok(Executed { response, attempts: call.progress.attempts(), span, may_have_applied })
        }
        Err(error) => Err((call.finish(error), Some(span))),
    }
}

fn build(
    pipeline: &PipelineInner,
    operation: &Operation,
    method: Method,
    uri: Result<Uri>,
    headers: HeaderMap,
    body: Body,
) -> Result<Request> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri?;
    *request.headers_mut() = headers;
    if pipeline.attaches_operation {
        request.extensions_mut().insert(operation.clone());
    }
    Ok(request)
}

/// Returns the error for a call that is awaited outside of Tokio. Without this check, the first timer would panic.
fn needs_runtime() -> Error {
    Error::invalid_input("call", "is awaited outside of a Tokio runtime; use #[tokio::main] or Runtime::block_on")
}

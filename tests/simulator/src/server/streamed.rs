//! Requests whose bodies are processed while they arrive.
//!
//! The fault is selected, and the journal entry created, when the request head is complete. The body is counted and
//! checksummed, not stored. If a fault prevents processing, the body is read to its end first, or to the byte that
//! [`Fault::during_request`] names.
//!
//! A service or a fault may respond before the body is complete. The response is then sent at once, the rest of the body is
//! discarded for a moment, and the connection closes.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use hyper::body::Incoming;

use super::exchange::{RequestTask, operation_of, pause, record};
use super::http::outgoing::Outgoing;
use super::http::request_body::RequestBody;
use super::http::script::ConnectionEnd;
use super::{Engine, Service};
use crate::fault::Fault;

pub(super) async fn respond(
    engine: &Arc<Engine>,
    service: &Arc<dyn Service>,
    connection: u64,
    parts: Parts,
    body: Incoming,
) -> Outgoing {
    let Some(streaming) = service.streaming(&parts) else {
        return Outgoing::end(ConnectionEnd::Abort);
    };
    let route = service.route(&parts);
    let mut decision = engine.faults.decide(operation_of(&route));
    let sequence = record(engine, connection, &parts, &route, &decision, &Bytes::new());
    let mut body = RequestBody::new(body, Arc::clone(engine), sequence, streaming.records_checksums());
    if let Some((size, interval)) = decision.pace() {
        body.set_pace(size, interval);
    }
    let mut task = RequestTask { engine: Arc::clone(engine), service: Arc::clone(service), sequence, route, parts };
    pause(decision.delay_before).await;
    let fault = decision.fault.take();
    let mut response = None;
    if fault.as_ref().is_none_or(Fault::needs_processing) {
        decision.before_processing(&mut task.parts);
        let service_response = streaming.handle(&task.route, &task.parts, &mut body).await;
        if body.is_broken() {
            return Outgoing::end(ConnectionEnd::Abort);
        }
        response = Some(task.processed(service_response, &decision));
    } else {
        let bytes = fault.as_ref().and_then(|fault| fault.during_request).unwrap_or(u64::MAX);
        if body.discard(bytes).await.is_err() {
            return Outgoing::end(ConnectionEnd::Abort);
        }
    }
    pause(decision.delay_after).await;
    body.report();
    match task.finish(fault, response) {
        Outgoing::Response(response) if !body.is_complete() => Outgoing::early(response),
        outgoing => outgoing,
    }
}

//! One request and its response: fault injection, service, request journal.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE};
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::http::outgoing::{Outgoing, is_bodiless, transmit, transmit_filler};
use super::http::script::{ConnectionEnd, ConnectionScript, WriteStep};
use super::routing::RouteMatch;
use super::{Engine, Response, Service, streamed};
use crate::Operation;
use crate::fault::{BodyMutation, Fault, FaultBody, FaultDecision, MutationTargets, Transmission};
use crate::journal::Exchange;

/// API requests are small. A larger body is an error of the client.
const BODY_LIMIT: usize = 64 << 20;

pub(super) async fn respond(
    engine: &Arc<Engine>,
    service: &Arc<dyn Service>,
    connection: u64,
    request: Request<Incoming>,
) -> Outgoing {
    let (parts, body) = request.into_parts();
    if service.streaming(&parts).is_some() {
        return streamed::respond(engine, service, connection, parts, body).await;
    }
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Outgoing::last(service.error_response(StatusCode::PAYLOAD_TOO_LARGE));
        }
        // An incomplete request is not a request.
        Err(_) => return Outgoing::end(ConnectionEnd::Abort),
    };
    let mut route = service.route(&parts);
    if let RouteMatch::Found(operation, _) = &mut route {
        *operation = service.refine(operation, &body);
    }
    let decision = engine.faults.decide(operation_of(&route));
    let sequence = record(engine, connection, &parts, &route, &decision, &body);
    let is_delayed = decision.delay_before + decision.delay_after > Duration::ZERO;
    let task = RequestTask { engine: Arc::clone(engine), service: Arc::clone(service), sequence, route, parts };
    if !is_delayed {
        return task.run(decision, body).await;
    }
    // A client that disconnects does not stop a real service either, so the task does not depend on the connection.
    let (sender, receiver) = oneshot::channel();
    engine.tasks.spawn(async move {
        let _ = sender.send(task.run(decision, body).await);
    });
    receiver.await.unwrap_or_else(|_| Outgoing::end(ConnectionEnd::Abort))
}

pub(super) fn operation_of(route: &RouteMatch) -> Option<&'static Operation> {
    match route {
        RouteMatch::Found(operation, _) => Some(operation),
        _ => None,
    }
}

/// Sleeps, unless the delay is zero: the timer rounds up to the next millisecond.
pub(super) async fn pause(delay: Duration) {
    if delay > Duration::ZERO {
        sleep(delay).await;
    }
}

/// Records a request in the journal and returns its sequence number.
pub(super) fn record(
    engine: &Engine,
    connection: u64,
    parts: &Parts,
    route: &RouteMatch,
    decision: &FaultDecision,
    body: &Bytes,
) -> u64 {
    let operation = operation_of(route);
    engine.journal.record(Exchange {
        sequence: 0,
        connection,
        operation: operation.map(|operation| operation.name),
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        template: operation.map(|operation| operation.template),
        query: parts.uri.query().map(ToOwned::to_owned),
        headers: parts.headers.clone(),
        body_bytes: body.len() as u64,
        body_crc32: Some(crc32fast::hash(body)),
        body: body.clone(),
        processed: false,
        service_status: None,
        status: None,
        fault: decision.name.clone(),
        received_at_ms: engine.clock.now_ms(),
    })
}

/// A request between its arrival and its response.
pub(super) struct RequestTask {
    pub(super) engine: Arc<Engine>,
    pub(super) service: Arc<dyn Service>,
    pub(super) sequence: u64,
    pub(super) route: RouteMatch,
    pub(super) parts: Parts,
}

impl RequestTask {
    async fn run(mut self, mut decision: FaultDecision, body: Bytes) -> Outgoing {
        pause(decision.delay_before).await;
        let fault = decision.fault.take();
        let mut response = None;
        if fault.as_ref().is_none_or(Fault::needs_processing) {
            decision.before_processing(&mut self.parts);
            let service_response = self.service.handle(&self.route, &self.parts, &body);
            response = Some(self.processed(service_response, &decision));
        }
        pause(decision.delay_after).await;
        self.finish(fault, response)
    }

    /// Records the service's response and applies the mutations to it.
    pub(super) fn processed(&self, mut response: Response, decision: &FaultDecision) -> Response {
        self.engine.journal.update(self.sequence, |exchange| {
            exchange.processed = true;
            exchange.service_status = Some(response.status);
        });
        self.set_date(&mut response);
        if !decision.body_mutations.is_empty() {
            mutate_body(&mut response, &decision.body_mutations, self.service.mutation_targets());
        }
        for mutation in &decision.exchange_mutations {
            mutation.after_processing(&mut response);
        }
        response.headers.extend(decision.headers.iter().cloned());
        response
    }

    /// Decides the response and records its status.
    pub(super) fn finish(&self, fault: Option<Fault>, response: Option<Response>) -> Outgoing {
        let (status, outgoing) = match (fault, response) {
            (None, Some(response)) => (Some(response.status), transmit(&Transmission::Whole, response)),
            (None, None) => (None, Outgoing::end(ConnectionEnd::Abort)),
            (Some(fault), response) => self.apply_fault(fault, response),
        };
        self.engine.journal.update(self.sequence, |exchange| exchange.status = status);
        self.engine.journal.notify_observer(self.sequence);
        outgoing
    }

    fn apply_fault(&self, fault: Fault, response: Option<Response>) -> (Option<StatusCode>, Outgoing) {
        match fault.transmission {
            Transmission::Nothing if fault.during_request.is_some() => {
                return (None, Outgoing::end(ConnectionEnd::StopReading));
            }
            Transmission::Nothing => return (None, Outgoing::end(ConnectionEnd::Hang)),
            Transmission::Reset => return (None, Outgoing::end(ConnectionEnd::Reset)),
            Transmission::Raw(bytes) => {
                let steps = vec![WriteStep::Bytes(bytes)];
                return (None, Outgoing::Script(ConnectionScript { steps, end: ConnectionEnd::Close }));
            }
            _ => {}
        }
        let mut response = match (fault.status, response) {
            (None, Some(response)) => response,
            (status, _) => {
                let status = status.unwrap_or(StatusCode::OK);
                let mut response = if is_bodiless(status) {
                    Response::empty(status)
                } else {
                    self.service.error_response_for(&self.parts, status)
                };
                self.set_date(&mut response);
                response
            }
        };
        let mut filler = None;
        match fault.body {
            Some(FaultBody::Bytes { content_type, bytes }) => response = response.with_body(content_type, bytes),
            Some(FaultBody::StorageCode(code)) => response = response.with_body("application/xml", code.document()),
            Some(FaultBody::Filler(size)) => filler = Some(Some(size)),
            Some(FaultBody::Endless) => filler = Some(None),
            None => {}
        }
        for (name, value) in fault.headers {
            if name == CONTENT_TYPE {
                response.headers.insert(name, value);
            } else {
                // Appended, so that a fault can send a header twice.
                response.headers.append(name, value);
            }
        }
        let status = Some(response.status);
        if let Some(size) = filler {
            return (status, transmit_filler(&response, size));
        }
        if self.parts.method == Method::HEAD {
            response.content = None;
            response.body = Bytes::new();
        }
        (status, transmit(&fault.transmission, response))
    }

    fn set_date(&self, response: &mut Response) {
        if let Ok(date) = HeaderValue::try_from(self.engine.clock.http_date()) {
            response.headers.insert(DATE, date);
        }
    }
}

/// Applies mutations to a JSON or XML document. Other bodies are left unchanged.
fn mutate_body(response: &mut Response, mutations: &[BodyMutation], targets: MutationTargets) {
    if response.is_json() {
        let Ok(mut body) = serde_json::from_slice(&response.body) else { return };
        for mutation in mutations {
            mutation.apply(&mut body, targets);
        }
        response.body = body.to_string().into();
    } else if response.is_xml() {
        for mutation in mutations {
            let body = std::str::from_utf8(&response.body).ok();
            if let Some(document) = body.and_then(|body| mutation.apply_to_xml(body, targets)) {
                response.body = document.into();
            }
        }
    }
}

//! One request and what is answered: fault plan, service, journal.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE};
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::deliver::{Sent, deliver, filled};
use super::routing::RouteMatch;
use super::script::{End, Script, Step};
use super::{Engine, Response, Service, streamed};
use crate::Operation;
use crate::fault::{Change, Decision, Fault, FaultBody, Sending, WireWords};
use crate::journal::Exchange;

/// Control calls are small; more than this is a mistake of the caller.
const BODY_LIMIT: usize = 64 << 20;

fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

pub(super) async fn answer(
    engine: &Arc<Engine>,
    service: &Arc<dyn Service>,
    connection: u64,
    request: Request<Incoming>,
) -> Sent {
    let (parts, body) = request.into_parts();
    if service.streams(&parts).is_some() {
        return streamed::answer(engine, service, connection, parts, body).await;
    }
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            return Sent::last(service.error_reply(StatusCode::PAYLOAD_TOO_LARGE));
        }
        // The caller left in the middle of its request, which therefore never was one.
        Err(_) => return Sent::end(End::Cut),
    };
    let mut route = service.route(&parts);
    if let RouteMatch::Found(operation, _) = &mut route {
        *operation = service.refine(operation, &body);
    }
    let decision = engine.faults.decide(operation_of(&route));
    let sequence = enter(engine, connection, &parts, &route, &decision, &body);
    let waits = decision.delay_before + decision.delay_after > Duration::ZERO;
    let work = Work { engine: Arc::clone(engine), service: Arc::clone(service), sequence, route, parts };
    if !waits {
        return work.run(decision, body).await;
    }
    // A caller who gives up does not stop a real service either: the work goes on without the connection.
    let (done, outcome) = oneshot::channel();
    engine.tasks.spawn(async move {
        let _ = done.send(work.run(decision, body).await);
    });
    outcome.await.unwrap_or_else(|_| Sent::end(End::Cut))
}

pub(super) fn operation_of(route: &RouteMatch) -> Option<&'static Operation> {
    match route {
        RouteMatch::Found(operation, _) => Some(operation),
        _ => None,
    }
}

/// Enters a request into the journal.
pub(super) fn enter(
    engine: &Engine,
    connection: u64,
    parts: &Parts,
    route: &RouteMatch,
    decision: &Decision,
    body: &Bytes,
) -> u64 {
    let operation = operation_of(route);
    engine.journal.begin(Exchange {
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

/// A request between its arrival and its reply.
pub(super) struct Work {
    pub(super) engine: Arc<Engine>,
    pub(super) service: Arc<dyn Service>,
    pub(super) sequence: u64,
    pub(super) route: RouteMatch,
    pub(super) parts: Parts,
}

impl Work {
    async fn run(mut self, mut decision: Decision, body: Bytes) -> Sent {
        if decision.delay_before > Duration::ZERO {
            sleep(decision.delay_before).await;
        }
        let fault = decision.fault.take();
        let mut reply = None;
        if fault.as_ref().is_none_or(Fault::needs_processing) {
            decision.before_processing(&mut self.parts);
            let answer = self.service.handle(&self.route, &self.parts, &body);
            reply = Some(self.processed(answer, &decision));
        }
        if decision.delay_after > Duration::ZERO {
            sleep(decision.delay_after).await;
        }
        self.conclude(fault, reply)
    }

    /// Enters what the service did, and lets the harmless faults change its reply.
    pub(super) fn processed(&self, mut reply: Response, decision: &Decision) -> Response {
        self.engine.journal.update(self.sequence, |exchange| {
            exchange.processed = true;
            exchange.service_status = Some(reply.status);
        });
        self.set_date(&mut reply);
        if !decision.changes.is_empty() {
            change_body(&mut reply, &decision.changes, self.service.wire_words());
        }
        for twist in &decision.twists {
            twist.after_processing(&mut reply);
        }
        reply.headers.extend(decision.headers.iter().cloned());
        reply
    }

    /// Decides what is sent, and enters that.
    pub(super) fn conclude(&self, fault: Option<Fault>, reply: Option<Response>) -> Sent {
        let (status, sent) = match (fault, reply) {
            (None, Some(reply)) => (Some(reply.status), deliver(&Sending::Whole, reply)),
            (None, None) => (None, Sent::end(End::Cut)),
            (Some(fault), reply) => self.strike(fault, reply),
        };
        self.engine.journal.update(self.sequence, |exchange| exchange.status = status);
        self.engine.journal.finished(self.sequence);
        sent
    }

    fn strike(&self, fault: Fault, reply: Option<Response>) -> (Option<StatusCode>, Sent) {
        match fault.sending {
            // Who stops in the middle of a request reads no further either.
            Sending::Nothing if fault.early.is_some() => return (None, Sent::end(End::Freeze)),
            Sending::Nothing => return (None, Sent::end(End::Hang)),
            Sending::Reset => return (None, Sent::end(End::Reset)),
            Sending::Raw(bytes) => {
                let steps = vec![Step::Write(bytes)];
                return (None, Sent::Script(Script { steps, end: End::Close }));
            }
            _ => {}
        }
        let mut reply = match (fault.status, reply) {
            (None, Some(reply)) => reply,
            (status, _) => {
                let status = status.unwrap_or(StatusCode::OK);
                let mut reply = if is_bodiless(status) {
                    Response::empty(status)
                } else {
                    self.service.error_reply_to(&self.parts, status)
                };
                self.set_date(&mut reply);
                reply
            }
        };
        let mut filler = None;
        match fault.body {
            Some(FaultBody::Bytes { content_type, bytes }) => reply = reply.with_body(content_type, bytes),
            Some(FaultBody::StorageCode(code)) => reply = reply.with_body("application/xml", code.document()),
            Some(FaultBody::Filler(size)) => filler = Some(Some(size)),
            Some(FaultBody::Endless) => filler = Some(None),
            None => {}
        }
        for (name, value) in fault.headers {
            if name == CONTENT_TYPE {
                reply.headers.insert(name, value);
            } else {
                // Appended, so that a fault can send the same header twice.
                reply.headers.append(name, value);
            }
        }
        let status = Some(reply.status);
        if let Some(size) = filler {
            return (status, filled(&reply, size));
        }
        if self.parts.method == http::Method::HEAD {
            // Whatever goes wrong, this reply has no body.
            reply.content = None;
            reply.body = Bytes::new();
        }
        (status, deliver(&fault.sending, reply))
    }

    fn set_date(&self, reply: &mut Response) {
        if let Ok(date) = HeaderValue::try_from(self.engine.clock.http_date()) {
            reply.headers.insert(DATE, date);
        }
    }
}

/// Changes what a correct reply says. Anything but a document is left as it is.
fn change_body(reply: &mut Response, changes: &[Change], words: WireWords) {
    if reply.is_json() {
        let Ok(mut body) = serde_json::from_slice(&reply.body) else { return };
        for change in changes {
            change.apply(&mut body, words);
        }
        reply.body = body.to_string().into();
    } else if reply.is_xml() {
        for change in changes {
            let document = std::str::from_utf8(&reply.body).ok().and_then(|body| change.apply_to_xml(body, words));
            if let Some(document) = document {
                reply.body = document.into();
            }
        }
    }
}

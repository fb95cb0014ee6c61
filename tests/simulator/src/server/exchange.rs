//! One request and what is answered: fault plan, service, journal.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName};
use http::request::Parts;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::routes::{self, Route};
use super::script::{End, Script, Step};
use super::{Engine, Reply, Service};
use crate::fault::{Decision, Fault, FaultBody, Sending};
use crate::journal::Exchange;

/// What the connection does next.
#[derive(Debug)]
pub(super) enum Sent {
    /// hyper sends this and goes on.
    Reply(Response<Bytes>),
    /// The connection leaves hyper.
    Script(Script),
}

/// Control calls are small; more than this is a mistake of the caller.
const BODY_LIMIT: usize = 64 << 20;

pub(super) async fn answer(
    engine: &Arc<Engine>,
    service: &Arc<dyn Service>,
    connection: u64,
    request: Request<Incoming>,
) -> Sent {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            let reply = service.error_reply(StatusCode::PAYLOAD_TOO_LARGE);
            return Sent::Script(Script { steps: vec![Step::Write(whole(&reply, true))], end: End::Close });
        }
        // The caller left in the middle of its request, which therefore never was one.
        Err(_) => return Sent::Script(Script::end(End::Cut)),
    };
    let mut route = routes::find(service.operations(), parts.method.as_str(), parts.uri.path());
    if let Route::Known(operation, _) = &mut route {
        *operation = service.refine(operation, &body);
    }
    let operation = match &route {
        Route::Known(operation, _) => Some(*operation),
        _ => None,
    };
    let decision = engine.faults.decide(operation);
    let sequence = engine.journal.begin(Exchange {
        sequence: 0,
        connection,
        operation: operation.map(|operation| operation.name),
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        template: operation.map(|operation| operation.template),
        query: parts.uri.query().map(ToOwned::to_owned),
        headers: parts.headers.clone(),
        body: body.clone(),
        processed: false,
        service_status: None,
        status: None,
        fault: decision.name.clone(),
        received_at_ms: engine.clock.now_ms(),
    });
    let waits = decision.delay_before + decision.delay_after > Duration::ZERO;
    let work = Work { engine: Arc::clone(engine), service: Arc::clone(service), sequence, route, parts, body };
    if !waits {
        return work.run(decision).await;
    }
    // A caller who gives up does not stop a real service either: the work goes on without the connection.
    let (done, outcome) = oneshot::channel();
    engine.tasks.spawn(async move {
        let _ = done.send(work.run(decision).await);
    });
    outcome.await.unwrap_or_else(|_| Sent::Script(Script::end(End::Cut)))
}

struct Work {
    engine: Arc<Engine>,
    service: Arc<dyn Service>,
    sequence: u64,
    route: Route,
    parts: Parts,
    body: Bytes,
}

impl Work {
    async fn run(self, mut decision: Decision) -> Sent {
        if decision.delay_before > Duration::ZERO {
            sleep(decision.delay_before).await;
        }
        let fault = decision.fault.take();
        let reply = fault.as_ref().is_none_or(Fault::needs_processing).then(|| self.process(&decision));
        if decision.delay_after > Duration::ZERO {
            sleep(decision.delay_after).await;
        }
        let (status, sent) = match (fault, reply) {
            (None, Some(reply)) => (Some(reply.status), Sent::Reply(respond(reply))),
            (None, None) => (None, Sent::Script(Script::end(End::Cut))),
            (Some(fault), reply) => self.strike(fault, reply),
        };
        self.engine.journal.update(self.sequence, |exchange| exchange.status = status);
        self.engine.journal.finished(self.sequence);
        sent
    }

    fn process(&self, decision: &Decision) -> Reply {
        let mut reply = self.service.handle(&self.route, &self.parts, &self.body);
        self.engine.journal.update(self.sequence, |exchange| {
            exchange.processed = true;
            exchange.service_status = Some(reply.status);
        });
        if let Ok(date) = HeaderValue::try_from(self.engine.clock.http_date()) {
            reply.headers.insert(DATE, date);
        }
        if !decision.changes.is_empty()
            && reply.is_json()
            && let Ok(mut body) = serde_json::from_slice(&reply.body)
        {
            let words = self.service.wire_words();
            for change in &decision.changes {
                change.apply(&mut body, words);
            }
            reply.body = body.to_string().into();
        }
        reply.headers.extend(decision.headers.iter().cloned());
        reply
    }

    fn strike(&self, fault: Fault, reply: Option<Reply>) -> (Option<StatusCode>, Sent) {
        match fault.sending {
            Sending::Nothing => return (None, Sent::Script(Script::end(End::Hang))),
            Sending::Reset => return (None, Sent::Script(Script::end(End::Reset))),
            Sending::Raw(bytes) => {
                let steps = vec![Step::Write(bytes)];
                return (None, Sent::Script(Script { steps, end: End::Close }));
            }
            _ => {}
        }
        let mut reply = match (fault.status, reply) {
            (None, Some(reply)) => reply,
            (status, _) => {
                let mut reply = self.service.error_reply(status.unwrap_or(StatusCode::OK));
                if let Ok(date) = HeaderValue::try_from(self.engine.clock.http_date()) {
                    reply.headers.insert(DATE, date);
                }
                reply
            }
        };
        let mut filler = None;
        match fault.body {
            Some(FaultBody::Bytes { content_type, bytes }) => {
                reply = reply.with_body(content_type, bytes);
            }
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
            return (status, Sent::Script(filled(&reply, size)));
        }
        (status, deliver(&fault.sending, reply))
    }
}

fn deliver(sending: &Sending, reply: Reply) -> Sent {
    let script = match sending {
        Sending::Truncated | Sending::ResetMidBody => {
            let length = reply.body.len();
            let mut bytes = reply.head(&length_header(length.max(1) as u64));
            bytes.extend_from_slice(&reply.body[..length / 2]);
            let end = if matches!(sending, Sending::Truncated) { End::Cut } else { End::Reset };
            Script { steps: vec![Step::Write(bytes.into())], end }
        }
        &Sending::Drip { size, interval } => {
            let head = reply.head(&closing(reply.body.len() as u64)).into();
            let body = Step::Drip { bytes: reply.body, size, interval };
            Script { steps: vec![Step::Write(head), body], end: End::Close }
        }
        Sending::CloseAfter => Script { steps: vec![Step::Write(whole(&reply, false))], end: End::Close },
        &Sending::Interim(status) => {
            let interim = Step::Write(Reply::empty(status).head(&[]).into());
            let steps = vec![interim, Step::Write(whole(&reply, true))];
            Script { steps, end: End::Close }
        }
        _ if has_forbidden_body(&reply) => Script { steps: vec![Step::Write(whole(&reply, true))], end: End::Close },
        // hyper would not send an interim status as the last word.
        _ if reply.status.is_informational() => {
            Script { steps: vec![Step::Write(reply.head(&[]).into())], end: End::Close }
        }
        _ => return Sent::Reply(respond(reply)),
    };
    Sent::Script(script)
}

fn has_forbidden_body(reply: &Reply) -> bool {
    let bodiless =
        reply.status.is_informational() || matches!(reply.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    bodiless && !reply.body.is_empty()
}

/// A reply of so many spaces, or of spaces without end.
fn filled(reply: &Reply, size: Option<u64>) -> Script {
    let extra = match size {
        Some(size) => closing(size),
        None => vec![(CONNECTION, "close".to_owned())],
    };
    let head = Step::Write(reply.head(&extra).into());
    Script { steps: vec![head, Step::Spaces(size)], end: End::Close }
}

fn whole(reply: &Reply, closes: bool) -> Bytes {
    let length = reply.body.len() as u64;
    let extra = if closes { closing(length) } else { length_header(length) };
    let mut bytes = reply.head(&extra);
    bytes.extend_from_slice(&reply.body);
    bytes.into()
}

fn length_header(length: u64) -> Vec<(HeaderName, String)> {
    vec![(CONTENT_LENGTH, length.to_string())]
}

/// Says that the connection ends here: without it, the caller would use it again and meet a second, unplanned fault.
fn closing(length: u64) -> Vec<(HeaderName, String)> {
    let mut headers = length_header(length);
    headers.push((CONNECTION, "close".to_owned()));
    headers
}

fn respond(reply: Reply) -> Response<Bytes> {
    let mut response = Response::new(reply.body);
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    response
}

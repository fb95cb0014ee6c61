//! Requests whose bodies a service takes as they arrive.
//!
//! Here a fault is chosen when the head of a request is there, and the journal has the request from then on; its body is
//! counted and summed, not kept. Unless a fault says otherwise ([`early`](crate::Fault::during_request)), a body that
//! the service does not get to see is read to its end first, as a service does that fails when it begins to work.
//!
//! A service may answer before it has read the body, and so may a fault. The reply is then sent at once, while the
//! caller may still be writing; what comes is read and thrown away for a moment, and the connection ends.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use hyper::body::Incoming;
use tokio::time::sleep;

use super::deliver::Sent;
use super::exchange::{Work, enter, operation_of};
use super::request_body::RequestBody;
use super::script::End;
use super::{Engine, Service};
use crate::fault::Fault;

pub(super) async fn answer(
    engine: &Arc<Engine>,
    service: &Arc<dyn Service>,
    connection: u64,
    parts: Parts,
    body: Incoming,
) -> Sent {
    let Some(streams) = service.streams(&parts) else {
        return Sent::end(End::Cut);
    };
    let route = service.route(&parts);
    let mut decision = engine.faults.decide(operation_of(&route));
    let sequence = enter(engine, connection, &parts, &route, &decision, &Bytes::new());
    let mut body = RequestBody::new(body, Arc::clone(engine), sequence, streams.digests());
    if let Some((size, interval)) = decision.pace() {
        body.set_pace(size, interval);
    }
    let mut work = Work { engine: Arc::clone(engine), service: Arc::clone(service), sequence, route, parts };
    if decision.delay_before > Duration::ZERO {
        sleep(decision.delay_before).await;
    }
    let fault = decision.fault.take();
    let mut reply = None;
    if fault.as_ref().is_none_or(Fault::needs_processing) {
        decision.before_processing(&mut work.parts);
        let answer = streams.handle(&work.route, &work.parts, &mut body).await;
        if body.is_broken() {
            return Sent::end(End::Cut);
        }
        reply = Some(work.processed(answer, &decision));
    } else {
        let until = fault.as_ref().and_then(|fault| fault.early).unwrap_or(u64::MAX);
        if body.discard(until).await.is_err() {
            return Sent::end(End::Cut);
        }
    }
    if decision.delay_after > Duration::ZERO {
        sleep(decision.delay_after).await;
    }
    body.report();
    let sent = work.conclude(fault, reply);
    match sent {
        Sent::Response(reply) if !body.is_complete() => Sent::unfinished(reply),
        sent => sent,
    }
}

//! Middleware: its order, and how its errors affect the outcome of a call.

mod support;

use std::sync::{Arc, Mutex};

use http::{HeaderValue, Method};
use mft_common::middleware::{Middleware, Next};
use mft_common::provider::Settings;
use mft_common::testing::MockTransport;
use mft_common::transport::{Body, Request, Response};
use mft_common::{Error, ErrorKind, Outcome, Result};

use support::{Chunks, build, call, reply, settings};

type Log = Arc<Mutex<Vec<String>>>;

struct Noted(&'static str, Log);

impl Middleware for Noted {
    async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
        let has_key = request.headers().contains_key("authorization");
        self.1.lock().unwrap().push(format!("{} {}", self.0, if has_key { "with key" } else { "without key" }));
        request.headers_mut().insert(self.0, HeaderValue::from_static("1"));
        let result = next.run(request).await;
        let end = match &result {
            Ok(reply) => reply.status().as_str().to_owned(),
            Err(error) => format!("{:?} {} {:?}", error.kind(), error.attempts(), error.outcome()),
        };
        self.1.lock().unwrap().push(format!("{} {end}", self.0));
        result
    }
}

#[tokio::test(start_paused = true)]
async fn middleware_runs_in_order_around_the_call_and_around_each_attempt() {
    let log = Log::default();
    let script = MockTransport::new().reply(429, &[], "").reply(500, &[], "");
    let mut settings = settings(script.clone());
    settings.per_call_middleware(Noted("outer", log.clone()));
    settings.per_call_middleware(Noted("inner", log.clone()));
    settings.per_attempt_middleware(Noted("each", log.clone()));
    settings.per_attempt_middleware(Noted("last", log.clone()));
    call(&build(settings)).non_idempotent().returns_nothing().await.unwrap_err();
    assert_eq!(
        *log.lock().unwrap(),
        [
            "outer without key",
            "inner without key",
            "each with key",
            "last with key",
            "last RateLimited 0 NotDone",
            "each RateLimited 0 NotDone",
            "each with key",
            "last with key",
            "last Server 0 Unknown",
            "each Server 0 Unknown",
            // Per-call middleware gets the final result.
            "inner Server 2 Unknown",
            "outer Server 2 Unknown",
        ]
    );
    assert!(
        script
            .calls()
            .iter()
            .all(|call| ["outer", "inner", "each", "last"].iter().all(|&step| call.headers.contains_key(step)))
    );
}

fn put(settings: &mut Settings, per_call_middleware: bool, step: impl Middleware) {
    if per_call_middleware {
        settings.per_call_middleware(step);
    } else {
        settings.per_attempt_middleware(step);
    }
}

/// Fails before or after the remaining steps, or creates a response.
struct Meddle(&'static str);

impl Middleware for Meddle {
    async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
        match self.0 {
            "fail first" => return Err(Error::other("no tenant")),
            "answer itself" => return Ok(reply(200, Chunks::of(&["[4", "2]"]))),
            "move" => *request.uri_mut() = "https://evil.example/take?token=hunter2".parse().unwrap(),
            "move by user info" => *request.uri_mut() = "https://api.example.com@evil.example/".parse().unwrap(),
            "downgrade" => *request.uri_mut() = "http://api.example.com/".parse().unwrap(),
            _ => {}
        }
        let result = next.run(request).await;
        match (self.0, result) {
            ("fail afterwards", _) => Err(Error::other("bad day")),
            ("claim no connection", _) => Err(Error::connect(std::io::Error::other("bad day"))),
            ("claim bad input", _) => Err(Error::invalid_input("tenant", "is unknown")),
            ("new body", Ok(reply)) => Ok(reply.map(|_| Body::from("[42]"))),
            ("new stream", Ok(reply)) => Ok(reply.map(|_| Chunks::of(&["[4", "2]"]))),
            (_, result) => result,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_outcome_does_not_depend_on_the_origin_of_the_error() {
    use Outcome::{Done, NotDone, Unknown};
    // The middleware, the response, the number of requests, and the outcome of a call that is not idempotent.
    for (step, status, sent, outcome) in [
        ("fail first", 200, 0, NotDone),
        ("fail afterwards", 200, 1, Done),
        ("claim no connection", 200, 1, Done),
        ("claim bad input", 200, 1, Done),
        ("fail afterwards", 500, 1, Unknown),
        ("claim no connection", 500, 1, Unknown),
        ("fail afterwards", 429, 1, NotDone),
        ("fail afterwards", 404, 1, NotDone),
    ] {
        for per_call_middleware in [true, false] {
            let script = MockTransport::new().reply(status, &[], "[]").repeat_last();
            let mut settings = settings(script.clone());
            settings.retry(mft_common::RetryPolicy::new().max_attempts(if per_call_middleware { 1 } else { 3 }));
            put(&mut settings, per_call_middleware, Meddle(step));
            let error = call(&build(settings)).non_idempotent().json::<Vec<u8>>().await.unwrap_err();
            let sent_now = script.calls().len();
            assert_eq!(
                (sent_now, error.attempts() as usize),
                (sent, sent),
                "{step} {status} {per_call_middleware}: {error}"
            );
            assert_eq!(error.outcome(), outcome, "{step} {status} around calls: {per_call_middleware}: {error}");
            assert_eq!(error.operation(), Some("parcels.send"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_redirected_to_another_origin_is_rejected_and_not_sent() {
    for step in ["move", "move by user info", "downgrade"] {
        for per_call_middleware in [true, false] {
            let script = MockTransport::new().reply(200, &[], "").repeat_last();
            let mut settings = settings(script.clone());
            put(&mut settings, per_call_middleware, Meddle(step));
            let error = call(&build(settings)).safe().returns_nothing().await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{step}");
            assert!(!support::printed(&error).contains("hunter2"), "{error}");
            assert!(script.calls().is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_a_middleware_replaced_is_decoded() {
    for step in ["answer itself", "new body", "new stream"] {
        for per_call_middleware in [true, false] {
            let script = MockTransport::new().reply(200, &[], "[]");
            let mut settings = settings(script.clone());
            put(&mut settings, per_call_middleware, Meddle(step));
            let value = call(&build(settings)).safe().json::<Vec<u8>>().await.unwrap();
            assert_eq!((value, script.calls().len()), (vec![42], usize::from(step != "answer itself")), "{step}");
        }
    }
}

/// Returns the error of a call on another client.
struct Asks(mft_common::provider::Pipeline, bool);

impl Middleware for Asks {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        let reply = if self.1 { next.run(request).await } else { Ok(Response::default()) };
        self.0.call("other.ask", Method::GET, "/", &[]).safe().returns_nothing().await?;
        reply
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_another_call_does_not_affect_the_outcome() {
    for (afterwards, outcome) in [(true, Outcome::Done), (false, Outcome::NotDone)] {
        for per_call_middleware in [true, false] {
            let second_client = support::client(&MockTransport::new().reply(404, &[], "").repeat_last());
            let mut settings = settings(MockTransport::new().reply(200, &[], "").repeat_last());
            let step = Asks(second_client, afterwards);
            put(&mut settings, per_call_middleware, step);
            let error = call(&build(settings)).non_idempotent().returns_nothing().await.unwrap_err();
            assert_eq!((error.outcome(), error.attempts()), (outcome, u32::from(afterwards)), "{error}");
        }
    }
}

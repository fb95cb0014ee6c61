//! The request lifecycle, with the mock transport and paused time.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use mft_common::Outcome::{Done, NotDone, Unknown};
use mft_common::middleware::Idempotency;
use mft_common::provider::Auth;
use mft_common::testing::MockTransport;
use mft_common::{Deleted, Error, ErrorKind, Outcome, RetryPolicy};
use tokio::time::{Instant, timeout};

use support::{call, client, seconds, settings};

type Step = fn(MockTransport) -> MockTransport;
type Row = (&'static str, Step, [(u32, Outcome); 4]);
const ALL: [Idempotency; 4] =
    [Idempotency::NeverRetry, Idempotency::NonIdempotent, Idempotency::Idempotent, Idempotency::Safe];

#[tokio::test(start_paused = true)]
async fn retries_and_outcomes_for_each_failure_and_idempotency() {
    // The response; then, for NeverRetry, NonIdempotent, Idempotent and Safe, the number of attempts and the outcome.
    let rows: [Row; 19] = [
        ("refused", |s| s.refuse_connection(), [(3, NotDone), (3, NotDone), (3, NotDone), (3, NotDone)]),
        ("429", |s| s.reply(429, &[], ""), [(1, NotDone), (3, NotDone), (3, NotDone), (3, NotDone)]),
        (
            "503 later",
            |s| s.reply(503, &[("retry-after", "1")], ""),
            [(1, NotDone), (3, NotDone), (3, NotDone), (3, NotDone)],
        ),
        ("408", |s| s.reply(408, &[], ""), [(1, Unknown), (1, Unknown), (3, Unknown), (3, NotDone)]),
        ("500", |s| s.reply(500, &[], ""), [(1, Unknown), (1, Unknown), (3, Unknown), (3, NotDone)]),
        ("502", |s| s.reply(502, &[], ""), [(1, Unknown), (1, Unknown), (3, Unknown), (3, NotDone)]),
        ("503", |s| s.reply(503, &[], ""), [(1, Unknown), (1, Unknown), (3, Unknown), (3, NotDone)]),
        ("504", |s| s.reply(504, &[], ""), [(1, Unknown), (1, Unknown), (3, Unknown), (3, NotDone)]),
        ("broken", |s| s.break_connection(), [(1, Unknown), (1, Unknown), (3, Unknown), (3, NotDone)]),
        ("silent", |s| s.hang(), [(1, Unknown), (1, Unknown), (3, Unknown), (3, NotDone)]),
        ("2xx broke off", |s| s.truncated_body(200, "[1"), [(1, Done), (1, Done), (3, Done), (3, NotDone)]),
        ("2xx undecodable", |s| s.reply(200, &[], "<html>"), [(1, Done), (1, Done), (1, Done), (1, NotDone)]),
        (
            "error in 2xx",
            |s| s.reply(200, &[], r#"{"error":1}"#),
            [(1, Unknown), (1, Unknown), (3, Unknown), (3, NotDone)],
        ),
        ("401", |s| s.reply(401, &[], ""), [(1, NotDone); 4]),
        ("400", |s| s.reply(400, &[], ""), [(1, NotDone); 4]),
        ("404", |s| s.reply(404, &[], ""), [(1, NotDone); 4]),
        ("501", |s| s.reply(501, &[], ""), [(1, NotDone); 4]),
        ("304", |s| s.reply(304, &[], ""), [(1, NotDone); 4]),
        ("302", |s| s.reply(302, &[("location", "/x")], ""), [(1, NotDone); 4]),
    ];
    for (name, step, expected) in rows {
        for (idempotency, (attempts, outcome)) in ALL.into_iter().zip(expected) {
            let script = step(MockTransport::new()).repeat_last();
            let error = call(&client(&script)).idempotency(idempotency).json::<Vec<u8>>().await.unwrap_err();
            let got = (script.calls().len(), error.attempts(), error.outcome());
            assert_eq!(got, (attempts as usize, attempts, outcome), "{name} {idempotency:?}: {error}");
            assert_eq!(error.is_ambiguous(), outcome == Unknown);
            assert_eq!(error.operation(), Some("parcels.send"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn statuses_map_to_kinds_and_transience() {
    for (status, kind, transient) in [
        (400, ErrorKind::Rejected, false),
        (401, ErrorKind::Auth, false),
        (403, ErrorKind::PermissionDenied, false),
        (404, ErrorKind::NotFound, false),
        (408, ErrorKind::Rejected, true),
        (409, ErrorKind::Conflict, false),
        (410, ErrorKind::NotFound, false),
        (412, ErrorKind::Conflict, false),
        (422, ErrorKind::Rejected, false),
        (429, ErrorKind::RateLimited, true),
        (500, ErrorKind::Server, true),
        (501, ErrorKind::Server, false),
        (505, ErrorKind::Server, false),
        (304, ErrorKind::UnexpectedStatus, false),
        (101, ErrorKind::UnexpectedStatus, false),
    ] {
        let error = call(&client(&MockTransport::new().reply(status, &[], "no"))).returns_nothing().await.unwrap_err();
        assert_eq!((error.kind(), error.is_transient()), (kind, transient), "{status}");
        let details = (error.status().unwrap().as_u16(), error.code(), error.message(), error.body());
        assert_eq!(details, (status, Some("refused"), Some("no"), b"no".as_slice()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_shows_only_in_the_number_of_attempts() {
    let script = MockTransport::new().refuse_connection().reply(502, &[], "").reply(200, &[("x-page", "7")], "[3]");
    let reply = call(&client(&script)).safe().json_body(&[1]).json::<Vec<u8>>().with_response().await.unwrap();
    assert_eq!((reply.value, reply.status.as_u16(), reply.attempts), (vec![3], 200, 3));
    assert_eq!(reply.headers["x-page"], "7");
    assert!(
        script.calls().iter().all(|call| call.body == "[1]" && call.headers["authorization"] == "Bearer k3y-material")
    );
    // The jittered delays are positive and differ between attempts.
    let at: Vec<_> = script.calls().iter().map(|call| call.at).collect();
    assert!(at[1] > at[0] && at[2] > at[1] && at[1] - at[0] <= Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_the_exact_delay() {
    let script = MockTransport::new().reply(429, &[("retry-after", "7")], "").reply(200, &[], "");
    let started = Instant::now();
    call(&client(&script)).non_idempotent().returns_nothing().await.unwrap();
    assert_eq!(started.elapsed(), seconds(7));
}

#[tokio::test(start_paused = true)]
async fn a_delay_beyond_the_call_timeout_is_an_error_at_once() {
    // `Retry-After`, the call timeout, and the note in the error.
    for (asked, limit, why) in [
        ("10", Some(5), "exceeds the remaining call timeout"),
        ("61", None, "exceeds max_retry_after"),
        ("1000000000", Some(100), "exceeds max_retry_after"),
    ] {
        let script = MockTransport::new().reply(503, &[("retry-after", asked)], "").repeat_last();
        let started = Instant::now();
        let mut call = call(&client(&script)).safe().returns_nothing();
        if let Some(limit) = limit {
            call = call.call_timeout(seconds(limit));
        }
        let error = call.await.unwrap_err();
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert_eq!(error.retry_after(), Some(seconds(asked.parse().unwrap())));
        assert!(error.is_rate_limited() && error.to_string().contains(why), "{error}");
        assert_eq!(script.calls().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_call_timeout_reports_the_outcome() {
    // The steps, whether the only permit is in use, the idempotency and the outcome.
    let cases: [(Step, bool, Idempotency, Outcome, u32); 5] = [
        (|s| s.hang(), false, Idempotency::NonIdempotent, Unknown, 1),
        (|s| s.hang(), false, Idempotency::Safe, NotDone, 1),
        (|s| s.hang(), true, Idempotency::NonIdempotent, NotDone, 0),
        (|s| s.reply(500, &[], "").hang(), false, Idempotency::Idempotent, Unknown, 2),
        (|s| s.reply(429, &[], "").hang(), false, Idempotency::NonIdempotent, Unknown, 2),
    ];
    for (index, (step, taken, idempotency, outcome, attempts)) in cases.into_iter().enumerate() {
        let script = step(MockTransport::new());
        let mut settings = settings(script.clone());
        settings.max_concurrent_calls(1);
        let pipeline = support::build(settings);
        let holder = taken.then(|| tokio::spawn(call(&pipeline).returns_nothing().into_future()));
        tokio::task::yield_now().await;
        let started = Instant::now();
        let limited = call(&pipeline).idempotency(idempotency).returns_nothing().call_timeout(seconds(3));
        let error = limited.await.unwrap_err();
        assert_eq!(started.elapsed().as_secs(), 3, "{index}");
        let got = (error.kind(), error.outcome(), error.attempts());
        assert_eq!(got, (ErrorKind::Timeout, outcome, attempts), "{index}: {error}");
        assert!(error.is_transient());
        if let Some(holder) = holder {
            holder.abort();
            let _ = holder.await;
        }
        assert_eq!(pipeline.free_permits(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_earlier_attempt_that_may_have_applied_makes_the_outcome_unknown() {
    let cases: [(Step, Outcome, ErrorKind); 4] = [
        (|s| s.reply(500, &[], "").refuse_connection().repeat_last(), Unknown, ErrorKind::Connect),
        (|s| s.break_connection().reply(409, &[], ""), Unknown, ErrorKind::Conflict),
        (|s| s.refuse_connection().reply(409, &[], ""), NotDone, ErrorKind::Conflict),
        (|s| s.reply(429, &[], "").reply(400, &[], ""), NotDone, ErrorKind::Rejected),
    ];
    for (step, outcome, kind) in cases {
        let error = call(&client(&step(MockTransport::new()))).idempotent().returns_nothing().await.unwrap_err();
        assert_eq!((error.outcome(), error.kind()), (outcome, kind), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_finds_no_object_succeeds_only_after_an_ambiguous_attempt() {
    let cases: [(Step, Result<Deleted<u8>, Outcome>); 7] = [
        (|s| s.reply(200, &[], "7"), Ok(Deleted::Now(7))),
        (|s| s.reply(500, &[], "").reply(200, &[], "7"), Ok(Deleted::Now(7))),
        (|s| s.reply(500, &[], "").reply(404, &[], ""), Ok(Deleted::AlreadyGone)),
        (|s| s.break_connection().reply(410, &[], ""), Ok(Deleted::AlreadyGone)),
        (|s| s.truncated_body(200, "").reply(404, &[], ""), Ok(Deleted::AlreadyGone)),
        (|s| s.reply(429, &[], "").reply(404, &[], ""), Err(NotDone)),
        (|s| s.reply(404, &[], ""), Err(NotDone)),
    ];
    for (index, (step, expected)) in cases.into_iter().enumerate() {
        let delete = |script| client(&script).call("parcels.delete", Method::DELETE, "/parcels/{id}", &[&"1"]);
        let object = delete(step(MockTransport::new())).returns_deleted::<u8>().await;
        let nothing = delete(step(MockTransport::new())).deletes().await;
        assert_eq!(nothing.is_ok(), expected.is_ok(), "{index}");
        match (object, expected) {
            (Ok(object), Ok(expected)) => assert_eq!(object, expected, "{index}"),
            (Err(error), Err(outcome)) => {
                assert!(error.is_not_found() && error.outcome() == outcome, "{index}: {error}");
            }
            (object, _) => panic!("{index}: {object:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_sent_once_and_the_error_explains_it() {
    for status in [500, 429] {
        let script = MockTransport::new().reply(status, &[], "").repeat_last();
        let body = support::Chunks::of(&["ab", "cd"]);
        let error = call(&client(&script)).idempotent().body(body).returns_nothing().await.unwrap_err();
        assert_eq!((script.calls().len(), &script.calls()[0].body[..]), (1, b"abcd".as_slice()));
        assert!(error.to_string().contains("(not retried: the body is a stream"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn retries_can_be_disabled_for_a_call_and_for_a_client() {
    let script = MockTransport::new().refuse_connection().repeat_last();
    let error = call(&client(&script)).safe().returns_nothing().no_retry().await.unwrap_err();
    assert_eq!((error.attempts(), script.calls().len()), (1, 1));
    for (policy, attempts) in
        [(RetryPolicy::none(), 1), (RetryPolicy::new().max_attempts(0), 1), (RetryPolicy::new().max_attempts(5), 5)]
    {
        let mut settings = settings(script.clone());
        settings.retry(policy);
        let error = call(&support::build(settings)).safe().returns_nothing().await.unwrap_err();
        assert_eq!(error.attempts(), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn the_retry_budget_limits_retries_in_an_outage_and_refills() {
    let script = MockTransport::new().reply(500, &[], "").repeat_last();
    let pipeline = client(&script);
    let errors = join_all((0..300).map(|_| call(&pipeline).safe().returns_nothing().into_future())).await;
    assert!(errors.iter().all(Result::is_err));
    let sent = script.calls().len();
    assert!((300..=330).contains(&sent), "{sent} requests");
    assert!(errors.iter().any(|result| result.as_ref().unwrap_err().to_string().contains("retry budget")));
    // A single call had three attempts before the outage. Ten seconds without failures later it has them again.
    for wait in [0, 10] {
        tokio::time::sleep(seconds(wait)).await;
        let error = call(&pipeline).safe().returns_nothing().await.unwrap_err();
        assert_eq!(error.attempts(), if wait == 0 { 1 } else { 3 });
    }
    assert_eq!(call(&client(&script)).safe().returns_nothing().await.unwrap_err().attempts(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_a_retry_holds_no_permit() {
    let script = MockTransport::new().reply(429, &[("retry-after", "30")], "").reply(200, &[], "").repeat_last();
    let mut settings = settings(script);
    settings.max_concurrent_calls(1);
    let pipeline = support::build(settings);
    let waiting = tokio::spawn(call(&pipeline).safe().returns_nothing().into_future());
    tokio::time::sleep(seconds(1)).await;
    let started = Instant::now();
    call(&pipeline).safe().returns_nothing().await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    waiting.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn permits_limit_concurrent_calls_and_serve_a_thousand() {
    let script = MockTransport::new().reply_after(seconds(1), 200, &[], "").repeat_last();
    let mut settings = settings(script.clone());
    settings.max_concurrent_calls(8);
    let pipeline = support::build(settings);
    let started = Instant::now();
    let finished = Arc::new(AtomicUsize::new(0));
    let calls = (0..1_000).map(|index| {
        let (pipeline, finished) = (pipeline.clone(), finished.clone());
        async move {
            call(&pipeline).safe().returns_nothing().await.unwrap();
            assert!(finished.fetch_add(1, SeqCst).abs_diff(index) < 8, "call {index} was overtaken");
        }
    });
    join_all(calls).await;
    assert_eq!((started.elapsed(), pipeline.free_permits()), (seconds(125), 8));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_releases_its_permit_and_sends_nothing() {
    for half_seconds in 0..16 {
        let script = MockTransport::new()
            .reply_after(seconds(2), 429, &[("retry-after", "2")], "")
            .reply_after(seconds(2), 500, &[], "")
            .hang();
        let pipeline = client(&script);
        let limit = Duration::from_millis(500 * half_seconds + 1);
        assert!(timeout(limit, call(&pipeline).safe().returns_nothing().into_future()).await.is_err());
        let sent = script.calls().len();
        assert_eq!(pipeline.free_permits(), 64, "dropped after {limit:?}");
        tokio::time::sleep(seconds(60)).await;
        assert_eq!(script.calls().len(), sent, "something went on after the drop");
    }
}

#[test]
fn calls_and_lists_outside_a_runtime_fail_with_an_explanation() {
    let script = MockTransport::new();
    let pipeline = client(&script);
    let list = pipeline.clone();
    let mut pager =
        mft_common::Pager::<u8>::single("parcels.list", move || list.call("parcels.list", Method::GET, "/", &[]));
    let error: Error =
        futures_util::FutureExt::now_or_never(call(&pipeline).returns_nothing().into_future()).unwrap().unwrap_err();
    let list_error = futures_util::FutureExt::now_or_never(pager.try_next()).unwrap().unwrap_err();
    for error in [error, list_error] {
        assert!(error.is_invalid_input() && error.to_string().contains("Tokio runtime"), "{error}");
    }
    assert!(script.calls().is_empty());
}

const _: fn() = || {
    fn send_and_static<T: Send + 'static>() {}
    fn sendable<T: Send + 'static>(_: T) {}
    fn shared<T: Send + Sync + Clone + 'static>() {}
    fn check(call: fn() -> mft_common::Call<String>) {
        sendable(call().into_future());
        sendable(call().with_response());
    }
    shared::<mft_common::provider::Pipeline>();
    shared::<Error>();
    send_and_static::<mft_common::Call<String>>();
    send_and_static::<mft_common::Pager<String>>();
    send_and_static::<mft_common::pagination::Pages<String>>();
    send_and_static::<mft_common::transport::Response>();
    let _ = check;
};

#[test]
fn the_environment_permits_http_to_loopback_only() {
    let here = "http://127.0.0.1:9/v1";
    for (set_later, ends_well) in [
        (None, true),
        (Some("http://[::1]:9"), true),
        (Some("https://api.example.com"), true),
        (Some("http://api.example.com"), false),
        (Some("http://127.0.0.1.example.com"), false),
    ] {
        let mut settings = settings(MockTransport::new());
        settings.base_url_from_environment(here.to_owned());
        if let Some(url) = set_later {
            settings.base_url(url);
        }
        let pipeline = settings.pipeline(support::SERVICE, &["https://default.example.com"], |_| Ok(Auth::none()));
        assert_eq!(pipeline.is_ok(), ends_well, "{set_later:?}");
        assert!(pipeline.err().is_none_or(|error| error.is_invalid_input()));
    }
}

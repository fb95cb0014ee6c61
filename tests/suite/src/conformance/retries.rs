//! The conditions under which a request is retried.

use std::time::{Duration, Instant};

use mft_common::{ErrorKind, Outcome, RetryPolicy};
use mft_simulator::Fault;

use super::run_concurrently;
use crate::{AttemptRecorder, CallKind, ClientOptions, Provider};

/// A call that is not idempotent is not retried if the first attempt may have been processed.
pub async fn non_idempotent_calls_are_not_retried_after_5xx<P: Provider>() {
    let mut cases = Vec::new();
    for call in P::supported(&CallKind::NON_IDEMPOTENT) {
        for status in [500, 502, 503, 504, 408] {
            cases.extend([(call, status, false), (call, status, true)]);
        }
    }
    run_concurrently(cases, async |(call, status, processed)| {
        let case = format!("{call:?} {status} processed: {processed}");
        let provider = P::start().await;
        let fault = if processed { Fault::status(status).after_processing() } else { Fault::status(status) };
        provider.faults().push(fault.on(P::operation(call).expect(&case)));
        let error = provider.call(&provider.client(ClientOptions::default()), call).await.expect_err(&case);
        assert_eq!((provider.requests(call), error.attempts()), (1, 1), "{case}: {error}");
        assert_eq!(error.outcome(), Outcome::Unknown, "{case}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{case}");
        assert_eq!(provider.times_applied(call), usize::from(processed), "{case}");
    })
    .await;
}

/// Idempotent calls succeed after two failures and give up after three attempts.
pub async fn idempotent_calls_are_retried_after_5xx_and_408<P: Provider>() {
    let mut cases = Vec::new();
    for call in P::supported(&CallKind::IDEMPOTENT) {
        for status in [500, 502, 503, 504, 408] {
            cases.extend([(call, status, 2), (call, status, 9)]);
        }
    }
    run_concurrently(cases, async |(call, status, times)| {
        let case = format!("{call:?} {status} {times} times");
        let provider = P::start().await;
        provider.faults().push(Fault::status(status).on(P::operation(call).expect(&case)).times(times));
        let result = provider.call(&provider.client(ClientOptions::default()), call).await;
        assert_eq!(provider.requests(call), 3, "{case}");
        provider.assert_outcome(call, &result, &case);
        match result {
            Ok(_) => assert_eq!(times, 2, "{case}"),
            Err(error) => {
                assert_eq!((times, error.attempts()), (9, 3), "{case}: {error}");
                assert!(error.is_transient(), "{case}: {error}");
                let outcome = if call.is_write() { Outcome::Unknown } else { Outcome::NotDone };
                assert_eq!(error.outcome(), outcome, "{case}");
            }
        }
    })
    .await;
}

/// Statuses for which a retry is useless.
pub async fn other_statuses_are_not_retried<P: Provider>() {
    use ErrorKind::{Conflict, NotFound, PermissionDenied, Rejected, Server};
    let mut cases = Vec::new();
    for (status, kind) in [
        (400, Rejected),
        (403, PermissionDenied),
        (404, NotFound),
        (405, Rejected),
        (409, Conflict),
        (410, NotFound),
        (412, Conflict),
        (415, Rejected),
        (422, Rejected),
        (501, Server),
        (505, Server),
    ] {
        cases.extend(
            P::supported(&[CallKind::Read, CallKind::Create, CallKind::Delete]).map(|call| (call, status, kind)),
        );
    }
    run_concurrently(cases, async |(call, status, kind)| {
        let case = format!("{call:?} {status}");
        let provider = P::start().await;
        provider.faults().push(Fault::status(status).on(P::operation(call).expect(&case)));
        let error = provider.call(&provider.client(ClientOptions::default()), call).await.expect_err(&case);
        assert_eq!((provider.requests(call), error.attempts(), error.kind()), (1, 1, kind), "{case}: {error}");
        assert_eq!((error.outcome(), error.is_transient()), (Outcome::NotDone, false), "{case}");
        assert_eq!(provider.times_applied(call), 0, "{case}");
    })
    .await;
}

/// 429, and 503 with `Retry-After`: the request was not processed, and the service specifies the delay.
pub async fn honors_retry_after<P: Provider>() {
    let mut cases = Vec::new();
    for status in [429, 503] {
        cases
            .extend(P::supported(&[CallKind::List, CallKind::Create, CallKind::NeverRetry]).map(|call| (call, status)));
    }
    run_concurrently(cases, async |(call, status)| {
        let case = format!("{call:?} {status}");
        let provider = P::start().await;
        let fault = Fault::status(status).retry_after(1);
        provider.faults().push(fault.on(P::operation(call).expect(&case)).once());
        let started = Instant::now();
        let result = provider.call(&provider.client(ClientOptions::default()), call).await;
        provider.assert_outcome(call, &result, &case);
        if call == CallKind::NeverRetry {
            let error = result.expect_err(&case);
            assert_eq!((error.attempts(), error.outcome()), (1, Outcome::NotDone), "{case}: {error}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(1)), "{case}");
            assert!(error.is_rate_limited() && error.is_transient(), "{case}: {error}");
        } else {
            result.expect(&case);
            assert!(started.elapsed() >= Duration::from_secs(1), "{case}: {:?}", started.elapsed());
            assert_eq!(provider.requests(call), 2, "{case}");
        }
    })
    .await;
}

/// If the requested delay exceeds the deadline or the policy's maximum, the call fails immediately and reports it.
pub async fn retry_after_beyond_the_deadline_fails_immediately<P: Provider>() {
    let limited = ClientOptions {
        call_timeout: Some(Duration::from_secs(8)),
        attempt_timeout: Duration::from_secs(5),
        ..ClientOptions::default()
    };
    let cases = vec![("time limit", "10", limited), ("policy", "604800", ClientOptions::default())];
    run_concurrently(cases, async |(case, wait, options)| {
        let provider = P::start().await;
        provider.faults().push(Fault::status(503).retry_after(wait).always());
        let started = Instant::now();
        let error = provider.call(&provider.client(options), CallKind::Read).await.expect_err(case);
        assert!(started.elapsed() < Duration::from_secs(4), "{case}: {:?}", started.elapsed());
        assert_eq!(error.retry_after().map(|wait| wait.as_secs().to_string()).as_deref(), Some(wait), "{case}");
        assert_eq!((error.attempts(), error.outcome()), (1, Outcome::NotDone), "{case}: {error}");
    })
    .await;
}

/// The second attempt of a deletion gets 404 because the first attempt was processed.
pub async fn retried_delete_that_gets_404_succeeds<P: Provider>() {
    let Some(operation) = P::operation(CallKind::Delete) else { return };
    let cases = vec![
        ("503", Fault::status(503).after_processing()),
        ("reset", Fault::reset().after_processing()),
        ("truncated response", Fault::truncated()),
    ];
    run_concurrently(cases, async |(case, fault)| {
        let provider = P::start().await;
        let client = provider.client(ClientOptions::default());
        provider.faults().push(fault.on(operation).once());
        provider.call(&client, CallKind::Delete).await.expect(case);
        assert_eq!((provider.times_applied(CallKind::Delete), provider.requests(CallKind::Delete)), (1, 2), "{case}");
        // Without an ambiguous earlier attempt, the same response is an error.
        let error = provider.call(&client, CallKind::Delete).await.expect_err(case);
        assert!(error.is_not_found() && error.attempts() == 1, "{case}: {error}");
    })
    .await;
}

/// Clients that failed at the same time retry at different times.
pub async fn backoff_has_jitter<P: Provider>() {
    let provider = P::start().await;
    provider.faults().push(Fault::status(503).always());
    let wait = async || {
        let recorder = AttemptRecorder::default();
        let retry = RetryPolicy::new().max_attempts(6).base_delay(Duration::from_millis(60));
        let options = ClientOptions {
            retry: retry.max_delay(Duration::from_millis(120)),
            recorder: Some(recorder.clone()),
            ..ClientOptions::default()
        };
        provider.call(&provider.client(options), CallKind::Read).await.expect_err("the service is down");
        recorder.gaps()
    };
    let (first, second) = tokio::join!(wait(), wait());
    assert_eq!((first.len(), second.len()), (5, 5));
    // Five delays each: all pairs are within 2 ms of each other by chance only once in millions of runs.
    let apart = first.iter().zip(&second).any(|(first, second)| first.abs_diff(*second) > Duration::from_millis(2));
    assert!(apart, "{first:?} and {second:?}");
}

/// A rejected key is not sent again.
pub async fn rejected_key_is_not_retried<P: Provider>() {
    for call in P::supported(&CallKind::ALL) {
        let provider = P::start().await;
        let client = provider.client(ClientOptions { key: Some("another-key".into()), ..ClientOptions::default() });
        let error = provider.call(&client, call).await.expect_err("a wrong key");
        assert!(error.is_auth() && !error.is_transient(), "{call:?}: {error}");
        assert_eq!(error.outcome(), Outcome::NotDone, "{call:?}");
        // No request if the client exchanges the key for a token first.
        assert!(provider.requests(call) <= 1, "{call:?}");
        assert_eq!(provider.times_applied(call), 0, "{call:?}");
    }
}

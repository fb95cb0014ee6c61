//! When a request is repeated, and when it is not.

use std::time::{Duration, Instant};

use mft_common::{ErrorKind, Outcome, RetryPolicy};
use mft_simulator::Fault;

use super::side_by_side;
use crate::{Act, Provider, Spy, Tweaks};

/// A failure after which nobody knows is not followed by another attempt where that could do the thing twice.
pub async fn never_repeats_a_once_call_after_a_500<P: Provider>() {
    let mut cases = Vec::new();
    for act in P::acts(&Act::UNREPEATABLE) {
        for status in [500, 502, 503, 504, 408] {
            cases.extend([(act, status, false), (act, status, true)]);
        }
    }
    side_by_side(cases, async |(act, status, processed)| {
        let case = format!("{act:?} {status} processed: {processed}");
        let provider = P::start().await;
        let fault = if processed { Fault::status(status).after_processing() } else { Fault::status(status) };
        provider.faults().push(fault.on(P::operation(act).expect(&case)));
        let error = provider.act(&provider.client(Tweaks::default()), act).await.expect_err(&case);
        assert_eq!((provider.requests(act), error.attempts()), (1, 1), "{case}: {error}");
        assert_eq!(error.outcome(), Outcome::Unknown, "{case}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{case}");
        assert_eq!(provider.times_done(act), usize::from(processed), "{case}");
    })
    .await;
}

/// What can be repeated is, after two failures of each kind, and not a fourth time.
pub async fn repeats_after_500_502_503_504_408<P: Provider>() {
    let mut cases = Vec::new();
    for act in P::acts(&Act::REPEATABLE) {
        for status in [500, 502, 503, 504, 408] {
            cases.extend([(act, status, 2), (act, status, 9)]);
        }
    }
    side_by_side(cases, async |(act, status, times)| {
        let case = format!("{act:?} {status} {times} times");
        let provider = P::start().await;
        provider.faults().push(Fault::status(status).on(P::operation(act).expect(&case)).times(times));
        let result = provider.act(&provider.client(Tweaks::default()), act).await;
        assert_eq!(provider.requests(act), 3, "{case}");
        provider.assert_truth(act, &result, &case);
        match result {
            Ok(_) => assert_eq!(times, 2, "{case}"),
            Err(error) => {
                assert_eq!((times, error.attempts()), (9, 3), "{case}: {error}");
                assert!(error.is_transient(), "{case}: {error}");
                let told = if act.changes_something() { Outcome::Unknown } else { Outcome::NotDone };
                assert_eq!(error.outcome(), told, "{case}");
            }
        }
    })
    .await;
}

/// Statuses that another attempt would not change.
pub async fn other_statuses_are_one_attempt<P: Provider>() {
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
        cases.extend(P::acts(&[Act::Read, Act::Create, Act::Delete]).map(|act| (act, status, kind)));
    }
    side_by_side(cases, async |(act, status, kind)| {
        let case = format!("{act:?} {status}");
        let provider = P::start().await;
        provider.faults().push(Fault::status(status).on(P::operation(act).expect(&case)));
        let error = provider.act(&provider.client(Tweaks::default()), act).await.expect_err(&case);
        assert_eq!((provider.requests(act), error.attempts(), error.kind()), (1, 1, kind), "{case}: {error}");
        assert_eq!((error.outcome(), error.is_transient()), (Outcome::NotDone, false), "{case}");
        assert_eq!(provider.times_done(act), 0, "{case}");
    })
    .await;
}

/// 429, and 503 with `Retry-After`: the service says how long to wait, and that it has not processed.
pub async fn waits_for_retry_after<P: Provider>() {
    let mut cases = Vec::new();
    for status in [429, 503] {
        cases.extend(P::acts(&[Act::List, Act::Create, Act::Never]).map(|act| (act, status)));
    }
    side_by_side(cases, async |(act, status)| {
        let case = format!("{act:?} {status}");
        let provider = P::start().await;
        let fault = Fault::status(status).retry_after(1);
        provider.faults().push(fault.on(P::operation(act).expect(&case)).once());
        let started = Instant::now();
        let result = provider.act(&provider.client(Tweaks::default()), act).await;
        provider.assert_truth(act, &result, &case);
        if act == Act::Never {
            let error = result.expect_err(&case);
            assert_eq!((error.attempts(), error.outcome()), (1, Outcome::NotDone), "{case}: {error}");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(1)), "{case}");
            assert!(error.is_rate_limited() && error.is_transient(), "{case}: {error}");
        } else {
            result.expect(&case);
            assert!(started.elapsed() >= Duration::from_secs(1), "{case}: {:?}", started.elapsed());
            assert_eq!(provider.requests(act), 2, "{case}");
        }
    })
    .await;
}

/// A wait beyond the time that is left, or beyond what the policy grants, is told and not slept.
pub async fn a_wait_that_does_not_fit_ends_the_call_at_once<P: Provider>() {
    let limited = Tweaks {
        call_timeout: Some(Duration::from_secs(8)),
        attempt_timeout: Duration::from_secs(5),
        ..Tweaks::default()
    };
    let cases = vec![("time limit", "10", limited), ("policy", "604800", Tweaks::default())];
    side_by_side(cases, async |(case, wait, tweaks)| {
        let provider = P::start().await;
        provider.faults().push(Fault::status(503).retry_after(wait).always());
        let started = Instant::now();
        let error = provider.act(&provider.client(tweaks), Act::Read).await.expect_err(case);
        assert!(started.elapsed() < Duration::from_secs(4), "{case}: {:?}", started.elapsed());
        assert_eq!(error.retry_after().map(|wait| wait.as_secs().to_string()).as_deref(), Some(wait), "{case}");
        assert_eq!((error.attempts(), error.outcome()), (1, Outcome::NotDone), "{case}: {error}");
    })
    .await;
}

/// The second attempt of a deletion finds nothing, because the first one was carried out.
pub async fn a_deletion_repeated_into_a_404_has_succeeded<P: Provider>() {
    let Some(operation) = P::operation(Act::Delete) else { return };
    let cases = vec![
        ("503", Fault::status(503).after_processing()),
        ("reset", Fault::reset().after_processing()),
        ("half a reply", Fault::truncated()),
    ];
    side_by_side(cases, async |(case, fault)| {
        let provider = P::start().await;
        let client = provider.client(Tweaks::default());
        provider.faults().push(fault.on(operation).once());
        provider.act(&client, Act::Delete).await.expect(case);
        assert_eq!((provider.times_done(Act::Delete), provider.requests(Act::Delete)), (1, 2), "{case}");
        // Without a doubtful attempt before it, the same reply is an error.
        let error = provider.act(&client, Act::Delete).await.expect_err(case);
        assert!(error.is_not_found() && error.attempts() == 1, "{case}: {error}");
    })
    .await;
}

/// Clients that failed at the same time do not come back at the same time.
pub async fn two_clients_wait_differently<P: Provider>() {
    let provider = P::start().await;
    provider.faults().push(Fault::status(503).always());
    let wait = async || {
        let spy = Spy::default();
        let retry = RetryPolicy::new().max_attempts(6).base_delay(Duration::from_millis(60));
        let tweaks =
            Tweaks { retry: retry.max_delay(Duration::from_millis(120)), spy: Some(spy.clone()), ..Tweaks::default() };
        provider.act(&provider.client(tweaks), Act::Read).await.expect_err("the service is down");
        spy.gaps()
    };
    let (one, other) = tokio::join!(wait(), wait());
    assert_eq!((one.len(), other.len()), (5, 5));
    // Five waits each: that all of them are within 2 ms of each other by chance happens once in millions of runs.
    let apart = one.iter().zip(&other).any(|(one, other)| one.abs_diff(*other) > Duration::from_millis(2));
    assert!(apart, "{one:?} and {other:?}");
}

/// A key that is wrong does not become right by being sent again.
pub async fn a_refused_key_is_one_attempt<P: Provider>() {
    for act in P::acts(&Act::ALL) {
        let provider = P::start().await;
        let client = provider.client(Tweaks { key: Some("another-key".into()), ..Tweaks::default() });
        let error = provider.act(&client, act).await.expect_err("a wrong key");
        assert!(error.is_auth() && !error.is_transient(), "{act:?}: {error}");
        assert_eq!(error.outcome(), Outcome::NotDone, "{act:?}");
        // None where the key is exchanged for a token first.
        assert!(provider.requests(act) <= 1, "{act:?}");
        assert_eq!(provider.times_done(act), 0, "{act:?}");
    }
}

//! What is made of replies that nobody would expect.

use std::time::{Duration, Instant};

use mft_common::{ErrorKind, Outcome};
use mft_simulator::Fault;

use super::side_by_side;
use crate::support::resident_memory;
use crate::{Act, Provider, Tweaks, Wire};

/// A service that has grown new words and keys, or writes its times as texts, costs the caller nothing.
pub async fn survives_unknown_enum_values_and_unknown_keys<P: Provider>() {
    for (case, fault) in [
        ("unknown words", Fault::unknown_enums()),
        ("unknown keys", Fault::extra_keys()),
        ("times as texts", Fault::numbers_as_strings()),
    ] {
        let provider = P::start().await;
        let client = provider.client(Tweaks::default());
        provider.faults().push(fault.always());
        for act in P::acts(&[Act::Read, Act::List, Act::Create, Act::Change, Act::Never, Act::Delete]) {
            let result = provider.act(&client, act).await;
            assert!(result.is_ok(), "{case}, {act:?}: {result:?}");
            provider.assert_truth(act, &result, case);
        }
    }
}

/// What a proxy says in a page of its own does not hide the status.
pub async fn html_error_pages_keep_their_status<P: Provider>() {
    for act in P::acts(&Act::UNREPEATABLE) {
        for (case, fault, status) in [
            ("page", Fault::status(502).html(), 502),
            ("nothing", Fault::status(500).body(""), 500),
            ("a text", Fault::status(500).body("upstream connect error"), 500),
            ("XML", Fault::status(503).body("<Error><Code>SlowDown</Code></Error>"), 503),
            ("a list", Fault::status(400).body("[[[]]]"), 400),
            ("half an object", Fault::status(403).body("{\"message\":\"For"), 403),
            ("half a page", Fault::raw("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 999\r\n\r\n<html>"), 502),
        ] {
            let provider = P::start().await;
            provider.faults().push(fault.on(P::operation(act).expect(case)));
            let error = provider.act(&provider.client(Tweaks::default()), act).await.expect_err(case);
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{case}: {error}");
            assert_eq!(error.attempts(), 1, "{case}: {error}");
            assert_ne!(error.kind(), ErrorKind::Decode, "{case}: {error}");
            assert!(!error.to_string().contains('<'), "{case}: {error}");
        }
    }
}

/// Neither a huge nor a hostile error body gets through to the log.
pub async fn error_bodies_are_cut_and_made_harmless<P: Provider>() {
    let hostile = match P::WIRE {
        Wire::Json => P::WIRE.error("a\\r\\nb\\u001b[31m\\u0000\\u202e\",\"error\":\"c\\u0007"),
        // XML cannot carry most of them, and says so where they come.
        Wire::Xml => P::WIRE.error("a&#13;&#10;b&#9;&#x85;&#x202e;</message><message>&#27;[31m"),
    };
    let long = P::WIRE.error(&"x".repeat(40_000));
    for (case, fault) in [
        ("10 GiB", Fault::status(400).body_of_size(10 << 30)),
        ("endless", Fault::status(400).endless_body()),
        ("control characters", Fault::status(400).body(hostile)),
        ("long message", Fault::status(400).body(long)),
    ] {
        let provider = P::start().await;
        provider.faults().push(fault.on(P::operation(Act::Read).expect(case)));
        let (started, before) = (Instant::now(), resident_memory().unwrap_or_default());
        let error = provider.act(&provider.client(Tweaks::default()), Act::Read).await.expect_err(case);
        assert_eq!(error.status().map(|status| status.as_u16()), Some(400), "{case}: {error}");
        assert!(error.body().len() <= 64 * 1024 && error.message().unwrap_or_default().len() <= 1024, "{case}");
        let line = error.to_string();
        assert!(!line.contains(|character: char| character.is_control() || character == '\u{202e}'), "{line:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{case}");
        assert_memory_is_flat(before, case);
    }
}

/// A page for people under the status of success is named for what it is.
pub async fn html_success_says_what_came<P: Provider>() {
    for act in P::acts(&[Act::Read, Act::List, Act::Create, Act::Never]) {
        for (case, fault, said) in [
            ("page", Fault::html_page(), "HTML"),
            ("XML", Fault::storage_error(), "XML"),
            ("empty", Fault::replaced_body(""), "empty"),
            ("a text", Fault::replaced_body("\"hidden value\""), "single value"),
        ] {
            if P::READS_FAILURES_IN_XML && case == "XML" {
                continue;
            }
            let provider = P::start().await;
            provider.faults().push(fault.on(P::operation(act).expect(case)));
            let error = provider.act(&provider.client(Tweaks::default()), act).await.expect_err(case);
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{act:?} {case}: {error}");
            let line = error.to_string();
            assert!(line.contains(said) && !line.contains("hidden"), "{act:?} {case}: {line}");
            let told = if act.changes_something() { Outcome::Done } else { Outcome::NotDone };
            assert_eq!(error.outcome(), told, "{act:?} {case}");
            assert_eq!(provider.times_done(act), usize::from(act.changes_something()), "{act:?} {case}");
        }
    }
}

/// The error document of a storage under the status of success is a failure of the service, and passes as one.
pub async fn a_failure_inside_a_success_is_no_success<P: Provider>() {
    for act in P::acts(&[Act::Read, Act::List, Act::Create, Act::Change]) {
        let provider = P::start().await;
        provider.faults().push(Fault::storage_error().on(P::operation(act).expect("known")));
        let result = provider.act(&provider.client(Tweaks::default()), act).await;
        provider.assert_truth(act, &result, &format!("{act:?}"));
        let error = result.expect_err("a failure");
        let expected = match (P::READS_FAILURES_IN_XML, act.is_repeatable()) {
            (false, _) => (ErrorKind::Decode, 1),
            (true, true) => (ErrorKind::Server, 3),
            (true, false) => (ErrorKind::Server, 1),
        };
        assert_eq!((error.kind(), error.attempts()), expected, "{act:?}: {error}");
        assert_eq!(error.code().is_some(), P::READS_FAILURES_IN_XML, "{act:?}: {error}");
    }
}

/// 204, or a list where an object should be.
pub async fn a_success_without_a_body_is_an_error_where_a_value_is_expected<P: Provider>() {
    for (case, fault) in
        [("204", Fault::status(204).after_processing()), ("[]", Fault::replaced_body(P::WIRE.empty_list()))]
    {
        for act in P::acts(&[Act::Read, Act::Create, Act::Change]) {
            let provider = P::start().await;
            provider.faults().push(fault.clone().on(P::operation(act).expect(case)));
            let result = provider.act(&provider.client(Tweaks::default()), act).await;
            if P::CHANGES_NEED_NO_REPLY && act == Act::Change && case == "204" {
                assert!(result.is_ok(), "{result:?}");
                provider.assert_truth(act, &result, case);
                continue;
            }
            let error = result.as_ref().expect_err(case);
            let kind = if act == Act::Read { P::NOTHING_READ } else { ErrorKind::Decode };
            assert_eq!((error.kind(), error.attempts()), (kind, 1), "{act:?} {case}: {error}");
            provider.assert_truth(act, &result, case);
        }
    }
}

/// Interim replies, statuses without a body that have one, and statuses that an API call cannot have.
pub async fn unusual_statuses_do_not_hang<P: Provider>() {
    let cases = vec![
        ("103 first", Fault::interim(103), None),
        ("100 first", Fault::interim(100), None),
        ("101", Fault::status(101), Some(None)),
        ("103 alone", Fault::status(103), Some(None)),
        ("204 with a body", Fault::status(204).body("{\"a\":1}"), Some(Some(P::NOTHING_READ))),
        ("304", Fault::status(304), Some(Some(ErrorKind::UnexpectedStatus))),
        ("304 with a body", Fault::status(304).body("{}"), Some(Some(ErrorKind::UnexpectedStatus))),
        ("300", Fault::status(300), Some(Some(ErrorKind::UnexpectedStatus))),
        ("999", Fault::status(999), Some(None)),
        ("600", Fault::status(600), Some(None)),
    ];
    side_by_side(cases, async |(case, fault, expected)| {
        let provider = P::start().await;
        provider.faults().push(fault.on(P::operation(Act::Read).expect(case)).once());
        let client = provider.client(Tweaks { attempt_timeout: Duration::from_millis(1_500), ..Tweaks::default() });
        let started = Instant::now();
        let result = provider.act(&client, Act::Read).await;
        assert!(started.elapsed() < Duration::from_secs(8), "{case}");
        match expected {
            None => assert!(result.is_ok(), "{case}: {result:?}"),
            // A reply that never becomes one may be repeated, and then succeeds.
            Some(None) => {}
            Some(Some(kind)) => assert_eq!(result.as_ref().err().map(mft_common::Error::kind), Some(kind), "{case}"),
        }
        provider.act(&client, Act::Read).await.unwrap_or_else(|error| panic!("after {case}: {error}"));
    })
    .await;
}

/// Half a body is no success, and a read can be had again.
pub async fn truncated_body_of_a_read_is_repeated<P: Provider>() {
    for act in P::acts(&[Act::Read, Act::List, Act::Change]) {
        for (case, fault) in [("cut", Fault::truncated()), ("reset", Fault::reset_mid_body())] {
            let provider = P::start().await;
            provider.faults().push(fault.on(P::operation(act).expect(case)).once());
            let result = provider.act(&provider.client(Tweaks::default()), act).await;
            assert!(result.is_ok(), "{act:?} {case}: {result:?}");
            assert_eq!(provider.requests(act), 2, "{act:?} {case}");
        }
    }
}

/// Half a body after a creation: it has happened, and must not happen again.
pub async fn truncated_body_of_a_create_is_done<P: Provider>() {
    for act in P::acts(&Act::UNREPEATABLE) {
        for (case, fault) in [("cut", Fault::truncated()), ("reset", Fault::reset_mid_body())] {
            let provider = P::start().await;
            provider.faults().push(fault.on(P::operation(act).expect(case)).once());
            let error = provider.act(&provider.client(Tweaks::default()), act).await.expect_err(case);
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Interrupted, Outcome::Done), "{case}: {error}");
            assert!(error.status().is_some_and(|status| status.is_success()), "{case}: {error}");
            assert_eq!((provider.requests(act), provider.times_done(act)), (1, 1), "{act:?} {case}");
        }
    }
}

/// Bytes that are no HTTP: the connection broke, and what the service did nobody knows.
pub async fn garbage_instead_of_http<P: Provider>() {
    for (processed, fault) in [(false, Fault::garbage()), (true, Fault::garbage().after_processing())] {
        for act in P::acts(&[Act::Read, Act::Create]) {
            let provider = P::start().await;
            provider.faults().push(fault.clone().on(P::operation(act).expect("known")).once());
            let result = provider.act(&provider.client(Tweaks::default()), act).await;
            provider.assert_truth(act, &result, "garbage");
            if act.is_repeatable() {
                assert!(result.is_ok(), "{result:?}");
                assert_eq!(provider.requests(act), 2);
            } else {
                let error = result.expect_err("garbage");
                assert_eq!((error.kind(), error.outcome()), (ErrorKind::Interrupted, Outcome::Unknown), "{error}");
                assert_eq!((provider.requests(act), provider.times_done(act)), (1, usize::from(processed)));
            }
        }
    }
}

/// Some more headers do not matter; a flood of them is an error.
pub async fn many_headers<P: Provider>() {
    for (count, size, works) in [(40, 100, true), (1_000, 8_192, false)] {
        let provider = P::start().await;
        provider.faults().push(Fault::many_headers(count, size).always());
        let result = provider.act(&provider.client(Tweaks::default()), Act::Read).await;
        assert_eq!(result.is_ok(), works, "{count} headers: {result:?}");
        if let Err(error) = result {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 3), "{error}");
        }
    }
}

/// A body without end is read up to the limit of the client, and the memory stays where it was.
pub async fn endless_body_is_cut<P: Provider>() {
    for (case, fault) in [
        ("endless", Fault::status(200).endless_body().after_processing()),
        ("10 GiB", Fault::status(200).body_of_size(10 << 30).after_processing()),
    ] {
        for act in P::acts(&[Act::Read, Act::Create]) {
            let provider = P::start().await;
            provider.faults().push(fault.clone().on(P::operation(act).expect(case)));
            let before = resident_memory().unwrap_or_default();
            let result = provider.act(&provider.client(Tweaks::default()), act).await;
            let error = result.as_ref().expect_err(case);
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{case}: {error}");
            assert!(error.to_string().contains("1048576 bytes"), "{case}: {error}");
            assert!(error.body().len() <= 64 * 1024, "{case}");
            provider.assert_truth(act, &result, case);
            assert_memory_is_flat(before, case);
        }
    }
}

/// Other tests run in the same process, so the bound is generous; what it has to tell apart is gigabytes.
fn assert_memory_is_flat(before: u64, case: &str) {
    let grown = resident_memory().unwrap_or_default().saturating_sub(before);
    assert!(grown < 128 << 20, "{case}: {} MiB more", grown >> 20);
}

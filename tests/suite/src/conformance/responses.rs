//! Handling of unexpected responses.

use std::time::{Duration, Instant};

use mft_common::{ErrorKind, Outcome};
use mft_simulator::Fault;

use super::run_concurrently;
use crate::runtime::resident_memory;
use crate::{CallKind, ClientOptions, Provider, WireFormat};

/// Unknown enum values, unknown keys, and times as text do not break a call.
pub async fn accepts_unknown_enum_values_and_keys<P: Provider>() {
    for (case, fault) in [
        ("unknown enum values", Fault::unknown_enums()),
        ("unknown keys", Fault::extra_keys()),
        ("times as text", Fault::numbers_as_strings()),
    ] {
        let provider = P::start().await;
        let client = provider.client(ClientOptions::default());
        provider.faults().push(fault.always());
        for call in P::supported(&CallKind::DELETE_LAST) {
            let result = provider.call(&client, call).await;
            assert!(result.is_ok(), "{case}, {call:?}: {result:?}");
            provider.assert_outcome(call, &result, case);
        }
    }
}

/// A proxy's error page does not hide the status.
pub async fn html_error_pages_keep_their_status<P: Provider>() {
    for call in P::supported(&CallKind::NON_IDEMPOTENT) {
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
            provider.faults().push(fault.on(P::operation(call).expect(case)));
            let error = provider.call(&provider.client(ClientOptions::default()), call).await.expect_err(case);
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{case}: {error}");
            assert_eq!(error.attempts(), 1, "{case}: {error}");
            assert_ne!(error.kind(), ErrorKind::Decode, "{case}: {error}");
            assert!(!error.to_string().contains('<'), "{case}: {error}");
        }
    }
}

/// Error bodies in the log are truncated and sanitized.
pub async fn error_bodies_are_truncated_and_sanitized<P: Provider>() {
    let hostile = match P::WIRE_FORMAT {
        WireFormat::Json => P::WIRE_FORMAT.error("a\\r\\nb\\u001b[31m\\u0000\\u202e\",\"error\":\"c\\u0007"),
        // XML cannot represent most of these characters and is rejected by the decoder.
        WireFormat::Xml => P::WIRE_FORMAT.error("a&#13;&#10;b&#9;&#x85;&#x202e;</message><message>&#27;[31m"),
    };
    let long = P::WIRE_FORMAT.error(&"x".repeat(40_000));
    for (case, fault) in [
        ("10 GiB", Fault::status(400).body_of_size(10 << 30)),
        ("endless", Fault::status(400).endless_body()),
        ("control characters", Fault::status(400).body(hostile)),
        ("long message", Fault::status(400).body(long)),
    ] {
        let provider = P::start().await;
        provider.faults().push(fault.on(P::operation(CallKind::Read).expect(case)));
        let (started, before) = (Instant::now(), resident_memory().unwrap_or_default());
        let error = provider.call(&provider.client(ClientOptions::default()), CallKind::Read).await.expect_err(case);
        assert_eq!(error.status().map(|status| status.as_u16()), Some(400), "{case}: {error}");
        assert!(error.body().len() <= 64 * 1024 && error.message().unwrap_or_default().len() <= 1024, "{case}");
        let line = error.to_string();
        assert!(!line.contains(|character: char| character.is_control() || character == '\u{202e}'), "{line:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{case}");
        assert_memory_is_flat(before, case);
    }
}

/// An HTML page with a success status is described as HTML.
pub async fn unexpected_success_bodies_are_described<P: Provider>() {
    for call in P::supported(&[CallKind::Read, CallKind::List, CallKind::Create, CallKind::NeverRetry]) {
        for (case, fault, description) in [
            ("page", Fault::html_page(), "HTML"),
            ("XML", Fault::storage_error(), "XML"),
            ("empty", Fault::replaced_body(""), "empty"),
            ("a text", Fault::replaced_body("\"hidden value\""), "single value"),
        ] {
            if P::PARSES_XML_ERRORS && case == "XML" {
                continue;
            }
            let provider = P::start().await;
            provider.faults().push(fault.on(P::operation(call).expect(case)));
            let error = provider.call(&provider.client(ClientOptions::default()), call).await.expect_err(case);
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{call:?} {case}: {error}");
            let line = error.to_string();
            assert!(line.contains(description) && !line.contains("hidden"), "{call:?} {case}: {line}");
            let outcome = if call.is_write() { Outcome::Done } else { Outcome::NotDone };
            assert_eq!(error.outcome(), outcome, "{call:?} {case}");
            assert_eq!(provider.times_applied(call), usize::from(call.is_write()), "{call:?} {case}");
        }
    }
}

/// A storage error document with a success status is reported as a failure of the service.
pub async fn error_document_with_success_status_is_an_error<P: Provider>() {
    for call in P::supported(&[CallKind::Read, CallKind::List, CallKind::Create, CallKind::Change]) {
        let provider = P::start().await;
        provider.faults().push(Fault::storage_error().on(P::operation(call).expect("known")));
        let result = provider.call(&provider.client(ClientOptions::default()), call).await;
        provider.assert_outcome(call, &result, &format!("{call:?}"));
        let error = result.expect_err("a failure");
        let expected = match (P::PARSES_XML_ERRORS, call.is_idempotent()) {
            (false, _) => (ErrorKind::Decode, 1),
            (true, true) => (ErrorKind::Server, 3),
            (true, false) => (ErrorKind::Server, 1),
        };
        assert_eq!((error.kind(), error.attempts()), expected, "{call:?}: {error}");
        assert_eq!(error.code().is_some(), P::PARSES_XML_ERRORS, "{call:?}: {error}");
    }
}

/// The body is empty (204), or a list instead of an object.
pub async fn empty_success_is_an_error_if_a_value_is_expected<P: Provider>() {
    for (case, fault) in
        [("204", Fault::status(204).after_processing()), ("[]", Fault::replaced_body(P::WIRE_FORMAT.empty_list()))]
    {
        for call in P::supported(&[CallKind::Read, CallKind::Create, CallKind::Change]) {
            let provider = P::start().await;
            provider.faults().push(fault.clone().on(P::operation(call).expect(case)));
            let result = provider.call(&provider.client(ClientOptions::default()), call).await;
            if P::UPDATE_RESPONSE_MAY_BE_EMPTY && call == CallKind::Change && case == "204" {
                assert!(result.is_ok(), "{result:?}");
                provider.assert_outcome(call, &result, case);
                continue;
            }
            let error = result.as_ref().expect_err(case);
            let kind = if call == CallKind::Read { P::EMPTY_READ_ERROR } else { ErrorKind::Decode };
            assert_eq!((error.kind(), error.attempts()), (kind, 1), "{call:?} {case}: {error}");
            provider.assert_outcome(call, &result, case);
        }
    }
}

/// Interim responses, bodies with statuses that allow none, and statuses that are invalid for an API call.
pub async fn unusual_statuses_do_not_hang<P: Provider>() {
    let cases = vec![
        ("103 first", Fault::interim(103), None),
        ("100 first", Fault::interim(100), None),
        ("101", Fault::status(101), Some(None)),
        ("103 alone", Fault::status(103), Some(None)),
        ("204 with a body", Fault::status(204).body("{\"a\":1}"), Some(Some(P::EMPTY_READ_ERROR))),
        ("304", Fault::status(304), Some(Some(ErrorKind::UnexpectedStatus))),
        ("304 with a body", Fault::status(304).body("{}"), Some(Some(ErrorKind::UnexpectedStatus))),
        ("300", Fault::status(300), Some(Some(ErrorKind::UnexpectedStatus))),
        ("999", Fault::status(999), Some(None)),
        ("600", Fault::status(600), Some(None)),
    ];
    run_concurrently(cases, async |(case, fault, expected)| {
        let provider = P::start().await;
        provider.faults().push(fault.on(P::operation(CallKind::Read).expect(case)).once());
        let client = provider
            .client(ClientOptions { attempt_timeout: Duration::from_millis(1_500), ..ClientOptions::default() });
        let started = Instant::now();
        let result = provider.call(&client, CallKind::Read).await;
        assert!(started.elapsed() < Duration::from_secs(8), "{case}");
        match expected {
            None => assert!(result.is_ok(), "{case}: {result:?}"),
            // An incomplete response may be retried, and the retry then succeeds.
            Some(None) => {}
            Some(Some(kind)) => assert_eq!(result.as_ref().err().map(mft_common::Error::kind), Some(kind), "{case}"),
        }
        provider.call(&client, CallKind::Read).await.unwrap_or_else(|error| panic!("after {case}: {error}"));
    })
    .await;
}

/// A truncated body is an error, so an idempotent call is retried.
pub async fn truncated_response_to_idempotent_call_is_retried<P: Provider>() {
    for call in P::supported(&[CallKind::Read, CallKind::List, CallKind::Change]) {
        for (case, fault) in [("cut", Fault::truncated()), ("reset", Fault::reset_mid_body())] {
            let provider = P::start().await;
            provider.faults().push(fault.on(P::operation(call).expect(case)).once());
            let result = provider.call(&provider.client(ClientOptions::default()), call).await;
            assert!(result.is_ok(), "{call:?} {case}: {result:?}");
            assert_eq!(provider.requests(call), 2, "{call:?} {case}");
        }
    }
}

/// A truncated body after a creation means that the creation was processed, so the call is not retried.
pub async fn truncated_response_to_create_has_outcome_done<P: Provider>() {
    for call in P::supported(&CallKind::NON_IDEMPOTENT) {
        for (case, fault) in [("cut", Fault::truncated()), ("reset", Fault::reset_mid_body())] {
            let provider = P::start().await;
            provider.faults().push(fault.on(P::operation(call).expect(case)).once());
            let error = provider.call(&provider.client(ClientOptions::default()), call).await.expect_err(case);
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Interrupted, Outcome::Done), "{case}: {error}");
            assert!(error.status().is_some_and(|status| status.is_success()), "{case}: {error}");
            assert_eq!((provider.requests(call), provider.times_applied(call)), (1, 1), "{call:?} {case}");
        }
    }
}

/// If the response is not HTTP, the call fails as interrupted and its outcome is unknown.
pub async fn garbage_instead_of_http<P: Provider>() {
    for (processed, fault) in [(false, Fault::garbage()), (true, Fault::garbage().after_processing())] {
        for call in P::supported(&[CallKind::Read, CallKind::Create]) {
            let provider = P::start().await;
            provider.faults().push(fault.clone().on(P::operation(call).expect("known")).once());
            let result = provider.call(&provider.client(ClientOptions::default()), call).await;
            provider.assert_outcome(call, &result, "garbage");
            if call.is_idempotent() {
                assert!(result.is_ok(), "{result:?}");
                assert_eq!(provider.requests(call), 2);
            } else {
                let error = result.expect_err("garbage");
                assert_eq!((error.kind(), error.outcome()), (ErrorKind::Interrupted, Outcome::Unknown), "{error}");
                assert_eq!((provider.requests(call), provider.times_applied(call)), (1, usize::from(processed)));
            }
        }
    }
}

/// A few additional headers are accepted. A very large number of headers is an error.
pub async fn response_headers_are_limited<P: Provider>() {
    for (count, size, works) in [(40, 100, true), (1_000, 8_192, false)] {
        let provider = P::start().await;
        provider.faults().push(Fault::many_headers(count, size).always());
        let result = provider.call(&provider.client(ClientOptions::default()), CallKind::Read).await;
        assert_eq!(result.is_ok(), works, "{count} headers: {result:?}");
        if let Err(error) = result {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 3), "{error}");
        }
    }
}

/// An endless body is read up to the client's limit, and memory usage stays constant.
pub async fn endless_body_is_limited<P: Provider>() {
    for (case, fault) in [
        ("endless", Fault::status(200).endless_body().after_processing()),
        ("10 GiB", Fault::status(200).body_of_size(10 << 30).after_processing()),
    ] {
        for call in P::supported(&[CallKind::Read, CallKind::Create]) {
            let provider = P::start().await;
            provider.faults().push(fault.clone().on(P::operation(call).expect(case)));
            let before = resident_memory().unwrap_or_default();
            let result = provider.call(&provider.client(ClientOptions::default()), call).await;
            let error = result.as_ref().expect_err(case);
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1), "{case}: {error}");
            assert!(error.to_string().contains("1048576 bytes"), "{case}: {error}");
            assert!(error.body().len() <= 64 * 1024, "{case}");
            provider.assert_outcome(call, &result, case);
            assert_memory_is_flat(before, case);
        }
    }
}

/// Other tests run in the same process, so the bound is generous. It only needs to detect gigabytes.
fn assert_memory_is_flat(before: u64, case: &str) {
    let grown = resident_memory().unwrap_or_default().saturating_sub(before);
    assert!(grown < 128 << 20, "{case}: {} MiB more", grown >> 20);
}

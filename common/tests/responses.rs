//! Responses: bodies, errors, masked secrets, streams, and raw calls.

mod support;

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{Method, header};
use mft_common::middleware::Idempotency;
use mft_common::provider::MAX_ERROR_BODY;
use mft_common::raw::RawCall;
use mft_common::testing::MockTransport;
use mft_common::transport::Body;
use mft_common::{ErrorKind, Outcome, Secret};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use support::{Answer, Chunks, Endless, KEY, build, call, client, printed, reply, seconds, settings};

#[derive(Debug, Deserialize)]
struct Parcel {
    #[expect(dead_code, reason = "only decoded")]
    id: String,
}

#[tokio::test(start_paused = true)]
async fn an_undecodable_response_is_described_and_never_quoted() {
    for (status, content_type, body, said) in [
        (200, "text/html", "<!doctype html><p>hunter2", "an HTML page of 25 bytes sent as text/html"),
        (200, "application/json", "", "what came is empty"),
        (204, "application/json", "", "what came is empty"),
        (200, "application/json", r#"{"id":"hunter2"#, "JSON that ends too early"),
        (200, "application/json", "[]", "what came is a list"),
        (200, "application/json", r#"{"id":{"hunter2":1}}"#, "another type or a missing key at `id`"),
        (200, "application/json", r#"{"id":"a"} hunter2"#, "no JSON"),
        (200, "application/xml", "<parcel>hunter2</parcel>", "what came is XML"),
        // A gateway can echo the request in any field.
        (200, KEY, "{", "sent as ***"),
    ] {
        let headers = [("content-type", content_type), ("x-request-id", "r-1")];
        let script = MockTransport::new().reply(status, &headers, body).repeat_last();
        let error = call(&client(&script)).idempotent().json::<Parcel>().await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done));
        assert_eq!((error.request_id(), error.attempts(), script.calls().len()), (Some("r-1"), 1, 1));
        assert!(error.to_string().contains(said), "{error}");
        assert!(!printed(&error).contains("hunter2"), "{error:?}");
        assert_eq!(error.body(), body.as_bytes());
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_above_the_limit_is_not_read_to_its_end() {
    for status in [200, 500] {
        let endless = Endless::default();
        let taken = endless.0.clone();
        let answer = Answer(move |_: &_| reply(status, Body::from_stream(endless.clone(), None)));
        let mut settings = settings(answer);
        settings.max_response_bytes(1024 * 1024);
        let error = call(&build(settings)).non_idempotent().json::<Vec<u8>>().await.unwrap_err();
        let (kind, most) =
            if status == 200 { (ErrorKind::Decode, 1024 * 1024) } else { (ErrorKind::Server, 64 * 1024) };
        assert_eq!((error.kind(), error.status().unwrap().as_u16(), error.attempts()), (kind, status, 1));
        assert!(*taken.lock().unwrap() <= most + 16 * 1024, "{} bytes were read", taken.lock().unwrap());
        assert!(error.body().len() <= MAX_ERROR_BODY && error.message().unwrap().len() <= 1024);
        if status == 200 {
            assert!(error.to_string().contains("exceeds max_response_bytes (1048576 bytes)"), "{error}");
        } else {
            assert_eq!(error.body().len(), MAX_ERROR_BODY);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_response_keeps_its_status_if_its_body_fails() {
    let error = call(&client(&MockTransport::new().truncated_body(503, "half a pa")))
        .non_idempotent()
        .returns_nothing()
        .await
        .unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.body()), (503, b"half a pa".as_slice()));
    let stalls =
        || futures_util::stream::once(async { Ok(Bytes::from("start")) }).chain(futures_util::stream::pending());
    let pipeline = build(settings(Answer(move |_: &_| reply(403, Body::from_stream(stalls(), None)))));
    let started = Instant::now();
    let error = call(&pipeline).non_idempotent().returns_nothing().await.unwrap_err();
    assert_eq!((error.kind(), error.body()), (ErrorKind::PermissionDenied, b"start".as_slice()));
    assert_eq!(started.elapsed(), seconds(30));
}

#[tokio::test(start_paused = true)]
async fn a_stalled_response_meets_the_attempt_timeout_with_outcome_done() {
    let stalls = || futures_util::stream::once(async { Ok(Bytes::from("[1")) }).chain(futures_util::stream::pending());
    let mut settings = settings(Answer(move |_: &_| reply(201, Body::from_stream(stalls(), None))));
    settings.attempt_timeout(seconds(7));
    let started = Instant::now();
    let error = call(&build(settings)).non_idempotent().json::<Vec<u8>>().await.unwrap_err();
    assert_eq!(started.elapsed(), seconds(7));
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Done));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_beyond_the_range_of_the_clock_does_not_panic() {
    let mut settings = settings(MockTransport::new().reply(200, &[], "1"));
    settings.attempt_timeout(Duration::MAX);
    assert_eq!(call(&build(settings)).safe().json::<u8>().call_timeout(Duration::MAX).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_redirect_error_contains_only_the_target_origin() {
    for (status, location, said) in [
        (301, "https://evil.example/take?token=hunter2", "redirect to https://evil.example was"),
        (302, "//evil.example:8443/hunter2", "redirect to https://evil.example:8443 was"),
        (303, "https://user:hunter2@evil.example/", "redirect to https://evil.example was"),
        (307, "/elsewhere?hunter2", "redirect to https://api.example.com was"),
        (308, "http://api.example.com/hunter2", "redirect to http://api.example.com was"),
        (302, "javascript:hunter2", "redirect without a valid Location"),
        (302, "", "redirect to https://api.example.com was"),
    ] {
        let script = MockTransport::new().reply(status, &[("location", location)], "").repeat_last();
        let error = call(&client(&script)).safe().returns_nothing().await.unwrap_err();
        assert_eq!((error.kind(), script.calls().len()), (ErrorKind::UnexpectedStatus, 1));
        assert!(error.to_string().contains(said), "{error}");
        assert!(!printed(&error).contains("hunter2"), "{error:?}");
    }
    let error = call(&client(&MockTransport::new().reply(304, &[], ""))).safe().returns_nothing().await.unwrap_err();
    assert!(!error.to_string().contains("redirect"), "{error}");
}

#[derive(Serialize)]
struct NewParcel {
    #[serde(serialize_with = "mft_common::secret::expose")]
    pin: Secret,
    #[serde(serialize_with = "mft_common::secret::expose")]
    long_pin: Secret,
}

#[tokio::test(start_paused = true)]
async fn echoed_secrets_are_masked_and_messages_stay_one_line() {
    let new = || NewParcel { pin: "hunter2".into(), long_pin: "hunter2-and-more".into() };
    let words = format!("no\r\n\u{1b}[31m Bearer {KEY} {KEY} hunter2-and-more hunter2\u{202e}");
    let headers = [("x-trace", "t-9 hunter2"), ("retry-after", "0")];
    let script = MockTransport::new().reply(400, &headers, words).repeat_last();
    let pipeline = client(&script);
    let raw = RawCall::new(&pipeline, "parcels.raw", Method::POST, "/parcels").json_body(&new()).json::<u8>();
    for error in [
        call(&pipeline).non_idempotent().json_body(&new()).returns_nothing().await.unwrap_err(),
        raw.await.unwrap_err(),
    ] {
        assert_eq!(error.message(), Some("no\\r\\n\\u{1b}[31m *** *** *** ***\\u{202e}"));
        assert_eq!((error.request_id(), error.retry_after()), (Some("t-9 ***"), Some(Duration::ZERO)));
        let line = error.to_string();
        assert!(line.ends_with("[request id t-9 ***]") && !line.contains('\n'), "{line}");
        let all = printed(&error);
        assert!(!all.contains(KEY) && !all.contains("hunter2") && !all.contains("and-more"), "{all}");
    }
    // The secret itself was sent.
    assert_eq!(script.calls()[0].body, r#"{"pin":"hunter2","long_pin":"hunter2-and-more"}"#);
    assert_eq!(script.calls()[1].body, script.calls()[0].body);
    assert!(!format!("{pipeline:?} {script:?} {:?}", script.calls()).contains(KEY));
}

#[tokio::test(start_paused = true)]
async fn credentials_are_marked_as_sensitive() {
    let script = MockTransport::new().reply(200, &[], "");
    call(&client(&script)).safe().returns_nothing().await.unwrap();
    let calls = script.calls();
    let sent = &calls[0];
    assert!(sent.headers[header::AUTHORIZATION].is_sensitive());
    assert_eq!(
        (&sent.headers["user-agent"], &sent.headers["accept"]),
        (&"parcels/0.1".parse().unwrap(), &"application/json".parse().unwrap())
    );
    assert_eq!(sent.operation.as_ref().unwrap().name(), "parcels.send");
}

#[tokio::test(start_paused = true)]
async fn a_streamed_response_holds_its_permit_until_it_ends_or_is_dropped() {
    let script = || MockTransport::new().reply(200, &[], "abc").truncated_body(200, "abc").reply(200, &[], "abc");
    let pipeline = client(&script());
    for end in ["read", "broken", "dropped"] {
        let mut body = call(&pipeline).safe().stream().await.unwrap().into_body();
        assert_eq!(pipeline.free_permits(), 63, "{end}");
        if end != "dropped" {
            assert_eq!(body.chunk().await.unwrap().unwrap(), "abc");
            assert_eq!(pipeline.free_permits(), 63, "{end}");
            assert_eq!(body.chunk().await.is_some_and(|chunk| chunk.is_err()), end == "broken");
            assert_eq!(pipeline.free_permits(), 64, "{end}");
            assert!(body.chunk().await.is_none());
        }
        drop(body);
        assert_eq!(pipeline.free_permits(), 64, "{end}");
    }
    // An error response is not streamed. It is retried and reported like any other.
    let failing = MockTransport::new().reply(500, &[], "").reply(404, &[], "gone");
    let error = call(&client(&failing)).safe().stream().await.unwrap_err();
    assert_eq!((error.message(), error.attempts()), (Some("gone"), 2));
}

#[tokio::test(start_paused = true)]
async fn an_idle_stream_fails_and_a_slow_one_does_not() {
    // Ten chunks within the idle timeout, then none.
    let slow = || {
        futures_util::stream::unfold(0, |sent| async move {
            tokio::time::sleep(if sent < 10 { seconds(29) } else { seconds(1_000_000) }).await;
            Some((Ok(Bytes::from("x")), sent + 1))
        })
    };
    let pipeline = build(settings(Answer(move |_: &_| reply(200, Body::from_stream(slow(), None)))));
    let started = Instant::now();
    let mut body = call(&pipeline).safe().stream().await.unwrap().into_body();
    let mut chunks = 0;
    let end = loop {
        match body.chunk().await.unwrap() {
            Ok(_) => chunks += 1,
            Err(error) => break error,
        }
        // Pauses of the reader do not count as idle time.
        tokio::time::sleep(seconds(100)).await;
    };
    assert_eq!((chunks, end.to_string().as_str()), (10, "no data for 30s"));
    assert_eq!((started.elapsed(), pipeline.free_permits()), (seconds(10 * 129 + 30), 64));
}

#[tokio::test(start_paused = true)]
async fn the_idle_timeout_of_a_stream_is_configurable() {
    let silent = || Body::from_stream(futures_util::stream::pending(), None);
    let mut settings = settings(Answer(move |_: &_| reply(200, silent())));
    settings.idle_timeout(seconds(2));
    let started = Instant::now();
    let mut body = call(&build(settings)).safe().stream().await.unwrap().into_body();
    assert_eq!(body.chunk().await.unwrap().unwrap_err().to_string(), "no data for 2s");
    assert_eq!(started.elapsed(), seconds(2));
}

#[tokio::test(start_paused = true)]
async fn a_delete_rejects_an_html_page_of_a_gateway() {
    for (body, kind) in [("", None), (" {} ", None), ("[1]", None), ("<html>Log in</html>", Some(ErrorKind::Decode))] {
        let pipeline = client(&MockTransport::new().reply(200, &[("content-type", "text/html")], body));
        let error = call(&pipeline).deletes().await.err();
        assert_eq!(error.as_ref().map(mft_common::Error::kind), kind, "{body}");
        assert!(error.is_none_or(|error| error.to_string().contains("an HTML page")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_differs_from_its_content_length_is_an_error() {
    for (length, fine) in [(5, false), (4, true), (3, false)] {
        let pipeline = build(settings(Answer(move |_: &_| reply(200, announced(length)))));
        let body = call(&pipeline).safe().stream().await.unwrap().into_body();
        assert_eq!(body.len(), Some(length));
        assert_eq!(body.collect::<Vec<_>>().await.iter().all(Result::is_ok), fine, "{length}");
    }
}

fn announced(length: u64) -> Body {
    Body::from_stream(Chunks([Ok(Bytes::from("ab")), Ok(Bytes::from("cd"))].into()), Some(length))
}

#[tokio::test(start_paused = true)]
async fn a_raw_call_uses_the_same_pipeline() {
    let script = MockTransport::new().reply(200, &[("x-total", "1")], r#""done""#).repeat_last();
    let pipeline = client(&script);
    let raw = || {
        RawCall::new(&pipeline, "parcels.raw", Method::PUT, "/depots/{depot}/parcels/{id}")
            .path("id", "a/b?c#d")
            .path("depot", "é")
            .query("q", "x&y=z +")
            .header(header::IF_MATCH, "\"1\"")
    };
    let reply = raw().body("text").into_call().await.unwrap();
    assert_eq!(
        (reply.status.as_u16(), &reply.headers["x-total"], &reply.body[..]),
        (200, &"1".parse().unwrap(), br#""done""#.as_slice())
    );
    assert_eq!(raw().json_body("x").json::<String>().await.unwrap(), "done");
    assert_eq!(raw().stream().await.unwrap().into_body().chunk().await.unwrap().unwrap(), r#""done""#);
    for call in script.calls() {
        let path = "/v1/depots/%C3%A9/parcels/a%2Fb%3Fc%23d?q=x%26y%3Dz%20%2B";
        assert_eq!(call.uri.to_string(), format!("https://api.example.com{path}"));
        assert_eq!(
            (&call.headers["authorization"], &call.headers["if-match"]),
            (&format!("Bearer {KEY}").parse().unwrap(), &"\"1\"".parse().unwrap())
        );
        assert_eq!(call.operation.unwrap().template(), "/depots/{depot}/parcels/{id}");
    }
    assert_eq!(
        (&script.calls()[0].body[..], script.calls()[1].headers["content-type"].to_str().unwrap()),
        (b"text".as_slice(), "application/json")
    );
}

#[tokio::test(start_paused = true)]
async fn a_raw_call_is_retried_only_if_it_is_idempotent() {
    for (stated, attempts) in [(None, 1), (Some(Idempotency::NonIdempotent), 3)] {
        let script = MockTransport::new().reply(429, &[], "").repeat_last();
        let mut raw = RawCall::new(&client(&script), "parcels.raw", Method::GET, "/parcels");
        if let Some(idempotency) = stated {
            raw = raw.idempotency(idempotency);
        }
        assert_eq!(raw.into_call().await.unwrap_err().attempts(), attempts);
    }
}

#[tokio::test(start_paused = true)]
async fn a_raw_path_to_another_endpoint_is_rejected() {
    let script = MockTransport::new().reply(200, &[], "").repeat_last();
    let pipeline = client(&script);
    for (template, values, said) in [
        ("/a/{x}", &[("x", "1"), ("y", "2")][..], "y has no placeholder in the path"),
        ("/a/{x}/{y}", &[("y", "2")], "x is missing from the path"),
        ("/a/{x}", &[("x", "..")], "x is `.` or `..`"),
        ("/a/{x}", &[("x", "")], "x is empty"),
        ("/a/{x}", &[("x", "a\nb")], "x contains a control character"),
        (".evil.example/", &[], "does not begin with `/`"),
        ("@evil.example/", &[], "does not begin with `/`"),
        ("", &[], "does not begin with `/`"),
        ("/a?x=1", &[], "contains a query or a fragment"),
        ("/a#x", &[], "contains a query or a fragment"),
        ("/a/../b", &[], "could select another endpoint"),
        ("/a/%2e%2e/b", &[], "could select another endpoint"),
        ("/a b", &[], "does not form a valid URL"),
        ("/a\r\nHost: x", &[], "does not form a valid URL"),
    ] {
        let raw = RawCall::new(&pipeline, "parcels.raw", Method::GET, template);
        let error = values.iter().fold(raw, |raw, (name, value)| raw.path(name, *value)).into_call().await.unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains(said), "{template}: {error}");
        assert_eq!((error.operation(), error.attempts()), (Some("parcels.raw"), 0));
    }
    let header = RawCall::new(&pipeline, "parcels.raw", Method::GET, "/a").header(header::IF_MATCH, "hunter2\r\n");
    let error = header.into_call().await.unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("if-match") && !printed(&error).contains("hunter2"));
    assert!(script.calls().is_empty());
}

//! Fallback paths, required permissions, initial tokens and replayable bodies.

mod support;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use http::Method;
use mft_common::provider::{Pipeline, Token, TokenExchange};
use mft_common::testing::MockTransport;
use mft_common::transport::Body;
use mft_common::{ErrorKind, Outcome, Result};

use support::{BASE, Chunks, SERVICE, client, settings};

fn paths(script: &MockTransport) -> Vec<String> {
    script.calls().iter().map(|call| call.uri.path().trim_start_matches("/v1").to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_fallback_path_is_tried_once_and_remembered_if_it_works() {
    let there = |script: MockTransport| script.reply(200, &[], "[]");
    let cases: [(&str, MockTransport, bool, &[&str], bool); 7] = [
        ("the first", there(MockTransport::new()), true, &["/first"], false),
        ("404", there(MockTransport::new().reply(404, &[], "")), true, &["/first", "/second"], true),
        ("405", there(MockTransport::new().reply(405, &[], "")), true, &["/first", "/second"], true),
        ("308", there(MockTransport::new().reply(308, &[("location", "/x")], "")), true, &["/first", "/second"], true),
        ("neither", MockTransport::new().reply(404, &[], "").repeat_last(), false, &["/first", "/second"], false),
        ("403", MockTransport::new().reply(403, &[], ""), false, &["/first"], false),
        (
            "a failing second",
            there(MockTransport::new().reply(404, &[], "").reply(503, &[], "")),
            true,
            &["/first", "/second", "/second"],
            true,
        ),
    ];
    for (name, script, works, expected, remembers) in cases {
        let (pipeline, use_fallback) = (client(&script), Arc::<AtomicBool>::default());
        let list = |pipeline: &Pipeline| {
            let call = pipeline.call("parcels.list", Method::GET, "/first", &[]).safe();
            call.fallback_path("/second", &use_fallback).json::<Vec<u8>>()
        };
        assert_eq!(list(&pipeline).await.is_ok(), works, "{name}");
        assert_eq!(
            (paths(&script), use_fallback.load(Relaxed)),
            (expected.iter().map(|&p| p.into()).collect(), remembers),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_remembered_path_is_tried_first_and_can_change_back() {
    let script =
        MockTransport::new().reply(200, &[], "[]").reply(404, &[], "").reply(200, &[], "[]").reply(200, &[], "[]");
    let (pipeline, use_fallback) = (client(&script), Arc::new(AtomicBool::new(true)));
    for _ in 0..3 {
        let call = pipeline.call("parcels.list", Method::GET, "/first", &[]).safe();
        call.fallback_path("/second", &use_fallback).json::<Vec<u8>>().await.unwrap();
    }
    assert_eq!(paths(&script), ["/second", "/second", "/first", "/first"]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_not_sent_to_the_fallback_path() {
    let script = MockTransport::new().reply(404, &[], "").repeat_last();
    let call = client(&script).call("parcels.send", Method::POST, "/first", &[]).body(Chunks::of(&["ab"]));
    let error = call.fallback_path("/second", &Arc::default()).returns_nothing().await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(paths(&script), ["/first"]);
}

#[tokio::test(start_paused = true)]
async fn a_forbidden_call_names_the_required_permission() {
    for (status, said, expected) in [
        (403, "not allowed", Some("the call needs the scope `a`: not allowed")),
        (403, "", Some("the call needs the scope `a`")),
        (404, "no such thing", Some("no such thing")),
    ] {
        let script = MockTransport::new().reply(status, &[], said);
        let call = client(&script).call("parcels.list", Method::GET, "/x", &[]).required_permission("the scope `a`");
        assert_eq!(call.returns_nothing().await.unwrap_err().message(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_inside_a_success_keeps_the_ambiguity_of_earlier_attempts() {
    let refused = |script: &MockTransport, partial_effects: bool| {
        let call = client(script).call("parcels.change", Method::PATCH, "/x", &[]).idempotent();
        let call = if partial_effects { call.partial_effects() } else { call };
        call.decode(|reply| Err::<(), _>(reply.refused(ErrorKind::Rejected, "no")))
    };
    let (no, broken) = (|script: MockTransport| script.reply(200, &[], "no"), MockTransport::new().break_connection());
    for (script, partial_effects, told) in [
        (no(MockTransport::new()), false, Outcome::NotDone),
        (no(broken), false, Outcome::Unknown),
        (no(MockTransport::new()), true, Outcome::Unknown),
        (MockTransport::new().reply(404, &[], ""), false, Outcome::NotDone),
        (MockTransport::new().reply(404, &[], ""), true, Outcome::Unknown),
        (MockTransport::new().reply(409, &[], ""), true, Outcome::Unknown),
        (MockTransport::new().reply(400, &[], ""), true, Outcome::NotDone),
        (MockTransport::new().reply(403, &[], ""), true, Outcome::NotDone),
        (MockTransport::new().reply(401, &[], ""), true, Outcome::NotDone),
    ] {
        let error = refused(&script, partial_effects).await.unwrap_err();
        assert_eq!(error.outcome(), told, "{error}, in parts: {partial_effects}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_in_a_query_keeps_only_its_slashes() {
    let script = MockTransport::new().reply(200, &[], "");
    let call = client(&script).call("parcels.list", Method::GET, "/x", &[]).query_path("path", "/a b/c+d&e#f%g/ü");
    call.query("z", "a/b").returns_nothing().await.unwrap();
    let query = script.calls()[0].uri.query().map(str::to_owned);
    assert_eq!(query.as_deref(), Some("path=/a%20b/c%2Bd%26e%23f%25g/%C3%BC&z=a%2Fb"));
}

#[tokio::test(start_paused = true)]
async fn only_a_replayable_body_is_sent_again() {
    let opened = |again: bool| {
        let stream = || Chunks(["ab", "c"].map(|chunk| Ok(chunk.into())).into());
        if again { Body::replayable(stream, Some(3)) } else { Body::from_stream(stream(), Some(3)) }
    };
    for (again, sent) in [(true, 3), (false, 1)] {
        let script = MockTransport::new().reply(503, &[], "").repeat_last();
        let call = client(&script).call("parcels.send", Method::POST, "/x", &[]).idempotent().body(opened(again));
        assert_eq!(call.returns_nothing().await.unwrap_err().outcome(), Outcome::Unknown);
        let bodies: Vec<_> = script.calls().into_iter().map(|call| call.body).collect();
        assert_eq!(bodies, vec!["abc"; sent]);
    }
}

#[derive(Clone)]
struct Exchange(Pipeline);

impl TokenExchange for Exchange {
    async fn exchange(&self) -> Result<Token> {
        let call = self.0.call("parcels.login", Method::POST, "/login", &[]).idempotent().json_body("key");
        call.json::<String>().await.map(Token::new)
    }
}

fn with_tokens(script: &MockTransport, initial: Option<&str>) -> Result<Pipeline> {
    let parse_error = |status: http::StatusCode, headers: &http::HeaderMap, body: &[u8]| {
        let refusal = (SERVICE.parse_error)(status, headers, body)?;
        Some(if status.is_client_error() { refusal.of_credentials("the service refuses the key") } else { refusal })
    };
    let of_exchange = mft_common::provider::ServiceInfo { parse_error, ..SERVICE };
    let initial = initial.map(Token::new);
    Ok(settings(script.clone()).pipeline_with_tokens(SERVICE, of_exchange, &[BASE], initial, Exchange)?.0)
}

#[tokio::test(start_paused = true)]
async fn an_initial_token_is_used_until_it_is_rejected() {
    let token = r#""t2""#;
    let script =
        MockTransport::new().reply(200, &[], "1").reply(401, &[], "").reply(200, &[], token).reply(200, &[], "2");
    let pipeline = with_tokens(&script, Some("t1")).unwrap();
    for _ in 0..2 {
        pipeline.call("parcels.get", Method::GET, "/x", &[]).safe().json::<u8>().await.unwrap();
    }
    let authorizations: Vec<_> = script
        .calls()
        .iter()
        .map(|call| {
            let header = call.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
            (call.uri.path().to_owned(), header)
        })
        .collect();
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    let x = || "/v1/x".to_owned();
    assert_eq!(
        authorizations,
        [(x(), bearer("t1")), (x(), bearer("t1")), ("/v1/login".to_owned(), None), (x(), bearer("t2"))]
    );
}

#[tokio::test(start_paused = true)]
async fn rejected_credentials_differ_from_a_rejected_token() {
    for status in [400, 401, 403] {
        let script = MockTransport::new().reply(status, &[], "expired").repeat_last();
        let call = with_tokens(&script, None).unwrap().call("parcels.get", Method::GET, "/x", &[]).safe();
        let error = call.json::<u8>().await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone));
        assert_eq!(error.message(), Some("the service refuses the key: expired"));
        assert_eq!((error.operation(), script.calls().len()), (Some("parcels.get"), 1));
    }
    let error = with_tokens(&MockTransport::new(), Some("line\nend")).unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("initial_token"), "{error}");
}

//! Faults on the wire, and the journal.

use std::time::{Duration, Instant};

use crate::support::{End, call, connect, exchange_on, read_answer, request};
use mft_simulator::sftptogo::Simulator;
use mft_simulator::{Fault, FaultRule};

const CREATE: &str = "sftptogo.credentials.create";

async fn start() -> Simulator {
    Simulator::start().await.expect("a port is free")
}

/// The response and the effect of every fault on a creation.
#[tokio::test]
async fn responses_and_effects_of_faults() {
    let second = Duration::from_secs(1);
    let ms = Duration::from_millis;
    // fault, status on the wire, end, processed
    let cases: Vec<(Fault, u16, End, bool)> = vec![
        (Fault::status(503), 503, End::Complete, false),
        (Fault::status(503).after_processing(), 503, End::Complete, true),
        (Fault::unauthorized(), 401, End::Complete, false),
        (Fault::redirect(307, "http://127.0.0.1:1/x"), 307, End::Complete, false),
        (Fault::rate_limit(0, second), 429, End::Complete, false),
        (Fault::delay(ms(20)), 201, End::Complete, true),
        (Fault::delay(ms(20)).after_processing(), 201, End::Complete, true),
        (Fault::stall(), 0, End::Silent, false),
        (Fault::stall().after_processing(), 0, End::Silent, true),
        (Fault::reset(), 0, End::Reset, false),
        (Fault::reset().after_processing(), 0, End::Reset, true),
        (Fault::reset_mid_body(), 201, End::Reset, true),
        (Fault::truncated(), 201, End::Closed, true),
        (Fault::garbage(), 0, End::Closed, false),
        (Fault::raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), 200, End::Complete, false),
        (Fault::drip(100, ms(1)), 201, End::Complete, true),
        (Fault::close_after_response(), 201, End::Complete, true),
        (Fault::interim(103), 103, End::Closed, true),
        (Fault::html_page(), 201, End::Complete, true),
        (Fault::empty_list(), 201, End::Complete, true),
        (Fault::storage_error(), 201, End::Complete, true),
        (Fault::extra_keys(), 201, End::Complete, true),
        (Fault::status(500).body_of_size(100_000), 500, End::Complete, false),
        (Fault::many_headers(50, 100), 201, End::Complete, true),
        (Fault::status(204).body("unexpected"), 204, End::Complete, false),
        (Fault::status(304), 304, End::Complete, false),
        (Fault::status(102), 102, End::Closed, false),
    ];
    for (fault, status, end, processed) in cases {
        let simulator = start().await;
        let name = fault.to_string();
        simulator.faults().push(fault.on(CREATE));
        let answer = call(&simulator, "POST", "/users", "{}").await;
        assert_eq!((answer.status, answer.end), (status, end), "{name}: {answer:?}");

        let journal = simulator.journal();
        assert_eq!(journal.len(), 1, "{name}");
        assert_eq!(journal[0].processed, processed, "{name}");
        assert_eq!(journal[0].succeeded(), processed, "{name}");
        let created = simulator.state().credentials().len() - 1;
        assert_eq!(created, usize::from(processed), "{name}");
        assert!(journal[0].fault.is_some(), "{name}");
        let sent_status = journal[0].status.map_or(0, |status| status.as_u16());
        let by_service = [(103, 201), (200, 0)].into_iter().find(|(wire, _)| *wire == status);
        assert_eq!(sent_status, by_service.map_or(status, |(_, sent_status)| sent_status), "{name}");

        // The rule does not apply to the next operation.
        assert_eq!(call(&simulator, "GET", "/users", "").await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn truncated_bodies_keep_their_content_length() {
    let simulator = start().await;
    let complete = call(&simulator, "GET", "/users", "").await;
    simulator.faults().push(Fault::truncated());
    let truncated = call(&simulator, "GET", "/users", "").await;
    assert_eq!(truncated.header("content-length"), complete.header("content-length"));
    assert_eq!(truncated.body, complete.body[..complete.body.len() / 2]);
}

#[tokio::test]
async fn endless_bodies() {
    let simulator = start().await;
    simulator.faults().push(Fault::status(200).endless_body());
    let mut stream = connect(&simulator).await;
    let request = request(&simulator, "GET", "/users", "");
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut block = vec![0; 8 << 20];
    let read = tokio::io::AsyncReadExt::read_exact(&mut stream, &mut block).await;
    assert_eq!(read.ok(), Some(8 << 20));
    assert!(!String::from_utf8_lossy(&block[..300]).to_ascii_lowercase().contains("content-length"));
}

#[tokio::test]
async fn connections_close_after_a_response() {
    let simulator = start().await;
    simulator.faults().push(Fault::close_after_response().always().once());
    let mut stream = connect(&simulator).await;
    let request = request(&simulator, "GET", "/users", "");
    let first = exchange_on(&mut stream, &request).await.unwrap();
    assert_eq!((first.status, first.header("connection")), (200, None));
    assert_eq!(read_answer(&mut stream).await.end, End::Closed);
    assert_eq!(simulator.journal().len(), 1);
}

#[tokio::test]
async fn dripped_bodies_are_slow() {
    for (rule, pieces) in [("any:drip=100/20ms:body=123456789", 1), ("any:drip=2/20ms:body=123456789", 5)] {
        let simulator = start().await;
        simulator.faults().push(rule.parse::<FaultRule>().unwrap());
        let begin = Instant::now();
        let answer = call(&simulator, "GET", "/users", "").await;
        assert_eq!(answer.body, b"123456789", "{rule}");
        assert!(begin.elapsed() >= Duration::from_millis(20) * pieces, "{rule}");
    }
}

/// The calls, out of six, to which a rule applies.
#[tokio::test]
async fn rules_count_calls() {
    let cases = [
        ("sftptogo.credentials.list:status=503", "xxxxxx"),
        ("sftptogo.credentials.list:times=2:status=503", "xx...."),
        ("sftptogo.credentials.*:nth=3:status=503", "..x..."),
        ("any:skip=2:times=2:status=503", "..xx.."),
        ("any:skip=4:status=503", "....xx"),
        ("any:skip=1:nth=2:status=503", "..x..."),
        ("any:chance=1:status=503", "xxxxxx"),
        ("any:chance=0:status=503", "......"),
        ("any:rate-limit=2/1m:status=503", "..xxxx"),
        ("sftptogo.credentials.get:status=503", "......"),
    ];
    for (rule, expected) in cases {
        let simulator = start().await;
        simulator.faults().push(rule.parse::<FaultRule>().unwrap());
        let mut outcomes = String::new();
        for _ in 0..6 {
            let status = call(&simulator, "GET", "/users", "").await.status;
            outcomes.push(if status == 200 { '.' } else { 'x' });
        }
        assert_eq!(outcomes, expected, "{rule}");
    }
}

#[tokio::test]
async fn probabilities_depend_on_the_seed() {
    let mut runs = Vec::new();
    for (rule_seed, plan_seed) in [(None, 1), (None, 1), (None, 2), (Some(9), 1), (Some(9), 2)] {
        let simulator = Simulator::builder().seed(plan_seed).start().await.unwrap();
        let mut rule = Fault::status(503).always().chance(0.5);
        if let Some(seed) = rule_seed {
            rule = rule.seed(seed);
        }
        simulator.faults().push(rule);
        let mut run = Vec::new();
        for _ in 0..24 {
            run.push(call(&simulator, "GET", "/users", "").await.status);
        }
        assert!(run.contains(&200) && run.contains(&503), "{run:?}");
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    assert_eq!(runs[3], runs[4]);
}

#[tokio::test]
async fn rate_limits_end_with_their_window() {
    let simulator =
        Simulator::builder().frozen_clock().fault(Fault::rate_limit(1, Duration::from_secs(10))).start().await.unwrap();
    assert_eq!(call(&simulator, "GET", "/users", "").await.status, 200);
    simulator.advance(Duration::from_millis(6500));
    let refused = call(&simulator, "GET", "/users", "").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("4")));
    assert_eq!(refused.message(), "Too Many Requests");
    simulator.advance(Duration::from_millis(3500));
    assert_eq!(call(&simulator, "GET", "/users", "").await.status, 200);
}

#[tokio::test]
async fn several_faults_apply_to_one_call() {
    let simulator = start().await;
    let plan = simulator.faults();
    plan.push(Fault::extra_keys());
    plan.push(Fault::unknown_enums());
    plan.push(Fault::numbers_as_strings());
    plan.push(Fault::set_key("Alias", serde_json::Value::Null));
    plan.push(Fault::without_key("Host"));
    plan.push(Fault::status(503).always().nth(2));
    let list = call(&simulator, "GET", "/users", "").await.json();
    let root = &list[0];
    assert_eq!(root["Permission"], "not-yet-documented");
    assert!(root["CreatedAt"].as_str().is_some_and(|text| text.parse::<i64>().is_ok()));
    assert!(root["SimulatorExtra"].is_object() && root["Alias"].is_null());
    assert!(root.get("Host").is_none());
    assert_eq!(call(&simulator, "GET", "/users", "").await.status, 503);

    plan.outage();
    assert_eq!(call(&simulator, "GET", "/users", "").await.status, 503);
    plan.end_outage();
    assert_eq!(call(&simulator, "GET", "/users", "").await.status, 200);
    let outages = simulator.journal().iter().filter(|e| e.fault.as_deref() == Some("outage: status=503")).count();
    assert_eq!(outages, 1);
}

/// Processing continues if the client disconnects during a delay.
#[tokio::test]
async fn processing_continues_without_the_client() {
    let simulator = start().await;
    simulator.faults().push(Fault::delay(Duration::from_millis(60)).on(CREATE));
    let mut stream = connect(&simulator).await;
    let bytes = request(&simulator, "POST", "/users", "{}");
    tokio::io::AsyncWriteExt::write_all(&mut stream, bytes.as_bytes()).await.unwrap();
    while simulator.count(CREATE) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(simulator.count_processed(CREATE), 0);
    drop(stream);
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert_eq!(simulator.count_processed(CREATE), 1);
    assert_eq!(simulator.state().credentials().len(), 2);
}

#[tokio::test]
async fn rules_for_unknown_operations_are_rejected() {
    let simulator = start().await;
    let error = simulator.faults().try_push(Fault::stall().on("sftptogo.credential.create")).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"no operation is named "sftptogo.credential.create"; did you mean "sftptogo.credentials.create"?"#
    );
    let error = Simulator::builder().fault(Fault::stall().on("stook.*")).start().await.unwrap_err();
    assert!(error.to_string().starts_with("invalid fault rule: no operation is named"), "{error}");
}

#[tokio::test]
async fn the_journal_redacts_secrets() {
    let simulator = Simulator::builder().api_key("marker-key").start().await.unwrap();
    let body = r#"{"Password":"Marker-pass-1"}"#;
    assert_eq!(call(&simulator, "POST", "/users?token=marker-query", body).await.status, 201);
    let exchange = simulator.journal().remove(0);
    assert_eq!(exchange.json().unwrap()["Password"], "Marker-pass-1");
    assert_eq!(exchange.header("authorization"), Some("Bearer marker-key"));
    assert_eq!(exchange.query.as_deref(), Some("token=marker-query"));
    let output = format!("{exchange} {exchange:?} {simulator:?} {:?}", simulator.state());
    assert!(!output.to_lowercase().contains("marker-"), "{output}");
    let expected = format!("#1 POST /organizations/{}/users?token=… {CREATE} -> 201", simulator.organization_id());
    assert_eq!(exchange.to_string(), expected);
}

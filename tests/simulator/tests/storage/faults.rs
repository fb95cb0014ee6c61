//! Storage faults: before, during and after the request body, and in the response.

use std::time::{Duration, Instant};

use crate::support::storage::{Answer, End, GET, PUT, begin, connect, element, get, head, part_url, put, read_answer};
use crate::support::storage::{LONG, SHORT, read_answer_from, send, send_and_wait, small, start};
use mft_simulator::brickftp::Simulator;
use mft_simulator::{Fault, FaultRule, pattern};
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;

const MIB: usize = 1 << 20;

async fn upload_url(simulator: &Simulator) -> String {
    let (_, upload) = begin(simulator, "a").await;
    upload["upload_uri"].as_str().expect("a URL").to_owned()
}

fn stored(simulator: &Simulator) -> bool {
    !simulator.state().uploads()[0].parts.is_empty()
}

/// The response to a part upload, whether it was processed, and the minimum and maximum of received bytes.
#[tokio::test]
async fn part_upload_faults() {
    let ms = Duration::from_millis;
    let all = 8 * MIB as u64;
    // Sockets and hyper may have buffered more when a fault occurs.
    let near = |bytes: u64| (bytes, bytes + 2 * MIB as u64);
    let all_bytes = (all, all);
    for (fault, status, end, processed, (least, most)) in [
        (Fault::status(503), 503, End::Complete, false, all_bytes),
        (Fault::status(503).after_processing(), 503, End::Complete, true, all_bytes),
        (Fault::storage_code("SlowDown"), 503, End::Complete, false, all_bytes),
        (Fault::stall(), 0, End::Silent, false, all_bytes),
        (Fault::stall().after_processing(), 0, End::Silent, true, all_bytes),
        (Fault::reset(), 0, End::Reset, false, all_bytes),
        (Fault::reset().after_processing(), 0, End::Reset, true, all_bytes),
        (Fault::garbage(), 0, End::Closed, false, all_bytes),
        (Fault::delay(ms(20)), 200, End::Complete, true, all_bytes),
        (Fault::delay(ms(20)).after_processing(), 200, End::Complete, true, all_bytes),
        (Fault::wrong_etag(), 200, End::Complete, true, all_bytes),
        (Fault::removed_header("etag"), 200, End::Complete, true, all_bytes),
        (Fault::replaced_status(201), 201, End::Complete, true, all_bytes),
        (Fault::storage_error(), 200, End::Complete, true, all_bytes),
        (Fault::close_after_response(), 200, End::Complete, true, all_bytes),
        (Fault::expired_url(), 403, End::Complete, true, (0, 0)),
        (Fault::status(403).during_request(0), 403, End::Complete, false, (0, 0)),
        (Fault::status(403).during_request(3 << 20), 403, End::Complete, false, near(3 << 20)),
        (Fault::status(403).during_request(1 << 40), 403, End::Complete, false, all_bytes),
        (Fault::reset().during_request(1 << 20), 0, End::Reset, false, near(1 << 20)),
        (Fault::stall().during_request(1 << 20), 0, End::Silent, false, near(1 << 20)),
        (Fault::raw("HTTP/1.1 403 Forbidden\r\n\r\n").during_request(9), 403, End::Closed, false, near(9)),
    ] {
        let simulator = start(small()).await;
        let url = upload_url(&simulator).await;
        let name = fault.to_string();
        simulator.faults().push(fault.on(PUT));
        let (answer, writer) = put_in_background(&url, 8 * MIB, if end == End::Silent { SHORT } else { LONG }).await;
        assert_eq!((answer.status, answer.end), (status, end), "{name}: {answer:?}");
        // Without a response, poll until the body has arrived.
        let last_exchange = || simulator.journal().pop().unwrap();
        for _ in 0..3000 {
            if last_exchange().body_bytes >= least && last_exchange().processed == processed {
                break;
            }
            tokio::time::sleep(ms(10)).await;
        }
        writer.abort();
        let exchange = last_exchange();
        assert_eq!(exchange.processed, processed, "{name}");
        assert_eq!(stored(&simulator), exchange.succeeded(), "{name}");
        assert!((least..=most).contains(&exchange.body_bytes), "{name}: {}", exchange.body_bytes);
        assert!(exchange.fault.is_some(), "{name}");
        if answer.header("etag").is_some() {
            assert_eq!(answer.etag().ends_with("bad\""), name == Fault::wrong_etag().to_string(), "{name}");
        }
    }
}

/// Writes and reads concurrently, to receive an early response.
async fn put_in_background(url: &str, size: usize, read_timeout: Duration) -> (Answer, JoinHandle<()>) {
    let stream = connect(url).await;
    let head = head("PUT", url, &format!("Content-Length: {size}\r\n"));
    let (reading, mut writing) = stream.into_split();
    let writer = tokio::spawn(async move {
        let body = pattern(0, 0, size);
        // The server may stop reading, or reset the connection.
        let _ = writing.write_all(&[head.as_bytes(), &body].concat()).await;
        // The connection stays open: closing the write half would be another event.
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(writing);
    });
    let mut reading = reading;
    let answer = read_answer_from(&mut reading, false, read_timeout).await;
    (answer, writer)
}

/// A response before the end of the body is readable even if the client sends the complete body first.
#[tokio::test]
async fn early_responses_are_readable() {
    let simulator = start(small().upload_url_life(Duration::from_secs(1))).await;
    let url = upload_url(&simulator).await;
    simulator.advance(Duration::from_secs(2));
    for _ in 0..5 {
        let answer = put(&url, &pattern(0, 0, 20 * MIB)).await;
        assert_eq!((answer.status, answer.header("connection")), (403, Some("close")));
        assert_eq!(element(&answer.text(), "Message"), "Request has expired");
    }
}

#[tokio::test]
async fn download_faults() {
    let size = 3 * MIB;
    let content = pattern(4, 0, size);
    let ms = Duration::from_millis;
    let range = "Range: bytes=1000-2000999\r\n";
    let part = &content[1000..2_001_000];
    // fault, status, end, content range, error in the body
    for (fault, status, end, content_range, body) in [
        (Fault::truncated(), 206, End::Closed, "bytes 1000-2000999/3145728", "half"),
        (Fault::truncated_unsized(), 206, End::Closed, "bytes 1000-2000999/3145728", "half"),
        (Fault::reset_mid_body(), 206, End::Reset, "bytes 1000-2000999/3145728", "half at most"),
        (Fault::drip(500_000, ms(1)), 206, End::Complete, "bytes 1000-2000999/3145728", "right"),
        (Fault::close_after_response(), 206, End::Complete, "bytes 1000-2000999/3145728", "right"),
        (Fault::excess_body(), 206, End::Complete, "bytes 1000-2000999/3145728", "longer"),
        (Fault::corrupted(), 206, End::Complete, "bytes 1000-2000999/3145728", "one bit"),
        (Fault::changed_content(), 206, End::Complete, "bytes 1000-2000999/3145728", "other"),
        (Fault::shifted_content_range(), 206, End::Complete, "bytes 1001-2001000/3145728", "right"),
        (Fault::replaced_header("content-range", "bytes 0-1/2"), 206, End::Complete, "bytes 0-1/2", "right"),
        (Fault::removed_header("content-range"), 206, End::Complete, "", "right"),
        (Fault::ignored_header("range"), 200, End::Complete, "", "whole"),
        (Fault::replaced_status(200), 200, End::Complete, "bytes 1000-2000999/3145728", "right"),
        (Fault::storage_code("InternalError"), 500, End::Complete, "", "error"),
        (Fault::expired_url(), 403, End::Complete, "", "error"),
        (Fault::stall(), 0, End::Silent, "", "nothing"),
    ] {
        let simulator = start(small()).await;
        simulator.state().add_pattern_file("a", size as u64, 4);
        let url = simulator.state().download_url("a").unwrap();
        let name = fault.to_string();
        let etag = get(&url, "").await.etag();
        simulator.faults().push(fault.on(GET));
        let read_timeout = if end == End::Silent { SHORT } else { LONG };
        let answer = send_and_wait("GET", &url, range, b"", read_timeout).await;
        assert_eq!((answer.status, answer.end), (status, end), "{name}");
        assert_eq!(answer.header("content-range").unwrap_or_default(), content_range, "{name}");
        assert_eq!(answer.etag() != etag, matches!(body, "other" | "error" | "nothing"), "{name}");
        let received = &answer.body;
        let right = match body {
            "right" => received == part,
            "whole" => *received == content,
            "half" => *received == part[..1_000_000],
            "half at most" => part[..1_000_000].starts_with(received),
            "longer" => received.len() > part.len() && received.starts_with(part),
            "one bit" => received.iter().zip(part).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>() == 1,
            "other" => received.len() == part.len() && received != part,
            "error" => !answer.code().is_empty(),
            _ => received.is_empty(),
        };
        assert!(right, "{name}: {} bytes", received.len());
    }
}

#[tokio::test]
async fn conditions_detect_changed_content() {
    let simulator = start(small()).await;
    simulator.state().add_file("a", pattern(1, 0, 100));
    let url = simulator.state().download_url("a").unwrap();
    let if_match = format!("If-Match: {}\r\n", get(&url, "").await.etag());
    simulator.faults().push("any:skip=1:times=2:changed-content".parse::<FaultRule>().unwrap());
    assert_eq!(get(&url, &if_match).await.status, 200);
    assert_eq!(get(&url, &if_match).await.code(), "PreconditionFailed");
    simulator.faults().push("any:ignore-header=if-match".parse::<FaultRule>().unwrap());
    let spliced = get(&url, &if_match).await;
    assert_eq!((spliced.status, spliced.body == pattern(1, 0, 100)), (200, false));
    assert_eq!(get(&url, "If-Match: \"x\"\r\n").await.status, 200);
}

#[tokio::test]
async fn slow_connections() {
    let simulator = start(small()).await;
    let url = upload_url(&simulator).await;
    simulator.faults().push(Fault::slow_request(100_000, Duration::from_millis(10)).on(PUT));
    let begin = Instant::now();
    assert_eq!(put(&url, &vec![0; 1_000_000]).await.status, 200);
    assert!(begin.elapsed() >= Duration::from_millis(100));
}

/// Both origins share the fault plan and the journal. Connections are reused after an error.
#[tokio::test]
async fn connections_are_reused() {
    let simulator = start(small()).await;
    let (reference, upload) = begin(&simulator, "a").await;
    let first = upload["upload_uri"].as_str().unwrap().to_owned();
    let second = part_url(&simulator, "a", &reference, 2).await;
    simulator.faults().push(Fault::storage_code("RequestTimeout").on("brickftp.storage.*").once());
    let mut stream = connect(&first).await;
    for (url, status) in [(&first, 400), (&first, 200), (&second, 200)] {
        let request = format!("{}0123456789", head("PUT", url, "Content-Length: 10\r\n"));
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(read_answer(&mut stream, false).await.status, status);
    }
    let connections: Vec<_> = simulator.journal().iter().map(|exchange| exchange.connection).collect();
    assert_eq!(connections, [1, 2, 3, 3, 3]);
}

#[tokio::test]
async fn outages_affect_both_origins() {
    let simulator = start(small()).await;
    simulator.state().add_file("a", "abc");
    let url = simulator.state().download_url("a").unwrap();
    simulator.faults().outage();
    assert_eq!(get(&url, "").await.code(), "SlowDown");
    assert_eq!(send("HEAD", &url, "", b"").await.status, 503);
    assert_eq!(crate::support::storage::api(&simulator, "GET", "/folders", "").await.0, 503);
    simulator.faults().end_outage();
    assert_eq!(get(&url, "").await.body, b"abc");
}

//! ftpGrid transfers: downloads, archives and faults.

use std::time::Duration;

use crate::support::ftpgrid::{UPLOAD, form, form_headers, json, store, upload_url};
use crate::support::storage::{Answer, End, LONG, SHORT, connect, head, read_answer_from, send};
use mft_simulator::ftpgrid::{Builder, Simulator};
use mft_simulator::{Fault, pattern};
use serde_json::json;
use tokio::io::AsyncWriteExt;

const SINGLE: &str = "ftpgrid.storage.download_single";
const MULTI: &str = "ftpgrid.storage.download_multi";
const MIB: usize = 1 << 20;

async fn seeded(builder: Builder) -> Simulator {
    let simulator = builder.frozen_clock().start().await.unwrap();
    for (path, content) in [("/in/a b.txt", "test"), ("/in/é\"", "1"), ("/in/a+b", "plus"), ("/empty", "")] {
        simulator.state().add_file(path, content);
    }
    simulator
}

async fn single(simulator: &Simulator, query: &str) -> Answer {
    store(simulator, &format!("/download/single{query}"), "").await
}

async fn prepare(simulator: &Simulator, paths: &[&str]) -> String {
    let answer = store(simulator, "/download/prepare", &json!({ "Filelist": paths }).to_string()).await;
    json(&answer)["rslt"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

async fn multi(simulator: &Simulator, id: &str) -> Answer {
    store(simulator, &format!("/download/multi?id={id}"), "").await
}

#[tokio::test]
async fn single_files() {
    let simulator = seeded(Simulator::builder()).await;
    for (query, status, body, kind, disposition) in [
        ("?path=/in/a%20b.txt", 200, "test", "text/plain; charset=utf-8", "inline; filename=\"a b.txt\""),
        ("?x=1&path=%2Fin%2F%C3%A9%22", 200, "1", "application/octet-stream", "inline; filename=\"é\\\"\""),
        ("?path=in//a%2Bb", 200, "plus", "application/octet-stream", "inline; filename=\"a+b\""),
        ("?path=/in/a+b", 200, "plus", "application/octet-stream", "inline; filename=\"a+b\""),
        ("?path=/empty", 200, "", "application/octet-stream", "inline; filename=\"empty\""),
        ("?path=/in/a+b.txt", 404, "", "", ""),
        ("?path=/in", 404, "", "", ""),
        ("?path=/no", 404, "", "", ""),
        ("?path=/in/../empty", 400, "", "", ""),
        ("?path=%FF", 400, "", "", ""),
        ("?path=", 400, "", "", ""),
        ("", 400, "", "", ""),
    ] {
        let answer = single(&simulator, query).await;
        assert_eq!(answer.status, status, "{query}");
        if status == 200 {
            assert_eq!((answer.text().as_str(), answer.header("content-type")), (body, Some(kind)), "{query}");
            assert_eq!(answer.header("content-disposition"), Some(disposition), "{query}");
            assert_eq!(answer.header("content-length"), Some(body.len().to_string().as_str()), "{query}");
        }
    }
    let extended = seeded(Simulator::builder().extended_file_names()).await;
    let answer = single(&extended, "?path=/in/%C3%A9%22").await;
    let disposition = "inline; filename=\"_\\\"\"; filename*=UTF-8''%C3%A9%22";
    assert_eq!(answer.header("content-disposition"), Some(disposition));
}

#[tokio::test]
async fn prepared_downloads() {
    let simulator = seeded(Simulator::builder()).await;
    let id = prepare(&simulator, &["/in/a b.txt"]).await;
    for _ in 0..2 {
        let answer = multi(&simulator, &id).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, "test"));
        assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"a b.txt\""));
    }
    let id = prepare(&simulator, &["/in/a b.txt", "empty", "/in/é\""]).await;
    let answer = multi(&simulator, &id).await;
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"ftpgrid_download.zip\""));
    let entries = unzip(&answer.body);
    let expected = [("in/a b.txt", "test"), ("empty", ""), ("in/é\"", "1")];
    assert_eq!(entries, expected.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec())));

    simulator.state().remove_entry("/empty");
    assert_eq!(multi(&simulator, &id).await.status, 404);
    for (body, status) in [
        (json!({ "Filelist": ["/in/a b.txt", "/no"] }), 404),
        (json!({ "Filelist": ["/in"] }), 404),
        (json!({ "Filelist": [] }), 400),
        (json!({ "Filelist": ["/.."] }), 400),
        (json!({}), 400),
    ] {
        assert_eq!(store(&simulator, "/download/prepare", &body.to_string()).await.status, status, "{body}");
    }
    let id = prepare(&simulator, &["/in/a b.txt"]).await;
    simulator.advance(Duration::from_secs(300));
    for id in [id.as_str(), "0a1b2c3d4e5f", ""] {
        assert_eq!(multi(&simulator, id).await.status, 404);
    }
    let id = prepare(&simulator, &["/in/a b.txt"]).await;
    simulator.faults().push(Fault::expired_url().on(MULTI).once());
    simulator.faults().push(Fault::changed_content().on(MULTI).nth(2));
    assert_eq!(multi(&simulator, &id).await.status, 404);
    assert_ne!(multi(&simulator, &id).await.text(), "test");
    assert_eq!(multi(&simulator, &id).await.text(), "test");
    let once = seeded(Simulator::builder().single_use_download_ids()).await;
    let id = prepare(&once, &["/in/a b.txt"]).await;
    assert_eq!((multi(&once, &id).await.status, multi(&once, &id).await.status), (200, 404));
}

/// Reads names and contents from the central directory of an archive, and verifies its checksums.
fn unzip(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |at: usize, bytes: usize| {
        archive[at..at + bytes].iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let end = archive.len() - 22;
    assert_eq!(&archive[end..end + 4], b"PK\x05\x06");
    let mut at = number(end + 16, 4);
    assert_eq!(at + number(end + 12, 4), end);
    let mut entries = Vec::new();
    for _ in 0..number(end + 10, 2) {
        assert_eq!(&archive[at..at + 4], b"PK\x01\x02");
        let (size, name, local) = (number(at + 20, 4), number(at + 28, 2), number(at + 42, 4));
        // The local header has the same flags, checksums and sizes.
        assert_eq!(archive[local + 4..local + 30], archive[at + 6..at + 32]);
        let start = local + 30 + name;
        let content = archive[start..start + size].to_vec();
        assert_eq!(number(at + 16, 4), crc32fast::hash(&content) as usize);
        entries.push((String::from_utf8(archive[at + 46..at + 46 + name].to_vec()).unwrap(), content));
        at += 46 + name;
    }
    entries
}

/// The response to an upload, whether it was processed, and the minimum and maximum of received bytes.
#[tokio::test]
async fn upload_faults() {
    let parts = form(&[(r#"name="f1"; filename="a""#, &pattern(0, 0, 8 * MIB))]);
    let near = |bytes: usize| (bytes, bytes + 2 * MIB);
    let all_bytes = (parts.len(), parts.len());
    for (fault, status, end, processed, (least, most)) in [
        (Fault::status(503), 503, End::Complete, false, all_bytes),
        (Fault::status(503).after_processing(), 503, End::Complete, true, all_bytes),
        (Fault::stall().after_processing(), 0, End::Silent, true, all_bytes),
        (Fault::reset(), 0, End::Reset, false, all_bytes),
        (Fault::reset().after_processing(), 0, End::Reset, true, all_bytes),
        (Fault::delay(Duration::from_millis(20)), 200, End::Complete, true, all_bytes),
        (Fault::replaced_body(r#"{"rslt":"ERROR"}"#), 200, End::Complete, true, all_bytes),
        (Fault::unauthorized().during_request(0), 401, End::Complete, false, (0, 0)),
        (Fault::status(403).during_request(3 << 20), 403, End::Complete, false, near(3 * MIB)),
        (Fault::reset().during_request(1 << 20), 0, End::Reset, false, near(MIB)),
        (Fault::stall().during_request(1 << 20), 0, End::Silent, false, near(MIB)),
    ] {
        let simulator = Simulator::start().await.unwrap();
        let name = fault.to_string();
        simulator.faults().push(fault.on(UPLOAD));
        let headers = format!("{}Content-Length: {}\r\n", form_headers(&simulator), parts.len());
        let request = [head("POST", &upload_url(&simulator), &headers).as_bytes(), &parts].concat();
        let (mut reading, mut writing) = connect(&upload_url(&simulator)).await.into_split();
        let writer = tokio::spawn(async move {
            // The server may stop reading, or reset the connection.
            let _ = writing.write_all(&request).await;
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(writing);
        });
        let read_timeout = if end == End::Silent { SHORT } else { LONG };
        let answer = read_answer_from(&mut reading, false, read_timeout).await;
        assert_eq!((answer.status, answer.end), (status, end), "{name}: {answer:?}");
        let last_exchange = || simulator.journal().pop().unwrap();
        for _ in 0..3000 {
            if last_exchange().body_bytes >= least as u64 && last_exchange().processed == processed {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        writer.abort();
        let exchange = last_exchange();
        assert_eq!(
            (exchange.processed, simulator.state().files().len()),
            (processed, usize::from(processed)),
            "{name}"
        );
        assert!((least as u64..=most as u64).contains(&exchange.body_bytes), "{name}: {}", exchange.body_bytes);
    }
}

#[tokio::test]
async fn incomplete_uploads_are_not_stored() {
    let simulator = Simulator::start().await.unwrap();
    let parts = form(&[(r#"name="f1"; filename="a""#, b"content")]);
    let headers = format!("{}Content-Length: {}\r\n", form_headers(&simulator), parts.len() + 1);
    let mut stream = connect(&upload_url(&simulator)).await;
    stream.write_all(head("POST", &upload_url(&simulator), &headers).as_bytes()).await.unwrap();
    stream.write_all(&parts).await.unwrap();
    drop(stream);
    let refused = Simulator::builder().max_upload_size(100).start().await.unwrap();
    for (simulator, headers, status) in
        [(&simulator, String::from("Authorization: Bearer stale\r\n"), 401), (&refused, form_headers(&refused), 413)]
    {
        // The response arrives although no body was sent.
        let mut stream = connect(&upload_url(simulator)).await;
        let headers = format!("{headers}Content-Length: 1073741824\r\n");
        stream.write_all(head("POST", &upload_url(simulator), &headers).as_bytes()).await.unwrap();
        assert_eq!(read_answer_from(&mut stream, false, LONG).await.status, status);
    }
    assert!(simulator.state().files().is_empty() && refused.state().files().is_empty());
    assert_eq!(simulator.count_processed(UPLOAD), 1);
}

#[tokio::test]
async fn download_faults() {
    let expected = pattern(7, 0, 3 * MIB);
    for builder in [Simulator::builder(), Simulator::builder().chunked_downloads()] {
        let simulator = builder.start().await.unwrap();
        simulator.state().add_pattern_file("/a", 3 << 20, 7);
        let id = prepare(&simulator, &["/a"]).await;
        for (operation, path) in
            [(SINGLE, "/download/single?path=/a".to_owned()), (MULTI, format!("/download/multi?id={id}"))]
        {
            for (fault, end, least) in [
                (None, End::Closed, expected.len()),
                (Some(Fault::truncated()), End::Closed, expected.len() / 2),
                (Some(Fault::reset_mid_body()), End::Reset, 0),
                (Some(Fault::truncated_unsized()), End::Closed, expected.len() / 2),
                (Some(Fault::status(503)), End::Closed, 0),
            ] {
                simulator.faults().clear();
                let name = format!("{operation} {fault:?}");
                if let Some(fault) = fault {
                    simulator.faults().push(fault.on(operation));
                }
                let headers = format!("{}Connection: close\r\n", crate::support::ftpgrid::headers(&simulator));
                let url = format!("{}/api{path}", simulator.storage_url());
                let mut stream = connect(&url).await;
                stream.write_all(head("POST", &url, &headers).as_bytes()).await.unwrap();
                let answer = read_answer_from(&mut stream, false, LONG).await;
                let chunked = answer.header("transfer-encoding") == Some("chunked");
                let (body, complete) = if chunked { unchunk(&answer.body) } else { (answer.body.clone(), true) };
                let is_expected = answer.end == End::Complete || answer.end == end;
                assert!(is_expected && body.len() >= least, "{name}: {:?} {} {}", answer.end, body.len(), answer.head);
                if answer.status == 200 && end != End::Reset {
                    assert!(body == expected[..least], "{name}");
                    assert_eq!(complete, !chunked || least == expected.len(), "{name}");
                }
            }
        }
    }
}

/// Decodes a chunked body. Returns whether it was complete.
fn unchunk(mut body: &[u8]) -> (Vec<u8>, bool) {
    let mut content = Vec::new();
    while let Some(at) = body.windows(2).position(|two| two == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&body[..at]).unwrap(), 16).unwrap();
        if size == 0 {
            return (content, true);
        }
        content.extend_from_slice(&body[at + 2..at + 2 + size]);
        body = &body[at + 4 + size..];
    }
    (content, false)
}

#[tokio::test]
async fn content_above_the_memory_limit_goes_to_files() {
    let folder = std::env::temp_dir().join(format!("mft-simulator-ftpgrid-{}", std::process::id()));
    let simulator = Simulator::builder().memory_limit(1 << 20).data_folder(&folder).start().await.unwrap();
    let (one, two) = (pattern(1, 0, 5 * MIB), pattern(2, 0, 3 * MIB));
    let parts = form(&[(r#"name="1"; filename="1""#, &one), (r#"name="2"; filename="2""#, &two)]);
    assert_eq!(send("POST", &upload_url(&simulator), &form_headers(&simulator), &parts).await.status, 200);
    assert!(simulator.peak_resident_bytes() <= 1 << 20);
    assert!(simulator.state().content("/1").unwrap() == one && simulator.state().content("/2").unwrap() == two);
    let id = prepare(&simulator, &["/1", "/2"]).await;
    assert!(unzip(&multi(&simulator, &id).await.body) == [("1".to_owned(), one.clone()), ("2".to_owned(), two)]);
    let stored = simulator.state().file("/1").unwrap();
    assert_eq!((stored.size, stored.crc32), (5 << 20, Some(format!("{:08x}", crc32fast::hash(&one)))));
    simulator.shutdown().await;
    // The files are removed when the last listener task ends.
    for _ in 0..500 {
        if std::fs::remove_dir(&folder).is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("files are left");
}

//! Storage downloads: ranges, conditions, names and expiry.

use std::time::Duration;

use crate::support::storage::{element, get, md5_hex, send, small, start};
use mft_simulator::brickftp::Simulator;
use mft_simulator::{DownloadUrls, StorageSettings, pattern};

fn url(simulator: &Simulator, path: &str) -> String {
    simulator.state().download_url(path).expect("the file is there")
}

#[tokio::test]
async fn whole_files_and_their_headers() {
    let simulator = start(small().start_time_ms(1_525_256_100_123)).await;
    let content = pattern(9, 0, 700_001);
    simulator.state().add_file("Staff/a b.txt", content.clone());
    simulator.state().add_pattern_file("Résumé.txt", 700_001, 9);
    let etag = format!("\"{}\"", md5_hex(&content));
    for (path, disposition) in [
        ("Staff/a b.txt", r#"attachment; filename="a b.txt""#),
        ("Résumé.txt", "attachment; filename=\"R_sum_.txt\"; filename*=UTF-8''R%C3%A9sum%C3%A9.txt"),
    ] {
        let url = url(&simulator, path);
        let answer = get(&url, "").await;
        assert_eq!(answer.status, 200);
        assert!(answer.body == content, "{path}");
        if path.starts_with("Staff") {
            assert_eq!(answer.etag(), etag);
        }
        for (name, value) in [
            ("content-length", "700001"),
            ("accept-ranges", "bytes"),
            ("content-type", "application/octet-stream"),
            ("last-modified", "Wed, 02 May 2018 10:15:00 GMT"),
            ("content-disposition", disposition),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let head = send("HEAD", &url, "", b"").await;
        assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("700001"), 0));
        assert_eq!((head.etag(), head.header("content-disposition")), (answer.etag(), Some(disposition)));
    }
}

#[tokio::test]
async fn ranges_and_conditions() {
    let simulator = start(small().start_time_ms(1_525_256_100_000)).await;
    let content = pattern(9, 0, 1000);
    simulator.state().add_file("a", content.clone());
    simulator.state().add_file("empty", "");
    let (url, empty) = (url(&simulator, "a"), url(&simulator, "empty"));
    let etag = get(&url, "").await.etag();
    let date = "Wed, 02 May 2018 10:15:00 GMT";
    let if_match = |tag: &str| format!("If-Match: {tag}\r\nRange: bytes=0-1\r\n");
    let if_range = |tag: &str| format!("If-Range: {tag}\r\nRange: bytes=0-1\r\n");
    let if_none = |tag: &str| format!("If-None-Match: {tag}\r\n");
    let range = |range: &str| format!("Range: bytes={range}\r\n");
    // headers, status, content range, bytes
    for (headers, status, content_range, bytes) in [
        (range("0-0"), 206, Some("bytes 0-0/1000"), &content[..1]),
        (range("990-"), 206, Some("bytes 990-999/1000"), &content[990..]),
        (range("990-2000"), 206, Some("bytes 990-999/1000"), &content[990..]),
        (range("-1"), 206, Some("bytes 999-999/1000"), &content[999..]),
        (range("1000-"), 416, Some("bytes */1000"), b""),
        (range("0-1,5-6"), 200, None, &content),
        (range("5-1"), 200, None, &content),
        (if_match(&etag), 206, Some("bytes 0-1/1000"), &content[..2]),
        (if_match("*"), 206, Some("bytes 0-1/1000"), &content[..2]),
        (if_match(&format!("\"x\", {etag}")), 206, Some("bytes 0-1/1000"), &content[..2]),
        (if_match("\"x\""), 412, None, b""),
        (if_range(&etag), 206, Some("bytes 0-1/1000"), &content[..2]),
        (if_range(date), 206, Some("bytes 0-1/1000"), &content[..2]),
        (if_range("\"x\""), 200, None, &content),
        (if_none(&etag), 304, None, b""),
        (if_none("\"x\""), 200, None, &content),
    ] {
        let answer = get(&url, &headers).await;
        assert_eq!((answer.status, answer.header("content-range")), (status, content_range), "{headers}");
        if status < 300 {
            assert_eq!(answer.body, bytes, "{headers}");
        }
        let code = match status {
            412 => "PreconditionFailed",
            416 => "InvalidRange",
            _ => "",
        };
        assert_eq!(answer.code(), code, "{headers}");
        let head = send("HEAD", &url, &headers, b"").await;
        assert_eq!((head.status, head.header("content-range")), (status, content_range), "HEAD {headers}");
    }
    assert_eq!(element(&get(&url, &range("1000-")).await.text(), "ActualObjectSize"), "1000");
    assert_eq!(get(&empty, "").await.header("content-length"), Some("0"));
    assert_eq!(get(&empty, &range("0-")).await.status, 416);
}

#[tokio::test]
async fn both_url_styles_expire_and_are_signed() {
    for style in [DownloadUrls::ExpiresSeconds, DownloadUrls::DateAndLife] {
        let settings = StorageSettings::new().download_urls(style);
        let builder = Simulator::builder().storage(settings).frozen_clock().start_time_ms(1_525_256_100_000);
        let simulator = start(builder.download_url_life(Duration::from_secs(60))).await;
        simulator.state().add_file("a+b 'c'.txt", "abc");
        let url = url(&simulator, "a+b 'c'.txt");
        let (parameter, changed) = match style {
            DownloadUrls::ExpiresSeconds => ("&Expires=1525256160&", "&Expires=1525256161&"),
            _ => ("&X-Amz-Date=20180502T101500Z&X-Amz-Expires=60&", "&X-Amz-Date=20180502T101500Z&X-Amz-Expires=61&"),
        };
        assert!(url.contains(parameter), "{url}");
        assert_eq!(get(&url.replace(parameter, changed), "").await.code(), "SignatureDoesNotMatch");
        // An equivalent encoding breaks the signature too.
        assert_eq!(get(&url.replace("%20", "+"), "").await.code(), "SignatureDoesNotMatch");
        assert_eq!(put_with(&url).await, "SignatureDoesNotMatch");
        simulator.advance(Duration::from_secs(59));
        let answer = get(&url, "").await;
        assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"a+b 'c'.txt\""));
        simulator.advance(Duration::from_secs(1));
        let expired = get(&url, "").await;
        assert_eq!((expired.status, expired.code().as_str()), (403, "AccessDenied"));
        assert_eq!(element(&expired.text(), "Message"), "Request has expired");
        assert_eq!(element(&expired.text(), "ServerTime"), "2018-05-02T10:16:00Z");
    }
}

async fn put_with(url: &str) -> String {
    send("PUT", url, "", b"x").await.code()
}

#[tokio::test]
async fn paths_are_signed_unchanged() {
    let settings = StorageSettings::new().key_prefix("it's/./x/../");
    let simulator = start(Simulator::builder().storage(settings)).await;
    simulator.state().add_file("a", "abc");
    let url = url(&simulator, "a");
    assert!(url.contains("/o/it's/./x/../"), "{url}");
    assert_eq!(get(&url, "").await.body, b"abc");
    for (given, written) in [("it's", "it%27s"), ("/./", "/"), ("/x/..", "")] {
        assert_eq!(get(&url.replace(given, written), "").await.code(), "SignatureDoesNotMatch");
    }
}

#[tokio::test]
async fn deleted_files_return_no_such_key() {
    let simulator = start(small()).await;
    simulator.state().add_file("a", "abc");
    let url = url(&simulator, "a");
    simulator.state().remove_entry("a");
    let answer = get(&url, "").await;
    assert_eq!((answer.status, answer.code().as_str()), (404, "NoSuchKey"));
}

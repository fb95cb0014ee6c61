//! Storage uploads: validation, stored parts and responses.

use std::time::Duration;

use crate::support::storage::{
    Answer, End, PUT, api, begin, complete, connect, element, head, md5_hex, part_url, put, read_answer,
};
use crate::support::storage::{send, small, start};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};
use mft_simulator::StorageSettings;
use mft_simulator::brickftp::{Simulator, UploadForm};
use mft_simulator::{PartEtags, pattern};
use tokio::io::AsyncWriteExt;

fn uri(upload: &serde_json::Value) -> String {
    upload["upload_uri"].as_str().expect("a URL").to_owned()
}

#[tokio::test]
async fn parts_become_a_file() {
    let simulator = start(small()).await;
    let (reference, upload) = begin(&simulator, "in/a.bin").await;
    let content = pattern(1, 0, 25);
    // In any order, with one part sent twice: the last one is used.
    let second = part_url(&simulator, "in/a.bin", &reference, 2).await;
    let third = part_url(&simulator, "in/a.bin", &reference, 3).await;
    for (url, bytes) in [
        (&third, &content[20..]),
        (&second, &b"another one"[..]),
        (&uri(&upload), &content[..10]),
        (&second, &content[10..20]),
    ] {
        let answer = put(url, bytes).await;
        assert_eq!((answer.status, answer.body.len()), (200, 0), "{}", answer.text());
        assert_eq!(answer.etag(), format!("\"{}\"", md5_hex(bytes)));
        assert!(answer.header("x-amz-request-id").is_some());
    }
    assert_eq!(simulator.state().uploads()[0].parts, [(1, 10), (2, 10), (3, 5)]);
    let (status, file) = complete(&simulator, "in/a.bin", &reference).await;
    assert_eq!((status, &file["size"]), (200, &25.into()), "{file}");
    assert_eq!(simulator.state().content("in/a.bin").unwrap(), content);
    let (_, file) = api(&simulator, "GET", "/files/in/a.bin?action=stat", "").await;
    assert_eq!(file["md5"], md5_hex(&content));
    assert_eq!(file["crc32"], format!("{:08x}", crc32fast::hash(&content)));

    // The journal has the sizes and checksums of the bodies, but not their bytes.
    let exchanges: Vec<_> = simulator.journal().into_iter().filter(|entry| entry.operation == Some(PUT)).collect();
    let third = &exchanges[0];
    assert_eq!((third.body_bytes, third.body_crc32), (5, Some(crc32fast::hash(&content[20..]))));
    assert!(third.body.is_empty() && third.succeeded());
    // The upload no longer exists.
    assert_eq!(put(&second, b"late").await.code(), "NoSuchUpload");
}

/// Every reason to reject a part, and its error document.
#[tokio::test]
async fn rejected_requests() {
    let settings = StorageSettings::new().max_part_size(100).max_parts(5);
    let simulator = start(Simulator::builder().storage(settings).available_parts(9).frozen_clock()).await;
    let (reference, upload) = begin(&simulator, "a").await;
    let url = uri(&upload);
    let sixth = part_url(&simulator, "a", &reference, 6).await;
    let large = vec![b'x'; 101];
    let digest = |bytes: &[u8]| format!("Content-MD5: {}\r\n", BASE64.encode(Md5::digest(bytes)));
    let other_part = url.replace("partNumber=1", "partNumber=2");
    let bare = url.split_once('?').unwrap().0;
    let reordered = {
        let (path, query) = url.split_once('?').unwrap();
        let mut pairs: Vec<_> = query.split('&').collect();
        pairs.swap(0, 1);
        format!("{path}?{}", pairs.join("&"))
    };
    for (method, url, headers, body, status, code) in [
        ("PUT", url.as_str(), digest(b"x"), &b"x"[..], 200, ""),
        ("PUT", &url, String::new(), &large, 400, "EntityTooLarge"),
        ("PUT", &url, digest(b"y"), b"x", 400, "BadDigest"),
        ("PUT", &url, "Content-MD5: short\r\n".into(), b"x", 400, "InvalidDigest"),
        ("PUT", &sixth, String::new(), b"x", 400, "InvalidArgument"),
        ("PUT", &other_part, String::new(), b"x", 403, "SignatureDoesNotMatch"),
        ("PUT", &reordered, String::new(), b"x", 403, "SignatureDoesNotMatch"),
        ("PUT", &url.replace("%2F", "/"), String::new(), b"x", 403, "SignatureDoesNotMatch"),
        ("PUT", &format!("{url}&x=1"), String::new(), b"x", 403, "SignatureDoesNotMatch"),
        ("PUT", &url.replace("/o/", "/O/"), String::new(), b"x", 403, "SignatureDoesNotMatch"),
        ("PUT", bare, String::new(), b"x", 403, "AccessDenied"),
        ("POST", &url, String::new(), b"x", 403, "SignatureDoesNotMatch"),
        ("GET", &url, String::new(), b"", 403, "SignatureDoesNotMatch"),
        ("DELETE", &url, String::new(), b"", 405, "MethodNotAllowed"),
        // The storage ignores API credentials.
        ("PUT", &url, "Authorization: Basic eDp4\r\nCookie: BrickAPI=1\r\n".into(), b"x", 200, ""),
    ] {
        let answer = send(method, url, &headers, body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {url} {headers}");
        let refused = status != 200;
        assert_eq!(answer.header("content-type"), refused.then_some("application/xml"));
        assert_eq!(!element(&answer.text(), "RequestId").is_empty(), refused);
    }
    let with_credentials = simulator.journal().pop().unwrap();
    assert_eq!(with_credentials.header("cookie"), Some("BrickAPI=1"));
    // Rejected parts are not stored.
    assert_eq!(simulator.state().uploads()[0].parts, [(1, 1)]);
}

#[tokio::test]
async fn the_content_length_is_required() {
    let simulator = start(small()).await;
    let (_, upload) = begin(&simulator, "a").await;
    let url = uri(&upload);
    for (headers, body, status, code) in [
        ("Transfer-Encoding: chunked\r\n", "1\r\nx\r\n0\r\n\r\n", 501, "NotImplemented"),
        ("", "", 411, "MissingContentLength"),
        ("Content-Length: 0\r\n", "", 200, ""),
    ] {
        let mut stream = connect(&url).await;
        stream.write_all(format!("{}{body}", head("PUT", &url, headers)).as_bytes()).await.unwrap();
        let answer = read_answer(&mut stream, false).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
    }
    // An incomplete body is not stored.
    let mut stream = connect(&url).await;
    let request = format!("{}half", head("PUT", &url, "Content-Length: 8\r\n"));
    stream.write_all(request.as_bytes()).await.unwrap();
    while simulator.journal().len() < 5 {
        tokio::task::yield_now().await;
    }
    drop(stream);
    let broken = loop {
        let last = simulator.journal().pop().unwrap();
        if last.body_bytes > 0 {
            break last;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!((broken.body_bytes, broken.processed, broken.status), (4, false, None));
    assert_eq!(simulator.state().uploads()[0].parts, [(1, 0)]);
}

#[tokio::test]
async fn urls_expire_by_the_simulated_clock() {
    let simulator = start(small().upload_url_life(Duration::from_secs(180))).await;
    let (reference, upload) = begin(&simulator, "a").await;
    let old = uri(&upload);
    assert!(old.contains("&X-Amz-Expires=180&"));
    simulator.advance(Duration::from_secs(179));
    assert_eq!(put(&old, b"x").await.status, 200);
    simulator.advance(Duration::from_secs(1));
    let expired = put(&old, b"x").await;
    assert_eq!((expired.status, expired.code().as_str()), (403, "AccessDenied"));
    assert_eq!(element(&expired.text(), "Message"), "Request has expired");
    let fresh = part_url(&simulator, "a", &reference, 1).await;
    assert_eq!(put(&fresh, b"x").await.status, 200);
}

/// Uploads that cannot be completed stay open.
#[tokio::test]
async fn incomplete_uploads_are_rejected() {
    for (parts, outcome) in [
        (&[(1, 0)][..], 200),
        (&[(1, 3)], 200),
        (&[(1, 10), (2, 10), (3, 1)], 200),
        (&[], 422),
        (&[(2, 10)], 422),
        (&[(1, 10), (3, 10)], 422),
        (&[(1, 9), (2, 10)], 422),
    ] {
        let simulator = start(small()).await;
        let (reference, _) = begin(&simulator, "a").await;
        for (number, size) in parts {
            let url = part_url(&simulator, "a", &reference, *number).await;
            assert_eq!(put(&url, &vec![b'x'; *size]).await.status, 200);
        }
        let (status, answer) = complete(&simulator, "a", &reference).await;
        assert_eq!(status, outcome, "{parts:?}: {answer}");
        assert_eq!(simulator.state().uploads().is_empty(), outcome == 200);
        assert_eq!(simulator.state().entry("a").is_some(), outcome == 200);
    }
}

#[tokio::test]
async fn etag_settings() {
    let md5 = md5_hex(b"x");
    for (settings, kind) in [
        (StorageSettings::new(), "md5"),
        (StorageSettings::new().part_etags(PartEtags::Opaque), "opaque"),
        (StorageSettings::new().without_checksums(), "opaque"),
        (StorageSettings::new().part_etags(PartEtags::Absent), "absent"),
    ] {
        let simulator = start(Simulator::builder().storage(settings)).await;
        let (_, upload) = begin(&simulator, "a").await;
        let answer = put(&uri(&upload), b"x").await;
        let etag_kind = match answer.header("etag") {
            None => "absent",
            Some(etag) if etag.trim_matches('"') == md5 => "md5",
            Some(etag) if etag.trim_matches('"').len() == 34 && etag.ends_with("-1\"") => "opaque",
            Some(other) => panic!("{other}"),
        };
        assert_eq!((answer.status, etag_kind), (200, kind));
    }
}

/// Builds a form from an upload object, as a client does.
async fn post_form(upload: &serde_json::Value, change: impl Fn(&str, &str) -> Option<String>, file: &[u8]) -> Answer {
    let mut form = Vec::new();
    for (name, value) in upload["parameters"].as_object().expect("fields") {
        if let Some(value) = change(name, value.as_str().expect("a text")) {
            form.extend(format!("--b0\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
    }
    form.extend(b"--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n");
    form.extend_from_slice(file);
    form.extend(b"\r\n--b0--\r\n");
    send("POST", &uri(upload), "Content-Type: multipart/form-data; boundary=b0\r\n", &form).await
}

#[tokio::test]
async fn parts_as_forms() {
    let simulator = start(small().upload_form(UploadForm::FormPart).upload_url_life(Duration::from_secs(60))).await;
    let (reference, upload) = begin(&simulator, "a").await;
    let as_given = |_: &str, value: &str| Some(value.to_owned());
    // Large enough for many chunks.
    let content = pattern(3, 0, 3_000_000);
    let answer = post_form(&upload, as_given, &content).await;
    assert_eq!((answer.status, answer.etag()), (200, format!("\"{}\"", md5_hex(&content))), "{}", answer.text());
    for (field, value, status, code) in [
        ("partNumber", Some("2"), 403, "AccessDenied"),
        ("uploadId", Some("other"), 403, "AccessDenied"),
        ("policy", None, 403, "AccessDenied"),
        ("policy", Some("e30="), 403, "SignatureDoesNotMatch"),
        ("x-amz-signature", Some("00"), 403, "SignatureDoesNotMatch"),
        ("x-amz-date", None, 200, ""),
    ] {
        let change = |name: &str, given: &str| match name {
            _ if name == field => value.map(ToOwned::to_owned),
            _ => Some(given.to_owned()),
        };
        let answer = post_form(&upload, change, &content).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{field} {value:?}");
    }
    let no_form = send("POST", &uri(&upload), "Content-Type: text/plain\r\n", b"x").await;
    assert_eq!(no_form.code(), "MalformedPOSTRequest");
    simulator.advance(Duration::from_secs(60));
    let late = post_form(&upload, as_given, b"x").await;
    assert_eq!((late.status, element(&late.text(), "Message").contains("expired")), (403, true));
    assert_eq!(complete(&simulator, "a", &reference).await.0, 200);
    assert_eq!(simulator.state().content("a").unwrap(), content);
}

#[tokio::test]
async fn form_status_settings() {
    for (set, status) in [(200, 200), (201, 201), (204, 204), (999, 204)] {
        let settings = StorageSettings::new().form_status(set);
        let simulator = start(Simulator::builder().storage(settings).upload_form(UploadForm::FormFile)).await;
        let (_, upload) = begin(&simulator, "a").await;
        let answer = post_form(&upload, |_, value| Some(value.to_owned()), b"x").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.text().contains("<PostResponse>"), status == 201);
        assert_eq!(answer.end, End::Complete);
    }
}

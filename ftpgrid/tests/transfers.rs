//! Uploads as one form and downloads in one response.

mod support;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use ftpgrid::transfer::Source;
use ftpgrid::{Client, DownloadId, ErrorKind, Outcome, ServedKind};
use mft_common::testing::MockTransport;
use serde_json::{Value, json};
use support::{Part, Service, parts, scripted};
use wiremock::matchers::{method, path};
use wiremock::{Mock, ResponseTemplate};

const OK: &str = r#"{"rslt":"OK"}"#;

/// Creates an empty folder for the test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ftpgrid-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn file_part(field: &str, name: &str, content: &[u8]) -> Part {
    let disposition = format!("Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"");
    Part { headers: vec![disposition, "Content-Type: application/octet-stream".to_owned()], content: content.to_vec() }
}

fn meta_part(files: &[(&str, &str)]) -> Part {
    let files: Vec<_> = files.iter().map(|(field, path)| json!({ "field": field, "path": path })).collect();
    let headers = vec!["Content-Disposition: form-data; name=\"meta\"".to_owned()];
    Part { headers, content: json!({ "files": files }).to_string().into_bytes() }
}

/// Returns a stream source that can be read once.
fn once(chunks: &'static [&'static str], size: Option<u64>) -> Source {
    struct Chunks(std::slice::Iter<'static, &'static str>);
    impl futures_core::Stream for Chunks {
        type Item = Result<Bytes, std::io::Error>;

        fn poll_next(
            mut self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Self::Item>> {
            std::task::Poll::Ready(self.0.next().map(|chunk| Ok(Bytes::from_static(chunk.as_bytes()))))
        }
    }
    Source::stream(Chunks(chunks.iter()), size)
}

#[tokio::test]
async fn uploads_files_as_one_form_with_their_destinations() {
    let folder = folder("uploads");
    std::fs::write(folder.join("report.pdf"), b"from a file\r\n--").unwrap();
    let service = Service::start().await;
    let answer = ResponseTemplate::new(200).set_body_string(OK);
    Mock::given(method("POST")).and(path("/api/upload")).respond_with(answer).expect(4).mount(&service.storage).await;
    let storage = service.client.storage();
    storage.upload("/inbox/2026/q3.pdf", Source::file(folder.join("report.pdf"))).await.unwrap();
    let many = [
        ("a b.txt", Source::bytes("x")),
        ("/ü/\"c\".txt", Source::bytes("")),
        ("/ü/+;=#.", once(&["y", "z"], Some(2))),
    ];
    storage.upload_many(many).await.unwrap();
    storage.upload("/n", once(&["no", " length"], None)).await.unwrap();
    let sent = storage.upload("/n", Source::bytes("watched")).start();
    let watch = sent.progress();
    sent.join().await.unwrap();
    let progress = watch.now();
    assert_eq!((progress.bytes, progress.total, progress.parts, progress.parts_total), (7, Some(7), 1, Some(1)));
    let expected = [
        vec![file_part("f1", "q3.pdf", b"from a file\r\n--"), meta_part(&[("f1", "/inbox/2026/")])],
        vec![
            file_part("f1", "a b.txt", b"x"),
            file_part("f2", "%22c%22.txt", b""),
            file_part("f3", "+;=#.", b"yz"),
            meta_part(&[("f1", "/"), ("f2", "/ü/"), ("f3", "/ü/")]),
        ],
        vec![file_part("f1", "n", b"no length"), meta_part(&[("f1", "/")])],
        vec![file_part("f1", "n", b"watched"), meta_part(&[("f1", "/")])],
    ];
    for (index, (request, expected)) in
        service.storage.received_requests().await.unwrap().into_iter().zip(expected).enumerate()
    {
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(parts(&header("content-type").unwrap(), &request.body), expected);
        assert_eq!(header("authorization").unwrap(), "Bearer token-0001");
        let length = (index != 2).then(|| request.body.len().to_string());
        assert_eq!(header("content-length"), length, "announced wherever it is known");
    }
}

#[tokio::test(start_paused = true)]
async fn restarts_an_upload_with_a_seekable_source() {
    let upload = |client: &Client, source| client.storage().upload("/a", source);
    for failing in [
        (|| MockTransport::new().reply(503, &[], "")) as fn() -> MockTransport,
        || MockTransport::new().break_connection(),
        || MockTransport::new().reply(429, &[("retry-after", "3")], ""),
        || MockTransport::new().reply(401, &[], "").reply(200, &[], r#"{"token":"token-0002"}"#),
    ] {
        let script = failing().reply(200, &[], OK);
        upload(&scripted(&script), Source::bytes("bytes")).await.unwrap();
        let calls = script.calls();
        let (first, last) = (calls.first().unwrap(), calls.last().unwrap());
        assert!(calls.len() >= 2);
        let form = |call: &mft_common::testing::ScriptedCall| {
            parts(call.headers["content-type"].to_str().unwrap(), &call.body)
        };
        assert_eq!(form(first), form(last));
    }
    for (script, kind, outcome) in [
        (MockTransport::new().reply(500, &[], "").repeat_last(), ErrorKind::Server, Outcome::Unknown),
        (MockTransport::new().break_connection().repeat_last(), ErrorKind::Interrupted, Outcome::Unknown),
        (MockTransport::new().reply(413, &[], "too large"), ErrorKind::Rejected, Outcome::NotDone),
        (MockTransport::new().reply(401, &[], ""), ErrorKind::Auth, Outcome::NotDone),
        (
            MockTransport::new().reply(200, &[], r#"{"rslt":"meta is incomplete"}"#),
            ErrorKind::Rejected,
            Outcome::NotDone,
        ),
    ] {
        let error = upload(&scripted(&script), once(&["by", "tes"], None)).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{error}");
        assert_eq!(script.calls().len(), 1, "a stream cannot be read again");
        assert_eq!(error.operation(), Some("ftpgrid.storage.upload"));
    }
}

#[tokio::test]
async fn an_unreadable_source_fails_before_or_during_the_upload() {
    let script = MockTransport::new();
    let error = scripted(&script).storage().upload("/a", Source::file("/no/such/file")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), script.calls().len()), (ErrorKind::Io, Outcome::NotDone, 0), "{error}");
    let error = scripted(&script).storage().upload("/a", once(&["a"], Some(2))).await.unwrap_err();
    assert_eq!((error.outcome(), script.calls().len()), (Outcome::Unknown, 0), "{error}");
    let silent = MockTransport::new().hang();
    let upload = scripted(&silent).storage().upload("/a", Source::bytes("a")).start();
    let mut progress = upload.progress();
    progress.changed().await;
    assert_eq!(upload.abort().await, Outcome::Unknown);
}

fn served(kind: &str, disposition: &str) -> [(&'static str, String); 2] {
    [("content-type", kind.to_owned()), ("content-disposition", disposition.to_owned())]
}

fn reply(script: MockTransport, headers: &[(&'static str, String)], body: &'static str) -> MockTransport {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    script.reply(200, &headers, body)
}

#[tokio::test]
async fn downloads_a_file_in_one_response() {
    for (asked, query, disposition, name) in [
        ("/inbox/a b.txt", "/inbox/a%20b.txt", "inline; filename=\"a b.txt\"", "a b.txt"),
        ("x/100%+&=#?;.json", "/x/100%25%2B%26%3D%23%3F%3B.json", "inline", "100%+&=#?;.json"),
        ("/ü", "/%C3%BC", "inline; filename=\"../../etc/passwd\"", "passwd"),
    ] {
        // A file may itself be JSON.
        let script = reply(MockTransport::new(), &served("application/json", disposition), r#"{"error":"is content"}"#);
        let mut stream = scripted(&script).storage().download(asked).stream().await.unwrap();
        let file = stream.file();
        assert_eq!((file.name.as_str(), file.kind), (name, ServedKind::File));
        assert_eq!(file.content_type.as_deref(), Some("application/json"));
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.try_next().await.unwrap() {
            bytes.extend_from_slice(&chunk);
        }
        assert_eq!(bytes, br#"{"error":"is content"}"#);
        let call = &script.calls()[0];
        assert_eq!(call.uri.to_string(), format!("https://web3.ftpgrid.com/api/download/single?path={query}"));
        assert!(call.body.is_empty() && call.headers["accept"] == "*/*" && !call.headers.contains_key("range"));
        assert_eq!(call.headers["accept-encoding"], "identity");
    }
}

const WHOLE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole";
/// Files of the same length, so that a mix of both would have the correct length.
const OTHER: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nOTHER";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nwhole\r\n0\r\n\r\n";
const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const SHORT: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwh";
const SHORT_CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nwh\r\n";
const BUSY: &str = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
const MISSING: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 12\r\n\r\nno such file";
/// Encoded content differs from the content of the file.
const ENCODED: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-encoding: gzip\r\n\r\nwhole";
const IDENTITY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-encoding: identity\r\n\r\nwhole";
/// Without a length, completeness cannot be verified.
const UNTIL_CLOSED: &str = "HTTP/1.1 200 OK\r\n\r\nwhole";

#[tokio::test]
async fn a_file_appears_when_it_is_complete() {
    let folder = folder("downloads");
    let target = folder.join("copy.txt");
    for (replies, requests, expected) in [
        (&[WHOLE][..], 1, Ok("whole")),
        (&[CHUNKED], 1, Ok("whole")),
        (&[EMPTY], 1, Ok("")),
        (&[IDENTITY], 1, Ok("whole")),
        (&[SHORT, WHOLE], 2, Ok("whole")),
        (&[SHORT, OTHER], 2, Ok("OTHER")),
        (&[SHORT_CHUNKED, CHUNKED], 2, Ok("whole")),
        (&[BUSY, SHORT, WHOLE], 3, Ok("whole")),
        (&[SHORT], 3, Err(ErrorKind::Interrupted)),
        (&[SHORT_CHUNKED], 3, Err(ErrorKind::Interrupted)),
        (&[MISSING], 1, Err(ErrorKind::NotFound)),
        (&[SHORT, MISSING], 2, Err(ErrorKind::NotFound)),
        (&[UNTIL_CLOSED], 1, Err(ErrorKind::Protocol)),
        (&[ENCODED], 1, Err(ErrorKind::Protocol)),
    ] {
        let _ = std::fs::remove_file(&target);
        let (client, seen) = support::raw_storage(replies).await;
        let result = client.storage().download("/a").to_file(&target).await;
        match expected {
            Ok(text) => {
                assert_eq!(result.unwrap().size, text.len() as u64);
                assert_eq!(std::fs::read_to_string(&target).unwrap(), text);
                assert_eq!(names(&folder), ["copy.txt"]);
            }
            Err(kind) => {
                let error = result.unwrap_err();
                assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotDone), "{replies:?}: {error}");
                assert_eq!(error.operation(), Some("ftpgrid.storage.download_single"));
                assert_eq!(names(&folder), [""; 0]);
            }
        }
        assert_eq!(seen.load(std::sync::atomic::Ordering::SeqCst), requests, "{replies:?}");
    }
    // Data that was handed to the caller cannot be retracted.
    let (client, seen) = support::raw_storage(&[SHORT, WHOLE]).await;
    let mut stream = client.storage().download("/a").stream().await.unwrap();
    assert_eq!(stream.try_next().await.unwrap().unwrap(), "wh");
    assert_eq!(stream.try_next().await.unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(seen.load(std::sync::atomic::Ordering::SeqCst), 1);
    let (client, _) = support::raw_storage(&[WHOLE]).await;
    assert!(client.storage().download("/a").bytes(4).await.unwrap_err().is_invalid_input());
}

#[tokio::test]
async fn prepares_a_download_and_returns_its_id() {
    let sent = support::post("/api/download/prepare", json!({ "Filelist": ["/inbox/a b.txt", "/inbox/c.csv"] }));
    let service = Service::answering(sent, r#"{"rslt":"0a1b2c3d4e5f"}"#).await;
    let id = service.client.storage().prepare_download(["/inbox/a b.txt", "inbox/c.csv"]).await.unwrap();
    assert_eq!(id, DownloadId::from("0a1b2c3d4e5f"));
    for (body, kind) in [
        (r#"{"error":"no such file"}"#, ErrorKind::Rejected),
        (r#"{"rslt":""}"#, ErrorKind::Decode),
        (r#"{"rslt":null}"#, ErrorKind::Decode),
        (r#"{"rslt":"Ok"}"#, ErrorKind::Decode),
        (r#"{"rslt":"","error":"no such file"}"#, ErrorKind::Rejected),
        (r#"{"rslt":"0a1b","error":{"message":"no such file"}}"#, ErrorKind::Rejected),
        ("", ErrorKind::Decode),
    ] {
        let client = scripted(&MockTransport::new().reply(200, &[], body));
        assert_eq!(client.storage().prepare_download(["/a"]).await.unwrap_err().kind(), kind, "{body}");
    }
}

const PREPARED: &str = r#"{"rslt":"0a/1b"}"#;

fn archive() -> [(&'static str, String); 2] {
    served("application/zip", "attachment; filename=\"ftpgrid_download.zip\"")
}

#[tokio::test]
async fn downloads_several_files_as_an_archive_and_one_without() {
    let plain = served("application/octet-stream", "attachment; filename=\"c.zip\"");
    let mistaken = served("application/zip", "attachment");
    let of_windows = served("Application/X-Zip-Compressed; x=y", "attachment; filename=both.zip");
    let gzip = served("application/gzip", "attachment; filename=\"c.zip\"");
    for (paths, headers, name, kind) in [
        (&["/a", "/b"][..], archive(), "ftpgrid_download.zip", Some(ServedKind::Zip)),
        (&["/a", "/b"], mistaken.clone(), "ftpgrid_download.zip", Some(ServedKind::Zip)),
        (&["/a", "/b"], of_windows, "both.zip", Some(ServedKind::Zip)),
        (&["/x/c.zip"], plain.clone(), "c.zip", Some(ServedKind::File)),
        (&["/x/c.zip"], mistaken, "c.zip", Some(ServedKind::File)),
        (&["/a", "/b"], plain, "", None),
        (&["/a", "/b"], gzip, "", None),
    ] {
        let script = reply(MockTransport::new().reply(200, &[], PREPARED), &headers, "PK..");
        match scripted(&script).storage().download_many(paths).stream().await {
            Ok(stream) => {
                let file = stream.file();
                assert_eq!((file.name.as_str(), Some(file.kind)), (name, kind));
            }
            Err(error) => assert_eq!((error.kind(), kind), (ErrorKind::Protocol, None), "{error}"),
        }
        let calls = script.calls();
        let sent: Value = serde_json::from_slice(&calls[0].body).unwrap();
        assert_eq!(sent, json!({ "Filelist": paths }));
        assert_eq!(calls[1].uri.to_string(), "https://web3.ftpgrid.com/api/download/multi?id=0a%2F1b");
        assert!(calls[1].body.is_empty());
    }
}

#[tokio::test]
async fn rejects_an_unrequested_partial_response() {
    // The second range is the complete file; the total of the first one is unknown.
    for range in ["bytes 0-3/*", "bytes 0-3/4"] {
        let headers = [("content-type", "application/zip"), ("content-range", range), ("transfer-encoding", "chunked")];
        let single = || scripted(&MockTransport::new().reply(206, &headers, "PK.."));
        let prepared = || scripted(&MockTransport::new().reply(200, &[], PREPARED).reply(206, &headers, "PK.."));
        for error in [
            single().storage().download("/a").bytes(9).await.unwrap_err(),
            single().storage().download_prepared(&"0a1b".into()).bytes(9).await.unwrap_err(),
            prepared().storage().download_many(["/a"]).bytes(9).await.unwrap_err(),
            prepared().storage().download_many(["/a", "/b"]).bytes(9).await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Protocol, 206), "{error}");
        }
    }
}

#[tokio::test]
async fn removes_duplicate_paths() {
    for (paths, sent, kind) in [
        (&["/a", "a", "//a"][..], json!(["/a"]), ServedKind::File),
        (&["/b", "/a", "/b"], json!(["/b", "/a"]), ServedKind::Zip),
    ] {
        let script = reply(MockTransport::new().reply(200, &[], PREPARED), &archive(), "PK..");
        let stream = scripted(&script).storage().download_many(paths).stream().await.unwrap();
        assert_eq!(stream.file().kind, kind, "{paths:?}");
        let body: Value = serde_json::from_slice(&script.calls()[0].body).unwrap();
        assert_eq!(body, json!({ "Filelist": sent }));
    }
}

#[tokio::test]
async fn the_name_of_a_download_is_a_safe_file_name() {
    for (asked, offered, name) in [
        ("/a.txt", "CON", "a.txt"),
        ("/a.txt", "a:b", "a.txt"),
        ("/a.txt", "b.", "a.txt"),
        ("/a.txt", "b\u{202e}fdp.exe", "a.txt"),
        ("/a.txt", "..", "a.txt"),
        ("/a.txt", "", "a.txt"),
        ("/a.txt", "../../.bashrc", ".bashrc"),
        ("/a.txt", "b c.txt", "b c.txt"),
        ("/x/aux.txt", "NUL", "ftpgrid_download"),
        ("/x/a:b", "", "ftpgrid_download"),
    ] {
        let offered = offered.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
        let disposition = format!("inline; filename*=UTF-8''{offered}");
        let script = reply(MockTransport::new(), &served("text/plain", &disposition), "x");
        let stream = scripted(&script).storage().download(asked).stream().await.unwrap();
        assert_eq!(stream.file().name, name, "{disposition}");
    }
}

#[tokio::test]
async fn downloads_prepared_files() {
    let script = reply(MockTransport::new(), &archive(), "PK..");
    let bytes = scripted(&script).storage().download_prepared(&"0a1b".into()).bytes(100).await.unwrap();
    assert_eq!((bytes.as_ref(), script.calls()[0].uri.query()), (b"PK..".as_slice(), Some("id=0a1b")));
    let script = MockTransport::new().reply(404, &[], "").repeat_last();
    assert!(scripted(&script).storage().download_prepared(&"0a1b".into()).bytes(100).await.unwrap_err().is_not_found());
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test]
async fn prepares_again_if_the_id_has_expired() {
    for forgotten in [404, 410] {
        let script = MockTransport::new().reply(200, &[], r#"{"rslt":"1"}"#).reply(forgotten, &[], "");
        let script = reply(script.reply(200, &[], r#"{"rslt":"2"}"#), &archive(), "PK..");
        let bytes = scripted(&script).storage().download_many(["/a", "/b"]).bytes(100).await.unwrap();
        let ids: Vec<_> = script.calls().iter().filter_map(|call| call.uri.query().map(str::to_owned)).collect();
        assert_eq!((bytes.as_ref(), ids), (b"PK..".as_slice(), vec!["id=1".to_owned(), "id=2".to_owned()]));
    }
    let script = MockTransport::new().reply(200, &[], PREPARED).reply(404, &[], "").reply(200, &[], PREPARED);
    let script = script.reply(404, &[], "").repeat_last();
    let error = scripted(&script).storage().download_many(["/a", "/b"]).bytes(100).await.unwrap_err();
    assert!(error.is_not_found() && script.calls().len() == 4, "{error}");
}

#[tokio::test]
async fn a_failure_instead_of_an_archive_is_an_error() {
    let json = served("application/json; charset=utf-8", "attachment");
    let prepared = || MockTransport::new().reply(200, &[], PREPARED);
    for body in [r#"{"rslt":"file is locked"}"#, r#"{"error":"file is locked"}"#] {
        let script = reply(prepared(), &json, body);
        let error = scripted(&script).storage().download_many(["/a"]).bytes(100).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Rejected, Some("file is locked")), "{error}");
    }
    // A short file without a failure, and a long one with any content.
    for content in [r#"{"path":"file is locked"}"#.to_owned(), format!(r#"{{"error":"{}"}}"#, "x".repeat(70_000))] {
        let script = reply(prepared(), &json, Box::leak(content.clone().into_boxed_str()));
        let bytes = scripted(&script).storage().download_many(["/a"]).bytes(100_000).await.unwrap();
        assert_eq!(bytes, content);
    }
}

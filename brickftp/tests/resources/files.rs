//! Files: requests in both formats, and every documented response with its variants.

use std::time::Duration;

use crate::support::{NOTHING, Service, both_formats, delete, either, fixture, get, post, scripted, scripted_in};
use brickftp::{Destination, ErrorKind, File, FilePermissions, FileType, Format, Outcome};
use mft_common::testing::MockTransport;
use proptest::prelude::*;
use serde_json::{Value, json};

const PATH: &str = "Engineering Candidates/John Smith.docx";
const ENCODED: &str = "/files/Engineering%20Candidates/John%20Smith.docx";

/// Returns the decoded value in wire form.
fn to_wire(file: &File) -> Value {
    let moment = |moment: &Option<brickftp::OffsetDateTime>| moment.as_ref().map(|moment| moment.as_str().to_owned());
    let mut value = json!({
        "id": file.id, "path": file.path, "display_name": file.display_name, "type": file.file_type, "size": file.size,
        "mtime": moment(&file.mtime), "provided_mtime": moment(&file.provided_mtime), "crc32": file.crc32,
        "md5": file.md5, "region": file.region, "permissions": file.permissions.map(|letters| letters.to_string()),
        "download_uri": file.download_uri.as_ref().map(|address| address.expose().to_owned()),
        "subfolders_locked?": file.subfolders_locked,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

fn documented(name: &str) -> Value {
    serde_json::from_str(&fixture(name, Format::Json)).unwrap()
}

async fn stat(format: Format) {
    let stat = get(ENCODED).without_suffix().query("action=stat");
    let service = Service::answering(format, stat, 200, fixture("file", format)).await;
    let file = service.client.files().stat(PATH).await.unwrap();
    assert_eq!(to_wire(&file), documented("file"));
    assert_eq!((file.name(), file.is_folder(), file.size_or_zero()), ("John Smith.docx", false, 61_440));
    let stat = get(ENCODED).without_suffix().query("action=stat");
    let missing = Service::answering(format, stat, 200, either(format, NOTHING)).await;
    let error = missing.client.files().stat(PATH).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

async fn download_url(format: Format) {
    let get = get(ENCODED).without_suffix();
    let service = Service::answering(format, get, 200, fixture("file_download", format)).await;
    let file = service.client.files().download_url(&format!("/{PATH}")).await.unwrap();
    assert_eq!(to_wire(&file), documented("file_download"));
    let debug = format!("{file:?}");
    assert!(!debug.contains("Signature") && !debug.contains("8Gtr"), "{debug}");
}

async fn rename(format: Format) {
    let exchange = post(ENCODED).without_suffix().body(
        json!({ "move-destination": "/Archive/a & b.txt" }),
        "<file><move-destination>/Archive/a &amp; b.txt</move-destination></file>",
    );
    let service = Service::answering(format, exchange, 200, either(format, NOTHING)).await;
    service.client.files().rename(PATH, Destination::new("Archive/a & b.txt")).await.unwrap();
}

async fn copy(format: Format) {
    let exchange = post(ENCODED).without_suffix().body(
        json!({ "copy-destination": "/Archive/b.txt" }),
        "<file><copy-destination>/Archive/b.txt</copy-destination></file>",
    );
    let service = Service::answering(format, exchange, 201, either(format, NOTHING)).await;
    service.client.files().copy(PATH, Destination::new("/Archive/b.txt")).await.unwrap();
}

async fn copy_structure(format: Format) {
    let exchange = post("/files/Projects/2017").without_suffix().body(
        json!({ "copy-destination": "/Projects/2018", "structure": true }),
        "<file><copy-destination>/Projects/2018</copy-destination><structure>true</structure></file>",
    );
    let service = Service::answering(format, exchange, 200, either(format, NOTHING)).await;
    service.client.files().copy_structure("Projects/2017", Destination::new("Projects/2018")).await.unwrap();
}

async fn remove(format: Format) {
    for (status, reply) in [(200, either(format, NOTHING)), (204, "")] {
        let service = Service::answering(format, delete(ENCODED).without_suffix(), status, reply).await;
        service.client.files().delete(PATH).await.unwrap();
    }
}

async fn remove_recursive(format: Format) {
    let exchange = delete("/files/Projects").without_suffix().header("depth", "infinity");
    let service = Service::answering(format, exchange, 200, either(format, NOTHING)).await;
    service.client.files().delete_recursive("Projects").await.unwrap();
}

#[tokio::test]
async fn a_path_is_encoded_exactly() {
    for (path, encoded) in [
        ("a/b/c", "a/b/c"),
        ("/a", "a"),
        ("Engineering Candidates/Résumés", "Engineering%20Candidates/R%C3%A9sum%C3%A9s"),
        ("100%/x?y#z;a=b+c&d", "100%25/x%3Fy%23z%3Ba%3Db%2Bc%26d"),
        ("%2e%2e/%2F", "%252e%252e/%252F"),
        ("list.json", "list.json"),
        ("\u{1f4c1}/'{}\"", "%F0%9F%93%81/%27%7B%7D%22"),
        ("{*path}/{format}", "%7B%2Apath%7D/%7Bformat%7D"),
    ] {
        let script = MockTransport::new().reply(200, &[], r#"{"path":"x"}"#);
        scripted(&script).files().stat(path).await.unwrap();
        let uri = script.calls()[0].uri.to_string();
        let suffix = uri.strip_prefix("https://acme.brickftp.com/api/rest/v1/files/").unwrap();
        assert_eq!(suffix, format!("{encoded}?action=stat"), "{path}");
    }
}

proptest! {
    #[test]
    fn a_path_is_rejected_or_sent_unchanged(path in "[a-z/.%?# +é\\u{0}-\\u{ffff}]{0,40}") {
        let script = MockTransport::new().reply(200, &[], r#"{"path":"x"}"#);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let outcome = runtime.block_on(async { scripted(&script).files().stat(&path).await });
        match script.calls().first() {
            None => prop_assert!(outcome.unwrap_err().is_invalid_input()),
            Some(call) => {
                let encoded = call.uri.path().strip_prefix("/api/rest/v1/files/").unwrap();
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte);
                prop_assert!(encoded.bytes().all(plain), "{}", encoded);
                prop_assert_eq!(decoded(encoded), path.strip_prefix('/').unwrap_or(&path));
                prop_assert_eq!(encoded.matches('/').count(), path.trim_start_matches('/').matches('/').count());
            }
        }
    }
}

/// Decodes percent-encoding.
fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (hexadecimal, plain) = part.split_at(2);
        bytes.push(u8::from_str_radix(hexadecimal, 16).unwrap());
        bytes.extend_from_slice(plain.as_bytes());
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn an_invalid_path_is_rejected_before_a_request() {
    let script = MockTransport::new();
    let client = scripted(&script);
    let files = client.files();
    let long = "x".repeat(551);
    for bad in ["", "/", "//", "a//b", "a/", "..", "a/../b", ".", "./a", "a\nb", "a/\0", &long] {
        for (result, field) in [
            (files.stat(bad).await.map(|_| ()), "path "),
            (files.download_url(bad).await.map(|_| ()), "path "),
            (files.rename(bad, Destination::new("x")).await, "path "),
            (files.rename("x", Destination::new(bad)).await, "move-destination "),
            (files.copy(bad, Destination::new("x")).await, "path "),
            (files.copy("x", Destination::new(bad)).await, "copy-destination "),
            (files.copy_structure("x", Destination::new(bad)).await, "copy-destination "),
            (files.delete(bad).await, "path "),
            (files.delete_recursive(bad).await, "path "),
        ] {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{bad:?}: {error}");
            assert!(error.message().unwrap().starts_with(field), "{bad:?}: {error}");
            assert!(error.operation().unwrap().starts_with("brickftp.files."), "{error}");
        }
    }
    assert!(script.calls().is_empty());
}

#[tokio::test]
async fn an_xml_destination_that_xml_cannot_carry_is_rejected() {
    let script = MockTransport::new();
    let client = scripted_in(&script, Format::Xml);
    let error = client.files().rename("a", Destination::new("b\u{fffe}")).await.unwrap_err();
    assert!(error.is_invalid_input() && script.calls().is_empty(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn moves_and_copies_are_not_retried() {
    for status in [500, 502, 504] {
        let script = MockTransport::new().reply(status, &[], "").repeat_last();
        let client = scripted(&script);
        for call in [
            client.files().rename("a", Destination::new("b")),
            client.files().copy("a", Destination::new("b")),
            client.files().copy_structure("a", Destination::new("b")),
        ] {
            let before = script.calls().len();
            let error = call.await.unwrap_err();
            assert_eq!((script.calls().len() - before, error.outcome()), (1, Outcome::Unknown), "{status}: {error}");
        }
    }
    let script = MockTransport::new().reply(503, &[("retry-after", "1")], "").reply(200, &[], "[]");
    scripted(&script).files().rename("a", Destination::new("b")).await.unwrap();
    assert_eq!(script.calls().len(), 2, "a call that was not processed is retried");
}

#[tokio::test(start_paused = true)]
async fn a_copy_times_out_after_ten_minutes_with_an_unknown_outcome() {
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    let script = MockTransport::new().reply_after(minutes(9), 200, &[], "[]");
    scripted(&script).files().copy("a", Destination::new("b")).await.unwrap();
    let script = MockTransport::new().reply_after(minutes(9), 200, &[], "[]");
    scripted(&script).files().delete_recursive("a").await.unwrap();
    let script = MockTransport::new().hang();
    let error = scripted(&script).files().copy("a", Destination::new("b")).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), script.calls().len()), (ErrorKind::Timeout, Outcome::Unknown, 1));
}

#[tokio::test(start_paused = true)]
async fn a_retried_delete_accepts_not_found() {
    let script = MockTransport::new().break_connection().reply(404, &[], "");
    scripted(&script).files().delete("a").await.unwrap();
    let error = scripted(&MockTransport::new().reply(404, &[], "")).files().delete("a").await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn a_gateway_page_is_an_error() {
    let script = MockTransport::new().reply(200, &[("content-type", "text/html")], "<html>log in</html>").repeat_last();
    let client = scripted(&script);
    for call in [
        client.files().delete("a"),
        client.files().rename("a", Destination::new("b")),
        client.files().copy("a", Destination::new("b")),
    ] {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    }
}

#[tokio::test]
async fn errors_have_messages_in_both_formats() {
    let json = r#"{"error":"destination exists","http-code":"422"}"#;
    let xml = "<error><message>destination exists</message><http-code>422</http-code></error>";
    for format in [Format::Json, Format::Xml] {
        let script = MockTransport::new().reply(422, &[], either(format, [json, xml]));
        let error = scripted_in(&script, format).files().rename("a", Destination::new("b")).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Rejected, Some("destination exists")));
        assert_eq!(error.outcome(), Outcome::NotDone);
    }
}

#[test]
fn both_formats_of_a_file_are_equal() {
    for name in ["file", "file_download"] {
        let json: File = serde_json::from_str(&fixture(name, Format::Json)).unwrap();
        let xml: File = brickftp::xml::from_slice(fixture(name, Format::Xml).as_bytes()).unwrap();
        assert_eq!(json, xml);
    }
}

#[test]
fn all_forms_of_subfolders_locked_are_decoded() {
    let read = |json: &str| serde_json::from_str::<File>(json).unwrap().subfolders_locked;
    for (written, expected) in [
        (r#"{"path":"a","subfolders_locked?":1}"#, Some(true)),
        (r#"{"path":"a","subfolders_locked?":0}"#, Some(false)),
        (r#"{"path":"a","subfolders_locked?":true}"#, Some(true)),
        (r#"{"path":"a","subfolders_locked?":"1"}"#, Some(true)),
        (r#"{"path":"a","subfolders_locked":false}"#, Some(false)),
        (r#"{"path":"a","subfolders-locked":null}"#, None),
        (r#"{"path":"a"}"#, None),
    ] {
        assert_eq!(read(written), expected, "{written}");
    }
    for (written, expected) in [
        (r#"<subfolders_locked? type="integer">1</subfolders_locked?>"#, Some(true)),
        ("<subfolders_locked?>1</subfolders_locked?>", Some(true)),
        (r#"<subfolders_locked? nil="true"/>"#, None),
        (r#"<subfolders_locked type="boolean">false</subfolders_locked>"#, Some(false)),
        (r#"<subfolders-locked type="boolean">true</subfolders-locked>"#, Some(true)),
        ("", None),
    ] {
        let file = format!("<file><path>a</path>{written}</file>");
        let read: File = brickftp::xml::from_slice(file.as_bytes()).unwrap();
        assert_eq!(read.subfolders_locked, expected, "{written}");
    }
}

#[test]
fn only_the_path_is_required_and_unknown_values_are_preserved() {
    let bare: File = serde_json::from_str(r#"{"path":"a/b c"}"#).unwrap();
    assert_eq!((to_wire(&bare), bare.name(), bare.size_or_zero()), (json!({ "path": "a/b c" }), "b c", 0));
    let odd: File = serde_json::from_value(json!({
        "id": "4233161221", "path": "a", "type": "symlink", "size": "5497558138880", "mtime": "", "provided_mtime": null,
        "crc32": "", "permissions": "lrwdX", "mime_type": "text/plain", "download_uri": "",
        "mtime_of_today": "2025-01-01T00:00:00.123Z",
    }))
    .unwrap();
    assert_eq!(
        to_wire(&odd),
        json!({ "id": 4_233_161_221_u64, "path": "a", "type": "symlink", "size": 5_497_558_138_880_u64, "crc32": "", "permissions": "lrwdX" })
    );
    assert_eq!(odd.file_type, Some(FileType::Unknown("symlink".to_owned())));
    for wrong in
        [r#"{"path":"a","size":-1}"#, r#"{"path":"a","size":"many"}"#, r#"{"size":1}"#, r#"{"path":"a","id":-1}"#]
    {
        assert!(serde_json::from_str::<File>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn permissions_are_a_set_of_letters() {
    for (letters, [list, read, write, delete]) in [
        ("p", [true, false, false, false]),
        ("r", [true, true, false, false]),
        ("w", [false, false, true, false]),
        ("rw", [true, true, true, false]),
        ("rwd", [true, true, true, true]),
        ("lrwd", [true, true, true, true]),
        ("", [false; 4]),
    ] {
        let permissions = FilePermissions::from(letters);
        let can = [permissions.can_list(), permissions.can_read(), permissions.can_write(), permissions.can_delete()];
        assert_eq!((can, permissions.to_string()), ([list, read, write, delete], letters.to_owned()));
    }
    assert_eq!(FilePermissions::from("dwr"), FilePermissions::from("rwd"));
    assert!(FilePermissions::from("rZ").contains('Z') && !FilePermissions::from("r").contains('!'));
}

both_formats! {
    #[tokio::test]
    stat => fn stat_json(), fn stat_xml();
    download_url => fn download_url_json(), fn download_url_xml();
    rename => fn rename_json(), fn rename_xml();
    copy => fn copy_json(), fn copy_xml();
    copy_structure => fn copy_structure_json(), fn copy_structure_xml();
    remove => fn delete_json(), fn delete_xml();
    remove_recursive => fn delete_recursive_json(), fn delete_recursive_xml();
}

//! Transfers: the calls of an upload and a download in both formats, and the storage requests.

use crate::support::{Service, both_formats, get, post};
use brickftp::{ErrorKind, Format};
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const BYTES: &str = "twelve bytes";

/// The storage must not receive credentials.
fn clean(request: &Request) -> bool {
    let secret = ["authorization", "cookie", "x-brick-reauthentication", "referer"];
    secret.iter().all(|name| !request.headers.contains_key(*name))
}

/// A storage that accepts requests without credentials.
async fn storage() -> MockServer {
    let server = MockServer::start().await;
    let stored = ResponseTemplate::new(200).insert_header("etag", "\"a3a3a1b4ae2a9b4d5b4bf3bbd0d9b5ad-1\"");
    let whole = |request: &Request| {
        let length = request.headers.get("content-length").and_then(|value| value.to_str().ok());
        clean(request) && request.body == BYTES.as_bytes() && length == Some("12")
    };
    Mock::given(method("PUT")).and(path("/o/1")).and(whole).respond_with(stored).expect(1).mount(&server).await;
    server
}

async fn upload(format: Format) {
    let storage = storage().await;
    let service = Service::start(format).await;
    let address = format!("{}/o/1?Signature=x", storage.uri());
    let (begun, done) = match format {
        Format::Json => (
            json!({ "ref": "put-1", "http_method": "PUT", "upload_uri": address, "partsize": 5_242_880, "part_number": 1,
                "send": { "partsize": "required-parameter Content-Length", "partdata": "body" } })
            .to_string(),
            json!({ "path": "a b.txt", "type": "file", "size": 12 }).to_string(),
        ),
        Format::Xml => (
            format!(
                "<upload><ref>put-1</ref><http_method>PUT</http_method><upload_uri>{address}</upload_uri>\
                 <partsize type=\"integer\">5242880</partsize><part_number type=\"integer\">1</part_number>\
                 <send><partdata>body</partdata></send></upload>"
            ),
            "<file><path>a b.txt</path><type>file</type><size type=\"integer\">12</size></file>".to_owned(),
        ),
    };
    let start = post("/files/a%20b.txt").without_suffix();
    let start = start.body(json!({ "action": "put" }), "<file><action>put</action></file>");
    service.answers(start, 200, begun).await;
    let end = post("/files/a%20b.txt").without_suffix();
    let end = end.body(json!({ "action": "end", "ref": "put-1" }), "<file><action>end</action><ref>put-1</ref></file>");
    service.answers(end, 200, done).await;
    let file = service.client.files().upload("/a b.txt", BYTES.as_bytes()).await.unwrap();
    assert_eq!((file.path.as_str(), file.size), ("a b.txt", Some(12)));
}

async fn download(format: Format) {
    // A matching checksum, and a wrong one: the bytes are not returned then.
    for (crc32, is_right) in [("c5bfcca0", true), ("5b8a7dc5", false)] {
        let storage = MockServer::start().await;
        let given = ResponseTemplate::new(200).insert_header("etag", "\"v1\"").set_body_string(BYTES);
        Mock::given(method("GET")).and(path("/o/1")).and(clean).respond_with(given).expect(1).mount(&storage).await;
        let service = Service::start(format).await;
        let address = format!("{}/o/1?Expires=4102444800&Signature=x", storage.uri());
        let reply = match format {
            Format::Json => json!({ "path": "a b.txt", "type": "file", "size": 12, "crc32": crc32,
                "download_uri": address, "md5": null })
            .to_string(),
            Format::Xml => format!(
                "<file><path>a b.txt</path><type>file</type><size type=\"integer\">12</size><crc32>{crc32}</crc32>\
                 <md5 nil=\"true\"/><download_uri>{}</download_uri></file>",
                address.replace('&', "&amp;")
            ),
        };
        service.answers(get("/files/a%20b.txt").without_suffix(), 200, reply).await;
        match service.client.files().download("a b.txt").bytes(1024).await {
            Ok(bytes) => assert!(is_right && bytes == BYTES),
            Err(error) => assert!(!is_right && error.kind() == ErrorKind::Integrity, "{error}"),
        }
    }
}

both_formats! {
    #[tokio::test]
    upload => fn upload_json(), fn upload_xml();
    download => fn download_json(), fn download_xml();
}

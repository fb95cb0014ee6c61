//! BrickFTP files, folders and uploads.

use std::time::Duration;

use crate::support::brickftp::{basic, call, call_with, call_xml, follow};
use mft_simulator::StorageSettings;
use mft_simulator::brickftp::{Overwrite, PartLength, Simulator, UploadForm};
use serde_json::{Value, json};

async fn start() -> Simulator {
    Simulator::builder().start_time_ms(1_525_269_600_000).frozen_clock().start().await.expect("a port is free")
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|entry| entry["path"].as_str().expect("a path")).collect()
}

/// Uploads with the three documented steps. Returns the final response.
async fn upload(simulator: &Simulator, path: &str, parts: &[&str]) -> Value {
    let url = format!("/files/{path}");
    let started = call(simulator, "POST", &url, r#"{"action":"put"}"#).await.json();
    let reference = &started["ref"];
    for (index, part) in parts.iter().enumerate() {
        let body = json!({ "action": "put", "ref": reference, "part": index + 1 }).to_string();
        let target = call(simulator, "POST", &url, &body).await.json();
        assert_eq!(target["part_number"], index + 1);
        let response = follow(target["upload_uri"].as_str().unwrap(), "PUT", part).await;
        assert_eq!(response.status, 200, "{}", response.text());
    }
    call(simulator, "POST", &url, &json!({ "action": "end", "ref": reference }).to_string()).await.json()
}

#[tokio::test]
async fn files_are_uploaded_and_downloaded() {
    let simulator = start().await;
    let started = call(&simulator, "POST", "/files/Staff/a%20b.txt", r#"{"action":"put"}"#).await;
    assert_eq!(started.status, 200);
    let mut started = started.json();
    let url = started["upload_uri"].take();
    let url = url.as_str().unwrap();
    assert!(url.starts_with(&simulator.storage_url()), "{url}");
    let expected = json!({
        "ref": "put-60001", "path": "Staff/a b.txt", "action": "put/write", "ask_about_overwrites": false,
        "http_method": "PUT", "upload_uri": null, "partsize": 5_242_880, "part_number": 1, "available_parts": 10_000,
        "send": { "partsize": "required-parameter Content-Length", "partdata": "body" }, "headers": {}, "parameters": {},
    });
    assert_eq!(started, expected);
    let end = r#"{"action":"end","ref":"put-60001"}"#;
    assert_eq!(call(&simulator, "POST", "/files/Staff/a%20b.txt", end).await.status, 422, "nothing was sent");
    assert_eq!(follow(url, "PUT", "hello").await.status, 200);
    assert_eq!(simulator.state().uploads()[0].parts, [(1, 5)]);
    // The path of the completion is ignored. Only one completion succeeds.
    let completion = call(&simulator, "POST", "/files/elsewhere", end).await;
    assert_eq!(completion.status, 200);
    let mut expected = json!({
        "id": 5_000_000_002_u64, "path": "Staff/a b.txt", "display_name": "a b.txt", "type": "file", "size": 5,
        "mtime": "2018-05-02T14:00:00+00:00", "provided_mtime": null, "crc32": null, "md5": null,
        "region": "us-east-1", "permissions": "rwd",
    });
    assert_eq!(completion.json(), expected);
    assert_eq!(call(&simulator, "POST", "/files/Staff/a%20b.txt", end).await.status, 404);
    let stat = call(&simulator, "GET", "/files/Staff%2fa%20b.txt?action=stat", "").await.json();
    expected["crc32"] = "3610a686".into();
    expected["md5"] = "5d41402abc4b2a76b9719d911017c592".into();
    assert_eq!(stat, expected);
    let mut file = call(&simulator, "GET", "//files/Staff//a%20b.txt/", "").await.json();
    let url = file["download_uri"].take();
    assert_eq!(follow(url.as_str().unwrap(), "GET", "").await.text(), "hello");
    assert_eq!(simulator.state().content("Staff/a b.txt").unwrap(), "hello");
    assert!(simulator.state().uploads().is_empty());
    let actions: Vec<_> = simulator.state().history().into_iter().map(|event| event.action).collect();
    assert_eq!(actions, ["create", "read"]);
    assert_eq!(simulator.count("brickftp.storage.put_part"), 1);
    assert_eq!(simulator.count("brickftp.uploads.*"), 4);
}

/// A sequence of calls that read or change the tree, with their responses.
#[tokio::test]
#[allow(clippy::too_many_lines)] // it is a table
async fn rules_of_the_file_tree() {
    let simulator = start().await;
    let state = simulator.state();
    state.add_file("a/one.txt", "1");
    state.add_file("a/b/two.json", "22");
    state.add_folder("empty");
    let long = format!("/folders/{}", "x".repeat(551));
    let to = |key: &str, path: &str| json!({ key: path }).to_string();
    let (moves, copies) = (|path| to("move-destination", path), |path| to("copy-destination", path));
    let structure = json!({ "copy-destination": "frame", "structure": 0 }).to_string();
    let cases: Vec<(&str, &str, String, u16)> = vec![
        ("POST", "/folders/new", String::new(), 200),
        ("POST", "/folders/new", String::new(), 422),
        ("POST", "/folders/a/one.txt", String::new(), 422),
        ("POST", "/folders/none/new", String::new(), 409),
        ("POST", "/folders", String::new(), 422),
        ("POST", &long, String::new(), 422),
        ("GET", "/folders/a/one.txt", String::new(), 404),
        ("GET", "/folders/none", String::new(), 404),
        ("GET", "/folders/none?action=count", String::new(), 404),
        ("GET", "/files/none", String::new(), 404),
        ("GET", "/files/a", String::new(), 400),
        ("GET", "/files/a?action=stat", String::new(), 200),
        ("GET", "/folders/a?action=stat", String::new(), 200),
        ("GET", "/files/a/b/two.json", String::new(), 200),
        ("GET", "/files/a/%2e%2e/a", String::new(), 404),
        ("POST", "/files/a", r#"{"action":"put"}"#.into(), 422),
        ("POST", "/files/a/one.txt/deeper/x", r#"{"action":"put"}"#.into(), 422),
        ("POST", "/files", r#"{"action":"put"}"#.into(), 422),
        ("POST", "/files/x", r#"{"action":"fly"}"#.into(), 400),
        ("POST", "/files/x", r#"{"action":"#.into(), 400),
        ("POST", "/files/x", r#"{"action":"put","ref":"put-9","part":1}"#.into(), 404),
        ("POST", "/files/a/one.txt", moves("/a/b"), 422),
        ("POST", "/files/a/one.txt", moves("none/x"), 409),
        ("POST", "/files/a/one.txt", moves("../x"), 422),
        ("POST", "/files/a/one.txt", moves(""), 422),
        ("POST", "/files/none", moves("x"), 404),
        ("POST", "/files/a", moves("a/b/a"), 422),
        ("POST", "/files/a", copies("a/inside"), 422),
        ("POST", "/files/a/one.txt", moves("/empty/first.txt"), 200),
        ("POST", "/folders/a", copies("copy"), 200),
        ("POST", "/files/a", structure, 200),
        ("DELETE", "/files/a", String::new(), 422),
        ("DELETE", "/files/none", String::new(), 404),
        ("DELETE", "/files", String::new(), 422),
        ("DELETE", "/files/a/b/two.json", String::new(), 200),
        ("DELETE", "/files/a/b", String::new(), 200),
        ("DELETE", "/files/empty?recursive=true", String::new(), 200),
        ("PUT", "/files/a", String::new(), 404),
        ("GET", "/users.yaml", String::new(), 404),
        ("GET", "/nonsense", String::new(), 404),
    ];
    for (method, path, body, status) in cases {
        let answer = call(&simulator, method, path, &body).await;
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
        if status >= 400 {
            assert_eq!(answer.json()["http-code"], status.to_string());
        }
    }
    let headers = format!("{}DEPTH: infinity\r\n", basic(&simulator.api_key()));
    assert_eq!(call_with(&simulator, &headers, "DELETE", "/files/frame", "").await.text(), "[]");
    let paths: Vec<_> = state.entries().into_iter().map(|entry| entry.path).collect();
    assert_eq!(paths, ["a", "copy", "copy/b", "copy/b/two.json", "new"]);
    assert_eq!(state.content("copy/b/two.json").unwrap(), "22");
    let actions: Vec<_> = state.history().into_iter().map(|event| event.action).collect();
    let expected = ["create", "read", "move", "copy", "copy", "destroy", "destroy", "destroy", "destroy"];
    assert_eq!(actions, expected);
}

#[tokio::test]
async fn listings_are_sorted_searched_and_paginated() {
    let simulator = start().await;
    let state = simulator.state();
    for (path, size, mtime) in [("f/b.txt", 3, 1000), ("f/A.txt", 1, 3000), ("f/c.TXT", 2, 2000)] {
        state.add_pattern_file(path, size, 1);
        state.set_times(path, mtime, Some(0));
    }
    state.add_folder("f/dir");
    for (query, expected) in [
        ("", vec!["f/A.txt", "f/b.txt", "f/c.TXT", "f/dir"]),
        ("?sort_by[path]=desc", vec!["f/dir", "f/c.TXT", "f/b.txt", "f/A.txt"]),
        ("?sort_by%5Bsize%5D=asc", vec!["f/dir", "f/A.txt", "f/c.TXT", "f/b.txt"]),
        ("?sort_by[size]=desc&sort_by[path]=asc", vec!["f/b.txt", "f/c.TXT", "f/A.txt", "f/dir"]),
        ("?sort_by[modified_at_datetime]=asc&per_page=3", vec!["f/b.txt", "f/c.TXT", "f/A.txt"]),
        ("?search=.Txt", vec!["f/A.txt", "f/b.txt", "f/c.TXT"]),
        ("?page=2&per_page=3", vec!["f/dir"]),
        ("?page=3&per_page=3", vec![]),
        ("?&page=0&per_page=x", vec!["f/A.txt", "f/b.txt", "f/c.TXT", "f/dir"]),
    ] {
        let listing = call(&simulator, "GET", &format!("/folders/f{query}"), "").await.json();
        assert_eq!(names(&listing), expected, "{query}");
    }
    for (query, expected) in [
        ("count", json!({ "type": "200-ok", "data": { "count": 4 } })),
        ("count_nrs", json!({ "type": "200-ok", "data": { "count": { "files": 3, "folders": 1 } } })),
        ("size", json!({ "type": "200-ok", "data": { "size": 6 } })),
    ] {
        let totals = call(&simulator, "GET", &format!("/folders/f?action={query}"), "").await.json();
        assert_eq!(totals, expected);
    }
    let root = call(&simulator, "GET", "/folders/", "").await.json();
    let folder = json!([{
        "id": 5_000_000_001_u64, "path": "f", "display_name": "f", "type": "directory", "size": null,
        "mtime": "2018-05-02T14:00:00+00:00", "provided_mtime": null, "crc32": null, "md5": null,
        "permissions": "rwd", "subfolders_locked?": null,
    }]);
    assert_eq!(root, folder);
}

#[tokio::test]
async fn large_folders_are_paginated() {
    let simulator = start().await;
    simulator.state().add_files("many", 20_001);
    let size = 5000;
    for (page, expected) in [(1, size), (4, size), (5, 1), (6, 0)] {
        let url = format!("/folders/many?page={page}&per_page=9999");
        let listing = call(&simulator, "GET", &url, "").await.json();
        assert_eq!(listing.as_array().unwrap().len(), expected, "{page}");
    }
    let default = call(&simulator, "GET", "/folders/many", "").await.json();
    assert_eq!(default.as_array().unwrap().len(), 1000);
}

#[tokio::test]
async fn uploads_follow_their_settings() {
    let builder = Simulator::builder()
        .overwrite(Overwrite::Rename)
        .part_length(PartLength::Header)
        .part_size(6)
        .available_parts(3)
        .upload_life(Duration::from_secs(60))
        .checksum_delay(Duration::from_secs(10))
        .storage(StorageSettings::new().min_part_size(2));
    let simulator = builder.start().await.unwrap();
    let state = simulator.state();
    assert_eq!(upload(&simulator, "in/x.tar", &["ab", "c"]).await["path"], "in/x.tar");
    let second = upload(&simulator, "in/x.tar", &["zz"]).await;
    assert_eq!((&second["path"], &second["size"]), (&json!("in/x (1).tar"), &json!(2)));
    assert_eq!(state.content("in/x.tar").unwrap(), "abc");
    let stat = async || call(&simulator, "GET", "/files/in/x.tar?action=stat", "").await.json()["md5"].clone();
    assert_eq!(stat().await, Value::Null);
    simulator.advance(Duration::from_secs(11));
    assert_eq!(stat().await, "900150983cd24fb0d6963f7d28e17f72");

    let started = call(&simulator, "POST", "/files/in/x.tar", r#"{"action":"put"}"#).await.json();
    assert_eq!(started["send"], json!({ "partsize": "required-header Content-Length", "partdata": "body" }));
    assert_eq!((&started["partsize"], &started["ask_about_overwrites"]), (&json!(6), &json!(true)));
    let part = |part: u64| json!({ "action": "put", "ref": started["ref"], "part": part }).to_string();
    for (number, status) in [(0, 422), (1, 200), (3, 200), (4, 422)] {
        assert_eq!(call(&simulator, "POST", "/files/in/x.tar", &part(number)).await.status, status, "{number}");
    }
    simulator.advance(Duration::from_secs(61));
    assert_eq!(call(&simulator, "POST", "/files/in/x.tar", &part(1)).await.status, 404);

    let small = call(&simulator, "POST", "/files/gap", r#"{"action":"put"}"#).await.json();
    let end = json!({ "action": "end", "ref": small["ref"] }).to_string();
    assert_eq!(follow(small["upload_uri"].as_str().unwrap(), "PUT", "a").await.status, 200);
    let second = json!({ "action": "put", "ref": small["ref"], "part": 2 }).to_string();
    let second = call(&simulator, "POST", "/files/gap", &second).await.json();
    assert_eq!(follow(second["upload_uri"].as_str().unwrap(), "PUT", "b").await.status, 200);
    let refused = call(&simulator, "POST", "/files/gap", &end).await;
    assert_eq!(
        (refused.status, refused.json()["errors"][0]["type"].as_str()),
        (422, Some("422-part-1-is-smaller-than-the-minimum"))
    );
}

#[tokio::test]
async fn parts_as_forms() {
    for (form, name) in [(UploadForm::FormPart, "partdata"), (UploadForm::FormFile, "file")] {
        let simulator = Simulator::builder().upload_form(form).start().await.unwrap();
        let started = call(&simulator, "POST", "/files/x", r#"{"action":"put"}"#).await.json();
        let target_form = (&started["http_method"], &started["send"]);
        assert_eq!(target_form, (&json!("POST"), &json!({ name: "required-parameter file" })));
        let parameters = started["parameters"].as_object().unwrap().iter();
        let mut fields: Vec<_> = parameters
            .map(|(name, value)| {
                let value = value.as_str().unwrap();
                format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            })
            .collect();
        let file =
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nhello\r\n--edge--\r\n";
        fields.push(file.to_owned());
        let body = fields.concat();
        let url = started["upload_uri"].as_str().unwrap();
        let path = url.strip_prefix(&simulator.storage_url()).unwrap();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=edge\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let response = crate::support::brickftp::send(url, &request).await;
        assert_eq!(response.status, 200, "{}", response.text());
        let end = json!({ "action": "end", "ref": started["ref"] }).to_string();
        assert_eq!(call(&simulator, "POST", "/files/x", &end).await.json()["size"], 5);
        assert_eq!(simulator.state().content("x").unwrap(), "hello");
    }
}

#[tokio::test]
async fn urls_expire_and_are_renewed() {
    let simulator = start().await;
    simulator.state().add_file("x", "content");
    let download = call(&simulator, "GET", "/files/x", "").await.json()["download_uri"].take();
    let started = call(&simulator, "POST", "/files/y", r#"{"action":"put"}"#).await.json();
    simulator.advance(Duration::from_secs(3 * 60 + 1));
    let expired = follow(download.as_str().unwrap(), "GET", "").await;
    assert_eq!(expired.status, 403);
    assert!(expired.text().contains("<Message>Request has expired</Message>"), "{}", expired.text());
    let upload = started["upload_uri"].as_str().unwrap();
    assert_eq!(follow(upload, "PUT", "first").await.status, 200);
    simulator.advance(Duration::from_secs(12 * 60));
    assert_eq!(follow(upload, "PUT", "late").await.status, 403);
    let again = json!({ "action": "put", "ref": started["ref"], "part": 1 }).to_string();
    let renewed = call(&simulator, "POST", "/files/y", &again).await.json();
    assert_eq!(follow(renewed["upload_uri"].as_str().unwrap(), "PUT", "second").await.status, 200);
    let end = json!({ "action": "end", "ref": started["ref"] }).to_string();
    assert_eq!(call(&simulator, "POST", "/files/y", &end).await.json()["size"], 6, "the last one counts");
}

#[tokio::test]
async fn xml_matches_json() {
    let simulator = start().await;
    let started = call_xml(&simulator, "POST", "/files/x", "<file><action>put</action></file>").await;
    assert_eq!(started.header("content-type"), Some("application/xml; charset=utf-8"));
    let text = started.text();
    for piece in [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<upload>\n  <ref>put-60001</ref>",
        "<ask_about_overwrites type=\"boolean\">false</ask_about_overwrites>",
        "<partsize type=\"integer\">5242880</partsize>",
        "<send>\n    <partsize>required-parameter Content-Length</partsize>\n    <partdata>body</partdata>\n  </send>",
        "<headers></headers>",
        "&amp;",
    ] {
        assert!(text.contains(piece), "{piece}: {text}");
    }
    let url = text.split("<upload_uri>").nth(1).unwrap().split('<').next().unwrap().replace("&amp;", "&");
    assert_eq!(follow(&url, "PUT", "").await.status, 200);
    let end = "<file><action>end</action><ref>put-60001</ref></file>";
    let completion = call_xml(&simulator, "POST", "/files/x", end).await.text();
    assert!(completion.contains("<mtime type=\"datetime\">2018-05-02T14:00:00+00:00</mtime>"), "{completion}");
    assert!(completion.contains("<md5 nil=\"true\"/>"), "{completion}");
    let creation = call_xml(&simulator, "POST", "/folders/dir.xml", "").await.text();
    assert_eq!(creation, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<nil-classes type=\"array\"/>\n");
    let listing = call_xml(&simulator, "GET", "/folders", "").await.text();
    assert!(listing.contains("<files type=\"array\">\n  <file>\n    <id type=\"integer\">"), "{listing}");
    assert!(listing.contains("<subfolders_locked? nil=\"true\"/>"), "{listing}");
    let counts = call_xml(&simulator, "GET", "/folders?action=count_nrs", "").await.text();
    let expected = "<result>\n  <type>200-ok</type>\n  <data>\n    <count>\n      <files type=\"integer\">1</files>\n      \
                    <folders type=\"integer\">1</folders>\n    </count>\n  </data>\n</result>";
    assert!(counts.contains(expected), "{counts}");
    let move_body = "<file><move-destination>/dir.xml/a &amp; b</move-destination></file>";
    assert_eq!(call_xml(&simulator, "POST", "/files/x", move_body).await.status, 200);
    assert_eq!(simulator.state().file_paths(), ["dir.xml/a & b"]);
    let refused = call_xml(&simulator, "POST", "/folders/dir.xml", "").await.text();
    let expected = "<error>\n  <message>The destination exists</message>\n  <http-code>422</http-code>\n  \
                    <errors type=\"array\">\n    <error>\n      <type>422-the-destination-exists</type>\n      \
                    <message>The destination exists</message>\n    </error>\n  </errors>\n</error>\n";
    assert!(refused.ends_with(expected), "{refused}");
    assert_eq!(call_xml(&simulator, "POST", "/files/x", "<file><action>put</file>").await.status, 400);
}

/// Requests of old clients.
#[tokio::test]
async fn old_clients_are_supported() {
    let simulator = start().await;
    let key = basic(&simulator.api_key());
    let json = format!("{key}Content-Type: application/json\r\n");
    let form = format!("{key}content-type: application/x-www-form-urlencoded\r\naccept: */*\r\n");
    for (headers, method, path, body, operation) in [
        (&json, "POST", "/folders/n%2Fw", "", "brickftp.folders.create"),
        (&form, "POST", "/folders/n", "", "brickftp.folders.create"),
        (&key, "POST", "/folders/n%2fw", "", "brickftp.folders.create"),
        (&form, "POST", "/files/n%2Fx.txt", "action=put", "brickftp.uploads.start"),
        (&form, "POST", "/files/n/x.txt", "action=put&ref=put-60001&part=1", "brickftp.uploads.part"),
        (&form, "POST", "/files/n/x.txt", "action=end&ref=put-60001", "brickftp.uploads.complete"),
        (&form, "GET", "/folders/n?&per_page=1", "", "brickftp.folders.list"),
        (&form, "GET", "/folders/n%2Fx.txt?action=stat", "", "brickftp.files.stat"),
        (&form, "POST", "/files/n/x.txt", "move-destination=%2Fn%2Fy.txt", "brickftp.files.rename"),
        (&json, "POST", "/folders/n", r#"{"copy-destination":"m"}"#, "brickftp.files.copy"),
        (&json, "DELETE", "/files/n?recursive=true", "", "brickftp.files.delete"),
    ] {
        let answer = call_with(&simulator, headers, method, path, body).await;
        let exchange = simulator.journal().pop().unwrap();
        assert_eq!(exchange.operation, Some(operation), "{method} {path} {body}");
        let early = matches!(path, "/folders/n%2Fw");
        assert_eq!(answer.status, if early { 409 } else { 200 }, "{method} {path} {body}: {}", answer.text());
        if operation == "brickftp.uploads.part" {
            follow(answer.json()["upload_uri"].as_str().unwrap(), "PUT", "x").await;
        }
    }
    assert_eq!(simulator.state().file_paths(), ["m/y.txt"]);
}

/// Injected errors use the requested format.
#[tokio::test]
async fn injected_errors_use_the_requested_format() {
    let simulator = start().await;
    simulator.faults().push(mft_simulator::Fault::status(503).always());
    let json = call(&simulator, "GET", "/users.json", "").await.text();
    assert_eq!(json, r#"{"error":"Service Unavailable","http-code":"503"}"#);
    for path in ["/users.xml", "/folders/x", "/nowhere"] {
        let xml = call_xml(&simulator, "GET", path, "").await.text();
        assert!(xml.contains("<error>\n  <message>Service Unavailable</message>"), "{path}: {xml}");
    }
}

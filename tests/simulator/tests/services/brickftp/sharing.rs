//! BrickFTP bundles and history.

use std::time::Duration;

use crate::support::brickftp::{call, call_as, call_with, call_xml, follow};
use mft_simulator::brickftp::Simulator;
use serde_json::{Value, json};

fn paths(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|entry| entry["path"].as_str().expect("a path")).collect()
}

async fn start() -> Simulator {
    let builder = Simulator::builder().start_time_ms(1_525_269_600_000).frozen_clock().site_offset_minutes(-240);
    builder.start().await.expect("a port is free")
}

#[tokio::test]
async fn bundles_list_their_contents() {
    let simulator = start().await;
    let state = simulator.state();
    for path in ["cloud/images/a.png", "cloud/images/deep/b.png", "cloud/secret.txt", "backup.zip", "other.txt"] {
        state.add_file(path, path.to_owned());
    }
    let body = r#"{"paths":["cloud/images","/backup.zip"],"password":"pw"}"#;
    let created = call(&simulator, "POST", "/bundles.json", body).await;
    assert_eq!(created.status, 201);
    let bundle = created.json();
    let code = bundle["code"].as_str().unwrap();
    let expected = json!({
        "id": 3001, "code": code, "url": format!("https://acme.brickftp.com/f/{code}"), "user_id": null,
        "created_at": "2018-05-02T10:00:00-04:00", "paths": ["cloud/images", "backup.zip"],
    });
    assert_eq!(bundle, expected);
    assert_eq!(call(&simulator, "GET", "/bundles/3001.json", "").await.json(), expected);
    assert_eq!(call(&simulator, "GET", "/bundles", "").await.json(), json!([expected]));

    let ask = |more: Value| {
        let mut body = json!({ "code": code, "host": "acme.brickftp.com", "password": "pw" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body.to_string()
    };
    for (url, more, expected) in [
        ("/bundles/folders.json", json!({}), vec!["backup.zip", "cloud"]),
        ("/bundles/folders", json!({ "path": "cloud" }), vec!["cloud/images"]),
        ("/bundles/folders/cloud", json!({}), vec!["cloud/images"]),
        (
            "/bundles/folders/cloud%2Fimages",
            json!({ "path": "cloud" }),
            vec!["cloud/images/a.png", "cloud/images/deep"],
        ),
        ("/bundles/folders/cloud/images/deep/", json!({}), vec!["cloud/images/deep/b.png"]),
    ] {
        let listing = call(&simulator, "POST", url, &ask(more)).await;
        assert_eq!(listing.status, 200, "{url}: {}", listing.text());
        assert_eq!(paths(&listing.json()), expected, "{url}");
    }
    for (url, more, status) in [
        ("/bundles/folders/other", json!({}), 404),
        ("/bundles/folders/backup.zip", json!({}), 404),
        ("/bundles/folders", json!({ "password": "wrong" }), 401),
        ("/bundles/folders", json!({ "password": null }), 401),
        ("/bundles/folders", json!({ "code": "none" }), 404),
        ("/bundles/files", json!({ "paths": ["cloud/secret.txt"] }), 404),
        ("/bundles/files", json!({ "paths": ["cloud/images"] }), 400),
        ("/bundles/files", json!({}), 422),
    ] {
        let refused = call(&simulator, "POST", url, &ask(more.clone())).await;
        assert_eq!(refused.status, status, "{url} {more}: {}", refused.text());
        if status == 401 {
            assert_eq!(refused.json()["errors"][0]["type"], "401-password-required");
        }
    }
    let files = call(&simulator, "POST", "/bundles/files.json", &ask(json!({ "paths": ["backup.zip"] }))).await.json();
    assert_eq!((&files[0]["size"], &files[0]["type"], &files[0]["id"]), (&json!(10), &json!("file"), &Value::Null));
    assert_eq!(follow(files[0]["download_uri"].as_str().unwrap(), "GET", "").await.text(), "backup.zip");

    let xml = format!("<bundle><code>{code}</code><password>pw</password></bundle>");
    let listing = call_xml(&simulator, "POST", "/bundles/folders.xml", &xml).await.text();
    let folder = "<file>\n    <path>cloud</path>\n    <type>directory</type>\n    <size nil=\"true\"/>\n    \
                  <crc32 nil=\"true\"/>\n    <md5 nil=\"true\"/>\n  </file>";
    assert!(listing.contains(folder), "{listing}");
    let creation =
        call_xml(&simulator, "POST", "/bundles.xml", "<bundle><paths><path>other.txt</path></paths></bundle>").await;
    assert!(
        creation.text().contains("<paths type=\"array\">\n    <path>other.txt</path>\n  </paths>"),
        "{}",
        creation.text()
    );
    assert_eq!(call(&simulator, "DELETE", "/bundles/3001.json", "").await.text(), "[]");
    assert_eq!(state.bundles().len(), 1);
}

#[tokio::test]
async fn users_share_their_files() {
    let simulator = Simulator::builder().public_bundles().start().await.unwrap();
    let state = simulator.state();
    state.add_file("mine/x", "x");
    state.add_file("theirs/y", "y");
    let user = state.add_user(|user| user.attachments_permission = true).id;
    state.permit(user, "mine", "readonly");
    let foreign = state.add_bundle(|bundle| bundle.paths = vec!["theirs".into()]);
    let key = state.add_api_key(user, |_| {}).key;
    assert_eq!(call_as(&simulator, &key, "POST", "/bundles", r#"{"paths":["theirs/y"]}"#).await.status, 403);
    let creation = call_as(&simulator, &key, "POST", "/bundles", r#"{"paths":["mine/x"]}"#).await.json();
    assert_eq!(creation["user_id"], user);
    assert_eq!(call_as(&simulator, &key, "GET", "/bundles", "").await.json(), json!([creation]));
    assert_eq!(call_as(&simulator, &key, "DELETE", &format!("/bundles/{}", foreign.id), "").await.status, 403);
    let body = json!({ "code": foreign.code }).to_string();
    assert_eq!(call_with(&simulator, "", "POST", "/bundles/folders/theirs", &body).await.status, 200);
}

#[tokio::test]
async fn histories_contain_events() {
    let simulator = start().await;
    let state = simulator.state();
    state.add_file("a/x", "x");
    let user = state.add_user(|user| user.username = "ada".into()).id;
    let key = state.add_api_key(1, |_| {}).key;
    call_as(&simulator, &key, "GET", "/files/a/x", "").await;
    simulator.advance(Duration::from_secs(60));
    call(&simulator, "GET", "/files/a/x?action=stat", "").await;
    call(&simulator, "POST", "/files/a/x", r#"{"move-destination":"b,\"y\""}"#).await;
    let permission = json!({ "user_id": user, "path": "a", "permission": "full" }).to_string();
    call(&simulator, "POST", "/permissions", &permission).await;
    state.add_event(|event| (event.action, event.user_id) = ("login".into(), Some(user)));

    let all = call(&simulator, "GET", "/history.json", "").await.json();
    let expected = json!([
        { "id": 70_004, "when": "2018-05-02T10:01:00-04:00", "user_id": user, "action": "login", "ip": "127.0.0.1", "interface": "restapi" },
        { "id": 70_003, "when": "2018-05-02T10:01:00-04:00", "action": "permission_create", "path": "a", "source": "a",
          "targets": { "user": { "id": user, "username": "ada" }, "permission": { "id": 1001, "permission": "full", "recursive": true } },
          "ip": "127.0.0.1", "interface": "restapi" },
        { "id": 70_002, "when": "2018-05-02T10:01:00-04:00", "action": "move", "path": "a/x", "source": "a/x", "destination": "b,\"y\"",
          "ip": "127.0.0.1", "interface": "restapi" },
        { "id": 70_001, "when": "2018-05-02T10:00:00-04:00", "user_id": 1, "username": "admin", "action": "read", "path": "a/x", "source": "a/x",
          "ip": "127.0.0.1", "interface": "restapi" },
    ]);
    assert_eq!(all, expected);
    let ids = |list: &Value| -> Vec<u64> {
        list.as_array().unwrap().iter().map(|e| e["id"].as_u64().unwrap() - 70_000).collect()
    };
    let user_path = format!("/history/users/{user}.json");
    for (path, expected) in [
        ("/history/login", vec![4]),
        (user_path.as_str(), vec![4]),
        ("/history/users/1", vec![1]),
        ("/history/files/a/x", vec![2, 1]),
        ("/history/folders/a", vec![3, 2, 1]),
        ("/history/folders", vec![3, 2, 1]),
        ("/history?page=2&per_page=3", vec![1]),
        ("/history?start_at=2018-05-02T14:01:00Z", vec![4, 3, 2]),
        ("/history?start_at=2018-05-02T10:01:00-04:00", vec![4, 3, 2]),
        ("/history?start_at=2018-05-02T14:02:00Z", vec![]),
    ] {
        assert_eq!(ids(&call(&simulator, "GET", path, "").await.json()), expected, "{path}");
    }
    for path in ["/history/users/999", "/history/files/none", "/history/folders/none"] {
        assert_eq!(call(&simulator, "GET", path, "").await.status, 404, "{path}");
    }
    assert_eq!(call(&simulator, "GET", "/history?start_at=soon", "").await.status, 422);
    let xml = call_xml(&simulator, "GET", "/history.xml?per_page=2", "").await.text();
    let event = "<history type=\"array\">\n  <event>\n    <id type=\"integer\">70004</id>\n    \
                 <when type=\"dateTime\">2018-05-02T10:01:00-04:00</when>\n    <user_id type=\"integer\">2</user_id>\n    \
                 <action>login</action>";
    assert!(xml.contains(event), "{xml}");
    assert!(
        xml.contains("<permission>full</permission>\n        <recursive type=\"boolean\">true</recursive>"),
        "{xml}"
    );
    let csv = call(&simulator, "GET", "/history.csv", "").await.text();
    assert!(csv.starts_with("id,when,user_id,username,action,failure_type,path,"), "{csv}");
    assert!(csv.contains(",move,,a/x,a/x,\"b,\"\"y\"\"\",127.0.0.1,restapi\r\n"), "{csv}");
    let html = call(&simulator, "GET", "/history.html", "").await.text();
    assert_eq!(html.matches("<tr>").count(), 5);
}

#[tokio::test]
async fn list_anomalies_are_configurable() {
    let simulator = Simulator::builder().ignore_page().page_cap(2).start().await.unwrap();
    simulator.state().add_files("f", 5);
    for query in ["", "?page=2", "?page=3&per_page=5"] {
        let listing = call(&simulator, "GET", &format!("/folders/f{query}"), "").await.json();
        assert_eq!(paths(&listing), ["f/file-000000.txt", "f/file-000001.txt"], "{query}");
    }
}

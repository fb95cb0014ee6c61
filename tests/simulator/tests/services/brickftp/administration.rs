//! BrickFTP users, groups, keys, permissions and notifications.

use crate::support::brickftp::{basic, call, call_with, call_xml};
use mft_simulator::brickftp::Simulator;
use serde_json::{Value, json};

const KEY_LINE: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@quiet-meadow";

async fn start() -> Simulator {
    let builder = Simulator::builder().start_time_ms(1_525_269_600_000).frozen_clock().site_offset_minutes(-240);
    builder.start().await.expect("a port is free")
}

#[tokio::test]
async fn users_match_the_documentation() {
    let simulator = start().await;
    let created = call(&simulator, "POST", "/users.json", r#"{"username":"ada","password":"s3cret"}"#).await;
    assert_eq!(created.status, 201);
    let user = json!({
        "id": 2, "username": "ada", "authentication_method": "password", "last_login_at": null,
        "authenticate_until": null, "name": null, "email": null, "notes": null, "group_ids": "",
        "ftp_permission": true, "sftp_permission": true, "dav_permission": true, "restapi_permission": true,
        "attachments_permission": false, "self_managed": true, "require_password_change": false, "allowed_ips": null,
        "user_root": "", "time_zone": "Eastern Time (US & Canada)", "language": "",
        "ssl_required": "use_system_setting", "site_admin": false, "can_create_new_users": false,
        "last_protocol_cipher": null, "lockout_expires": null, "admin_group_ids": [],
    });
    assert_eq!(created.json(), user);
    assert_eq!(call(&simulator, "GET", "/users/2", "").await.json(), user);
    for path in ["/users?q[username]=ada", "/users.json?q%5Busername%5D=ada"] {
        assert_eq!(call(&simulator, "GET", path, "").await.json(), user);
    }
    assert_eq!(call(&simulator, "GET", "/users.json?q[username]=nobody", "").await.text(), "[]");
    let count = call(&simulator, "GET", "/users.json?action=count", "").await.text();
    assert_eq!(count, r#"{"data":{"count":2},"type":"200-ok"}"#);
    let xml = call_xml(&simulator, "GET", "/users/2", "").await.text();
    for piece in [
        "<user>\n  <id type=\"integer\">2</id>",
        "<authentication_method type=\"symbol\">password</authentication_method>",
        "<last_login_at nil=\"true\"/>",
        "<group_ids></group_ids>",
        "<ftp_permission type=\"boolean\">true</ftp_permission>",
        "<time_zone>Eastern Time (US &amp; Canada)</time_zone>",
        "<admin_group_ids type=\"array\"/>\n</user>",
    ] {
        assert!(xml.contains(piece), "{piece}: {xml}");
    }
    assert!(!xml.contains("s3cret") && !created.text().contains("s3cret"));
    simulator.state().add_users(1500);
    for (query, expected) in [("", 1000), ("?page=2", 502), ("?page=151&per_page=10", 2), ("?per_page=2000", 1502)] {
        let page = call(&simulator, "GET", &format!("/users.json{query}"), "").await.json();
        assert_eq!(page.as_array().unwrap().len(), expected, "{query}");
    }
}

/// Creates, gets, lists, updates and deletes every resource, in both formats.
#[tokio::test]
#[allow(clippy::too_many_lines)] // it is a table
async fn resources_are_created_and_deleted() {
    let simulator = start().await;
    let state = simulator.state();
    let (ada, bo) = (state.add_user(|user| user.username = "ada".into()).id, state.add_user(|_| {}).id);
    let steps: Vec<(&str, &str, String, u16, &str)> = vec![
        (
            "POST",
            "/users/2/api_keys.json",
            r#"{"name":"ci","expires_at":"2019-01-01T00:00:00Z"}"#.into(),
            201,
            r#""name":"ci","permission_set":"full","platform":"none","expires_at":"2018-12-31T20:00:00-04:00","created_at":"2018-05-02T10:00:00-04:00"}"#,
        ),
        ("GET", "/users/2/api_keys", String::new(), 200, r#"[{"id":501,"name":"ci","#),
        ("GET", "/api_keys/501.json", String::new(), 200, r#"{"id":501,"name":"ci","#),
        ("DELETE", "/api_keys/501.json", String::new(), 200, "[]"),
        (
            "POST",
            "/users/2/public_key.json",
            json!({ "title": "lab", "public_key": KEY_LINE }).to_string(),
            201,
            r#"{"id":701,"title":"lab","fingerprint":""#,
        ),
        ("GET", "/users/2/public_keys.json", String::new(), 200, r#"[{"id":701,"#),
        ("GET", "/public_keys/701", String::new(), 200, r#""created_at":"2018-05-02T10:00:00-04:00"}"#),
        ("DELETE", "/public_keys/701.json", String::new(), 200, "[]"),
        (
            "POST",
            "/groups.json",
            json!({ "name": "Ops", "user_ids": format!("{ada},{bo}") }).to_string(),
            201,
            r#"{"id":101,"name":"Ops","notes":"","user_ids":"2,3","usernames":"ada,user-3","admin_ids":[]}"#,
        ),
        ("PATCH", "/groups/101.json", r#"{"notes":"n","user_ids":[3]}"#.into(), 200, r#""notes":"n","user_ids":"3""#),
        (
            "PUT",
            "/groups/101/membersips/2.json",
            r#"{"membership":{"admin":"true"}}"#.into(),
            200,
            r#"{"id":9003,"group_id":101,"user_id":2,"admin":true}"#,
        ),
        ("PUT", "/groups/101/memberships/2.json", String::new(), 200, r#""admin":false}"#),
        ("PATCH", "/groups/101/memberships/2.json", r#"{"admin":true}"#.into(), 200, r#""admin":true}"#),
        ("GET", "/users/2.json", String::new(), 200, r#""admin_group_ids":[101]"#),
        ("GET", "/groups.json", String::new(), 200, r#""admin_ids":[2]}]"#),
        (
            "POST",
            "/groups/101/users.json",
            r#"{"user":{"username":"cy","site_admin":true}}"#.into(),
            201,
            r#""group_ids":"101""#,
        ),
        ("PATCH", "/groups/101/memberships/1.json", r#"{"admin":true}"#.into(), 200, "[]"),
        ("DELETE", "/groups/101/memberships/2.json", String::new(), 200, "[]"),
        ("DELETE", "/groups/101/memberships/2.json", String::new(), 200, "[]"),
        (
            "POST",
            "/permissions.json",
            r#"{"user_id":"2","path":"/Staff/in/","permission":"writeonly"}"#.into(),
            201,
            r#"{"id":1001,"user_id":2,"username":"ada","group_id":null,"group_name":null,"path":"Staff/in","permission":"writeonly","recursive":true}"#,
        ),
        (
            "POST",
            "/permissions.json",
            r#"{"group_id":101,"path":"","permission":"full","recursive":false}"#.into(),
            201,
            r#""group_name":"Ops","path":"","permission":"full","recursive":false}"#,
        ),
        ("GET", "/permissions.json?path=Staff%2Fin%2Fdeep", String::new(), 200, r#"[{"id":1001,"user_id":2,"#),
        ("DELETE", "/permissions/1001.json", String::new(), 200, "[]"),
        (
            "POST",
            "/notifications.json",
            "<notification><path>Staff</path><username>ada</username></notification>".into(),
            201,
            r#"{"id":"2001","path":"Staff","user_id":"2","username":"ada","send_interval":"five_minutes","unsubscribed":false}"#,
        ),
        ("GET", "/notifications.json", String::new(), 200, r#"[{"id":2001,"path":"Staff","user_id":2,"#),
        ("DELETE", "/notifications/2001.json", String::new(), 200, "[]"),
        (
            "POST",
            "/behaviors.json",
            r#"{"path":"Staff","behavior":"webhook","value":["https://a","https://b"]}"#.into(),
            201,
            r#"{"id":4001,"path":"Staff","behavior":"webhook","value":["https://a","https://b"]}"#,
        ),
        ("PATCH", "/behaviors/4001.json", r#"{"value":["https://c"]}"#.into(), 200, r#""value":["https://c"]}"#),
        ("PUT", "/behaviors/4001", r#"{"value":{"a":1}}"#.into(), 200, r#""value":{"a":1}}"#),
        ("GET", "/behaviors/folders/Staff", String::new(), 200, r#"[{"id":4001,"#),
        ("GET", "/behaviors/folders/Staff/in?recursive=1", String::new(), 200, r#"[{"id":4001,"#),
        ("GET", "/behaviors/folders/Staff/in", String::new(), 404, "Not Found"),
        ("GET", "/behaviors", String::new(), 200, r#"[{"id":4001,"#),
        ("DELETE", "/behaviors/4001.json", String::new(), 200, "[]"),
        ("GET", "/behaviors.json", String::new(), 200, "[]"),
        ("DELETE", "/groups/101.json", String::new(), 200, "[]"),
        ("DELETE", "/users/2.json", String::new(), 200, "[]"),
    ];
    for (method, path, body, status, expected) in steps {
        let answer = call(&simulator, method, path, &body).await;
        let text = answer.text();
        assert_eq!(answer.status, status, "{method} {path} {body}: {text}");
        assert!(text.contains(expected), "{method} {path} {body}: {text}");
        assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    }
    let creation =
        ["user_create", "user_destroy", "group_create", "group_destroy", "permission_create", "permission_destroy"];
    for action in creation {
        assert!(state.history().iter().any(|event| event.action == action), "{action}");
    }
    let xml: Vec<(&str, &str, String, u16, &str)> = vec![
        (
            "POST",
            "/users.xml",
            "<user><username>di</username><group_ids/><name nil=\"true\"/></user>".into(),
            201,
            "<username>di</username>",
        ),
        (
            "POST",
            "/users/3/api_keys.xml",
            "<api-key><name>ci</name></api-key>".into(),
            201,
            "<api-key>\n  <id type=\"integer\">502</id>\n  <key>",
        ),
        (
            "GET",
            "/users/3/api_keys.xml",
            String::new(),
            200,
            "<api-keys type=\"array\">\n  <api-key>\n    <id type=\"integer\">502</id>\n    <name>ci</name>",
        ),
        ("GET", "/users/3/public_keys.xml", String::new(), 200, "<nil-classes type=\"array\"/>"),
        (
            "POST",
            "/groups.xml",
            "<group><name>Ops</name><user_ids>3</user_ids></group>".into(),
            201,
            "<group>\n  <id type=\"integer\">102</id>",
        ),
        (
            "PUT",
            "/groups/102/memberships/3.xml",
            "<membership><admin>true</admin></membership>".into(),
            200,
            "<group-user>\n  <id type=\"integer\">",
        ),
        (
            "GET",
            "/groups/102.xml",
            String::new(),
            200,
            "<admin_ids type=\"array\">\n    <admin_id type=\"integer\">3</admin_id>",
        ),
        (
            "POST",
            "/permissions.xml",
            "<permission><group_id>102</group_id><path>a</path><permission>full</permission></permission>".into(),
            201,
            "<user_id nil=\"true\"/>",
        ),
        (
            "POST",
            "/notifications.xml",
            "<notification><path>a</path><user_id>3</user_id></notification>".into(),
            201,
            "<user_id>3</user_id>",
        ),
        ("GET", "/notifications.xml", String::new(), 200, "<user_id type=\"integer\">3</user_id>"),
        (
            "POST",
            "/behaviors.xml",
            "<behavior><path>a</path><behavior>webhook</behavior><value><value>https://u</value></value></behavior>"
                .into(),
            201,
            "<value type=\"array\">\n    <value>https://u</value>\n  </value>",
        ),
        ("POST", "/user/3/unlock.xml", String::new(), 200, "<lockout_expires nil=\"true\"/>"),
        (
            "GET",
            "/users/999.xml",
            String::new(),
            404,
            "<error>\n  <message>Not Found</message>\n  <http-code>404</http-code>\n</error>",
        ),
    ];
    for (method, path, body, status, expected) in xml {
        let answer = call_xml(&simulator, method, path, &body).await;
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
        assert!(answer.text().contains(expected), "{method} {path} {body}: {}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/xml; charset=utf-8"));
    }
}

#[tokio::test]
async fn rejected_requests() {
    let simulator = start().await;
    let state = simulator.state();
    state.add_user(|user| user.username = "ada".into());
    state.add_group("Ops");
    let name = |length: usize| json!({ "username": "n".repeat(length) }).to_string();
    let cases: Vec<(&str, &str, String, u16)> = vec![
        ("POST", "/users", "{}".into(), 422),
        ("POST", "/users", "[]".into(), 400),
        ("POST", "/users", "{".into(), 400),
        ("POST", "/users", "<user>".into(), 400),
        ("POST", "/users", name(51), 422),
        ("POST", "/users", name(50), 201),
        ("POST", "/users", r#"{"username":"ada"}"#.into(), 422),
        ("PUT", "/users/1", r#"{"username":"ada"}"#.into(), 422),
        ("PUT", "/users/2", r#"{"username":"ada","nonsense":{"a":1},"id":9}"#.into(), 200),
        ("PUT", "/users/2", r#"{"ssl_required":"sometimes"}"#.into(), 422),
        ("PUT", "/users/2", r#"{"site_admin":"perhaps"}"#.into(), 422),
        ("PUT", "/users/2", r#"{"authenticate_until":"soon"}"#.into(), 422),
        ("PUT", "/users/2", r#"{"group_ids":"101,999"}"#.into(), 422),
        ("PUT", "/users/2", r#"{"group_ids":"101"}"#.into(), 200),
        ("PUT", "/users/2", r#"{"password":"a","password_confirmation":"b"}"#.into(), 422),
        ("PUT", "/users/2", json!({ "user_root": "r".repeat(251) }).to_string(), 422),
        ("PUT", "/users/x", "{}".into(), 404),
        ("POST", "/users/999/unlock", String::new(), 404),
        ("POST", "/users/2/api_keys", "{}".into(), 422),
        ("POST", "/users/999/api_keys", r#"{"name":"x"}"#.into(), 404),
        ("POST", "/users/2/public_keys", r#"{"title":"x","public_key":"no key"}"#.into(), 422),
        ("POST", "/users/2/public_keys", json!({ "public_key": KEY_LINE }).to_string(), 422),
        ("POST", "/groups", r#"{"name":"Ops"}"#.into(), 422),
        ("POST", "/groups", r#"{"notes":"x"}"#.into(), 422),
        ("POST", "/groups", r#"{"name":"x","user_ids":"999"}"#.into(), 422),
        ("PUT", "/groups/101/memberships/999", String::new(), 404),
        ("DELETE", "/groups/999/memberships/2", String::new(), 404),
        ("POST", "/permissions", r#"{"path":"a","permission":"full"}"#.into(), 422),
        ("POST", "/permissions", r#"{"path":"a","permission":"full","user_id":2,"group_id":101}"#.into(), 422),
        ("POST", "/permissions", r#"{"path":"a","permission":"read","user_id":2}"#.into(), 422),
        ("POST", "/permissions", r#"{"permission":"full","user_id":2}"#.into(), 422),
        ("POST", "/permissions", r#"{"path":"a","permission":"full","username":"none"}"#.into(), 422),
        ("DELETE", "/permissions/999", String::new(), 404),
        ("POST", "/notifications", r#"{"path":"a"}"#.into(), 422),
        ("POST", "/notifications", r#"{"path":"a","user_id":2,"send_interval":"yearly"}"#.into(), 422),
        ("POST", "/behaviors", r#"{"path":"a","behavior":"webhook"}"#.into(), 422),
        ("POST", "/bundles", r#"{"paths":[]}"#.into(), 422),
        ("POST", "/bundles", r#"{"paths":["none"]}"#.into(), 422),
        ("PATCH", "/permissions/1", "{}".into(), 404),
        ("GET", "/users.csv", String::new(), 404),
    ];
    for (method, path, body, status) in cases {
        let answer = call(&simulator, method, path, &body).await;
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
        if status == 422 {
            assert!(answer.json()["errors"][0]["type"].as_str().unwrap().starts_with("422-"), "{}", answer.text());
        }
    }
}

/// A grant and the resulting permissions use different terms.
#[tokio::test]
async fn grants_become_permissions() {
    let simulator = start().await;
    for (grant, expected) in
        [("full", vec!["full"]), ("read", vec!["readonly"]), ("preview+write", vec!["previewonly", "writeonly"])]
    {
        let body = json!({ "username": grant, "user_root": "Home/x/", "grant_permission": grant }).to_string();
        let id = call(&simulator, "POST", "/users", &body).await.json()["id"].as_u64();
        let permissions = simulator.state().permissions();
        let own: Vec<_> = permissions.iter().filter(|permission| permission.user_id == id).collect();
        assert_eq!(own.iter().map(|one| one.permission.as_str()).collect::<Vec<_>>(), expected);
        assert!(own.iter().all(|one| one.path == "Home/x" && one.recursive));
    }
    // Permissions that another permission includes are omitted.
    let state = simulator.state();
    for id in state.permissions().iter().map(|permission| permission.id).collect::<Vec<_>>() {
        state.remove_permission(id);
    }
    for (path, word) in [("a", "readonly"), ("a/b", "previewonly"), ("a/b", "writeonly"), ("", "history")] {
        state.permit(1, path, word);
    }
    let words = async |path: &str| -> Vec<String> {
        let listing = call(&simulator, "GET", &format!("/permissions?path={path}"), "").await.json();
        listing.as_array().unwrap().iter().map(|one| one["permission"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(words("a/b").await, ["readonly", "writeonly", "history"]);
    assert_eq!(words("").await, ["history"]);
}

/// The body formats that clients send, with and without the wrapper.
#[tokio::test]
async fn body_formats() {
    let simulator = start().await;
    let key = basic(&simulator.api_key());
    for (number, (kind, body)) in [
        ("application/json", r#"{"name":"g0"}"#),
        ("application/json", r#"{"group":{"name":"g1"}}"#),
        ("application/xml", "<group><name>g2</name></group>"),
        ("application/json", "<?xml version=\"1.0\"?><group><name>g3</name></group>"),
        ("application/x-www-form-urlencoded", "name=g4&notes="),
        ("application/x-www-form-urlencoded", "group[name]=g5"),
        ("", r#"{"name":"g6"}"#),
        ("", "name=g7"),
        ("text/xml; charset=utf-8", "<group><name>g8</name></group>"),
    ]
    .into_iter()
    .enumerate()
    {
        let headers = if kind.is_empty() { key.clone() } else { format!("{key}Content-Type: {kind}\r\n") };
        let answer = call_with(&simulator, &headers, "POST", "/groups", body).await;
        assert_eq!(answer.status, 201, "{kind} {body}: {}", answer.text());
        assert_eq!(answer.json()["name"], Value::from(format!("g{number}")));
    }
}

#[tokio::test]
async fn response_formats() {
    let simulator = start().await;
    let key = basic(&simulator.api_key());
    for (path, accept, expected) in [
        ("/groups", "", "application/json"),
        ("/groups", "*/*", "application/json"),
        ("/groups", "application/xml", "application/xml"),
        ("/groups", "application/xml;q=0.5, application/json", "application/json"),
        ("/groups.json", "application/xml", "application/json"),
        ("/groups.xml", "application/json", "application/xml"),
        ("/folders", "application/xml", "application/xml"),
        ("/folders", "text/html", "application/json"),
        ("/history.csv", "application/json", "text/csv"),
        ("/history.xls", "", "application/vnd.ms-excel"),
        ("/history/login.html", "", "text/html"),
        ("/history/folders/", "text/csv", "text/csv"),
        ("/history/folders", "application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("/history", "text/csv", "application/json"),
    ] {
        let headers = if accept.is_empty() { key.clone() } else { format!("{key}Accept: {accept}\r\n") };
        let answer = call_with(&simulator, &headers, "GET", path, "").await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(answer.header("content-type").unwrap().starts_with(expected), "{path} {accept}");
    }
}

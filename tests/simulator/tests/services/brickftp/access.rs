//! BrickFTP authorization: keys, sessions, reauthentication, lockouts, permissions.

use std::time::Duration;

use crate::support::Answer;
use crate::support::brickftp::{basic, call, call_as, call_with};
use mft_simulator::brickftp::Simulator;
use serde_json::json;

async fn with_cookie(simulator: &Simulator, session: &str, more: &str, method: &str, path: &str, body: &str) -> Answer {
    let headers = format!("Cookie: a=b; BrickAPI={session}; c=d\r\n{more}Content-Type: application/json\r\n");
    call_with(simulator, &headers, method, path, body).await
}

async fn log_in(simulator: &Simulator, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password }).to_string();
    call_with(simulator, "Content-Type: application/json\r\n", "POST", "/sessions.json", &body).await
}

#[tokio::test]
async fn sessions_are_created_and_deleted() {
    let simulator = Simulator::start().await.unwrap();
    let refused = log_in(&simulator, "admin", "wrong").await;
    let expected = r#"{"error":"invalid username or password","http-code":"401","errors":[{"type":"401-invalid-username-or-password","message":"invalid username or password"}]}"#;
    assert_eq!((refused.status, refused.text().as_str()), (401, expected));
    assert_eq!(log_in(&simulator, "nobody", "x").await.text(), expected);
    let opened = log_in(&simulator, simulator.admin_username(), &simulator.admin_password()).await;
    assert_eq!(opened.status, 201);
    let session = opened.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(session.len(), 40);
    assert_eq!(with_cookie(&simulator, &session, "", "GET", "/users/1", "").await.json()["username"], "admin");
    assert_eq!(with_cookie(&simulator, "nonsense", "", "GET", "/users", "").await.status, 401);
    for cookie in [session.as_str(), session.as_str(), "nonsense"] {
        assert_eq!(with_cookie(&simulator, cookie, "", "DELETE", "/sessions.json", "").await.text(), "[]");
    }
    assert_eq!(call_with(&simulator, "", "DELETE", "/sessions", "").await.status, 200);
    assert_eq!(with_cookie(&simulator, &session, "", "GET", "/users", "").await.status, 401);

    let session = simulator.state().add_session(1);
    assert_eq!(with_cookie(&simulator, &session, "", "GET", "/users", "").await.status, 200);
    simulator.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(with_cookie(&simulator, &session, "", "GET", "/users", "").await.status, 401);
    let logins: Vec<_> = simulator.state().history().into_iter().map(|event| event.action).collect();
    assert_eq!(logins, ["failedlogin", "failedlogin", "login"]);
}

#[tokio::test]
async fn keys_have_the_permissions_of_their_users() {
    let simulator = Simulator::start().await.unwrap();
    let state = simulator.state();
    let user = state.add_user(|_| {});
    let soon = simulator.now_ms() + 5000;
    let keys = [
        (simulator.api_key(), 200),
        (state.add_api_key(1, |_| {}).key, 200),
        (state.add_api_key(1, |key| key.expires_at_ms = Some(soon)).key, 200),
        (state.add_api_key(user.id, |_| {}).key, 403),
        (String::new(), 401),
        ("x".to_owned(), 401),
    ];
    for (key, status) in &keys {
        assert_eq!(call_as(&simulator, key, "GET", "/users", "").await.status, *status);
    }
    simulator.advance(Duration::from_secs(6));
    assert_eq!(call_as(&simulator, &keys[2].0, "GET", "/users", "").await.status, 401);
    for headers in ["", "Authorization: Bearer x\r\n", "Authorization: Basic !\r\n", "Authorization: Basic\r\n"] {
        let refused = call_with(&simulator, headers, "GET", "/users", "").await;
        assert_eq!((refused.status, refused.text().as_str()), (401, r#"{"error":"Unauthorized","http-code":"401"}"#));
    }
    let forbidden = call_as(&simulator, &keys[3].0, "GET", "/groups.xml", "").await.text();
    assert!(forbidden.ends_with("<error>\n  <message>Forbidden</message>\n  <http-code>403</http-code>\n</error>\n"));
    state.update_user(1, |user| user.allowed_ips = Some("192.0.2.0/24\n".into()));
    assert_eq!(call_as(&simulator, &keys[1].0, "GET", "/users", "").await.status, 403);
    state.update_user(1, |user| user.allowed_ips = Some("192.0.2.0/24\n127.0.0.1".into()));
    assert_eq!(call_as(&simulator, &keys[1].0, "GET", "/users", "").await.status, 200);
    state.update_user(1, |user| user.restapi_permission = false);
    assert_eq!(call_as(&simulator, &keys[1].0, "GET", "/users", "").await.status, 403);
    simulator.set_api_key("other");
    assert_eq!(call_as(&simulator, &keys[0].0, "GET", "/users", "").await.status, 401);
    assert_eq!(call(&simulator, "GET", "/users", "").await.status, 200);
    simulator.revoke_api_key();
    assert_eq!(call_as(&simulator, "other", "GET", "/users", "").await.status, 401);
}

#[tokio::test]
async fn sessions_need_reauthentication() {
    let simulator = Simulator::builder().admin_password("p:w").start().await.unwrap();
    let state = simulator.state();
    let (session, user) = (state.add_session(1), state.add_user(|_| {}).id);
    let path = format!("/users/{user}.json");
    let right = "X-BRICK-REAUTHENTICATION: password:p:w\r\n";
    for (method, body, headers, status) in [
        ("PUT", r#"{"name":"N"}"#, "", 200),
        ("PUT", r#"{"password":"new"}"#, "", 403),
        ("PUT", r#"{"password":"new"}"#, "X-BRICK-REAUTHENTICATION: password:wrong\r\n", 403),
        ("PUT", r#"{"password":"new"}"#, "X-BRICK-REAUTHENTICATION: p:w\r\n", 403),
        ("PUT", r#"{"password":"new"}"#, right, 200),
        ("DELETE", "", "", 403),
        ("DELETE", "", right, 200),
    ] {
        let answer = with_cookie(&simulator, &session, headers, method, &path, body).await;
        assert_eq!(answer.status, status, "{method} {body} {headers}: {}", answer.text());
        if status == 403 {
            assert!(answer.text().to_lowercase().contains("reauthentication"), "{}", answer.text());
        }
    }
    // API keys never need reauthentication. For sessions it can be disabled.
    assert_eq!(call(&simulator, "DELETE", &format!("/users/{}", state.add_user(|_| {}).id), "").await.status, 200);
    let builder = Simulator::builder().reauthentication_for(["brickftp.groups.list"]);
    let simulator = builder.start().await.unwrap();
    let (session, user) = (simulator.state().add_session(1), simulator.state().add_user(|_| {}).id);
    assert_eq!(with_cookie(&simulator, &session, "", "DELETE", &format!("/users/{user}"), "").await.status, 200);
    assert_eq!(with_cookie(&simulator, &session, "", "GET", "/groups", "").await.status, 403);
}

#[tokio::test]
async fn failed_logins_lock_out() {
    let simulator = Simulator::builder().lockout(2, Duration::from_secs(60)).start().await.unwrap();
    let state = simulator.state();
    let user = state.add_user(|user| (user.username, user.password) = ("ada".into(), "right".into()));
    for (password, status) in [("wrong", 401), ("wrong", 401), ("right", 401)] {
        assert_eq!(log_in(&simulator, "ada", password).await.status, status);
    }
    assert!(call(&simulator, "GET", &format!("/users/{}", user.id), "").await.json()["lockout_expires"].is_string());
    simulator.advance(Duration::from_secs(61));
    assert_eq!(log_in(&simulator, "ada", "right").await.status, 201);
    state.lock_out(user.id, simulator.now_ms() + 1_000_000);
    assert_eq!(log_in(&simulator, "ada", "right").await.status, 401);
    let unlocked = call(&simulator, "POST", &format!("/users/{}/unlock.json", user.id), "").await;
    assert!(unlocked.json()["lockout_expires"].is_null());
    assert_eq!(log_in(&simulator, "ada", "right").await.status, 201);
    state.update_user(user.id, |user| user.authenticate_until_ms = Some(0));
    assert_eq!(log_in(&simulator, "ada", "right").await.status, 401);
}

/// The operations that each permission allows in a folder.
#[tokio::test]
async fn permissions_restrict_operations() {
    let simulator = Simulator::start().await.unwrap();
    let state = simulator.state();
    let (put, copy) = (r#"{"action":"put"}"#, r#"{"copy-destination":"in/copy"}"#);
    let move_body = r#"{"move-destination":"in/moved"}"#;
    // Statuses in the order of the permissions below.
    let words = ["full", "readonly", "writeonly", "previewonly", "history", "none"];
    let cases: Vec<(&str, &str, &str, [u16; 6])> = vec![
        ("GET", "/folders/in", "", [200, 200, 403, 200, 403, 403]),
        ("GET", "/folders/in?action=size", "", [200, 200, 403, 200, 403, 403]),
        ("GET", "/files/in/x", "", [200, 200, 403, 403, 403, 403]),
        ("GET", "/files/in/x?action=stat", "", [200, 200, 200, 200, 403, 403]),
        ("GET", "/files/out/y?action=stat", "", [403; 6]),
        ("GET", "/history/folders/in", "", [200, 403, 403, 403, 200, 403]),
        ("GET", "/history", "", [403; 6]),
        ("POST", "/files/in/new", put, [200, 403, 200, 403, 403, 403]),
        ("POST", "/folders/in/sub", "", [200, 403, 200, 403, 403, 403]),
        ("POST", "/files/in/x", copy, [200, 403, 403, 403, 403, 403]),
        ("POST", "/files/in/x", move_body, [200, 403, 403, 403, 403, 403]),
        ("DELETE", "/files/in/x", "", [404, 403, 403, 403, 403, 403]),
        ("DELETE", "/files/in/moved", "", [200, 404, 404, 404, 404, 404]),
        ("GET", "/users", "", [403; 6]),
        ("POST", "/bundles", r#"{"paths":["in/x"]}"#, [403; 6]),
    ];
    for (index, word) in words.iter().enumerate() {
        state.remove_entry("in");
        state.add_file("in/x", "x");
        state.add_file("out/y", "y");
        let user = state.add_user(|_| {}).id;
        state.permit(user, "in", word);
        let key = state.add_api_key(user, |_| {}).key;
        for (method, path, body, statuses) in &cases {
            let answer = call_as(&simulator, &key, method, path, body).await;
            assert_eq!(answer.status, statuses[index], "{word} {method} {path} {body}: {}", answer.text());
        }
    }
    for (word, letters) in [("full", "rwd"), ("readonly", "r"), ("writeonly", "w"), ("previewonly", "p")] {
        let user = state.add_user(|_| {}).id;
        let group = state.add_group(word).id;
        state.add_membership(group, user, false);
        state.add_permission(|new| (new.group_id, new.path, new.permission) = (Some(group), "out".into(), word.into()));
        let key = state.add_api_key(user, |_| {}).key;
        let stat = call_as(&simulator, &key, "GET", "/files/out/y?action=stat", "").await.json();
        assert_eq!(stat["permissions"], letters);
        let root = call_as(&simulator, &key, "GET", "/folders", "").await.json();
        assert_eq!((&root[0]["path"], root.as_array().unwrap().len()), (&json!("out"), 1), "only the way to it");
    }
}

#[tokio::test]
async fn a_permission_without_recursion_ends_at_the_files_of_its_folder() {
    let simulator = Simulator::start().await.unwrap();
    let state = simulator.state();
    state.add_file("in/x", "x");
    state.add_file("in/sub/y", "y");
    let user = state.add_user(|_| {}).id;
    let permission = state.permit(user, "in", "full").id;
    state.update_permission(permission, |permission| permission.recursive = false);
    let key = state.add_api_key(user, |_| {}).key;
    for (path, status) in
        [("/files/in/x", 200), ("/files/in/sub/y", 403), ("/folders/in", 200), ("/folders/in/sub", 403)]
    {
        assert_eq!(call_as(&simulator, &key, "GET", path, "").await.status, status, "{path}");
    }
}

#[tokio::test]
async fn administrators_of_groups_may_create_users_there() {
    let simulator = Simulator::start().await.unwrap();
    let state = simulator.state();
    let (group, other_group) = (state.add_group("Ops").id, state.add_group("Dev").id);
    let user = state.add_user(|user| user.can_create_new_users = true).id;
    state.add_membership(group, user, true);
    let key = state.add_api_key(user, |_| {}).key;
    for (group, name, status) in [(group, "one", 201), (other_group, "two", 403), (999, "three", 403)] {
        let body = json!({ "user": { "username": name } }).to_string();
        let answer = call_as(&simulator, &key, "POST", &format!("/groups/{group}/users"), &body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

/// The API ignores path prefixes that clients send.
#[tokio::test]
async fn path_prefixes_are_ignored() {
    let simulator = Simulator::start().await.unwrap();
    let key = basic(&simulator.api_key());
    for (path, status) in [
        ("/api/rest/v1/users.json", 200),
        ("/.brickftp.com/api/rest/v1/users.json", 200),
        ("//api/rest/v1/users.json", 200),
        ("/users.json", 200),
        ("/api/rest/v1users.json", 404),
        ("/api/rest/v2/users.json", 404),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{key}\r\n");
        assert_eq!(crate::support::brickftp::send(&simulator.base_url(), &request).await.status, status, "{path}");
    }
}

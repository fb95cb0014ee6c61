//! ftpGrid tokens, scopes, origins and FTP accounts.

use std::time::Duration;

use crate::support::ftpgrid::{all, json, manage, store};
use crate::support::storage::{Answer, send};
use mft_simulator::ftpgrid::{CreateResponse, ErrorBody, Paths, Simulator};
use serde_json::json;

async fn log_in(simulator: &Simulator, body: &str) -> Answer {
    let url = format!("{}/apiaccess/auth", simulator.base_url());
    send("POST", &url, "Content-Type: application/json\r\n", body.as_bytes()).await
}

fn keys(simulator: &Simulator) -> String {
    json!({
        "AssociationKey": simulator.association_key(),
        "AccessKey": simulator.access_key(),
        "SecretKey": simulator.secret_key(),
    })
    .to_string()
}

async fn status_with(simulator: &Simulator, token: &str) -> (u16, u16) {
    let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    let managed = send("GET", &format!("{}/ftpaccounts", simulator.base_url()), &headers, b"").await;
    let stored = send("POST", &format!("{}/api/list/files", simulator.storage_url()), &headers, b"{}").await;
    (managed.status, stored.status)
}

#[tokio::test]
async fn tokens_expire_and_are_revoked() {
    let simulator = Simulator::builder().frozen_clock().expiry_claim().start().await.unwrap();
    let token = json(&log_in(&simulator, &keys(&simulator)).await)["token"].as_str().unwrap().to_owned();
    assert_eq!((token.starts_with("eyJ"), token.split('.').count()), (true, 3));
    assert_eq!(status_with(&simulator, &token).await, (200, 200));
    for wrong in ["", "x", &token[1..]] {
        assert_eq!(status_with(&simulator, wrong).await, (401, 401), "{wrong}");
    }
    let second = simulator.state().issue_token();
    assert_eq!(simulator.state().valid_tokens(), 2);
    simulator.advance(Duration::from_secs(899));
    assert_eq!(status_with(&simulator, &second).await, (200, 200));
    simulator.advance(Duration::from_secs(1));
    assert_eq!(status_with(&simulator, &second).await, (401, 401));

    let token = simulator.state().issue_token();
    simulator.state().revoke_tokens();
    assert_eq!(status_with(&simulator, &token).await, (401, 401));
    assert_eq!(log_in(&simulator, &keys(&simulator)).await.status, 200);

    simulator.state().set_account_expiry(Some(simulator.now_ms() + 1000));
    assert_eq!(log_in(&simulator, &keys(&simulator)).await.status, 200);
    simulator.advance(Duration::from_secs(1));
    assert_eq!(simulator.state().valid_tokens(), 0);
    assert_eq!(log_in(&simulator, &keys(&simulator)).await.status, 401);
    assert!(!format!("{simulator:?} {:?}", simulator.journal()).contains(&simulator.secret_key()));
}

#[tokio::test]
async fn rejected_logins() {
    let simulator = Simulator::builder().secret_key("sk_live_x").start().await.unwrap();
    for (body, status) in [
        (keys(&simulator), 200),
        (keys(&simulator).replace("sk_live_x", "sk_live_y"), 401),
        (keys(&simulator).replace("AK_", "AK"), 401),
        ("{}".into(), 400),
        ("[]".into(), 400),
        ("{".into(), 400),
        (keys(&simulator).replace("\"sk_live_x\"", "1"), 400),
    ] {
        assert_eq!(log_in(&simulator, &body).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn every_operation_has_its_origin_and_its_scope() {
    let simulator = Simulator::start().await.unwrap();
    simulator.state().add_file("/a", "a");
    let token = simulator.state().issue_token();
    let headers = format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n");
    for operation in Simulator::operations() {
        let (base, other_origin) = (simulator.base_url(), simulator.storage_url());
        let (here, there) =
            if operation.name.contains(".storage.") { (other_origin, base) } else { (base, other_origin) };
        let path = operation.template.replace("{id}", "501");
        let query = if path.ends_with("single") { "?path=/a" } else { "" };
        assert_eq!(send(operation.method, &format!("{there}{path}"), &headers, b"").await.status, 404, "{operation:?}");
        assert_eq!(send("PUT", &format!("{here}{path}"), &headers, b"").await.status, 405, "{operation:?}");
        if operation.name == "ftpgrid.auth.token" {
            continue;
        }
        assert_eq!(send(operation.method, &format!("{here}{path}"), "", b"").await.status, 401, "{operation:?}");
        let before = simulator.state().scopes();
        simulator.state().set_scopes(["edge"]);
        let expected_status = if operation.name.ends_with(".download_single") { 200 } else { 403 };
        let url = format!("{here}{path}{query}");
        assert_eq!(send(operation.method, &url, &headers, b"").await.status, expected_status, "{operation:?}");
        simulator.state().set_scopes(before);
        assert_ne!(send(operation.method, &url, &headers, b"").await.status, 403, "{operation:?}");
    }
}

#[tokio::test]
async fn account_lifecycle() {
    let simulator = Simulator::start().await.unwrap();
    let new =
        r#"{"Username":"cam","Password":"an-example-pass-1","AccessRights":"RW","Chroot":"/c","Description":"D"}"#;
    let created = manage(&simulator, "POST", "/ftpaccounts/create", new).await;
    let expected = json!({ "id": 501, "username": "cam", "accessRights": "RW", "chroot": "/c", "enabled": true });
    assert_eq!((created.status, json(&created)), (200, expected.clone()));
    let key = "ssh-ed25519 AAAADEMO cam";
    let update = json!({ "Id": 501, "Enabled": false, "RsaKey": key }).to_string();
    assert_eq!(json(&manage(&simulator, "PATCH", "/ftpaccounts", &update).await), json!({ "rslt": "OK" }));
    let mut listing = expected;
    (listing["enabled"], listing["description"]) = (false.into(), "D".into());
    for path in ["/ftpaccounts", "/ftpaccounts/list"] {
        assert_eq!(json(&manage(&simulator, "GET", path, "").await), json!([listing]));
    }
    let got = json(&manage(&simulator, "GET", "/ftpaccounts/id/501", "").await);
    (listing["rsaKey"], listing["associationKey"]) = (key.into(), simulator.association_key().into());
    assert_eq!(got, listing);
    let stored = simulator.state().account(501).unwrap();
    assert_eq!(stored.password.as_deref(), Some("an-example-pass-1"));
    assert!(!format!("{stored:?}").contains("an-example"));
    for status in [200, 404] {
        assert_eq!(manage(&simulator, "DELETE", "/ftpaccounts/id/501", "").await.status, status);
    }
    assert!(simulator.state().accounts().is_empty());
}

#[tokio::test]
async fn rejected_accounts() {
    let simulator = Simulator::start().await.unwrap();
    simulator.state().add_account(|account| account.username = "taken".into());
    let own = simulator.state().add_account(|account| account.username = "own".into());
    let new = json!({ "Username": "new", "AccessRights": "RO", "Chroot": "/" });
    for (key, value, status) in [
        ("Username", json!("taken"), 409),
        ("Username", json!(""), 400),
        ("AccessRights", json!("rw"), 400),
        ("AccessRights", json!(null), 400),
        ("Chroot", json!("C:\\cams"), 400),
        ("Chroot", json!("/a/../b"), 400),
        ("RsaKey", json!("ssh-dss AAAA"), 400),
        ("RsaKey", json!("-----BEGIN"), 400),
        ("Enabled", json!("true"), 400),
        ("Password", json!(1), 400),
    ] {
        let mut body = new.clone();
        body[key] = value.clone();
        let answer = manage(&simulator, "POST", "/ftpaccounts/create", &body.to_string()).await;
        assert_eq!(answer.status, status, "{body}");
        let body = json!({ "Id": own.id, key: value }).to_string();
        assert_eq!(manage(&simulator, "PATCH", "/ftpaccounts", &body).await.status, status, "{body}");
    }
    for (body, status) in
        [(json!({ "Id": own.id }), 200), (json!({ "Id": "502" }), 400), (json!({ "Id": 9 }), 404), (json!({}), 400)]
    {
        assert_eq!(manage(&simulator, "PATCH", "/ftpaccounts", &body.to_string()).await.status, status, "{body}");
    }
    assert_eq!(simulator.state().account(own.id), Some(own));
    assert_eq!(manage(&simulator, "GET", "/ftpaccounts/id/x", "").await.status, 404);
}

#[tokio::test]
async fn management_api_settings() {
    let new = r#"{"Username":"a","AccessRights":"RO","Chroot":"/"}"#;
    for (reply, expected) in
        [(CreateResponse::Acknowledgement, json!({ "rslt": "OK" })), (CreateResponse::Id, json!({ "id": 501 }))]
    {
        let simulator = Simulator::builder().created_status().create_response(reply).start().await.unwrap();
        let answer = manage(&simulator, "POST", "/ftpaccounts/create", new).await;
        assert_eq!((answer.status, json(&answer)), (201, expected));
    }
    // The second path also accepts updates, so the response is 405 instead of 404.
    for (paths, list, short, slash, bare) in
        [(Paths::Introduction, 200, 405, 200, 404), (Paths::Reference, 404, 200, 404, 200)]
    {
        let builder = Simulator::builder().account_list_paths(paths).delete_paths(paths);
        let simulator = builder.acknowledge_unknown_accounts().start().await.unwrap();
        assert_eq!(manage(&simulator, "GET", "/ftpaccounts/list", "").await.status, list);
        assert_eq!(manage(&simulator, "GET", "/ftpaccounts", "").await.status, short);
        assert_eq!(manage(&simulator, "PATCH", "/ftpaccounts", r#"{"Id":9}"#).await.status, 200);
        assert_eq!(store(&simulator, "/delete/", r#"{"Filelist":[]}"#).await.status, slash);
        assert_eq!(store(&simulator, "/delete", r#"{"Filelist":[]}"#).await.status, bare);
    }
    for (body, kind, text) in [
        (ErrorBody::Json, Some("application/json; charset=utf-8"), r#"{"error":"No such account"}"#),
        (ErrorBody::Plain, Some("text/plain; charset=utf-8"), "No such account"),
        (ErrorBody::Empty, None, ""),
    ] {
        let simulator = Simulator::builder().error_body(body).start().await.unwrap();
        let answer = manage(&simulator, "GET", "/ftpaccounts/id/1", "").await;
        assert_eq!((answer.status, answer.header("content-type"), answer.text().as_str()), (404, kind, text));
    }
    let simulator = Simulator::start().await.unwrap();
    for name in ["b", "a"] {
        simulator.state().add_account(|account| account.username = name.into());
    }
    assert_eq!(all(&manage(&simulator, "GET", "/ftpaccounts", "").await, "username"), ["b", "a"]);
}

//! FTP accounts: requests, and documented and unusual responses.

mod support;

use ftpgrid::{
    AccessRights, CreatedFtpAccount, ErrorKind, FtpAccount, FtpAccountId, FtpAccountUpdate, NewFtpAccount, Outcome,
    Secret,
};
use mft_common::testing::MockTransport;
use serde_json::{Value, json};
use support::{Service, delete, get, patch, post, scripted};

const ID: FtpAccountId = FtpAccountId::new(501);

fn documented() -> Value {
    json!({
        "id": 501, "associationKey": "1b2c3d4e-0000-4000-8000-00000000abcd", "username": "dock-cam-7",
        "accessRights": "RW", "chroot": "/cams/7", "description": "Dock camera", "enabled": true,
        "rsaKey": "ssh-ed25519 AAAADEMO cam7",
    })
}

fn created() -> Value {
    json!({ "id": 501, "username": "dock-cam-7", "accessRights": "RW", "chroot": "/cams/7", "enabled": true })
}

fn list_body() -> Value {
    json!([
        { "id": 501, "username": "dock-cam-7", "accessRights": "RW", "chroot": "/cams/7", "description": "Dock camera",
          "enabled": true },
        { "id": 502, "username": "audit-ro", "accessRights": "RO", "chroot": "/reports", "description": "Auditor",
          "enabled": false },
    ])
}

/// Converts the model to its JSON form, without missing values.
fn to_wire(account: &FtpAccount) -> Value {
    let mut value = json!({
        "id": account.id,
        "associationKey": account.association_key.as_ref().map(Secret::expose),
        "username": account.username,
        "accessRights": account.access_rights,
        "chroot": account.chroot,
        "description": account.description,
        "enabled": account.enabled,
        "rsaKey": account.rsa_key,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

fn new_account() -> NewFtpAccount {
    NewFtpAccount::new("dock-cam-7", AccessRights::ReadWrite, "/cams/7")
}

#[tokio::test]
async fn creates_with_the_set_fields_only() {
    let minimal = json!({ "Username": "dock-cam-7", "AccessRights": "RW", "Chroot": "/cams/7" });
    let complete = json!({
        "Username": "dock-cam-7", "AccessRights": "RW", "Chroot": "/cams/7", "Password": "an-example-pass-1",
        "Description": "Dock camera", "RsaKey": "ssh-ed25519 AAAADEMO cam7", "Enabled": false,
    });
    let full = new_account().password("an-example-pass-1").description("Dock camera");
    let full = full.public_key("ssh-ed25519 AAAADEMO cam7\r\n").enabled(false);
    let untidy = NewFtpAccount::new("dock-cam-7", AccessRights::from("RW"), "cams//./7");
    for (account, body) in [(new_account(), &minimal), (full, &complete), (untidy, &minimal)] {
        let service = Service::answering(post("/ftpaccounts/create", body.clone()), created().to_string()).await;
        let account = service.client.ftp_accounts().create(account).await.unwrap();
        assert_eq!(account.id(), Some(ID));
        assert_eq!(to_wire(&account.into_account().unwrap()), created());
    }
}

#[tokio::test]
async fn a_create_call_may_be_acknowledged_without_the_account() {
    for (status, body, id) in [
        (200, r#"{"rslt":"OK"}"#, None),
        (201, r#"{"rslt":"ok","id":"501"}"#, Some(ID)),
        (201, r#"{"id":501}"#, Some(ID)),
        (201, "501", Some(ID)),
        (200, "\"501\"\n", Some(ID)),
    ] {
        let script = MockTransport::new().reply(status, &[], body);
        let created = scripted(&script).ftp_accounts().create(new_account()).await.unwrap();
        assert_eq!(created, CreatedFtpAccount::Acknowledged(id), "{body}");
        assert_eq!(script.calls().len(), 1, "no additional request");
    }
    for (body, kind, outcome) in [
        (r#"{"rslt":"username is taken"}"#, ErrorKind::Rejected, Outcome::NotDone),
        (r#"{"error":"username is taken"}"#, ErrorKind::Rejected, Outcome::NotDone),
        (r#"{"id":501,"error":"username is taken"}"#, ErrorKind::Rejected, Outcome::NotDone),
        ("<html>", ErrorKind::Decode, Outcome::Done),
        (r#"{"id":"x"}"#, ErrorKind::Decode, Outcome::Done),
        ("[]", ErrorKind::Decode, Outcome::Done),
        ("", ErrorKind::Decode, Outcome::Done),
    ] {
        let script = MockTransport::new().reply(200, &[], body);
        let error = scripted(&script).ftp_accounts().create(new_account()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{body}: {error}");
        assert!(kind != ErrorKind::Rejected || error.message() == Some("username is taken"), "{error}");
    }
}

#[tokio::test]
async fn lists_all_accounts_including_disabled_ones() {
    let service = Service::answering(get("/ftpaccounts/list"), list_body().to_string()).await;
    let accounts = service.client.ftp_accounts().list().try_collect_vec().await.unwrap();
    assert_eq!(accounts.iter().map(to_wire).collect::<Value>(), list_body());
    assert_eq!((accounts[1].enabled, &accounts[1].access_rights), (false, &AccessRights::ReadOnly));
}

#[tokio::test]
async fn lists_at_the_second_documented_path_and_remembers_it() {
    for status in [404, 405, 308] {
        let elsewhere: &[(&str, &str)] = &[("location", "/ftpaccounts")];
        let script =
            MockTransport::new().reply(status, elsewhere, "").reply(200, &[], list_body().to_string()).repeat_last();
        let client = scripted(&script);
        for _ in 0..2 {
            assert_eq!(client.clone().ftp_accounts().list().try_collect_vec().await.unwrap().len(), 2);
        }
        let paths: Vec<_> = script.calls().iter().map(|call| call.uri.path().to_owned()).collect();
        assert_eq!(paths, ["/ftpaccounts/list", "/ftpaccounts", "/ftpaccounts"]);
    }
    let nowhere = MockTransport::new().reply(404, &[], "").repeat_last();
    assert!(scripted(&nowhere).ftp_accounts().list().try_collect_vec().await.unwrap_err().is_not_found());
    assert_eq!(nowhere.calls().len(), 2);
}

#[tokio::test]
async fn fetches_an_account() {
    let service = Service::answering(get("/ftpaccounts/id/501"), documented().to_string()).await;
    assert_eq!(to_wire(&service.client.ftp_accounts().get(ID).await.unwrap()), documented());
}

#[tokio::test]
async fn updates_with_the_set_fields_only() {
    let update = FtpAccountUpdate::new;
    let all = update().username("cam-8").password("another-pass-22").access_rights(AccessRights::ReadOnly);
    let all = all.chroot("/cams/8/").description("Camera").public_key("ssh-rsa AAAA").enabled(true);
    for (update, body) in [
        (update().enabled(false), json!({ "Id": 501, "Enabled": false })),
        (update().clear_description().clear_public_key(), json!({ "Id": 501, "Description": "", "RsaKey": "" })),
        (
            all,
            json!({
                "Id": 501, "Username": "cam-8", "Password": "another-pass-22", "AccessRights": "RO",
                "Chroot": "/cams/8/", "Description": "Camera", "RsaKey": "ssh-rsa AAAA", "Enabled": true,
            }),
        ),
    ] {
        let service = Service::answering(patch("/ftpaccounts", body), r#"{"rslt":"OK"}"#).await;
        service.client.ftp_accounts().update(ID, update).await.unwrap();
    }
}

#[tokio::test]
async fn deletes_by_id() {
    let service = Service::answering(delete("/ftpaccounts/id/501"), r#"{"rslt":"OK"}"#).await;
    service.client.ftp_accounts().delete(ID).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn update_and_fetch_states_whether_the_update_was_applied() {
    let acknowledged = || MockTransport::new().reply(200, &[], r#"{"rslt":"OK"}"#);
    let client = scripted(&acknowledged().reply(200, &[], documented().to_string()));
    let update = || FtpAccountUpdate::new().enabled(true);
    assert_eq!(to_wire(&client.ftp_accounts().update_and_fetch(ID, update()).await.unwrap()), documented());
    for (script, kind, outcome) in [
        (MockTransport::new().reply(400, &[], ""), ErrorKind::Rejected, Outcome::NotDone),
        (MockTransport::new().reply(500, &[], "").repeat_last(), ErrorKind::Server, Outcome::Unknown),
        // The service acknowledges the update of a missing account.
        (acknowledged().reply(404, &[], ""), ErrorKind::NotFound, Outcome::Unknown),
        (acknowledged().reply(403, &[], ""), ErrorKind::PermissionDenied, Outcome::Done),
    ] {
        let error = scripted(&script).ftp_accounts().update_and_fetch(ID, update()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{error}");
        assert_eq!(error.operation(), Some("ftpgrid.ftp_accounts.update_and_fetch"));
    }
}

#[test]
fn decodes_accounts_in_all_notations() {
    for (field, value, expected) in [
        ("id", json!("501"), json!(501)),
        ("enabled", json!(1), json!(true)),
        ("enabled", json!(0), json!(false)),
        ("enabled", json!("false"), json!(false)),
        ("enabled", Value::Null, json!(true)),
        ("accessRights", json!("ro"), json!("RO")),
        ("accessRights", json!("Rw"), json!("RW")),
        ("accessRights", json!("wo"), json!("wo")),
        ("description", Value::Null, Value::Null),
        ("rsaKey", Value::Null, Value::Null),
        ("quota", json!({ "bytes": 1 }), Value::Null),
    ] {
        let mut account = documented();
        account[field] = value.clone();
        let account: FtpAccount = serde_json::from_value(account).unwrap_or_else(|error| panic!("{value}: {error}"));
        assert_eq!(to_wire(&account)[field], expected, "{field}: {value}");
    }
    for (field, value) in [("id", json!(-1)), ("id", json!("x")), ("id", Value::Null), ("enabled", json!("maybe"))] {
        let mut account = documented();
        account[field] = value;
        assert!(serde_json::from_value::<FtpAccount>(account).is_err(), "{field}");
    }
    for minimal in [r#"{"id":1,"username":"u"}"#, r#"{"id":1,"username":"u","accessRights":null,"chroot":null}"#] {
        let minimal: FtpAccount = serde_json::from_str(minimal).unwrap();
        assert!(minimal.enabled && minimal.chroot.is_empty());
        assert_eq!(minimal.access_rights, AccessRights::Unknown(String::new()), "missing access rights");
    }
}

#[tokio::test]
async fn decodes_wrapped_lists_and_reports_failures_in_them() {
    for (body, count) in [
        (json!({ "accounts": list_body() }), 2),
        (json!({ "rslt": "OK", "count": 2, "data": list_body() }), 2),
        (json!({ "rslt": [] }), 0),
        (json!({ "error": null, "message": "no accounts", "data": [] }), 0),
        (json!({ "error": false, "rslt": "ok", "data": [] }), 0),
        (json!(null), 0),
        (json!([]), 0),
    ] {
        let script = MockTransport::new().reply(200, &[], body.to_string());
        assert_eq!(scripted(&script).ftp_accounts().list().try_collect_vec().await.unwrap().len(), count, "{body}");
    }
    for (body, kind) in [
        (json!({ "a": [], "b": [] }), ErrorKind::Decode),
        (json!({ "rslt": "OK" }), ErrorKind::Decode),
        (json!({ "data": [{ "id": 1 }] }), ErrorKind::Decode),
        (json!([{ "id": 1 }]), ErrorKind::Decode),
        (json!("OK"), ErrorKind::Decode),
        (json!({ "rslt": "no such association" }), ErrorKind::Rejected),
        // A failure beside an empty list takes precedence.
        (json!({ "rslt": "no such association", "accounts": [] }), ErrorKind::Rejected),
        (json!({ "rslt": "OK", "error": "no such association", "data": [] }), ErrorKind::Rejected),
        (json!({ "error": { "message": "no such association" } }), ErrorKind::Rejected),
    ] {
        let script = MockTransport::new().reply(200, &[], body.to_string());
        let error = scripted(&script).ftp_accounts().list().try_collect_vec().await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotDone), "{body}: {error}");
        assert!(kind != ErrorKind::Rejected || error.message() == Some("no such association"), "{error}");
    }
}

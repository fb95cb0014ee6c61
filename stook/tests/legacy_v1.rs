//! Version 1: its three operations and their undocumented responses.

mod support;

use serde_json::{Value, json};
use stook::{ErrorKind, FtpAccountId, LegacyFtpAccountUpdate, Outcome, Secret, WrapRule};
use support::{ACCOUNT, BUCKET, Service, delete, get, put, wrapped};

const ONE: &str = "/api/v1/stook/{organization_uuid}/ftp/0b6c1d2e-0000-4000-8000-0000000000f1";

fn id() -> FtpAccountId {
    ACCOUNT.into()
}

fn account() -> Value {
    json!({
        "uuid": ACCOUNT, "bucket_uuid": BUCKET, "name": "camera1_k8", "path": "media-archive/cam1",
        "wrap_rules": [{ "type": "deny", "rule": ["all"] }],
    })
}

#[tokio::test]
async fn fetches_an_account_with_or_without_an_envelope() {
    for response in [wrapped(&account()), account().to_string(), wrapped(&json!({ "uuid": ACCOUNT }))] {
        let service = Service::answering(get(ONE), 200, response).await;
        let account = service.client.legacy_v1().ftp_accounts().get(&id()).await.unwrap();
        assert_eq!(account.uuid, id());
    }
    for response in [
        r#"{"status":true}"#,
        r#"{"status":true,"data":[]}"#,
        r#"{"status":true,"data":{}}"#,
        "",
        "<html>login</html>",
        "[]",
        "7",
    ] {
        let service = Service::answering(get(ONE), 200, response).await;
        let error = service.client.legacy_v1().ftp_accounts().get(&id()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{response}: {error}");
    }
}

#[tokio::test]
async fn updates_with_everything_that_version_1_requires() {
    let update = LegacyFtpAccountUpdate::new(Secret::new("N3w-example!"), true, "cam1");
    let body = json!({ "password": "N3w-example!", "is_readonly": true, "path": "cam1" });
    let mut with_rules = body.clone();
    with_rules["wrap_rules"] = json!([{ "type": "allow", "rule": ["198.51.100.7"] }]);
    let rules = [WrapRule::allow(["198.51.100.7"])];
    for (update, body) in [(update.clone(), body), (update.wrap_rules(rules), with_rules)] {
        for (response, name) in [
            (wrapped(&account()), Some("camera1_k8")),
            (account().to_string(), Some("camera1_k8")),
            (r#"{"status":true}"#.to_owned(), None),
            (r#"{"status":true,"data":null}"#.to_owned(), None),
            (r#"{"status":true,"data":[]}"#.to_owned(), None),
            (r#"{"status":true,"data":{}}"#.to_owned(), None),
            (String::new(), None),
        ] {
            let service = Service::answering(put(ONE, body.clone()), 200, response).await;
            let account = service.client.legacy_v1().ftp_accounts().update(&id(), update.clone()).await.unwrap();
            assert_eq!((account.uuid, account.name.as_deref()), (id(), name));
        }
    }
}

#[tokio::test]
async fn an_update_with_a_foreign_response_is_an_applied_error() {
    for response in ["{}", r#"{"Unexpected":[1]}"#, "<html>login</html>", r#"{"status":true,"data":7}"#, "[]"] {
        let update = LegacyFtpAccountUpdate::new(Secret::new("N3w-example!"), true, "cam1");
        let body = json!({ "password": "N3w-example!", "is_readonly": true, "path": "cam1" });
        let service = Service::answering(put(ONE, body), 200, response).await;
        let error = service.client.legacy_v1().ftp_accounts().update(&id(), update).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done), "{response}: {error}");
    }
}

#[tokio::test]
async fn deletes_with_any_success_body() {
    for response in ["", r#"{"status":true}"#, &wrapped(&account())] {
        let service = Service::answering(delete(ONE), 200, response).await;
        service.client.legacy_v1().ftp_accounts().delete(&id()).await.unwrap();
    }
}

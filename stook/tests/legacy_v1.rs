//! Version 1: its three operations, and the replies that nobody shows.

mod support;

use serde_json::{Value, json};
use stook::{ErrorKind, FtpAccountId, LegacyFtpAccountUpdate, Outcome, WrapRule};
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
async fn fetches_one_account_in_any_wrapping() {
    for reply in [wrapped(&account()), account().to_string(), wrapped(&json!({ "uuid": ACCOUNT }))] {
        let service = Service::answering(get(ONE), 200, reply).await;
        let account = service.client.legacy_v1().ftp_accounts().get(&id()).await.unwrap();
        assert_eq!(account.uuid, id());
    }
    for reply in [
        r#"{"status":true}"#,
        r#"{"status":true,"data":[]}"#,
        r#"{"status":true,"data":{}}"#,
        "",
        "<html>login</html>",
        "[]",
        "7",
    ] {
        let service = Service::answering(get(ONE), 200, reply).await;
        let error = service.client.legacy_v1().ftp_accounts().get(&id()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{reply}: {error}");
    }
}

#[tokio::test]
async fn updates_with_everything_that_version_1_requires() {
    let update = LegacyFtpAccountUpdate::new("N3w-example!", true, "cam1");
    let body = json!({ "password": "N3w-example!", "is_readonly": true, "path": "cam1" });
    let mut with_rules = body.clone();
    with_rules["wrap_rules"] = json!([{ "type": "allow", "rule": ["198.51.100.7"] }]);
    let rules = [WrapRule::allow(["198.51.100.7"])];
    for (update, body) in [(update.clone(), body), (update.wrap_rules(rules), with_rules)] {
        for (reply, name) in [
            (wrapped(&account()), Some("camera1_k8")),
            (account().to_string(), Some("camera1_k8")),
            (r#"{"status":true}"#.to_owned(), None),
            (r#"{"status":true,"data":null}"#.to_owned(), None),
            (r#"{"status":true,"data":[]}"#.to_owned(), None),
            (r#"{"status":true,"data":{}}"#.to_owned(), None),
            (String::new(), None),
        ] {
            let service = Service::answering(put(ONE, body.clone()), 200, reply).await;
            let account = service.client.legacy_v1().ftp_accounts().update(&id(), update.clone()).await.unwrap();
            assert_eq!((account.uuid, account.name.as_deref()), (id(), name));
        }
    }
}

#[tokio::test]
async fn an_update_that_was_answered_by_somebody_else_was_done_and_is_an_error() {
    for reply in ["{}", r#"{"Unexpected":[1]}"#, "<html>login</html>", r#"{"status":true,"data":7}"#, "[]"] {
        let update = LegacyFtpAccountUpdate::new("N3w-example!", true, "cam1");
        let body = json!({ "password": "N3w-example!", "is_readonly": true, "path": "cam1" });
        let service = Service::answering(put(ONE, body), 200, reply).await;
        let error = service.client.legacy_v1().ftp_accounts().update(&id(), update).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done), "{reply}: {error}");
    }
}

#[tokio::test]
async fn deletes_whatever_the_reply_says() {
    for reply in ["", r#"{"status":true}"#, &wrapped(&account())] {
        let service = Service::answering(delete(ONE), 200, reply).await;
        service.client.legacy_v1().ftp_accounts().delete(&id()).await.unwrap();
    }
}

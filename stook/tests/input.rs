//! Invalid input is rejected by field name before a request is sent.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::{input, invalid_settings_are_rejected};
use stook::{
    ApiKey, ApiSecret, Authentication, BucketId, BucketUpdate, Client, FtpAccountId, FtpAccountUpdate,
    LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount, OrganizationId, Result, Secret, WrapAddress,
    WrapRule,
};
use support::scripted;

/// Returns a client without responses, and its transport.
fn client() -> (Client, MockTransport) {
    let script = MockTransport::new();
    (scripted(&script), script)
}

fn id() -> FtpAccountId {
    "9a41".into()
}

fn new() -> NewFtpAccount {
    NewFtpAccount::new("camera1", Secret::new("hunter2"), BucketId::from("b"), "cam1")
}

/// Asserts that the error names the field, contains no secret, and was raised before a request was sent.
#[track_caller]
fn refused<T>(result: Result<T>, script: &MockTransport, field: &str) -> String {
    input::refused("stook", result, script, field)
}

#[tokio::test]
async fn rejects_empty_required_fields() {
    let (client, script) = client();
    let accounts = client.ftp_accounts();
    for (account, field) in [
        (NewFtpAccount::new("", Secret::new("hunter2"), BucketId::from("b"), "cam1"), "name"),
        (NewFtpAccount::new("  ", Secret::new("hunter2"), BucketId::from("b"), "cam1"), "name"),
        (NewFtpAccount::new("camera1", Secret::new(""), BucketId::from("b"), "cam1"), "password"),
        (NewFtpAccount::new("camera1", Secret::new("hunter2"), BucketId::from(""), "cam1"), "bucket_uuid"),
    ] {
        refused(accounts.create(account).await, &script, field);
    }
    refused(accounts.update(&id(), FtpAccountUpdate::new().password("")).await, &script, "password");
    let legacy = LegacyFtpAccountUpdate::new(Secret::new(""), false, "cam1");
    refused(client.legacy_v1().ftp_accounts().update(&id(), legacy).await, &script, "password");
    refused(client.buckets().create(NewBucket::new("")).await, &script, "name");
    refused(client.buckets().create(NewBucket::new("b").region("")).await, &script, "region");
    refused(client.credentials().create(NewCredential::new(" ", ["b".into()])).await, &script, "name");
    refused(client.credentials().create(NewCredential::new("c", [])).await, &script, "buckets");
    let second = NewCredential::new("c", ["b".into(), "".into()]);
    refused(client.credentials().create(second).await, &script, "buckets[1]");
}

#[tokio::test]
async fn rejects_updates_with_no_fields_set() {
    let (client, script) = client();
    let line = refused(client.ftp_accounts().update(&id(), FtpAccountUpdate::new()).await, &script, "update");
    assert!(line.contains("has no fields set"), "{line}");
    refused(client.buckets().update(&"1".into(), BucketUpdate::new()).await, &script, "update");
}

#[tokio::test]
async fn validates_addresses_unless_exempt() {
    let (client, script) = client();
    for address in [
        "",
        "ALL",
        "any",
        "*",
        "203.0.113.0/33",
        "203.0.113",
        "300.0.0.1",
        "2001:db8::/129",
        "::g",
        "203.0.113.7 ",
        "a.example",
        "10.0.0.1-10.0.0.9",
        "10.0.0.1, 10.0.0.2",
    ] {
        let rules = vec![WrapRule::deny(["all"]), WrapRule::allow(["203.0.113.7", address])];
        let field = "wrap_rules[1].rule[1]";
        let created = client.ftp_accounts().create(new().wrap_rules(rules.clone())).await;
        let line = refused(created, &script, field);
        assert!(line.contains("neither an IP address"), "{line}");
        let update = FtpAccountUpdate::new().wrap_rules(rules.clone());
        refused(client.ftp_accounts().update(&id(), update).await, &script, field);
        let legacy = LegacyFtpAccountUpdate::new(Secret::new("hunter2"), false, "cam1").wrap_rules(rules);
        refused(client.legacy_v1().ftp_accounts().update(&id(), legacy).await, &script, field);
        assert!(WrapAddress::unchecked(address).check().is_ok());
        let received: WrapAddress = serde_json::from_value(address.into()).unwrap();
        assert!(received.check().is_ok(), "an address from the service can be sent back");
    }
    for address in ["203.0.113.7", "203.0.113.0/24", "0.0.0.0/0", "2001:db8::1", "::/0", "all"] {
        let script = MockTransport::new().reply(200, &[], r#"{"status":true,"data":{"uuid":"1"}}"#);
        scripted(&script).ftp_accounts().create(new().wrap_rules([WrapRule::allow([address])])).await.unwrap();
        assert_eq!(script.calls().len(), 1, "{address}");
    }
}

#[tokio::test]
async fn rejects_ids_that_would_reach_another_endpoint() {
    let (client, script) = client();
    for id in ["", ".", "..", "a\nb", "a\r\nHost: x", "\0", "tab\t"] {
        let account = FtpAccountId::from(id);
        refused(client.ftp_accounts().get(&account).await, &script, "ftp_uuid");
        refused(client.ftp_accounts().delete(&account).await, &script, "ftp_uuid");
        refused(client.legacy_v1().ftp_accounts().delete(&account).await, &script, "ftp_uuid");
        refused(client.buckets().get(&id.into()).await, &script, "bucket_uuid");
        refused(client.credentials().get(&id.into()).await, &script, "credential_uuid");
        let error = Client::builder(OrganizationId::from(id), Authentication::token("t"))
            .transport(MockTransport::new())
            .build()
            .unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains("organization_uuid "), "{error}");
    }
}

#[tokio::test]
async fn encodes_ids_as_one_segment() {
    for (id, segment) in [("a/b", "a%2Fb"), ("../users", "..%2Fusers"), ("a?b#c", "a%3Fb%23c"), ("ü", "%C3%BC")] {
        let script = MockTransport::new().reply(200, &[], r#"{"status":true}"#).repeat_last();
        let client = Client::builder(OrganizationId::from(id), Authentication::token("t"))
            .transport(script.clone())
            .build()
            .unwrap();
        client.ftp_accounts().delete(&id.into()).await.unwrap();
        client.legacy_v1().ftp_accounts().delete(&id.into()).await.unwrap();
        let paths: Vec<String> = script.calls().iter().map(|call| call.uri.path().to_owned()).collect();
        assert_eq!(
            paths,
            [format!("/api/v2/stook/{segment}/ftp/{segment}"), format!("/api/v1/stook/{segment}/ftp/{segment}")]
        );
    }
}

#[test]
fn rejects_unsendable_secrets_without_quoting_them() {
    let tokens = input::UNSENDABLE.map(|token| (Authentication::token(token), "token "));
    let logins = [
        (Authentication::login(ApiKey::new(""), ApiSecret::new("hunter2")), "api_key "),
        (Authentication::login(ApiKey::new("hunter2"), ApiSecret::new(" ")), "api_secret "),
    ];
    for (authentication, field) in tokens.into_iter().chain(logins) {
        input::assert_build_fails(
            Client::builder(OrganizationId::from("org"), authentication).transport(MockTransport::new()).build(),
            field,
        );
    }
}

#[test]
fn contradictory_settings_are_rejected() {
    for authentication in
        [Authentication::token("token"), Authentication::login(ApiKey::new("key"), ApiSecret::new("secret"))]
    {
        invalid_settings_are_rejected!(|| Client::builder(OrganizationId::from("org"), authentication.clone()));
    }
}

#[tokio::test]
async fn lists_reject_a_page_size_and_foreign_cursors() {
    let (client, script) = client();
    refused(client.ftp_accounts().list().page_size(10).try_next().await, &script, "page_size");
    refused(client.buckets().list().page_size(10).try_next().await, &script, "page_size");
    for cursor in ["", "next", "-1", "2&limit=9"] {
        refused(client.credentials().list().resume_from(cursor).try_next().await, &script, "resume_from");
    }
}

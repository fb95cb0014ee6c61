//! Retries, errors, and the methods that make several calls.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::hostile::arbitrary_responses_are_values_or_errors;
use mft_test_support::retries::{
    broken_connection_leaves_outcome_unknown, retried_delete_that_gets_404_succeeds, retries_follow_idempotency,
    statuses_map_to_error_kinds,
};
use serde_json::{Value, json};
use sftptogo::raw::{Idempotency, Method};
use sftptogo::{
    Call, Client, Credential, CredentialId, CredentialUpdate, Deleted, ErrorKind, InboundRule, NewCredential,
    NewShareLink, NewWebhook, Outcome, Result, Secret, ShareLinkUpdate, SharePermission, WebhookTopic, WebhookType,
    WebhookUpdate,
};
use support::scripted;

const OBJECT: &str = r#"{"Id":"1"}"#;

fn id() -> CredentialId {
    "9a41".into()
}

async fn discard_value<T: Send + 'static>(call: Call<T>) -> Result<()> {
    call.await.map(|_| ())
}

/// The 20 operations with their idempotency.
const OPERATIONS: [(&str, Idempotency); 20] = {
    use Idempotency::{Idempotent, NeverRetry, NonIdempotent, Safe};
    [
        ("credentials.list", Safe),
        ("credentials.create", NonIdempotent),
        ("credentials.get", Safe),
        ("credentials.update", Idempotent),
        ("credentials.replace_inbound_rules", Idempotent),
        ("credentials.delete", Idempotent),
        ("credentials.rotate_password", NeverRetry),
        ("credentials.set_password", NeverRetry),
        ("ssh_keys.list", Safe),
        ("ssh_keys.add", NonIdempotent),
        ("ssh_keys.remove", Idempotent),
        ("webhooks.list", Safe),
        ("webhooks.create", NonIdempotent),
        ("webhooks.update", Idempotent),
        ("webhooks.delete", Idempotent),
        ("share_links.list", Safe),
        ("share_links.create", NonIdempotent),
        ("share_links.get", Safe),
        ("share_links.update", Idempotent),
        ("share_links.delete", Idempotent),
    ]
};

async fn perform(client: &Client, operation: &str) -> Result<()> {
    let (credentials, keys, hooks, links) =
        (client.credentials(), client.ssh_keys(), client.webhooks(), client.share_links());
    let webhook = NewWebhook::new(WebhookType::Webhook, "https://hooks.example.net", [WebhookTopic::FileCreated]);
    match operation {
        "credentials.list" => credentials.list().try_collect_vec().await.map(|_| ()),
        "credentials.create" => discard_value(credentials.create(NewCredential::new())).await,
        "credentials.get" => discard_value(credentials.get(&id())).await,
        "credentials.update" => discard_value(credentials.update(&id(), CredentialUpdate::new().alias("a"))).await,
        "credentials.replace_inbound_rules" => discard_value(credentials.replace_inbound_rules(&id(), vec![])).await,
        "credentials.delete" => discard_value(credentials.delete(&id())).await,
        "credentials.rotate_password" => discard_value(credentials.rotate_password(&id())).await,
        "credentials.set_password" => discard_value(credentials.set_password(&id(), "hunter2")).await,
        "ssh_keys.list" => keys.list(&id()).try_collect_vec().await.map(|_| ()),
        "ssh_keys.add" => discard_value(keys.add(&id(), "ssh-rsa AAAA")).await,
        "ssh_keys.remove" => discard_value(keys.remove(&id(), &"1".into())).await,
        "webhooks.list" => hooks.list().try_collect_vec().await.map(|_| ()),
        "webhooks.create" => discard_value(hooks.create(webhook)).await,
        "webhooks.update" => discard_value(hooks.update(&"1".into(), WebhookUpdate::new().alias("a"))).await,
        "webhooks.delete" => discard_value(hooks.delete(&"1".into())).await,
        "share_links.list" => links.list().try_collect_vec().await.map(|_| ()),
        "share_links.create" => {
            discard_value(links.create(NewShareLink::folder("/a/", SharePermission::ReadOnly))).await
        }
        "share_links.get" => discard_value(links.get(&"1".into())).await,
        "share_links.update" => discard_value(links.update(&"1".into(), ShareLinkUpdate::new().notes("a"))).await,
        "share_links.delete" => discard_value(links.delete(&"1".into())).await,
        other => panic!("{other}"),
    }
}

async fn scripted_perform(script: &MockTransport, operation: &str) -> Result<()> {
    perform(&scripted(script), operation).await
}

#[tokio::test(start_paused = true)]
async fn each_operation_is_retried_as_documented() {
    retries_follow_idempotency("sftptogo", &OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn any_response_is_a_value_or_an_error() {
    arbitrary_responses_are_values_or_errors(&OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_creation_is_ambiguous_after_a_broken_connection_only() {
    broken_connection_leaves_outcome_unknown(&["credentials.create", "credentials.rotate_password"], scripted_perform)
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_applied_by_an_earlier_attempt_is_a_success() {
    let already_deleted = || MockTransport::new().reply(503, &[], "").reply(404, &[], r#"{"message":"Not Found"}"#);
    let client = scripted(&already_deleted());
    assert_eq!(client.credentials().delete(&id()).await.unwrap(), Deleted::AlreadyGone);
    assert_eq!(scripted(&already_deleted()).ssh_keys().remove(&id(), &"1".into()).await.unwrap(), Deleted::AlreadyGone);
    let deletes = ["credentials.delete", "ssh_keys.remove", "webhooks.delete", "share_links.delete"];
    retried_delete_that_gets_404_succeeds(&deletes, r#"{"message":"Not Found"}"#, scripted_perform).await;
}

#[tokio::test]
async fn each_status_maps_to_an_error_kind() {
    let body = r#"{"id":"E7","message":"The service's message"}"#;
    let create = async |script: &MockTransport| scripted_perform(script, "credentials.create").await;
    let is_message = |message: &str| message == "The service's message";
    statuses_map_to_error_kinds(&[(401, ErrorKind::Auth)], body, Some("E7"), is_message, create).await;
}

fn with_password(password: &str) -> String {
    json!({ "Id": "9a41", "Password": password }).to_string()
}

#[tokio::test(start_paused = true)]
async fn a_rotation_is_polled_until_the_password_changes() {
    let rotated = r#"{"message":"Password set."}"#;
    let old = || with_password("old");
    let timed = |password: Value, time: &str| {
        json!({ "Id": "9a41", "Password": password, "PasswordCreatedAt": time }).to_string()
    };
    let (before, after) = ("2025-10-09T08:53:20.123Z", "2025-10-09T08:53:21.000Z");
    for (reads, requests, password) in [
        (vec![old(), with_password("new")], 3, Some("new")),
        (vec![old(), old(), old(), with_password("new")], 5, Some("new")),
        // A value that is missing in one of the responses is not a change.
        (vec![timed(json!("old"), before), old(), with_password("new")], 4, Some("new")),
        (vec![old(), with_password(""), with_password("new")], 4, Some("new")),
        // A policy without a history can generate the same password again.
        (vec![timed(json!("old"), before), timed(json!("old"), after)], 3, Some("old")),
        (vec![timed(Value::Null, before), timed(Value::Null, after)], 3, None),
    ] {
        let mut reads = reads.into_iter();
        let script = MockTransport::new().reply(200, &[], reads.next().unwrap()).reply(200, &[], rotated);
        let script = reads.fold(script, |script, body| script.reply(200, &[], body));
        let credential = scripted(&script).credentials().rotate_password_and_fetch(&id()).await.unwrap();
        assert_eq!(credential.password.as_ref().map(Secret::expose), password);
        let methods: Vec<Method> = script.calls().into_iter().map(|call| call.method).collect();
        assert_eq!((methods.len(), &methods[..2]), (requests, &[Method::GET, Method::POST][..]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_rotation_reports_the_outcome() {
    let old = || MockTransport::new().reply(200, &[], with_password("old"));
    let rotated = || old().reply(200, &[], r#"{"message":"Password set."}"#);
    for (script, requests, kind, outcome) in [
        (MockTransport::new().reply(404, &[], ""), 1, ErrorKind::NotFound, Outcome::NotDone),
        (MockTransport::new().reply(500, &[], "").repeat_last(), 3, ErrorKind::Server, Outcome::NotDone),
        (old().reply(400, &[], ""), 2, ErrorKind::Rejected, Outcome::NotDone),
        (old().reply(429, &[], ""), 2, ErrorKind::RateLimited, Outcome::NotDone),
        // No further reads: the outcome is unknown.
        (old().reply(502, &[], ""), 2, ErrorKind::Server, Outcome::Unknown),
        (old().break_connection(), 2, ErrorKind::Interrupted, Outcome::Unknown),
        (old().truncated_body(200, "{"), 2, ErrorKind::Interrupted, Outcome::Done),
        (rotated().reply(404, &[], ""), 3, ErrorKind::NotFound, Outcome::Done),
        (rotated().reply(503, &[], "").repeat_last(), 5, ErrorKind::Server, Outcome::Done),
        (rotated().reply(200, &[], with_password("old")).repeat_last(), 6, ErrorKind::Protocol, Outcome::Done),
    ] {
        let error = scripted(&script).credentials().rotate_password_and_fetch(&id()).await.unwrap_err();
        assert_eq!((script.calls().len(), error.kind(), error.outcome()), (requests, kind, outcome), "{error}");
        assert_eq!(error.operation(), Some("sftptogo.credentials.rotate_password_and_fetch"));
    }
}

/// A list with another credential, followed by the credential with these settings.
fn listed(settings: &Value) -> String {
    let other = json!({ "Network": { "InboundRules": [{ "Id": "other", "Source": "::1" }] } });
    json!([{ "Id": "0", "Settings": other }, { "Id": "9a41", "Settings": settings }]).to_string()
}

#[tokio::test]
async fn one_rule_is_added_or_removed_in_order() {
    let rule = |id: &str, source: &str| json!({ "Id": id, "Action": "allow", "Protocol": "SFTP", "Source": source, "State": "disabled" });
    let mut odd = rule("b", "10.0.0.0/8");
    odd["Ports"] = json!([22]);
    let there = json!([rule("c", "192.0.2.1"), odd, rule("a", "::1")]);
    let settings = json!({ "Network": { "InboundRules": there, "Outbound": true } });
    let new = InboundRule::allow("203.0.113.7").id("new");
    for (remove, expected) in [
        (None, json!([there[0], there[1], there[2], new])),
        (Some("c"), json!([there[1], there[2]])),
        (Some("b"), json!([there[0], there[2]])),
        (Some("nowhere"), there.clone()),
    ] {
        let script = MockTransport::new().reply(200, &[], listed(&settings)).reply(200, &[], OBJECT);
        let client = scripted(&script);
        let changed = match remove {
            None => client.credentials().add_inbound_rule(&id(), new.clone()).await,
            Some(rule) => client.credentials().remove_inbound_rule(&id(), &rule.into()).await,
        };
        assert_eq!(changed.unwrap().id.as_str(), "1");
        let calls = script.calls();
        let sent: Value = serde_json::from_slice(&calls[1].body).unwrap();
        assert_eq!(sent, json!({ "Settings": { "Network": { "InboundRules": expected } } }));
        assert_eq!(calls[1].uri.path(), "/organizations/org/users/9a41");
    }
}

#[tokio::test(start_paused = true)]
async fn missing_rules_are_never_replaced_by_an_empty_list() {
    let known = json!({ "Network": { "InboundRules": [{ "Id": "a", "Source": "::1" }] } });
    let no_change = |script: MockTransport| (script, 1, Outcome::NotDone);
    for ((script, requests, outcome), kind) in [
        (no_change(MockTransport::new().reply(200, &[], r#"[{"Id":"9a41"}]"#)), ErrorKind::Protocol),
        (no_change(MockTransport::new().reply(200, &[], listed(&json!({})))), ErrorKind::Protocol),
        (no_change(MockTransport::new().reply(200, &[], listed(&json!({ "Network": {} })))), ErrorKind::Protocol),
        (no_change(MockTransport::new().reply(200, &[], "[]")), ErrorKind::NotFound),
        (no_change(MockTransport::new().reply(403, &[], "")), ErrorKind::PermissionDenied),
        (
            (
                MockTransport::new().reply(200, &[], listed(&known)).reply(500, &[], "").repeat_last(),
                4,
                Outcome::Unknown,
            ),
            ErrorKind::Server,
        ),
    ] {
        let client = scripted(&script);
        let error = client.credentials().remove_inbound_rule(&id(), &"a".into()).await.unwrap_err();
        assert_eq!((script.calls().len(), error.kind(), error.outcome()), (requests, kind, outcome), "{error}");
        assert_eq!(error.operation(), Some("sftptogo.credentials.remove_inbound_rule"));
    }
    let duplicate = MockTransport::new().reply(200, &[], listed(&known));
    let rule = InboundRule::allow("::2").id("a");
    let error = scripted(&duplicate).credentials().add_inbound_rule(&id(), rule).await.unwrap_err();
    assert!(error.is_invalid_input() && duplicate.calls().len() == 1, "{error}");
}

#[tokio::test]
async fn a_raw_call_fills_in_the_organization_and_is_not_retried_by_default() {
    let script = MockTransport::new().reply(200, &[], r#"{"Id":"1"}"#).reply(500, &[], "").repeat_last();
    let client = scripted(&script);
    let call =
        client.raw(Method::GET, "/organizations/{organization_id}/users/{id}").path("id", "a/b").query("q", "x y");
    let credential: Credential = call.idempotency(Idempotency::Safe).json().await.unwrap();
    assert_eq!(credential.id.as_str(), "1");
    let sent = &script.calls()[0];
    assert_eq!(sent.uri.to_string(), "https://api.sftptogo.com/organizations/org/users/a%2Fb?q=x%20y");
    assert_eq!(sent.headers["authorization"], format!("Bearer {}", support::API_KEY));
    let error = client
        .raw(Method::POST, "/organizations/{organization_id}/new")
        .json_body(&json!({ "a": 1 }))
        .into_call()
        .await
        .unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (2, Outcome::Unknown));
    for path in ["users", "", "evil/../users", "?a=b"] {
        let error = client.raw(Method::GET, path).into_call().await.unwrap_err();
        assert!(error.is_invalid_input() && script.calls().len() == 2, "{path}: {error}");
    }
}

#[test]
fn the_documented_root_credential_has_file_access() {
    let root: Vec<Credential> = serde_json::from_str(&support::fixture("credentials_list")).unwrap();
    let access = root[0].file_access().unwrap();
    assert_eq!(access.sftp.to_string(), "user-name@warm-soda-25793.sftptogo.com:22");
    assert_eq!(access.ftps.to_string(), "user-name@warm-soda-25793.sftptogo.com:21");
    let bucket = "sftptg-prod-us-east-1-72e9cf24-be8c-4f15-9aa2-813281fb98fe";
    assert_eq!(access.s3.map(|s3| (s3.region, s3.bucket)), Some(("us-east-1".to_owned(), bucket.to_owned())));
    let other: Credential = serde_json::from_str(&support::fixture("credentials_get")).unwrap();
    assert_eq!(other.file_access().unwrap().s3, None);
}

//! Invalid input is rejected by field name, before anything is sent.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::{input, invalid_settings_are_rejected};
use sftptogo::{
    Authentication, Client, CredentialId, CredentialUpdate, InboundRule, InboundRuleAction, NewCredential,
    NewShareLink, NewWebhook, Result, Secret, ShareLinkType, ShareLinkUpdate, SharePermission, WebhookTopic,
    WebhookType, WebhookUpdate,
};
use support::scripted;

const HOOK: &str = "https://hooks.example.net/s2g";

/// A client whose transport fails every request, and the transport.
fn client() -> (Client, MockTransport) {
    let script = MockTransport::new();
    (scripted(&script), script)
}

fn id() -> CredentialId {
    "9a41".into()
}

/// Asserts that the error names the field, hides the secret, and was returned before anything was sent.
#[track_caller]
fn refused<T>(result: Result<T>, script: &MockTransport, field: &str) -> String {
    input::refused("sftptogo", result, script, field)
}

#[tokio::test]
async fn a_user_name_has_10_to_100_letters_digits_underscores_hyphens_and_periods() {
    let (client, script) = client();
    let hundred_and_one = "x".repeat(101);
    for (name, message) in [
        ("", "has 0 characters; it must have 10 to 100"),
        ("nine-char", "has 9 characters"),
        (&hundred_and_one, "has 101 characters"),
        ("dana@example.net", "'@'"),
        ("user name 1", "' '"),
        ("user/name/1", "'/'"),
        ("brünhilde-1", "'ü'"),
        ("robot-０１２３４", "'０'"),
        ("robot-0001\n", r"'\n'"),
    ] {
        let created = client.credentials().create(NewCredential::new().user_name(name)).await;
        let line = refused(created, &script, "UserName");
        assert!(line.contains(message), "{line}");
        let updated = client.credentials().update(&id(), CredentialUpdate::new().user_name(name)).await;
        refused(updated, &script, "UserName");
    }
    let hundred = "x".repeat(100);
    for name in ["exactly-10", &hundred, "A.z_0-9...", "__________"] {
        let script = MockTransport::new().reply(201, &[], r#"{"Id":"1"}"#);
        scripted(&script).credentials().create(NewCredential::new().user_name(name)).await.unwrap();
        assert_eq!(script.calls().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn an_empty_password_is_never_sent() {
    let (client, script) = client();
    let (credentials, links) = (client.credentials(), client.share_links());
    refused(credentials.create(NewCredential::new().password("")).await, &script, "Password");
    refused(credentials.update(&id(), CredentialUpdate::new().password("")).await, &script, "Password");
    refused(credentials.set_password(&id(), "").await, &script, "Password");
    let link = NewShareLink::folder("/a/", SharePermission::ReadOnly).password("");
    refused(links.create(link).await, &script, "Password");
    refused(links.update(&"1".into(), ShareLinkUpdate::new().password("")).await, &script, "Password");
}

#[tokio::test]
async fn a_folder_ends_with_a_slash_and_a_file_does_not() {
    let (client, script) = client();
    for link in [
        NewShareLink::folder("/outbox", SharePermission::ReadOnly),
        NewShareLink::folder("", SharePermission::ReadOnly),
        NewShareLink::file("/outbox/", SharePermission::ReadOnly),
        NewShareLink::file("", SharePermission::ReadOnly),
    ] {
        refused(client.share_links().create(link).await, &script, "Path");
    }
    refused(client.share_links().update(&"1".into(), ShareLinkUpdate::new().path("")).await, &script, "Path");
    let link = NewShareLink::file("/a", SharePermission::ReadOnly).link_type(ShareLinkType::from("request"));
    refused(client.share_links().create(link).await, &script, "Type");
}

#[tokio::test]
async fn a_rule_needs_a_source_an_action_and_a_unique_id() {
    let (client, script) = client();
    let good = || InboundRule::allow("203.0.113.7").id("1");
    let mut denying = good();
    denying.action = InboundRuleAction::from("deny");
    let mut broken: Vec<(InboundRule, &str)> = [
        "",
        "everywhere",
        "203.0.113.0/33",
        "203.0.113",
        "300.0.0.1",
        "2001:db8::/129",
        "::g",
        "203.0.113.7 ",
        "a.example",
    ]
    .map(|source| (InboundRule::allow(source), "InboundRules[1].Source"))
    .into();
    broken.extend([
        (denying, "InboundRules[1].Action"),
        (good(), "InboundRules[1].Id"),
        (InboundRule::allow("::/0").id(""), "InboundRules[1].Id"),
    ]);
    for (rule, field) in broken {
        let rules = vec![good(), rule];
        refused(client.credentials().replace_inbound_rules(&id(), rules.clone()).await, &script, field);
        refused(client.credentials().create(NewCredential::new().inbound_rules(rules.clone())).await, &script, field);
        let update = CredentialUpdate::new().inbound_rules(rules);
        refused(client.credentials().update(&id(), update).await, &script, field);
    }
    for source in ["203.0.113.7", "203.0.113.0/24", "0.0.0.0/0", "2001:db8::1", "::/0"] {
        let script = MockTransport::new().reply(200, &[], r#"{"Id":"1"}"#);
        let rules = vec![InboundRule::allow(source), InboundRule::allow(source)];
        scripted(&script).credentials().replace_inbound_rules(&id(), rules).await.unwrap();
        assert_eq!(script.calls().len(), 1, "{source}");
    }
}

#[tokio::test]
async fn a_webhook_needs_a_topic_and_a_url_that_suits_its_type() {
    use WebhookType::{Email, MsTeams, Slack, Webhook};
    let (client, script) = client();
    let topics = [WebhookTopic::FileCreated];
    for (webhook_type, url) in [
        (Webhook, "http://hooks.example.net"),
        (Webhook, ""),
        (Webhook, "hooks.example.net"),
        (Webhook, "ftp://hooks.example.net"),
        (Webhook, "https://"),
        (Webhook, "https://hooks.example.net/a b"),
        (Webhook, "https:hooks.example.net"),
        (Slack, "http://hooks.slack.example"),
        (MsTeams, "dana@example.net"),
        (Email, HOOK),
        (Email, ""),
        (WebhookType::from("pager"), ""),
    ] {
        let webhook = NewWebhook::new(webhook_type.clone(), url, topics.clone());
        refused(client.webhooks().create(webhook).await, &script, "Url");
        let update = WebhookUpdate::new().webhook_type(webhook_type).url(url);
        refused(client.webhooks().update(&"1".into(), update).await, &script, "Url");
    }
    for url in ["", "http://hooks.example.net", "http://dana@hooks.example.net", "hooks.example.net"] {
        refused(client.webhooks().update(&"1".into(), WebhookUpdate::new().url(url)).await, &script, "Url");
    }
    refused(client.webhooks().create(NewWebhook::new(Webhook, HOOK, [])).await, &script, "Topics");
    refused(client.webhooks().update(&"1".into(), WebhookUpdate::new().topics([])).await, &script, "Topics");
    let script = MockTransport::new().reply(200, &[], r#"{"Id":"1"}"#).repeat_last();
    let allowing = Client::builder("org".into(), Authentication::api_key("key"))
        .transport(script.clone())
        .allow_http()
        .build()
        .unwrap();
    allowing.webhooks().create(NewWebhook::new(Webhook, "http://127.0.0.1:9/", topics)).await.unwrap();
    allowing.webhooks().update(&"1".into(), WebhookUpdate::new().url("Dana <dana@example.net>")).await.unwrap();
}

#[tokio::test]
async fn an_empty_update_is_rejected() {
    let (client, script) = client();
    refused(client.credentials().update(&id(), CredentialUpdate::new()).await, &script, "update");
    refused(client.webhooks().update(&"1".into(), WebhookUpdate::new()).await, &script, "update");
    refused(client.share_links().update(&"1".into(), ShareLinkUpdate::new()).await, &script, "update");
}

#[tokio::test]
async fn an_invalid_public_key_is_neither_sent_nor_shown() {
    let (client, script) = client();
    for text in [
        "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE KEY-----hunter2",
        "---- BEGIN SSH2 PUBLIC KEY ----\nhunter2",
        "PuTTY-User-Key-File-3: ssh-ed25519\r\nPrivate-Lines: 1\r\nhunter2",
        "ssh-rsa AAAA hunter2\nssh-rsa BBBB",
        "ssh-rsa\0hunter2",
        "\n",
        "",
        "  ",
    ] {
        let line = refused(client.ssh_keys().add(&id(), text).await, &script, "SshPublicKeyBody");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[tokio::test]
async fn an_id_that_would_reach_another_endpoint_is_rejected() {
    let (client, script) = client();
    for id in ["", ".", "..", "a\nb", "a\r\nHost: x", "\0", "tab\t"] {
        let credential = || CredentialId::from(id);
        let good = CredentialId::from("9a41");
        refused(client.credentials().get(&credential()).await, &script, "credential_id");
        refused(client.credentials().delete(&credential()).await, &script, "credential_id");
        refused(client.credentials().rotate_password(&credential()).await, &script, "credential_id");
        refused(client.credentials().rotate_password_and_fetch(&credential()).await, &script, "credential_id");
        refused(client.ssh_keys().list(&credential()).try_next().await, &script, "credential_id");
        refused(client.ssh_keys().remove(&good, &id.into()).await, &script, "key_id");
        refused(client.webhooks().delete(&id.into()).await, &script, "webhook_id");
        refused(client.share_links().get(&id.into()).await, &script, "share_link_id");
        let error = Client::builder(id.into(), Authentication::api_key("key")).build().unwrap_err();
        assert!(error.to_string().starts_with("invalid input: organization_id "), "{error}");
    }
}

#[tokio::test]
async fn any_id_is_encoded_as_one_path_segment() {
    for (id, segment) in [
        ("../users/1", "..%2Fusers%2F1"),
        ("a?b#c", "a%3Fb%23c"),
        ("50%25", "50%2525"),
        ("a b;c+d", "a%20b%3Bc%2Bd"),
        ("é", "%C3%A9"),
        ("1.json", "1.json"),
    ] {
        let script = MockTransport::new().reply(200, &[], r#"{"Id":"1"}"#).repeat_last();
        let client =
            Client::builder("o/1".into(), Authentication::api_key("key")).transport(script.clone()).build().unwrap();
        client.credentials().get(&id.into()).await.unwrap();
        let _ = client.ssh_keys().remove(&id.into(), &id.into()).await.unwrap();
        client.webhooks().delete(&id.into()).await.unwrap();
        client.share_links().get(&id.into()).await.unwrap();
        let paths: Vec<String> = script.calls().iter().map(|call| call.uri.to_string()).collect();
        let base = "https://api.sftptogo.com/organizations/o%2F1";
        assert_eq!(
            paths,
            [
                format!("{base}/users/{segment}"),
                format!("{base}/users/{segment}/ssh-public-keys/{segment}"),
                format!("{base}/webhooks/{segment}"),
                format!("{base}/portal-links/{segment}"),
            ]
        );
    }
}

#[test]
fn an_invalid_api_key_is_rejected_and_not_shown() {
    for key in input::UNSENDABLE {
        input::assert_build_fails(
            Client::builder("org".into(), Authentication::api_key(key)).transport(MockTransport::new()).build(),
            "api_key ",
        );
    }
}

#[test]
fn invalid_settings_are_rejected() {
    invalid_settings_are_rejected!(|| Client::builder("org".into(), Authentication::api_key(Secret::new("key"))));
}

#[cfg(not(any(feature = "rustls", feature = "rustls-ring", feature = "native-tls", feature = "rustls-no-provider")))]
#[test]
fn a_build_without_tls_names_the_feature_to_enable() {
    let error = Client::builder("org".into(), Authentication::api_key("key")).build().unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("enable the feature `rustls`"), "{error}");
}

#[tokio::test]
async fn lists_have_no_page_size() {
    let (client, script) = client();
    let paged = client.credentials().list().page_size(10).try_next().await;
    let error = paged.unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("page_size"), "{error}");
    assert!(script.calls().is_empty());
}

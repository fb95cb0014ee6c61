//! No `Debug` or `Display` output and no error contains a secret. See `traces.rs` for traces.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::leaks::{MARK, both_hide, debug_hides, error_hides, raw_call_hides, request_hides};
use serde_json::json;
use sftptogo::raw::{Idempotency, Method};
use sftptogo::{
    Authentication, Client, Credential, CredentialUpdate, FileLogin, InboundRule, NewCredential, NewShareLink,
    NewWebhook, RetryPolicy, Secret, ShareLink, ShareLinkUpdate, SharePermission, Webhook, WebhookTopic, WebhookType,
    WebhookUpdate,
};

#[path = "support/markers.rs"]
mod markers;

use markers::{HEADER, KEY, PASSWORD, SIGNING, URI};

fn credential() -> Credential {
    let credential = json!({
        "Id": "1", "Alias": "robot", "Password": PASSWORD, "URI": URI, "Host": "host.example",
        "Settings": { "Network": { "InboundRules": [{ "Id": "1", "Source": "::1" }] } },
    });
    let credential: Credential = serde_json::from_value(credential).unwrap();
    assert_eq!(credential.password.as_ref().map(Secret::expose), Some(PASSWORD));
    assert_eq!(credential.uri.as_ref().map(Secret::expose), Some(URI));
    credential
}

fn new_credential() -> NewCredential {
    NewCredential::new().alias("robot").password(PASSWORD).inbound_rules([InboundRule::allow("::1")])
}

fn new_webhook() -> NewWebhook {
    NewWebhook::new(WebhookType::Webhook, "https://hooks.example.net", [WebhookTopic::FileCreated])
        .authorization_header(HEADER)
}

fn new_link() -> NewShareLink {
    NewShareLink::folder("/a/", SharePermission::ReadOnly).password(PASSWORD)
}

#[test]
fn client_and_builder_hide_the_key() {
    let builder = Client::builder("org".into(), Authentication::api_key(KEY))
        .base_url(format!("https://user:{PASSWORD}@host.example"));
    debug_hides(&builder);
    debug_hides(&builder.clone().proxy(format!("http://user:{PASSWORD}@proxy.example")));
    error_hides(&builder.build().unwrap_err());
    let client = support::scripted(&MockTransport::new());
    debug_hides(
        &Client::builder("org".into(), Authentication::api_key(KEY)).transport(MockTransport::new()).build().unwrap(),
    );
    debug_hides(&(client.credentials(), client.ssh_keys(), client.webhooks(), client.share_links()));
    debug_hides(&(client.credentials().list(), client.credentials().list().into_pages()));
    debug_hides(&client.credentials().create(new_credential()));
    debug_hides(&client.credentials().set_password(&"1".into(), PASSWORD));
}

#[test]
fn requests_hide_their_secrets() {
    request_hides(&new_credential(), PASSWORD);
    request_hides(&CredentialUpdate::new().password(PASSWORD), PASSWORD);
    request_hides(&new_webhook(), HEADER);
    request_hides(&WebhookUpdate::new().authorization_header(HEADER), HEADER);
    request_hides(&new_link(), PASSWORD);
    request_hides(&ShareLinkUpdate::new().password(PASSWORD), PASSWORD);
    debug_hides(&Secret::new(PASSWORD));
    let login = FileLogin::from_url(&Secret::new(URI)).unwrap();
    assert_eq!(login.password.expose(), PASSWORD);
    debug_hides(&login);
}

#[test]
fn responses_hide_their_secrets() {
    debug_hides(&credential());
    both_hide(&credential().id);
    both_hide(&credential().file_access().unwrap().sftp);
    debug_hides(&credential().file_access());
    let webhook = json!({ "Id": "1", "AuthorizationHeader": HEADER, "Secret": SIGNING });
    let webhook: Webhook = serde_json::from_value(webhook).unwrap();
    assert_eq!(webhook.authorization_header.as_ref().map(Secret::expose), Some(HEADER));
    assert_eq!(webhook.secret.as_ref().map(Secret::expose), Some(SIGNING));
    debug_hides(&webhook);
    let link: ShareLink = serde_json::from_value(json!({ "Id": "1", "Password": PASSWORD })).unwrap();
    assert_eq!(link.password.as_ref().map(Secret::expose), Some(PASSWORD));
    debug_hides(&link);
    // The decoder does not quote a secret of the wrong type.
    for odd in [json!({ "Id": "1", "Password": [PASSWORD] }), json!({ "Id": "1", "URI": { "x": URI } })] {
        both_hide(&serde_json::from_value::<Credential>(odd.clone()).unwrap_err());
        both_hide(&serde_json::from_str::<Credential>(&odd.to_string()).unwrap_err());
    }
}

/// The path of an incoming webhook authorizes its caller.
#[tokio::test]
async fn webhooks_hide_secrets_in_urls() {
    const PATH: &str = "MARK-services/T0/B0";
    let (slack, plain) = (format!("https://hooks.slack.com/{PATH}"), "https://hooks.example.net".to_owned());
    let new = |url: &str| NewWebhook::new(WebhookType::Slack, url, [WebhookTopic::FileCreated]);
    request_hides(&new(&slack), PATH);
    request_hides(&WebhookUpdate::new().url(slack.as_str()), PATH);
    let read: Webhook = serde_json::from_value(json!({ "Id": "1", "Url": slack })).unwrap();
    debug_hides(&read);
    assert!(format!("{read:?}").contains("https://hooks.slack.com/***"), "{read:?}");
    for (url, message) in [(&slack, "***"), (&plain, plain.as_str())] {
        let body = json!({ "message": format!("{url} cannot be reached") }).to_string();
        let client = support::scripted(&MockTransport::new().reply(422, &[], body).repeat_last());
        let update = WebhookUpdate::new().url(url.as_str());
        for error in [
            client.webhooks().create(new(url)).await.unwrap_err(),
            client.webhooks().update(&"1".into(), update).await.unwrap_err(),
        ] {
            assert_eq!(error.message(), Some(format!("{message} cannot be reached").as_str()));
            error_hides(&error);
        }
    }
}

#[tokio::test]
async fn headers_bodies_and_pages_hide_their_secrets() {
    let secret_cookie = [("set-cookie", "session=MARK-session"), ("x-token", "MARK-token")];
    let body = format!("[{}]", json!({ "Id": "1", "Password": PASSWORD }));
    let script = MockTransport::new().reply(200, &secret_cookie, body).repeat_last();
    let client = support::scripted(&script);
    let page = client.credentials().list().into_pages().try_next().await.unwrap().unwrap();
    assert_eq!(page.items[0].password.as_ref().map(Secret::expose), Some(PASSWORD));
    debug_hides(&page);
    let call = client.raw(Method::GET, "/organizations/{organization_id}/users").idempotency(Idempotency::Safe);
    let whole = call.json::<Vec<Credential>>().with_response().await.unwrap();
    assert_eq!(whole.headers["x-token"], "MARK-token");
    debug_hides(&whole);
    raw_call_hides(client.raw(Method::POST, "/organizations/{organization_id}/users"), &new_credential(), PASSWORD)
        .await;
    debug_hides(&script.calls());
}

#[tokio::test]
async fn an_error_hides_echoed_secrets() {
    let echo = |text: &str| json!({ "id": text, "message": format!("refused: {text}, really") }).to_string();
    let bearer = format!("Bearer {KEY}");
    let client = |script: &MockTransport| {
        Client::builder("org".into(), Authentication::api_key(KEY))
            .transport(script.clone())
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
    };
    for echoed in [KEY, bearer.as_str(), PASSWORD, HEADER] {
        for status in [400, 401, 409, 500, 307] {
            let headers = [("x-request-id", echoed), ("location", "https://MARK-user:MARK-pw@evil.example/MARK?MARK")];
            let script = MockTransport::new().reply(status, &headers, echo(echoed)).repeat_last();
            let client = client(&script);
            let mut errors = vec![];
            if echoed != HEADER {
                errors.push(client.credentials().create(new_credential()).await.unwrap_err());
                errors.push(client.credentials().set_password(&"1".into(), PASSWORD).await.unwrap_err());
                errors.push(client.share_links().create(new_link()).await.unwrap_err());
                let update = ShareLinkUpdate::new().password(PASSWORD);
                errors.push(client.share_links().update(&"1".into(), update).await.unwrap_err());
            }
            if echoed != PASSWORD {
                errors.push(client.webhooks().create(new_webhook()).await.unwrap_err());
            }
            for error in &errors {
                assert!(String::from_utf8_lossy(error.body()).contains(echoed), "the service did not repeat it");
                // The request id comes from the service and is not redacted.
                if echoed == KEY || echoed == bearer {
                    error_hides(error);
                } else {
                    assert!(!error.message().unwrap().contains(MARK), "{error}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_undecodable_body_is_kept_but_not_shown() {
    let whole = format!(r#"{{"Id":"1","Password":"{PASSWORD}","URI":"{URI}"}}"#);
    for body in [
        whole.replace(r#""Id":"1","#, ""),
        whole.replace('}', ""),
        whole.replace(r#""Id":"1""#, r#""Id":{"x":1}"#),
        format!("<html>{PASSWORD}</html>"),
        format!(r#""{PASSWORD}""#),
        PASSWORD.to_owned(),
        format!(r#"{{"Id":"1","Permission":["{PASSWORD}"]}}"#),
        format!(r#"{{"Id":"1","SshPublicKeysCount":"{PASSWORD}"}}"#),
        format!(r#"{{"Id":"1","PasswordCreatedAt":"{PASSWORD}"}}"#),
    ] {
        let client = support::scripted(&MockTransport::new().reply(200, &[], body.clone()));
        let error = client.credentials().get(&"1".into()).await.unwrap_err();
        assert!(String::from_utf8_lossy(error.body()).contains(PASSWORD));
        error_hides(&error);
    }
}

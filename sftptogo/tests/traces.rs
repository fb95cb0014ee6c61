//! No trace of this crate or its dependencies contains a secret.
//!
//! The only test of its process: a thread without a subscriber that enters a span first would cache it as disabled.

use mft_test_support::traces::{Traces, assert_planted, respond_to_everything};
use serde_json::{Value, json};
use sftptogo::raw::Method;
use sftptogo::{
    Authentication, Client, CredentialUpdate, NewCredential, NewShareLink, NewWebhook, RetryPolicy, ShareLinkUpdate,
    SharePermission, WebhookTopic, WebhookType,
};

#[path = "support/markers.rs"]
mod markers;

use markers::{HEADER, KEY, PASSWORD, SIGNING, URI};

/// All operations against a real socket, where reqwest and hyper emit their own events.
async fn everything(client: &Client) {
    let (credentials, links) = (client.credentials(), client.share_links());
    let credential = NewCredential::new().password(PASSWORD);
    let topics = [WebhookTopic::FileCreated];
    let webhook =
        NewWebhook::new(WebhookType::Webhook, "https://hooks.example.net", topics).authorization_header(HEADER);
    let link = NewShareLink::folder("/a/", SharePermission::ReadOnly).password(PASSWORD);
    let id = "1".into();
    let _ = credentials.list().try_collect_vec().await;
    let _ = credentials.create(credential).await;
    let _ = credentials.get(&id).await;
    let _ = credentials.update(&id, CredentialUpdate::new().password(PASSWORD)).await;
    let _ = credentials.delete(&id).await;
    let _ = credentials.rotate_password_and_fetch(&id).await;
    let _ = credentials.set_password(&id, PASSWORD).await;
    let _ = client.ssh_keys().add(&id, "ssh-rsa AAAA").await;
    let _ = client.webhooks().create(webhook).await;
    let _ = client.webhooks().list().try_collect_vec().await;
    let _ = links.create(link).await;
    let _ = links.update(&"1".into(), ShareLinkUpdate::new().password(PASSWORD)).await;
    let call = client.raw(Method::GET, "/organizations/{organization_id}/users").query("token", "MARK-query");
    let _ = call.into_call().await;
}

#[tokio::test]
async fn traces_contain_no_secret() {
    let traces = Traces::capture();
    let response = json!({
        "Id": "1", "Password": PASSWORD, "URI": URI, "AuthorizationHeader": HEADER, "Secret": SIGNING, "message": KEY,
    });
    for (status, body) in [(200, response.clone()), (200, json!([response])), (500, response), (400, Value::Null)] {
        let server = respond_to_everything(status, body).await;
        let policy = RetryPolicy::new().max_attempts(2).base_delay(std::time::Duration::from_millis(1));
        let client = Client::builder("org".into(), Authentication::api_key(KEY))
            .base_url(server.uri())
            .allow_http()
            .no_proxy()
            .retry(policy);
        everything(&client.build().unwrap()).await;
        assert_planted(&server, &[KEY, PASSWORD, HEADER, "MARK-query"]).await;
    }
    traces.assert_no_secrets(cfg!(feature = "tracing").then_some("sftptogo.credentials.create"), &[]);
}

//! Webhooks: requests, and decoding of every documented response and its variants.

mod support;

use serde_json::{Value, json};
use sftptogo::{
    ErrorKind, NewWebhook, Secret, Webhook, WebhookId, WebhookState, WebhookTopic, WebhookType, WebhookUpdate,
};
use support::{Service, delete, fixture, get, patch, post};

const WEBHOOK: &str = "/webhooks/6b1c6f0c-52c1-47a6-9344-57a4579ced68";
const URL: &str = "https://webhook.site/1b1b1b1b-1b1b-1b1b-1b1b-1b1b1b1b1b1b";
const ALL_TOPICS: [WebhookTopic; 3] =
    [WebhookTopic::FileCreated, WebhookTopic::FileDeleted, WebhookTopic::FileDownloaded];

fn id() -> WebhookId {
    "6b1c6f0c-52c1-47a6-9344-57a4579ced68".into()
}

fn to_wire(webhook: &Webhook) -> Value {
    let mut value = json!({
        "Id": webhook.id,
        "Alias": webhook.alias,
        "Url": webhook.url,
        "Type": webhook.webhook_type,
        "AuthorizationHeader": webhook.authorization_header.as_ref().map(Secret::expose),
        "Secret": webhook.secret.as_ref().map(Secret::expose),
        "Topics": webhook.topics,
        "OrganizationId": webhook.organization_id,
        "State": webhook.state,
        "CreatedAt": webhook.created_at,
        "UpdatedAt": webhook.updated_at,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

/// A documented webhook. An empty secret is a withheld secret.
fn documented(name: &str) -> Value {
    let mut value: Value = serde_json::from_str(&fixture(name)).unwrap();
    let single = value.is_object();
    for webhook in if single { std::slice::from_mut(&mut value) } else { value.as_array_mut().unwrap() } {
        webhook.as_object_mut().unwrap().retain(|_, value| *value != "");
    }
    value
}

#[tokio::test]
async fn lists_all_webhooks_without_their_secrets() {
    for name in ["webhooks_list", "webhooks_list_two_topics"] {
        let service = Service::answering(get("/webhooks"), 200, fixture(name)).await;
        let all = service.client.webhooks().list().try_collect_vec().await.unwrap();
        assert_eq!(all.iter().map(to_wire).collect::<Value>(), documented(name));
        assert_eq!((all[0].secret.as_ref(), all[0].state.as_ref()), (None, Some(&WebhookState::Enabled)));
        assert!(all[0].authorization_header.is_some());
    }
}

#[tokio::test]
async fn creates_and_returns_the_signing_secret() {
    let documented_request = NewWebhook::new(WebhookType::Webhook, URL, ALL_TOPICS)
        .alias("Test Webhook")
        .authorization_header("Bearer 123456789")
        .state(WebhookState::Enabled);
    for (request, body, response, secret) in [
        (
            documented_request,
            json!({
                "Alias": "Test Webhook", "Url": URL, "Type": "webhook", "AuthorizationHeader": "Bearer 123456789",
                "Topics": ["file.created", "file.deleted", "file.downloaded"], "State": "enabled",
            }),
            "webhooks_create",
            "Some Secret",
        ),
        (
            NewWebhook::new(WebhookType::Email, "Dana <dana@example.net>", ["file.infected".into()]),
            json!({ "Type": "email", "Url": "Dana <dana@example.net>", "Topics": ["file.infected"] }),
            "webhooks_create_two_topics",
            "whsec-lab-0001",
        ),
    ] {
        let service = Service::answering(post("/webhooks", body), 201, fixture(response)).await;
        let created = service.client.webhooks().create(request).await.unwrap();
        assert_eq!(to_wire(&created), documented(response));
        assert_eq!(created.secret.unwrap().expose(), secret);
    }
}

#[tokio::test]
async fn updates_only_the_set_fields() {
    for (update, body) in [
        (WebhookUpdate::new().alias("Test Updated Webhook"), json!({ "Alias": "Test Updated Webhook" })),
        (WebhookUpdate::new().state(WebhookState::Paused), json!({ "State": "paused" })),
        (WebhookUpdate::new().topics([WebhookTopic::FileDeleted]), json!({ "Topics": ["file.deleted"] })),
        (WebhookUpdate::new().clear_authorization_header(), json!({ "AuthorizationHeader": null })),
        (WebhookUpdate::new().authorization_header("Basic YQ=="), json!({ "AuthorizationHeader": "Basic YQ==" })),
        (WebhookUpdate::new().url(URL), json!({ "Url": URL })),
        (
            WebhookUpdate::new().webhook_type(WebhookType::Email).url("ops@example.net"),
            json!({ "Type": "email", "Url": "ops@example.net" }),
        ),
    ] {
        let service = Service::answering(patch(WEBHOOK, body), 200, fixture("webhooks_update")).await;
        let webhook = service.client.webhooks().update(&id(), update).await.unwrap();
        assert_eq!(to_wire(&webhook), documented("webhooks_update"));
    }
}

#[tokio::test]
async fn deletes_with_any_response_body() {
    for (status, response) in [(200, fixture("webhooks_delete")), (204, String::new())] {
        let service = Service::answering(delete(WEBHOOK), status, response).await;
        service.client.webhooks().delete(&id()).await.unwrap();
    }
}

#[test]
fn only_the_id_is_required_and_unknown_values_survive() {
    let bare = json!({ "Id": "1", "Filters": [{ "Path": "is" }] });
    let nulls = json!({
        "Id": "1", "Alias": null, "Url": null, "Type": null, "AuthorizationHeader": null, "Secret": null,
        "Topics": null, "OrganizationId": null, "State": null, "CreatedAt": null, "UpdatedAt": null,
    });
    let blanks = json!({ "Id": "1", "AuthorizationHeader": "", "Secret": "", "Topics": [] });
    for webhook in [bare, nulls, blanks] {
        let webhook: Webhook = serde_json::from_value(webhook).unwrap();
        assert_eq!(to_wire(&webhook), json!({ "Id": "1", "Topics": [] }));
    }
    let odd = json!({
        "Id": "1", "Type": "pager", "State": "throttled", "Topics": ["file.infected", "file.created"],
        "CreatedAt": 1_561_888_254_653_i64, "UpdatedAt": 1_561_888_254_653_i64,
    });
    assert_eq!(to_wire(&serde_json::from_value(odd.clone()).unwrap()), odd);
}

#[tokio::test]
async fn an_unexpected_body_is_described_in_the_error() {
    for (body, description) in [
        (r#"{"Webhooks":[]}"#, "what came is an object of 15 bytes"),
        ("<html>log in</html>", "an HTML page of 19 bytes sent as text/html"),
        (r#"[{"Alias":"no id"}]"#, "at `[0]`"),
    ] {
        let service = Service::answering(get("/webhooks"), 200, body).await;
        let error = service.client.webhooks().list().try_collect_vec().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(description), "{error}");
    }
}

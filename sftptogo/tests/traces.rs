//! No secret in anything that is traced, by this crate and by those below it.
//!
//! The only test of its process: a thread without a subscriber that comes first to a span would have it cached as
//! wanted by nobody.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use sftptogo::{
    Client, CredentialUpdate, Method, NewCredential, NewShareLink, NewWebhook, RetryPolicy, ShareLinkUpdate,
    SharePermission, WebhookTopic, WebhookType,
};
use tracing_subscriber::util::SubscriberInitExt;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

#[path = "support/markers.rs"]
mod markers;

use markers::{HEADER, KEY, MARK, PASSWORD, SIGNING, URI};

/// What a subscriber wrote.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// All operations against a real socket, where reqwest and hyper write events of their own.
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
    let call = client.raw(Method::GET, "/users").query("token", "MARK-query");
    let _ = call.send().await;
}

#[tokio::test]
async fn nothing_that_is_traced_holds_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let reply = json!({
        "Id": "1", "Password": PASSWORD, "URI": URI, "AuthorizationHeader": HEADER, "Secret": SIGNING, "message": KEY,
    });
    // For this thread, on which the runtime runs the tasks of the connections too.
    // Records of the crate `log`, which reqwest writes, come along.
    let guard = subscriber.set_default();
    tracing::info!("the subscriber listens");
    for (status, body) in [(200, reply.clone()), (200, json!([reply])), (500, reply), (400, Value::Null)] {
        let server = MockServer::start().await;
        let response = ResponseTemplate::new(status)
            .insert_header("x-secret", "MARK-header")
            .set_body_raw(body.to_string(), "application/json");
        Mock::given(any()).respond_with(response).mount(&server).await;
        let policy = RetryPolicy::new().max_attempts(2).base_delay(std::time::Duration::from_millis(1));
        let client = Client::builder("org", KEY).base_url(server.uri()).allow_http().no_proxy().retry(policy);
        everything(&client.build().unwrap()).await;
        let sent = server.received_requests().await.unwrap();
        let sent = sent.iter().map(|request| {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            format!("{} {:?} {body}", request.url, request.headers)
        });
        let sent = sent.collect::<String>();
        for marker in [KEY, PASSWORD, HEADER, "MARK-query"] {
            assert!(sent.contains(marker), "{marker} was not planted");
        }
    }
    drop(guard);
    let written = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(written.contains("the subscriber listens"));
    assert!(written.contains("reqwest::"), "the transport was not listened to");
    assert!(!cfg!(feature = "tracing") || written.contains("sftptogo.credentials.create"), "no span was written");
    let line = written.lines().find(|line| line.contains(MARK));
    assert_eq!(line, None);
}

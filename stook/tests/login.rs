//! The exchange of key and secret for a token.

mod support;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mft_common::testing::{MockTransport, ScriptedCall};
use serde_json::{Value, json};
use stook::{ApiKey, ApiSecret, Authentication, Client, ErrorKind, OrganizationId, Outcome, RetryPolicy};

const ACCOUNTS: &str = r#"{"status":true,"data":[]}"#;
/// The time of a server whose clock is years off.
const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const THEN_SECONDS: u64 = 784_111_777;

fn client(script: &MockTransport) -> Client {
    let authentication = Authentication::login(ApiKey::new("key-0001"), ApiSecret::new("secret-0001"));
    Client::builder(OrganizationId::from("org"), authentication)
        .transport(script.clone())
        .retry(RetryPolicy::new().seed(7))
        .build()
        .unwrap()
}

fn token(number: u32, expire: impl Into<Value>) -> String {
    json!({ "status": true, "token": format!("token-{number}"), "session": "opaque", "expire": expire.into() })
        .to_string()
}

async fn list(client: &Client) -> stook::Result<()> {
    client.ftp_accounts().list().try_collect_vec().await.map(|_| ())
}

/// Returns one word for each call: `login` or the token.
fn sequence(calls: &[ScriptedCall]) -> String {
    let word = |call: &ScriptedCall| match call.headers.get("authorization") {
        None => "login".to_owned(),
        Some(header) => header.to_str().unwrap().trim_start_matches("Bearer ").to_owned(),
    };
    calls.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn logs_in_once_and_sends_the_token() {
    let script = MockTransport::new().reply(200, &[], token(1, Value::Null)).reply(200, &[], ACCOUNTS).repeat_last();
    let client = client(&script);
    assert!(script.calls().is_empty(), "no request before the first call");
    for _ in 0..3 {
        list(&client).await.unwrap();
    }
    let calls = script.calls();
    assert_eq!(sequence(&calls), "login token-1 token-1 token-1");
    let login = &calls[0];
    assert_eq!((login.method.as_str(), login.uri.path()), ("POST", "/api/v1/auth/login/token"));
    let body: Value = serde_json::from_slice(&login.body).unwrap();
    assert_eq!(body, json!({ "api_key": "key-0001", "api_secret": "secret-0001" }));
    assert_eq!(login.operation.as_ref().unwrap().name(), "stook.auth.login");
}

#[tokio::test(start_paused = true)]
async fn renews_a_token_before_it_expires_by_the_server_clock() {
    let date = [("date", THEN)];
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let hour = THEN_SECONDS + 3_600;
    for (headers, expire, after_minutes) in [
        (&date[..], json!(hour), "token-1 token-1 token-1 login token-2"),
        (&date, json!(hour.to_string()), "token-1 token-1 token-1 login token-2"),
        // Without a `Date` header, the local clock is used.
        (&[], json!(now + 3_600), "token-1 token-1 token-1 login token-2"),
        // Values that cannot be the expiration time of a new token are ignored.
        (&date, json!(THEN_SECONDS), "token-1 token-1 token-1 token-1"),
        (&date, json!(3_600), "token-1 token-1 token-1 token-1"),
        (&date, json!(-5), "token-1 token-1 token-1 token-1"),
        (&date, json!(u64::MAX), "token-1 token-1 token-1 token-1"),
        (&date, json!("tomorrow"), "token-1 token-1 token-1 token-1"),
        (&date, json!({ "in": 3_600 }), "token-1 token-1 token-1 token-1"),
    ] {
        let script = MockTransport::new().reply(200, headers, token(1, expire.clone()));
        let script = (0..3).fold(script, |script, _| script.reply(200, &[], ACCOUNTS));
        let script = if after_minutes.contains("login") {
            script.reply(200, headers, token(2, THEN_SECONDS + 7_200))
        } else {
            script
        };
        let script = script.reply(200, &[], ACCOUNTS).repeat_last();
        let client = client(&script);
        list(&client).await.unwrap();
        for minutes in [30, 29, 2] {
            tokio::time::sleep(Duration::from_secs(minutes * 60)).await;
            list(&client).await.unwrap();
        }
        assert_eq!(sequence(&script.calls()), format!("login {after_minutes}"), "{expire}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_causes_one_login_and_one_retry() {
    let refused = r#"{"status":false,"message":"Unauthenticated."}"#;
    // Also with status 200.
    for status in [401, 200] {
        let script = MockTransport::new().reply(200, &[], token(1, Value::Null)).reply(status, &[], refused);
        let script = script.reply(200, &[], token(2, Value::Null)).reply(200, &[], ACCOUNTS);
        list(&client(&script)).await.unwrap();
        assert_eq!(sequence(&script.calls()), "login token-1 login token-2");

        let script = MockTransport::new().reply(200, &[], token(1, Value::Null)).reply(status, &[], refused);
        let script = script.reply(200, &[], token(2, Value::Null)).reply(status, &[], refused);
        let error = list(&client(&script)).await.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Auth, Some("Unauthenticated.")));
        assert_eq!(sequence(&script.calls()), "login token-1 login token-2");
    }
}

#[tokio::test(start_paused = true)]
async fn every_waiting_call_reports_a_refused_login() {
    for (status, body) in [
        (400, r#"{"status":false,"message":"No such key."}"#),
        (401, r#"{"status":false,"message":"No such key."}"#),
        (403, r#"{"status":false,"message":"No such key."}"#),
        (422, r#"{"message":"No such key."}"#),
        (200, r#"{"status":false,"message":"No such key."}"#),
    ] {
        let script = MockTransport::new().reply(status, &[], body).repeat_last();
        let client = client(&script);
        let delete = async { client.ftp_accounts().delete(&"1".into()).await };
        let (listed, deleted) = tokio::join!(list(&client), delete);
        let errors = [(listed, "stook.ftp_accounts.list"), (deleted, "stook.ftp_accounts.delete")];
        for (result, operation) in errors {
            let error = result.unwrap_err();
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone), "{status}: {error}");
            assert_eq!(error.operation(), Some(operation));
            let message = error.message().unwrap();
            assert!(message.contains("refuses the API key") && message.ends_with("No such key."), "{message}");
        }
        assert_eq!(sequence(&script.calls()), "login", "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn retries_a_login_after_transient_failures() {
    let script = MockTransport::new().reply(503, &[], "").refuse_connection().reply(200, &[], token(1, Value::Null));
    let script = script.reply(200, &[], ACCOUNTS);
    list(&client(&script)).await.unwrap();
    assert_eq!(sequence(&script.calls()), "login login login token-1");

    let script = MockTransport::new().reply(500, &[], "").repeat_last();
    let error = list(&client(&script)).await.unwrap_err();
    assert!(error.is_transient() && error.outcome() == Outcome::NotDone, "{error}");
    assert_eq!(sequence(&script.calls()), "login login login");
}

#[tokio::test]
async fn requests_a_token_independent_of_the_client() {
    for (expire, expires_at) in [(json!(1_893_456_000), Some(1_893_456_000)), (json!("tomorrow"), None)] {
        let script = MockTransport::new().reply(200, &[], token(1, expire)).reply(200, &[], token(2, Value::Null));
        let client = client(&script.reply(200, &[], ACCOUNTS));
        let issued = client.auth().login().await.unwrap();
        assert_eq!((issued.token.expose(), issued.expires_at.map(|moment| moment.0)), ("token-1", expires_at));
        assert!(!format!("{issued:?}").contains("token-1"), "{issued:?}");
        list(&client).await.unwrap();
    }

    let script = MockTransport::new().reply(401, &[], r#"{"status":false,"message":"No such key."}"#);
    let error = client(&script).auth().login().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Auth, Some("stook.auth.login")), "{error}");

    let script = MockTransport::new();
    let by_token = Client::builder(OrganizationId::from("org"), Authentication::token("t"))
        .transport(script.clone())
        .build()
        .unwrap();
    let error = by_token.auth().login().await.unwrap_err();
    assert_eq!((error.is_invalid_input(), error.operation()), (true, Some("stook.auth.login")), "{error}");
    assert!(script.calls().is_empty());
}

#[tokio::test]
async fn a_login_without_a_usable_token_is_an_error_without_secrets() {
    for body in [
        r#"{"status":true}"#,
        r#"{"status":true,"token":null}"#,
        r#"{"status":true,"token":""}"#,
        r#"{"status":true,"token":"hunter2\r\nX-Evil: 1"}"#,
        r#"{"status":true,"data":{"token":"hunter2"}}"#,
        r#"["hunter2"]"#,
        "<html>hunter2</html>",
        "",
    ] {
        let script = MockTransport::new().reply(200, &[], body).repeat_last();
        let error = list(&client(&script)).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone), "{body}: {error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        assert_eq!(sequence(&script.calls()), "login", "{body}");
    }
}

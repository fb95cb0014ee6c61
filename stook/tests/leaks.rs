//! No secret appears in `Debug` output, `Display` output or errors. See `traces.rs` for traces.

mod support;

use mft_common::testing::MockTransport;
use mft_test_support::leaks::{debug_hides, error_hides, raw_call_hides, request_hides};
use serde_json::{Value, json};
use stook::raw::Method;
use stook::{
    ApiKey, ApiSecret, Authentication, BucketId, Client, FtpAccount, FtpAccountUpdate, LegacyFtpAccountUpdate,
    NewFtpAccount, OrganizationId, RetryPolicy, Secret, WrapRule,
};

#[path = "support/markers.rs"]
mod markers;

use markers::{API_SECRET, KEY, PASSWORD, TOKEN};

fn new_account() -> NewFtpAccount {
    NewFtpAccount::new("camera1", Secret::new(PASSWORD), BucketId::from("b"), "cam1")
        .wrap_rules([WrapRule::allow(["::1"])])
}

fn legacy_update() -> LegacyFtpAccountUpdate {
    LegacyFtpAccountUpdate::new(Secret::new(PASSWORD), false, "cam1")
}

fn client(authentication: Authentication, script: &MockTransport) -> Client {
    Client::builder(OrganizationId::from("org"), authentication)
        .transport(script.clone())
        .retry(RetryPolicy::none())
        .build()
        .unwrap()
}

#[test]
fn client_and_builder_hide_key_secret_and_token() {
    for authentication in
        [Authentication::login(ApiKey::new(KEY), ApiSecret::new(API_SECRET)), Authentication::token(TOKEN)]
    {
        debug_hides(&authentication);
        let builder = Client::builder(OrganizationId::from("org"), authentication.clone())
            .base_url(format!("https://user:{PASSWORD}@cloud.example"));
        debug_hides(&builder);
        debug_hides(&builder.clone().proxy(format!("http://user:{PASSWORD}@proxy.example")));
        error_hides(&builder.build().unwrap_err());
        let client = client(authentication, &MockTransport::new());
        debug_hides(&client);
        debug_hides(&(client.ftp_accounts(), client.legacy_v1(), client.buckets(), client.credentials()));
        debug_hides(&(client.ftp_accounts().list(), client.ftp_accounts().list().into_pages()));
        debug_hides(&client.ftp_accounts().create(new_account()));
    }
}

#[test]
fn requests_hide_their_secrets() {
    request_hides(&new_account(), PASSWORD);
    request_hides(&FtpAccountUpdate::new().password(PASSWORD), PASSWORD);
    request_hides(&legacy_update(), PASSWORD);
}

#[tokio::test]
async fn a_response_hides_its_secrets() {
    let secret_cookie = [("set-cookie", "session=MARK-session"), ("x-token", "MARK-token")];
    // Unknown keys are not kept.
    let account = json!({ "uuid": "1", "password": PASSWORD, "secret_key": PASSWORD });
    let script =
        MockTransport::new().reply(200, &secret_cookie, json!({ "status": true, "data": account }).to_string());
    let client = client(Authentication::token(TOKEN), &script.repeat_last());
    let response = client.ftp_accounts().get(&"1".into()).with_response().await.unwrap();
    assert_eq!(response.headers["x-token"], "MARK-token");
    debug_hides(&response);
    debug_hides(&client.credentials().get(&"1".into()).await.unwrap());
    debug_hides(&serde_json::from_value::<FtpAccount>(account).unwrap());
    raw_call_hides(client.raw(Method::POST, "/users"), &new_account(), PASSWORD).await;
}

#[tokio::test]
async fn an_error_redacts_secrets_in_the_service_message() {
    let echo = |text: &str| {
        let message = format!("refused: {text}, really");
        json!({ "status": false, "code": text, "message": message, "errors": { "password": [message, text] } })
            .to_string()
    };
    let bearer = format!("Bearer {TOKEN}");
    for echoed in [TOKEN, bearer.as_str(), PASSWORD] {
        for status in [200, 400, 401, 409, 500, 307] {
            let headers = [("x-request-id", echoed), ("location", "https://MARK-user:MARK-pw@evil.example/MARK?MARK")];
            let client = client(
                Authentication::token(TOKEN),
                &MockTransport::new().reply(status, &headers, echo(echoed)).repeat_last(),
            );
            let update = FtpAccountUpdate::new().password(PASSWORD);
            for error in [
                client.ftp_accounts().create(new_account()).await.unwrap_err(),
                client.ftp_accounts().update(&"1".into(), update).await.unwrap_err(),
                client.legacy_v1().ftp_accounts().update(&"1".into(), legacy_update()).await.unwrap_err(),
            ] {
                assert!(String::from_utf8_lossy(error.body()).contains(echoed), "the service did not repeat it");
                error_hides(&error);
            }
        }
    }
}

#[tokio::test]
async fn a_login_error_redacts_secrets_in_the_service_message() {
    for echoed in [KEY, API_SECRET] {
        let body = json!({ "status": false, "message": format!("no such key: {echoed}"), "code": echoed }).to_string();
        for status in [200, 400, 401, 404, 422, 500] {
            let script = MockTransport::new().reply(status, &[("x-request-id", echoed)], body.clone()).repeat_last();
            let client = client(Authentication::login(ApiKey::new(KEY), ApiSecret::new(API_SECRET)), &script);
            let error = client.buckets().list().try_next().await.unwrap_err();
            assert!(String::from_utf8_lossy(error.body()).contains(echoed), "the service did not repeat it");
            error_hides(&error);
        }
    }
    // The token of a login is redacted too, in responses to calls with it and with later tokens.
    let login = json!({ "status": true, "token": TOKEN, "session": "MARK-session" }).to_string();
    let refused = json!({ "message": format!("what is {TOKEN}?") }).to_string();
    let script = MockTransport::new().reply(200, &[], login).reply(409, &[], refused);
    let client = client(Authentication::login(ApiKey::new(KEY), ApiSecret::new(API_SECRET)), &script);
    let error = client.buckets().list().try_next().await.unwrap_err();
    assert!(String::from_utf8_lossy(error.body()).contains(TOKEN));
    error_hides(&error);
    debug_hides(&client);
}

#[tokio::test]
async fn an_undecodable_response_is_kept_but_not_displayed() {
    let of = |account: Value| json!({ "status": true, "data": account }).to_string();
    for body in [
        of(json!({ "password": PASSWORD })),
        of(json!({ "uuid": { "x": PASSWORD } })),
        of(json!({ "uuid": "1", "login_allowed": PASSWORD })),
        of(json!({ "uuid": "1", "count": PASSWORD })),
        of(json!({ "uuid": "1", "name": [PASSWORD] })),
        of(json!({ "uuid": "1", "wrap_rules": PASSWORD })),
        of(json!(PASSWORD)),
        format!("<html>{PASSWORD}</html>"),
        format!(r#""{PASSWORD}""#),
        PASSWORD.to_owned(),
    ] {
        let client = client(Authentication::token(TOKEN), &MockTransport::new().reply(200, &[], body.clone()));
        let error = client.ftp_accounts().get(&"1".into()).await.unwrap_err();
        assert!(String::from_utf8_lossy(error.body()).contains(PASSWORD), "{body}");
        error_hides(&error);
    }
    // The decoder does not quote a secret of the wrong type.
    let login = MockTransport::new().reply(200, &[], json!({ "status": true, "token": [TOKEN] }).to_string());
    let error = client(Authentication::login(ApiKey::new(KEY), ApiSecret::new(API_SECRET)), &login)
        .buckets()
        .list()
        .try_next()
        .await
        .unwrap_err();
    error_hides(&error);
    debug_hides(&Secret::new(PASSWORD));
}

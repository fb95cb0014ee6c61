//! No secret in anything that is traced, by this crate and by those below it.
//!
//! The only test of its process: a thread without a subscriber that comes first to a span would have it cached as
//! wanted by nobody.

use mft_test_support::traces::{Traces, assert_planted, respond_to_everything};
use serde_json::{Value, json};
use stook::raw::Method;
use stook::{
    ApiKey, ApiSecret, Authentication, Client, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket, NewCredential,
    NewFtpAccount, OrganizationId, RetryPolicy,
};

#[path = "support/markers.rs"]
mod markers;

use markers::{API_SECRET, KEY, PASSWORD, TOKEN};

/// All kinds of operations against a real socket, where reqwest and hyper write events of their own.
async fn everything(client: &Client) {
    let (accounts, legacy) = (client.ftp_accounts(), client.legacy_v1().ftp_accounts());
    let id = "1".into();
    let _ = accounts.list().try_collect_vec().await;
    let _ = accounts.create(NewFtpAccount::new("camera1", PASSWORD, "b", "cam1")).await;
    let _ = accounts.get(&id).await;
    let _ = accounts.update(&id, FtpAccountUpdate::new().password(PASSWORD)).await;
    let _ = accounts.delete(&id).await;
    let _ = legacy.get(&id).await;
    let _ = legacy.update(&id, LegacyFtpAccountUpdate::new(PASSWORD, true, "cam1")).await;
    let _ = legacy.delete(&id).await;
    let _ = client.buckets().create(NewBucket::new("b")).await;
    let _ = client.buckets().list().try_collect_vec().await;
    let _ = client.credentials().create(NewCredential::new("c", ["1".into()])).await;
    let _ = client.credentials().list().try_collect_vec().await;
    let call = client.raw(Method::GET, "/users").query("token", "MARK-query");
    let _ = call.into_call().await;
}

#[tokio::test]
async fn nothing_that_is_traced_holds_a_secret() {
    let traces = Traces::capture();
    // One reply for everything: a login and an account.
    let reply = json!({
        "status": true, "token": TOKEN, "session": "MARK-session", "message": TOKEN,
        "data": { "uuid": "1", "password": PASSWORD, "secret_key": PASSWORD },
    });
    let denied =
        json!({ "status": false, "token": TOKEN, "message": format!("{TOKEN} {KEY} {API_SECRET} {PASSWORD}") });
    for (status, body) in [(200, reply.clone()), (200, denied.clone()), (500, denied), (401, reply), (400, Value::Null)]
    {
        let server = respond_to_everything(status, &body).await;
        for authentication in
            [Authentication::login(ApiKey::new(KEY), ApiSecret::new(API_SECRET)), Authentication::token(TOKEN)]
        {
            let policy = RetryPolicy::new().max_attempts(2).base_delay(std::time::Duration::from_millis(1));
            let client = Client::builder(OrganizationId::from("org"), authentication)
                .base_url(server.uri())
                .allow_http()
                .no_proxy()
                .retry(policy);
            let client = client.build().unwrap();
            // A login that failed is not tried again for a second: there one call says as much as all of them.
            if status == 200 && body["status"] == true {
                everything(&client).await;
            } else {
                let _ = client.ftp_accounts().create(NewFtpAccount::new("camera1", PASSWORD, "b", "cam1")).await;
            }
        }
        assert_planted(&server, &[KEY, API_SECRET, TOKEN, PASSWORD]).await;
    }
    traces.assert_no_secrets(cfg!(feature = "tracing").then_some("stook.ftp_accounts.create"), &[]);
}

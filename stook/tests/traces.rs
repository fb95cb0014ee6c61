//! No secret appears in traces of this crate and its dependencies.
//!
//! The only test of its process: another thread without a subscriber could cache a span as disabled.

use mft_test_support::traces::{Traces, assert_planted, respond_to_everything};
use serde_json::{Value, json};
use stook::raw::Method;
use stook::{
    ApiKey, ApiSecret, Authentication, BucketId, Client, FtpAccountUpdate, LegacyFtpAccountUpdate, NewBucket,
    NewCredential, NewFtpAccount, OrganizationId, RetryPolicy, Secret,
};

#[path = "support/markers.rs"]
mod markers;

use markers::{API_SECRET, KEY, PASSWORD, TOKEN};

/// Calls all kinds of operations over a real socket, so that reqwest and hyper emit events too.
async fn everything(client: &Client) {
    let (accounts, legacy) = (client.ftp_accounts(), client.legacy_v1().ftp_accounts());
    let id = "1".into();
    let _ = accounts.list().try_collect_vec().await;
    let _ = accounts.create(NewFtpAccount::new("camera1", Secret::new(PASSWORD), BucketId::from("b"), "cam1")).await;
    let _ = accounts.get(&id).await;
    let _ = accounts.update(&id, FtpAccountUpdate::new().password(PASSWORD)).await;
    let _ = accounts.delete(&id).await;
    let _ = legacy.get(&id).await;
    let _ = legacy.update(&id, LegacyFtpAccountUpdate::new(Secret::new(PASSWORD), true, "cam1")).await;
    let _ = legacy.delete(&id).await;
    let _ = client.buckets().create(NewBucket::new("b")).await;
    let _ = client.buckets().list().try_collect_vec().await;
    let _ = client.credentials().create(NewCredential::new("c", ["1".into()])).await;
    let _ = client.credentials().list().try_collect_vec().await;
    let call = client.raw(Method::GET, "/users").query("token", "MARK-query");
    let _ = call.into_call().await;
}

#[tokio::test]
async fn traces_contain_no_secret() {
    let traces = Traces::capture();
    // One response for all calls: a login and an account.
    let response = json!({
        "status": true, "token": TOKEN, "session": "MARK-session", "message": TOKEN,
        "data": { "uuid": "1", "password": PASSWORD, "secret_key": PASSWORD },
    });
    let denied =
        json!({ "status": false, "token": TOKEN, "message": format!("{TOKEN} {KEY} {API_SECRET} {PASSWORD}") });
    for (status, body) in
        [(200, response.clone()), (200, denied.clone()), (500, denied), (401, response), (400, Value::Null)]
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
            // A failed login is not retried for a second, so one call is sufficient.
            if status == 200 && body["status"] == true {
                everything(&client).await;
            } else {
                let _ = client
                    .ftp_accounts()
                    .create(NewFtpAccount::new("camera1", Secret::new(PASSWORD), BucketId::from("b"), "cam1"))
                    .await;
            }
        }
        assert_planted(&server, &[KEY, API_SECRET, TOKEN, PASSWORD]).await;
    }
    traces.assert_no_secrets(cfg!(feature = "tracing").then_some("stook.ftp_accounts.create"), &[]);
}

//! No trace of this crate or its dependencies contains a secret.
//!
//! The only test of its process: a thread without a subscriber that enters a span first would cache it as disabled.

use mft_test_support::traces::{Traces, assert_planted, respond_to_everything};
use serde_json::{Value, json};
use usebuckets::raw::Method;
use usebuckets::{Authentication, BucketUpdate, Client, NewBucket, NewUser, RetryPolicy, UserUpdate};

#[path = "support/markers.rs"]
mod markers;

use markers::{KEY, PASSWORD};

/// All operations against a real socket, where reqwest and hyper emit their own events.
async fn everything(client: &Client) {
    let (buckets, users) = (client.buckets(), client.users());
    let _ = buckets.list().try_collect_vec().await;
    let _ = buckets.find(&"2".into()).await;
    let _ = buckets.create(NewBucket::new("b")).await;
    let _ = buckets.update(&"1".into(), BucketUpdate::new().active(false)).await;
    let _ = buckets.delete(&"1".into()).await;
    let _ = users.list(&"1".into()).try_collect_vec().await;
    let _ = users.create(NewUser::new(&"1".into(), "mira", PASSWORD.into())).await;
    let _ = users.update(&"1".into(), UserUpdate::new().password(PASSWORD)).await;
    let call = client.raw(Method::GET, "/users").query("token", "MARK-query");
    let _ = call.into_call().await;
}

#[tokio::test]
async fn traces_contain_no_secret() {
    let traces = Traces::capture();
    let response = json!({ "id": "1", "password": PASSWORD, "message": KEY });
    let page = json!({ "has_more": true, "next_uri": "?after=MARK-cursor", "data": [response] });
    for (status, body) in [(200, response.clone()), (200, page), (500, response), (400, Value::Null)] {
        let server = respond_to_everything(status, body).await;
        let policy = RetryPolicy::new().max_attempts(2).base_delay(std::time::Duration::from_millis(1));
        let client =
            Client::builder(Authentication::api_key(KEY)).base_url(server.uri()).allow_http().no_proxy().retry(policy);
        everything(&client.build().unwrap()).await;
        assert_planted(&server, &[KEY, PASSWORD, "MARK-query"]).await;
    }
    traces.assert_no_secrets(cfg!(feature = "tracing").then_some("usebuckets.buckets.create"), &[]);
}

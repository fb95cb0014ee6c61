//! No secret in anything that is traced, by this crate and by those below it.
//!
//! The only test of its process: a thread without a subscriber that comes first to a span would have it cached as
//! wanted by nobody.

use mft_test_support::traces::{Traces, answering_everything, assert_planted};
use serde_json::{Value, json};
use usebuckets::raw::Method;
use usebuckets::{Authentication, BucketUpdate, Client, NewBucket, NewUser, RetryPolicy, UserUpdate};

#[path = "support/markers.rs"]
mod markers;

use markers::{KEY, PASSWORD};

/// All operations against a real socket, where reqwest and hyper write events of their own.
async fn everything(client: &Client) {
    let (buckets, users) = (client.buckets(), client.users());
    let _ = buckets.list().try_collect_vec().await;
    let _ = buckets.find(&"2".into()).await;
    let _ = buckets.create(NewBucket::new("b")).await;
    let _ = buckets.update(&"1".into(), BucketUpdate::active(false)).await;
    let _ = buckets.delete(&"1".into()).await;
    let _ = users.list(&"1".into()).try_collect_vec().await;
    let _ = users.create(NewUser::new("1", "mira", PASSWORD)).await;
    let _ = users.update(&"1".into(), UserUpdate::password(PASSWORD)).await;
    let call = client.raw(Method::GET, "/users").query("token", "MARK-query");
    let _ = call.into_call().await;
}

#[tokio::test]
async fn nothing_that_is_traced_holds_a_secret() {
    let traces = Traces::listen();
    let reply = json!({ "id": "1", "password": PASSWORD, "message": KEY });
    let page = json!({ "has_more": true, "next_uri": "?after=MARK-cursor", "data": [reply] });
    for (status, body) in [(200, reply.clone()), (200, page), (500, reply), (400, Value::Null)] {
        let server = answering_everything(status, body).await;
        let policy = RetryPolicy::new().max_attempts(2).base_delay(std::time::Duration::from_millis(1));
        let client =
            Client::builder(Authentication::api_key(KEY)).base_url(server.uri()).allow_http().no_proxy().retry(policy);
        everything(&client.build().unwrap()).await;
        assert_planted(&server, &[KEY, PASSWORD, "MARK-query"]).await;
    }
    traces.hide(cfg!(feature = "tracing").then_some("usebuckets.buckets.create"), &[]);
}

//! No secret appears in traces of this crate or its dependencies.
//!
//! The only test of its process: a thread without a subscriber that reaches a span first would disable it for all
//! threads.

use brickftp::raw::Method;
use brickftp::{Authentication, Client, Format, NewUser, Reauthentication, RetryPolicy, UserId, UserUpdate};
use mft_test_support::traces::{Traces, assert_planted, respond_to_everything};

#[path = "support/markers.rs"]
mod markers;

use markers::{KEY, PASSWORD, REAUTHENTICATION, SESSION};

/// The key and `x`, encoded as they are sent.
const BASIC: &str = "TUFSSy1hcGkta2V5Ong=";

/// All calls that send or return a secret, on a real socket, so that reqwest and hyper emit events.
async fn everything(client: &Client) {
    let ada = UserId::new(41);
    let _ = client.sessions().login_guarded("ada", PASSWORD.into()).await;
    let _ = client.users().create(NewUser::new("ada").password(PASSWORD)).await;
    let _ = client.users().update(ada, UserUpdate::new().password(PASSWORD)).await;
    let _ = client.users().delete(ada).await;
    let _ = client.users().list().try_collect_vec().await;
    let _ = client.api_keys().list(ada).try_collect_vec().await;
    let _ = client.sessions().logout().await;
    let _ = client.raw(Method::GET, "/users.json").query("token", "MARK-query").into_call().await;
}

#[tokio::test]
async fn traces_contain_no_secret() {
    let traces = Traces::capture();
    let object = format!(r#"{{"id":"{SESSION}","key":"{KEY}"}}"#);
    let failure = format!(
        r#"{{"error":"{KEY} {SESSION} password:{REAUTHENTICATION}","errors":[{{"type":"{PASSWORD}","message":"{PASSWORD}"}}]}}"#
    );
    for (status, body) in [(200, object), (500, failure.clone()), (200, failure), (400, format!("<x>{KEY}</x>"))] {
        let server = respond_to_everything(status, body).await;
        for (authentication, format) in
            [(Authentication::api_key(KEY), Format::Json), (Authentication::session(SESSION), Format::Xml)]
        {
            let builder =
                Client::builder("acme", authentication).base_url(server.uri()).allow_http().no_proxy().format(format);
            let client = builder.retry(RetryPolicy::none()).build().unwrap();
            everything(&client.with_reauthentication(Reauthentication::new(REAUTHENTICATION).on_every_call())).await;
        }
        assert_planted(&server, &[BASIC, SESSION, PASSWORD, REAUTHENTICATION, "MARK-query"]).await;
    }
    traces.assert_no_secrets(cfg!(feature = "tracing").then_some("brickftp.users.delete"), &[BASIC]);
}

//! No secret appears in traces of this crate and its dependencies.
//!
//! The only test of its process: another thread without a subscriber could cache a span as disabled.

use ftpgrid::raw::Method;
use ftpgrid::transfer::Source;
use ftpgrid::{
    AccessKey, AccessRights, AssociationKey, Authentication, Client, Destination, FtpAccountId, FtpAccountUpdate,
    NewFtpAccount, RetryPolicy, SecretKey,
};
use mft_test_support::traces::{Traces, assert_planted, respond_to_everything};
use serde_json::{Value, json};

#[path = "support/markers.rs"]
mod markers;

use markers::{ACCESS, ASSOCIATION, KEY, PASSWORD, TOKEN};

/// Calls all operations over a real socket, so that reqwest and hyper emit events too.
async fn everything(client: &Client) {
    let (accounts, storage, id) = (client.ftp_accounts(), client.storage(), FtpAccountId::new(1));
    let account = NewFtpAccount::new("u", AccessRights::ReadOnly, "/").password(PASSWORD);
    let _ = accounts.create(account).await;
    let _ = accounts.list().try_collect_vec().await;
    let _ = accounts.update_and_fetch(id, FtpAccountUpdate::new().password(PASSWORD)).await;
    let _ = accounts.delete(id).await;
    let _ = storage.list_tree("/").try_collect_vec().await;
    let _ = storage.move_to("/a", Destination::new("/b")).await;
    let _ = storage.delete("/a").await;
    let _ = storage.upload("/a", Source::bytes("MARK-content")).await;
    let _ = storage.download("/a").bytes(1000).await;
    let _ = storage.download_many(["/a", "/b"]).bytes(1000).await;
    let _ = storage.download_prepared(&"MARK-download-id".into()).bytes(1000).await;
    let call = client.raw(Method::GET, "/users").query("token", "MARK-query");
    let _ = call.into_call().await;
}

#[tokio::test]
async fn traces_contain_no_secret() {
    let traces = Traces::capture();
    let response = json!({ "id": 1, "token": TOKEN, "rslt": TOKEN, "message": KEY, "associationKey": ASSOCIATION });
    for (status, body) in [(200, response.clone()), (200, json!([])), (500, response), (400, Value::Null)] {
        let server = respond_to_everything(status, body).await;
        let policy = RetryPolicy::new().max_attempts(2).base_delay(std::time::Duration::from_millis(1));
        let client = Client::builder(Authentication::keys(
            AssociationKey::new(ASSOCIATION),
            AccessKey::new(ACCESS),
            SecretKey::new(KEY),
        ))
        .base_url(server.uri())
        .storage_url(server.uri())
        .allow_http()
        .no_proxy()
        .retry(policy);
        // With an exchanged token, and with an initial token.
        let _ = client.clone().build().unwrap().storage().delete("/a").await;
        everything(&client.initial_token(TOKEN).build().unwrap()).await;
        assert_planted(
            &server,
            &[KEY, ACCESS, ASSOCIATION, TOKEN, PASSWORD, "MARK-query", "MARK-content", "MARK-download-id"],
        )
        .await;
    }
    traces.assert_no_secrets(cfg!(feature = "tracing").then_some("ftpgrid.ftp_accounts.create"), &[]);
}

//! What is repeated, and what the caller is told.

mod operations;
mod support;

use ftpgrid::{FtpAccount, FtpAccountId, Method, Outcome, Repeatability};
use mft_common::testing::Script;
use mft_test_support::behaviour::{
    a_broken_connection_leaves_a_doubt, a_delete_done_before_is_success, a_status_becomes_a_kind,
    each_is_repeated_as_allowed,
};
use mft_test_support::hostile::any_reply_is_a_value_or_an_error;
use operations::perform;
use support::scripted;

/// The operations with what the documentation of each allows.
const OPERATIONS: [(&str, Repeatability); 14] = {
    use Repeatability::{Once, Read, Repeatable};
    [
        ("ftp_accounts.create", Once),
        ("ftp_accounts.list", Read),
        ("ftp_accounts.get", Read),
        ("ftp_accounts.update", Repeatable),
        ("ftp_accounts.delete", Repeatable),
        ("storage.list_tree", Read),
        ("storage.list_dirs", Read),
        ("storage.list_files", Read),
        ("storage.move", Once),
        ("storage.delete", Repeatable),
        ("storage.upload", Repeatable),
        ("storage.prepare_download", Read),
        ("storage.download_multi", Read),
        ("storage.download_single", Read),
    ]
};

async fn scripted_perform(script: &Script, operation: &str) -> ftpgrid::Result<()> {
    perform(&scripted(script), operation).await
}

#[tokio::test(start_paused = true)]
async fn each_operation_is_repeated_as_its_documentation_allows() {
    each_is_repeated_as_allowed("ftpgrid", &OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_comes_is_a_value_or_an_error() {
    any_reply_is_a_value_or_an_error(&OPERATIONS, scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_leaves_a_change_in_doubt_and_a_refused_one_does_not() {
    a_broken_connection_leaves_a_doubt(&["ftp_accounts.create", "storage.move"], scripted_perform).await;
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_an_earlier_attempt_did_is_success() {
    a_delete_done_before_is_success(&["ftp_accounts.delete"], "", scripted_perform).await;
}

#[tokio::test]
async fn a_status_becomes_the_kind_that_says_what_to_do() {
    let body = r#"{"error":"Words of the service"}"#;
    let change = async |script: &Script| scripted_perform(script, "storage.move").await;
    // A 403 names the scope that the call needs before them.
    let is_message = |said: &str| said.ends_with("Words of the service");
    a_status_becomes_a_kind(&[], body, None, is_message, change).await;
}

#[tokio::test]
async fn a_raw_call_goes_to_either_server_and_is_not_repeated_unless_told() {
    let account = r#"{"id":1,"username":"u","accessRights":"RO"}"#;
    let script = Script::new().reply(200, &[], account).reply(200, &[], "[]").reply(500, &[], "").and_so_on();
    let client = scripted(&script);
    let call = client.raw(Method::GET, "/ftpaccounts/id/{id}").path("id", "a/b").query("q", "x y");
    let account: FtpAccount = call.repeatability(Repeatability::Read).returns().await.unwrap();
    assert_eq!(account.id, FtpAccountId::new(1));
    client.raw_storage(Method::POST, "/api/list/files").send().await.unwrap();
    let uris: Vec<_> = script.calls().iter().map(|call| call.uri.to_string()).collect();
    assert_eq!(
        uris,
        ["https://api.ftpgrid.com/ftpaccounts/id/a%2Fb?q=x%20y", "https://web3.ftpgrid.com/api/list/files"]
    );
    assert!(script.calls().iter().all(|call| call.headers["authorization"] == "Bearer token-0001"));
    let error = client.raw(Method::POST, "/new").send().await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (3, Outcome::Unknown));
    for path in ["users", "", "evil/../users", "?a=b"] {
        assert!(client.raw_storage(Method::GET, path).send().await.unwrap_err().is_invalid_input(), "{path}");
    }
}

//! Keys, tokens and scopes.

mod operations;
mod support;

use ftpgrid::{ErrorKind, FtpAccountId, FtpAccountUpdate, Outcome, Scope};
use mft_common::testing::MockTransport;
use serde_json::{Value, json};
use support::{scripted, without_token};

const ISSUED: &str = r#"{"token":"eyJhbGciOi.demo.sig","expires_in":900}"#;

#[tokio::test]
async fn exchanges_the_keys_for_a_token_once_and_sends_it_to_both_servers() {
    let script = MockTransport::new().reply(200, &[], ISSUED).reply(200, &[], "[]").repeat_last();
    let client = without_token(&script).build().unwrap();
    assert!(script.calls().is_empty(), "no request before the first call");
    client.ftp_accounts().list().try_collect_vec().await.unwrap();
    client.clone().storage().list_files("/").try_collect_vec().await.unwrap();
    let calls = script.calls();
    let uris: Vec<_> = calls.iter().map(|call| call.uri.to_string()).collect();
    assert_eq!(
        uris,
        [
            "https://api.ftpgrid.com/apiaccess/auth",
            "https://api.ftpgrid.com/ftpaccounts/list",
            "https://web3.ftpgrid.com/api/list/files",
        ]
    );
    let keys: Value = serde_json::from_slice(&calls[0].body).unwrap();
    assert_eq!(
        keys,
        json!({
            "AssociationKey": "association-key-1", "AccessKey": "AK_access-key-1", "SecretKey": "sk_live_secret-key-1",
        })
    );
    assert!(!calls[0].headers.contains_key("authorization"));
    assert!(calls[1..].iter().all(|call| call.headers["authorization"] == "Bearer eyJhbGciOi.demo.sig"));
}

#[tokio::test]
async fn requests_a_token_for_another_process() {
    let script = MockTransport::new().reply(200, &[], ISSUED);
    let issued = scripted(&script).auth().token().with_response().await.unwrap();
    assert_eq!((issued.value.expose(), issued.status.as_u16(), issued.attempts), ("eyJhbGciOi.demo.sig", 200, 1));
    assert_eq!(script.calls()[0].uri.path(), "/apiaccess/auth");
    let script = MockTransport::new().reply(503, &[], "").reply(200, &[], ISSUED);
    let error = scripted(&script).auth().token().no_retry().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.operation(), script.calls().len()),
        (ErrorKind::Server, Some("ftpgrid.auth.token"), 1)
    );
}

#[tokio::test(start_paused = true)]
async fn replaces_an_expired_token_once() {
    let script =
        MockTransport::new().reply(401, &[], "expired").reply(200, &[], ISSUED).reply(200, &[], "[]").repeat_last();
    let client = scripted(&script);
    assert!(client.storage().list_files("/").try_collect_vec().await.unwrap().is_empty());
    let headers: Vec<_> = script.calls().iter().map(|call| call.headers.get("authorization").cloned()).collect();
    let bearer = |token: &str| Some(format!("Bearer {token}").parse().unwrap());
    assert_eq!(headers, [bearer("token-0001"), None, bearer("eyJhbGciOi.demo.sig")]);
    // A second refusal is returned.
    let script = MockTransport::new().reply(401, &[], "").reply(200, &[], ISSUED).reply(401, &[], "no").repeat_last();
    let error = scripted(&script).storage().delete("/a").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome(), script.calls().len()),
        (ErrorKind::Auth, Outcome::NotDone, 3),
        "{error}"
    );
    assert_eq!((error.operation(), error.message()), (Some("ftpgrid.storage.delete"), Some("no")));
}

#[tokio::test(start_paused = true)]
async fn distinguishes_refused_keys_from_an_expired_token() {
    for status in [400, 401, 403] {
        let script = MockTransport::new().reply(status, &[], r#"{"error":"account expired"}"#).repeat_last();
        for error in [
            without_token(&script).build().unwrap().storage().delete("/a").await.unwrap_err(),
            without_token(&script).build().unwrap().auth().token().await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotDone), "{error}");
            let message = error.message().unwrap();
            assert!(
                message.contains("refuses the REST API account") && message.ends_with("account expired"),
                "{message}"
            );
            assert_eq!(error.status().unwrap(), status);
        }
        assert_eq!(script.calls().len(), 2, "not tried again");
    }
    for (script, kind) in [
        (MockTransport::new().reply(200, &[], r#"{"rslt":"no"}"#), ErrorKind::Auth),
        (MockTransport::new().reply(200, &[], "{}"), ErrorKind::Auth),
        (MockTransport::new().reply(200, &[], r#"{"token":""}"#), ErrorKind::Auth),
        (MockTransport::new().reply(200, &[], "{\"token\":\"a\\r\\nb\"}"), ErrorKind::Auth),
        (MockTransport::new().reply(404, &[], ""), ErrorKind::Auth),
        (MockTransport::new().reply(500, &[], "").repeat_last(), ErrorKind::Server),
        (MockTransport::new().refuse_connection().repeat_last(), ErrorKind::Connect),
    ] {
        let error = without_token(&script).build().unwrap().storage().delete("/a").await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotDone), "{error}");
        assert!(!error.message().unwrap_or_default().contains("refuses the REST API account"), "{error}");
        assert!(script.calls().iter().all(|call| call.uri.path() == "/apiaccess/auth"), "never sent without a token");
    }
}

#[tokio::test]
async fn rejects_an_invalid_initial_token() {
    for token in ["", " ", "a\nb", "é"] {
        let error = without_token(&MockTransport::new()).initial_token(token).build().unwrap_err();
        assert!(error.is_invalid_input() && error.message().unwrap().starts_with("initial_token "), "{error}");
    }
}

#[tokio::test]
async fn a_combined_call_names_the_scope_of_the_refused_call() {
    let id = FtpAccountId::new(1);
    let update = || FtpAccountUpdate::new().enabled(false);
    let refused = || MockTransport::new().reply(403, &[], "");
    let changed = MockTransport::new().reply(200, &[], r#"{"rslt":"OK"}"#).reply(403, &[], "");
    let prepared = MockTransport::new().reply(200, &[], r#"{"rslt":"1"}"#).reply(403, &[], "");
    for (error, scope) in [
        (scripted(&refused()).storage().find_file("/a").await.unwrap_err(), Scope::FileList),
        (
            scripted(&refused()).ftp_accounts().update_and_fetch(id, update()).await.unwrap_err(),
            Scope::FtpAccountUpdate,
        ),
        (scripted(&changed).ftp_accounts().update_and_fetch(id, update()).await.unwrap_err(), Scope::FtpAccountGet),
        (scripted(&refused()).storage().download_many(["/a"]).bytes(9).await.unwrap_err(), Scope::FileRead),
        (scripted(&prepared).storage().download_many(["/a"]).bytes(9).await.unwrap_err(), Scope::FileRead),
    ] {
        assert_eq!(ftpgrid::missing_scopes(&error), std::slice::from_ref(&scope), "{error}");
        assert!(error.to_string().contains(&format!("`{scope}`")), "{error}");
    }
}

#[tokio::test]
async fn an_error_names_the_missing_scope() {
    for (operation, scopes) in [
        ("ftp_accounts.create", &[Scope::FtpAccountCreate][..]),
        ("ftp_accounts.list", &[Scope::FtpAccountList]),
        ("ftp_accounts.get", &[Scope::FtpAccountGet]),
        ("ftp_accounts.update", &[Scope::FtpAccountUpdate]),
        ("ftp_accounts.delete", &[Scope::FtpAccountDelete]),
        ("storage.list_tree", &[Scope::FileList]),
        ("storage.list_dirs", &[Scope::FileList]),
        ("storage.list_files", &[Scope::FileList]),
        ("storage.move", &[Scope::FileRename]),
        ("storage.delete", &[Scope::FileDelete]),
        ("storage.upload", &[Scope::FileCreate]),
        ("storage.prepare_download", &[Scope::FileRead]),
        ("storage.download_multi", &[Scope::FileRead]),
        ("storage.download_single", &[Scope::FileRead, Scope::Edge]),
    ] {
        for body in ["", "forbidden"] {
            let script = MockTransport::new().reply(403, &[], body).repeat_last();
            let error = operations::perform(&scripted(&script), operation).await.unwrap_err();
            assert_eq!((error.kind(), script.calls().len()), (ErrorKind::PermissionDenied, 1), "{operation}: {error}");
            assert_eq!(error.operation(), Some(format!("ftpgrid.{operation}").as_str()));
            let message = error.to_string();
            assert!(
                message.contains(body) && scopes.iter().all(|scope| message.contains(&format!("`{scope}`"))),
                "{message}"
            );
            assert_eq!(ftpgrid::missing_scopes(&error), scopes);
        }
        let script = MockTransport::new().reply(404, &[], "").repeat_last();
        let error = operations::perform(&scripted(&script), operation).await.unwrap_err();
        assert!(ftpgrid::missing_scopes(&error).is_empty() && !error.to_string().contains("scope"), "{error}");
    }
}

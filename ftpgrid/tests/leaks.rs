//! No secret appears in `Debug` output, `Display` output or errors. See `traces.rs` for traces.

mod support;

use ftpgrid::raw::Method;
use ftpgrid::transfer::Source;
use ftpgrid::{
    AccessKey, AccessRights, AssociationKey, Authentication, Client, ClientBuilder, FtpAccountId, FtpAccountUpdate,
    NewFtpAccount, RetryPolicy, SecretKey,
};
use mft_common::testing::MockTransport;
use mft_test_support::leaks::{debug_hides, error_hides};
use serde_json::json;

#[path = "support/markers.rs"]
mod markers;

use markers::{ACCESS, ASSOCIATION, KEY, PASSWORD, TOKEN};

fn builder(script: &MockTransport) -> ClientBuilder {
    Client::builder(Authentication::keys(AssociationKey::new(ASSOCIATION), AccessKey::new(ACCESS), SecretKey::new(KEY)))
        .storage_url("https://web3.ftpgrid.com")
        .transport(script.clone())
        .retry(RetryPolicy::none())
}

fn new_account() -> NewFtpAccount {
    NewFtpAccount::new("u", AccessRights::ReadOnly, "/").password(PASSWORD)
}

#[test]
fn client_and_builder_hide_the_keys_and_the_token() {
    debug_hides(&Authentication::keys(AssociationKey::new(ASSOCIATION), AccessKey::new(ACCESS), SecretKey::new(KEY)));
    let url = || format!("https://user:{PASSWORD}@host.example");
    let builder = builder(&MockTransport::new()).initial_token(TOKEN);
    for odd in [builder.clone().base_url(url()), builder.clone().storage_url(url())] {
        debug_hides(&odd);
        error_hides(&odd.build().unwrap_err());
    }
    error_hides(&builder.clone().initial_token(format!("{TOKEN}\n")).build().unwrap_err());
    let client = builder.build().unwrap();
    debug_hides(&client);
    debug_hides(&(client.auth(), client.ftp_accounts(), client.storage()));
    debug_hides(&client.ftp_accounts().create(new_account()));
    debug_hides(&client.storage().upload("/a", Source::bytes(PASSWORD)));
    debug_hides(&client.storage().download("/a"));
    debug_hides(
        &client.raw(Method::POST, "/a").query("token", "MARK-query").json_body(&json!({ "Password": PASSWORD })),
    );
}

#[test]
fn requests_hide_their_secrets() {
    let update = FtpAccountUpdate::new().password(PASSWORD);
    debug_hides(&new_account());
    debug_hides(&update);
    for body in [serde_json::to_string(&new_account()).unwrap(), serde_json::to_string(&update).unwrap()] {
        assert!(body.contains(PASSWORD), "the marker is in the request");
    }
}

#[test]
fn debug_hides_invalid_public_keys() {
    let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample dock camera";
    for (line, is_shown) in [
        (public.to_owned(), true),
        (format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{KEY}\n-----END OPENSSH PRIVATE KEY-----"), false),
        (format!("ssh-rsa AAAAB3 x\n{KEY}"), false),
        (KEY.to_owned(), false),
        (format!("AAAA {KEY}"), false),
    ] {
        let account = new_account().public_key(line.clone());
        let update = FtpAccountUpdate::new().public_key(line.clone());
        debug_hides(&account);
        debug_hides(&update);
        for output in [format!("{account:?}"), format!("{update:?}")] {
            assert_eq!(output.contains(public), is_shown, "{output}");
            assert_eq!(output.contains(&format!("[{} bytes, not a public key]", line.len())), !is_shown, "{output}");
        }
    }
    let cleared = FtpAccountUpdate::new().clear_public_key();
    assert!(format!("{cleared:?}").contains(r#"rsa_key: Some("")"#), "{cleared:?}");
}

#[tokio::test]
async fn an_error_redacts_secrets_in_the_service_message() {
    let bearer = format!("Bearer {TOKEN}");
    for echoed in [KEY, ACCESS, ASSOCIATION, TOKEN, &bearer, PASSWORD] {
        let body = json!({ "error": format!("refused: {echoed}, really") }).to_string();
        for status in [200, 400, 403, 409, 500, 307] {
            let headers = [("location", "https://MARK-user:MARK-pw@evil.example/MARK?MARK")];
            let script = MockTransport::new().reply(status, &headers, body.clone()).repeat_last();
            let client = builder(&script).initial_token(TOKEN).build().unwrap();
            let mut errors = vec![client.ftp_accounts().create(new_account()).await.unwrap_err()];
            let update = FtpAccountUpdate::new().password(PASSWORD);
            errors.push(client.ftp_accounts().update(FtpAccountId::new(1), update).await.unwrap_err());
            if echoed != PASSWORD {
                errors.push(client.storage().list_files("/").try_collect_vec().await.unwrap_err());
                errors.push(client.storage().upload("/a", Source::bytes("x")).await.unwrap_err());
            }
            // The token exchange does not send the token.
            if [KEY, ACCESS, ASSOCIATION].contains(&echoed) {
                errors.push(client.auth().token().await.unwrap_err());
            }
            for error in &errors {
                error_hides(error);
            }
        }
    }
}

#[tokio::test]
async fn an_error_redacts_the_old_and_the_new_token() {
    let issued = json!({ "token": "MARK-second-token" }).to_string();
    let script = MockTransport::new().reply(401, &[], TOKEN).reply(200, &[], issued);
    let script = script.reply(401, &[], format!("neither {TOKEN} nor Bearer MARK-second-token"));
    let client = builder(&script).initial_token(TOKEN).build().unwrap();
    let error = client.storage().delete("/a").await.unwrap_err();
    assert_eq!((script.calls().len(), error.message().unwrap().starts_with("neither ")), (3, true));
    error_hides(&error);
    for keys in [ASSOCIATION, ACCESS, KEY] {
        let client = builder(&MockTransport::new().reply(401, &[], format!("no such {keys}"))).build().unwrap();
        let error = client.storage().delete("/a").await.unwrap_err();
        assert!(error.message().unwrap().contains("no such "), "{error}");
        error_hides(&error);
    }
}

#[tokio::test]
async fn an_undecodable_response_is_kept_but_not_displayed() {
    for body in [
        format!(r#"{{"token":{{"x":"{TOKEN}"}}}}"#),
        format!(r#"["{TOKEN}"]"#),
        format!(r#"{{"tokens":"{TOKEN}"}}"#),
        format!(r#"{{"token":"{TOKEN}""#),
        format!("<html>{TOKEN}</html>"),
        TOKEN.to_owned(),
    ] {
        let client = builder(&MockTransport::new().reply(200, &[], body).repeat_last()).build().unwrap();
        error_hides(&client.auth().token().await.unwrap_err());
        let client = builder(&MockTransport::new().reply(200, &[], "{}").repeat_last()).build().unwrap();
        error_hides(&client.storage().delete("/a").await.unwrap_err());
    }
    let client = builder(&MockTransport::new().reply(200, &[], json!({ "token": TOKEN }).to_string())).build().unwrap();
    let token = client.auth().token().await.unwrap();
    assert_eq!(token.expose(), TOKEN);
    debug_hides(&token);
    debug_hides(&client);
}

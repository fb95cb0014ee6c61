//! Leak scan of ftpGrid: plants secrets, prints every value, and searches the output for the secrets.
//!
//! The test runs in its own process, because it replaces the global subscriber, logger and panic hook.

mod output;

use ftpgrid::raw::{Idempotency, Method};
use ftpgrid::transfer::Source;
use ftpgrid::{
    AccessKey, AccessRights, AssociationKey, Authentication, Client, Destination, FtpAccountUpdate, NewFtpAccount,
    Secret, SecretKey,
};
use mft_simulator::Fault;
use mft_tests::leak_scan::Secrets;
use mft_tests::net::GatedProxy;
use mft_tests::{ClientOptions, Ftpgrid, Provider};
use output::{Output, assert_no_leaks, capture_logs, run_with_and_without_faults};

/// Secrets that the test plants, in addition to those of the simulator's state.
const PLANTED: [&str; 5] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Header-Value-1/4+",
    "mrk-Proxy-Word-2",
    "mrk-Content-Of-A-File-3",
];

/// Calls every operation and records the `Debug` output of all values.
async fn all_operations(provider: &Ftpgrid, client: &Client, output: &mut Output) {
    let (accounts, storage) = (client.ftp_accounts(), client.storage());
    output.value(&provider.simulator);
    output.value((client, accounts, storage, client.auth()));
    output.result(client.auth().token().await);

    let new = NewFtpAccount::new("made", AccessRights::ReadWrite, "/made").password(PLANTED[0]);
    let change = FtpAccountUpdate::new().password(PLANTED[1]);
    output.value((&new, &change, accounts.create(new.clone()), accounts.list()));
    output.result(accounts.create(new.clone()).with_response().await);
    output.result(accounts.create(new).await);
    output.result(accounts.list().try_collect_vec().await);
    output.result(accounts.get(provider.target).with_response().await);
    output.value(accounts.update(provider.target, change.clone()));
    output.result(accounts.update_and_fetch(provider.target, change).await);

    let upload = || storage.upload("/made/a", Source::bytes(PLANTED[4]));
    output.value(upload());
    let sending = upload().start();
    output.value(&sending);
    output.result(sending.join().await);
    output.result(storage.list_tree("/").try_collect_vec().await);
    output.result(storage.list_dirs("/").try_collect_vec().await);
    output.result(storage.list_files("/made").try_collect_vec().await);
    output.result(storage.mkdir("/made/b").await);
    output.result(storage.move_to("/made/a", Destination::new("/made/b/a")).await);
    output.value(storage.download("/made/b/a"));
    output.result(storage.download("/made/b/a").stream().await);
    output.result(storage.download_many(["/made/b/a", "/top.txt"]).stream().await);
    output.result(storage.prepare_download(["/top.txt"]).await);
    output.result(storage.delete("/made").await);

    let raw = || client.raw(Method::POST, "/ftpaccounts/create").header("x-extra".parse().expect("a name"), PLANTED[2]);
    let body = serde_json::json!({ "Username": "raw", "Password": PLANTED[1] });
    output.value(raw().query("token", PLANTED[3]).json_body(&body));
    output.result(raw().query("token", PLANTED[3]).json_body(&body).into_call().await);
    let listing = client.raw_storage(Method::POST, "/api/list/files").idempotency(Idempotency::Safe);
    output.result(listing.json_body(&serde_json::json!({})).into_call().await);
    output.result(accounts.delete(provider.disposable).await);
}

/// Services that echo secrets in every field that an error prints.
async fn echoing_services(output: &mut Output) -> Vec<String> {
    let provider = Ftpgrid::start().await;
    let token = provider.token();
    let client = provider.builder(ClientOptions::default()).initial_token(token.as_str()).build().expect("a token");
    let new = || NewFtpAccount::new("echoed", AccessRights::ReadOnly, "/").password(PLANTED[0]);
    for secret in [token.clone(), provider.simulator.secret_key(), PLANTED[0].to_owned()] {
        let message = format!("{secret} is invalid: {secret}");
        for (status, body) in [
            (400, serde_json::json!({ "error": message }).to_string()),
            (422, serde_json::json!({ "error": { "message": message } }).to_string()),
            (403, message.clone()),
            (200, serde_json::json!({ "rslt": message }).to_string()),
            (200, serde_json::json!({ "id": secret, "username": [secret] }).to_string()),
            (200, serde_json::json!([secret]).to_string()),
            (200, message.clone()),
        ] {
            let fault = Fault::status(status).body(body).header("x-request-id", &secret).retry_after(&secret);
            provider.faults().clear();
            provider.faults().push(fault.header("location", &format!("/{secret}")).on("ftpgrid.ftp_accounts.create"));
            output.result(client.ftp_accounts().create(new()).await);
        }
        for fault in [
            Fault::redirect(302, &format!("http://user:{secret}@elsewhere.test/{secret}?{secret}")),
            Fault::raw(format!("HTTP/1.1 4\u{0}{secret}\r\n\r\n")),
            Fault::raw(format!("HTTP/1.1 200 OK\r\n{secret}: {secret}\r\ncontent-length: x\r\n\r\n")),
        ] {
            provider.faults().clear();
            provider.faults().push(fault.always());
            output.result(client.ftp_accounts().create(new()).await);
            output.result(client.storage().upload("/a", Source::bytes(PLANTED[4])).await);
            output.result(client.storage().download("/top.txt").bytes(100).await);
        }
    }
    // The token exchange has its own errors, which concurrent calls may share.
    for key in [provider.simulator.association_key(), provider.simulator.secret_key()] {
        let keyless = provider.builder_without_token(ClientOptions::default()).build().expect("keys");
        for status in [200, 400, 401, 403, 500] {
            provider.faults().clear();
            let body = serde_json::json!({ "error": format!("no account has {key}") });
            provider.faults().push(Fault::status(status).body(body.to_string()).on("ftpgrid.auth.token"));
            output.result(keyless.auth().token().await);
        }
        output.result(keyless.storage().delete("/a").await);
    }
    let mut secrets = provider.secrets();
    secrets.push(token);
    secrets
}

/// Secrets in settings, and in rejected input.
async fn settings_and_input(output: &mut Output) {
    let provider = Ftpgrid::start().await;
    let proxy = GatedProxy::closed().await;
    let proxy = format!("http://user:{}@{}", PLANTED[3], proxy.address());
    let builder = provider.builder(ClientOptions::default().attempts(2)).proxy(proxy);
    output.value(&builder);
    output.result(builder.clone().proxy(format!("::{}", PLANTED[3])).build());
    output.result(builder.build().expect("a proxy").ftp_accounts().list().try_collect_vec().await);
    let url = format!("https://u:{}@example.net/", PLANTED[3]);
    let keys = || {
        Authentication::keys(AssociationKey::new(PLANTED[0]), AccessKey::new(PLANTED[1]), SecretKey::new(PLANTED[2]))
    };
    output.value(keys());
    output.result(Client::builder(keys()).base_url(url.as_str()).build());
    output.result(Client::builder(keys()).storage_url(url.as_str()).build());
    output.value(Client::builder(keys()).storage_url(url));
    output.result(Client::builder(keys()).initial_token(format!("{}\n", PLANTED[0])).build());
    let client = provider.client(ClientOptions::default());
    let account = NewFtpAccount::new("", AccessRights::ReadOnly, "/").password(PLANTED[0]);
    output.result(client.ftp_accounts().create(account.public_key(format!("PRIVATE KEY {}", PLANTED[1]))).await);
    let name = "x-extra".parse().expect("a name");
    output.result(client.raw(Method::GET, "/a").header(name, &format!("{}\n", PLANTED[2])).into_call().await);
    output.value(Secret::from(PLANTED[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_output_contains_a_secret() {
    capture_logs();
    let mut output = Output::default();
    let mut secrets = run_with_and_without_faults::<Ftpgrid>(&mut output, all_operations).await;
    secrets.extend(PLANTED.map(ToOwned::to_owned));
    secrets.extend(echoing_services(&mut output).await);
    settings_and_input(&mut output).await;
    assert_no_leaks(
        &output,
        &Secrets::new(secrets),
        &["http_request", "mft_call", "retrying", "ftpgrid.ftp_accounts.create", "ftpgrid.auth.token"],
        &[("Error {", 100), ("FtpAccount {", 20), ("Exchange {", 100), ("TreeEntry {", 4), ("RawResponse", 1)],
    );
}

//! Plants secrets of ftpGrid everywhere, makes everything print itself, and looks for them.
//!
//! One test in a program of its own: it takes the process's subscriber, logger and panic hook.

mod printed;

use ftpgrid::raw::{Idempotency, Method};
use ftpgrid::transfer::Source;
use ftpgrid::{
    AccessKey, AccessRights, AssociationKey, Authentication, Client, FtpAccountUpdate, NewFtpAccount, Secret, SecretKey,
};
use mft_simulator::Fault;
use mft_tests::leak::Secrets;
use mft_tests::support::Gate;
use mft_tests::{Ftpgrid, Provider, Tweaks};
use printed::{Printed, capture_everything, every_fault_and_none, search};

/// Those that the test itself plants, beside those of the simulator's state.
const PLANTED: [&str; 5] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Header-Value-1/4+",
    "mrk-Proxy-Word-2",
    "mrk-Content-Of-A-File-3",
];

/// Every operation, and the `Debug` of everything that takes part.
async fn all_operations(provider: &Ftpgrid, client: &Client, printed: &mut Printed) {
    let (accounts, storage) = (client.ftp_accounts(), client.storage());
    printed.value(&provider.simulator);
    printed.value((client, accounts, storage, client.auth()));
    printed.result(client.auth().token().await);

    let new = NewFtpAccount::new("made", AccessRights::ReadWrite, "/made").password(PLANTED[0]);
    let change = FtpAccountUpdate::new().password(PLANTED[1]);
    printed.value((&new, &change, accounts.create(new.clone()), accounts.list()));
    printed.result(accounts.create(new.clone()).with_response().await);
    printed.result(accounts.create(new).await);
    printed.result(accounts.list().try_collect_vec().await);
    printed.result(accounts.get(provider.target).with_response().await);
    printed.value(accounts.update(provider.target, change.clone()));
    printed.result(accounts.update_and_fetch(provider.target, change).await);

    let upload = || storage.upload("/made/a", Source::from(PLANTED[4]));
    printed.value(upload());
    let mut sending = upload().start();
    printed.value(&sending);
    printed.result(sending.join().await);
    printed.result(storage.list_tree("/").try_collect_vec().await);
    printed.result(storage.list_dirs("/").try_collect_vec().await);
    printed.result(storage.list_files("/made").try_collect_vec().await);
    printed.result(storage.mkdir("/made/b").await);
    printed.result(storage.move_to("/made/a", "/made/b/a").await);
    printed.value(storage.download("/made/b/a"));
    printed.result(storage.download("/made/b/a").stream().await);
    printed.result(storage.download_many(["/made/b/a", "/top.txt"]).stream().await);
    printed.result(storage.prepare_download(["/top.txt"]).await);
    printed.result(storage.delete("/made").await);

    let raw = || client.raw(Method::POST, "/ftpaccounts/create").header("x-extra".parse().expect("a name"), PLANTED[2]);
    let body = serde_json::json!({ "Username": "raw", "Password": PLANTED[1] });
    printed.value(raw().query("token", PLANTED[3]).json_body(&body));
    printed.result(raw().query("token", PLANTED[3]).json_body(&body).into_call().await);
    let listing = client.raw_storage(Method::POST, "/api/list/files").idempotency(Idempotency::Safe);
    printed.result(listing.json_body(&serde_json::json!({})).into_call().await);
    printed.result(accounts.delete(provider.doomed).await);
}

/// Services that repeat what they were sent, in every place that an error shows.
async fn echoes(printed: &mut Printed) -> Vec<String> {
    let provider = Ftpgrid::start().await;
    let token = provider.token();
    let client = provider.builder(Tweaks::default()).initial_token(token.as_str()).build().expect("a token");
    let new = || NewFtpAccount::new("echoed", AccessRights::ReadOnly, "/").password(PLANTED[0]);
    for secret in [token.clone(), provider.simulator.secret_key(), PLANTED[0].to_owned()] {
        let said = format!("{secret} is not good: {secret}");
        for (status, body) in [
            (400, serde_json::json!({ "error": said }).to_string()),
            (422, serde_json::json!({ "error": { "message": said } }).to_string()),
            (403, said.clone()),
            (200, serde_json::json!({ "rslt": said }).to_string()),
            (200, serde_json::json!({ "id": secret, "username": [secret] }).to_string()),
            (200, serde_json::json!([secret]).to_string()),
            (200, said.clone()),
        ] {
            let fault = Fault::status(status).body(body).header("x-request-id", &secret).retry_after(&secret);
            provider.faults().clear();
            provider.faults().push(fault.header("location", &format!("/{secret}")).on("ftpgrid.ftp_accounts.create"));
            printed.result(client.ftp_accounts().create(new()).await);
        }
        for fault in [
            Fault::redirect(302, &format!("http://user:{secret}@elsewhere.test/{secret}?{secret}")),
            Fault::raw(format!("HTTP/1.1 4\u{0}{secret}\r\n\r\n")),
            Fault::raw(format!("HTTP/1.1 200 OK\r\n{secret}: {secret}\r\ncontent-length: x\r\n\r\n")),
        ] {
            provider.faults().clear();
            provider.faults().push(fault.always());
            printed.result(client.ftp_accounts().create(new()).await);
            printed.result(client.storage().upload("/a", Source::from(PLANTED[4])).await);
            printed.result(client.storage().download("/top.txt").bytes(100).await);
        }
    }
    // The exchange has its own errors, which many calls may share.
    for key in [provider.simulator.association_key(), provider.simulator.secret_key()] {
        let keyless = provider.builder_without_token(Tweaks::default()).build().expect("keys");
        for status in [200, 400, 401, 403, 500] {
            provider.faults().clear();
            let body = serde_json::json!({ "error": format!("no account has {key}") });
            provider.faults().push(Fault::status(status).body(body.to_string()).on("ftpgrid.auth.token"));
            printed.result(keyless.auth().token().await);
        }
        printed.result(keyless.storage().delete("/a").await);
    }
    let mut secrets = provider.secrets();
    secrets.push(token);
    secrets
}

/// Secrets in settings, and in input that is refused.
async fn settings_and_input(printed: &mut Printed) {
    let provider = Ftpgrid::start().await;
    let gate = Gate::closed().await;
    let proxy = format!("http://user:{}@{}", PLANTED[3], gate.address());
    let builder = provider.builder(Tweaks::default().attempts(2)).proxy(proxy);
    printed.value(&builder);
    printed.result(builder.clone().proxy(format!("::{}", PLANTED[3])).build());
    printed.result(builder.build().expect("a proxy").ftp_accounts().list().try_collect_vec().await);
    let url = format!("https://u:{}@example.net/", PLANTED[3]);
    let keys = || {
        Authentication::keys(AssociationKey::new(PLANTED[0]), AccessKey::new(PLANTED[1]), SecretKey::new(PLANTED[2]))
    };
    printed.value(keys());
    printed.result(Client::builder(keys()).base_url(url.as_str()).build());
    printed.result(Client::builder(keys()).storage_url(url.as_str()).build());
    printed.value(Client::builder(keys()).storage_url(url));
    printed.result(Client::builder(keys()).initial_token(format!("{}\n", PLANTED[0])).build());
    let client = provider.client(Tweaks::default());
    let account = NewFtpAccount::new("", AccessRights::ReadOnly, "/").password(PLANTED[0]);
    printed.result(client.ftp_accounts().create(account.public_key(format!("PRIVATE KEY {}", PLANTED[1]))).await);
    let name = "x-extra".parse().expect("a name");
    printed.result(client.raw(Method::GET, "/a").header(name, &format!("{}\n", PLANTED[2])).into_call().await);
    printed.value(Secret::from(PLANTED[1]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_printed_holds_a_secret() {
    capture_everything();
    let mut printed = Printed::default();
    let mut secrets = every_fault_and_none::<Ftpgrid>(&mut printed, all_operations).await;
    secrets.extend(PLANTED.map(ToOwned::to_owned));
    secrets.extend(echoes(&mut printed).await);
    settings_and_input(&mut printed).await;
    search(
        &printed,
        &Secrets::new(secrets),
        &["http_request", "mft_call", "retrying", "ftpgrid.ftp_accounts.create", "ftpgrid.auth.token"],
        &[("Error {", 100), ("FtpAccount {", 20), ("Exchange {", 100), ("TreeEntry {", 4), ("RawResponse", 1)],
    );
}

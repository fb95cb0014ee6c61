//! Plants secrets everywhere, makes everything print itself, and looks for them.
//!
//! One test in a program of its own: it takes the process's subscriber, logger and panic hook.

mod printed;

use mft_simulator::Fault;
use mft_tests::leak::Secrets;
use mft_tests::support::Gate;
use mft_tests::{Provider, Stook, Tweaks};
use printed::{Printed, capture_everything, every_fault_and_none, search};
use stook::raw::{Idempotency, Method};
use stook::{
    ApiKey, ApiSecret, Authentication, BucketUpdate, Client, CredentialUpdate, FtpAccountUpdate,
    LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount, OrganizationId, Tag, WrapRule,
};

/// Those that the test itself plants, beside those of the simulator's state.
const PLANTED: [&str; 5] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Extra-Header/4+",
    "mrk-Query:Word@4%A1",
    "mrk-Proxy-Word-2",
];

/// Every operation of a client that logs in, and the `Debug` of everything that takes part.
async fn all_operations(provider: &Stook, client: &Client, printed: &mut Printed) {
    printed.value(client);
    let client = provider.login_builder(Tweaks::default()).build().expect("good settings");
    let (accounts, legacy) = (client.ftp_accounts(), client.legacy_v1().ftp_accounts());
    let (buckets, credentials) = (client.buckets(), client.credentials());
    printed.value(&provider.simulator);
    printed.value((&client, accounts, client.legacy_v1(), legacy, buckets, credentials, client.organizations()));
    printed.value(client.auth());
    printed.result(client.auth().login().await);
    let id = &provider.target;

    let new = NewFtpAccount::new("made", PLANTED[0], &provider.bucket, "made").wrap_rules([WrapRule::allow(["::1"])]);
    let change = FtpAccountUpdate::new().password(PLANTED[1]);
    let replace = LegacyFtpAccountUpdate::new(PLANTED[0], true, "v1");
    printed.value((&new, &change, &replace, accounts.create(new.clone()), accounts.list()));
    printed.result(accounts.create(new.clone()).with_response().await);
    printed.result(accounts.create(new).await);
    printed.result(accounts.list().try_collect_vec().await);
    printed.result(accounts.list().into_pages().try_next().await);
    printed.result(accounts.get(id).with_response().await);
    printed.result(accounts.update(id, change).await);
    printed.result(legacy.get(id).await);
    printed.result(legacy.update(id, replace).await);

    let bucket = buckets.create(NewBucket::new("made-bucket").tags([Tag::new("a", "b")])).await;
    printed.result(bucket);
    printed.result(buckets.list().try_collect_vec().await);
    printed.result(buckets.get(&provider.bucket).await);
    printed.result(buckets.update(&provider.bucket, BucketUpdate::tags([])).await);
    printed.result(credentials.create(NewCredential::new("made", [provider.bucket.clone()])).await);
    printed.result(credentials.list().try_collect_vec().await);
    printed.result(credentials.get(&provider.credential).await);
    printed.result(credentials.update(&provider.credential, CredentialUpdate::new("changed", true)).await);
    printed.result(credentials.delete(&provider.credential).await);
    printed.result(client.organizations().list().try_collect_vec().await);

    let raw = || client.raw(Method::PUT, "/api/v2/stook/{organization_uuid}/ftp/{id}").path("id", id.as_str());
    let body = serde_json::json!({ "password": PLANTED[1] });
    printed.value(
        raw().header("x-extra".parse().expect("a name"), PLANTED[2]).query("token", PLANTED[3]).json_body(&body),
    );
    printed.result(raw().json_body(&body).header("x-extra".parse().expect("a name"), PLANTED[2]).into_call().await);
    printed.result(raw().query("token", PLANTED[3]).into_call().await);
    let get = client.raw(Method::GET, "/api/v1/organizations").idempotency(Idempotency::Safe);
    printed.result(get.into_call().await);
    printed.result(legacy.delete(id).await);
    printed.result(accounts.delete(id).await);
    printed.result(buckets.delete(&provider.bucket).await);
}

/// Services that repeat what they were sent, in every place that an error shows, logins included.
async fn echoes(printed: &mut Printed) {
    let provider = Stook::start().await;
    let (key, api_secret) = (provider.simulator.api_key(), provider.simulator.api_secret());
    let mut echoed = vec![(key, true), (api_secret, true), (PLANTED[0].to_owned(), false)];
    echoed.extend(provider.simulator.state().tokens().into_iter().map(|token| (token, false)));
    for (secret, is_of_login) in echoed {
        let create = async || {
            let builder = if is_of_login {
                provider.login_builder(Tweaks::default())
            } else {
                provider.builder(Tweaks::default())
            };
            let new = NewFtpAccount::new("made", PLANTED[0], &provider.bucket, "made");
            builder.build().expect("good settings").ftp_accounts().create(new).await
        };
        let said = format!("{secret} is not good: {secret}");
        let body =
            serde_json::json!({ "status": false, "message": said, "code": secret, "errors": { "password": [secret] } });
        for status in [200, 400, 401, 422] {
            let fault = Fault::status(status).body(body.to_string()).header("x-request-id", &secret);
            let fault = fault.retry_after(&secret).header("location", &format!("/{secret}"));
            provider.faults().clear();
            provider.faults().push(fault.always());
            printed.result(create().await);
        }
        for fault in [
            Fault::redirect(302, &format!("http://user:{secret}@elsewhere.test/{secret}?{secret}")),
            Fault::replaced_body(format!(
                "{{\"status\":true,\"data\":{{\"uuid\":\"{secret}\",\"count\":\"{secret}\"}}}}"
            )),
            Fault::replaced_body(format!("{{\"status\":true,\"token\":[\"{secret}\"]}}")),
            Fault::replaced_body(secret.clone()),
            Fault::raw(format!("HTTP/1.1 4\u{0}{secret}\r\n\r\n")),
            Fault::raw(format!("HTTP/1.1 200 OK\r\n{secret}: {secret}\r\ncontent-length: x\r\n\r\n")),
        ] {
            provider.faults().clear();
            provider.faults().push(fault.always());
            printed.result(create().await);
        }
    }
}

/// Secrets in settings and in input that is refused.
async fn settings_and_input(printed: &mut Printed) {
    let provider = Stook::start().await;
    let gate = Gate::closed().await;
    let proxy = format!("http://user:{}@{}", PLANTED[4], gate.address());
    let builder = provider.login_builder(Tweaks::default().attempts(2)).proxy(proxy);
    printed.value(&builder);
    printed.result(builder.clone().proxy(format!("::{}", PLANTED[4])).build());
    printed.result(builder.build().expect("a proxy").ftp_accounts().get(&provider.target).await);
    let authentication = || Authentication::login(ApiKey::new(PLANTED[0]), ApiSecret::new(PLANTED[1]));
    printed.value(authentication());
    printed.result(
        Client::builder(OrganizationId::from("o"), authentication())
            .base_url(format!("https://u:{}@example.net/", PLANTED[4]))
            .build(),
    );
    printed.result(
        Client::builder(OrganizationId::from("o"), Authentication::login(ApiKey::new(PLANTED[0]), ApiSecret::new("")))
            .build(),
    );
    printed
        .result(Client::builder(OrganizationId::from("o"), Authentication::token(format!("{}\n", PLANTED[0]))).build());
    let client = provider.client(Tweaks::default());
    let refused = NewFtpAccount::new("", PLANTED[0], &provider.bucket, "made");
    printed.result(client.ftp_accounts().create(refused).await);
    printed.result(client.auth().login().await);
    let raw = client.raw(Method::GET, "/x").header("x-extra".parse().expect("a name"), &format!("{}\n", PLANTED[2]));
    printed.result(raw.into_call().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_printed_holds_a_secret() {
    capture_everything();
    let mut printed = Printed::default();
    let mut secrets = every_fault_and_none::<Stook>(&mut printed, all_operations).await;
    secrets.extend(PLANTED.map(ToOwned::to_owned));
    echoes(&mut printed).await;
    settings_and_input(&mut printed).await;

    search(
        &printed,
        &Secrets::new(secrets),
        &["http_request", "mft_call", "retrying", "stook.auth.login", "stook.ftp_accounts.update"],
        &[("Error {", 100), ("FtpAccount {", 20), ("Exchange {", 100), ("Credential {", 4), ("RawResponse", 2)],
    );
}

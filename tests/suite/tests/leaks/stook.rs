//! Leak scan of Stook: plants secrets, prints every value, and searches the output for the secrets.
//!
//! The test runs in its own process, because it replaces the global subscriber, logger and panic hook.

mod output;

use mft_simulator::Fault;
use mft_tests::leak_scan::Secrets;
use mft_tests::net::GatedProxy;
use mft_tests::{ClientOptions, Provider, Stook};
use output::{Output, assert_no_leaks, capture_logs, run_with_and_without_faults};
use stook::raw::{Idempotency, Method};
use stook::{
    ApiKey, ApiSecret, Authentication, BucketUpdate, Client, CredentialUpdate, FtpAccountUpdate,
    LegacyFtpAccountUpdate, NewBucket, NewCredential, NewFtpAccount, OrganizationId, Secret, Tag, WrapRule,
};

/// Secrets that the test plants, in addition to those of the simulator's state.
const PLANTED: [&str; 5] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Extra-Header/4+",
    "mrk-Query:Word@4%A1",
    "mrk-Proxy-Word-2",
];

/// Calls every operation with a client that logs in, and records the `Debug` output of all values.
async fn all_operations(provider: &Stook, client: &Client, output: &mut Output) {
    output.value(client);
    let client = provider.login_builder(ClientOptions::default()).build().expect("valid settings");
    let (accounts, legacy) = (client.ftp_accounts(), client.legacy_v1().ftp_accounts());
    let (buckets, credentials) = (client.buckets(), client.credentials());
    output.value(&provider.simulator);
    output.value((&client, accounts, client.legacy_v1(), legacy, buckets, credentials, client.organizations()));
    output.value(client.auth());
    output.result(client.auth().login().await);
    let id = &provider.target;

    let new = NewFtpAccount::new("made", Secret::new(PLANTED[0]), provider.bucket.clone(), "made")
        .wrap_rules([WrapRule::allow(["::1"])]);
    let change = FtpAccountUpdate::new().password(PLANTED[1]);
    let replace = LegacyFtpAccountUpdate::new(Secret::new(PLANTED[0]), true, "v1");
    output.value((&new, &change, &replace, accounts.create(new.clone()), accounts.list()));
    output.result(accounts.create(new.clone()).with_response().await);
    output.result(accounts.create(new).await);
    output.result(accounts.list().try_collect_vec().await);
    output.result(accounts.list().into_pages().try_next().await);
    output.result(accounts.get(id).with_response().await);
    output.result(accounts.update(id, change).await);
    output.result(legacy.get(id).await);
    output.result(legacy.update(id, replace).await);

    let bucket = buckets.create(NewBucket::new("made-bucket").tags([Tag::new("a").label("b")])).await;
    output.result(bucket);
    output.result(buckets.list().try_collect_vec().await);
    output.result(buckets.get(&provider.bucket).await);
    output.result(buckets.update(&provider.bucket, BucketUpdate::new().tags([])).await);
    output.result(credentials.create(NewCredential::new("made", [provider.bucket.clone()])).await);
    output.result(credentials.list().try_collect_vec().await);
    output.result(credentials.get(&provider.credential).await);
    output.result(credentials.update(&provider.credential, CredentialUpdate::new("changed", true)).await);
    output.result(credentials.delete(&provider.credential).await);
    output.result(client.organizations().list().try_collect_vec().await);

    let raw = || client.raw(Method::PUT, "/api/v2/stook/{organization_uuid}/ftp/{id}").path("id", id.as_str());
    let body = serde_json::json!({ "password": PLANTED[1] });
    output.value(
        raw().header("x-extra".parse().expect("a name"), PLANTED[2]).query("token", PLANTED[3]).json_body(&body),
    );
    output.result(raw().json_body(&body).header("x-extra".parse().expect("a name"), PLANTED[2]).into_call().await);
    output.result(raw().query("token", PLANTED[3]).into_call().await);
    let get = client.raw(Method::GET, "/api/v1/organizations").idempotency(Idempotency::Safe);
    output.result(get.into_call().await);
    output.result(legacy.delete(id).await);
    output.result(accounts.delete(id).await);
    output.result(buckets.delete(&provider.bucket).await);
}

/// Services that echo secrets in every field that an error prints, including login errors.
async fn echoing_services(output: &mut Output) {
    let provider = Stook::start().await;
    let (key, api_secret) = (provider.simulator.api_key(), provider.simulator.api_secret());
    let mut echoed = vec![(key, true), (api_secret, true), (PLANTED[0].to_owned(), false)];
    echoed.extend(provider.simulator.state().tokens().into_iter().map(|token| (token, false)));
    for (secret, is_login_secret) in echoed {
        let create = async || {
            let builder = if is_login_secret {
                provider.login_builder(ClientOptions::default())
            } else {
                provider.builder(ClientOptions::default())
            };
            let new = NewFtpAccount::new("made", Secret::new(PLANTED[0]), provider.bucket.clone(), "made");
            builder.build().expect("valid settings").ftp_accounts().create(new).await
        };
        let message = format!("{secret} is invalid: {secret}");
        let body = serde_json::json!({ "status": false, "message": message, "code": secret, "errors": { "password": [secret] } });
        for status in [200, 400, 401, 422] {
            let fault = Fault::status(status).body(body.to_string()).header("x-request-id", &secret);
            let fault = fault.retry_after(&secret).header("location", &format!("/{secret}"));
            provider.faults().clear();
            provider.faults().push(fault.always());
            output.result(create().await);
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
            output.result(create().await);
        }
    }
}

/// Secrets in settings and in rejected input.
async fn settings_and_input(output: &mut Output) {
    let provider = Stook::start().await;
    let proxy = GatedProxy::closed().await;
    let proxy = format!("http://user:{}@{}", PLANTED[4], proxy.address());
    let builder = provider.login_builder(ClientOptions::default().attempts(2)).proxy(proxy);
    output.value(&builder);
    output.result(builder.clone().proxy(format!("::{}", PLANTED[4])).build());
    output.result(builder.build().expect("a proxy").ftp_accounts().get(&provider.target).await);
    let authentication = || Authentication::login(ApiKey::new(PLANTED[0]), ApiSecret::new(PLANTED[1]));
    output.value(authentication());
    output.result(
        Client::builder(OrganizationId::from("o"), authentication())
            .base_url(format!("https://u:{}@example.net/", PLANTED[4]))
            .build(),
    );
    output.result(
        Client::builder(OrganizationId::from("o"), Authentication::login(ApiKey::new(PLANTED[0]), ApiSecret::new("")))
            .build(),
    );
    output
        .result(Client::builder(OrganizationId::from("o"), Authentication::token(format!("{}\n", PLANTED[0]))).build());
    let client = provider.client(ClientOptions::default());
    let refused = NewFtpAccount::new("", Secret::new(PLANTED[0]), provider.bucket.clone(), "made");
    output.result(client.ftp_accounts().create(refused).await);
    output.result(client.auth().login().await);
    let raw = client.raw(Method::GET, "/x").header("x-extra".parse().expect("a name"), &format!("{}\n", PLANTED[2]));
    output.result(raw.into_call().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_output_contains_a_secret() {
    capture_logs();
    let mut output = Output::default();
    let mut secrets = run_with_and_without_faults::<Stook>(&mut output, all_operations).await;
    secrets.extend(PLANTED.map(ToOwned::to_owned));
    echoing_services(&mut output).await;
    settings_and_input(&mut output).await;

    assert_no_leaks(
        &output,
        &Secrets::new(secrets),
        &["http_request", "mft_call", "retrying", "stook.auth.login", "stook.ftp_accounts.update"],
        &[("Error {", 100), ("FtpAccount {", 20), ("Exchange {", 100), ("Credential {", 4), ("RawResponse", 2)],
    );
}

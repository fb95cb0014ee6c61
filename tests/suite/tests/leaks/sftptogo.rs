//! Leak scan of SFTP To Go: plants secrets, prints every value, and searches the output for the secrets.
//!
//! The test runs in its own process, because it replaces the global subscriber, logger and panic hook.

mod output;

use mft_simulator::Fault;
use mft_tests::leak_scan::Secrets;
use mft_tests::net::GatedProxy;
use mft_tests::{ClientOptions, Provider, Sftptogo};
use output::{Output, assert_no_leaks, capture_logs, run_with_and_without_faults};
use sftptogo::raw::{Idempotency, Method};
use sftptogo::webhook_event::{Verifier, WebhookEvent};
use sftptogo::{
    Authentication, Client, CredentialUpdate, NewCredential, NewShareLink, NewWebhook, Secret, ShareLinkUpdate,
    SharePermission, WebhookTopic, WebhookType, WebhookUpdate,
};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@suite";
/// Secrets that the test plants, in addition to those of the simulator's state.
const PLANTED: [&str; 6] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Webhook-Header/4+",
    "mrk-Link:Other@4%A1",
    "mrk-Proxy-Word-2",
    "mrk-Signing-Secret-1",
];

/// Calls every operation and records the `Debug` output of all values.
async fn all_operations(provider: &Sftptogo, client: &Client, output: &mut Output) {
    let (id, webhook, link) = (&provider.target, provider.webhook(), provider.share_link());
    let credentials = client.credentials();
    output.value(&provider.simulator);
    output.value((client, credentials, client.ssh_keys(), client.webhooks(), client.share_links()));

    let new = NewCredential::new().alias("made").password(PLANTED[0]);
    let change = CredentialUpdate::new().password(PLANTED[1]);
    output.value((&new, &change, credentials.create(new.clone()), credentials.list()));
    output.result(credentials.create(new).with_response().await);
    output.result(credentials.list().try_collect_vec().await);
    output.result(credentials.list().into_pages().try_next().await);
    output.result(credentials.get(id).with_response().await);
    output.result(credentials.get(id).await.map(|credential| credential.file_access()));
    output.result(credentials.update(id, change).await);
    output.result(credentials.rotate_password(id).await);
    output.value(credentials.set_password(id, PLANTED[0]));
    output.result(credentials.set_password(id, PLANTED[0]).await);
    output.result(credentials.rotate_password_and_fetch(id).await);
    output.result(credentials.replace_inbound_rules(id, Vec::new()).await);

    output.result(client.ssh_keys().list(id).try_collect_vec().await);
    output.result(client.ssh_keys().remove(id, &provider.ssh_key()).await);
    output.result(client.ssh_keys().add(id, KEY).await);

    let new = NewWebhook::new(WebhookType::Webhook, "https://example.net/", [WebhookTopic::FileCreated]);
    let new = new.authorization_header(PLANTED[2]);
    let change = WebhookUpdate::new().authorization_header(PLANTED[2]);
    output.value((&new, &change));
    output.result(client.webhooks().create(new).await);
    output.result(client.webhooks().update(&webhook, change).await);
    output.result(client.webhooks().list().try_collect_vec().await);
    output.result(client.webhooks().delete(&webhook).await);

    let new = NewShareLink::folder("/made/", SharePermission::ReadOnly).password(PLANTED[3]);
    let change = ShareLinkUpdate::new().password(PLANTED[3]);
    output.value((&new, &change));
    output.result(client.share_links().create(new).await);
    output.result(client.share_links().update(&link, change).await);
    output.result(client.share_links().get(&link).await);
    output.result(client.share_links().list().try_collect_vec().await);
    output.result(client.share_links().delete(&link).await);

    let raw = || {
        client
            .raw(Method::POST, "/organizations/{organization_id}/users/{id}/credential-rotations")
            .path("id", id.as_str())
    };
    let body = serde_json::json!({ "Password": PLANTED[1] });
    output.value(
        raw().header("x-extra".parse().expect("a name"), PLANTED[2]).query("token", PLANTED[3]).json_body(&body),
    );
    output.result(raw().json_body(&body).header("x-extra".parse().expect("a name"), PLANTED[2]).into_call().await);
    output.result(raw().query("token", PLANTED[3]).into_call().await);
    let get = client.raw(Method::GET, "/organizations/{organization_id}/users").idempotency(Idempotency::Safe);
    output.result(get.into_call().await);
    output.result(credentials.delete(id).await);
}

/// Services that echo secrets in every field that an error prints.
async fn echoing_services(output: &mut Output) {
    let provider = Sftptogo::start().await;
    let client = provider.client(ClientOptions::default());
    let operation = "sftptogo.credentials.create";
    let new = || NewCredential::new().password(PLANTED[0]);
    for secret in [provider.simulator.api_key(), PLANTED[0].to_owned()] {
        let body = serde_json::json!({ "message": format!("{secret} is invalid: {secret}"), "id": secret });
        for (status, body) in [(400, body.to_string()), (422, format!("{{\"error\":{{\"message\":\"{secret}\"}}}}"))] {
            let fault = Fault::status(status).body(body).header("x-request-id", &secret).retry_after(&secret);
            provider.faults().clear();
            provider.faults().push(fault.header("location", &format!("/{secret}")).on(operation));
            output.result(client.credentials().create(new()).await);
        }
        for fault in [
            Fault::redirect(302, &format!("http://user:{secret}@elsewhere.test/{secret}?{secret}")),
            Fault::replaced_body(format!("{{\"Id\":\"{secret}\",\"IsDefault\":\"{secret}\"}}")),
            Fault::replaced_body(secret.clone()),
            Fault::raw(format!("HTTP/1.1 4\u{0}{secret}\r\n\r\n")),
            Fault::raw(format!("HTTP/1.1 200 OK\r\n{secret}: {secret}\r\ncontent-length: x\r\n\r\n")),
        ] {
            provider.faults().clear();
            provider.faults().push(fault.on(operation));
            output.result(client.credentials().create(new()).await);
        }
    }
}

/// Secrets in settings, in rejected input, and in webhook deliveries.
async fn settings_and_input(output: &mut Output) {
    let provider = Sftptogo::start().await;
    let proxy = GatedProxy::closed().await;
    let proxy = format!("http://user:{}@{}", PLANTED[4], proxy.address());
    let builder = provider.builder(ClientOptions::default().attempts(2)).proxy(proxy);
    output.value(&builder);
    output.result(builder.clone().proxy(format!("::{}", PLANTED[4])).build());
    output.result(builder.build().expect("a proxy").credentials().get(&provider.target).await);
    output.result(
        Client::builder("o".into(), Authentication::api_key(PLANTED[0]))
            .base_url(format!("https://u:{}@example.net/", PLANTED[4]))
            .build(),
    );
    output.result(Client::builder("o".into(), Authentication::api_key(format!("{}\n", PLANTED[0]))).build());
    let client = provider.client(ClientOptions::default());
    output.result(client.ssh_keys().add(&provider.target, &format!("PRIVATE KEY {}", PLANTED[0])).await);
    let raw = client
        .raw(Method::GET, "/organizations/{organization_id}/users")
        .header("x-extra".parse().expect("a name"), &format!("{}\n", PLANTED[2]));
    output.result(raw.into_call().await);

    let url = Secret::from(format!("sftp://robot:{}@host.example.net", PLANTED[1].replace(['@', ':', '%'], "-")));
    output.result(sftptogo::FileLogin::from_url(&url));
    output.value(&url);
    let verifier = Verifier::new([PLANTED[5]]);
    output.value(&verifier);
    let body = format!("{{\"Password\":\"{}\"}}", PLANTED[0]);
    if let Ok(verifier) = verifier {
        output.value(verifier.event(body.as_bytes(), Some("sha256=00")));
    }
    output.value(WebhookEvent::from_trusted(body.as_bytes()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_output_contains_a_secret() {
    capture_logs();
    let mut output = Output::default();
    let mut secrets = run_with_and_without_faults::<Sftptogo>(&mut output, all_operations).await;
    secrets.extend(PLANTED.map(ToOwned::to_owned));
    secrets.push(PLANTED[1].replace(['@', ':', '%'], "-"));
    echoing_services(&mut output).await;
    settings_and_input(&mut output).await;

    let secrets = Secrets::new(secrets);
    assert_no_leaks(
        &output,
        &secrets,
        &["http_request", "mft_call", "retrying", "sftptogo.credentials.rotate_password"],
        &[("Error {", 100), ("Credential {", 20), ("Exchange {", 100), ("Webhook {", 4), ("RawResponse", 2)],
    );

    // Checks that the scan finds secrets in every encoding and in every output.
    tracing::trace!(header = ?format!("Bearer {}", PLANTED[0]), "deliberately");
    assert!(secrets.find_in(&output::logged()).is_some(), "the subscriber's output is not scanned");
    log::trace!("{:?}", PLANTED[4].as_bytes());
    assert!(
        Secrets::new([PLANTED[4].to_owned()]).find_in(&output::logged()).is_some(),
        "the logger's output is not scanned"
    );
}

#[test]
fn scan_finds_every_encoding_of_a_secret() {
    let secrets = Secrets::new(["mrk-Secret:Word@7%".to_owned()]);
    for text in [
        "x mrk-Secret:Word@7% y",
        "sftp://u:mrk-Secret%3AWord%407%25@host",
        "Basic dXNlcjptcmstU2VjcmV0OldvcmRANyU=",
        "Basic dXNlOm1yay1TZWNyZXQ6V29yZEA3JTo=",
        "Basic dTptcmstU2VjcmV0OldvcmRANyU=",
        "[109, 114, 107, 45, 83, 101, 99, 114, 101, 116, 58, 87, 111, 114, 100, 64, 55, 37]",
        "6d726b2d5365637265743a576f7264403725",
    ] {
        assert!(secrets.find_in(text).is_some(), "{text}");
    }
    assert!(secrets.find_in("mrk-Secret").is_none());
}

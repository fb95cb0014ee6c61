//! Plants secrets everywhere, makes everything print itself, and looks for them.
//!
//! One test in a program of its own: it takes the process's subscriber, logger and panic hook.

mod printed;

use mft_simulator::Fault;
use mft_tests::leak::Secrets;
use mft_tests::support::Gate;
use mft_tests::{Provider, Sftptogo, Tweaks};
use printed::{Printed, capture_everything, every_fault_and_none, search};
use sftptogo::raw::{Idempotency, Method};
use sftptogo::webhook_event::{Verifier, WebhookEvent};
use sftptogo::{
    Authentication, Client, CredentialUpdate, NewCredential, NewShareLink, NewWebhook, Secret, ShareLinkUpdate,
    SharePermission, WebhookTopic, WebhookType, WebhookUpdate,
};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@suite";
/// Those that the test itself plants, beside those of the simulator's state.
const PLANTED: [&str; 6] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Webhook-Header/4+",
    "mrk-Link:Other@4%A1",
    "mrk-Proxy-Word-2",
    "mrk-Signing-Secret-1",
];

/// Every operation, and the `Debug` of everything that takes part.
async fn all_operations(provider: &Sftptogo, client: &Client, printed: &mut Printed) {
    let (id, webhook, link) = (&provider.target, provider.webhook(), provider.share_link());
    let credentials = client.credentials();
    printed.value(&provider.simulator);
    printed.value((client, credentials, client.ssh_keys(), client.webhooks(), client.share_links()));

    let new = NewCredential::new().alias("made").password(PLANTED[0]);
    let change = CredentialUpdate::new().password(PLANTED[1]);
    printed.value((&new, &change, credentials.create(new.clone()), credentials.list()));
    printed.result(credentials.create(new).with_response().await);
    printed.result(credentials.list().try_collect_vec().await);
    printed.result(credentials.list().into_pages().try_next().await);
    printed.result(credentials.get(id).with_response().await);
    printed.result(credentials.get(id).await.map(|credential| credential.file_access()));
    printed.result(credentials.update(id, change).await);
    printed.result(credentials.rotate_password(id).await);
    printed.value(credentials.set_password(id, PLANTED[0]));
    printed.result(credentials.set_password(id, PLANTED[0]).await);
    printed.result(credentials.rotate_password_and_fetch(id).await);
    printed.result(credentials.replace_inbound_rules(id, Vec::new()).await);

    printed.result(client.ssh_keys().list(id).try_collect_vec().await);
    printed.result(client.ssh_keys().remove(id, &provider.ssh_key()).await);
    printed.result(client.ssh_keys().add(id, KEY).await);

    let new = NewWebhook::new(WebhookType::Webhook, "https://example.net/", [WebhookTopic::FileCreated]);
    let new = new.authorization_header(PLANTED[2]);
    let change = WebhookUpdate::new().authorization_header(PLANTED[2]);
    printed.value((&new, &change));
    printed.result(client.webhooks().create(new).await);
    printed.result(client.webhooks().update(&webhook, change).await);
    printed.result(client.webhooks().list().try_collect_vec().await);
    printed.result(client.webhooks().delete(&webhook).await);

    let new = NewShareLink::folder("/made/", SharePermission::ReadOnly).password(PLANTED[3]);
    let change = ShareLinkUpdate::new().password(PLANTED[3]);
    printed.value((&new, &change));
    printed.result(client.share_links().create(new).await);
    printed.result(client.share_links().update(&link, change).await);
    printed.result(client.share_links().get(&link).await);
    printed.result(client.share_links().list().try_collect_vec().await);
    printed.result(client.share_links().delete(&link).await);

    let raw = || {
        client
            .raw(Method::POST, "/organizations/{organization_id}/users/{id}/credential-rotations")
            .path("id", id.as_str())
    };
    let body = serde_json::json!({ "Password": PLANTED[1] });
    printed.value(
        raw().header("x-extra".parse().expect("a name"), PLANTED[2]).query("token", PLANTED[3]).json_body(&body),
    );
    printed.result(raw().json_body(&body).header("x-extra".parse().expect("a name"), PLANTED[2]).into_call().await);
    printed.result(raw().query("token", PLANTED[3]).into_call().await);
    let get = client.raw(Method::GET, "/organizations/{organization_id}/users").idempotency(Idempotency::Safe);
    printed.result(get.into_call().await);
    printed.result(credentials.delete(id).await);
}

/// Services that repeat what they were sent, in every place that an error shows.
async fn echoes(printed: &mut Printed) {
    let provider = Sftptogo::start().await;
    let client = provider.client(Tweaks::default());
    let operation = "sftptogo.credentials.create";
    let new = || NewCredential::new().password(PLANTED[0]);
    for secret in [provider.simulator.api_key(), PLANTED[0].to_owned()] {
        let body = serde_json::json!({ "message": format!("{secret} is not good: {secret}"), "id": secret });
        for (status, body) in [(400, body.to_string()), (422, format!("{{\"error\":{{\"message\":\"{secret}\"}}}}"))] {
            let fault = Fault::status(status).body(body).header("x-request-id", &secret).retry_after(&secret);
            provider.faults().clear();
            provider.faults().push(fault.header("location", &format!("/{secret}")).on(operation));
            printed.result(client.credentials().create(new()).await);
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
            printed.result(client.credentials().create(new()).await);
        }
    }
}

/// Secrets in settings, in input that is refused, and in what a receiver of webhooks gets.
async fn settings_and_input(printed: &mut Printed) {
    let provider = Sftptogo::start().await;
    let gate = Gate::closed().await;
    let proxy = format!("http://user:{}@{}", PLANTED[4], gate.address());
    let builder = provider.builder(Tweaks::default().attempts(2)).proxy(proxy);
    printed.value(&builder);
    printed.result(builder.clone().proxy(format!("::{}", PLANTED[4])).build());
    printed.result(builder.build().expect("a proxy").credentials().get(&provider.target).await);
    printed.result(
        Client::builder("o".into(), Authentication::api_key(PLANTED[0]))
            .base_url(format!("https://u:{}@example.net/", PLANTED[4]))
            .build(),
    );
    printed.result(Client::builder("o".into(), Authentication::api_key(format!("{}\n", PLANTED[0]))).build());
    let client = provider.client(Tweaks::default());
    printed.result(client.ssh_keys().add(&provider.target, &format!("PRIVATE KEY {}", PLANTED[0])).await);
    let raw = client
        .raw(Method::GET, "/organizations/{organization_id}/users")
        .header("x-extra".parse().expect("a name"), &format!("{}\n", PLANTED[2]));
    printed.result(raw.into_call().await);

    let url = Secret::from(format!("sftp://robot:{}@host.example.net", PLANTED[1].replace(['@', ':', '%'], "-")));
    printed.result(sftptogo::FileLogin::from_url(&url));
    printed.value(&url);
    let verifier = Verifier::new([PLANTED[5]]);
    printed.value(&verifier);
    let body = format!("{{\"Password\":\"{}\"}}", PLANTED[0]);
    if let Ok(verifier) = verifier {
        printed.value(verifier.event(body.as_bytes(), Some("sha256=00")));
    }
    printed.value(WebhookEvent::from_trusted(body.as_bytes()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_printed_holds_a_secret() {
    capture_everything();
    let mut printed = Printed::default();
    let mut secrets = every_fault_and_none::<Sftptogo>(&mut printed, all_operations).await;
    secrets.extend(PLANTED.map(ToOwned::to_owned));
    secrets.push(PLANTED[1].replace(['@', ':', '%'], "-"));
    echoes(&mut printed).await;
    settings_and_input(&mut printed).await;

    let secrets = Secrets::new(secrets);
    search(
        &printed,
        &secrets,
        &["http_request", "mft_call", "retrying", "sftptogo.credentials.rotate_password"],
        &[("Error {", 100), ("Credential {", 20), ("Exchange {", 100), ("Webhook {", 4), ("RawResponse", 2)],
    );

    // The search finds what is there, in every spelling and on every way.
    tracing::trace!(header = ?format!("Bearer {}", PLANTED[0]), "deliberately");
    assert!(secrets.find_in(&printed::logged()).is_some(), "the subscriber is not searched");
    log::trace!("{:?}", PLANTED[4].as_bytes());
    assert!(Secrets::new([PLANTED[4].to_owned()]).find_in(&printed::logged()).is_some(), "the logger is not searched");
}

#[test]
fn a_secret_is_found_in_every_spelling() {
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

//! Leak scan of Buckets: plants secrets, prints every value, and searches the output for the secrets.
//!
//! The test runs in its own process, because it replaces the global subscriber, logger and panic hook.

mod output;

use mft_simulator::Fault;
use mft_tests::leak_scan::Secrets;
use mft_tests::net::GatedProxy;
use mft_tests::{ClientOptions, Provider, Usebuckets};
use output::{Output, assert_no_leaks, capture_logs, run_with_and_without_faults};
use usebuckets::raw::{Idempotency, Method};
use usebuckets::webhook_event::{Verifier, WebhookEvent};
use usebuckets::{
    Authentication, BucketUpdate, Client, EventType, NewBucket, NewNotification, NewUser, NotificationUpdate, Secret,
    UserUpdate,
};

/// Secrets that the test plants, in addition to those of the simulator's state.
const PLANTED: [&str; 5] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Header-Value-1/4+",
    "mrk-Proxy-Word-2",
    "mrk-Signing-Secret-1",
];

/// Calls every operation and records the `Debug` output of all values.
async fn all_operations(provider: &Usebuckets, client: &Client, output: &mut Output) {
    let (buckets, users, notifications) = (client.buckets(), client.users(), client.notifications());
    let target = &provider.target;
    output.value(&provider.simulator);
    output.value((client, buckets, users, notifications));

    output.result(buckets.create(NewBucket::new("made")).with_response().await);
    output.result(buckets.list().page_size(1).try_collect_vec().await);
    output.result(buckets.list().into_pages().try_next().await);
    output.result(buckets.find(target).await);
    output.result(buckets.update(target, BucketUpdate::new().active(true)).await);

    let new = NewUser::new(target, "made", PLANTED[0].into());
    let change = UserUpdate::new().password(PLANTED[1]).active(true);
    output.value((&new, &change, users.create(new.clone()), users.list(target)));
    output.result(users.create(new.clone()).with_response().await);
    output.result(users.create(new).await);
    output.result(users.list(target).try_collect_vec().await);
    output.result(users.find(target, &provider.user).await);
    output.value(users.update(&provider.user, change.clone()));
    output.result(users.update(&provider.user, change).await);
    output.result(users.delete(&provider.user).await);

    let new = NewNotification::new(target, "https://example.net/", [EventType::FileUploaded]);
    output.result(notifications.create(new).await);
    output.result(notifications.list(target).try_collect_vec().await);
    output.result(notifications.update(&provider.notification, NotificationUpdate::new().active(false)).await);
    output.result(notifications.delete(&provider.notification).await);
    let url = format!("https://user:{}@example.net/in?{}", PLANTED[0], PLANTED[1]);
    let new = NewNotification::new(target, url.as_str(), [EventType::FileUploaded]);
    let change = NotificationUpdate::new().webhook_url(url);
    output.value((&new, &change, notifications.create(new.clone()), notifications.list(target)));

    let raw = || client.raw(Method::POST, "/users").header("x-extra".parse().expect("a name"), PLANTED[2]);
    let body = serde_json::json!({ "username": "raw", "password": PLANTED[1], "bucket_id": target });
    output.value(raw().query("token", PLANTED[3]).json_body(&body));
    output.result(raw().query("token", PLANTED[3]).json_body(&body).into_call().await);
    output.result(raw().query("token", PLANTED[3]).into_call().await);
    output.result(client.raw(Method::GET, "/buckets").idempotency(Idempotency::Safe).into_call().await);
    output.result(buckets.delete(&provider.disposable).await);
}

/// Services that echo secrets in every field that an error prints, and in the `next_uri` of a list.
async fn echoing_services(output: &mut Output) {
    let provider = Usebuckets::start().await;
    let client = provider.client(ClientOptions::default());
    let operation = "usebuckets.users.create";
    let new = || NewUser::new(&provider.target, "echoed", PLANTED[0].into());
    for secret in [provider.simulator.api_key(), PLANTED[0].to_owned()] {
        let message = format!("{secret} is invalid: {secret}");
        for (status, body) in [
            (400, serde_json::json!({ "message": message, "code": secret }).to_string()),
            (422, serde_json::json!({ "errors": [{ "message": message }] }).to_string()),
            (422, serde_json::json!({ "error": { "message": message, "code": secret } }).to_string()),
            (409, message.clone()),
        ] {
            let fault = Fault::status(status).body(body).header("x-request-id", &secret).retry_after(&secret);
            provider.faults().clear();
            provider.faults().push(fault.header("location", &format!("/{secret}")).on(operation));
            output.result(client.users().create(new()).await);
        }
        for fault in [
            Fault::redirect(302, &format!("http://user:{secret}@elsewhere.test/{secret}?{secret}")),
            Fault::replaced_body(format!("{{\"id\":\"1\",\"active\":\"{secret}\"}}")),
            Fault::replaced_body(format!("{{\"id\":\"1\",\"permissions\":[\"{secret}\"]}}")),
            Fault::replaced_body(secret.clone()),
            Fault::raw(format!("HTTP/1.1 4\u{0}{secret}\r\n\r\n")),
            Fault::raw(format!("HTTP/1.1 200 OK\r\n{secret}: {secret}\r\ncontent-length: x\r\n\r\n")),
        ] {
            provider.faults().clear();
            provider.faults().push(fault.on(operation));
            output.result(client.users().create(new()).await);
        }
        // The schema of the renamed product includes the password in responses.
        let user = serde_json::json!({ "id": "1", "username": "echoed", "password": secret });
        let page =
            serde_json::json!({ "has_more": true, "next_uri": format!("https://u:{secret}@h/?after"), "data": [user] });
        provider.faults().clear();
        provider.faults().push(Fault::replaced_body(page.to_string()).on("usebuckets.users.list"));
        output.result(client.users().list(&provider.target).into_pages().try_next().await);
        output.result(client.users().list(&provider.target).try_collect_vec().await);
    }
}

/// Secrets in settings, in rejected input, and in webhook deliveries.
async fn settings_and_input(output: &mut Output) {
    let provider = Usebuckets::start().await;
    let proxy = GatedProxy::closed().await;
    let proxy = format!("http://user:{}@{}", PLANTED[3], proxy.address());
    let builder = provider.builder(ClientOptions::default().attempts(2)).proxy(proxy);
    output.value(&builder);
    output.result(builder.clone().proxy(format!("::{}", PLANTED[3])).build());
    output.result(builder.build().expect("a proxy").users().list(&provider.target).try_collect_vec().await);
    output.result(
        Client::builder(Authentication::api_key(PLANTED[0]))
            .base_url(format!("https://u:{}@example.net/", PLANTED[3]))
            .build(),
    );
    output.result(Client::builder(Authentication::api_key(format!("{}\n", PLANTED[0]))).build());
    let client = provider.client(ClientOptions::default());
    output.result(client.users().create(NewUser::new(&provider.target, "", PLANTED[0].into())).await);
    let name = "x-extra".parse().expect("a name");
    output.result(client.raw(Method::GET, "/buckets").header(name, &format!("{}\n", PLANTED[2])).into_call().await);

    output.value(Secret::from(PLANTED[1]));
    let verifier = Verifier::new([PLANTED[4]]);
    output.value(&verifier);
    let body = serde_json::json!({ "event": "user.created", "fired_at": PLANTED[0] }).to_string();
    if let Ok(verifier) = verifier {
        output.value(verifier.event(body.as_bytes(), Some("00")));
    }
    output.value(WebhookEvent::from_trusted(body.as_bytes()));
    // File contents belong to the customer.
    let body = serde_json::json!({ "event": "file.uploaded", "fired_at": 1, "file_contents": PLANTED[1] }).to_string();
    output.value(WebhookEvent::from_trusted(body.as_bytes()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_output_contains_a_secret() {
    capture_logs();
    let mut output = Output::default();
    let mut secrets = run_with_and_without_faults::<Usebuckets>(&mut output, all_operations).await;
    secrets.extend(PLANTED.map(ToOwned::to_owned));
    echoing_services(&mut output).await;
    settings_and_input(&mut output).await;

    assert_no_leaks(
        &output,
        &Secrets::new(secrets),
        &["http_request", "mft_call", "retrying", "usebuckets.users.create"],
        &[
            ("Error {", 80),
            ("Bucket {", 20),
            ("User {", 20),
            ("Exchange {", 100),
            ("Notification {", 4),
            ("RawResponse", 2),
            ("WebhookEvent {", 1),
        ],
    );
}

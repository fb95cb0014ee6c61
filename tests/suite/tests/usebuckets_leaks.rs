//! Plants secrets of Buckets everywhere, makes everything print itself, and looks for them.
//!
//! One test in a program of its own: it takes the process's subscriber, logger and panic hook.

mod printed;

use mft_simulator::Fault;
use mft_tests::leak::Secrets;
use mft_tests::support::Gate;
use mft_tests::{Provider, Tweaks, Usebuckets};
use printed::{Printed, capture_everything, every_fault_and_none, search};
use usebuckets::raw::{Idempotency, Method};
use usebuckets::webhook_event::{Verifier, WebhookEvent};
use usebuckets::{
    Authentication, BucketUpdate, Client, EventType, NewBucket, NewNotification, NewUser, NotificationUpdate, Secret,
    UserUpdate,
};

/// Those that the test itself plants, beside those of the simulator's state.
const PLANTED: [&str; 5] = [
    "mrk-Chosen:Password@9%",
    "mrk-Other:Password@8%A1",
    "mrk-Header-Value-1/4+",
    "mrk-Proxy-Word-2",
    "mrk-Signing-Secret-1",
];

/// Every operation, and the `Debug` of everything that takes part.
async fn all_operations(provider: &Usebuckets, client: &Client, printed: &mut Printed) {
    let (buckets, users, notifications) = (client.buckets(), client.users(), client.notifications());
    let target = &provider.target;
    printed.value(&provider.simulator);
    printed.value((client, buckets, users, notifications));

    printed.result(buckets.create(NewBucket::new("made")).with_response().await);
    printed.result(buckets.list().page_size(1).try_collect_vec().await);
    printed.result(buckets.list().into_pages().try_next().await);
    printed.result(buckets.find(target).await);
    printed.result(buckets.update(target, BucketUpdate::new().active(true)).await);

    let new = NewUser::new(target, "made", PLANTED[0].into());
    let change = UserUpdate::new().password(PLANTED[1]).active(true);
    printed.value((&new, &change, users.create(new.clone()), users.list(target)));
    printed.result(users.create(new.clone()).with_response().await);
    printed.result(users.create(new).await);
    printed.result(users.list(target).try_collect_vec().await);
    printed.result(users.find(target, &provider.user).await);
    printed.value(users.update(&provider.user, change.clone()));
    printed.result(users.update(&provider.user, change).await);
    printed.result(users.delete(&provider.user).await);

    let new = NewNotification::new(target, "https://example.net/", [EventType::FileUploaded]);
    printed.result(notifications.create(new).await);
    printed.result(notifications.list(target).try_collect_vec().await);
    printed.result(notifications.update(&provider.notification, NotificationUpdate::new().active(false)).await);
    printed.result(notifications.delete(&provider.notification).await);
    let url = format!("https://user:{}@example.net/in?{}", PLANTED[0], PLANTED[1]);
    let new = NewNotification::new(target, url.as_str(), [EventType::FileUploaded]);
    let change = NotificationUpdate::new().webhook_url(url);
    printed.value((&new, &change, notifications.create(new.clone()), notifications.list(target)));

    let raw = || client.raw(Method::POST, "/users").header("x-extra".parse().expect("a name"), PLANTED[2]);
    let body = serde_json::json!({ "username": "raw", "password": PLANTED[1], "bucket_id": target });
    printed.value(raw().query("token", PLANTED[3]).json_body(&body));
    printed.result(raw().query("token", PLANTED[3]).json_body(&body).into_call().await);
    printed.result(raw().query("token", PLANTED[3]).into_call().await);
    printed.result(client.raw(Method::GET, "/buckets").idempotency(Idempotency::Safe).into_call().await);
    printed.result(buckets.delete(&provider.doomed).await);
}

/// Services that repeat what they were sent, in every place that an error shows, and in what a list says of its next
/// page.
async fn echoes(printed: &mut Printed) {
    let provider = Usebuckets::start().await;
    let client = provider.client(Tweaks::default());
    let operation = "usebuckets.users.create";
    let new = || NewUser::new(&provider.target, "echoed", PLANTED[0].into());
    for secret in [provider.simulator.api_key(), PLANTED[0].to_owned()] {
        let said = format!("{secret} is not good: {secret}");
        for (status, body) in [
            (400, serde_json::json!({ "message": said, "code": secret }).to_string()),
            (422, serde_json::json!({ "errors": [{ "message": said }] }).to_string()),
            (422, serde_json::json!({ "error": { "message": said, "code": secret } }).to_string()),
            (409, said.clone()),
        ] {
            let fault = Fault::status(status).body(body).header("x-request-id", &secret).retry_after(&secret);
            provider.faults().clear();
            provider.faults().push(fault.header("location", &format!("/{secret}")).on(operation));
            printed.result(client.users().create(new()).await);
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
            printed.result(client.users().create(new()).await);
        }
        // The schema of the renamed product has the password in a reply.
        let user = serde_json::json!({ "id": "1", "username": "echoed", "password": secret });
        let page =
            serde_json::json!({ "has_more": true, "next_uri": format!("https://u:{secret}@h/?after"), "data": [user] });
        provider.faults().clear();
        provider.faults().push(Fault::replaced_body(page.to_string()).on("usebuckets.users.list"));
        printed.result(client.users().list(&provider.target).into_pages().try_next().await);
        printed.result(client.users().list(&provider.target).try_collect_vec().await);
    }
}

/// Secrets in settings, in input that is refused, and in what a receiver of webhooks gets.
async fn settings_and_input(printed: &mut Printed) {
    let provider = Usebuckets::start().await;
    let gate = Gate::closed().await;
    let proxy = format!("http://user:{}@{}", PLANTED[3], gate.address());
    let builder = provider.builder(Tweaks::default().attempts(2)).proxy(proxy);
    printed.value(&builder);
    printed.result(builder.clone().proxy(format!("::{}", PLANTED[3])).build());
    printed.result(builder.build().expect("a proxy").users().list(&provider.target).try_collect_vec().await);
    printed.result(
        Client::builder(Authentication::api_key(PLANTED[0]))
            .base_url(format!("https://u:{}@example.net/", PLANTED[3]))
            .build(),
    );
    printed.result(Client::builder(Authentication::api_key(format!("{}\n", PLANTED[0]))).build());
    let client = provider.client(Tweaks::default());
    printed.result(client.users().create(NewUser::new(&provider.target, "", PLANTED[0].into())).await);
    let name = "x-extra".parse().expect("a name");
    printed.result(client.raw(Method::GET, "/buckets").header(name, &format!("{}\n", PLANTED[2])).into_call().await);

    printed.value(Secret::from(PLANTED[1]));
    let verifier = Verifier::new([PLANTED[4]]);
    printed.value(&verifier);
    let body = serde_json::json!({ "event": "user.created", "fired_at": PLANTED[0] }).to_string();
    if let Ok(verifier) = verifier {
        printed.value(verifier.event(body.as_bytes(), Some("00")));
    }
    printed.value(WebhookEvent::from_trusted(body.as_bytes()));
    // Files are the customers'.
    let body = serde_json::json!({ "event": "file.uploaded", "fired_at": 1, "file_contents": PLANTED[1] }).to_string();
    printed.value(WebhookEvent::from_trusted(body.as_bytes()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_printed_holds_a_secret() {
    capture_everything();
    let mut printed = Printed::default();
    let mut secrets = every_fault_and_none::<Usebuckets>(&mut printed, all_operations).await;
    secrets.extend(PLANTED.map(ToOwned::to_owned));
    echoes(&mut printed).await;
    settings_and_input(&mut printed).await;

    search(
        &printed,
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

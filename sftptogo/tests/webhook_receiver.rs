//! Webhook receiver: signature verification and event decoding.

use mft_test_support::webhook::{Receiver, Vector};
use serde_json::{Value, json};
use sftptogo::webhook_event::{
    ActorType, DownloadProtocol, EventData, EventTopic, SIGNATURE_HEADER, Verifier, WebhookEvent,
};
use sftptogo::{UnixMillis, WebhookState, WebhookTopic};

const DOCUMENTED: Vector = (
    "Very Secret Secret",
    "Hello! This is a test payload.",
    "sha256=8ba4c47558de1872150c3ec82211c34bf0cbd6d60fc4f9875b97853af06de917",
);
const AUTOMATION: Vector = (
    "your-signing-secret",
    r#"{"hello":"world"}"#,
    "sha256=3cbbff88ab4a82398a21ab3e2934ee47e53c3a5ba0609866587a80feddb7f755",
);
const CREATED: Vector = (
    "whsec-lab-0001",
    r#"{"Id":"5f0c2a9e-7b1d-4c3e-8a6f-0d9b1c2e3f40","Topic":"file.created","CreatedAt":1760000000123,"UpdatedAt":1760000000123,"Actor":{"Type":"User","Id":"intake-robot-01"},"Resource":"File","PreviousData":null,"Data":{"Path":"home/intake-robot-01/day+1%2b2/caf%C3%A9.csv","Size":2048},"Metadata":{"Organization":{"Id":"0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b"},"Webhook":{"Id":"a3d1f0c2-94b7-4e55-b1c8-2f60d7e8a911"},"Delivery":{"Id":"c0ffee00-1111-4222-8333-444455556666"},"Attempt":{"Id":"deadbeef-2222-4333-8444-555566667777"},"Event":{"Id":"5f0c2a9e-7b1d-4c3e-8a6f-0d9b1c2e3f40","Topic":"file.created"}}}"#,
    "sha256=0bcfa163a59c7d500387bd07f3c148b6c6ba4f9634f2f9139b0d6ae87f842993",
);
const CREATED_BASE64: &str = "C8+hY6WcfVADh70H88FItsa6T5Y08vkTmw1q6H+EKZM=";

/// The functions under test, for the checks that all receivers share.
const RECEIVER: Receiver<Verifier, WebhookEvent> = Receiver {
    with_secrets: |secrets| Verifier::new(secrets.iter().copied()),
    verify: Verifier::verify,
    event: Verifier::event,
    from_trusted: WebhookEvent::from_trusted,
};

fn event(value: &Value) -> WebhookEvent {
    WebhookEvent::from_trusted(value.to_string().as_bytes()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn sample(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn of_file(topic: &str, data: impl Into<Value>, metadata: impl Into<Value>) -> WebhookEvent {
    let (data, metadata) = (data.into(), metadata.into());
    event(&json!({ "Id": "1", "Topic": topic, "Data": data, "Metadata": metadata }))
}

#[test]
fn the_documented_signatures_match_in_every_encoding() {
    for vector in [DOCUMENTED, AUTOMATION, CREATED] {
        let header = vector.2;
        let digits = header.strip_prefix("sha256=").unwrap();
        let spellings = [
            header.to_owned(),
            digits.to_owned(),
            header.to_uppercase(),
            format!("Sha256={digits}"),
            format!("sha256={}", digits.to_uppercase()),
            format!(" {header} "),
        ];
        RECEIVER.accepts(vector, &spellings);
    }
    let base64 = [CREATED_BASE64.to_owned(), format!("sha256={CREATED_BASE64}"), format!("SHA256={CREATED_BASE64}")];
    RECEIVER.accepts(CREATED, &base64);
    assert_eq!((CREATED.1.len(), SIGNATURE_HEADER), (600, "x-hub-signature"));
}

#[test]
fn missing_malformed_and_wrong_signatures_are_distinguished() {
    let malformed = [
        "sha256=",
        &CREATED.2[..70],
        "sha256=zbcfa163a59c7d500387bd07f3c148b6c6ba4f9634f2f9139b0d6ae87f842993",
        "sha1=0bcfa163a59c7d500387bd07f3c148b6c6ba4f9634f2f9139b0d6ae87f842993",
        "C8+hY6WcfVADh70H88FItsa6T5Y08vkTmw1q6H+E",
    ];
    RECEIVER.distinguishes_signature_errors(CREATED, &malformed, &[DOCUMENTED.2]);
}

#[test]
fn any_of_several_secrets_matches_but_never_an_empty_one() {
    RECEIVER.accepts_any_of_several_secrets(CREATED);
}

#[test]
fn a_flipped_bit_is_detected() {
    RECEIVER.detects_flipped_bits();
}

#[test]
fn no_input_panics_the_receiver() {
    RECEIVER.never_panics();
}

#[test]
fn the_receiver_hides_its_secrets() {
    RECEIVER.hides_its_secret("MARK-signing-secret");
}

#[test]
fn a_created_file_has_an_actor_and_a_delivery() {
    let event = Verifier::new([CREATED.0]).unwrap().event(CREATED.1.as_bytes(), Some(CREATED.2)).unwrap();
    assert_eq!((event.id.as_str(), &event.topic), ("5f0c2a9e-7b1d-4c3e-8a6f-0d9b1c2e3f40", &EventTopic::FileCreated));
    assert_eq!((event.created_at, event.updated_at), (Some(UnixMillis(1_760_000_000_123)), event.created_at));
    let actor = event.actor.unwrap();
    assert_eq!((actor.actor_type, actor.id.as_deref()), (ActorType::User, Some("intake-robot-01")));
    let EventData::FileCreated(file) = event.data else { panic!("{:?}", event.data) };
    assert_eq!((file.path.as_str(), file.size_bytes), ("home/intake-robot-01/day 1+2/café.csv", Some(2048)));
    assert_eq!((file.to_string(), file.is_folder()), (file.path.clone(), false));
    assert_eq!(file.raw_path, "home/intake-robot-01/day+1%2b2/caf%C3%A9.csv");
    let metadata = event.metadata;
    assert_eq!(metadata.organization_id.unwrap().as_str(), "0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b");
    assert_eq!(metadata.webhook_id.unwrap().as_str(), "a3d1f0c2-94b7-4e55-b1c8-2f60d7e8a911");
    assert_eq!(metadata.delivery_id.as_deref(), Some("c0ffee00-1111-4222-8333-444455556666"));
    assert_eq!(metadata.attempt_id.as_deref(), Some("deadbeef-2222-4333-8444-555566667777"));
}

#[test]
fn a_download_has_details() {
    let EventData::FileDownloaded(file, download) = event(&sample("event_file_downloaded")).data else { panic!() };
    assert_eq!((file.path.as_str(), file.size_bytes), ("home/intake-robot-01/report.csv", Some(2048)));
    assert_eq!(download.protocol, Some(DownloadProtocol::Sftp));
    assert_eq!(
        (download.client_ip.as_deref(), download.session_id.as_deref()),
        (Some("203.0.113.7"), Some("9182736450"))
    );
    for (metadata, protocol) in [
        (json!({ "Protocol": "WEB_PORTAL" }), Some(DownloadProtocol::WebPortal)),
        (json!({ "Protocol": "S3" }), Some(DownloadProtocol::Unknown("S3".into()))),
        (json!({}), None),
        (Value::Null, None),
    ] {
        let event = of_file("file.downloaded", json!({ "Path": "a", "Metadata": metadata }), json!({}));
        assert!(matches!(event.data, EventData::FileDownloaded(_, download) if download.protocol == protocol));
    }
}

#[test]
fn a_ping_has_a_webhook_and_no_actor() {
    let event = event(&sample("event_webhook_ping"));
    assert_eq!((event.topic, event.actor, event.metadata.organization_id), (EventTopic::WebhookPing, None, None));
    let EventData::Ping(webhook) = event.data else { panic!("{:?}", event.data) };
    assert_eq!((webhook.id, webhook.alias.as_deref()), (event.metadata.webhook_id.unwrap(), Some("Intake hook")));
    assert_eq!(webhook.topics, [WebhookTopic::FileCreated, WebhookTopic::FileDeleted]);
    assert_eq!(
        (webhook.state, webhook.url.as_deref()),
        (Some(WebhookState::Paused), Some("https://hooks.example.net/s2g"))
    );
}

#[test]
fn a_deleted_file_has_no_size() {
    for size in [
        json!({ "Path": "inbox/", "Size": null }),
        json!({ "Path": "inbox/" }),
        json!({ "Path": "inbox/", "Size": -1 }),
    ] {
        let EventData::FileDeleted(file) = of_file("file.deleted", size, Value::Null).data else { panic!() };
        assert_eq!((file.size_bytes, file.is_folder()), (None, true));
    }
}

#[test]
fn paths_are_form_decoded() {
    for (wire, path) in [
        ("home/intake-robot-01/day+1%2b2/caf%C3%A9.csv", "home/intake-robot-01/day 1+2/café.csv"),
        ("a%2Bb", "a+b"),
        ("a%2bb", "a+b"),
        ("50%25.txt", "50%.txt"),
        ("inbox/", "inbox/"),
        ("inbox%2F", "inbox/"),
        ("100%", "100%"),
        // Not UTF-8: returned as received, including plus signs.
        ("a+%ff", "a+%ff"),
        ("", ""),
    ] {
        let EventData::FileCreated(file) = of_file("file.created", json!({ "Path": wire }), json!({})).data else {
            panic!()
        };
        assert_eq!((file.path.as_str(), file.raw_path.as_str()), (path, wire));
        assert_eq!(file.is_folder(), path.ends_with('/'));
    }
}

#[test]
fn the_api_version_decides_whether_paths_are_encoded() {
    for (version, wire, path) in [
        (Value::Null, "a+b%2bc", "a b+c"),
        (json!("2020-01-01"), "a+b%2bc", "a b+c"),
        (json!("2026-07-01.atlas"), "/in/a+b%2bc", "in/a+b%2bc"),
        (json!(7), "a+b", "a b"),
    ] {
        let metadata =
            json!({ "ApiVersion": version, "Automation": { "Id": "x" }, "Attempt": { "Id": "y", "Count": 0 } });
        let event = of_file("file.created", json!({ "Path": wire, "Size": 1 }), metadata);
        assert!(
            matches!(&event.data, EventData::FileCreated(file) if file.path == path),
            "{version}: {:?}",
            event.data
        );
        assert_eq!((event.metadata.attempt_id.as_deref(), event.metadata.webhook_id), (Some("y"), None));
    }
}

#[test]
fn unknown_values_survive() {
    let infected = json!({ "Path": "a", "Engine": "x", "ThreatSeverity": "high" });
    let scan = of_file("file.infected", infected.clone(), json!({}));
    assert_eq!((scan.topic.as_str(), scan.data), ("file.infected", EventData::Other(infected)));
    for (topic, data) in [
        ("file.created", json!({ "Key": "a" })),
        ("file.created", json!({ "Path": 7 })),
        ("file.downloaded", json!({ "Path": "a", "Metadata": "SFTP" })),
        ("file.deleted", json!({ "Path": "a", "Size": "big" })),
        ("file.deleted", Value::Null),
        ("webhook.ping", json!({ "Alias": "no id" })),
    ] {
        assert_eq!(of_file(topic, data.clone(), json!({})).data, EventData::Other(data));
    }
    // An undecodable field next to the event must not fail the event: the service would give up the delivery.
    for actor in [json!(null), json!("robot"), json!({}), json!({ "Id": "no type" }), json!([1])] {
        let odd = json!({ "Id": "1", "Topic": "file.deleted", "Actor": actor, "CreatedAt": "today", "Metadata": [1] });
        let read = event(&odd);
        assert_eq!((read.actor, read.created_at, read.metadata.webhook_id), (None, None, None));
    }
    let odd = json!({ "Id": 1, "Topic": "t", "Actor": { "Type": "Robot" }, "Metadata": { "Webhook": "x", "Delivery": { "Id": "d" } } });
    let read = event(&odd);
    assert_eq!((read.id.as_str(), read.actor.unwrap().actor_type.as_str()), ("1", "Robot"));
    assert_eq!((read.metadata.webhook_id, read.metadata.delivery_id.as_deref()), (None, Some("d")));
}

#[test]
fn a_signed_body_without_an_event_is_a_bad_request_and_not_quoted() {
    RECEIVER.rejects_non_events(&[
        r#"{"Id":"hunter2"}"#,
        r#"{"Topic":"hunter2"}"#,
        r#"{"Id":{"x":"hunter2"},"Topic":"t"}"#,
        r#"{"Id":"1","Topic":"hunter2"#,
    ]);
}

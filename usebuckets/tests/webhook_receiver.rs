//! Webhook receiver: signature verification and event decoding.

mod support;

use mft_test_support::webhook::{Receiver, Vector};
use serde_json::{Value, json};
use usebuckets::webhook_event::{EventKind, SIGNATURE_HEADER, Verifier, WebhookEvent};
use usebuckets::{EventType, UnixSeconds};

/// Key, body and signature, generated with the HMAC of Python's standard library.
const VECTORS: [Vector; 4] = [
    UPLOADED,
    (
        "nk-lab-0001",
        r#"{"event":"bucket.updated","fired_at":1700000301,"bucket_id":"bio_test_buc_7q2mk94x0ab"}"#,
        "4c0a07da53c262a2e0333ec4093a44909e8525775e74bcdd2489d324780734de",
    ),
    (
        "schlüssel ☂",
        r#"{"event":"user.created","fired_at":1700000302,"user_id":"bio_test_usr_9sn4c7u5h6p","note":"é ☂"}"#,
        "7b3ecb059805cf3e044a088c7b21a246c4242a5680700081202251340fe1c0e3",
    ),
    ("k", "", "8bb990c40a7d61cb97597a942125025be50ac8beb74436e3735b98893a7f6620"),
];

const UPLOADED: Vector = (
    "nk-lab-0001",
    r#"{"event":"file.uploaded","fired_at":1700000300,"bucket_id":"bio_test_buc_7q2mk94x0ab","user_id":"bio_test_usr_3fj0w8d2k1z","file_path":"/invoices/2024-02.csv","file_name":"2024-02.csv","file_contents":"a,b\n1,2\n"}"#,
    "6681d535b10070c48cb605b52dd2f5f438f273039ce7f8afd7d0924041e24667",
);

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

fn to_wire(event: &WebhookEvent) -> Value {
    json!({
        "event": event.event,
        "fired_at": event.fired_at,
        "bucket_id": event.bucket_id,
        "user_id": event.user_id,
        "file_path": event.file_path,
        "file_name": event.file_name,
        "file_contents": event.file_contents,
    })
}

#[test]
fn signatures_of_another_implementation_match() {
    for vector in VECTORS {
        let signature = vector.2;
        RECEIVER.accepts(vector, &[signature.to_owned(), signature.to_uppercase(), format!(" {signature} ")]);
    }
    let long = Verifier::new(["x".repeat(200)]).unwrap();
    let signature = "f2634504a54961930a27fe314f1e457380eb0f3fd47153ca1ee28ca2b2df04a9";
    assert_eq!(long.verify(b"[]\n", Some(signature)), Ok(()));
    assert_eq!(SIGNATURE_HEADER, "x-buckets-signature");
}

#[test]
fn missing_malformed_and_wrong_signatures_are_distinguished() {
    let right = UPLOADED.2;
    let malformed = [
        &right[..63],
        // Hexadecimal only: neither the prefix nor the base64 of other services.
        &format!("sha256={right}"),
        "ZoHVNbEAcMSMtgW1LdL19DjycwOc5/iv19CSQEHiRmc=",
        "z681d535b10070c48cb605b52dd2f5f438f273039ce7f8afd7d0924041e24667",
        &"é".repeat(32),
    ];
    RECEIVER.distinguishes_signature_errors(UPLOADED, &malformed, &[VECTORS[1].2]);
}

#[test]
fn any_of_several_keys_matches_but_never_an_empty_one() {
    RECEIVER.accepts_any_of_several_secrets(UPLOADED);
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
    RECEIVER.hides_its_secret("MARK-notification-key");
}

#[test]
fn an_upload_has_a_bucket_a_user_and_a_file() {
    let read = Verifier::new([UPLOADED.0]).unwrap().event(UPLOADED.1.as_bytes(), Some(UPLOADED.2)).unwrap();
    assert_eq!(
        (&read.event, read.kind(), read.fired_at),
        (&EventType::FileUploaded, EventKind::File, UnixSeconds(1_700_000_300))
    );
    assert_eq!(to_wire(&read), serde_json::from_str::<Value>(UPLOADED.1).unwrap());
    // Logs must not contain the customer's data.
    let shown = format!("{read:?}");
    assert!(shown.contains("8 bytes") && !shown.contains("1,2"), "{shown}");
    let documented = support::documented("event_file_uploaded");
    assert_eq!(to_wire(&event(&documented)), documented);
}

#[test]
fn every_documented_event_requires_only_type_and_time() {
    for (word, kind) in [
        ("bucket.created", EventKind::Bucket),
        ("bucket.updated", EventKind::Bucket),
        ("bucket.deleted", EventKind::Bucket),
        ("user.created", EventKind::User),
        ("user.updated", EventKind::User),
        ("user.deleted", EventKind::User),
        ("file.uploaded", EventKind::File),
        ("file.deleted", EventKind::File),
    ] {
        for odd in [json!({ "event": word, "fired_at": 1 }), json!({ "event": word, "fired_at": "1", "user_id": null })]
        {
            let read = event(&odd);
            assert_eq!((read.event.as_str(), read.kind(), read.fired_at), (word, kind.clone(), UnixSeconds(1)));
            assert!(EventType::KNOWN.contains(&read.event) && read.user_id.is_none(), "{word}");
        }
    }
    assert_eq!(EventType::KNOWN.len(), 8);
}

#[test]
fn unknown_values_survive() {
    let read = event(&json!({ "event": "file.renamed", "fired_at": 1, "file_path": "/b", "old_path": "/a" }));
    assert_eq!(
        (read.event.as_str(), read.kind(), read.file_path.as_deref()),
        ("file.renamed", EventKind::File, Some("/b"))
    );
    for (word, kind) in [("key.rotated", "key"), ("ping", "ping"), ("", "")] {
        assert_eq!(event(&json!({ "event": word, "fired_at": 1 })).kind().as_str(), kind);
    }
    // An undecodable field next to the event must not fail the event: the service would retry it for a day.
    let odd = json!({
        "event": "file.deleted", "fired_at": 1, "bucket_id": ["b"], "user_id": 7, "file_path": {}, "file_name": 1.5,
        "file_contents": [0],
    });
    let read = event(&odd);
    assert_eq!((read.bucket_id, read.user_id.unwrap().as_str()), (None, "7"));
    assert_eq!((read.file_path, read.file_name, read.file_contents), (None, None, None));
}

/// The encoding of binary files is not documented.
#[test]
fn undecodable_file_contents_do_not_fail_the_event() {
    let before = br#"{"event":"file.uploaded","fired_at":1,"file_name":"a.pdf","file_contents":"#;
    let deep = "[".repeat(200) + &"]".repeat(200);
    for contents in [br#""\ud800""#.as_slice(), b"\"\xff\xfe\"", br#""a","file_contents":"b""#, deep.as_bytes(), b"7"] {
        let body = [before.as_slice(), contents, br#","user_id":"u"}"#].concat();
        let read = WebhookEvent::from_trusted(&body).unwrap_or_else(|error| panic!("{error}: {contents:?}"));
        assert_eq!((&read.event, read.fired_at), (&EventType::FileUploaded, UnixSeconds(1)));
        assert_eq!((read.user_id.unwrap().as_str(), read.file_name.as_deref()), ("u", Some("a.pdf")));
        assert_eq!(read.file_contents, None);
        // A truncated body and trailing data are not events.
        assert!(WebhookEvent::from_trusted(&body[..body.len() - 1]).is_err());
        assert!(WebhookEvent::from_trusted(&[&body, b"1".as_slice()].concat()).is_err());
    }
}

#[test]
fn the_deduplication_key_is_equal_for_repeated_deliveries_only() {
    let first = json!({
        "event": "file.uploaded", "fired_at": 1, "bucket_id": "b", "user_id": "u", "file_path": "/a", "file_name": "a",
    });
    let key = event(&first).deduplication_key();
    assert_eq!(key, r#"["file.uploaded",1,"b","u","/a"]"#);
    let mut repeated = first.clone();
    (repeated["attempt"], repeated["fired_at"]) = (json!(2), json!("1"));
    assert_eq!(event(&repeated).deduplication_key(), key);
    for (field, value) in [
        ("event", json!("file.deleted")),
        ("fired_at", json!(2)),
        ("bucket_id", json!("c")),
        ("bucket_id", Value::Null),
        ("user_id", json!("v")),
        ("file_path", json!("/a\",\"")),
    ] {
        let mut other = first.clone();
        other[field] = value;
        assert_ne!(event(&other).deduplication_key(), key, "{field}");
    }
}

#[test]
fn a_signed_body_without_an_event_is_a_bad_request_and_not_quoted() {
    RECEIVER.rejects_non_events(&[
        r#"{"event":"hunter2"}"#,
        r#"{"fired_at":1}"#,
        r#"{"event":"file.uploaded","fired_at":"hunter2"}"#,
        r#"{"event":["hunter2"],"fired_at":1}"#,
        r#"["hunter2",1]"#,
        r#"{"event":"hunter2","event":"hunter2","fired_at":1}"#,
        r#"{"event":"hunter2","fired_at":1,"fired_at":2}"#,
        r#"{"event":"hunter2","fired_at":1"#,
        // The documented example contains comments; real bodies are JSON.
        "{\"event\":\"hunter2\", // the type\n\"fired_at\":1}",
    ]);
}

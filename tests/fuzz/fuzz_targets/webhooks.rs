//! Any deliveries of webhooks: a header with a signature, an empty line, a body.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use mft_common::Secret;
use mft_common::webhook::{WebhookError, hmac_sha256};
use mft_fuzz::checks::{PLANTED, SECRET_KEY};
use mft_fuzz::memory::{assert_bounded, peak};

/// What is shown of a delivery tells nothing of the key, and a failure tells nothing of the body.
fn shown<T: Debug>(told: &Result<T, WebhookError>) -> String {
    match told {
        Ok(event) => format!("{event:?}"),
        Err(error) => {
            let shown = format!("{error} {error:?} {}", error.suggested_status());
            assert!(!shown.contains(PLANTED) && shown.len() < 500, "{shown}");
            shown
        }
    }
}

fn hexadecimal(signature: &[u8]) -> String {
    signature.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sftptogo(header: Option<&str>, body: &[u8]) {
    use sftptogo::webhook_event::{Verifier, WebhookEvent};
    let verifier = Verifier::new([SECRET_KEY]).expect("a verifier");
    assert!(!format!("{verifier:?}").contains(SECRET_KEY));
    let given = verifier.event(body, header);
    let signed = hmac_sha256(&Secret::new(SECRET_KEY), body);
    if header.is_none_or(|header| !header.to_ascii_lowercase().contains(&hexadecimal(&signed))) {
        // Nobody guesses the base64 of it.
        assert!(matches!(verifier.verify(body, header), Err(error) if !matches!(error, WebhookError::NotAnEvent(_))));
    }
    shown(&given);
    let (event, most) = peak(|| verifier.event(body, Some(&format!("sha256={}", hexadecimal(&signed)))));
    assert_bounded("an event of SFTP To Go", most, body.len());
    shown(&event);
    assert_eq!(event, WebhookEvent::from_trusted(body));
}

fn usebuckets(header: Option<&str>, body: &[u8]) {
    use usebuckets::webhook_event::{Verifier, WebhookEvent};
    let verifier = Verifier::new([SECRET_KEY]).expect("a verifier");
    assert!(!format!("{verifier:?}").contains(SECRET_KEY));
    shown(&verifier.event(body, header));
    let signed = hexadecimal(&hmac_sha256(&Secret::new(SECRET_KEY), body));
    let (event, most) = peak(|| verifier.event(body, Some(&signed)));
    assert_bounded("an event of Buckets", most, body.len());
    shown(&event);
    assert_eq!(event, WebhookEvent::from_trusted(body));
    if let Ok(event) = event {
        let _ = (event.kind(), event.deduplication_key());
        let name = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(PLANTED));
        let elsewhere = name(&event.file_path) || name(&event.file_name) || event.event.as_str().contains(PLANTED);
        let ids = format!("{:?} {:?}", event.bucket_id, event.user_id);
        assert!(elsewhere || ids.contains(PLANTED) || !format!("{event:?}").contains(PLANTED), "{event:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    let end = data.windows(2).position(|window| window == b"\n\n");
    let (header, body) = end.map_or((None, data), |end| (Some(&data[..end]), &data[end + 2..]));
    let header = header.and_then(|header| std::str::from_utf8(header).ok());
    sftptogo(header, body);
    usebuckets(header, body);
});

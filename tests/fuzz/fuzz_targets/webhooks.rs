//! Arbitrary webhook deliveries: a signature header, an empty line, a body.
#![no_main]

use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use mft_common::Secret;
use mft_common::webhook::{WebhookError, hmac_sha256};
use mft_fuzz::checks::{PLANTED, SECRET_KEY};
use mft_fuzz::memory::{assert_bounded, peak};

/// Returns the printed text of a result. Asserts that an error quotes neither the key nor the body.
fn debug_text<T: Debug>(result: &Result<T, WebhookError>) -> String {
    match result {
        Ok(event) => format!("{event:?}"),
        Err(error) => {
            let debug_text = format!("{error} {error:?} {}", error.suggested_status());
            assert!(!debug_text.contains(PLANTED) && debug_text.len() < 500, "{debug_text}");
            debug_text
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
    let result = verifier.event(body, header);
    let signature = hmac_sha256(&Secret::new(SECRET_KEY), body);
    if header.is_none_or(|header| !header.to_ascii_lowercase().contains(&hexadecimal(&signature))) {
        // The base64 form of the signature cannot be guessed.
        assert!(matches!(verifier.verify(body, header), Err(error) if !matches!(error, WebhookError::NotAnEvent(_))));
    }
    debug_text(&result);
    let (event, peak_bytes) = peak(|| verifier.event(body, Some(&format!("sha256={}", hexadecimal(&signature)))));
    assert_bounded("an event of SFTP To Go", peak_bytes, body.len());
    debug_text(&event);
    assert_eq!(event, WebhookEvent::from_trusted(body));
}

fn usebuckets(header: Option<&str>, body: &[u8]) {
    use usebuckets::webhook_event::{Verifier, WebhookEvent};
    let verifier = Verifier::new([SECRET_KEY]).expect("a verifier");
    assert!(!format!("{verifier:?}").contains(SECRET_KEY));
    debug_text(&verifier.event(body, header));
    let signature = hexadecimal(&hmac_sha256(&Secret::new(SECRET_KEY), body));
    let (event, peak_bytes) = peak(|| verifier.event(body, Some(&signature)));
    assert_bounded("an event of Buckets", peak_bytes, body.len());
    debug_text(&event);
    assert_eq!(event, WebhookEvent::from_trusted(body));
    if let Ok(event) = event {
        let _ = (event.kind(), event.deduplication_key());
        let contains_planted = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(PLANTED));
        let in_other_field = contains_planted(&event.file_path)
            || contains_planted(&event.file_name)
            || event.event.as_str().contains(PLANTED);
        let ids = format!("{:?} {:?}", event.bucket_id, event.user_id);
        assert!(in_other_field || ids.contains(PLANTED) || !format!("{event:?}").contains(PLANTED), "{event:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    let end = data.windows(2).position(|window| window == b"\n\n");
    let (header, body) = end.map_or((None, data), |end| (Some(&data[..end]), &data[end + 2..]));
    let header = header.and_then(|header| std::str::from_utf8(header).ok());
    sftptogo(header, body);
    usebuckets(header, body);
});

//! Arbitrary text for parsers of text from services, files and settings: presigned URLs, headers, file names,
//! timestamps, resume tokens.
#![no_main]

use std::path::{Component, Path};
use std::time::SystemTime;

use libfuzzer_sys::fuzz_target;
use mft_common::transfer::{PresignedUrl, ResumeToken, local_path, storage_headers};
use mft_common::transport::Origin;
use mft_common::{Error, OffsetDateTime, Secret, UnixMillis, UnixSeconds};

/// Asserts that an error is one short line.
fn assert_short_line(error: &Error) {
    let line = error.to_string();
    assert!(line.len() < 4096 && !line.contains(char::is_control), "{line:?}");
}

fn presigned_url(text: &str) {
    for allows_http in [false, true] {
        match PresignedUrl::parse(text, allows_http) {
            Ok(url) => {
                let debug = format!("{url:?}");
                assert!(!debug.contains('?') && !debug.contains('@'), "{debug}");
                let expiry = url.expires();
                let url = url.or_expires(Some(SystemTime::UNIX_EPOCH));
                assert_eq!(url.expires(), expiry.or(Some(SystemTime::UNIX_EPOCH)));
            }
            Err(error) => assert_short_line(&error),
        }
    }
}

/// Asserts that a name becomes a path below the root, with one component per segment.
fn name(text: &str) {
    let root = Path::new("/srv/in");
    match local_path(root, text) {
        Ok(path) => {
            let below = path.strip_prefix(root).expect("below the root");
            assert!(below.components().all(|part| matches!(part, Component::Normal(_))), "{path:?}");
            assert_eq!(below.components().count(), text.split('/').count(), "{path:?}");
        }
        Err(error) => assert_short_line(&error),
    }
}

fn headers(text: &str) {
    let lines = text.lines().filter_map(|line| line.split_once(": "));
    match storage_headers(lines) {
        Ok(headers) => {
            for refused in ["host", "authorization", "cookie", "content-length", "transfer-encoding", "connection"] {
                assert!(!headers.contains_key(refused), "{refused}");
            }
            assert!(headers.values().all(http::HeaderValue::is_sensitive));
        }
        Err(error) => assert_short_line(&error),
    }
}

fn timestamp(text: &str) {
    if let Ok(timestamp) = text.parse::<OffsetDateTime>() {
        assert_eq!(timestamp.as_str(), text);
        let _ = (timestamp.unix_millis().to_system_time(), timestamp.to_system_time(), timestamp.to_chrono());
        let _ = (time::OffsetDateTime::try_from(&timestamp), timestamp.offset_seconds());
        let decoded = serde_json::to_string(&timestamp).and_then(|json| serde_json::from_str::<OffsetDateTime>(&json));
        assert_eq!(decoded.ok(), Some(timestamp));
    }
    if let Ok(number) = serde_json::from_str::<UnixMillis>(text) {
        let _ = (number.to_system_time(), number.to_chrono(), time::OffsetDateTime::try_from(number));
        if let Some(timestamp) = number.to_system_time() {
            assert_eq!(UnixMillis::from_system_time(timestamp), number);
            let _ = OffsetDateTime::from_system_time(timestamp);
        }
    }
    if let Ok(number) = serde_json::from_str::<UnixSeconds>(text) {
        let _ = (number.to_system_time(), number.to_chrono(), time::OffsetDateTime::try_from(number));
    }
}

fn settings(text: &str) {
    match sftptogo::FileLogin::from_url(&Secret::new(text)) {
        Ok(login) => assert!(
            login.password.expose().len() < 8
                || !format!("{login:?}").contains(login.password.expose())
                || login.host.contains(login.password.expose())
                || login.user_name.contains(login.password.expose())
        ),
        Err(error) => assert_short_line(&error),
    }
    let _ = text.parse::<Origin>();
    let address = stook::WrapAddress::from(text);
    assert_eq!(address.check().is_ok(), address.is_all() || address.net().is_some());
    if let Err(error) = address.check() {
        assert_short_line(&error);
    }
    if let Err(error) = sftptogo::InboundRule::allow(text).source_net() {
        assert_short_line(&error);
    }
}

fn token(text: &str) {
    if let Ok(token) = serde_json::from_str::<ResumeToken>(text) {
        let _ = (token.parts(), token.size(), format!("{token:?}"));
        let _ = token.parts_done();
        let json = serde_json::to_string(&token).expect("JSON");
        assert!(serde_json::from_str::<ResumeToken>(&json).is_ok());
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    presigned_url(text);
    name(text);
    headers(text);
    timestamp(text);
    settings(text);
    token(text);
});

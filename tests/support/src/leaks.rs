//! Checks that text contains no secret. All secrets of the tests start with [`MARK`].

use std::fmt::{Debug, Display};

use http::header::COOKIE;
use mft_common::Error;
use mft_common::raw::RawCall;
use serde::Serialize;

/// The prefix of every secret in the tests.
pub const MARK: &str = "MARK";

#[track_caller]
fn hides(format: &str, text: &str) {
    assert!(!text.is_empty() && !text.contains(MARK), "{format} contains a secret: {text}");
}

/// Asserts that both `Debug` formats print text without secrets.
#[track_caller]
pub fn debug_hides(value: &impl Debug) {
    hides("Debug", &format!("{value:?}"));
    hides("alternate Debug", &format!("{value:#?}"));
}

/// Asserts that both `Debug` and both `Display` formats print text without secrets.
#[track_caller]
pub fn both_hide(value: &(impl Debug + Display)) {
    debug_hides(value);
    hides("Display", &value.to_string());
    hides("alternate Display", &format!("{value:#}"));
}

/// Asserts that neither the error, its sources nor its fields contain a secret.
#[track_caller]
pub fn error_hides(error: &Error) {
    both_hide(error);
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        both_hide(&cause);
        source = cause.source();
    }
    for text in [error.message(), error.code(), error.request_id()].into_iter().flatten() {
        assert!(!text.contains(MARK), "{text}");
    }
}

/// Asserts that a request body prints no secret and serializes the given one. Without the secret, the check would prove
/// nothing.
#[track_caller]
pub fn request_hides(request: &(impl Debug + Serialize), marker: &str) {
    debug_hides(request);
    assert!(serde_json::to_string(request).unwrap().contains(marker), "{marker} is not serialized");
}

/// Asserts that a raw call hides the secrets of its query, headers and JSON body, and that its response hides the
/// secret in its body.
pub async fn raw_call_hides(call: RawCall, request: &impl Serialize, secret: &str) {
    let call = call.query("token", "MARK-query").header(COOKIE, "MARK-cookie").json_body(request);
    debug_hides(&call);
    let response = call.into_call().await.unwrap();
    assert!(String::from_utf8_lossy(&response.body).contains(secret));
    debug_hides(&response);
}

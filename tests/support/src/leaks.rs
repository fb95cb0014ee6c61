//! Whether a text shows a secret: all secrets of the tests begin with [`MARK`].

use std::fmt::{Debug, Display};

use http::header::COOKIE;
use mft_common::{Error, RawCall};
use serde::Serialize;

/// Every secret that must not be seen anywhere begins like this.
pub const MARK: &str = "MARK";

#[track_caller]
fn hides(what: &str, shown: &str) {
    assert!(!shown.is_empty() && !shown.contains(MARK), "{what} shows a secret: {shown}");
}

/// Both forms of `Debug` say something, and no secret.
#[track_caller]
pub fn debug_hides(value: &impl Debug) {
    hides("Debug", &format!("{value:?}"));
    hides("alternate Debug", &format!("{value:#?}"));
}

/// Both forms of `Debug` and of `Display` say something, and no secret.
#[track_caller]
pub fn both_hide(value: &(impl Debug + Display)) {
    debug_hides(value);
    hides("Display", &value.to_string());
    hides("alternate Display", &format!("{value:#}"));
}

/// Neither the error shows a secret, nor one of its causes, nor what it tells apart.
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

/// A request shows no secret, and sends this one: a marker that is not there at all would prove nothing.
#[track_caller]
pub fn request_hides(request: &(impl Debug + Serialize), marker: &str) {
    debug_hides(request);
    assert!(serde_json::to_string(request).unwrap().contains(marker), "{marker} was not planted");
}

/// A raw call hides the secrets of its query, its headers and its JSON, and its reply the secret that it holds.
pub async fn raw_call_hides(call: RawCall, request: &impl Serialize, replied: &str) {
    let call = call.query("token", "MARK-query").header(COOKIE, "MARK-cookie").json_body(request);
    debug_hides(&call);
    let reply = call.into_call().await.unwrap();
    assert!(String::from_utf8_lossy(&reply.body).contains(replied));
    debug_hides(&reply);
}

//! Invalid input is rejected with the name of the field, before any request is sent. Secrets of the tests are
//! `hunter2`.

use mft_common::testing::MockTransport;
use mft_common::{ErrorKind, Outcome, Result};

/// Keys that cannot be sent in a header.
pub const UNSENDABLE: [&str; 6] = ["", "   ", "hunter2\n", "hunter2\r\nX-Evil: 1", "hunter2\u{e9}", "hunter2\0"];

/// Asserts that the error names the field and the operation, contains no secret, and occurred before any request was
/// sent. Returns its message.
#[track_caller]
pub fn refused<T>(provider: &str, result: Result<T>, script: &MockTransport, field: &str) -> String {
    let error = result.err().expect(field);
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::InvalidInput, Outcome::NotDone, 0));
    assert!(error.message().is_some_and(|message| message.starts_with(&format!("{field} "))), "{field}: {error}");
    assert!(error.operation().is_some_and(|name| name.starts_with(&format!("{provider}."))), "{error}");
    assert!(script.calls().is_empty(), "{field} was sent");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    error.to_string()
}

/// Asserts that no client is built, and that the error contains the reason but no secret.
#[track_caller]
pub fn assert_build_fails<T>(built: Result<T>, expected: &str) {
    let error = built.err().expect(expected);
    assert!(error.is_invalid_input() && error.to_string().contains(expected), "{expected}: {error}");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}

/// Settings that every client rejects, given a function that returns a builder.
#[macro_export]
macro_rules! invalid_settings_are_rejected {
    ($builder:expr) => {{
        use std::time::Duration;
        let builder = $builder;
        let scripted = || builder().transport(mft_common::testing::MockTransport::new());
        for (builder, expected) in [
            (builder().base_url("http://127.0.0.1:9"), "allow_http()"),
            (builder().base_url("api.example"), "is not an absolute URL such as https://"),
            (builder().base_url("ftp://api.example"), "must begin with https://"),
            (builder().base_url("https://user:hunter2@api.example"), "must not contain a user name or password"),
            (builder().base_url("https://api.example/?key=hunter2"), "must not contain a query"),
            (builder().connect_timeout(Duration::from_secs(40)), "connect"),
            (builder().attempt_timeout(Duration::ZERO), "attempt"),
            (builder().call_timeout(Duration::from_secs(1)), "call_timeout"),
            (builder().max_concurrent_calls(0), "max_concurrent_calls"),
            (scripted().user_agent("two\nlines"), "user_agent"),
            (scripted().no_proxy(), "transport is custom"),
            (scripted().connect_timeout(Duration::from_secs(1)), "transport is custom"),
        ] {
            $crate::input::assert_build_fails(builder.build(), expected);
        }
    }};
}

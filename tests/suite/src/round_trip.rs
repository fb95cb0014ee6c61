//! Input arrives unchanged, or it is rejected before any request is sent.

use std::fmt::Debug;

use mft_common::{Error, Result};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::Provider;

/// Strings that often break URL libraries, servers and JSON encoders.
pub const EDGE_CASES: &[&str] = &[
    "a b",
    "100%",
    "%2e%2e",
    "%2F",
    "a?b=c",
    "a#b",
    "a+b",
    "a;b",
    "a//b",
    "/a",
    "a/",
    "../users",
    "a/../b",
    ".json",
    "...",
    "{credential_id}",
    "{}",
    "'",
    "\"",
    "\\",
    "\\..\\",
    "<&>",
    "ü",
    "é\u{301}",
    "日本",
    "🗝\u{fe0f}",
    "\u{202e}x",
    "a:b",
    "a@b",
    "~",
    "!$&'()*,;=",
    "|",
    "^`",
    "\u{7f}",
    "\u{feff}",
    "null",
    "0",
    "-1",
    " ",
    " a ",
];

/// Returns a strategy for strings of all kinds, many of them edge cases.
pub fn edge_case() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(EDGE_CASES).prop_map(ToOwned::to_owned),
        "[ -~]{1,24}",
        "\\PC{1,12}",
        prop::collection::vec(prop::sample::select(EDGE_CASES), 2..4).prop_map(|parts| parts.concat()),
    ]
}

/// Runs a property test with the given number of cases.
pub fn check<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Debug,
{
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    TestRunner::new(config).run(strategy, test).unwrap_or_else(|failure| panic!("{failure}"));
}

/// Converts the error of a failed call for [`check`].
#[must_use]
pub fn failed(error: &Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Fails unless every id is sent as one path segment. `fetch` stores an object under an id, fetches it, removes it, and
/// returns the id of the fetched object.
pub fn ids_are_one_segment<P: Provider>(provider: &P, fetch: impl Fn(&str) -> Result<String>) {
    let check_id = |id: String| {
        let requests_before = provider.journal().len();
        match fetch(&id) {
            Ok(fetched) => prop_assert_eq!(fetched, id),
            Err(error) => {
                prop_assert!(error.is_invalid_input(), "{:?}: {}", id, error);
                prop_assert!(is_invalid_segment(&id), "{:?}: {}", id, error);
                prop_assert_eq!(provider.journal().len(), requests_before, "a request was sent for {:?}", id);
            }
        }
        Ok(())
    };
    let all = EDGE_CASES.iter().copied();
    for id in all.chain(["", ".", "..", "a\r\nb", "a\0b", "\t"]) {
        check_id(id.to_owned()).expect("every id is one path segment");
    }
    check(64, &edge_case(), check_id);
}

/// Returns whether an id must be rejected because a server would resolve it to another path.
#[must_use]
pub fn is_invalid_segment(id: &str) -> bool {
    matches!(id, "" | "." | "..") || id.contains(char::is_control)
}

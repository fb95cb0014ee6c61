//! Whatever the caller puts in arrives as it was, or is refused before anything is sent.

use std::fmt::Debug;

use mft_common::{Error, Result};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::Provider;
use crate::support::AWKWARD;

/// Texts of all kinds, many of them awkward.
pub fn awkward() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(AWKWARD).prop_map(ToOwned::to_owned),
        "[ -~]{1,24}",
        "\\PC{1,12}",
        prop::collection::vec(prop::sample::select(AWKWARD), 2..4).prop_map(|parts| parts.concat()),
    ]
}

/// Runs a test with so many values.
pub fn check<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: Debug,
{
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    TestRunner::new(config).run(strategy, test).unwrap_or_else(|failure| panic!("{failure}"));
}

/// For tests that are given to [`check`]: a call failed.
#[must_use]
pub fn failed(error: &Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Fails unless every id is one segment of a path. `fetch` stores something under an id, fetches it, removes it, and
/// gives the id of what came.
pub fn every_id_is_one_segment<P: Provider>(provider: &P, fetch: impl Fn(&str) -> Result<String>) {
    let look = |id: String| {
        let sent = provider.journal().len();
        match fetch(&id) {
            Ok(found) => prop_assert_eq!(found, id),
            Err(refused) => {
                prop_assert!(refused.is_invalid_input(), "{:?}: {}", id, refused);
                prop_assert!(is_no_segment(&id), "{:?}: {}", id, refused);
                prop_assert_eq!(provider.journal().len(), sent, "something was sent for {:?}", id);
            }
        }
        Ok(())
    };
    let all = AWKWARD.iter().copied();
    for id in all.chain(["", ".", "..", "a\r\nb", "a\0b", "\t"]) {
        look(id.to_owned()).expect("every id is one segment");
    }
    check(64, &awkward(), look);
}

/// What has to be refused: a server would take it for another path.
#[must_use]
pub fn is_no_segment(id: &str) -> bool {
    matches!(id, "" | "." | "..") || id.contains(char::is_control)
}

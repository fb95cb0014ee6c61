//! Checks of lists.

use mft_common::{ErrorKind, Outcome, Pager};

/// Asserts that a malformed list fails to decode, that the error does not quote the response, and that the list ends
/// after the error. The text `hidden` marks content of the response.
pub async fn assert_malformed<T: Send + 'static>(mut list: Pager<T>, case: &str) {
    let error = list.try_next().await.err().unwrap_or_else(|| panic!("{case}: no error"));
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::NotDone), "{case}: {error}");
    assert!(!error.to_string().contains("hidden"), "{case}: {error}");
    assert!(list.try_next().await.is_ok_and(|next| next.is_none()), "{case}: a list ends after an error");
}

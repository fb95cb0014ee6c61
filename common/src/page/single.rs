//! A list that comes in one piece.

use serde::de::DeserializeOwned;

use super::Pager;
use super::pager::{Fetched, Pages, Rules};
use crate::pipeline::builder::CallBuilder;

impl<T: DeserializeOwned + Send + 'static> Pager<T> {
    /// A list that the service sends as one JSON array, for provider crates.
    ///
    /// It is a pager all the same: paging can arrive without a change for the caller.
    pub fn single(operation: &'static str, call: impl Fn() -> CallBuilder + Send + 'static) -> Self {
        let rules = Rules { paged: false, largest_page: None };
        Self::over(Pages::new(operation, rules, move |_, _| {
            call().decode(|reply| Ok(Fetched { items: reply.json()?, next: None, fingerprint: 0 }))
        }))
    }
}

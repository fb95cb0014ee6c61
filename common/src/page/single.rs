//! Lists in a single response.

use serde::de::DeserializeOwned;

use super::Pager;
use super::pager::{Fetched, Pages, Rules};
use crate::Result;
use crate::pipeline::call::builder::CallBuilder;
use crate::pipeline::call::response::BufferedResponse;

impl<T: DeserializeOwned + Send + 'static> Pager<T> {
    /// Returns a list that the service sends as one JSON array, for provider crates.
    ///
    /// It is a pager, so that pagination can be added later without a breaking change.
    pub fn single(operation: &'static str, call: impl Fn() -> CallBuilder + Send + 'static) -> Self {
        Self::single_by(operation, call, BufferedResponse::json)
    }
}

impl<T: Send + 'static> Pager<T> {
    /// Returns a list in a single response that is not a plain JSON array.
    pub fn single_by(
        operation: &'static str,
        call: impl Fn() -> CallBuilder + Send + 'static,
        decode: fn(&BufferedResponse) -> Result<Vec<T>>,
    ) -> Self {
        let rules = Rules { paged: false, largest_page: None };
        Self::over(Pages::new(operation, rules, move |_, _| {
            call().decode(move |response| Ok(Fetched { items: decode(response)?, next: None, fingerprint: 0 }))
        }))
    }
}

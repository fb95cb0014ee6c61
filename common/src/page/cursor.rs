//! Cursor pagination.

use super::Pager;
use super::pager::{Cursor, Fetched, Pages, Rules, fingerprint};
use crate::Result;
use crate::pipeline::call::builder::CallBuilder;
use crate::pipeline::call::response::BufferedResponse;

/// One decoded page, for provider crates.
#[derive(Debug)]
pub struct CursorPage<T> {
    /// The entries.
    pub items: Vec<T>,
    /// The cursor of the next page. `None` only if the service states that this is the last page. A response that announces
    /// more entries without a cursor is an error, not the end.
    pub next: Option<Cursor>,
}

impl<T: Send + 'static> Pager<T> {
    /// Returns a list with cursor pagination, for provider crates.
    ///
    /// An empty page with a cursor is not the end. A repeated cursor is an error. `decode` gets the cursor of the request,
    /// for services whose responses identify their page.
    pub fn by_cursor(
        operation: &'static str,
        largest_page: Option<u32>,
        call: impl Fn(Option<&Cursor>, Option<u32>) -> CallBuilder + Send + 'static,
        decode: fn(&BufferedResponse, Option<&Cursor>) -> Result<CursorPage<T>>,
    ) -> Self {
        let rules = Rules { paged: true, largest_page };
        Self::over(Pages::new(operation, rules, move |cursor, size| {
            let requested = cursor.cloned();
            call(cursor, size).decode(move |response| {
                let CursorPage { items, next } = decode(response, requested.as_ref())?;
                if next.is_some() && next == requested {
                    return Err(response.undecodable("the cursor does not advance"));
                }
                Ok(Fetched { items, next, fingerprint: fingerprint(response) })
            })
        }))
    }
}

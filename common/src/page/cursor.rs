//! A list in which every page says where the next one begins.

use super::Pager;
use super::pager::{Cursor, Fetched, Pages, Rules, fingerprint};
use crate::Result;
use crate::pipeline::call::builder::CallBuilder;
use crate::pipeline::call::response::BufferedResponse;

/// One page as a provider crate decoded it.
#[derive(Debug)]
pub struct CursorPage<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next page begins. `None` only where the service says that this is the last one: a reply that promises
    /// more and does not say where is an error, not an end.
    pub next: Option<Cursor>,
}

impl<T: Send + 'static> Pager<T> {
    /// A list by cursors, for provider crates.
    ///
    /// An empty page with a cursor is not the end. A cursor that was seen before is an error. `decode` is given the cursor
    /// that was asked with, for services whose replies tell which page they are.
    pub fn by_cursor(
        operation: &'static str,
        largest_page: Option<u32>,
        call: impl Fn(Option<&Cursor>, Option<u32>) -> CallBuilder + Send + 'static,
        decode: fn(&BufferedResponse, Option<&Cursor>) -> Result<CursorPage<T>>,
    ) -> Self {
        let rules = Rules { paged: true, largest_page };
        Self::over(Pages::new(operation, rules, move |cursor, size| {
            let asked = cursor.cloned();
            call(cursor, size).decode(move |reply| {
                let CursorPage { items, next } = decode(reply, asked.as_ref())?;
                if next.is_some() && next == asked {
                    return Err(reply.undecodable("the cursor stands still"));
                }
                Ok(Fetched { items, next, fingerprint: fingerprint(reply) })
            })
        }))
    }
}

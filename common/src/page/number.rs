//! A list whose pages have numbers and whose end is a page that is not full.

use super::Pager;
use super::pager::{Cursor, Fetched, Pages, Rules, fingerprint};
use crate::pipeline::builder::CallBuilder;
use crate::pipeline::call::Reply;
use crate::{Error, Result};

/// How a service numbers its pages.
#[derive(Debug, Clone, Copy)]
pub struct PageNumbers {
    /// Entries on a full page when no size is asked for.
    pub default_size: u32,
    /// The largest size that may be asked for.
    pub largest_size: u32,
}

impl<T: Send + 'static> Pager<T> {
    /// A list by page numbers from 1, for provider crates.
    ///
    /// A page with at least as many entries as asked for calls for the next; fewer, zero included, end the list. A page
    /// that repeats the one before byte for byte, as a service sends it that ignores the number, is an error.
    pub fn numbered(
        operation: &'static str,
        numbers: PageNumbers,
        call: impl Fn(u64, Option<u32>) -> CallBuilder + Send + 'static,
        decode: fn(&Reply) -> Result<Vec<T>>,
    ) -> Self {
        let rules = Rules { paged: true, largest_page: Some(numbers.largest_size) };
        Self::over(Pages::new(operation, rules, move |cursor, size| {
            let number = cursor.map_or(Ok(1), page_number);
            let full = size.unwrap_or(numbers.default_size) as usize;
            let page = number.as_ref().copied().unwrap_or(1);
            call(page, size).check(number.map(|_| ())).decode(move |reply| {
                let items = decode(reply)?;
                let next = (items.len() >= full).then(|| Cursor::from((page + 1).to_string()));
                Ok(Fetched { items, next, fingerprint: fingerprint(reply) })
            })
        }))
    }
}

fn page_number(cursor: &Cursor) -> Result<u64> {
    let number = cursor.as_str().parse().ok().filter(|number| (1..u64::MAX).contains(number));
    number.ok_or_else(|| Error::invalid_input("resume_from", "is not a cursor of this list"))
}

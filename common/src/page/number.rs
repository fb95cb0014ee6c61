//! Pagination by page number. A page that is not full is the last one.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use super::Pager;
use super::pager::{Cursor, Fetched, Pages, Rules, fingerprint};
use crate::pipeline::call::builder::CallBuilder;
use crate::pipeline::call::response::BufferedResponse;
use crate::{Error, Result};

/// How a service numbers its pages.
#[derive(Debug, Clone, Copy)]
pub struct PageNumbers {
    /// The number of entries per page if the request does not set one.
    pub default_size: u32,
    /// The maximum page size, if the service documents one.
    pub largest_size: Option<u32>,
}

/// How the entries of a numbered list are identified.
#[derive(Debug)]
pub enum Identity<T> {
    /// They have no identity. A page with the same bytes as the previous one is an error.
    Unknown,
    /// By a key. A page whose first and last keys equal those of the previous one is an error.
    Key(fn(&T) -> u64),
    /// By a key, in a list that grows at the front while it is read. Entries that move from one page to the next are
    /// returned only once.
    KeyNewestFirst(fn(&T) -> u64),
}

impl<T: Send + 'static> Pager<T> {
    /// Returns a list with page numbers from 1, for provider crates.
    ///
    /// A page with fewer entries than the page size is the last one. A page that repeats the previous one is an error: the
    /// service ignores the page number.
    pub fn numbered(
        operation: &'static str,
        numbers: PageNumbers,
        identity: Identity<T>,
        call: impl Fn(u64, Option<u32>) -> CallBuilder + Send + 'static,
        decode: fn(&BufferedResponse) -> Result<Vec<T>>,
    ) -> Self {
        let rules = Rules { paged: true, largest_page: numbers.largest_size };
        let recent = Arc::new(Mutex::new(RecentKeys::default()));
        Self::over(Pages::new(operation, rules, move |cursor, size| {
            let number = cursor.map_or(Ok(1), page_number);
            let full = size.unwrap_or(numbers.default_size) as usize;
            let page = number.as_ref().copied().unwrap_or(1);
            let (identity, recent) = (identity, Arc::clone(&recent));
            call(page, size).check(number.map(|_| ())).decode(move |response| {
                let mut items = decode(response)?;
                let next = (items.len() >= full).then(|| Cursor::from((page + 1).to_string()));
                let fingerprint = match identity {
                    Identity::Unknown => fingerprint(response),
                    Identity::Key(key) => ends(&items, key),
                    Identity::KeyNewestFirst(key) => {
                        let mut recent = recent.lock().unwrap_or_else(PoisonError::into_inner);
                        recent.drop_known(&mut items, key)?;
                        page // Always different: the keys detect repeated entries.
                    }
                };
                Ok(Fetched { items, next, fingerprint })
            })
        }))
    }
}

impl<T> Clone for Identity<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Identity<T> {}

/// The number of keys that are kept. If more entries are added between two requests, some are returned twice. The keys
/// occupy about 3 MiB.
const KNOWN_KEYS: usize = 100_000;

/// The keys of the last pages of a list that grows at the front.
#[derive(Default)]
struct RecentKeys {
    known: HashSet<u64>,
    /// The keys from oldest to newest.
    order: VecDeque<u64>,
    /// The fingerprint of the previous page if it had no new entries.
    stale: Option<u64>,
}

impl RecentKeys {
    /// Removes entries of earlier pages. A page without new entries occurs if a whole page of entries was added at the
    /// front. If it occurs twice in a row, the service ignores the page number.
    fn drop_known<T>(&mut self, items: &mut Vec<T>, key: fn(&T) -> u64) -> Result<()> {
        let (received, fingerprint) = (items.len(), ends(items, key));
        items.retain(|item| {
            let is_new = self.known.insert(key(item));
            if is_new {
                self.order.push_back(key(item));
            }
            is_new
        });
        while self.order.len() > KNOWN_KEYS.max(received) {
            self.order.pop_front().map(|oldest| self.known.remove(&oldest));
        }
        let stale = (received > 0 && items.is_empty()).then_some(fingerprint);
        if stale.is_some() && stale == self.stale {
            return Err(Error::protocol("the service returned the same page again: it ignores the page number"));
        }
        self.stale = stale;
        Ok(())
    }
}

/// Returns a fingerprint of the first and last key. Details of the entries may change between two requests.
fn ends<T>(items: &[T], key: fn(&T) -> u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (items.first().map(key), items.last().map(key), items.len()).hash(&mut hasher);
    hasher.finish()
}

fn page_number(cursor: &Cursor) -> Result<u64> {
    let number = cursor.as_str().parse().ok().filter(|number| (1..u64::MAX).contains(number));
    number.ok_or_else(|| Error::invalid_input("resume_from", "is not a cursor of this list"))
}

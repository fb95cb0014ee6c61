//! A list whose pages have numbers and whose end is a page that is not full.

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
    /// Entries on a full page when no size is asked for.
    pub default_size: u32,
    /// The largest size that may be asked for, where the service names one.
    pub largest_size: Option<u32>,
}

/// How the entries of a numbered list are told apart.
#[derive(Debug)]
pub enum Identity<T> {
    /// They cannot be. A page that repeats the one before byte for byte is an error.
    Unknown,
    /// By a key. A page that begins and ends like the one before is an error.
    Key(fn(&T) -> u64),
    /// By a key, in a list that grows at its front while it is read: what is pushed from one page to the next is not
    /// given out a second time.
    KeyNewestFirst(fn(&T) -> u64),
}

impl<T: Send + 'static> Pager<T> {
    /// A list by page numbers from 1, for provider crates.
    ///
    /// A page with at least as many entries as asked for calls for the next; fewer, zero included, end the list. A page
    /// that repeats the one before, as a service sends it that ignores the number, is an error.
    pub fn numbered(
        operation: &'static str,
        numbers: PageNumbers,
        identity: Identity<T>,
        call: impl Fn(u64, Option<u32>) -> CallBuilder + Send + 'static,
        decode: fn(&BufferedResponse) -> Result<Vec<T>>,
    ) -> Self {
        let rules = Rules { paged: true, largest_page: numbers.largest_size };
        let pushed = Arc::new(Mutex::new(Pushed::default()));
        Self::over(Pages::new(operation, rules, move |cursor, size| {
            let number = cursor.map_or(Ok(1), page_number);
            let full = size.unwrap_or(numbers.default_size) as usize;
            let page = number.as_ref().copied().unwrap_or(1);
            let (identity, pushed) = (identity, Arc::clone(&pushed));
            call(page, size).check(number.map(|_| ())).decode(move |reply| {
                let mut items = decode(reply)?;
                let next = (items.len() >= full).then(|| Cursor::from((page + 1).to_string()));
                let fingerprint = match identity {
                    Identity::Unknown => fingerprint(reply),
                    Identity::Key(key) => ends(&items, key),
                    Identity::KeyNewestFirst(key) => {
                        let mut pushed = pushed.lock().unwrap_or_else(PoisonError::into_inner);
                        pushed.drop_known(&mut items, key)?;
                        page // Never the same: what comes again is told by the keys.
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

/// How many keys are remembered: more than so many new entries between two pages bring some a second time. They take
/// about 3 MiB.
const KNOWN_KEYS: usize = 100_000;

/// What the last pages brought, in a list that grows at its front.
#[derive(Default)]
struct Pushed {
    known: HashSet<u64>,
    /// The same, the oldest first.
    order: VecDeque<u64>,
    /// Of the page before, if it brought nothing new.
    stale: Option<u64>,
}

impl Pushed {
    /// Drops what came before. A page without anything new happens where as many entries came at the front as a page has;
    /// the same one twice in a row is a service that ignores the number.
    fn drop_known<T>(&mut self, items: &mut Vec<T>, key: fn(&T) -> u64) -> Result<()> {
        let (came, fingerprint) = (items.len(), ends(items, key));
        items.retain(|item| {
            let is_new = self.known.insert(key(item));
            if is_new {
                self.order.push_back(key(item));
            }
            is_new
        });
        while self.order.len() > KNOWN_KEYS.max(came) {
            self.order.pop_front().map(|oldest| self.known.remove(&oldest));
        }
        let stale = (came > 0 && items.is_empty()).then_some(fingerprint);
        if stale.is_some() && stale == self.stale {
            return Err(Error::protocol("the list came with the same page again: the service ignores where to go on"));
        }
        self.stale = stale;
        Ok(())
    }
}

/// Of the first and the last entry: the others may change a detail from one moment to the next.
fn ends<T>(items: &[T], key: fn(&T) -> u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    (items.first().map(key), items.last().map(key), items.len()).hash(&mut hasher);
    hasher.finish()
}

fn page_number(cursor: &Cursor) -> Result<u64> {
    let number = cursor.as_str().parse().ok().filter(|number| (1..u64::MAX).contains(number));
    number.ok_or_else(|| Error::invalid_input("resume_from", "is not a cursor of this list"))
}

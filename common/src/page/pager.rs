//! The pager: what every list of the family returns.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::Call;
use crate::http::transport::BoxFuture;
use crate::pipeline::call::response::BufferedResponse;
use crate::{Error, Result};

/// How many pages without a single entry may follow one another.
const MAX_EMPTY_PAGES: u32 = 1_000;

/// Where a list goes on. Opaque, printable, and all that is needed to resume.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor(Box<str>);

impl Cursor {
    /// Wraps a cursor that was printed before.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The cursor as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Cursor {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// The entries, in the service's order.
    pub items: Vec<T>,
    /// Where the list goes on, or `None` at its end.
    pub next: Option<Cursor>,
}

/// What one request brought.
pub(super) struct Fetched<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<Cursor>,
    /// Of the bytes that came, to recognise a service that ignores where it is asked to go on.
    pub(super) fingerprint: u64,
}

pub(super) fn fingerprint(reply: &BufferedResponse) -> u64 {
    let mut hasher = DefaultHasher::new();
    reply.body.hash(&mut hasher);
    hasher.finish()
}

/// What a way of paging allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) paged: bool,
    pub(super) largest_page: Option<u32>,
}

type Fetch<T> = Box<dyn Fn(Option<&Cursor>, Option<u32>) -> Call<Fetched<T>> + Send>;

/// Where a list stands.
#[derive(Debug)]
enum FieldLocation {
    Beginning,
    Before(Cursor),
    End,
}

impl FieldLocation {
    fn cursor(&self) -> Option<&Cursor> {
        if let Self::Before(cursor) = self { Some(cursor) } else { None }
    }
}

/// A list as a stream of pages.
#[must_use = "a list is empty until it is polled"]
pub struct Pages<T> {
    operation: &'static str,
    fetch: Fetch<T>,
    rules: Rules,
    size: Option<u32>,
    page_limit: Option<u32>,
    prefetch: bool,
    place: FieldLocation,
    /// Entries of a page that was begun as a list of entries.
    left_over: Option<Vec<T>>,
    under_way: Option<BoxFuture<'static, Result<Fetched<T>>>>,
    guard: Guard,
}

/// What tells a list that goes on from one that goes in circles.
#[derive(Default)]
struct Guard {
    pages: u32,
    empty_pages: u32,
    cursors: HashSet<u64>,
    last: Option<u64>,
}

impl Guard {
    fn has_seen(&mut self, cursor: &Cursor) -> bool {
        let mut hasher = DefaultHasher::new();
        cursor.hash(&mut hasher);
        !self.cursors.insert(hasher.finish())
    }

    fn check<T>(&mut self, fetched: &Fetched<T>, page_limit: Option<u32>) -> Result<()> {
        self.pages += 1;
        self.empty_pages = if fetched.items.is_empty() { self.empty_pages + 1 } else { 0 };
        let repeated = self.last.replace(fetched.fingerprint) == Some(fetched.fingerprint);
        if repeated && !fetched.items.is_empty() {
            return Err(Error::protocol("the list came with the same page twice: the service ignores where to go on"));
        }
        let Some(next) = &fetched.next else { return Ok(()) };
        if self.has_seen(next) {
            return Err(Error::protocol("the list goes in circles: a cursor came a second time"));
        }
        if self.empty_pages >= MAX_EMPTY_PAGES {
            return Err(Error::protocol("the list goes on and on without an entry"));
        }
        if page_limit.is_some_and(|most| self.pages >= most) {
            return Err(Error::protocol(format_args!(
                "the list has more pages than the {} asked for at most",
                self.pages
            )));
        }
        Ok(())
    }
}

impl<T: Send + 'static> Pages<T> {
    pub(super) fn new(
        operation: &'static str,
        rules: Rules,
        fetch: impl Fn(Option<&Cursor>, Option<u32>) -> Call<Fetched<T>> + Send + 'static,
    ) -> Self {
        Self {
            operation,
            fetch: Box::new(fetch),
            rules,
            size: None,
            page_limit: None,
            prefetch: false,
            place: FieldLocation::Beginning,
            left_over: None,
            under_way: None,
            guard: Guard::default(),
        }
    }

    /// The next page, or `None` after the last one.
    ///
    /// # Errors
    ///
    /// What the request for the page ends in. After an error the list is at its end; go on with
    /// [`Pager::resume_from`] and the last page's cursor.
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>> {
        std::future::poll_fn(|context| self.poll_page(context)).await.transpose()
    }

    fn check_options(&self) -> Result<()> {
        let refuse = |field, problem: String| Err(Error::invalid_input(field, problem).with_operation(self.operation));
        match self.size {
            Some(0) => return refuse("page_size", "is zero".to_owned()),
            Some(_) if !self.rules.paged => {
                return refuse("page_size", "is set on a list that has no pages".to_owned());
            }
            Some(size) if self.rules.largest_page.is_some_and(|most| size > most) => {
                let most = self.rules.largest_page.unwrap_or_default();
                return refuse("page_size", format!("is {size}, above the service's limit of {most}"));
            }
            _ => {}
        }
        if !self.rules.paged && matches!(self.place, FieldLocation::Before(_)) {
            return refuse("resume_from", "is set on a list that has no pages".to_owned());
        }
        Ok(())
    }

    fn start(&mut self) {
        if self.under_way.is_none() && !matches!(self.place, FieldLocation::End) {
            self.under_way = Some((self.fetch)(self.place.cursor(), self.size).into_future());
        }
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        if matches!((&self.place, self.guard.pages), (FieldLocation::Beginning | FieldLocation::Before(_), 0))
            && self.under_way.is_none()
            && let Err(error) = self.check_options()
        {
            self.place = FieldLocation::End;
            return Poll::Ready(Some(Err(error)));
        }
        if let Some(items) = self.left_over.take() {
            return Poll::Ready(Some(Ok(Page { items, next: self.place.cursor().cloned() })));
        }
        self.start();
        let Some(under_way) = &mut self.under_way else { return Poll::Ready(None) };
        let result = ready!(under_way.as_mut().poll(context));
        self.under_way = None;
        self.place = FieldLocation::End;
        let operation = self.operation;
        let page = result.and_then(|fetched| {
            self.guard.check(&fetched, self.page_limit).map_err(|error| error.with_operation(operation))?;
            if let Some(next) = &fetched.next {
                self.place = FieldLocation::Before(next.clone());
            }
            Ok(Page { items: fetched.items, next: fetched.next })
        });
        if self.prefetch {
            self.poll_ahead(context);
        }
        Poll::Ready(Some(page))
    }

    /// Gets the next request on its way. Its connection then works while the caller looks at the current page.
    fn poll_ahead(&mut self, context: &mut Context<'_>) {
        self.start();
        if let Some(under_way) = &mut self.under_way
            && let Poll::Ready(result) = under_way.as_mut().poll(context)
        {
            self.under_way = Some(Box::pin(std::future::ready(result)));
        }
    }
}

impl<T: Send + 'static> Stream for Pages<T> {
    type Item = Result<Page<T>>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_page(context)
    }
}

impl<T> Unpin for Pages<T> {}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("operation", &self.operation).field("place", &self.place).finish_non_exhaustive()
    }
}

/// A list: a `Stream` of entries that asks for the next page when it needs one.
///
/// Nothing is sent before the first poll, and nothing after the pager was dropped. After an error the list is at its end:
/// a list that breaks off never looks like a complete one.
///
/// # Examples
///
/// ```no_run
/// # async fn run<T: std::fmt::Debug + Send + 'static>(mut list: mft_common::Pager<T>) -> mft_common::Result<()> {
/// while let Some(entry) = list.try_next().await? {
///     println!("{entry:?}");
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a list is empty until it is polled"]
pub struct Pager<T> {
    pages: Pages<T>,
    items: std::vec::IntoIter<T>,
}

impl<T: Send + 'static> Pager<T> {
    pub(super) fn over(pages: Pages<T>) -> Self {
        Self { pages, items: Vec::new().into_iter() }
    }

    /// Entries for each request. More than the service's limit, zero, or any value on a list without pages is
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) at the first poll.
    pub fn page_size(mut self, entries: u32) -> Self {
        self.pages.size = Some(entries);
        self
    }

    /// Begins where an earlier list was left: [`Page::next`].
    pub fn resume_from(mut self, cursor: impl Into<Cursor>) -> Self {
        let cursor = cursor.into();
        // A page that leads back here closes a circle.
        self.pages.guard.has_seen(&cursor);
        self.pages.place = FieldLocation::Before(cursor);
        self
    }

    /// Asks for the next page while the current one is being looked at. Off by default.
    pub fn prefetch(mut self, on: bool) -> Self {
        self.pages.prefetch = on;
        self
    }

    /// Ends in an error where the list has more pages than this, rather than going on for ever.
    pub fn page_limit(mut self, pages: u32) -> Self {
        self.pages.page_limit = Some(pages);
        self
    }

    /// The next entry, or `None` at the end.
    ///
    /// # Errors
    ///
    /// What the request for a page ends in.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|context| self.poll_item(context)).await.transpose()
    }

    /// The list page by page, each with the cursor behind it. Entries that are left of a page already begun come first.
    pub fn into_pages(mut self) -> Pages<T> {
        let left: Vec<T> = self.items.collect();
        self.pages.left_over = (!left.is_empty()).then_some(left);
        self.pages
    }

    /// All entries that are left.
    ///
    /// # Errors
    ///
    /// What the request for a page ends in; what came before is then gone, see [`Pager::into_pages`].
    pub async fn try_collect_vec(mut self) -> Result<Vec<T>> {
        let mut all: Vec<T> = self.items.by_ref().collect();
        while let Some(page) = self.pages.try_next().await? {
            if all.is_empty() { all = page.items } else { all.extend(page.items) }
        }
        Ok(all)
    }

    fn poll_item(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if let Some(item) = self.items.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll_page(context)) {
                Some(Ok(page)) => self.items = page.items.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T: Send + 'static> Stream for Pager<T> {
    type Item = Result<T>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_item(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.items.len(), None)
    }
}

impl<T> Unpin for Pager<T> {}

impl<T> fmt::Debug for Pager<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pager").field("pages", &self.pages).finish_non_exhaustive()
    }
}

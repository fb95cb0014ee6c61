//! The pager that every list returns.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;

use crate::http::transport::BoxFuture;
use crate::pipeline::call::response::BufferedResponse;
use crate::{Call, Error, Result};

/// The maximum number of consecutive empty pages.
const MAX_EMPTY_PAGES: u32 = 1_000;

crate::id! {
    /// The position of a page. It is opaque, can be printed, and is all that is needed to resume the list.
    Cursor
}

/// One page of a list.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// The entries in the order of the service.
    pub items: Vec<T>,
    /// The cursor of the next page, or `None` on the last page.
    pub next: Option<Cursor>,
}

/// The result of one request.
pub(super) struct Fetched<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<Cursor>,
    /// A hash of the page. It detects a service that ignores the cursor.
    pub(super) fingerprint: u64,
}

pub(super) fn fingerprint(response: &BufferedResponse) -> u64 {
    let mut hasher = DefaultHasher::new();
    response.body.hash(&mut hasher);
    hasher.finish()
}

/// The options that a kind of pagination supports.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) paged: bool,
    pub(super) largest_page: Option<u32>,
}

type Fetch<T> = Box<dyn Fn(Option<&Cursor>, Option<u32>) -> Call<Fetched<T>> + Send>;

/// The position of a list.
#[derive(Debug)]
enum Position {
    Start,
    Before(Cursor),
    End,
}

impl Position {
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
    position: Position,
    /// The remaining entries of the current page.
    remaining: Option<Vec<T>>,
    pending: Option<BoxFuture<'static, Result<Fetched<T>>>>,
    guard: Guard,
}

/// Detects lists that repeat pages or never end.
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
            return Err(Error::protocol("the service returned the same page twice: it ignores the cursor"));
        }
        let Some(next) = &fetched.next else { return Ok(()) };
        if self.has_seen(next) {
            return Err(Error::protocol("the service returned the same cursor twice"));
        }
        if self.empty_pages >= MAX_EMPTY_PAGES {
            return Err(Error::protocol("the service returned too many empty pages"));
        }
        if page_limit.is_some_and(|limit| self.pages >= limit) {
            return Err(Error::protocol(format_args!("the list has more pages than page_limit ({})", self.pages)));
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
            position: Position::Start,
            remaining: None,
            pending: None,
            guard: Guard::default(),
        }
    }

    /// Returns the next page, or `None` after the last one.
    ///
    /// # Errors
    ///
    /// Fails with the error of the request for the page. The list then ends. To continue, pass the cursor of the last page
    /// to [`Pager::resume_from`].
    pub async fn try_next(&mut self) -> Result<Option<Page<T>>> {
        std::future::poll_fn(|context| self.poll_page(context)).await.transpose()
    }

    fn check_options(&self) -> Result<()> {
        let invalid = |field, problem: String| Err(Error::invalid_input(field, problem).with_operation(self.operation));
        match self.size {
            Some(0) => return invalid("page_size", "is zero".to_owned()),
            Some(_) if !self.rules.paged => {
                return invalid("page_size", "is set on a list without pagination".to_owned());
            }
            Some(size) if self.rules.largest_page.is_some_and(|max| size > max) => {
                let max = self.rules.largest_page.unwrap_or_default();
                return invalid("page_size", format!("is {size}; the maximum is {max}"));
            }
            _ => {}
        }
        if !self.rules.paged && matches!(self.position, Position::Before(_)) {
            return invalid("resume_from", "is set on a list without pagination".to_owned());
        }
        Ok(())
    }

    fn start(&mut self) {
        if self.pending.is_none() && !matches!(self.position, Position::End) {
            self.pending = Some((self.fetch)(self.position.cursor(), self.size).into_future());
        }
    }

    fn poll_page(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Page<T>>>> {
        if matches!((&self.position, self.guard.pages), (Position::Start | Position::Before(_), 0))
            && self.pending.is_none()
            && let Err(error) = self.check_options()
        {
            self.position = Position::End;
            return Poll::Ready(Some(Err(error)));
        }
        if let Some(items) = self.remaining.take() {
            return Poll::Ready(Some(Ok(Page { items, next: self.position.cursor().cloned() })));
        }
        self.start();
        let Some(pending) = &mut self.pending else { return Poll::Ready(None) };
        let result = ready!(pending.as_mut().poll(context));
        self.pending = None;
        self.position = Position::End;
        let operation = self.operation;
        let page = result.and_then(|fetched| {
            self.guard.check(&fetched, self.page_limit).map_err(|error| error.with_operation(operation))?;
            if let Some(next) = &fetched.next {
                self.position = Position::Before(next.clone());
            }
            Ok(Page { items: fetched.items, next: fetched.next })
        });
        if self.prefetch {
            self.poll_ahead(context);
        }
        Poll::Ready(Some(page))
    }

    /// Starts the next request. It runs while the caller processes the current page.
    fn poll_ahead(&mut self, context: &mut Context<'_>) {
        self.start();
        if let Some(pending) = &mut self.pending
            && let Poll::Ready(result) = pending.as_mut().poll(context)
        {
            self.pending = Some(Box::pin(std::future::ready(result)));
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

partial_debug!(Pages<T>, self => operation: self.operation, position: self.position);

/// A paginated list: a `Stream` of entries that requests the next page when it needs one.
///
/// Nothing is sent before the first poll or after the pager was dropped. After an error the list ends, so that an
/// incomplete list is never mistaken for a complete one.
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

    /// Sets the number of entries per request. If it is zero, exceeds the maximum of the service, or the list has no
    /// pagination, the first poll fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput). Default: the
    /// default of the service.
    pub fn page_size(mut self, entries: u32) -> Self {
        self.pages.size = Some(entries);
        self
    }

    /// Sets the cursor to start from, which is [`Page::next`](crate::pagination::Page::next) of an earlier list. Default:
    /// the first page.
    pub fn resume_from(mut self, cursor: impl Into<Cursor>) -> Self {
        let cursor = cursor.into();
        // A page that refers back to this cursor would repeat the list.
        self.pages.guard.has_seen(&cursor);
        self.pages.position = Position::Before(cursor);
        self
    }

    /// Sets whether the next page is requested while the current one is processed. Default: false.
    pub fn prefetch(mut self, on: bool) -> Self {
        self.pages.prefetch = on;
        self
    }

    /// Sets the maximum number of pages. If the list has more, it ends with an error. Default: none.
    pub fn page_limit(mut self, pages: u32) -> Self {
        self.pages.page_limit = Some(pages);
        self
    }

    /// Returns the next entry, or `None` at the end.
    ///
    /// # Errors
    ///
    /// Fails with the error of the request for a page.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        std::future::poll_fn(|context| self.poll_item(context)).await.transpose()
    }

    /// Returns the list as pages, each with the cursor of the next one. The remaining entries of the current page come first.
    pub fn into_pages(mut self) -> Pages<T> {
        let items: Vec<T> = self.items.collect();
        self.pages.remaining = (!items.is_empty()).then_some(items);
        self.pages
    }

    /// Returns all remaining entries.
    ///
    /// # Errors
    ///
    /// Fails with the error of the request for a page. The entries of earlier pages are then lost; [`Pager::into_pages`]
    /// keeps them.
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

partial_debug!(Pager<T>, self => pages: self.pages);

//! A whole tree of folders as one stream.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::{self, JoinSet};

use super::{LIST, ListFolder};
use crate::pagination::{Page, Pages};
use crate::path::{FILE_LIMIT, check};
use crate::{Client, Error, File, Outcome, Result};

const DEFAULT_BREADTH: usize = 8;

/// Everything below a folder: a `Stream` of files and folders; from [`Folders::walk`](crate::Folders::walk).
///
/// * A folder comes before what is in it. Beyond that there is no order.
/// * Where the listing of a folder fails, its [`WalkError`] is an item, and the other folders go on. Only what is left of
///   that one folder is missing.
/// * A folder that is listed as part of one it does not lie in, so that a walk could go in circles, is an error and not
///   gone into.
/// * Up to [`Walk::breadth`] listings are under way, each as a task that is ended when the walk is dropped. They are
///   ahead of the reader by one page each and no more; what grows beyond that is only the list of the paths of folders not
///   yet begun.
/// * Nothing is sent before the first poll, which must be inside a Tokio runtime.
///
/// What is created, moved or deleted during the walk may be missed or come twice.
#[must_use = "a walk does nothing until it is polled"]
pub struct Walk {
    client: Client,
    breadth: usize,
    page_size: Option<u32>,
    /// Folders not yet begun, the deepest last: to go down first keeps this list short.
    waiting: Vec<String>,
    /// Folders of which a page is on its way, by the task that fetches it.
    folders: HashMap<task::Id, String>,
    tasks: JoinSet<Fetched>,
    entries: std::vec::IntoIter<File>,
    /// Given out behind the entries that came before them.
    failures: VecDeque<WalkError>,
}

/// A list, and the page of it that a task has fetched.
type Fetched = (Pages<File>, Result<Option<Page<File>>>);

/// The listing of one folder of a [`Walk`] failed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WalkError {
    /// The path of the folder; empty for the root of the site.
    pub folder: String,
    /// Why.
    pub error: Error,
}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the folder {:?} was not listed to its end: {}", self.folder, self.error)
    }
}

impl std::error::Error for WalkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl From<WalkError> for Error {
    fn from(failed: WalkError) -> Self {
        failed.error
    }
}

impl Walk {
    pub(super) fn new(client: Client, path: &str) -> Self {
        Self {
            client,
            breadth: DEFAULT_BREADTH,
            page_size: None,
            // What is wrong with a path is told by its listing.
            waiting: vec![check("path", path, FILE_LIMIT).unwrap_or(path).to_owned()],
            folders: HashMap::new(),
            tasks: JoinSet::new(),
            entries: Vec::new().into_iter(),
            failures: VecDeque::new(),
        }
    }

    /// How many listings may be under way at once. Eight unless set; zero counts as one.
    pub fn breadth(mut self, listings: usize) -> Self {
        self.breadth = listings.max(1);
        self
    }

    /// Entries for each request, as [`Pager::page_size`](crate::Pager::page_size).
    pub fn page_size(mut self, entries: u32) -> Self {
        self.page_size = Some(entries);
        self
    }

    /// The next file or folder, or `None` at the end. After the failure of one folder the others go on.
    pub async fn next(&mut self) -> Option<Result<File, WalkError>> {
        std::future::poll_fn(|context| self.poll_entry(context)).await
    }

    /// Lists one more page of a folder, in a task of its own: it must go on while the reader does something else, or it
    /// would sit on a permit that the reader may be waiting for.
    fn fetch(&mut self, folder: String, mut pages: Pages<File>) {
        let Ok(runtime) = Handle::try_current() else {
            let error = Error::other("a walk needs a Tokio runtime").within(LIST, Outcome::NotDone);
            self.failures.push_back(WalkError { folder, error });
            return;
        };
        let page = async move {
            let page = pages.try_next().await;
            (pages, page)
        };
        let task = self.tasks.spawn_on(page, &runtime);
        self.folders.insert(task.id(), folder);
    }

    fn begin(&mut self) {
        while self.tasks.len() < self.breadth
            && let Some(folder) = self.waiting.pop()
        {
            let mut list = self.client.folders().list(&folder, ListFolder::new());
            if let Some(size) = self.page_size {
                list = list.page_size(size);
            }
            self.fetch(folder, list.into_pages());
        }
    }

    fn poll_entry(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<File, WalkError>>> {
        loop {
            if let Some(entry) = self.entries.next() {
                return Poll::Ready(Some(Ok(entry)));
            }
            self.begin();
            if let Some(failure) = self.failures.pop_front() {
                return Poll::Ready(Some(Err(failure)));
            }
            match ready!(self.tasks.poll_join_next_with_id(context)) {
                None => return Poll::Ready(None),
                Some(Ok((id, (pages, page)))) => {
                    let folder = self.folders.remove(&id).unwrap_or_default();
                    self.take(folder, pages, page);
                }
                // A panic in a transport or middleware of the caller goes on to the caller.
                Some(Err(ended)) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
                Some(Err(ended)) => {
                    let folder = self.folders.remove(&ended.id()).unwrap_or_default();
                    let error = Error::other("the task that lists the folder was ended: the runtime shuts down");
                    let error = error.within(LIST, Outcome::NotDone);
                    return Poll::Ready(Some(Err(WalkError { folder, error })));
                }
            }
        }
    }

    /// Takes in one page of a folder.
    fn take(&mut self, folder: String, pages: Pages<File>, page: Result<Option<Page<File>>>) {
        let page = match page {
            Ok(Some(page)) => page,
            Ok(None) => return,
            Err(error) => {
                self.failures.push_back(WalkError { folder, error });
                return;
            }
        };
        for entry in page.items.iter().rev().filter(|entry| entry.is_folder()) {
            let inner = entry.path.clone();
            if depth(&inner) == depth(&folder) + 1 {
                self.waiting.push(inner);
            } else {
                let error = Error::protocol("the listing of another folder holds it that it does not lie in");
                let error = error.within(LIST, Outcome::NotDone);
                self.failures.push_back(WalkError { folder: inner, error });
            }
        }
        if page.next.is_some() {
            self.fetch(folder, pages);
        }
        self.entries = page.items.into_iter();
    }
}

/// How many steps below the root a path is.
///
/// A walk goes one step down each time and no path is longer than the limit, so that it comes to an end whatever the
/// service sends. The names are not compared: the service may know a folder by another spelling than the caller.
fn depth(path: &str) -> usize {
    if path.is_empty() { 0 } else { path.split('/').count() }
}

impl Stream for Walk {
    type Item = Result<File, WalkError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_entry(context)
    }
}

impl Unpin for Walk {}

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("breadth", &self.breadth)
            .field("waiting", &self.waiting.len())
            .field("under_way", &self.tasks.len())
            .finish_non_exhaustive()
    }
}

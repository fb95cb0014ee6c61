//! Recursive listing of a folder.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::runtime::Handle;
use tokio::task::{self, JoinSet};

use super::LIST;
use crate::pagination::{Page, Pages};
use crate::path::{FILE_LIMIT, check};
use crate::{Client, Error, File, Outcome, Result};

const DEFAULT_BREADTH: usize = 8;

/// Recursive listing of a folder: a `Stream` of files and folders. Created by [`Folders::walk`](crate::Folders::walk).
///
/// * A folder precedes its contents. There is no other order.
/// * If a folder cannot be listed, the stream yields a [`WalkError`] and continues with the other folders. Only the
///   remaining entries of that folder are missing.
/// * A folder that is listed outside of its parent would allow a cycle. It is an error, and its contents are not
///   listed.
/// * At most [`Walk::breadth`] folders are listed concurrently, each in a task that is aborted when the walk is
///   dropped. Each task is at most one page ahead of the reader. Beyond that, only the list of pending folder paths
///   grows.
/// * Nothing is sent before the first poll, which requires a Tokio runtime.
///
/// Entries that are created, moved or deleted during the walk may be missed or repeated.
#[must_use = "a walk has no effect until it is polled"]
pub struct Walk {
    client: Client,
    breadth: usize,
    page_size: Option<u32>,
    /// Pending folders, the deepest last: depth-first order keeps this list short.
    waiting: Vec<String>,
    /// Folders with a request in flight, by task.
    folders: HashMap<task::Id, String>,
    tasks: JoinSet<FolderPage>,
    entries: std::vec::IntoIter<File>,
    /// Yielded after the entries that precede them.
    failures: VecDeque<WalkError>,
}

/// A list, and the page that a task fetched from it.
type FolderPage = (Pages<File>, Result<Option<Page<File>>>);

/// Error of a folder that could not be listed by a [`Walk`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WalkError {
    /// The path of the folder. Empty for the root of the site.
    pub folder: String,
    /// The error.
    pub error: Error,
}

impl fmt::Display for WalkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "folder {:?} was not listed completely: {}", self.folder, self.error)
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
            // The list call reports an invalid path.
            waiting: vec![check("path", path, FILE_LIMIT).unwrap_or(path).to_owned()],
            folders: HashMap::new(),
            tasks: JoinSet::new(),
            entries: Vec::new().into_iter(),
            failures: VecDeque::new(),
        }
    }

    /// Sets the maximum number of concurrent list calls. Zero counts as one. Default: 8.
    pub fn breadth(mut self, listings: usize) -> Self {
        self.breadth = listings.max(1);
        self
    }

    /// Sets the page size. See [`Pager::page_size`](crate::Pager::page_size).
    pub fn page_size(mut self, entries: u32) -> Self {
        self.page_size = Some(entries);
        self
    }

    /// Returns the next file or folder, or `None` at the end. After an error, the walk continues with the other
    /// folders.
    pub async fn next(&mut self) -> Option<Result<File, WalkError>> {
        std::future::poll_fn(|context| self.poll_entry(context)).await
    }

    /// Fetches the next page of a folder in a task. Without a task, it would hold a permit that the reader may be
    /// waiting for while the reader does something else.
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
            let mut list = self.client.folders().list(&folder);
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
                // Propagate a panic of the caller's transport or middleware.
                Some(Err(ended)) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
                Some(Err(ended)) => {
                    let folder = self.folders.remove(&ended.id()).unwrap_or_default();
                    let error =
                        Error::other("the task that lists the folder was canceled: the runtime is shutting down");
                    let error = error.within(LIST, Outcome::NotDone);
                    return Poll::Ready(Some(Err(WalkError { folder, error })));
                }
            }
        }
    }

    /// Processes one page of a folder.
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
                let error = Error::protocol("the list of another folder contains this folder");
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

/// Returns the number of segments of a path.
///
/// A walk descends one level at a time, and the path length is limited, so it ends for every response of the service.
/// Names are not compared: the service may spell a folder's name differently from the caller.
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

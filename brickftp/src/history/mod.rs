//! The history of the site, newest events first.

mod export;
mod model;

use http::Method;
use mft_common::provider::{Identity, PageNumbers, PathValue};

pub use export::{ExportFormat, HistoryExport, HistoryPage, HistoryScope};
pub use model::{
    HistoryAction, HistoryEvent, HistoryEventId, HistoryGroup, HistoryInterface, HistoryPermission, HistoryTarget,
    HistoryUser,
};

use crate::codec::CallExt as _;
use crate::codec::response::decode_list;
use crate::path::{FILE_LIMIT, check, check_below_root};
use crate::{Call, Client, OffsetDateTime, Pager, UserId};

const MAX_PAGE: u32 = 10_000;
const PAGES: PageNumbers = PageNumbers { default_size: 1_000, largest_size: Some(MAX_PAGE) };

/// Options of history lists.
///
/// # Examples
///
/// ```
/// use brickftp::HistoryQuery;
///
/// let this_year = HistoryQuery::new().start_at("2018-01-01T00:00:00-05:00".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "list options have no effect until they are passed to a `*_with` method"]
pub struct HistoryQuery {
    start_at: Option<OffsetDateTime>,
}

impl HistoryQuery {
    /// Creates options that list all events.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the earliest time of events. Default: none.
    ///
    /// The documentation describes it as "date and time in the history to start from", for a list in descending order.
    /// Later documentation of the same service omits earlier events, so this crate assumes that meaning.
    pub fn start_at(mut self, moment: OffsetDateTime) -> Self {
        self.start_at = Some(moment);
        self
    }
}

/// Operations on the history. Returned by [`Client::history`].
///
/// All lists are in descending order. Default page size: 1000, at most 10,000. New events move older ones to later
/// pages during the iteration. The client yields these only once.
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct History<'c> {
    pub(crate) client: &'c Client,
}

impl History<'_> {
    /// Lists the events of the whole site, newest first.
    ///
    /// See [`site_with`](Self::site_with), which this method calls without options.
    ///
    /// # Errors
    ///
    /// Fails as [`site_with`](Self::site_with) does.
    pub fn site(&self) -> Pager<HistoryEvent> {
        self.site_with(HistoryQuery::new())
    }

    /// Lists the events of the whole site with options.
    ///
    /// Calls `GET /history`.
    ///
    /// # Errors
    ///
    /// Fails with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller is not an administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, since: brickftp::OffsetDateTime) -> brickftp::Result<()> {
    /// use brickftp::HistoryQuery;
    ///
    /// let mut events = client.history().site_with(HistoryQuery::new().start_at(since));
    /// while let Some(event) = events.try_next().await? {
    ///     println!("{:?} {:?} {:?}", event.when, event.action, event.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn site_with(&self, query: HistoryQuery) -> Pager<HistoryEvent> {
        self.list("brickftp.history.site", "/history.{format}", None, query)
    }

    /// Lists the logins, newest first.
    ///
    /// See [`logins_with`](Self::logins_with), which this method calls without options.
    ///
    /// # Errors
    ///
    /// Fails as [`logins_with`](Self::logins_with) does.
    pub fn logins(&self) -> Pager<HistoryEvent> {
        self.logins_with(HistoryQuery::new())
    }

    /// Lists the logins with options.
    ///
    /// Calls `GET /history/login`.
    ///
    /// # Errors
    ///
    /// Fails with [`PermissionDenied`](crate::ErrorKind::PermissionDenied) if the caller is not an administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::HistoryQuery;
    ///
    /// let last = client.history().logins_with(HistoryQuery::new()).page_size(1).try_next().await?;
    /// println!("{:?}", last.and_then(|login| login.username));
    /// # Ok(())
    /// # }
    /// ```
    pub fn logins_with(&self, query: HistoryQuery) -> Pager<HistoryEvent> {
        self.list("brickftp.history.logins", "/history/login.{format}", None, query)
    }

    /// Lists the events of a user, newest first.
    ///
    /// See [`user_with`](Self::user_with), which this method calls without options.
    ///
    /// # Errors
    ///
    /// Fails as [`user_with`](Self::user_with) does.
    pub fn user(&self, user: UserId) -> Pager<HistoryEvent> {
        self.user_with(user, HistoryQuery::new())
    }

    /// Lists the events of a user with options.
    ///
    /// Calls `GET /history/users/{user_id}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the user does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// use brickftp::HistoryQuery;
    ///
    /// let events = client.history().user_with(user, HistoryQuery::new()).try_collect_vec().await?;
    /// println!("{} events", events.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn user_with(&self, user: UserId, query: HistoryQuery) -> Pager<HistoryEvent> {
        self.list("brickftp.history.user", "/history/users/{user_id}.{format}", Some(Ok(user.to_string())), query)
    }

    /// Lists the events in a folder, newest first. The empty path is the root of the site.
    ///
    /// See [`folder_with`](Self::folder_with), which this method calls without options.
    ///
    /// # Errors
    ///
    /// Fails as [`folder_with`](Self::folder_with) does.
    pub fn folder(&self, path: &str) -> Pager<HistoryEvent> {
        self.folder_with(path, HistoryQuery::new())
    }

    /// Lists the events in a folder with options. The empty path is the root of the site.
    ///
    /// Calls `GET /history/folders/{path}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the folder does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::{HistoryAction, HistoryQuery};
    ///
    /// let mut events = client.history().folder_with("Inbox", HistoryQuery::new());
    /// while let Some(event) = events.try_next().await? {
    ///     if event.action == Some(HistoryAction::Destroy) {
    ///         println!("{:?} deleted {:?}", event.username, event.path);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn folder_with(&self, path: &str, query: HistoryQuery) -> Pager<HistoryEvent> {
        let path = check("path", path, FILE_LIMIT).map(str::to_owned);
        self.list("brickftp.history.folder", "/history/folders/{*path}", Some(path), query)
    }

    /// Lists the events of a file, newest first.
    ///
    /// See [`file_with`](Self::file_with), which this method calls without options.
    ///
    /// # Errors
    ///
    /// Fails as [`file_with`](Self::file_with) does.
    pub fn file(&self, path: &str) -> Pager<HistoryEvent> {
        self.file_with(path, HistoryQuery::new())
    }

    /// Lists the events of a file with options.
    ///
    /// Calls `GET /history/files/{path}`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the file does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::HistoryQuery;
    ///
    /// let events = client.history().file_with("Finance/q3.pdf", HistoryQuery::new()).try_collect_vec().await?;
    /// println!("{} events", events.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn file_with(&self, path: &str, query: HistoryQuery) -> Pager<HistoryEvent> {
        let path = check_below_root("path", path, FILE_LIMIT).map(str::to_owned);
        self.list("brickftp.history.file", "/history/files/{*path}", Some(path), query)
    }

    fn list(
        self,
        name: &'static str,
        template: &'static str,
        place: Option<crate::Result<String>>,
        query: HistoryQuery,
    ) -> Pager<HistoryEvent> {
        let client = self.client.clone();
        let call = move |page, size| {
            let ids = place.as_ref().map(|place| place as &dyn PathValue);
            let call = client.call(name, Method::GET, template, ids.as_slice()).safe().page(page, size);
            match &query.start_at {
                Some(moment) => call.query("start_at", moment.as_str()),
                None => call,
            }
        };
        Pager::numbered(name, PAGES, Identity::KeyNewestFirst(|event| event.id.get()), call, decode_list)
    }

    /// Exports the newest 1000 events of a history as a document.
    ///
    /// See [`export_with`](Self::export_with), which this method calls without options.
    ///
    /// # Errors
    ///
    /// Fails as [`export_with`](Self::export_with) does.
    pub fn export(&self, scope: HistoryScope, format: ExportFormat) -> Call<HistoryExport> {
        self.export_with(scope, format, HistoryPage::new())
    }

    /// Exports one page of a history as a document with options. The body is a stream.
    ///
    /// Calls the endpoint of the scope: `GET /history`, `/history/login` and `/history/users/{user_id}` with the suffix
    /// `.html`, `.xls` or `.csv`, `GET /history/folders/{path}` and `/history/files/{path}` with the header `Accept`.
    /// The service does not document the content of the documents.
    ///
    /// # Errors
    ///
    /// Fails as the list of the scope does. A response of another media type, such as a gateway's login page instead of
    /// CSV, is [`Protocol`](crate::ErrorKind::Protocol).
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// use std::io::Write as _;
    ///
    /// use brickftp::{ExportFormat, HistoryPage, HistoryScope};
    ///
    /// let page = HistoryPage::new().per_page(10_000);
    /// let mut export = client.history().export_with(HistoryScope::Site, ExportFormat::Csv, page).await?;
    /// let mut file = std::fs::File::create("history.csv")?;
    /// while let Some(chunk) = export.body.chunk().await {
    ///     file.write_all(&chunk?)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn export_with(&self, scope: HistoryScope, format: ExportFormat, page: HistoryPage) -> Call<HistoryExport> {
        export::call(self.client, &scope, format, &page)
    }
}

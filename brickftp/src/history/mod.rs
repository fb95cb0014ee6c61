//! The history: what happened on the site, newest first.

mod export;
mod model;

use http::Method;
use mft_common::provider::{Identity, PageNumbers, PathValue};

pub use export::{ExportFormat, HistoryExport, HistoryPage, HistoryScope};
pub use model::{
    HistoryAction, HistoryEvent, HistoryEventId, HistoryGroup, HistoryInterface, HistoryPermission, HistoryTarget,
    HistoryUser,
};

use crate::path::{FILE_LIMIT, check, check_below_root};
use crate::request::decode_list;
use crate::{Call, Client, OffsetDateTime, Pager, UserId};

const MAX_PAGE: u32 = 10_000;
const PAGES: PageNumbers = PageNumbers { default_size: 1_000, largest_size: Some(MAX_PAGE) };

/// Which part of a history to read.
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
#[must_use = "a query does nothing until it is given to a history"]
pub struct HistoryQuery {
    start_at: Option<OffsetDateTime>,
}

impl HistoryQuery {
    /// All of it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what happened at this moment or later.
    ///
    /// The service's words are "date and time in the history to start from", of a list that runs backwards. Later
    /// documentation of the same service says that earlier events are left out, so that is what we take it for.
    pub fn start_at(mut self, moment: OffsetDateTime) -> Self {
        self.start_at = Some(moment);
        self
    }
}

/// Operations on the history; from [`Client::history`].
///
/// All lists begin with the newest event and go back in time, 1000 events a page and at most 10,000. New events push
/// older ones to later pages while a list is read; these come once all the same.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct History<'c> {
    pub(crate) client: &'c Client,
}

impl History<'_> {
    /// Lists what happened on the whole site.
    ///
    /// Calls `GET /history`.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for who is no administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::HistoryQuery;
    ///
    /// let mut events = client.history().site(HistoryQuery::new());
    /// while let Some(event) = events.try_next().await? {
    ///     println!("{:?} {:?} {:?}", event.when, event.action, event.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn site(&self, query: HistoryQuery) -> Pager<HistoryEvent> {
        self.list("brickftp.history.site", "/history.{format}", None, query)
    }

    /// Lists who logged in.
    ///
    /// Calls `GET /history/login`.
    ///
    /// # Errors
    ///
    /// [`PermissionDenied`](crate::ErrorKind::PermissionDenied) for who is no administrator.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::HistoryQuery;
    ///
    /// let last = client.history().logins(HistoryQuery::new()).page_size(1).try_next().await?;
    /// println!("{:?}", last.and_then(|login| login.username));
    /// # Ok(())
    /// # }
    /// ```
    pub fn logins(&self, query: HistoryQuery) -> Pager<HistoryEvent> {
        self.list("brickftp.history.logins", "/history/login.{format}", None, query)
    }

    /// Lists what one user did.
    ///
    /// Calls `GET /history/users/{user_id}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such user.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client, user: brickftp::UserId) -> brickftp::Result<()> {
    /// use brickftp::HistoryQuery;
    ///
    /// let events = client.history().user(user, HistoryQuery::new()).try_collect_vec().await?;
    /// println!("{} events", events.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn user(&self, user: UserId, query: HistoryQuery) -> Pager<HistoryEvent> {
        self.list("brickftp.history.user", "/history/users/{user_id}.{format}", Some(Ok(user.to_string())), query)
    }

    /// Lists what happened in a folder; the empty path is the root of the site.
    ///
    /// Calls `GET /history/folders/{path}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such folder.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::{HistoryAction, HistoryQuery};
    ///
    /// let mut events = client.history().folder("Inbox", HistoryQuery::new());
    /// while let Some(event) = events.try_next().await? {
    ///     if event.action == Some(HistoryAction::Destroy) {
    ///         println!("{:?} deleted {:?}", event.username, event.path);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn folder(&self, path: &str, query: HistoryQuery) -> Pager<HistoryEvent> {
        let path = check("path", path, FILE_LIMIT).map(str::to_owned);
        self.list("brickftp.history.folder", "/history/folders/{*path}", Some(path), query)
    }

    /// Lists what happened to a file.
    ///
    /// Calls `GET /history/files/{path}`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such file.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::HistoryQuery;
    ///
    /// let events = client.history().file("Finance/q3.pdf", HistoryQuery::new()).try_collect_vec().await?;
    /// println!("{} events", events.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn file(&self, path: &str, query: HistoryQuery) -> Pager<HistoryEvent> {
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
            .into_builder()
        };
        Pager::numbered(name, PAGES, Identity::KeyNewestFirst(|event| event.id.get()), call, decode_list)
    }

    /// Fetches one page of a history as a document for people or spreadsheets, while it arrives.
    ///
    /// Calls the endpoint of the scope: `GET /history`, `/history/login` and `/history/users/{user_id}` with the suffix
    /// `.html`, `.xls` or `.csv`, `GET /history/folders/{path}` and `/history/files/{path}` with the header `Accept`.
    /// What the documents look like is not documented.
    ///
    /// # Errors
    ///
    /// As the list of the scope. A reply whose type is not the one asked for, such as the login page of a gateway in
    /// place of CSV, is [`Protocol`](crate::ErrorKind::Protocol).
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
    /// let mut export = client.history().export(HistoryScope::Site, ExportFormat::Csv, page).await?;
    /// let mut file = std::fs::File::create("history.csv")?;
    /// while let Some(chunk) = export.body.chunk().await {
    ///     file.write_all(&chunk?)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn export(&self, scope: HistoryScope, format: ExportFormat, page: HistoryPage) -> Call<HistoryExport> {
        export::call(self.client, &scope, format, &page)
    }
}

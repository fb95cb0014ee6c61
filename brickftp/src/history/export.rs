//! Export of the history as an HTML, Excel or CSV document.

use http::{Method, header};
use mft_common::provider::{CallBuilder, PathValue};

use super::MAX_PAGE;
use crate::codec::CallExt as _;
use crate::path::{FILE_LIMIT, check, check_below_root};
use crate::transport::{Body, Response};
use crate::{Call, Client, Error, OffsetDateTime, Result, UserId};

/// Scope of a history export.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HistoryScope {
    /// The whole site. See [`History::site`](super::History::site).
    Site,
    /// The logins. See [`History::logins`](super::History::logins).
    Logins,
    /// One user. See [`History::user`](super::History::user).
    User(UserId),
    /// One folder by its path. See [`History::folder`](super::History::folder).
    Folder(String),
    /// One file by its path. See [`History::file`](super::History::file).
    File(String),
}

/// Document format of a history export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExportFormat {
    /// HTML.
    Html,
    /// Excel.
    Xls,
    /// Comma-separated values.
    Csv,
}

impl ExportFormat {
    /// Returns the media type of the format.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html",
            Self::Xls => "application/vnd.ms-excel",
            Self::Csv => "text/csv",
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Xls => "xls",
            Self::Csv => "csv",
        }
    }
}

/// Page of a history export. Default: the newest 1000 events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "export options have no effect until they are passed to `export_with`"]
pub struct HistoryPage {
    page: Option<u64>,
    per_page: Option<u32>,
    start_at: Option<OffsetDateTime>,
}

impl HistoryPage {
    /// Creates options for the newest 1000 events.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the page number, counted from 1. Default: 1.
    pub fn page(mut self, page: u64) -> Self {
        self.page = Some(page);
        self
    }

    /// Sets the number of events per page, at most 10,000. Default: 1000.
    pub fn per_page(mut self, events: u32) -> Self {
        self.per_page = Some(events);
        self
    }

    /// Sets the earliest time of events. See [`HistoryQuery::start_at`](super::HistoryQuery::start_at).
    pub fn start_at(mut self, moment: OffsetDateTime) -> Self {
        self.start_at = Some(moment);
        self
    }

    fn check(&self) -> Result<()> {
        if self.page == Some(0) {
            return Err(Error::invalid_input("page", "is zero; pages are numbered from 1"));
        }
        match self.per_page {
            Some(0) => Err(Error::invalid_input("per_page", "is zero")),
            Some(size) if size > MAX_PAGE => {
                Err(Error::invalid_input("per_page", format_args!("is {size}; the limit is {MAX_PAGE}")))
            }
            _ => Ok(()),
        }
    }
}

/// Exported part of the history. The body is a stream.
#[derive(Debug)]
#[non_exhaustive]
pub struct HistoryExport {
    /// The `Content-Type` of the response, such as `text/csv; charset=utf-8`.
    pub content_type: Option<String>,
    /// The document.
    pub body: Body,
}

pub(super) fn call(
    client: &Client,
    scope: &HistoryScope,
    format: ExportFormat,
    page: &HistoryPage,
) -> Call<HistoryExport> {
    let get = |name, template, ids: &[&dyn PathValue]| client.call(name, Method::GET, template, ids);
    let suffix = format.suffix();
    let request = match scope {
        HistoryScope::Site => get("brickftp.history.site", "/history.{export}", &[&suffix]),
        HistoryScope::Logins => get("brickftp.history.logins", "/history/login.{export}", &[&suffix]),
        HistoryScope::User(user) => get("brickftp.history.user", "/history/users/{user_id}.{export}", &[user, &suffix]),
        HistoryScope::Folder(path) => {
            let path = check("path", path, FILE_LIMIT);
            get("brickftp.history.folder", "/history/folders/{*path}", &[&path])
        }
        HistoryScope::File(path) => {
            let path = check_below_root("path", path, FILE_LIMIT);
            get("brickftp.history.file", "/history/files/{*path}", &[&path])
        }
    };
    let mut request = request.safe().check(page.check()).header(header::ACCEPT, format.media_type());
    request = request.page(page.page.unwrap_or(1), page.per_page);
    if let Some(moment) = &page.start_at {
        request = request.query("start_at", moment.as_str());
    }
    streamed(request, format)
}

fn streamed(builder: CallBuilder, format: ExportFormat) -> Call<HistoryExport> {
    // If HTML was requested, a gateway's page cannot be distinguished from the service's.
    if format == ExportFormat::Html {
        builder.streams_as(|response| document(response, &["application/json"]))
    } else {
        builder.streams_as(|response| document(response, &["application/json", "text/html"]))
    }
}

fn document(response: Response, refused: &[&str]) -> Result<HistoryExport> {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let essence = content_type.as_deref().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if refused.iter().any(|refused| essence.eq_ignore_ascii_case(refused)) {
        return Err(Error::protocol(format_args!("the service sent {essence} instead of the requested document")));
    }
    Ok(HistoryExport { content_type, body: response.into_body() })
}

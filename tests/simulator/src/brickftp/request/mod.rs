//! Requests to the site: routing, authentication and decoded input.

pub(crate) mod access;
pub(crate) mod input;
pub(crate) mod query;
pub(crate) mod routing;
mod xml_reader;

use std::ops::Deref;

use http::StatusCode;

use self::access::Caller;
use self::input::Input;
use crate::brickftp::response::document::{Document, Node, nothing};
use crate::brickftp::response::error::{ApiError, ApiResult};
use crate::brickftp::response::format::Format;
use crate::brickftp::settings::Settings;
use crate::brickftp::state::tree::clean;
use crate::server::ApiRequest;

/// An authenticated request with its decoded body.
pub(crate) struct SiteRequest<'a> {
    pub(crate) request: ApiRequest<'a>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) input: Input,
    pub(crate) caller: Caller,
    pub(crate) format: Format,
}

impl<'a> Deref for SiteRequest<'a> {
    type Target = ApiRequest<'a>;

    fn deref(&self) -> &ApiRequest<'a> {
        &self.request
    }
}

/// The result of a successful request.
#[derive(Debug)]
pub(crate) enum SiteResponse {
    Document(StatusCode, Document),
    /// A format that only the history supports.
    Export(String),
}

impl SiteResponse {
    pub(crate) fn ok(root: &'static str, node: Node) -> Self {
        Self::Document(StatusCode::OK, Document::new(root, node))
    }

    pub(crate) fn created(root: &'static str, node: Node) -> Self {
        Self::Document(StatusCode::CREATED, Document::new(root, node))
    }

    pub(crate) fn list(root: &'static str, item: &'static str, items: impl IntoIterator<Item = Node>) -> Self {
        Self::Document(StatusCode::OK, Document::list(root, item, items.into_iter().collect()))
    }

    pub(crate) fn nothing() -> Self {
        Self::Document(StatusCode::OK, nothing())
    }
}

impl SiteRequest<'_> {
    /// Returns an id in the path. Text that is not a number is never an id.
    pub(crate) fn id(&self, name: &str) -> ApiResult<u64> {
        self.parameter(name).parse().map_err(|_| ApiError::record_not_found())
    }

    pub(crate) fn path(&self) -> String {
        clean(self.parameter("path"))
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        query::first(&self.query, name)
    }

    /// Returns how many entries to skip and how many to return. Invalid values count as absent.
    pub(crate) fn page(&self, settings: &Settings, largest: usize) -> (usize, usize) {
        let number = |name| self.query(name).and_then(|text| text.trim().parse::<usize>().ok()).filter(|n| *n > 0);
        let size = number("per_page").unwrap_or(1000).min(largest);
        let size = settings.page_cap.map_or(size, |cap| size.min(cap));
        let page = if settings.ignore_page { 1 } else { number("page").unwrap_or(1) };
        ((page - 1).saturating_mul(size), size)
    }
}

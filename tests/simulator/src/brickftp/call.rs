//! One call, taken apart, and what comes of it.

use http::{HeaderMap, StatusCode};

use super::access::Caller;
use super::document::{Document, Node, nothing};
use super::format::Format;
use super::input::Input;
use super::query;
use super::refusal::{Answer, Refusal};
use super::settings::Settings;
use super::tree::clean;
use crate::server::Parameters;

pub(super) struct Call<'a> {
    pub(super) operation: &'static str,
    pub(super) parameters: &'a Parameters,
    pub(super) query: Vec<(String, String)>,
    pub(super) input: Input,
    pub(super) headers: &'a HeaderMap,
    pub(super) caller: Caller,
    pub(super) format: Format,
    pub(super) now_ms: i64,
}

/// A call that succeeded.
#[derive(Debug)]
pub(super) enum Output {
    Document(StatusCode, Document),
    /// In a format that only the histories have.
    Export(String),
}

impl Output {
    pub(super) fn ok(root: &'static str, node: Node) -> Self {
        Self::Document(StatusCode::OK, Document::new(root, node))
    }

    pub(super) fn created(root: &'static str, node: Node) -> Self {
        Self::Document(StatusCode::CREATED, Document::new(root, node))
    }

    pub(super) fn list(root: &'static str, item: &'static str, items: impl IntoIterator<Item = Node>) -> Self {
        Self::Document(StatusCode::OK, Document::list(root, item, items.into_iter().collect()))
    }

    pub(super) fn nothing() -> Self {
        Self::Document(StatusCode::OK, nothing())
    }
}

impl Call<'_> {
    /// An id in the path. What is no number is the id of nothing.
    pub(super) fn id(&self, name: &str) -> Answer<u64> {
        self.parameters.get(name).parse().map_err(|_| Refusal::not_found())
    }

    pub(super) fn path(&self) -> String {
        clean(self.parameters.get("path"))
    }

    pub(super) fn query(&self, name: &str) -> Option<&str> {
        query::first(&self.query, name)
    }

    /// How many entries to leave out, and how many to show then. What makes no sense counts as not given.
    pub(super) fn page(&self, settings: &Settings, largest: usize) -> (usize, usize) {
        let number = |name| self.query(name).and_then(|text| text.trim().parse::<usize>().ok()).filter(|n| *n > 0);
        let size = number("per_page").unwrap_or(1000).min(largest);
        let size = settings.page_cap.map_or(size, |cap| size.min(cap));
        let page = if settings.ignore_page { 1 } else { number("page").unwrap_or(1) };
        ((page - 1).saturating_mul(size), size)
    }
}

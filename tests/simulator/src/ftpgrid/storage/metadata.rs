//! The metadata database of the service. It is eventually consistent with the storage.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::data::Blob;
use crate::ftpgrid::settings::{Lag, Settings};
use crate::ftpgrid::storage::checksums::FileChecksums;
use crate::ftpgrid::storage::path::{ROOT, prefix, rebase};

/// A point in time: the number of storage calls so far, and the simulated time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) calls: u64,
    pub(crate) now_ms: i64,
}

#[derive(Clone, Copy, Debug)]
enum Due {
    Now,
    AfterCall(u64),
    At(i64),
}

impl Due {
    fn new(lag: Lag, moment: Moment) -> Self {
        match lag {
            Lag::Operations(0) => Self::Now,
            Lag::Operations(calls) => Self::AfterCall(moment.calls.saturating_add(calls)),
            Lag::Time(time) => {
                Self::At(moment.now_ms.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
            }
        }
    }

    fn is_reached(self, moment: Moment) -> bool {
        match self {
            Self::Now => true,
            Self::AfterCall(call) => moment.calls > call,
            Self::At(ms) => moment.now_ms >= ms,
        }
    }
}

/// A change to the storage.
#[derive(Clone, Debug)]
pub(crate) enum Update {
    Directory {
        path: String,
        /// Created implicitly as a parent directory.
        implied: bool,
        protocol: String,
        at_ms: i64,
    },
    File {
        path: String,
        hashed: HashedContent,
        protocol: String,
        at_ms: i64,
    },
    Remove {
        path: String,
    },
    Move {
        from: String,
        to: String,
        at_ms: i64,
    },
}

/// Content with its checksums.
#[derive(Clone, Debug)]
pub(crate) struct HashedContent {
    pub(crate) piece: Blob,
    pub(crate) checksums: Arc<FileChecksums>,
}

#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    rows: BTreeMap<String, MetadataRow>,
    pending: VecDeque<(Due, Update)>,
}

#[derive(Clone, Debug)]
struct MetadataRow {
    is_dir: bool,
    implied: bool,
    size: u64,
    /// The content of the checksum. After an overwrite this is the old content until the checksum is updated.
    hashed: Option<HashedContent>,
    next: Option<(Due, HashedContent)>,
    protocol: String,
    mtime_ms: i64,
    created_ms: i64,
    updated_ms: Option<i64>,
}

/// Rows are created a little later than the change, as in every documented example.
const ROW_DELAY_MS: i64 = 20;

impl Metadata {
    pub(crate) fn new(now_ms: i64) -> Self {
        let mut metadata = Self { rows: BTreeMap::new(), pending: VecDeque::new() };
        metadata.put_directory(ROOT.to_owned(), false, "API".into(), now_ms);
        metadata
    }

    /// Applies a change now, or after the configured delay.
    pub(crate) fn learn(&mut self, update: Update, settings: &Settings, moment: Moment) {
        self.pending.push_back((Due::new(settings.metadata_lag, moment), update));
        self.catch_up(settings, moment);
    }

    /// Applies a change immediately, before pending changes.
    pub(crate) fn apply_now(&mut self, update: Update, moment: Moment) {
        self.apply(update, Lag::default(), moment);
    }

    /// Applies all changes that are due, in order.
    pub(crate) fn catch_up(&mut self, settings: &Settings, moment: Moment) {
        while self.pending.front().is_some_and(|(due, _)| due.is_reached(moment)) {
            if let Some((_, update)) = self.pending.pop_front() {
                self.apply(update, settings.checksum_delay, moment);
            }
        }
    }

    fn apply(&mut self, update: Update, checksum_delay: Lag, moment: Moment) {
        match update {
            Update::Directory { path, implied, protocol, at_ms } => self.put_directory(path, implied, protocol, at_ms),
            Update::File { path, hashed, protocol, at_ms } => {
                let next = Some((Due::new(checksum_delay, moment), hashed.clone()));
                let size = hashed.piece.length;
                if let Some(row) = self.rows.get_mut(&path).filter(|row| !row.is_dir) {
                    row.settle(moment);
                    row.updated_ms = Some(at_ms + ROW_DELAY_MS);
                    (row.size, row.next, row.protocol, row.mtime_ms) = (size, next, protocol, at_ms);
                } else {
                    self.rows.insert(path, MetadataRow { size, next, ..MetadataRow::new(false, protocol, at_ms) });
                }
            }
            Update::Remove { path } => {
                let below = prefix(&path);
                self.rows.retain(|row, _| row == ROOT || (*row != path && !row.starts_with(&below)));
            }
            Update::Move { from, to, at_ms } => {
                let paths: Vec<_> =
                    self.rows.keys().filter_map(|path| Some((path.clone(), rebase(path, &from, &to)?))).collect();
                for (path, target) in paths {
                    if let Some(row) = self.rows.remove(&path) {
                        self.rows.insert(target, row);
                    }
                }
                if let Some(row) = self.rows.get_mut(&to) {
                    row.updated_ms = Some(at_ms + ROW_DELAY_MS);
                }
            }
        }
    }

    fn put_directory(&mut self, path: String, implied: bool, protocol: String, at_ms: i64) {
        self.rows.entry(path).or_insert_with(|| MetadataRow { implied, ..MetadataRow::new(true, protocol, at_ms) });
    }

    /// Renders a path and everything below it, parents first.
    pub(crate) fn list(&mut self, path: &str, settings: &Settings, moment: Moment) -> Vec<Value> {
        let below = prefix(path);
        let mut list = Vec::new();
        if let Some(row) = self.rows.get_mut(path) {
            list.push(row.render(path, settings, moment));
        }
        let rows = self.rows.range_mut::<str, _>((Bound::Excluded(below.as_str()), Bound::Unbounded));
        for (path, row) in rows.take_while(|(path, _)| path.starts_with(&below)) {
            if !(row.implied && settings.hides_implied) {
                list.push(row.render(path, settings, moment));
            }
        }
        list
    }
}

impl MetadataRow {
    fn new(is_dir: bool, protocol: String, at_ms: i64) -> Self {
        Self {
            is_dir,
            implied: false,
            size: 0,
            hashed: None,
            next: None,
            protocol,
            mtime_ms: at_ms,
            created_ms: at_ms + ROW_DELAY_MS,
            updated_ms: None,
        }
    }

    fn settle(&mut self, moment: Moment) {
        if let Some((_, hashed)) = self.next.take_if(|(due, _)| due.is_reached(moment)) {
            self.hashed = Some(hashed);
        }
    }

    fn render(&mut self, path: &str, settings: &Settings, moment: Moment) -> Value {
        self.settle(moment);
        let hashed = self.hashed.as_ref().filter(|_| settings.checksums);
        json!({
            "path": path,
            "is_dir": self.is_dir,
            "checksum": hashed.and_then(|hashed| hashed.checksums.sha256(&hashed.piece)).unwrap_or_default(),
            "size": self.size,
            "protocol": self.protocol,
            "mtime": self.mtime_ms,
            "created_at": self.created_ms,
            "updated_at": self.updated_ms,
        })
    }
}

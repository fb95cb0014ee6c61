//! What the service's database believes is in the storage. It may be late.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::data::Piece;
use crate::ftpgrid::settings::{Lag, Settings};
use crate::ftpgrid::storage::checksums::Sums;
use crate::ftpgrid::storage::path::{ROOT, moved, prefix};

/// How far the world has come: calls of the storage so far, and the simulated time.
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

/// Something that happened to the storage.
#[derive(Clone, Debug)]
pub(crate) enum Update {
    Directory {
        path: String,
        /// Made on the way to something else.
        implied: bool,
        protocol: String,
        at_ms: i64,
    },
    File {
        path: String,
        summed: Summed,
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

/// Content, for its size and sums.
#[derive(Clone, Debug)]
pub(crate) struct Summed {
    pub(crate) piece: Piece,
    pub(crate) sums: Arc<Sums>,
}

#[derive(Clone, Debug)]
pub(crate) struct Metadata {
    rows: BTreeMap<String, Row>,
    waiting: VecDeque<(Due, Update)>,
}

#[derive(Clone, Debug)]
struct Row {
    is_dir: bool,
    implied: bool,
    size: u64,
    /// What the checksum is of; after an overwrite this is the old content for a while.
    summed: Option<Summed>,
    next: Option<(Due, Summed)>,
    protocol: String,
    mtime_ms: i64,
    created_ms: i64,
    updated_ms: Option<i64>,
}

/// Rows are made a little later than what they are about, as in every documented example.
const ROW_DELAY_MS: i64 = 20;

impl Metadata {
    pub(crate) fn new(now_ms: i64) -> Self {
        let mut metadata = Self { rows: BTreeMap::new(), waiting: VecDeque::new() };
        metadata.put_directory(ROOT.to_owned(), false, "API".into(), now_ms);
        metadata
    }

    /// Learns of something, now or later.
    pub(crate) fn learn(&mut self, update: Update, settings: &Settings, moment: Moment) {
        self.waiting.push_back((Due::new(settings.metadata_lag, moment), update));
        self.catch_up(settings, moment);
    }

    /// Learns of something at once, whatever else is waiting.
    pub(crate) fn know(&mut self, update: Update, moment: Moment) {
        self.apply(update, Lag::default(), moment);
    }

    /// Applies what is due, in the order in which it happened.
    pub(crate) fn catch_up(&mut self, settings: &Settings, moment: Moment) {
        while self.waiting.front().is_some_and(|(due, _)| due.is_reached(moment)) {
            if let Some((_, update)) = self.waiting.pop_front() {
                self.apply(update, settings.checksum_delay, moment);
            }
        }
    }

    fn apply(&mut self, update: Update, checksum_delay: Lag, moment: Moment) {
        match update {
            Update::Directory { path, implied, protocol, at_ms } => self.put_directory(path, implied, protocol, at_ms),
            Update::File { path, summed, protocol, at_ms } => {
                let next = Some((Due::new(checksum_delay, moment), summed.clone()));
                let size = summed.piece.length;
                if let Some(row) = self.rows.get_mut(&path).filter(|row| !row.is_dir) {
                    row.settle(moment);
                    row.updated_ms = Some(at_ms + ROW_DELAY_MS);
                    (row.size, row.next, row.protocol, row.mtime_ms) = (size, next, protocol, at_ms);
                } else {
                    self.rows.insert(path, Row { size, next, ..Row::new(false, protocol, at_ms) });
                }
            }
            Update::Remove { path } => {
                let below = prefix(&path);
                self.rows.retain(|known, _| known == ROOT || (*known != path && !known.starts_with(&below)));
            }
            Update::Move { from, to, at_ms } => {
                let paths: Vec<_> =
                    self.rows.keys().filter_map(|path| Some((path.clone(), moved(path, &from, &to)?))).collect();
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
        self.rows.entry(path).or_insert_with(|| Row { implied, ..Row::new(true, protocol, at_ms) });
    }

    /// A path and everything below it, parents first, as the API shows it.
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

impl Row {
    fn new(is_dir: bool, protocol: String, at_ms: i64) -> Self {
        Self {
            is_dir,
            implied: false,
            size: 0,
            summed: None,
            next: None,
            protocol,
            mtime_ms: at_ms,
            created_ms: at_ms + ROW_DELAY_MS,
            updated_ms: None,
        }
    }

    fn settle(&mut self, moment: Moment) {
        if let Some((_, summed)) = self.next.take_if(|(due, _)| due.is_reached(moment)) {
            self.summed = Some(summed);
        }
    }

    fn render(&mut self, path: &str, settings: &Settings, moment: Moment) -> Value {
        self.settle(moment);
        let summed = self.summed.as_ref().filter(|_| settings.checksums);
        json!({
            "path": path,
            "is_dir": self.is_dir,
            "checksum": summed.and_then(|summed| summed.sums.sha256(&summed.piece)).unwrap_or_default(),
            "size": self.size,
            "protocol": self.protocol,
            "mtime": self.mtime_ms,
            "created_at": self.created_ms,
            "updated_at": self.updated_ms,
        })
    }
}

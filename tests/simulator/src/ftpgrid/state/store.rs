//! The stored data of the service.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::data::BlobStore;
use crate::ftpgrid::settings::Settings;
use crate::ftpgrid::state::objects::FtpAccount;
use crate::ftpgrid::storage::downloads::PreparedDownload;
use crate::ftpgrid::storage::metadata::{Metadata, Moment, Update};
use crate::ftpgrid::storage::tree::FileTree;
use crate::ftpgrid::tokens::SCOPES;
use crate::server::{Random, SimulatedStore};

pub(crate) struct Store {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    pub(crate) depot: Arc<BlobStore>,
    pub(crate) association_key: String,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    /// The expiry of the REST API account.
    pub(crate) expires_ms: Option<i64>,
    pub(crate) scopes: BTreeSet<String>,
    /// The tokens and their expiry.
    pub(crate) tokens: HashMap<String, i64>,
    pub(crate) accounts: BTreeMap<i64, FtpAccount>,
    pub(crate) next_account: i64,
    pub(crate) tree: FileTree,
    pub(crate) metadata: Metadata,
    /// Paths that cannot be deleted.
    pub(crate) pinned: BTreeSet<String>,
    /// The prepared downloads by id.
    pub(crate) prepared: HashMap<String, PreparedDownload>,
    /// The number of storage calls so far.
    pub(crate) calls: u64,
}

impl Store {
    pub(crate) fn new(settings: Settings, seed: u64, now_ms: i64) -> Self {
        let mut random = Random::new(seed);
        let association_key = random.uuid();
        let access_key = format!("AK_{}", random.alphanumeric(20));
        let secret_key = format!("sk_live_{}", random.alphanumeric(40));
        // The service has no MD5. Its checksums are computed separately.
        let depot = BlobStore::new(settings.memory_limit, settings.data_folder.clone(), settings.keeps_content, false);
        Self {
            association_key: settings.association_key.clone().unwrap_or(association_key),
            access_key: settings.access_key.clone().unwrap_or(access_key),
            secret_key: settings.secret_key.clone().unwrap_or(secret_key),
            settings,
            random,
            depot,
            expires_ms: None,
            scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
            tokens: HashMap::new(),
            accounts: BTreeMap::new(),
            next_account: 501,
            tree: FileTree::new(),
            metadata: Metadata::new(now_ms),
            pinned: BTreeSet::new(),
            prepared: HashMap::new(),
            calls: 0,
        }
    }

    /// Applies delayed metadata that is due.
    pub(crate) fn catch_up(&mut self, now_ms: i64) {
        let moment = self.moment(now_ms);
        self.metadata.catch_up(&self.settings, moment);
    }

    pub(crate) fn moment(&self, now_ms: i64) -> Moment {
        Moment { calls: self.calls, now_ms }
    }

    /// Applies a change to the metadata after the configured delay.
    pub(crate) fn learn(&mut self, update: Update, now_ms: i64) {
        let moment = self.moment(now_ms);
        self.metadata.learn(update, &self.settings, moment);
    }
}

impl SimulatedStore for Store {
    /// Removes expired tokens and downloads, and applies delayed metadata.
    fn tick(&mut self, now_ms: i64) {
        self.expire_tokens(now_ms);
        self.prepared.retain(|_, prepared| now_ms < prepared.expires_ms);
        self.catch_up(now_ms);
    }
}

//! Everything that the service remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::downloads::Prepared;
use super::metadata::{Metadata, Moment, Update};
use super::objects::FtpAccount;
use super::settings::Settings;
use super::tokens::SCOPES;
use super::tree::Tree;
use crate::data::Depot;
use crate::server::Random;

pub(super) struct Store {
    pub(super) settings: Settings,
    pub(super) random: Random,
    pub(super) depot: Arc<Depot>,
    pub(super) association_key: String,
    pub(super) access_key: String,
    pub(super) secret_key: String,
    /// When the REST API account ends, if it does.
    pub(super) expires_ms: Option<i64>,
    pub(super) scopes: BTreeSet<String>,
    /// With the moment of their end.
    pub(super) tokens: HashMap<String, i64>,
    pub(super) accounts: BTreeMap<i64, FtpAccount>,
    pub(super) next_account: i64,
    pub(super) tree: Tree,
    pub(super) metadata: Metadata,
    /// Paths that cannot be removed.
    pub(super) pinned: BTreeSet<String>,
    /// By their ids.
    pub(super) prepared: HashMap<String, Prepared>,
    /// How many calls of the storage there were.
    pub(super) calls: u64,
}

impl Store {
    pub(super) fn new(settings: Settings, seed: u64, now_ms: i64) -> Self {
        let mut random = Random::new(seed);
        let association_key = random.uuid();
        let access_key = format!("AK_{}", random.alphanumeric(20));
        let secret_key = format!("sk_live_{}", random.alphanumeric(40));
        // Sums are computed here: nobody asks for an MD5.
        let depot = Depot::new(settings.memory_limit, settings.data_folder.clone(), settings.keeps_content, false);
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
            tree: Tree::new(),
            metadata: Metadata::new(now_ms),
            pinned: BTreeSet::new(),
            prepared: HashMap::new(),
            calls: 0,
        }
    }

    /// Lets time do its work.
    pub(super) fn tick(&mut self, now_ms: i64) {
        self.expire_tokens(now_ms);
        self.prepared.retain(|_, prepared| now_ms < prepared.expires_ms);
        let moment = self.moment(now_ms);
        self.metadata.catch_up(&self.settings, moment);
    }

    pub(super) fn moment(&self, now_ms: i64) -> Moment {
        Moment { calls: self.calls, now_ms }
    }

    /// Tells the metadata what happened, which may take it some time.
    pub(super) fn learn(&mut self, update: Update, now_ms: i64) {
        let moment = self.moment(now_ms);
        self.metadata.learn(update, &self.settings, moment);
    }
}

//! The stored data of the service.

use std::collections::HashMap;

use crate::server::{Collection as _, Identified, Random, SimulatedStore};
use crate::stook::input::{ApiResult, not_found};
use crate::stook::settings::Settings;
use crate::stook::state::objects::{Bucket, Credential, FtpAccount, Organization};

pub(crate) struct Store {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    /// The first is the default organization.
    pub(crate) organizations: Vec<Organization>,
    /// `None` after it is revoked.
    pub(crate) api_key: Option<LoginKey>,
    /// The valid tokens and their expiry in milliseconds of simulated time.
    pub(crate) tokens: HashMap<String, i64>,
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) ftp_accounts: Vec<FtpAccount>,
}

/// The credentials of a login.
#[derive(Clone)]
pub(crate) struct LoginKey {
    pub(crate) key: String,
    pub(crate) secret: String,
}

const REGION: &str = "eu-ist-1";

impl Store {
    pub(crate) fn new(settings: Settings, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let generated_uuid = random.uuid();
        let ftp_name_suffix = random.hex(4);
        let (generated_key, generated_secret) = (random.alphanumeric(32), random.alphanumeric(48));
        let organization = Organization {
            uuid: settings.organization_uuid.clone().unwrap_or(generated_uuid),
            name: "Example Organization".into(),
            ftp_name_suffix,
        };
        let api_key = LoginKey {
            key: settings.api_key.clone().unwrap_or(generated_key),
            secret: settings.api_secret.clone().unwrap_or(generated_secret),
        };
        Self {
            settings,
            random,
            organizations: vec![organization],
            api_key: Some(api_key),
            tokens: HashMap::new(),
            buckets: Vec::new(),
            credentials: Vec::new(),
            ftp_accounts: Vec::new(),
        }
    }

    pub(crate) fn new_organization(&mut self, name: &str) -> Organization {
        Organization { uuid: self.random.uuid(), name: name.to_owned(), ftp_name_suffix: self.random.hex(4) }
    }

    /// Returns the default organization, to which seeded objects belong unless changed.
    pub(crate) fn default_organization(&self) -> String {
        self.organizations.first().map(|organization| organization.uuid.clone()).unwrap_or_default()
    }

    /// Creates an empty bucket without tags. It is not stored yet.
    pub(crate) fn new_bucket(&mut self, organization: &str) -> Bucket {
        let uuid = self.random.uuid();
        Bucket {
            name: format!("bucket-{}", &uuid[..8]),
            uuid,
            organization_uuid: organization.to_owned(),
            region: REGION.into(),
            size: "0B".into(),
            tags: Vec::new(),
        }
    }

    /// Creates a writable credential without buckets. It is not stored yet.
    pub(crate) fn new_credential(&mut self, organization: &str) -> Credential {
        let uuid = self.random.uuid();
        Credential {
            name: format!("credential-{}", &uuid[..8]),
            uuid,
            organization_uuid: organization.to_owned(),
            is_readonly: false,
            access_key: self.random.alphanumeric(20).to_uppercase(),
            secret_key: self.random.alphanumeric(40),
            subfolder: None,
            bucket_uuids: Vec::new(),
        }
    }

    /// Creates a writable account for a whole bucket. It is not stored yet.
    pub(crate) fn new_ftp_account(&mut self, bucket: &Bucket) -> FtpAccount {
        let uuid = self.random.uuid();
        FtpAccount {
            name: self.login_name(&format!("account-{}", &uuid[..8]), &bucket.organization_uuid),
            uuid,
            organization_uuid: bucket.organization_uuid.clone(),
            bucket_uuid: bucket.uuid.clone(),
            password: format!("{}-aA1", self.random.alphanumeric(16)),
            path: bucket.name.clone(),
            login_allowed: true,
            is_readonly: false,
            wrap_rules: Vec::new(),
            count: 0,
        }
    }

    /// Returns the login name for a requested name.
    pub(crate) fn login_name(&self, name: &str, organization: &str) -> String {
        let organization = self.organizations.iter().find(|one| one.uuid == organization);
        organization.map_or_else(|| name.to_owned(), |one| format!("{name}_{}", one.ftp_name_suffix))
    }

    pub(crate) fn bucket(&self, organization: &str, uuid: &str) -> ApiResult<&Bucket> {
        self.buckets.find(uuid).filter(|bucket| bucket.organization_uuid == organization).ok_or_else(not_found)
    }

    pub(crate) fn credential(&self, organization: &str, uuid: &str) -> ApiResult<&Credential> {
        let credential = self.credentials.find(uuid);
        credential.filter(|credential| credential.organization_uuid == organization).ok_or_else(not_found)
    }

    pub(crate) fn ftp_account(&self, organization: &str, uuid: &str) -> ApiResult<&FtpAccount> {
        self.ftp_accounts.find(uuid).filter(|account| account.organization_uuid == organization).ok_or_else(not_found)
    }

    /// Removes a bucket and its FTP accounts, and removes it from all credentials.
    pub(crate) fn remove_bucket(&mut self, uuid: &str) {
        self.buckets.retain(|bucket| bucket.uuid != uuid);
        self.ftp_accounts.retain(|account| account.bucket_uuid != uuid);
        for credential in &mut self.credentials {
            credential.bucket_uuids.retain(|bucket| bucket != uuid);
        }
    }
}

impl SimulatedStore for Store {
    /// Removes expired tokens.
    fn tick(&mut self, now_ms: i64) {
        self.tokens.retain(|_, expires_ms| *expires_ms > now_ms);
    }
}

/// Replaces the stored object that has the same id.
pub(crate) fn replace<T: Identified>(stored: &mut [T], changed: T) {
    if let Some(slot) = stored.iter_mut().find(|object| object.id() == changed.id()) {
        *slot = changed;
    }
}

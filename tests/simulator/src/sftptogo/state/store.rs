//! The stored data of the service.

use std::collections::BTreeSet;

use percent_encoding::utf8_percent_encode;

use crate::server::{Random, SimulatedStore, UNRESERVED, touch};
use crate::sftptogo::input::{ApiError, ApiResult, not_found};
use crate::sftptogo::settings::Settings;
use crate::sftptogo::state::objects::{Credential, InboundRule, ShareLink, SshKey, Webhook};

pub(crate) struct Store {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    pub(crate) organization_id: String,
    pub(crate) host: String,
    /// `None` after it is revoked.
    pub(crate) api_key: Option<String>,
    pub(crate) credentials: Vec<Credential>,
    pub(crate) ssh_keys: Vec<SshKey>,
    pub(crate) webhooks: Vec<Webhook>,
    pub(crate) share_links: Vec<ShareLink>,
    /// Paths that are declared as folders. There is no file tree to look them up in.
    pub(crate) folders: BTreeSet<String>,
    /// The id of all generated rules: one id, as in the documented examples.
    default_rule_id: String,
}

const REGION: &str = "eu-west-1";
const ADJECTIVES: &[&str] = &["quiet", "warm", "bright", "calm", "early", "gentle"];
const NOUNS: &[&str] = &["meadow", "harbor", "river", "garden", "forest", "valley"];

/// Times below this value are seconds. In milliseconds the value is in March 1973.
const SECONDS_BELOW: i64 = 100_000_000_000;

impl Store {
    pub(crate) fn new(settings: Settings, seed: u64, now_ms: i64) -> Self {
        let mut random = Random::new(seed);
        let generated_id = random.uuid();
        let (adjective, noun) = (random.pick(ADJECTIVES), random.pick(NOUNS));
        let host = format!("{adjective}-{noun}-{}.sftptogo.com", random.digits(5));
        let generated_key = random.alphanumeric(40);
        let default_rule_id = random.uuid();
        let mut store = Self {
            organization_id: settings.organization_id.clone().unwrap_or(generated_id),
            api_key: Some(settings.api_key.clone().unwrap_or(generated_key)),
            settings,
            random,
            host,
            credentials: Vec::new(),
            ssh_keys: Vec::new(),
            webhooks: Vec::new(),
            share_links: Vec::new(),
            folders: BTreeSet::new(),
            default_rule_id,
        };
        let mut root = store.new_credential(now_ms);
        root.alias = "Root".into();
        root.is_default = true;
        root.permission = "full".into();
        root.home_directory = format!("/sftptg-prod-{REGION}-{}", store.organization_id);
        store.credentials.push(root);
        store
    }

    /// Creates a credential with the defaults of the dashboard. It is not stored yet.
    pub(crate) fn new_credential(&mut self, now_ms: i64) -> Credential {
        let id = self.random.hex(30);
        Credential {
            user_name: id.clone(),
            home_directory: format!("/home/{id}"),
            id,
            alias: String::new(),
            password: self.new_password(),
            password_created_at_ms: now_ms,
            chroot_directory: "/".into(),
            permission: "read-only".into(),
            state: "active".into(),
            is_default: false,
            inbound_rules: vec![InboundRule {
                id: self.default_rule_id.clone(),
                protocol: "SFTP".into(),
                state: "enabled".into(),
                source: "0.0.0.0/0".into(),
                description: "Allow all inbound traffic from anywhere".into(),
            }],
            expiration: None,
            created_at_ms: now_ms,
            updated_at_ms: now_ms,
        }
    }

    /// Generates 30 letters and digits that match the policy.
    pub(crate) fn new_password(&mut self) -> String {
        // Letters and digits cannot match every policy, so the number of tries is limited.
        for _ in 0..100 {
            let password = self.random.alphanumeric(30);
            if self.check_password(&password).is_ok() {
                return password;
            }
        }
        self.random.alphanumeric(30)
    }

    pub(crate) fn check_password(&self, password: &str) -> ApiResult<()> {
        if self.settings.password_policy.allows(password) {
            Ok(())
        } else {
            Err(ApiError::bad_request("Password does not meet the password policy"))
        }
    }

    pub(crate) fn credential(&self, id: &str) -> ApiResult<&Credential> {
        self.credentials.iter().find(|credential| credential.id == id).ok_or_else(not_found)
    }

    pub(crate) fn credential_mut(&mut self, id: &str) -> ApiResult<&mut Credential> {
        self.credentials.iter_mut().find(|credential| credential.id == id).ok_or_else(not_found)
    }

    /// Returns the login as a URI, as the service does.
    pub(crate) fn uri(&self, credential: &Credential) -> String {
        format!(
            "sftp://{}:{}@{}",
            utf8_percent_encode(&credential.user_name, UNRESERVED),
            utf8_percent_encode(&credential.password, UNRESERVED),
            self.host
        )
    }
}

impl SimulatedStore for Store {
    /// Deactivates expired credentials and clears their expiration.
    fn tick(&mut self, now_ms: i64) {
        for credential in &mut self.credentials {
            let expired = credential.expiration.is_some_and(|expiration| {
                let unit = if expiration < SECONDS_BELOW { 1000 } else { 1 };
                now_ms >= expiration.saturating_mul(unit)
            });
            if expired {
                credential.expiration = None;
                credential.state = "inactive".into();
                credential.updated_at_ms = touch(credential.updated_at_ms, now_ms);
            }
        }
    }
}

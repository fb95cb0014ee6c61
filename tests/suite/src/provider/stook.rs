//! Stook under test.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use mft_simulator::stook::{Builder, Simulator, WrapRule};
use stook::{
    ApiKey, ApiSecret, Authentication, BucketId, Client, ClientBuilder, CredentialId, FtpAccountId, FtpAccountUpdate,
    NewFtpAccount, OrganizationId,
};

use super::{Act, CallFuture, Provider, Tweaks, by_simulator, shown, with_tweaks};
use crate::support::on_server;

const API_KEY: &str = "mrk-Stook.Key/0+1=";
const API_SECRET: &str = "mrk-Stook:Secret@2%";
const SEEDED_PASSWORD: &str = "mrk-Seeded:Password@7%";
const NEW_PASSWORD: &str = "mrk-Chosen:Password@9%";
const MADE: &str = "made-by-the-suite-";

/// A simulator of Stook with a bucket, an FTP account and a credential.
#[derive(Debug)]
pub struct Stook {
    /// The simulator.
    pub simulator: Simulator,
    /// The FTP account that the acts are about.
    pub target: FtpAccountId,
    /// Its bucket.
    pub bucket: BucketId,
    /// The credential for the bucket.
    pub credential: CredentialId,
    token: stook::Secret,
    made: AtomicUsize,
}

impl Stook {
    /// Starts a simulator with settings of its own. The key and its secret stay those of the suite.
    pub async fn start_with(builder: Builder) -> Self {
        let builder = builder.api_key(API_KEY).api_secret(API_SECRET);
        let simulator = on_server(async { builder.start().await.expect("a free port") }).await;
        let state = simulator.state();
        let bucket = state.add_bucket(|bucket| bucket.name = "target-bucket".into());
        let target = state.add_ftp_account(&bucket, |account| {
            account.name = "target".into();
            account.password = SEEDED_PASSWORD.into();
            account.wrap_rules = vec![WrapRule::deny(["all"]), WrapRule::allow(["198.51.100.7"])];
        });
        let credential = state.add_credential(|credential| {
            credential.name = "target".into();
            credential.bucket_uuids = vec![bucket.uuid.clone()];
        });
        Self {
            target: target.uuid.into(),
            bucket: bucket.uuid.into(),
            credential: credential.uuid.into(),
            token: state.issue_token().into(),
            made: AtomicUsize::new(0),
            simulator,
        }
    }

    /// A builder of a client that has a token already, and points to the simulator.
    pub fn builder(&self, tweaks: Tweaks) -> ClientBuilder {
        let token = tweaks.key.clone().map_or_else(|| self.token.clone(), stook::Secret::new);
        self.builder_of(Authentication::token(token), tweaks)
    }

    /// A builder of a client that logs in.
    pub fn login_builder(&self, tweaks: Tweaks) -> ClientBuilder {
        self.builder_of(
            Authentication::login(ApiKey::new(self.simulator.api_key()), ApiSecret::new(self.simulator.api_secret())),
            tweaks,
        )
    }

    fn builder_of(&self, authentication: Authentication, tweaks: Tweaks) -> ClientBuilder {
        let url = tweaks.base_url.clone().unwrap_or_else(|| self.simulator.base_url());
        let builder =
            Client::builder(OrganizationId::from(self.simulator.organization_uuid()), authentication).base_url(url);
        with_tweaks!(builder, tweaks)
    }
}

impl Provider for Stook {
    type Client = Client;

    const NAME: &'static str = "stook";

    const UNREPEATABLE: &'static [&'static str] =
        &["stook.ftp_accounts.create", "stook.buckets.create", "stook.credentials.create"];

    by_simulator!();

    fn operation(act: Act) -> Option<&'static str> {
        Some(match act {
            Act::Read => "stook.ftp_accounts.get",
            Act::List => "stook.ftp_accounts.list",
            Act::Create => "stook.ftp_accounts.create",
            Act::Change => "stook.ftp_accounts.update",
            Act::Delete => "stook.ftp_accounts.delete",
            Act::Never => return None,
        })
    }

    fn act(&self, client: &Client, act: Act) -> CallFuture {
        let (client, id, bucket) = (client.clone(), self.target.clone(), self.bucket.clone());
        // Login names are unique, so each creation has one of its own.
        let name = format!("{MADE}{}", self.made.fetch_add(1, SeqCst));
        Box::pin(async move {
            let accounts = client.ftp_accounts();
            match act {
                Act::Read => shown(accounts.get(&id).await),
                Act::List => shown(accounts.list().try_collect_vec().await),
                Act::Create => shown(accounts.create(NewFtpAccount::new(name, NEW_PASSWORD, bucket, "made")).await),
                Act::Change => shown(accounts.update(&id, FtpAccountUpdate::new().login_allowed(false)).await),
                Act::Delete => shown(accounts.delete(&id).await),
                Act::Never => unreachable!("no call of Stook is one"),
            }
        })
    }

    fn times_done(&self, act: Act) -> usize {
        let state = self.simulator.state();
        let target = state.ftp_account(self.target.as_str());
        match act {
            Act::Read | Act::List | Act::Never => 0,
            Act::Create => state.ftp_accounts().iter().filter(|account| account.name.starts_with(MADE)).count(),
            Act::Change => usize::from(target.is_some_and(|target| !target.login_allowed)),
            Act::Delete => usize::from(target.is_none()),
        }
    }

    fn snapshot(&self) -> String {
        let state = self.simulator.state();
        let mut text = String::new();
        for bucket in state.buckets() {
            let tags: Vec<_> = bucket.tags.iter().map(|tag| (&tag.key, &tag.label)).collect();
            let _ = writeln!(text, "bucket {} in {} tags {tags:?}", bucket.name, bucket.region);
        }
        for account in state.ftp_accounts() {
            let rules: Vec<_> = account.wrap_rules.iter().map(|rule| (&rule.kind, &rule.rule)).collect();
            let _ = writeln!(
                text,
                "account {} sees {} password {} logs in {} read-only {} rules {rules:?}",
                account.name, account.path, account.password, account.login_allowed, account.is_readonly
            );
        }
        for credential in state.credentials() {
            let (name, is_readonly, folder) = (&credential.name, credential.is_readonly, &credential.subfolder);
            let buckets = credential.bucket_uuids.len();
            let _ = writeln!(text, "credential {name} read-only {is_readonly} in {folder:?} of {buckets} buckets");
        }
        text
    }

    fn secrets(&self) -> Vec<String> {
        let state = self.simulator.state();
        let mut secrets = [API_KEY, API_SECRET, SEEDED_PASSWORD, NEW_PASSWORD].map(str::to_owned).to_vec();
        secrets.extend([self.simulator.api_key(), self.simulator.api_secret(), self.token.expose().to_owned()]);
        secrets.extend(state.tokens());
        secrets.extend(state.ftp_accounts().into_iter().map(|account| account.password));
        secrets.extend(state.credentials().into_iter().map(|credential| credential.secret_key));
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }
}

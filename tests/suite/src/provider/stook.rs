//! Stook under test.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use mft_simulator::stook::{Builder, Simulator, WrapRule};
use stook::{
    ApiKey, ApiSecret, Authentication, BucketId, Client, ClientBuilder, CredentialId, FtpAccountId, FtpAccountUpdate,
    NewFtpAccount, OrganizationId, Secret,
};

use super::{CallFuture, CallKind, ClientOptions, Provider, apply_options, debug_text, delegate_to_simulator};
use crate::runtime::on_simulator_runtime;

const API_KEY: &str = "mrk-Stook.Key/0+1=";
const API_SECRET: &str = "mrk-Stook:Secret@2%";
const SEEDED_PASSWORD: &str = "mrk-Seeded:Password@7%";
const NEW_PASSWORD: &str = "mrk-Chosen:Password@9%";
const CREATED: &str = "suite-created-";

/// A simulator of Stook with a bucket, an FTP account and a credential.
#[derive(Debug)]
pub struct Stook {
    /// The simulator.
    pub simulator: Simulator,
    /// The FTP account that the calls use.
    pub target: FtpAccountId,
    /// Its bucket.
    pub bucket: BucketId,
    /// The credential for the bucket.
    pub credential: CredentialId,
    token: stook::Secret,
    made: AtomicUsize,
}

impl Stook {
    /// Starts a simulator with the given settings. The API key and its secret are those of the suite.
    pub async fn start_with(builder: Builder) -> Self {
        let builder = builder.api_key(API_KEY).api_secret(API_SECRET);
        let simulator = on_simulator_runtime(async { builder.start().await.expect("a free port") }).await;
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

    /// Returns a client builder for the simulator. The client has a token.
    pub fn builder(&self, options: ClientOptions) -> ClientBuilder {
        let token = options.key.clone().map_or_else(|| self.token.clone(), stook::Secret::new);
        self.builder_of(Authentication::token(token), options)
    }

    /// Returns a client builder whose client logs in.
    pub fn login_builder(&self, options: ClientOptions) -> ClientBuilder {
        self.builder_of(
            Authentication::login(ApiKey::new(self.simulator.api_key()), ApiSecret::new(self.simulator.api_secret())),
            options,
        )
    }

    fn builder_of(&self, authentication: Authentication, options: ClientOptions) -> ClientBuilder {
        let url = options.base_url.clone().unwrap_or_else(|| self.simulator.base_url());
        let builder =
            Client::builder(OrganizationId::from(self.simulator.organization_uuid()), authentication).base_url(url);
        apply_options!(builder, options)
    }
}

impl Provider for Stook {
    type Client = Client;

    const NAME: &'static str = "stook";

    const NON_IDEMPOTENT: &'static [&'static str] =
        &["stook.ftp_accounts.create", "stook.buckets.create", "stook.credentials.create"];

    delegate_to_simulator!();

    fn operation(call: CallKind) -> Option<&'static str> {
        Some(match call {
            CallKind::Read => "stook.ftp_accounts.get",
            CallKind::List => "stook.ftp_accounts.list",
            CallKind::Create => "stook.ftp_accounts.create",
            CallKind::Change => "stook.ftp_accounts.update",
            CallKind::Delete => "stook.ftp_accounts.delete",
            CallKind::NeverRetry => return None,
        })
    }

    fn call(&self, client: &Client, call: CallKind) -> CallFuture {
        let (client, id, bucket) = (client.clone(), self.target.clone(), self.bucket.clone());
        // Login names are unique, so each creation uses a new one.
        let name = format!("{CREATED}{}", self.made.fetch_add(1, SeqCst));
        Box::pin(async move {
            let accounts = client.ftp_accounts();
            match call {
                CallKind::Read => debug_text(accounts.get(&id).await),
                CallKind::List => debug_text(accounts.list().try_collect_vec().await),
                CallKind::Create => debug_text(
                    accounts.create(NewFtpAccount::new(name, Secret::new(NEW_PASSWORD), bucket, "made")).await,
                ),
                CallKind::Change => {
                    debug_text(accounts.update(&id, FtpAccountUpdate::new().login_allowed(false)).await)
                }
                CallKind::Delete => debug_text(accounts.delete(&id).await),
                CallKind::NeverRetry => unreachable!("Stook has no such call"),
            }
        })
    }

    fn times_applied(&self, call: CallKind) -> usize {
        let state = self.simulator.state();
        let target = state.ftp_account(self.target.as_str());
        match call {
            CallKind::Read | CallKind::List | CallKind::NeverRetry => 0,
            CallKind::Create => state.ftp_accounts().iter().filter(|account| account.name.starts_with(CREATED)).count(),
            CallKind::Change => usize::from(target.is_some_and(|target| !target.login_allowed)),
            CallKind::Delete => usize::from(target.is_none()),
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
                "account {} path {} password {} login allowed {} read-only {} rules {rules:?}",
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

//! ftpGrid under test: its management API and its storage.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

use ftpgrid::{
    AccessKey, AccessRights, AssociationKey, Authentication, Client, ClientBuilder, FtpAccountId, FtpAccountUpdate,
    NewFtpAccount, SecretKey,
};
use mft_simulator::ftpgrid::{Builder, Simulator};

use super::{CallFuture, CallKind, ClientOptions, Provider, apply_options, debug_text, delegate_to_simulator};
use crate::runtime::on_simulator_runtime;

const ASSOCIATION_KEY: &str = "mrk-Association.Key/0";
const ACCESS_KEY: &str = "AK_mrk-Authentication:Key+1";
const SECRET_KEY: &str = "sk_live_mrk-Secret/Key=2";
const SEEDED_PASSWORD: &str = "mrk-Seeded:Password@7%";
const NEW_PASSWORD: &str = "mrk-Chosen:Password@9%";
const CREATED: &str = "suite-created-";
const UPDATED: &str = "updated by the suite";

/// A simulator of ftpGrid with two FTP accounts and a few files.
#[derive(Debug)]
pub struct Ftpgrid {
    /// The simulator.
    pub simulator: Simulator,
    /// The FTP account that the calls use.
    pub target: FtpAccountId,
    /// The FTP account for deletions.
    pub disposable: FtpAccountId,
    made: AtomicUsize,
    tokens: Mutex<Vec<String>>,
}

impl Ftpgrid {
    /// Starts a simulator with the given settings. The keys are those of the suite.
    pub async fn start_with(builder: Builder) -> Self {
        let builder = builder.association_key(ASSOCIATION_KEY).access_key(ACCESS_KEY).secret_key(SECRET_KEY);
        let simulator = on_simulator_runtime(async { builder.start().await.expect("two free ports") }).await;
        let state = simulator.state();
        let [target, disposable] = ["target", "doomed"].map(|name| {
            let account = state.add_account(|account| {
                account.username = name.into();
                account.chroot = format!("/home/{name}");
                account.password = Some(SEEDED_PASSWORD.into());
                account.description = Some("seeded".into());
            });
            FtpAccountId::new(account.id.unsigned_abs())
        });
        state.add_file("/inbox/a b.txt", "a and b");
        state.add_file("/inbox/2026/c.csv", "c;c\n");
        state.add_file("/top.txt", "at the top");
        state.add_directory("/archive");
        Self { simulator, target, disposable, made: AtomicUsize::new(0), tokens: Mutex::default() }
    }

    /// Returns a client builder for the simulator. The client has a token, so that no token exchange affects request
    /// counts.
    pub fn builder(&self, options: ClientOptions) -> ClientBuilder {
        let with_token = options.key.is_none();
        let builder = self.builder_without_token(options);
        if with_token { builder.initial_token(self.token()) } else { builder }
    }

    /// Returns a client builder whose client must exchange its keys first.
    pub fn builder_without_token(&self, options: ClientOptions) -> ClientBuilder {
        let secret_key = options.key.clone().unwrap_or_else(|| SECRET_KEY.to_owned());
        let base_url = options.base_url.clone().unwrap_or_else(|| self.simulator.base_url());
        let builder = Client::builder(Authentication::keys(
            AssociationKey::new(ASSOCIATION_KEY),
            AccessKey::new(ACCESS_KEY),
            SecretKey::new(secret_key),
        ))
        .base_url(base_url)
        .storage_url(self.simulator.storage_url());
        apply_options!(builder, options)
    }

    /// Returns a valid token and records it as a secret.
    pub fn token(&self) -> String {
        let token = self.simulator.state().issue_token();
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(token.clone());
        token
    }
}

impl Provider for Ftpgrid {
    type Client = Client;

    const NAME: &'static str = "ftpgrid";

    const UPDATE_RESPONSE_MAY_BE_EMPTY: bool = true;

    const NON_IDEMPOTENT: &'static [&'static str] =
        &["ftpgrid.ftp_accounts.create", "ftpgrid.storage.move", "ftpgrid.storage.mkdir"];

    delegate_to_simulator!();

    fn operation(call: CallKind) -> Option<&'static str> {
        Some(match call {
            CallKind::Read => "ftpgrid.ftp_accounts.get",
            CallKind::List => "ftpgrid.ftp_accounts.list",
            CallKind::Create => "ftpgrid.ftp_accounts.create",
            CallKind::Change => "ftpgrid.ftp_accounts.update",
            CallKind::Delete => "ftpgrid.ftp_accounts.delete",
            CallKind::NeverRetry => return None,
        })
    }

    fn call(&self, client: &Client, call: CallKind) -> CallFuture {
        let (client, target, disposable) = (client.clone(), self.target, self.disposable);
        // Names are unique, so each creation uses a new one.
        let name = format!("{CREATED}{}", self.made.fetch_add(1, SeqCst));
        Box::pin(async move {
            let accounts = client.ftp_accounts();
            match call {
                CallKind::Read => debug_text(accounts.get(target).await),
                CallKind::List => debug_text(accounts.list().try_collect_vec().await),
                CallKind::Create => {
                    let account = NewFtpAccount::new(name, AccessRights::ReadWrite, "/made").password(NEW_PASSWORD);
                    debug_text(accounts.create(account).await)
                }
                CallKind::Change => {
                    debug_text(accounts.update(target, FtpAccountUpdate::new().description(UPDATED)).await)
                }
                CallKind::Delete => debug_text(accounts.delete(disposable).await),
                CallKind::NeverRetry => unreachable!("ftpGrid has no such call"),
            }
        })
    }

    fn times_applied(&self, call: CallKind) -> usize {
        let accounts = self.simulator.state().accounts();
        match call {
            CallKind::Read | CallKind::List | CallKind::NeverRetry => 0,
            CallKind::Create => accounts.iter().filter(|account| account.username.starts_with(CREATED)).count(),
            CallKind::Change => {
                accounts.iter().filter(|account| account.description.as_deref() == Some(UPDATED)).count()
            }
            CallKind::Delete => usize::from(!accounts.iter().any(|account| account.username == "doomed")),
        }
    }

    fn snapshot(&self) -> String {
        let state = self.simulator.state();
        let mut text = String::new();
        for account in state.accounts() {
            let _ = writeln!(
                text,
                "account {:?} {} in {:?} enabled {} with {:?} and {:?}: {:?}",
                account.username,
                account.access_rights,
                account.chroot,
                account.enabled,
                account.password,
                account.rsa_key,
                account.description
            );
        }
        for directory in state.directories() {
            let _ = writeln!(text, "{directory}/");
        }
        for file in state.files() {
            let _ = writeln!(text, "{} with {} bytes, {:?}", file.path, file.size, file.crc32);
        }
        text
    }

    fn secrets(&self) -> Vec<String> {
        let mut secrets =
            [ASSOCIATION_KEY, ACCESS_KEY, SECRET_KEY, SEEDED_PASSWORD, NEW_PASSWORD].map(str::to_owned).to_vec();
        secrets.extend(self.tokens.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        secrets.extend(self.simulator.state().accounts().into_iter().filter_map(|account| account.password));
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }
}

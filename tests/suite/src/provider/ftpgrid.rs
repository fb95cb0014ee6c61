//! ftpGrid under test: its management API, and the storage beside it.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

use ftpgrid::{
    AccessKey, AccessRights, AssociationKey, Authentication, Client, ClientBuilder, FtpAccountId, FtpAccountUpdate,
    NewFtpAccount, SecretKey,
};
use mft_simulator::ftpgrid::{Builder, Simulator};

use super::{Act, CallFuture, Provider, Tweaks, by_simulator, shown, with_tweaks};
use crate::support::on_server;

const ASSOCIATION_KEY: &str = "mrk-Association.Key/0";
const ACCESS_KEY: &str = "AK_mrk-Authentication:Key+1";
const SECRET_KEY: &str = "sk_live_mrk-Secret/Key=2";
const SEEDED_PASSWORD: &str = "mrk-Seeded:Password@7%";
const NEW_PASSWORD: &str = "mrk-Chosen:Password@9%";
const MADE: &str = "made-by-the-suite-";
const CHANGED: &str = "changed by the suite";

/// A simulator of ftpGrid with two FTP accounts and a few files.
#[derive(Debug)]
pub struct Ftpgrid {
    /// The simulator.
    pub simulator: Simulator,
    /// The FTP account that the acts are about.
    pub target: FtpAccountId,
    /// The FTP account that is deleted.
    pub doomed: FtpAccountId,
    made: AtomicUsize,
    tokens: Mutex<Vec<String>>,
}

impl Ftpgrid {
    /// Starts a simulator with settings of its own. The keys stay those of the suite.
    pub async fn start_with(builder: Builder) -> Self {
        let builder = builder.association_key(ASSOCIATION_KEY).access_key(ACCESS_KEY).secret_key(SECRET_KEY);
        let simulator = on_server(async { builder.start().await.expect("two free ports") }).await;
        let state = simulator.state();
        let [target, doomed] = ["target", "doomed"].map(|name| {
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
        Self { simulator, target, doomed, made: AtomicUsize::new(0), tokens: Mutex::default() }
    }

    /// A client's builder that points to the simulator. It has a token, so that no exchange stands in the way of what a
    /// test counts.
    pub fn builder(&self, tweaks: Tweaks) -> ClientBuilder {
        let with_token = tweaks.key.is_none();
        let builder = self.builder_without_token(tweaks);
        if with_token { builder.initial_token(self.token()) } else { builder }
    }

    /// A client's builder that has to exchange its keys first.
    pub fn builder_without_token(&self, tweaks: Tweaks) -> ClientBuilder {
        let secret_key = tweaks.key.clone().unwrap_or_else(|| SECRET_KEY.to_owned());
        let base_url = tweaks.base_url.clone().unwrap_or_else(|| self.simulator.base_url());
        let builder = Client::builder(Authentication::keys(
            AssociationKey::new(ASSOCIATION_KEY),
            AccessKey::new(ACCESS_KEY),
            SecretKey::new(secret_key),
        ))
        .base_url(base_url)
        .storage_url(self.simulator.storage_url());
        with_tweaks!(builder, tweaks)
    }

    /// A token that works, and is kept among the secrets.
    pub fn token(&self) -> String {
        let token = self.simulator.state().issue_token();
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).push(token.clone());
        token
    }
}

impl Provider for Ftpgrid {
    type Client = Client;

    const NAME: &'static str = "ftpgrid";

    const CHANGES_NEED_NO_REPLY: bool = true;

    const UNREPEATABLE: &'static [&'static str] =
        &["ftpgrid.ftp_accounts.create", "ftpgrid.storage.move", "ftpgrid.storage.mkdir"];

    by_simulator!();

    fn operation(act: Act) -> Option<&'static str> {
        Some(match act {
            Act::Read => "ftpgrid.ftp_accounts.get",
            Act::List => "ftpgrid.ftp_accounts.list",
            Act::Create => "ftpgrid.ftp_accounts.create",
            Act::Change => "ftpgrid.ftp_accounts.update",
            Act::Delete => "ftpgrid.ftp_accounts.delete",
            Act::Never => return None,
        })
    }

    fn act(&self, client: &Client, act: Act) -> CallFuture {
        let (client, target, doomed) = (client.clone(), self.target, self.doomed);
        // Names are unique, so each creation has one of its own.
        let name = format!("{MADE}{}", self.made.fetch_add(1, SeqCst));
        Box::pin(async move {
            let accounts = client.ftp_accounts();
            match act {
                Act::Read => shown(accounts.get(target).await),
                Act::List => shown(accounts.list().try_collect_vec().await),
                Act::Create => {
                    let account = NewFtpAccount::new(name, AccessRights::ReadWrite, "/made").password(NEW_PASSWORD);
                    shown(accounts.create(account).await)
                }
                Act::Change => shown(accounts.update(target, FtpAccountUpdate::new().description(CHANGED)).await),
                Act::Delete => shown(accounts.delete(doomed).await),
                Act::Never => unreachable!("no call of ftpGrid is one"),
            }
        })
    }

    fn times_done(&self, act: Act) -> usize {
        let accounts = self.simulator.state().accounts();
        match act {
            Act::Read | Act::List | Act::Never => 0,
            Act::Create => accounts.iter().filter(|account| account.username.starts_with(MADE)).count(),
            Act::Change => accounts.iter().filter(|account| account.description.as_deref() == Some(CHANGED)).count(),
            Act::Delete => usize::from(!accounts.iter().any(|account| account.username == "doomed")),
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

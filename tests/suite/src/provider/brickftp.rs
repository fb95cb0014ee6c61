//! BrickFTP under test, in JSON and in XML.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use brickftp::{Authentication, Client, ClientBuilder, Format, NewUser, UserId, UserUpdate};
use mft_common::ErrorKind;
use mft_simulator::StorageSettings;
use mft_simulator::brickftp::{Builder, Simulator};

use super::{Act, CallFuture, Provider, Tweaks, Wire, by_simulator, shown, with_tweaks};
use crate::support::on_server;

const API_KEY: &str = "mrk-Brick.Key/0+1=";
const ADMIN_PASSWORD: &str = "mrk-Admin:Password@5%";
const NEW_PASSWORD: &str = "mrk-Chosen:Password@9%";
const MADE: &str = "made-by-the-suite-";
const CHANGED: &str = "changed by the suite";

/// What a part of an upload has in these simulators, in bytes.
pub const SMALL_PART: usize = 1_000;

/// A simulated site of BrickFTP with a user, and a client that speaks JSON, or XML.
///
/// Parts are tiny, so that a transfer of several costs nothing.
#[derive(Debug)]
pub struct Brickftp<const XML: bool = false> {
    /// The simulator.
    pub simulator: Simulator,
    /// The user that the acts are about.
    pub target: UserId,
    made: AtomicUsize,
}

/// The same in XML.
pub type BrickftpXml = Brickftp<true>;

impl<const XML: bool> Brickftp<XML> {
    /// Starts a simulator with settings of its own. Key, password of the administrator and size of parts stay those of
    /// the suite.
    pub async fn start_with(builder: Builder) -> Self {
        let storage = StorageSettings::new().minimum_part_size(1);
        let builder = builder.api_key(API_KEY).admin_password(ADMIN_PASSWORD).part_size(SMALL_PART as u64);
        let builder = builder.storage(storage);
        let simulator = on_server(async { builder.start().await.expect("two free ports") }).await;
        let target = simulator.state().add_user(|user| {
            user.username = "target".into();
            user.password = "mrk-Seeded:Password@7%".into();
        });
        Self { target: UserId::new(target.id), made: AtomicUsize::new(0), simulator }
    }

    /// The format of this client.
    #[must_use]
    pub fn format() -> Format {
        if XML { Format::Xml } else { Format::Json }
    }

    /// A client's builder that points to the simulator.
    pub fn builder(&self, tweaks: Tweaks) -> ClientBuilder {
        let key = tweaks.key.clone().unwrap_or_else(|| API_KEY.to_owned());
        self.builder_for(Authentication::api_key(key), tweaks)
    }

    /// Returns a builder with another authentication.
    pub fn builder_for(&self, authentication: Authentication, tweaks: Tweaks) -> ClientBuilder {
        let url = tweaks.base_url.as_ref().map(|origin| format!("{origin}/api/rest/v1"));
        let url = url.unwrap_or_else(|| self.simulator.base_url());
        let builder = Client::builder(self.simulator.subdomain(), authentication).base_url(url).format(Self::format());
        with_tweaks!(builder, tweaks)
    }
}

impl<const XML: bool> Provider for Brickftp<XML> {
    type Client = Client;

    const NAME: &'static str = "brickftp";

    const WIRE: Wire = if XML { Wire::Xml } else { Wire::Json };

    // Whatever format was asked for, a reply is read in the one that it has.
    const READS_FAILURES_IN_XML: bool = true;

    const NOTHING_READ: ErrorKind = ErrorKind::NotFound;

    const UNREPEATABLE: &'static [&'static str] = &[
        "brickftp.sessions.create",
        "brickftp.users.create",
        "brickftp.api_keys.create",
        "brickftp.public_keys.create",
        "brickftp.groups.create",
        "brickftp.groups.create_user",
        "brickftp.permissions.create",
        "brickftp.notifications.create",
        "brickftp.bundles.create",
        "brickftp.behaviors.create",
        "brickftp.folders.create",
        "brickftp.files.rename",
        "brickftp.files.copy",
        "brickftp.uploads.start",
        "brickftp.uploads.complete",
    ];

    by_simulator!();

    fn operation(act: Act) -> Option<&'static str> {
        Some(match act {
            Act::Read => "brickftp.users.get",
            Act::List => "brickftp.users.list",
            Act::Create => "brickftp.users.create",
            Act::Change => "brickftp.users.update",
            Act::Delete => "brickftp.users.delete",
            Act::Never => return None,
        })
    }

    fn act(&self, client: &Client, act: Act) -> CallFuture {
        let (client, id) = (client.clone(), self.target);
        // Names are unique, so each creation has one of its own.
        let name = format!("{MADE}{}", self.made.fetch_add(1, SeqCst));
        Box::pin(async move {
            let users = client.users();
            match act {
                Act::Read => shown(users.get(id).await),
                Act::List => shown(users.list().try_collect_vec().await),
                Act::Create => shown(users.create(NewUser::new(name).password(NEW_PASSWORD)).await),
                Act::Change => shown(users.update(id, UserUpdate::new().name(CHANGED)).await),
                Act::Delete => shown(users.delete(id).await),
                Act::Never => unreachable!("no call of BrickFTP is one"),
            }
        })
    }

    fn times_done(&self, act: Act) -> usize {
        let state = self.simulator.state();
        let target = state.user(self.target.get());
        match act {
            Act::Read | Act::List | Act::Never => 0,
            Act::Create => state.users().iter().filter(|user| user.username.starts_with(MADE)).count(),
            Act::Change => usize::from(target.is_some_and(|target| target.name.as_deref() == Some(CHANGED))),
            Act::Delete => usize::from(target.is_none()),
        }
    }

    /// Without the history, which holds reads as well, sessions, which a service forgets by itself, and uploads that
    /// were begun: nothing shows of them, and this version of the API has no way to take them back.
    fn snapshot(&self) -> String {
        let state = self.simulator.state();
        let mut text = String::new();
        for user in state.users() {
            let _ = writeln!(text, "user {} named {:?} root {:?}", user.username, user.name, user.user_root);
        }
        for (kind, things) in [
            ("groups", state.groups().into_iter().map(|group| group.name).collect::<Vec<_>>()),
            ("members", state.memberships().iter().map(|one| format!("{} {}", one.group_id, one.user_id)).collect()),
            ("permissions", state.permissions().iter().map(|one| format!("{} {}", one.path, one.permission)).collect()),
            ("keys", state.api_keys().into_iter().map(|key| key.name).collect()),
            ("public keys", state.public_keys().into_iter().map(|key| key.title).collect()),
            ("notifications", state.notifications().into_iter().map(|one| one.path).collect()),
            ("bundles", state.bundles().iter().map(|bundle| bundle.paths.join(" ")).collect()),
            ("behaviors", state.behaviors().into_iter().map(|behavior| behavior.path).collect()),
        ] {
            let _ = writeln!(text, "{kind} {things:?}");
        }
        for entry in state.entries() {
            let _ = writeln!(text, "{} {} {:?}", entry.path, entry.size, entry.md5);
        }
        text
    }

    fn secrets(&self) -> Vec<String> {
        let state = self.simulator.state();
        let mut secrets = vec![API_KEY.to_owned(), self.simulator.api_key()];
        secrets.extend([ADMIN_PASSWORD, NEW_PASSWORD].map(str::to_owned));
        secrets.extend(state.users().into_iter().map(|user| user.password));
        secrets.extend(state.api_keys().into_iter().map(|key| key.key));
        secrets.extend(state.bundles().into_iter().filter_map(|bundle| bundle.password));
        secrets.extend(state.sessions().into_iter().map(|(id, _)| id));
        // What signs an address of the storage.
        let queries = self.journal().into_iter().filter_map(|exchange| exchange.query);
        let signature = |pair: &str| pair.strip_prefix("X-Amz-Signature=").map(str::to_owned);
        secrets.extend(queries.flat_map(|query| query.split('&').filter_map(signature).collect::<Vec<_>>()));
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }
}

//! BrickFTP under test, in JSON and in XML.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use brickftp::{Authentication, Client, ClientBuilder, Format, NewUser, UserId, UserUpdate};
use mft_common::ErrorKind;
use mft_simulator::StorageSettings;
use mft_simulator::brickftp::{Builder, Simulator};

use super::{
    CallFuture, CallKind, ClientOptions, Provider, WireFormat, apply_options, debug_text, delegate_to_simulator,
};
use crate::runtime::on_simulator_runtime;

const API_KEY: &str = "mrk-Brick.Key/0+1=";
const ADMIN_PASSWORD: &str = "mrk-Admin:Password@5%";
const NEW_PASSWORD: &str = "mrk-Chosen:Password@9%";
const CREATED: &str = "suite-created-";
const UPDATED: &str = "updated by the suite";

/// The part size of uploads in these simulators, in bytes.
pub const SMALL_PART: usize = 1_000;

/// A simulated BrickFTP site with a user, and a client that uses JSON or XML.
///
/// Parts are tiny, so that multipart uploads are cheap.
#[derive(Debug)]
pub struct Brickftp<const XML: bool = false> {
    /// The simulator.
    pub simulator: Simulator,
    /// The user that the calls use.
    pub target: UserId,
    made: AtomicUsize,
}

/// The same with XML.
pub type BrickftpXml = Brickftp<true>;

impl<const XML: bool> Brickftp<XML> {
    /// Starts a simulator with the given settings. API key, administrator password and part size are those of the
    /// suite.
    pub async fn start_with(builder: Builder) -> Self {
        let storage = StorageSettings::new().min_part_size(1);
        let builder = builder.api_key(API_KEY).admin_password(ADMIN_PASSWORD).part_size(SMALL_PART as u64);
        let builder = builder.storage(storage);
        let simulator = on_simulator_runtime(async { builder.start().await.expect("two free ports") }).await;
        let target = simulator.state().add_user(|user| {
            user.username = "target".into();
            user.password = "mrk-Seeded:Password@7%".into();
        });
        Self { target: UserId::new(target.id), made: AtomicUsize::new(0), simulator }
    }

    /// Returns the format of this client.
    #[must_use]
    pub fn format() -> Format {
        if XML { Format::Xml } else { Format::Json }
    }

    /// Returns a client builder for the simulator.
    pub fn builder(&self, options: ClientOptions) -> ClientBuilder {
        let key = options.key.clone().unwrap_or_else(|| API_KEY.to_owned());
        self.builder_for(Authentication::api_key(key), options)
    }

    /// Returns a client builder for the simulator with the given authentication.
    pub fn builder_for(&self, authentication: Authentication, options: ClientOptions) -> ClientBuilder {
        let url = options.base_url.as_ref().map(|origin| format!("{origin}/api/rest/v1"));
        let url = url.unwrap_or_else(|| self.simulator.base_url());
        let builder = Client::builder(self.simulator.subdomain(), authentication).base_url(url).format(Self::format());
        apply_options!(builder, options)
    }
}

impl<const XML: bool> Provider for Brickftp<XML> {
    type Client = Client;

    const NAME: &'static str = "brickftp";

    const WIRE_FORMAT: WireFormat = if XML { WireFormat::Xml } else { WireFormat::Json };

    // The client detects the format of a response, independent of the requested format.
    const PARSES_XML_ERRORS: bool = true;

    const EMPTY_READ_ERROR: ErrorKind = ErrorKind::NotFound;

    const NON_IDEMPOTENT: &'static [&'static str] = &[
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

    delegate_to_simulator!();

    fn operation(call: CallKind) -> Option<&'static str> {
        Some(match call {
            CallKind::Read => "brickftp.users.get",
            CallKind::List => "brickftp.users.list",
            CallKind::Create => "brickftp.users.create",
            CallKind::Change => "brickftp.users.update",
            CallKind::Delete => "brickftp.users.delete",
            CallKind::NeverRetry => return None,
        })
    }

    fn call(&self, client: &Client, call: CallKind) -> CallFuture {
        let (client, id) = (client.clone(), self.target);
        // Names are unique, so each creation uses a new one.
        let name = format!("{CREATED}{}", self.made.fetch_add(1, SeqCst));
        Box::pin(async move {
            let users = client.users();
            match call {
                CallKind::Read => debug_text(users.get(id).await),
                CallKind::List => debug_text(users.list().try_collect_vec().await),
                CallKind::Create => debug_text(users.create(NewUser::new(name).password(NEW_PASSWORD)).await),
                CallKind::Change => debug_text(users.update(id, UserUpdate::new().name(UPDATED)).await),
                CallKind::Delete => debug_text(users.delete(id).await),
                CallKind::NeverRetry => unreachable!("BrickFTP has no such call"),
            }
        })
    }

    fn times_applied(&self, call: CallKind) -> usize {
        let state = self.simulator.state();
        let target = state.user(self.target.get());
        match call {
            CallKind::Read | CallKind::List | CallKind::NeverRetry => 0,
            CallKind::Create => state.users().iter().filter(|user| user.username.starts_with(CREATED)).count(),
            CallKind::Change => usize::from(target.is_some_and(|target| target.name.as_deref() == Some(UPDATED))),
            CallKind::Delete => usize::from(target.is_none()),
        }
    }

    /// Excludes the history, which also records reads, sessions, which the service expires, and started uploads, which
    /// are not visible and which this version of the API cannot abort.
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
        // The signature of a presigned URL.
        let queries = self.journal().into_iter().filter_map(|exchange| exchange.query);
        let signature = |pair: &str| pair.strip_prefix("X-Amz-Signature=").map(str::to_owned);
        secrets.extend(queries.flat_map(|query| query.split('&').filter_map(signature).collect::<Vec<_>>()));
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }
}

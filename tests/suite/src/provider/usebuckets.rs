//! Buckets under test.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use mft_simulator::usebuckets::{Builder, Simulator};
use usebuckets::{Authentication, BucketId, BucketUpdate, Client, ClientBuilder, NewUser, NotificationId, UserId};

use super::{Act, CallFuture, Provider, Tweaks, by_simulator, shown, with_tweaks};
use crate::support::on_server;

const API_KEY: &str = "mrk-Buckets.Key/0+1=";
const SIGNING_SECRET: &str = "mrk-Signing:Key@2%";
const SEEDED_PASSWORD: &str = "mrk-Seeded:Password@7%";
const NEW_PASSWORD: &str = "mrk-Chosen:Password@9%";
const MADE: &str = "made-by-the-suite-";
const CHANGED: &str = "changed by the suite";
const DOOMED: &str = "to be deleted";

/// A simulator of Buckets with a bucket that has a user and a notification, and with another bucket.
#[derive(Debug)]
pub struct Usebuckets {
    /// The simulator.
    pub simulator: Simulator,
    /// The bucket that the acts are about.
    pub target: BucketId,
    /// Its user.
    pub user: UserId,
    /// Its notification, which leads nowhere.
    pub notification: NotificationId,
    /// The bucket that is deleted, with a user of its own.
    pub doomed: BucketId,
    made: AtomicUsize,
}

impl Usebuckets {
    /// Starts a simulator with settings of its own. The keys stay those of the suite.
    pub async fn start_with(builder: Builder) -> Self {
        let builder = builder.api_key(API_KEY).signing_secret(SIGNING_SECRET);
        let simulator = on_server(async { builder.start().await.expect("a free port") }).await;
        let state = simulator.state();
        let target = state.add_bucket(|bucket| bucket.name = "target".into());
        let doomed = state.add_bucket(|bucket| bucket.name = DOOMED.into());
        let [user, _] = [&target.id, &doomed.id].map(|bucket| {
            state.add_user(bucket, |user| {
                user.username = "target".into();
                user.password = SEEDED_PASSWORD.into();
            })
        });
        let notification = state.add_notification(&target.id, |notification| {
            notification.webhook_url = "https://hooks.example.net/in".into();
        });
        Self {
            target: target.id.into(),
            user: user.id.into(),
            notification: notification.id.into(),
            doomed: doomed.id.into(),
            made: AtomicUsize::new(0),
            simulator,
        }
    }

    /// A client's builder that points to the simulator.
    pub fn builder(&self, tweaks: Tweaks) -> ClientBuilder {
        let key = tweaks.key.clone().unwrap_or_else(|| API_KEY.to_owned());
        let url = tweaks.base_url.as_ref().map(|origin| format!("{origin}/v1"));
        let builder =
            Client::builder(Authentication::api_key(key)).base_url(url.unwrap_or_else(|| self.simulator.base_url()));
        with_tweaks!(builder, tweaks)
    }
}

impl Provider for Usebuckets {
    type Client = Client;

    const NAME: &'static str = "usebuckets";

    const UNREPEATABLE: &'static [&'static str] =
        &["usebuckets.buckets.create", "usebuckets.users.create", "usebuckets.notifications.create"];

    by_simulator!();

    /// No call fetches a single object, so the users of a bucket take its place.
    fn operation(act: Act) -> Option<&'static str> {
        Some(match act {
            Act::Read => "usebuckets.users.list",
            Act::List => "usebuckets.buckets.list",
            Act::Create => "usebuckets.users.create",
            Act::Change => "usebuckets.buckets.update",
            Act::Delete => "usebuckets.buckets.delete",
            Act::Never => return None,
        })
    }

    fn act(&self, client: &Client, act: Act) -> CallFuture {
        let (client, target, doomed) = (client.clone(), self.target.clone(), self.doomed.clone());
        // Names are unique within a bucket, so each creation has one of its own.
        let name = format!("{MADE}{}", self.made.fetch_add(1, SeqCst));
        Box::pin(async move {
            let (buckets, users) = (client.buckets(), client.users());
            match act {
                Act::Read => shown(users.list(&target).try_collect_vec().await),
                Act::List => shown(buckets.list().try_collect_vec().await),
                Act::Create => shown(users.create(NewUser::new(&target, name, NEW_PASSWORD.into())).await),
                Act::Change => shown(buckets.update(&target, BucketUpdate::new().name(CHANGED)).await),
                Act::Delete => shown(buckets.delete(&doomed).await),
                Act::Never => unreachable!("no call of Buckets is one"),
            }
        })
    }

    fn times_done(&self, act: Act) -> usize {
        let state = self.simulator.state();
        let is_changed = || state.bucket(self.target.as_str()).is_some_and(|bucket| bucket.name == CHANGED);
        match act {
            Act::Read | Act::List | Act::Never => 0,
            Act::Create => state.users().iter().filter(|user| user.username.starts_with(MADE)).count(),
            Act::Change => usize::from(is_changed()),
            Act::Delete => usize::from(state.bucket(self.doomed.as_str()).is_none()),
        }
    }

    fn snapshot(&self) -> String {
        let state = self.simulator.state();
        let mut text = String::new();
        for bucket in state.buckets() {
            let _ = writeln!(text, "bucket {:?} active {}", bucket.name, bucket.active);
            for user in state.users_of(&bucket.id) {
                let _ = writeln!(
                    text,
                    "  user {:?} active {} with {:?} and {:?}",
                    user.username, user.active, user.password, user.permissions
                );
            }
            for notification in state.notifications().iter().filter(|one| one.bucket_id == bucket.id) {
                let (url, events, paths) = (&notification.webhook_url, &notification.events, &notification.paths);
                let _ = writeln!(text, "  tells {url} of {events:?} in {paths:?} active {}", notification.active);
            }
            for file in state.files(&bucket.id) {
                let _ = writeln!(text, "  {} with {} bytes", file.path, file.contents.len());
            }
        }
        text
    }

    fn secrets(&self) -> Vec<String> {
        let mut secrets = [API_KEY, SIGNING_SECRET, SEEDED_PASSWORD, NEW_PASSWORD].map(str::to_owned).to_vec();
        secrets.extend([self.simulator.api_key(), self.simulator.signing_secret()]);
        secrets.extend(self.simulator.state().users().into_iter().map(|user| user.password));
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }
}

//! Buckets under test.

use std::fmt::{Debug, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use mft_simulator::usebuckets::{Builder, Simulator};
use usebuckets::{Authentication, BucketId, BucketUpdate, Client, ClientBuilder, NewUser, NotificationId, UserId};

use super::{CallFuture, CallKind, ClientOptions, Provider, apply_options, debug_text, delegate_to_simulator};
use crate::runtime::on_simulator_runtime;

const API_KEY: &str = "mrk-Buckets.Key/0+1=";
const SIGNING_SECRET: &str = "mrk-Signing:Key@2%";
const SEEDED_PASSWORD: &str = "mrk-Seeded:Password@7%";
const NEW_PASSWORD: &str = "mrk-Chosen:Password@9%";
const CREATED: &str = "suite-created-";
const UPDATED: &str = "updated by the suite";
const DOOMED: &str = "to be deleted";

/// A simulator of Buckets with two buckets. The first one has a user and a notification.
#[derive(Debug)]
pub struct Usebuckets {
    /// The simulator.
    pub simulator: Simulator,
    /// The bucket that the calls use.
    pub target: BucketId,
    /// Its user.
    pub user: UserId,
    /// Its notification. The webhook URL is not reachable.
    pub notification: NotificationId,
    /// The bucket for deletions. It has one user.
    pub disposable: BucketId,
    made: AtomicUsize,
}

impl Usebuckets {
    /// Starts a simulator with the given settings. The keys are those of the suite.
    pub async fn start_with(builder: Builder) -> Self {
        let builder = builder.api_key(API_KEY).signing_secret(SIGNING_SECRET);
        let simulator = on_simulator_runtime(async { builder.start().await.expect("a free port") }).await;
        let state = simulator.state();
        let target = state.add_bucket(|bucket| bucket.name = "target".into());
        let disposable = state.add_bucket(|bucket| bucket.name = DOOMED.into());
        let [user, _] = [&target.id, &disposable.id].map(|bucket| {
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
            disposable: disposable.id.into(),
            made: AtomicUsize::new(0),
            simulator,
        }
    }

    /// Returns a client builder for the simulator.
    pub fn builder(&self, options: ClientOptions) -> ClientBuilder {
        let key = options.key.clone().unwrap_or_else(|| API_KEY.to_owned());
        let url = options.base_url.as_ref().map(|origin| format!("{origin}/v1"));
        let builder =
            Client::builder(Authentication::api_key(key)).base_url(url.unwrap_or_else(|| self.simulator.base_url()));
        apply_options!(builder, options)
    }
}

impl Provider for Usebuckets {
    type Client = Client;

    const NAME: &'static str = "usebuckets";

    const NON_IDEMPOTENT: &'static [&'static str] =
        &["usebuckets.buckets.create", "usebuckets.users.create", "usebuckets.notifications.create"];

    delegate_to_simulator!();

    /// No call gets a single object, so listing the users of a bucket takes its place.
    fn operation(call: CallKind) -> Option<&'static str> {
        Some(match call {
            CallKind::Read => "usebuckets.users.list",
            CallKind::List => "usebuckets.buckets.list",
            CallKind::Create => "usebuckets.users.create",
            CallKind::Change => "usebuckets.buckets.update",
            CallKind::Delete => "usebuckets.buckets.delete",
            CallKind::NeverRetry => return None,
        })
    }

    fn call(&self, client: &Client, call: CallKind) -> CallFuture {
        let (client, target, disposable) = (client.clone(), self.target.clone(), self.disposable.clone());
        // Names are unique within a bucket, so each creation uses a new one.
        let name = format!("{CREATED}{}", self.made.fetch_add(1, SeqCst));
        Box::pin(async move {
            let (buckets, users) = (client.buckets(), client.users());
            match call {
                CallKind::Read => debug_text(users.list(&target).try_collect_vec().await),
                CallKind::List => debug_text(buckets.list().try_collect_vec().await),
                CallKind::Create => debug_text(users.create(NewUser::new(&target, name, NEW_PASSWORD.into())).await),
                CallKind::Change => debug_text(buckets.update(&target, BucketUpdate::new().name(UPDATED)).await),
                CallKind::Delete => debug_text(buckets.delete(&disposable).await),
                CallKind::NeverRetry => unreachable!("Buckets has no such call"),
            }
        })
    }

    fn times_applied(&self, call: CallKind) -> usize {
        let state = self.simulator.state();
        let is_changed = || state.bucket(self.target.as_str()).is_some_and(|bucket| bucket.name == UPDATED);
        match call {
            CallKind::Read | CallKind::List | CallKind::NeverRetry => 0,
            CallKind::Create => state.users().iter().filter(|user| user.username.starts_with(CREATED)).count(),
            CallKind::Change => usize::from(is_changed()),
            CallKind::Delete => usize::from(state.bucket(self.disposable.as_str()).is_none()),
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
                let _ = writeln!(text, "  notifies {url} of {events:?} in {paths:?} active {}", notification.active);
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

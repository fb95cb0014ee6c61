//! SFTP To Go under test.

use std::fmt::Write as _;

use mft_simulator::sftptogo::{Builder, Simulator};
use sftptogo::{Authentication, Client, CredentialId, CredentialUpdate, NewCredential};

use super::{CallFuture, CallKind, ClientOptions, Provider, apply_options, debug_text, delegate_to_simulator};
use crate::runtime::on_simulator_runtime;

const API_KEY: &str = "mrk-Api.Key/0+1=";
const NEW_PASSWORD: &str = "mrk-Chosen:Password@9%";
const CREATED: &str = "created by the suite";
const UPDATED: &str = "updated by the suite";

/// A simulator of SFTP To Go with a credential, an SSH key, a webhook and a share link.
#[derive(Debug)]
pub struct Sftptogo {
    /// The simulator.
    pub simulator: Simulator,
    /// The credential that the calls use.
    pub target: CredentialId,
    seeded_password: String,
}

impl Sftptogo {
    /// Starts a simulator with the given settings. The API key is that of the suite.
    pub async fn start_with(builder: Builder) -> Self {
        let simulator =
            on_simulator_runtime(async { builder.api_key(API_KEY).start().await.expect("a free port") }).await;
        let target = simulator.state().add_credential(|credential| {
            credential.alias = "target".into();
            credential.user_name = "target-credential".into();
            credential.password = "mrk-Seeded:Password@7%".into();
        });
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@suite";
        simulator.state().add_ssh_key(&target.id, key).expect("a good key");
        let _ = simulator.state().add_webhook(|webhook| {
            webhook.alias = "target".into();
            webhook.url = "https://hooks.example.net/in".into();
            webhook.authorization_header = "Bearer mrk-Header%Value/5".into();
        });
        let _ = simulator.state().add_share_link(|link| {
            link.path = "/target/".into();
            link.password = Some("mrk-Link:Password@3%".into());
        });
        Self { target: CredentialId::from(target.id), seeded_password: target.password, simulator }
    }

    /// Returns a client builder for the simulator.
    pub fn builder(&self, options: ClientOptions) -> sftptogo::ClientBuilder {
        let key = options.key.clone().unwrap_or_else(|| API_KEY.to_owned());
        let url = options.base_url.clone().unwrap_or_else(|| self.simulator.base_url());
        let builder =
            Client::builder(self.simulator.organization_id().into(), Authentication::api_key(key)).base_url(url);
        apply_options!(builder, options)
    }

    /// Returns the id of the seeded webhook.
    #[must_use]
    pub fn webhook(&self) -> sftptogo::WebhookId {
        self.simulator.state().webhooks()[0].id.as_str().into()
    }

    /// Returns the id of the seeded share link.
    #[must_use]
    pub fn share_link(&self) -> sftptogo::ShareLinkId {
        self.simulator.state().share_links()[0].id.as_str().into()
    }

    /// Returns the id of the seeded SSH key.
    #[must_use]
    pub fn ssh_key(&self) -> sftptogo::SshKeyId {
        self.simulator.state().ssh_keys(self.target.as_str())[0].id.as_str().into()
    }
}

impl Provider for Sftptogo {
    type Client = Client;

    const NAME: &'static str = "sftptogo";

    const NON_IDEMPOTENT: &'static [&'static str] = &[
        "sftptogo.credentials.create",
        "sftptogo.credentials.rotate_password",
        "sftptogo.credentials.set_password",
        "sftptogo.ssh_keys.add",
        "sftptogo.webhooks.create",
        "sftptogo.share_links.create",
    ];

    delegate_to_simulator!();

    fn operation(call: CallKind) -> Option<&'static str> {
        Some(match call {
            CallKind::Read => "sftptogo.credentials.get",
            CallKind::List => "sftptogo.credentials.list",
            CallKind::Create => "sftptogo.credentials.create",
            CallKind::Change => "sftptogo.credentials.update",
            CallKind::Delete => "sftptogo.credentials.delete",
            CallKind::NeverRetry => "sftptogo.credentials.rotate_password",
        })
    }

    fn call(&self, client: &Client, call: CallKind) -> CallFuture {
        let (client, id) = (client.clone(), self.target.clone());
        Box::pin(async move {
            let credentials = client.credentials();
            match call {
                CallKind::Read => debug_text(credentials.get(&id).await),
                CallKind::List => debug_text(credentials.list().try_collect_vec().await),
                CallKind::Create => {
                    debug_text(credentials.create(NewCredential::new().alias(CREATED).password(NEW_PASSWORD)).await)
                }
                CallKind::Change => debug_text(credentials.update(&id, CredentialUpdate::new().alias(UPDATED)).await),
                CallKind::Delete => debug_text(credentials.delete(&id).await),
                CallKind::NeverRetry => debug_text(credentials.rotate_password(&id).await),
            }
        })
    }

    fn times_applied(&self, call: CallKind) -> usize {
        let state = self.simulator.state();
        let target = state.credential(self.target.as_str());
        let target_is = |test: &dyn Fn(&mft_simulator::sftptogo::Credential) -> bool| target.as_ref().is_some_and(test);
        match call {
            CallKind::Read | CallKind::List => 0,
            CallKind::Create => state.credentials().iter().filter(|credential| credential.alias == CREATED).count(),
            CallKind::Change => usize::from(target_is(&|target| target.alias == UPDATED)),
            CallKind::Delete => usize::from(target.is_none()),
            CallKind::NeverRetry => usize::from(target_is(&|target| target.password != self.seeded_password)),
        }
    }

    fn snapshot(&self) -> String {
        let state = self.simulator.state();
        let mut text = String::new();
        for credential in state.credentials() {
            let rules: Vec<_> =
                credential.inbound_rules.iter().map(|rule| (&rule.source, &rule.protocol, &rule.state)).collect();
            let keys: Vec<_> = state.ssh_keys(&credential.id).into_iter().map(|key| key.fingerprint).collect();
            let password = match credential.password {
                password if password == self.seeded_password => "seeded",
                password if password == NEW_PASSWORD => "chosen",
                _ => "generated",
            };
            let _ = writeln!(
                text,
                "credential {} {} {} password {password} rules {rules:?} keys {keys:?}",
                credential.alias, credential.permission, credential.state
            );
        }
        for webhook in state.webhooks() {
            let _ = writeln!(text, "webhook {} {} {:?}", webhook.alias, webhook.state, webhook.topics);
        }
        for link in state.share_links() {
            let _ = writeln!(text, "link {} {} notes {:?}", link.path, link.permission, link.notes);
        }
        text
    }

    fn secrets(&self) -> Vec<String> {
        let state = self.simulator.state();
        let mut secrets = vec![API_KEY.to_owned(), self.simulator.api_key(), NEW_PASSWORD.to_owned()];
        secrets.push(self.seeded_password.clone());
        secrets.extend(state.credentials().into_iter().map(|credential| credential.password));
        secrets.extend(state.webhooks().into_iter().flat_map(|webhook| [webhook.secret, webhook.authorization_header]));
        secrets.extend(state.share_links().into_iter().filter_map(|link| link.password));
        secrets.retain(|secret| !secret.is_empty());
        secrets
    }
}

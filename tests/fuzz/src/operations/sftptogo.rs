//! SFTP To Go.

use sftptogo::raw::Method;
use sftptogo::{Authentication, Client, Credential, CredentialId, CredentialUpdate, InboundRule, NewCredential, NewShareLink, NewWebhook, ShareLinkUpdate, SharePermission, WebhookTopic, WebhookType, WebhookUpdate};

use super::{Ended, Options, listed, told};
use crate::checks::{KEY, PASSWORD};
use crate::server::Server;

pub(super) async fn perform(server: &Server, operation: u8, options: Options) -> Ended {
    let builder = Client::builder("org".into(), Authentication::api_key(KEY)).transport(server.clone()).retry(options.retry());
    let client = builder.build().expect("a client");
    let (credentials, keys, hooks, links) =
        (client.credentials(), client.ssh_keys(), client.webhooks(), client.share_links());
    let id = CredentialId::from("9a41");
    match operation % 25 {
        0 => listed(credentials.list(), options).await,
        1 => told(credentials.create(NewCredential::new().password(PASSWORD))).await,
        2 => {
            let credential = credentials.get(&id).await?;
            told(async { Ok((file_access(&credential), credential)) }).await
        }
        3 => told(credentials.update(&id, CredentialUpdate::new().password(PASSWORD))).await,
        4 => told(credentials.replace_inbound_rules(&id, vec![])).await,
        5 => told(credentials.delete(&id)).await,
        6 => told(credentials.rotate_password(&id)).await,
        7 => told(credentials.set_password(&id, PASSWORD)).await,
        8 => told(credentials.rotate_password_and_fetch(&id)).await,
        9 => told(credentials.add_inbound_rule(&id, InboundRule::allow("203.0.113.7"))).await,
        10 => told(credentials.remove_inbound_rule(&id, &"a".into())).await,
        11 => listed(keys.list(&id), options).await,
        12 => told(keys.add(&id, "ssh-rsa AAAA")).await,
        13 => told(keys.remove(&id, &"1".into())).await,
        14 => listed(hooks.list(), options).await,
        15 => {
            let url = "https://hooks.example.net";
            let new = NewWebhook::new(WebhookType::Webhook, url, [WebhookTopic::FileCreated]);
            told(hooks.create(new.authorization_header(PASSWORD))).await
        }
        16 => told(hooks.update(&"1".into(), WebhookUpdate::new().authorization_header(PASSWORD))).await,
        17 => told(hooks.delete(&"1".into())).await,
        18 => listed(links.list(), options).await,
        19 => told(links.create(NewShareLink::folder("/a/", SharePermission::ReadOnly).password(PASSWORD))).await,
        20 => told(links.get(&"1".into())).await,
        21 => told(links.update(&"1".into(), ShareLinkUpdate::new().notes("a"))).await,
        22 => told(links.delete(&"1".into())).await,
        _ => told(client.raw(Method::GET, "/organizations/{organization_id}/new").into_call()).await,
    }
}

/// What a credential says of its files, and of its rules.
fn file_access(credential: &Credential) -> (Option<sftptogo::FileAccess>, usize) {
    let rules = credential.inbound_rules().unwrap_or_default();
    (credential.file_access(), rules.iter().filter(|rule| rule.source_net().is_ok()).count())
}

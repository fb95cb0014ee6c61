//! SFTP To Go.

use sftptogo::raw::Method;
use sftptogo::{
    Authentication, Client, Credential, CredentialId, CredentialUpdate, InboundRule, NewCredential, NewShareLink,
    NewWebhook, ShareLinkUpdate, SharePermission, WebhookTopic, WebhookType, WebhookUpdate,
};

use super::{CallResult, Options, boxed, collect_list};
use crate::checks::{KEY, PASSWORD};
use crate::transport::ScriptedTransport;

pub(super) async fn perform(transport: &ScriptedTransport, operation: u8, options: Options) -> CallResult {
    let builder =
        Client::builder("org".into(), Authentication::api_key(KEY)).transport(transport.clone()).retry(options.retry());
    let client = builder.build().expect("a client");
    let (credentials, keys, hooks, links) =
        (client.credentials(), client.ssh_keys(), client.webhooks(), client.share_links());
    let id = CredentialId::from("9a41");
    match operation % 25 {
        0 => collect_list(credentials.list(), options).await,
        1 => boxed(credentials.create(NewCredential::new().password(PASSWORD))).await,
        2 => {
            let credential = credentials.get(&id).await?;
            boxed(async { Ok((file_access(&credential), credential)) }).await
        }
        3 => boxed(credentials.update(&id, CredentialUpdate::new().password(PASSWORD))).await,
        4 => boxed(credentials.replace_inbound_rules(&id, vec![])).await,
        5 => boxed(credentials.delete(&id)).await,
        6 => boxed(credentials.rotate_password(&id)).await,
        7 => boxed(credentials.set_password(&id, PASSWORD)).await,
        8 => boxed(credentials.rotate_password_and_fetch(&id)).await,
        9 => boxed(credentials.add_inbound_rule(&id, InboundRule::allow("203.0.113.7"))).await,
        10 => boxed(credentials.remove_inbound_rule(&id, &"a".into())).await,
        11 => collect_list(keys.list(&id), options).await,
        12 => boxed(keys.add(&id, "ssh-rsa AAAA")).await,
        13 => boxed(keys.remove(&id, &"1".into())).await,
        14 => collect_list(hooks.list(), options).await,
        15 => {
            let url = "https://hooks.example.net";
            let new = NewWebhook::new(WebhookType::Webhook, url, [WebhookTopic::FileCreated]);
            boxed(hooks.create(new.authorization_header(PASSWORD))).await
        }
        16 => boxed(hooks.update(&"1".into(), WebhookUpdate::new().authorization_header(PASSWORD))).await,
        17 => boxed(hooks.delete(&"1".into())).await,
        18 => collect_list(links.list(), options).await,
        19 => boxed(links.create(NewShareLink::folder("/a/", SharePermission::ReadOnly).password(PASSWORD))).await,
        20 => boxed(links.get(&"1".into())).await,
        21 => boxed(links.update(&"1".into(), ShareLinkUpdate::new().notes("a"))).await,
        22 => boxed(links.delete(&"1".into())).await,
        _ => boxed(client.raw(Method::GET, "/organizations/{organization_id}/new").into_call()).await,
    }
}

/// Derives the file access and the inbound rules of a credential.
fn file_access(credential: &Credential) -> (Option<sftptogo::FileAccess>, usize) {
    let rules = credential.inbound_rules().unwrap_or_default();
    (credential.file_access(), rules.iter().filter(|rule| rule.source_net().is_ok()).count())
}

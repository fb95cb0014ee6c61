//! All operations of SFTP To Go, and the operation table of the README.

use mft_simulator::sftptogo::Simulator;
use mft_tests::operation_table::{self, OperationTable};
use mft_tests::{ClientOptions, Provider, Sftptogo};
use sftptogo::{
    CredentialPermission, CredentialUpdate, Deleted, InboundProtocol, InboundRule, NewCredential, NewShareLink,
    NewWebhook, ShareLinkUpdate, SharePermission, UnixMillis, WebhookState, WebhookTopic, WebhookType, WebhookUpdate,
};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@suite";
const BASE: &str = "/organizations/{organization_id}";

/// Runs all twenty operations in dependency order.
async fn run_all(provider: &Sftptogo) -> sftptogo::Result<()> {
    let client = provider.client(ClientOptions::default());
    let credentials = client.credentials();
    let new = NewCredential::new()
        .alias("Nightly intake")
        .user_name("intake-robot-01")
        .password("Zq7-example-Pw-0001")
        .home_directory("/home/intake")
        .permission(CredentialPermission::ReadWrite);
    let credential = credentials.create(new).await?;
    assert_eq!(credential.alias.as_deref(), Some("Nightly intake"));
    assert_eq!(credentials.list().try_collect_vec().await?.len(), 3);
    assert_eq!(credentials.get(&credential.id).await?.permission, Some(CredentialPermission::ReadWrite));
    let update = CredentialUpdate::new().alias("v2").permission(CredentialPermission::ReadOnly);
    assert_eq!(credentials.update(&credential.id, update).await?.alias.as_deref(), Some("v2"));
    let rules = vec![InboundRule::allow("203.0.113.0/24").protocol(InboundProtocol::Ftps).description("Office")];
    let changed = credentials.replace_inbound_rules(&credential.id, rules.clone()).await?;
    assert_eq!(changed.inbound_rules(), Some(rules.as_slice()));
    credentials.rotate_password(&credential.id).await?;
    credentials.set_password(&credential.id, "N3w-example-Pw-0002").await?;

    let key = client.ssh_keys().add(&credential.id, KEY).await?;
    assert_eq!(client.ssh_keys().list(&credential.id).try_collect_vec().await?, std::slice::from_ref(&key));
    assert_eq!(client.ssh_keys().remove(&credential.id, &key.id).await?, Deleted::Now(key));

    let topics = [WebhookTopic::FileCreated, WebhookTopic::FileDeleted];
    let new = NewWebhook::new(WebhookType::Webhook, "https://example.net/hook", topics).authorization_header("Basic x");
    let webhook = client.webhooks().create(new).await?;
    assert_eq!(client.webhooks().list().try_collect_vec().await?.len(), 2);
    let update = WebhookUpdate::new().state(WebhookState::Paused).clear_authorization_header();
    assert_eq!(client.webhooks().update(&webhook.id, update).await?.state, Some(WebhookState::Paused));
    let stored = provider.simulator.state().webhook(webhook.id.as_str()).expect("a webhook");
    assert_eq!((stored.state.as_str(), stored.authorization_header.as_str()), ("paused", ""));
    client.webhooks().delete(&webhook.id).await?;

    let new = NewShareLink::folder("/out/", SharePermission::ReadWriteNoDelete).access_limit(3).notes("for Dana");
    let link = client.share_links().create(new.expires_at(UnixMillis(1_900_000_000_000))).await?;
    assert_eq!(client.share_links().list().try_collect_vec().await?.len(), 2);
    assert_eq!(client.share_links().get(&link.id).await?.notes.as_deref(), Some("for Dana"));
    client.share_links().update(&link.id, ShareLinkUpdate::new().clear_notes().never_expires().access_limit(0)).await?;
    let stored = provider.simulator.state().share_link(link.id.as_str()).expect("a share link");
    assert_eq!((stored.notes, stored.expires_at_ms, stored.access_limit), (None, None, 0));
    client.share_links().delete(&link.id).await?;

    let stored = provider.simulator.state().credential(credential.id.as_str()).expect("a credential");
    assert_eq!((stored.alias.as_str(), stored.permission.as_str()), ("v2", "read-only"));
    assert_eq!((stored.user_name.as_str(), stored.home_directory.as_str()), ("intake-robot-01", "/home/intake"));
    assert_eq!(stored.password, "N3w-example-Pw-0002");
    let sources: Vec<_> = stored.inbound_rules.iter().map(|rule| (&*rule.source, &*rule.protocol)).collect();
    assert_eq!(sources, [("203.0.113.0/24", "FTPS")]);
    assert!(matches!(credentials.delete(&credential.id).await?, Deleted::Now(was) if was.id == credential.id));
    Ok(())
}

#[tokio::test]
async fn all_operations_work_with_example_and_full_responses() {
    for builder in [Simulator::builder().example_responses(), Simulator::builder().full_responses()] {
        let provider = Sftptogo::start_with(builder).await;
        let before = provider.snapshot();
        run_all(&provider).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(provider.snapshot(), before, "the run left objects behind");
        assert!(provider.journal().iter().all(|exchange| exchange.succeeded() && exchange.fault.is_none()));
        assert_eq!(provider.journal().len(), 20, "each operation takes one request");
    }
}

#[tokio::test]
async fn operation_table_matches_journal_and_simulator() {
    let provider = Sftptogo::start().await;
    run_all(&provider).await.unwrap();
    let expected = operation_table::simulator_operations(Simulator::operations(), BASE);
    assert_eq!(operation_table::journal_operations(&provider.journal(), BASE), expected, "run and simulator");
    assert_eq!(OperationTable::of("sftptogo", 20, 1).operations(), expected, "table and simulator");
}

#[test]
fn table_rows_name_existing_functions_and_tests() {
    OperationTable::of("sftptogo", 20, 1).assert_functions_and_tests_exist();
}

//! Fault sweep of SFTP To Go's helpers and of typical call sequences.

use mft_tests::sweep::{Scenario, assert_every_fault_is_handled};
use mft_tests::{Sftptogo, scenarios};
use sftptogo::{
    CredentialState, CredentialUpdate, InboundRule, NewCredential, NewShareLink, NewWebhook, Secret, ShareLinkUpdate,
    SharePermission, WebhookTopic, WebhookType, WebhookUpdate,
};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@suite";

fn scenarios() -> Vec<Scenario<Sftptogo>> {
    scenarios! { Sftptogo:
        "list credentials": |_sim, client| {
            let all = client.credentials().list().try_collect_vec().await?;
            Ok(all.into_iter().filter_map(|credential| credential.alias).collect::<Vec<_>>().join(" "))
        },
        "find the rules of a credential": |sim, client| let id = sim.target.clone(); {
            let mut all = client.credentials().list();
            while let Some(credential) = all.try_next().await? {
                if credential.id == id {
                    return Ok(format!("{:?}", credential.inbound_rules().map(<[_]>::len)));
                }
            }
            Ok("not there".to_owned())
        },
        "create a credential": |_sim, client| {
            let new = NewCredential::new().alias("new").user_name("new-credential").state(CredentialState::Inactive);
            let created = client.credentials().create(new).await?;
            Ok(format!("{} {:?}", created.login_name(), created.state))
        },
        "get and update": |sim, client| let id = sim.target.clone(); {
            let before = client.credentials().get(&id).await?;
            let alias = format!("{} no more", before.alias.unwrap_or_default());
            Ok(format!("{:?}", client.credentials().update(&id, CredentialUpdate::new().alias(alias)).await?.alias))
        },
        "rotate and fetch": |sim, client| let id = sim.target.clone(); let state = sim.simulator.state(); {
            let after = client.credentials().rotate_password_and_fetch(&id).await?;
            let stored = state.credential(id.as_str()).map(|credential| credential.password);
            Ok(format!("{}", after.password.as_ref().map(Secret::expose) == stored.as_deref()))
        },
        "set a password": |sim, client| let id = sim.target.clone(); {
            client.credentials().set_password(&id, "mrk-Chosen:Password@9%").await.map(|_| "set".to_owned())
        },
        "add an inbound rule": |sim, client| let id = sim.target.clone(); {
            let changed = client.credentials().add_inbound_rule(&id, InboundRule::allow("203.0.113.0/24")).await?;
            Ok(format!("{:?}", changed.inbound_rules().map(<[_]>::len)))
        },
        "remove an inbound rule": |sim, client|
            let id = sim.target.clone();
            let rule = sim.simulator.state().credential(sim.target.as_str()).expect("seeded").inbound_rules[0].id.clone();
        {
            let changed = client.credentials().remove_inbound_rule(&id, &rule.into()).await?;
            Ok(format!("{:?}", changed.inbound_rules().map(<[_]>::len)))
        },
        "delete a credential": |sim, client| let id = sim.target.clone(); {
            let _ = client.credentials().delete(&id).await?;
            Ok("deleted".to_owned())
        },
        "replace an SSH key": |sim, client| let id = sim.target.clone(); let key = sim.ssh_key(); {
            let keys = client.ssh_keys().list(&id).try_collect_vec().await?;
            let _ = client.ssh_keys().remove(&id, &key).await?;
            Ok(format!("{} before", keys.len()))
        },
        "add an SSH key": |sim, client| let root = sim.simulator.state().root().id; {
            Ok(format!("{:?}", client.ssh_keys().add(&root.into(), KEY).await?.fingerprint))
        },
        "create a webhook": |_sim, client| {
            let new = NewWebhook::new(WebhookType::Webhook, "https://example.net/h", [WebhookTopic::FileCreated]);
            let created = client.webhooks().create(new.alias("new")).await?;
            Ok(format!("{:?} {}", created.alias, created.secret.is_some()))
        },
        "update a webhook": |sim, client| let id = sim.webhook(); {
            Ok(format!("{:?}", client.webhooks().update(&id, WebhookUpdate::new().alias("changed")).await?.alias))
        },
        "delete a webhook": |sim, client| let id = sim.webhook(); {
            client.webhooks().delete(&id).await?;
            Ok("deleted".to_owned())
        },
        "create a share link": |_sim, client| {
            let new = NewShareLink::folder("/new/", SharePermission::ReadOnly).password("mrk-Link:Other@4%A");
            Ok(format!("{:?}", client.share_links().create(new).await?.path))
        },
        "get and update a share link": |sim, client| let id = sim.share_link(); {
            let before = client.share_links().get(&id).await?;
            let notes = format!("was {:?}", before.notes);
            Ok(format!("{:?}", client.share_links().update(&id, ShareLinkUpdate::new().notes(notes)).await?.notes))
        },
        "delete a share link": |sim, client| let id = sim.share_link(); {
            client.share_links().delete(&id).await?;
            Ok("deleted".to_owned())
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_yields_success_or_an_accurate_error() {
    assert_every_fault_is_handled(&scenarios()).await;
}

//! API keys and SSH keys of a user.

use brickftp::{NewApiKey, NewPublicKey, PermissionSet, UserId};

use super::{Round, stored};
use crate::masked;
use crate::tour::sftptogo::ssh_keys::PUBLIC_KEY;
use crate::tour::{Stop, Walk, holds, same};

pub(super) async fn api_keys(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "API keys");
    let new = NewApiKey::new("Nightly backup").permission_set(PermissionSet::Full);
    let key = walk
        .call("Create a key", client.api_keys().create(ada, new), |made| {
            let stored = stored("key", state.api_key(made.id.get()))?;
            holds(made.key.as_ref().is_some_and(|key| key.expose() == stored.key), "the stored key differs")?;
            same("the name", &*stored.name, "Nightly backup")?;
            Ok(format!("{}, shown only once", masked(made.key.as_ref())))
        })
        .await?
        .id;
    walk.call("List the keys", client.api_keys().list(ada).try_collect_vec(), |all| {
        same("the ids", all.iter().map(|key| key.id).collect::<Vec<_>>(), vec![key])?;
        holds(all.iter().all(|key| key.key.is_none()), "the list contains a key")?;
        Ok("one key; the list withholds it".to_owned())
    })
    .await?;
    walk.call("Fetch it", client.api_keys().get(key), |read| {
        same("the permissions", read.permission_set.clone(), Some(PermissionSet::Full))?;
        holds(read.created_at.is_some(), "the creation time is missing")?;
        Ok(format!("{:?}, full permissions", read.name.as_deref().unwrap_or_default()))
    })
    .await?;
    walk.call("Delete it", client.api_keys().delete(key), |()| {
        holds(state.api_key(key.get()).is_none(), "it still exists")?;
        Ok("gone".to_owned())
    })
    .await
}

pub(super) async fn public_keys(walk: &mut Walk<'_>, round: &Round<'_>, ada: UserId) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "SSH keys");
    let key = walk
        .call("Add a key", client.public_keys().create(ada, NewPublicKey::new("Laptop").openssh(PUBLIC_KEY)), |made| {
            let stored = stored("key", state.public_key(made.id.get()))?;
            same("the line", &*stored.public_key, PUBLIC_KEY)?;
            same("the fingerprint", made.fingerprint.as_deref(), Some(&*stored.fingerprint))?;
            Ok(stored.fingerprint)
        })
        .await?
        .id;
    walk.call("List the keys", client.public_keys().list(ada).try_collect_vec(), |all| {
        same("the ids", all.iter().map(|key| key.id).collect::<Vec<_>>(), vec![key])?;
        Ok("one key".to_owned())
    })
    .await?;
    walk.call("Fetch it", client.public_keys().get(key), |read| {
        same("the title", read.title.as_deref(), Some("Laptop"))?;
        Ok("title \"Laptop\"".to_owned())
    })
    .await?;
    let before = round.mark();
    let private = "-----BEGIN OPENSSH PRIVATE KEY-----\nnot really\n-----END OPENSSH PRIVATE KEY-----";
    let pasted = client.public_keys().create(ada, NewPublicKey::new("Laptop").openssh(private));
    walk.fails("Paste the private key by mistake", pasted, |error| round.refused_unsent(error, before)).await;
    walk.call("Delete the key", client.public_keys().delete(key), |()| {
        holds(state.public_key(key.get()).is_none(), "it still exists")?;
        Ok("gone".to_owned())
    })
    .await
}

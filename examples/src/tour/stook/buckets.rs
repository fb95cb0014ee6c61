//! The login, buckets, and credentials (S3 access keys).

use mft_simulator::stook::Simulator;
use stook::{BucketId, BucketUpdate, Client, CredentialUpdate, NewBucket, NewCredential, Tag};

use super::stored;
use crate::tour::journal::{mark, not_found, refused_unsent};
use crate::tour::{Stop, Walk, holds, same};

const NAME: &str = "media-archive";

/// Makes the first call, which logs in.
pub(super) async fn login(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<(), Stop> {
    walk.section("Organizations (and the login before the first call)");
    walk.call("List the organizations", client.organizations().list().try_collect_vec(), |all| {
        let ids: Vec<_> = all.iter().map(|one| one.uuid.as_str().to_owned()).collect();
        same("the ids", ids, vec![simulator.organization_uuid()])?;
        same("the number of logins", simulator.count("stook.auth.login"), 1)?;
        same("the number of tokens", simulator.state().tokens().len(), 1)?;
        Ok("one organization; key and secret were exchanged for a token that all calls share".to_owned())
    })
    .await
    .map(drop)
}

/// Creates, fetches, lists and tags buckets.
pub(super) async fn buckets(walk: &mut Walk<'_>, client: &Client, simulator: &Simulator) -> Result<BucketId, Stop> {
    let state = simulator.state();
    walk.section("Buckets");
    let new = NewBucket::new(NAME).tags([Tag::new("team").label("video")]);
    let bucket = walk
        .call("Create a bucket", client.buckets().create(new), |made| {
            let stored = stored("bucket", state.bucket(made.uuid.as_str()))?;
            same("the name", &*stored.name, NAME)?;
            same("the number of tags", stored.tags.len(), 1)?;
            Ok(format!("in {}, {}", stored.region, stored.size))
        })
        .await?;
    walk.call("Fetch it", client.buckets().get(&bucket.uuid), |read| {
        same("the name", read.name.as_deref(), Some(NAME))?;
        Ok(format!("{NAME:?}, {}", read.size.as_deref().unwrap_or("unknown size")))
    })
    .await?;
    walk.call("List the buckets", client.buckets().list().try_collect_vec(), |all| {
        same("the ids", all.iter().map(|one| &one.uuid).collect::<Vec<_>>(), vec![&bucket.uuid])?;
        Ok("one bucket".to_owned())
    })
    .await?;
    let change = BucketUpdate::new().tags([Tag::new("team").label("film"), Tag::new("keep").label("forever")]);
    walk.call("Replace its tags", client.buckets().update(&bucket.uuid, change), |_| {
        let stored = stored("bucket", state.bucket(bucket.uuid.as_str()))?;
        let labels: Vec<_> = stored.tags.iter().map(|tag| &*tag.label).collect();
        same("the tags", labels, vec!["film", "forever"])?;
        Ok("two tags; name and region cannot be changed".to_owned())
    })
    .await?;
    walk.fails("Create another with the same name", client.buckets().create(NewBucket::new(NAME)), |error| {
        holds(error.is_conflict(), "expected Conflict")?;
        same("the number of buckets", state.buckets().len(), 1)?;
        Ok(format!("{error}"))
    })
    .await;
    Ok(bucket.uuid)
}

/// Creates, fetches, lists, updates and deletes.
pub(super) async fn credentials(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    bucket: &BucketId,
) -> Result<(), Stop> {
    let state = simulator.state();
    walk.section("Credentials (S3 access keys)");
    let new = NewCredential::new("uploader", [bucket.clone()]).subfolder("incoming");
    let key = walk
        .call("Create a credential", client.credentials().create(new), |made| {
            let stored = stored("credential", state.credential(made.uuid.as_str()))?;
            same("the folder", stored.subfolder.as_deref(), Some("incoming"))?;
            same("the buckets", stored.bucket_uuids, vec![bucket.as_str()])?;
            same("the access key in the response", made.access_key.as_deref(), None)?;
            Ok("the response has no access key; no response contains the secret key".to_owned())
        })
        .await?;
    walk.call("Fetch it", client.credentials().get(&key.uuid), |read| {
        let stored = stored("credential", state.credential(key.uuid.as_str()))?;
        same("the access key", read.access_key.as_deref(), Some(&*stored.access_key))?;
        Ok(format!("the access key has {} characters", stored.access_key.len()))
    })
    .await?;
    walk.call("List the credentials", client.credentials().list().try_collect_vec(), |all| {
        same("the ids", all.iter().map(|one| &one.uuid).collect::<Vec<_>>(), vec![&key.uuid])?;
        Ok("one credential".to_owned())
    })
    .await?;
    let change = CredentialUpdate::new("reader", true);
    walk.call("Make it read-only", client.credentials().update(&key.uuid, change), |_| {
        let stored = stored("credential", state.credential(key.uuid.as_str()))?;
        same("whether it is read-only", stored.is_readonly, true)?;
        same("the buckets", stored.bucket_uuids.len(), 1)?;
        Ok("read-only and renamed; its buckets are unchanged".to_owned())
    })
    .await?;
    walk.call("Delete it", client.credentials().delete(&key.uuid), |()| {
        same("the number of credentials", state.credentials().len(), 0)?;
        Ok("no credentials are left".to_owned())
    })
    .await?;
    let before = mark(simulator);
    let nameless = client.credentials().create(NewCredential::new("", [bucket.clone()]));
    walk.fails("Omit the name", nameless, |error| refused_unsent(error, simulator, before)).await;
    Ok(())
}

/// Deletes the bucket and checks that the initial state is restored.
pub(super) async fn clean_up(
    walk: &mut Walk<'_>,
    client: &Client,
    simulator: &Simulator,
    bucket: &BucketId,
) -> Result<(), Stop> {
    let state = simulator.state();
    walk.section("Afterwards");
    walk.call("Delete the bucket and its contents", client.buckets().delete(bucket), |()| {
        same("the number of buckets", state.buckets().len(), 0)?;
        same("the number of credentials", state.credentials().len(), 0)?;
        same("the number of FTP accounts", state.ftp_accounts().len(), 0)?;
        Ok("no buckets, credentials or FTP accounts are left".to_owned())
    })
    .await?;
    walk.fails("Fetch it again", client.buckets().get(bucket), not_found).await;
    Ok(())
}

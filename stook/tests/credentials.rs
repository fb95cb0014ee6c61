//! Credentials: what goes out, and what every documented reply and its oddities become.

mod support;

use serde_json::{Value, json};
use stook::{BucketId, Credential, CredentialId, NewCredential};
use support::{BUCKET, CREDENTIAL, ORGANIZATION, Service, get, post, wrapped};

const NEW: &str = "/api/v2/stook/{organization_uuid}/credentials";
const ALL: &str = "/api/v2/stook/{organization_uuid}/credential";
const ONE: &str = "/api/v2/stook/{organization_uuid}/credential/0b6c1d2e-0000-4000-8000-0000000000c1";

fn id() -> CredentialId {
    CREDENTIAL.into()
}

fn bucket() -> BucketId {
    BUCKET.into()
}

fn documented() -> Value {
    json!({
        "uuid": CREDENTIAL, "name": "uploader", "is_readonly": false, "access_key": "EXAMPLEKEY", "subfolder": "incoming",
        "buckets": [{
            "uuid": BUCKET, "organization_uuid": ORGANIZATION, "name": "media-archive", "region": "eu-ist-1",
            "size": "0B", "tags": [],
        }],
    })
}

/// The reply to a creation, in the current edition of the documentation and in the one before.
fn created() -> [Value; 2] {
    let mut current = documented();
    let keys = current.as_object_mut().unwrap();
    keys.remove("access_key");
    keys.remove("subfolder");
    let bucket = current["buckets"][0].as_object_mut().unwrap();
    bucket.remove("organization_uuid");
    bucket.remove("tags");
    let mut legacy = documented();
    legacy["buckets"][0].as_object_mut().unwrap().remove("tags");
    [current, legacy]
}

fn told(credential: &Credential) -> Value {
    let bucket = |bucket: &stook::Bucket| {
        without_nulls(json!({
            "uuid": bucket.uuid,
            "organization_uuid": bucket.organization_uuid,
            "name": bucket.name,
            "region": bucket.region,
            "size": bucket.size,
            "tags": bucket.tags,
        }))
    };
    without_nulls(json!({
        "uuid": credential.uuid,
        "name": credential.name,
        "is_readonly": credential.is_readonly,
        "access_key": credential.access_key,
        "subfolder": credential.subfolder,
        "buckets": credential.buckets.as_ref().map(|buckets| buckets.iter().map(bucket).collect::<Value>()),
    }))
}

fn without_nulls(mut value: Value) -> Value {
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

#[tokio::test]
async fn lists_every_credential_with_its_buckets() {
    for (data, expected) in
        [(json!([documented()]), json!([documented()])), (json!([]), json!([])), (documented(), json!([documented()]))]
    {
        let service = Service::answering(get(ALL), 200, wrapped(&data)).await;
        let credentials = service.client.credentials().list().try_collect_vec().await.unwrap();
        assert_eq!(credentials.iter().map(told).collect::<Value>(), expected);
    }
}

#[tokio::test]
async fn fetches_one_credential_with_its_access_key() {
    let service = Service::answering(get(ONE), 200, wrapped(&documented())).await;
    let credential = service.client.credentials().get(&id()).await.unwrap();
    assert_eq!((told(&credential), credential.access_key.as_deref()), (documented(), Some("EXAMPLEKEY")));
}

#[tokio::test]
async fn creates_at_the_path_with_the_plural_and_reads_both_documented_replies() {
    let full = NewCredential::new("uploader", [bucket(), "2".into()]).read_only(true).subfolder("incoming");
    for (request, body) in [
        (full, json!({ "name": "uploader", "buckets": [BUCKET, "2"], "is_readonly": true, "subfolder": "incoming" })),
        (
            NewCredential::new("uploader", [bucket()]),
            json!({ "name": "uploader", "buckets": [BUCKET], "is_readonly": false }),
        ),
    ] {
        for reply in created() {
            let service = Service::answering(post(NEW, body.clone()), 200, wrapped(&reply)).await;
            assert_eq!(told(&service.client.credentials().create(request.clone()).await.unwrap()), reply);
        }
    }
}

#[cfg(feature = "unverified")]
#[tokio::test]
async fn updates_with_name_and_access() {
    use stook::CredentialUpdate;
    let update = || CredentialUpdate::new("uploader", true);
    for (update, body) in [
        (update(), json!({ "name": "uploader", "is_readonly": true })),
        (
            update().buckets([bucket()]).subfolder(""),
            json!({ "name": "uploader", "is_readonly": true, "buckets": [BUCKET], "subfolder": "" }),
        ),
    ] {
        let service = Service::answering(support::put(ONE, body), 200, wrapped(&documented())).await;
        assert_eq!(told(&service.client.credentials().update(&id(), update).await.unwrap()), documented());
    }
}

#[cfg(feature = "unverified")]
#[tokio::test]
async fn deletes_whatever_the_reply_says() {
    for reply in ["", r#"{"status":true}"#, &wrapped(&documented())] {
        let service = Service::answering(support::delete(ONE), 200, reply).await;
        service.client.credentials().delete(&id()).await.unwrap();
    }
}

#[test]
fn nothing_but_the_uuid_has_to_be_there_and_oddities_are_read() {
    let odd = json!({
        "uuid": 7, "name": 5, "is_readonly": 1, "access_key": null, "permissions": ["GetObject"], "secret_key": "never",
        "subfolder": 2026, "buckets": null,
    });
    let odd: Credential = serde_json::from_value(odd).unwrap();
    assert_eq!(told(&odd), json!({ "uuid": "7", "name": "5", "is_readonly": true, "subfolder": "2026" }));
    assert!(!format!("{odd:?}").contains("never"));
}

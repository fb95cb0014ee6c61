//! Credentials: requests, and documented and unusual responses.

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

/// Returns the response to a create call, in the current and the previous edition of the documentation.
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

fn to_wire(credential: &Credential) -> Value {
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
async fn lists_all_credentials_with_their_buckets() {
    for (data, expected) in
        [(json!([documented()]), json!([documented()])), (json!([]), json!([])), (documented(), json!([documented()]))]
    {
        let service = Service::answering(get(ALL), 200, wrapped(&data)).await;
        let credentials = service.client.credentials().list().try_collect_vec().await.unwrap();
        assert_eq!(credentials.iter().map(to_wire).collect::<Value>(), expected);
    }
}

#[tokio::test]
async fn fetches_a_credential_with_its_access_key() {
    let service = Service::answering(get(ONE), 200, wrapped(&documented())).await;
    let credential = service.client.credentials().get(&id()).await.unwrap();
    assert_eq!((to_wire(&credential), credential.access_key.as_deref()), (documented(), Some("EXAMPLEKEY")));
}

#[tokio::test]
async fn creates_at_the_plural_path_and_decodes_both_documented_responses() {
    let full = NewCredential::new("uploader", [bucket(), "2".into()]).read_only(true).subfolder("incoming");
    for (request, body) in [
        (full, json!({ "name": "uploader", "buckets": [BUCKET, "2"], "is_readonly": true, "subfolder": "incoming" })),
        (
            NewCredential::new("uploader", [bucket()]),
            json!({ "name": "uploader", "buckets": [BUCKET], "is_readonly": false }),
        ),
    ] {
        for response in created() {
            let service = Service::answering(post(NEW, body.clone()), 200, wrapped(&response)).await;
            assert_eq!(to_wire(&service.client.credentials().create(request.clone()).await.unwrap()), response);
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
        assert_eq!(to_wire(&service.client.credentials().update(&id(), update).await.unwrap()), documented());
    }
}

#[cfg(feature = "unverified")]
#[tokio::test]
async fn deletes_with_any_success_body() {
    for response in ["", r#"{"status":true}"#, &wrapped(&documented())] {
        let service = Service::answering(support::delete(ONE), 200, response).await;
        service.client.credentials().delete(&id()).await.unwrap();
    }
}

#[test]
fn only_the_uuid_is_required() {
    let unusual = json!({
        "uuid": 7, "name": 5, "is_readonly": 1, "access_key": null, "permissions": ["GetObject"], "secret_key": "never",
        "subfolder": 2026, "buckets": null,
    });
    let unusual: Credential = serde_json::from_value(unusual).unwrap();
    assert_eq!(to_wire(&unusual), json!({ "uuid": "7", "name": "5", "is_readonly": true, "subfolder": "2026" }));
    assert!(!format!("{unusual:?}").contains("never"));
}

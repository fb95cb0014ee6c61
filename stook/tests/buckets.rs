//! Buckets: requests, and documented and unusual responses.

mod support;

use serde_json::{Value, json};
use stook::{Bucket, BucketId, BucketUpdate, NewBucket, Tag};
use support::{BUCKET, ORGANIZATION, Service, get, post, put, wrapped};

const BUCKETS: &str = "/api/v2/stook/{organization_uuid}/bucket";
const ONE: &str = "/api/v2/stook/{organization_uuid}/bucket/0b6c1d2e-0000-4000-8000-000000000001";

fn id() -> BucketId {
    BUCKET.into()
}

/// Returns the documented bucket.
fn documented() -> Value {
    json!({
        "uuid": BUCKET, "organization_uuid": ORGANIZATION, "name": "media-archive", "region": "eu-ist-1", "size": "0B",
        "tags": [{ "key": "team", "label": "video" }],
    })
}

fn to_wire(bucket: &Bucket) -> Value {
    let mut value = json!({
        "uuid": bucket.uuid,
        "organization_uuid": bucket.organization_uuid,
        "name": bucket.name,
        "region": bucket.region,
        "size": bucket.size,
        "tags": bucket.tags,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

#[tokio::test]
async fn lists_all_buckets() {
    for (data, expected) in [
        (json!([documented(), { "uuid": "2" }]), json!([documented(), { "uuid": "2" }])),
        (json!([]), json!([])),
        (documented(), json!([documented()])),
    ] {
        let service = Service::answering(get(BUCKETS), 200, wrapped(&data)).await;
        let buckets = service.client.buckets().list().try_collect_vec().await.unwrap();
        assert_eq!(buckets.iter().map(to_wire).collect::<Value>(), expected);
    }
}

#[tokio::test]
async fn fetches_a_bucket() {
    let service = Service::answering(get(ONE), 200, wrapped(&documented())).await;
    assert_eq!(to_wire(&service.client.buckets().get(&id()).await.unwrap()), documented());
}

#[tokio::test]
async fn creates_with_the_set_fields_only() {
    let full = NewBucket::new("media-archive").region("eu-ist-1").tags([Tag::new("team").label("video")]);
    let body = json!({ "name": "media-archive", "region": "eu-ist-1", "tags": [{ "key": "team", "label": "video" }] });
    for (request, body) in [(full, body), (NewBucket::new("b"), json!({ "name": "b" }))] {
        let service = Service::answering(post(BUCKETS, body), 200, wrapped(&documented())).await;
        assert_eq!(to_wire(&service.client.buckets().create(request).await.unwrap()), documented());
    }
}

#[tokio::test]
async fn replaces_all_tags() {
    for (tags, body) in [
        (vec![Tag::new("team").label("archive")], json!({ "tags": [{ "key": "team", "label": "archive" }] })),
        (vec![], json!({ "tags": [] })),
    ] {
        let service = Service::answering(put(ONE, body), 200, wrapped(&documented())).await;
        let bucket = service.client.buckets().update(&id(), BucketUpdate::new().tags(tags)).await.unwrap();
        assert_eq!(to_wire(&bucket), documented());
    }
}

#[cfg(feature = "unverified")]
#[tokio::test]
async fn deletes_with_any_success_body() {
    let documented = json!({ "uuid": BUCKET, "organization_uuid": ORGANIZATION, "name": "media-archive" });
    for response in ["", r#"{"status":true}"#, &wrapped(&documented)] {
        let service = Service::answering(support::delete(ONE), 200, response).await;
        service.client.buckets().delete(&id()).await.unwrap();
    }
}

#[test]
fn only_the_uuid_is_required() {
    let unusual = json!({
        "uuid": 7, "name": null, "size": 0, "region": "mars-1", "objects": 3,
        "tags": [{ "key": "team", "label": null, "color": "red" }, { "key": 2026, "label": 7 }],
    });
    let unusual: Bucket = serde_json::from_value(unusual).unwrap();
    let tags = json!([{ "key": "team", "label": "", "color": "red" }, { "key": "2026", "label": "7" }]);
    assert_eq!(to_wire(&unusual), json!({ "uuid": "7", "size": "0", "region": "mars-1", "tags": tags }));
    let bare: Bucket = serde_json::from_value(json!({ "uuid": "1", "tags": null })).unwrap();
    assert_eq!(to_wire(&bare), json!({ "uuid": "1" }));
}

//! Buckets: requests, and decoding of every documented response and its variants.

mod support;

use serde_json::{Value, json};
use support::{BUCKET, Service, delete, documented, fixture, get, patch, post};
use usebuckets::{Bucket, BucketUpdate, ErrorKind, NewBucket, UnixSeconds};

fn to_wire(bucket: &Bucket) -> Value {
    json!({
        "id": bucket.id,
        "name": bucket.name,
        "host": bucket.host,
        "active": bucket.active,
        "created_at": bucket.created_at,
    })
}

#[tokio::test]
async fn lists_every_page_at_the_same_route() {
    let service = Service::start().await;
    service.answers(get("/buckets"), 200, fixture("buckets_list")).await;
    service.answers(get("/buckets?after=bio_test_buc_8gkde9034zx"), 200, fixture("buckets_list_last")).await;
    let all = service.client.buckets().list().try_collect_vec().await.unwrap();
    let pages = ["buckets_list", "buckets_list_last"].map(|name| documented(name)["data"].as_array().unwrap().clone());
    assert_eq!(all.iter().map(to_wire).collect::<Vec<_>>(), pages.concat());
    assert_eq!((all[0].created_at, all[2].active), (Some(UnixSeconds(692_233_200)), Some(false)));
}

#[tokio::test]
async fn finds_one_by_searching_the_list() {
    for (id, found) in [(BUCKET, Some("Northwind intake")), ("bio_test_buc_nowhere", None)] {
        let service = Service::start().await;
        service.answers(get("/buckets?limit=1000"), 200, fixture("buckets_list")).await;
        let second = "/buckets?limit=1000&after=bio_test_buc_8gkde9034zx";
        service.answers(get(second), 200, fixture("buckets_list_last")).await;
        let bucket = service.client.buckets().find(&id.into()).await.unwrap();
        assert_eq!(bucket.and_then(|bucket| bucket.name).as_deref(), found);
    }
    // No page is requested after the one with the bucket.
    let service = Service::answering(get("/buckets?limit=1000"), 200, fixture("buckets_list")).await;
    let bucket = service.client.buckets().find(&"bio_test_buc_1amaj5125as".into()).await.unwrap().unwrap();
    assert_eq!(to_wire(&bucket), documented("buckets_create"));
}

#[tokio::test]
async fn creates_by_name_alone() {
    for status in [200, 201] {
        let request = json!({ "name": "Acme Corporation Bucket" });
        let service = Service::answering(post("/buckets", request), status, fixture("buckets_create")).await;
        let created = service.client.buckets().create(NewBucket::new("Acme Corporation Bucket")).await.unwrap();
        assert_eq!(to_wire(&created), documented("buckets_create"));
    }
}

#[tokio::test]
async fn updates_only_the_set_fields() {
    for (update, body) in [
        (BucketUpdate::new().name("Updated Name"), json!({ "name": "Updated Name" })),
        (BucketUpdate::new().active(false), json!({ "active": false })),
        (BucketUpdate::new().active(true).name("n"), json!({ "name": "n", "active": true })),
        (BucketUpdate::new().name("n").active(false), json!({ "name": "n", "active": false })),
        (BucketUpdate::new().name("n").name("m"), json!({ "name": "m" })),
    ] {
        let path = format!("/buckets/{BUCKET}");
        let service = Service::answering(patch(&path, body), 200, fixture("buckets_update")).await;
        let bucket = service.client.buckets().update(&BUCKET.into(), update).await.unwrap();
        assert_eq!(to_wire(&bucket), documented("buckets_update"));
    }
}

#[tokio::test]
async fn deletes_with_any_response_body() {
    let path = format!("/buckets/{BUCKET}");
    for (status, response) in [(200, ""), (204, ""), (200, "{}"), (200, "null"), (200, r#""gone""#), (202, "[1]")] {
        let service = Service::answering(delete(&path), status, response).await;
        service.client.buckets().delete(&BUCKET.into()).await.unwrap();
    }
    // A login page of a gateway is not a response of the service.
    let service = Service::answering(delete(&path), 200, "<html>log in</html>").await;
    assert_eq!(service.client.buckets().delete(&BUCKET.into()).await.unwrap_err().kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_disabled_deletion_is_a_permission_error() {
    let path = format!("/buckets/{BUCKET}");
    let body = r#"{"message":"Deletion through the API is off."}"#;
    let service = Service::answering(delete(&path), 403, body).await;
    let error = service.client.buckets().delete(&BUCKET.into()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::PermissionDenied, Some("Deletion through the API is off."))
    );
    assert!(!error.is_transient());
}

#[test]
fn only_the_id_is_required_and_times_may_be_strings() {
    let nothing = json!({ "id": "1", "name": null, "host": null, "active": null, "created_at": null });
    for odd in [json!({ "id": "1" }), json!({ "id": 1, "region": { "a": [1] } }), nothing.clone()] {
        assert_eq!(to_wire(&serde_json::from_value(odd).unwrap()), nothing);
    }
    for moment in [json!(692_233_200), json!("692233200"), json!(692_233_200.0)] {
        let bucket: Bucket = serde_json::from_value(json!({ "id": "1", "created_at": moment })).unwrap();
        assert_eq!(bucket.created_at, Some(UnixSeconds(692_233_200)));
    }
}

#[tokio::test]
async fn an_unexpected_body_is_described_in_the_error() {
    for (body, description) in [
        (r#"[{"id":"1"}]"#, "what came is a list of 12 bytes"),
        (r#"{"data":[]}"#, "what came is an object of 11 bytes"),
        (r#"{"has_more":null,"data":[]}"#, "at `has_more`"),
        (r#"{"has_more":false}"#, "what came is an object of 18 bytes"),
        ("<html>log in</html>", "an HTML page of 19 bytes sent as text/html"),
        (r#"{"has_more":false,"data":[{"name":"no id"}]}"#, "at `data[0]`"),
    ] {
        let service = Service::answering(get("/buckets"), 200, body).await;
        let error = service.client.buckets().list().try_collect_vec().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(description), "{error}");
    }
}

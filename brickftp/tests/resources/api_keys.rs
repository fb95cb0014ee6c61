//! API keys: requests in both formats, and the documented responses.

use crate::support::{NOTHING, Service, both_formats, delete, either, fixture, get, post};
use brickftp::{ApiKey, ApiKeyId, Format, NewApiKey, PermissionSet, Platform, Secret, UserId};
use serde_json::json;

const KEY: &str = "9b1d6e0c4fa27385bd10c9e86f53a2749b1d6e0c4fa27385bd10c9e86f53a274";

fn ada() -> UserId {
    UserId::new(41)
}

fn ci() -> ApiKeyId {
    ApiKeyId::new(510)
}

#[track_caller]
fn is_documented(key: &ApiKey) {
    assert_eq!((key.id, key.name.as_deref(), key.expires_at.as_ref()), (ci(), Some("ci"), None));
    assert_eq!((&key.permission_set, &key.platform), (&Some(PermissionSet::Full), &Some(Platform::None)));
    assert_eq!(key.created_at.as_ref().map(ToString::to_string).as_deref(), Some("2018-05-02T10:00:00-04:00"));
}

async fn list(format: Format) {
    let path = "/users/41/api_keys";
    let service = Service::answering(format, get(path), 200, fixture("api_keys", format)).await;
    let keys = service.client.api_keys().list(ada()).try_collect_vec().await.unwrap();
    is_documented(&keys[0]);
    let fields = (&keys[1].permission_set, &keys[1].platform, keys[1].expires_at.is_some());
    assert_eq!(fields, (&Some(PermissionSet::DesktopApp), &Some(Platform::Win32), true));
    assert_eq!((keys.len(), &keys[0].key, &keys[1].key), (2, &None, &None));
    let empty = Service::answering(format, get(path), 200, either(format, NOTHING)).await;
    assert!(empty.client.api_keys().list(ada()).try_next().await.unwrap().is_none());
}

async fn show(format: Format) {
    let service = Service::answering(format, get("/api_keys/510"), 200, fixture("api_key", format)).await;
    let key = service.client.api_keys().get(ci()).await.unwrap();
    is_documented(&key);
    assert_eq!(key.key, None);
}

async fn create(format: Format) {
    let least = post("/users/41/api_keys").body(json!({ "name": "ci" }), "<api-key><name>ci</name></api-key>");
    let service = Service::answering(format, least, 201, fixture("api_key_created", format)).await;
    let key = service.client.api_keys().create(ada(), NewApiKey::new("ci")).await.unwrap();
    is_documented(&key);
    assert_eq!(key.key, Some(Secret::new(KEY)));
    let everything = post("/users/41/api_keys").body(
        json!({
            "name": "ci", "permission_set": "desktop_app", "platform": "linux", "expires_at": "2030-01-01T00:00:00Z",
        }),
        "<api-key><name>ci</name><permission_set>desktop_app</permission_set><platform>linux</platform>\
         <expires_at>2030-01-01T00:00:00Z</expires_at></api-key>",
    );
    let service = Service::answering(format, everything, 201, fixture("api_key_created", format)).await;
    let new = NewApiKey::new("ci")
        .permission_set(PermissionSet::DesktopApp)
        .platform(Platform::Linux)
        .expires_at("2030-01-01T00:00:00Z".parse().unwrap());
    service.client.api_keys().create(ada(), new).await.unwrap();
}

async fn remove(format: Format) {
    let service = Service::answering(format, delete("/api_keys/510"), 200, either(format, NOTHING)).await;
    service.client.api_keys().delete(ci()).await.unwrap();
}

both_formats! {
    #[tokio::test]
    list => fn list_json(), fn list_xml();
    show => fn get_json(), fn get_xml();
    create => fn create_json(), fn create_xml();
    remove => fn delete_json(), fn delete_xml();
}

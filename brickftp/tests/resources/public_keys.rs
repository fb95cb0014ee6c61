//! SSH public keys: requests in both formats, and the documented responses.

use crate::support::{NOTHING, Service, both_formats, delete, either, fixture, get, post};
use brickftp::{Format, NewPublicKey, PublicKey, PublicKeyId, UserId};
use serde_json::json;

fn ada() -> UserId {
    UserId::new(41)
}

fn laptop() -> PublicKeyId {
    PublicKeyId::new(77)
}

#[track_caller]
fn is_documented(key: &PublicKey) {
    assert_eq!((key.id, key.title.as_deref()), (laptop(), Some("laptop")));
    assert_eq!(key.fingerprint.as_deref(), Some("3e:11:90:ab:0c:42:7d:55:e8:91:6a:00:1f:c3:d2:84"));
    assert_eq!(key.created_at.as_ref().map(ToString::to_string).as_deref(), Some("2018-05-02T10:01:00-04:00"));
}

async fn list(format: Format) {
    let path = "/users/41/public_keys";
    let service = Service::answering(format, get(path), 200, fixture("public_keys", format)).await;
    let keys = service.client.public_keys().list(ada()).try_collect_vec().await.unwrap();
    assert_eq!(keys.len(), 1);
    is_documented(&keys[0]);
    let empty = Service::answering(format, get(path), 200, either(format, NOTHING)).await;
    assert!(empty.client.public_keys().list(ada()).try_next().await.unwrap().is_none());
}

async fn show(format: Format) {
    let service = Service::answering(format, get("/public_keys/77"), 200, fixture("public_key", format)).await;
    is_documented(&service.client.public_keys().get(laptop()).await.unwrap());
}

async fn create(format: Format) {
    let adding = post("/users/41/public_keys").body(
        json!({ "title": "laptop", "public_key": "ssh-rsa AAAA ada@laptop" }),
        "<public-key><title>laptop</title><public_key>ssh-rsa AAAA ada@laptop</public_key></public-key>",
    );
    let service = Service::answering(format, adding, 201, fixture("public_key", format)).await;
    let new = NewPublicKey::new("laptop").openssh("ssh-rsa AAAA ada@laptop\n");
    is_documented(&service.client.public_keys().create(ada(), new).await.unwrap());
}

async fn remove(format: Format) {
    let service = Service::answering(format, delete("/public_keys/77"), 200, either(format, NOTHING)).await;
    service.client.public_keys().delete(laptop()).await.unwrap();
}

both_formats! {
    #[tokio::test]
    list => fn list_json(), fn list_xml();
    show => fn get_json(), fn get_xml();
    create => fn create_json(), fn create_xml();
    remove => fn delete_json(), fn delete_xml();
}

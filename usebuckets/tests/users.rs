//! Users: requests, and decoding of every documented response and its variants.

mod support;

use serde_json::{Value, json};
#[cfg(feature = "unverified")]
use support::delete;
use support::{BUCKET, Service, USER, documented, fixture, get, patch, post};
use usebuckets::{BucketId, ErrorKind, NewUser, Permission, Permissions, User, UserUpdate};

fn bucket() -> BucketId {
    BUCKET.into()
}

fn to_wire(user: &User) -> Value {
    let mut value = json!({
        "id": user.id,
        "bucket_id": user.bucket_id,
        "username": user.username,
        "active": user.active,
        "permissions": user.permissions,
        "created_at": user.created_at,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

/// The documented `next_uri` omits the bucket.
#[tokio::test]
async fn lists_the_users_of_one_bucket_on_every_page() {
    let service = Service::start().await;
    let first = format!("/buckets/{BUCKET}/users?limit=2");
    service.answers(get(&first), 200, fixture("users_list")).await;
    let second = format!("{first}&after=bio_test_usr_9sn4c7u5h6p");
    service.answers(get(&second), 200, r#"{"has_more":false,"data":[{"id":"3"}]}"#).await;
    let all = service.client.users().list(&bucket()).page_size(2).try_collect_vec().await.unwrap();
    let page = documented("users_list")["data"].as_array().unwrap().clone();
    assert_eq!(all.iter().map(to_wire).collect::<Vec<_>>(), [page.as_slice(), &[json!({ "id": "3" })]].concat());
    let may = |user: &User| user.permissions.as_ref().map(Permissions::is_everything);
    // Everything; one directory; absent.
    assert_eq!(all.iter().map(may).collect::<Vec<_>>(), [Some(true), Some(false), None]);
    let root = all[1].permissions.as_ref().unwrap();
    assert_eq!((root.get("/"), root.get("/uploads")), (Some(&Permission::Read), None));
}

#[tokio::test]
async fn finds_one_by_searching_the_list() {
    let path = format!("/buckets/{BUCKET}/users?limit=1000");
    let service = Service::answering(get(&path), 200, fixture("users_list")).await;
    let user = service.client.users().find(&bucket(), &USER.into()).await.unwrap().unwrap();
    assert_eq!(to_wire(&user), documented("users_create"));
    let service = Service::answering(get(&path), 404, "").await;
    let error = service.client.users().find(&bucket(), &USER.into()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("usebuckets.users.find")));
}

#[tokio::test]
async fn creates_in_the_bucket_of_the_body() {
    let new = || NewUser::new(&bucket(), "mira", "example-only".into());
    let uploads = Permissions::on("/dir1/*/dir2", Permission::Read).and("/uploads", "write".into());
    for (user, more) in [
        (new(), json!({})),
        (new().permissions(Permissions::everything()), json!({ "permissions": {} })),
        (
            new().permissions(uploads).active(false),
            json!({ "permissions": { "/dir1/*/dir2": "read", "/uploads": "write" }, "active": false }),
        ),
    ] {
        let mut body = json!({ "username": "mira", "password": "example-only", "bucket_id": BUCKET });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let service = Service::answering(post("/users", body), 200, fixture("users_create")).await;
        let created = service.client.users().create(user).await.unwrap();
        assert_eq!(to_wire(&created), documented("users_create"));
    }
}

#[tokio::test]
async fn updates_only_the_set_fields() {
    let read = || Permissions::on("/", Permission::Read);
    for (update, body) in [
        (UserUpdate::new().username("noor"), json!({ "username": "noor" })),
        (UserUpdate::new().password("example-only"), json!({ "password": "example-only" })),
        (UserUpdate::new().active(false), json!({ "active": false })),
        (UserUpdate::new().permissions(read()), json!({ "permissions": { "/": "read" } })),
        (UserUpdate::new().permissions(Permissions::everything()), json!({ "permissions": {} })),
        (
            UserUpdate::new().active(true).username("noor").password("p").permissions(read()),
            json!({ "active": true, "username": "noor", "password": "p", "permissions": { "/": "read" } }),
        ),
        (UserUpdate::new().username("a").active(false), json!({ "username": "a", "active": false })),
    ] {
        let path = format!("/users/{USER}");
        let service = Service::answering(patch(&path, body), 200, fixture("users_create")).await;
        let user = service.client.users().update(&USER.into(), update).await.unwrap();
        assert_eq!(to_wire(&user), documented("users_create"));
    }
}

#[cfg(feature = "unverified")]
#[tokio::test]
async fn deletes_with_any_response_body() {
    for (status, response) in [(200, ""), (204, ""), (200, "{}")] {
        let service = Service::answering(delete(&format!("/users/{USER}")), status, response).await;
        service.client.users().delete(&USER.into()).await.unwrap();
    }
}

/// A schema of the renamed product contains the password in responses.
#[test]
fn only_the_id_is_required_and_a_password_is_dropped() {
    for odd in [
        json!({ "id": "1" }),
        json!({ "id": "1", "password": "hunter2", "home_directory": "/" }),
        json!({
            "id": "1", "bucket_id": null, "username": null, "active": null, "permissions": null, "created_at": null,
        }),
    ] {
        let user: User = serde_json::from_value(odd).unwrap();
        assert_eq!(to_wire(&user), json!({ "id": "1" }));
        assert!(!format!("{user:?}").contains("hunter2"));
    }
    let odd = json!({ "id": "1", "bucket_id": BUCKET, "permissions": { "/a": "audit", "/b": "read" } });
    assert_eq!(to_wire(&serde_json::from_value(odd.clone()).unwrap()), odd);
}

/// Dropping undecodable entries could leave an empty map, which means everything.
#[test]
fn undecodable_permissions_never_become_everything() {
    for (odd, kept) in [(json!(null), "null"), (json!(["read"]), r#"["read"]"#), (json!({ "a": 1 }), r#"{"a":1}"#)] {
        let user: User = serde_json::from_value(json!({ "id": "1", "permissions": { "/": odd } })).unwrap();
        let permissions = user.permissions.unwrap();
        assert_eq!((permissions.is_everything(), permissions.get("/")), (false, Some(&Permission::from(kept))));
    }
    for odd in [json!(["read"]), json!([[]]), json!("read"), json!(""), json!(false), json!(0)] {
        assert!(serde_json::from_value::<User>(json!({ "id": "1", "permissions": odd })).is_err(), "{odd}");
    }
}

/// Some languages serialize an empty map as an empty array.
#[test]
fn an_empty_list_of_permissions_is_the_empty_map() {
    let to_wire = |permissions: Value| serde_json::from_value::<User>(json!({ "id": "1", "permissions": permissions }));
    for empty in [json!([]), json!({})] {
        assert_eq!(to_wire(empty).unwrap().permissions, Some(Permissions::everything()));
    }
    assert_eq!(to_wire(Value::Null).unwrap().permissions, None);
}

#[test]
fn permissions_list_each_directory_once_in_order() {
    let permissions = Permissions::on("/b", Permission::Read).and("/a", "write".into()).and("/b", "write".into());
    let named: Vec<_> = permissions.directories().map(|(path, permission)| (path, permission.as_str())).collect();
    assert_eq!(named, [("/a", "write"), ("/b", "write")]);
    assert!(!Permissions::everything().and("/a", Permission::Read).is_everything());
}

//! Share links: requests, and decoding of every documented response and its variants.

mod support;

use serde_json::{Value, json};
use sftptogo::{
    AccessLimit, CreatedBy, ErrorKind, NewShareLink, Secret, ShareLink, ShareLinkId, ShareLinkState, ShareLinkUpdate,
    SharePermission, UnixMillis,
};
use support::{Service, delete, fixture, get, patch, post};

const LINK: &str = "/portal-links/BSsdas5CBscVy";

fn id() -> ShareLinkId {
    "BSsdas5CBscVy".into()
}

fn creator(created_by: &CreatedBy) -> Value {
    let mut value = match created_by {
        CreatedBy::Principal(principal) => json!({
            "Type": principal.creator_type,
            "Id": principal.id,
            "PrincipalName": principal.principal_name,
            "PrincipalId": principal.principal_id,
            "PrincipalType": principal.principal_type,
        }),
        CreatedBy::Account(account) => json!({
            "Type": account.creator_type, "Id": account.id, "Email": account.email, "Name": account.name,
        }),
        CreatedBy::Other(value) => value.clone(),
        _ => panic!("a shape that this test does not know"),
    };
    if let Value::Object(value) = &mut value {
        value.retain(|_, value| !value.is_null());
    }
    value
}

fn to_wire(link: &ShareLink) -> Value {
    let mut value = json!({
        "Id": link.id,
        "Url": link.url,
        "Path": link.path,
        "Type": link.link_type,
        "Permission": link.permission,
        "State": link.state,
        "ExpiresAt": link.expires_at,
        "AccessLimit": link.access_limit,
        "AccessCount": link.access_count,
        "Password": link.password.as_ref().map(Secret::expose),
        "Notes": link.notes,
        "OrganizationId": link.organization_id,
        "CreatedBy": link.created_by.as_ref().map(creator),
        "CreatedAt": link.created_at,
        "UpdatedAt": link.updated_at,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

/// A documented link. `null` is equal to an absent key.
fn documented(name: &str) -> Value {
    let mut value: Value = serde_json::from_str(&fixture(name)).unwrap();
    let single = value.is_object();
    for link in if single { std::slice::from_mut(&mut value) } else { value.as_array_mut().unwrap() } {
        link.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    value
}

fn decoded(value: &Value) -> ShareLink {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

#[tokio::test]
async fn lists_all_links() {
    for name in ["share_links_list", "share_links_list_open_file"] {
        let service = Service::answering(get("/portal-links"), 200, fixture(name)).await;
        let all = service.client.share_links().list().try_collect_vec().await.unwrap();
        assert_eq!(all.iter().map(to_wire).collect::<Value>(), documented(name));
        assert!(matches!(&all[0].created_by, Some(CreatedBy::Principal(admin)) if admin.principal_type == "admin"));
        assert_eq!((all[0].access_limit, all[0].expires_at, all[0].is_folder()), (AccessLimit::Unlimited, None, false));
    }
}

#[tokio::test]
async fn creates_a_link_to_a_folder_or_a_file() {
    let documented_request = NewShareLink::folder("/shared-folder/", SharePermission::ReadWrite)
        .expires_at(UnixMillis(1_739_120_350_624))
        .access_limit(100)
        .password("SecureP@ss123")
        .notes("Q1 marketing materials");
    for (request, body, response) in [
        (
            documented_request,
            json!({
                "Path": "/shared-folder/", "Permission": "read-write", "ExpiresAt": 1_739_120_350_624_i64,
                "AccessLimit": 100, "Password": "SecureP@ss123", "Notes": "Q1 marketing materials", "Type": "share",
            }),
            "share_links_create",
        ),
        (
            NewShareLink::file("/outbox/one.pdf", SharePermission::ReadWriteNoDelete)
                .access_limit(AccessLimit::Unlimited),
            json!({
                "Path": "/outbox/one.pdf", "Permission": "read-write-no-delete", "AccessLimit": 0, "Type": "share",
            }),
            "share_links_create_with_password",
        ),
    ] {
        let service = Service::answering(post("/portal-links", body), 201, fixture(response)).await;
        let created = service.client.share_links().create(request).await.unwrap();
        assert_eq!(to_wire(&created), documented(response));
        assert!(created.is_folder() && created.state == Some(ShareLinkState::Active));
        assert!(created.password.is_some_and(|password| password.expose().starts_with('S')));
    }
}

#[tokio::test]
async fn returns_one_link() {
    let service = Service::answering(get(LINK), 200, fixture("share_links_get")).await;
    let link = service.client.share_links().get(&id()).await.unwrap();
    assert_eq!(to_wire(&link), documented("share_links_get"));
    assert!(matches!(&link.created_by, Some(CreatedBy::Account(account)) if account.email == "admin@example.com"));
}

#[tokio::test]
async fn updates_only_the_set_fields() {
    let documented_update = ShareLinkUpdate::new()
        .permission(SharePermission::ReadWrite)
        .access_limit(200)
        .notes("Updated Q1 marketing materials");
    for (update, body) in [
        (
            documented_update,
            json!({ "Permission": "read-write", "AccessLimit": 200, "Notes": "Updated Q1 marketing materials" }),
        ),
        (ShareLinkUpdate::new().never_expires(), json!({ "ExpiresAt": null })),
        (
            ShareLinkUpdate::new().expires_at(UnixMillis(1_790_000_000_000)),
            json!({ "ExpiresAt": 1_790_000_000_000_i64 }),
        ),
        (ShareLinkUpdate::new().clear_password().clear_notes(), json!({ "Password": null, "Notes": null })),
        (ShareLinkUpdate::new().password("Sh4re-example-1"), json!({ "Password": "Sh4re-example-1" })),
        (ShareLinkUpdate::new().path("/a/").access_limit(0), json!({ "Path": "/a/", "AccessLimit": 0 })),
    ] {
        let service = Service::answering(patch(LINK, body), 200, fixture("share_links_update")).await;
        let link = service.client.share_links().update(&id(), update).await.unwrap();
        assert_eq!(to_wire(&link), documented("share_links_update"));
    }
}

#[tokio::test]
async fn deletes_with_any_response_body() {
    for (status, response) in [(200, fixture("share_links_delete")), (204, String::new())] {
        let service = Service::answering(delete(LINK), status, response).await;
        service.client.share_links().delete(&id()).await.unwrap();
    }
}

#[test]
fn every_form_of_no_limit_is_unlimited() {
    for (limit, expected) in [
        (json!(0), AccessLimit::Unlimited),
        (Value::Null, AccessLimit::Unlimited),
        (json!("0"), AccessLimit::Unlimited),
        (json!("25"), AccessLimit::from(25)),
        (json!(1), AccessLimit::from(1)),
    ] {
        let link = decoded(&json!({ "Id": "1", "AccessLimit": limit, "AccessCount": limit }));
        assert_eq!(link.access_limit, expected, "{limit}");
        assert_eq!(AccessLimit::from(link.access_count), expected, "{limit}");
    }
    assert_eq!(decoded(&json!({ "Id": "1" })).access_limit, AccessLimit::Unlimited);
    assert!(serde_json::from_value::<ShareLink>(json!({ "Id": "1", "AccessCount": -1 })).is_err());
}

#[test]
fn a_creator_of_any_shape_is_preserved() {
    for other in [
        json!({ "Type": "Credential", "Id": "9a41", "UserName": "robot" }),
        json!({ "Type": "Admin", "PrincipalType": null }),
        json!("api-key"),
        json!([]),
    ] {
        let link = decoded(&json!({ "Id": "1", "CreatedBy": other }));
        assert_eq!(link.created_by, Some(CreatedBy::Other(other)));
    }
    // The keys decide, not the value of `Type`.
    let by_keys = decoded(&json!({ "Id": "1", "CreatedBy": { "Type": "Account", "PrincipalType": "system" } }));
    assert!(matches!(by_keys.created_by, Some(CreatedBy::Principal(_))));
    assert_eq!(decoded(&json!({ "Id": "1", "CreatedBy": null })).created_by, None);
}

#[test]
fn only_the_id_is_required_and_unknown_values_survive() {
    let bare = json!({ "Id": "1", "QrCode": "x" });
    let nulls = json!({
        "Id": "1", "Url": null, "Path": null, "Type": null, "Permission": null, "State": null, "ExpiresAt": null,
        "AccessCount": null, "Password": "", "Notes": null, "OrganizationId": null, "CreatedAt": null,
    });
    for link in [bare, nulls] {
        assert_eq!(to_wire(&decoded(&link)), json!({ "Id": "1", "AccessLimit": 0, "AccessCount": 0 }));
    }
    let odd = json!({
        "Id": "1", "Type": "request", "Permission": "full", "State": "expired", "AccessLimit": 0, "AccessCount": 0,
    });
    assert_eq!(to_wire(&decoded(&odd)), odd);
    let texts = decoded(&json!({ "Id": "1", "ExpiresAt": "1739120350624", "CreatedAt": 1.739_117_646_54e12 }));
    assert_eq!(texts.expires_at, Some(UnixMillis(1_739_120_350_624)));
    assert_eq!(texts.created_at, Some(UnixMillis(1_739_117_646_540)));
}

#[tokio::test]
async fn an_unexpected_body_is_described_in_the_error() {
    for (status, body, description) in [
        (200, "[]", "what came is a list of 2 bytes"),
        (200, "<html>log in</html>", "an HTML page of 19 bytes sent as text/html"),
        (204, "", "what came is empty"),
    ] {
        let service = Service::answering(get(LINK), status, body).await;
        let error = service.client.share_links().get(&id()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(description), "{error}");
    }
}

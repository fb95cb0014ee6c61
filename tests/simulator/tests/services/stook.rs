//! The Stook API.

use std::time::Duration;

use crate::support::stook::{call, call_as, call_with};
use mft_simulator::stook::{Builder, CreatedCredential, DeletionResponse, Simulator, State, Tag, WrapRule};
use serde_json::{Value, json};

const PASSWORD: &str = "Example-Only";

async fn started(builder: Builder) -> (Simulator, State) {
    let simulator = builder.organization_uuid("org-1").start().await.unwrap();
    let state = simulator.state();
    (simulator, state)
}

#[tokio::test]
async fn logins_issue_expiring_tokens() {
    let builder = Simulator::builder().api_key("key").api_secret("secret").start_time_ms(1_000_000).frozen_clock();
    let (simulator, state) = started(builder.token_lifetime(Duration::from_secs(60))).await;
    let login = "/api/v1/auth/login/token";
    let buckets = "/api/v2/stook/org-1/bucket";
    for (body, status, fields) in [
        (json!({ "api_key": "key", "api_secret": "wrong" }), 401, Value::Null),
        (json!({ "api_key": "secret", "api_secret": "key" }), 401, Value::Null),
        (json!({ "api_key": 7 }), 422, json!(["api_key", "api_secret"])),
        (json!({ "api_key": "", "api_secret": "secret" }), 422, json!(["api_key"])),
    ] {
        let refused = call_with(&simulator, "", "POST", login, &body.to_string()).await;
        assert_eq!((refused.status, &refused.json()["status"]), (status, &json!(false)), "{body}");
        let fields_with_errors =
            refused.json()["errors"].as_object().map_or(Value::Null, |errors| errors.keys().cloned().collect());
        assert_eq!(fields_with_errors, fields, "{body}");
    }
    let body = json!({ "api_key": "key", "api_secret": "secret" }).to_string();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let answer = call_with(&simulator, "", "POST", login, &body).await.json();
        assert_eq!((&answer["status"], &answer["expire"]), (&json!(true), &json!(1060)));
        assert!(answer.get("data").is_none() && answer["session"].is_string());
        tokens.push(answer["token"].as_str().unwrap().to_owned());
    }
    assert_ne!(tokens[0], tokens[1]);
    for token in &tokens {
        assert_eq!(call_as(&simulator, token, "GET", buckets, "").await.status, 200);
    }
    for headers in ["", "Authorization: Basic eDp5\r\n", "Authorization: Bearer x\r\n", "org-token: x\r\n"] {
        let refused = call_with(&simulator, headers, "GET", buckets, "").await;
        assert_eq!((refused.status, refused.message().as_str()), (401, "Unauthenticated."), "{headers}");
    }
    simulator.advance(Duration::from_secs(60));
    assert_eq!(call_as(&simulator, &tokens[0], "GET", buckets, "").await.status, 401);
    assert!(state.tokens().is_empty());
    let token = state.issue_token();
    assert_eq!(call_as(&simulator, &token, "GET", buckets, "").await.status, 200);
    state.revoke_tokens();
    assert_eq!(call_as(&simulator, &token, "GET", buckets, "").await.status, 401);
    simulator.revoke_api_key();
    assert_eq!(call_with(&simulator, "", "POST", login, &body).await.status, 401);
    simulator.set_api_key("other", "secret");
    let body = json!({ "api_key": "other", "api_secret": "secret" }).to_string();
    assert_eq!(call_with(&simulator, "", "POST", login, &body).await.status, 200);
}

#[tokio::test]
async fn ftp_account_lifecycle() {
    let (simulator, state) = started(Simulator::builder()).await;
    let bucket = state.add_bucket(|bucket| bucket.name = "media-archive".into());
    let suffix = &state.organizations()[0].ftp_name_suffix;
    let body = json!({
        "name": "camera1", "password": PASSWORD, "bucket_uuid": bucket.uuid, "is_readonly": false, "path": "cam1",
        "wrap_rules": [{ "type": "allow", "rule": ["198.51.100.7"] }, { "type": "deny", "rule": [] }],
    });
    let created = call(&simulator, "POST", "/ftp", &body.to_string()).await;
    let uuid = state.ftp_accounts()[0].uuid.clone();
    let mut expected = json!({
        "uuid": uuid, "bucket_uuid": bucket.uuid, "name": format!("camera1_{suffix}"), "path": "media-archive/cam1",
        "login_allowed": true, "count": 0, "is_readonly": false,
        "wrap_rules": [{ "type": "deny", "rule": ["all"] }, { "type": "allow", "rule": ["198.51.100.7"] }],
    });
    assert_eq!((created.status, created.json()), (200, json!({ "status": true, "data": expected })));
    assert_eq!(state.ftp_account(&uuid).unwrap().password, PASSWORD);
    assert!(!created.text().contains(PASSWORD) && !format!("{:?}", state.ftp_accounts()).contains(PASSWORD));
    assert_eq!(call(&simulator, "POST", "/ftp", &body.to_string()).await.status, 409);

    let path = format!("/ftp/{uuid}");
    let legacy = format!("/api/v1/stook/org-1{path}");
    assert_eq!(call(&simulator, "GET", &path, "").await.json()["data"], expected);
    assert_eq!(call_as(&simulator, &state.issue_token(), "GET", &legacy, "").await.json()["data"], expected);
    let mut listing = expected.clone();
    listing.as_object_mut().unwrap().remove("count");
    assert_eq!(call(&simulator, "GET", "/ftp", "").await.json(), json!({ "status": true, "data": [listing] }));

    let change = json!({ "login_allowed": false, "wrap_rules": [{ "type": "deny", "rule": ["all"] }] });
    expected["login_allowed"] = json!(false);
    expected["wrap_rules"] = change["wrap_rules"].clone();
    assert_eq!(call(&simulator, "PUT", &path, &change.to_string()).await.json()["data"], expected);
    // Version 1 replaces all of its fields and cannot set `login_allowed`.
    let change = json!({ "password": "Other-Password", "is_readonly": true, "path": "/" });
    expected["is_readonly"] = json!(true);
    expected["path"] = json!("media-archive");
    expected["wrap_rules"] = json!([]);
    let changed = call_as(&simulator, &state.issue_token(), "PUT", &legacy, &change.to_string()).await;
    assert_eq!((changed.status, &changed.json()["data"]), (200, &expected));
    assert_eq!(state.ftp_account(&uuid).unwrap().password, "Other-Password");
    for (field, rest) in [
        ("password", json!({ "is_readonly": true, "path": "" })),
        ("is_readonly", json!({ "password": PASSWORD, "path": "" })),
        ("path", json!({ "password": PASSWORD, "is_readonly": true })),
    ] {
        let refused = call_as(&simulator, &state.issue_token(), "PUT", &legacy, &rest.to_string()).await;
        assert_eq!(refused.status, 422);
        assert_eq!(refused.json()["errors"], json!({ field: [format!("The {field} field is required.")] }));
    }
    assert_eq!(call(&simulator, "DELETE", &path, "").await.json(), json!({ "status": true }));
    assert_eq!(call(&simulator, "DELETE", &path, "").await.status, 404);
    assert!(state.ftp_accounts().is_empty());
}

#[tokio::test]
async fn deleting_buckets_deletes_dependents() {
    let (simulator, state) = started(Simulator::builder()).await;
    let body = json!({ "name": "media", "tags": [{ "key": "team", "label": "video" }] });
    let created = call(&simulator, "POST", "/bucket", &body.to_string()).await;
    let bucket = state.buckets()[0].clone();
    let mut expected = json!({
        "uuid": bucket.uuid, "organization_uuid": "org-1", "name": "media", "region": "eu-ist-1", "size": "0B",
        "tags": [{ "key": "team", "label": "video" }],
    });
    assert_eq!((created.status, created.json()), (200, json!({ "status": true, "data": expected })));
    assert_eq!(call(&simulator, "POST", "/bucket", &body.to_string()).await.status, 409);
    let path = format!("/bucket/{}", bucket.uuid);
    let change = json!({ "name": "other", "region": "other", "tags": [] });
    expected["tags"] = json!([]);
    assert_eq!(call(&simulator, "PUT", &path, &change.to_string()).await.json()["data"], expected);
    assert_eq!(call(&simulator, "GET", &path, "").await.json()["data"], expected);
    assert_eq!(call(&simulator, "GET", "/bucket", "").await.json()["data"], json!([expected]));

    let account = state.add_ftp_account(&bucket, |account| account.wrap_rules = vec![WrapRule::deny(["all"])]);
    let body = json!({ "name": "uploader", "buckets": [bucket.uuid], "subfolder": "incoming" });
    let created = call(&simulator, "POST", "/credentials", &body.to_string()).await.json();
    let credential = state.credentials()[0].clone();
    let mut expected_body = json!({
        "uuid": credential.uuid, "name": "uploader", "is_readonly": false,
        "buckets": [{ "uuid": bucket.uuid, "name": "media", "region": "eu-ist-1", "size": "0B" }],
    });
    assert_eq!(created["data"], expected_body);
    expected_body["access_key"] = json!(credential.access_key);
    expected_body["subfolder"] = json!("incoming");
    expected_body["buckets"] = json!([expected]);
    let credential_path = format!("/credential/{}", credential.uuid);
    assert_eq!(call(&simulator, "GET", &credential_path, "").await.json()["data"], expected_body);
    assert_eq!(call(&simulator, "GET", "/credential", "").await.json()["data"], json!([expected_body]));
    let change = json!({ "name": "reader", "is_readonly": true });
    let changed = call(&simulator, "PUT", &credential_path, &change.to_string()).await;
    assert_eq!(
        (&changed.json()["data"]["name"], &changed.json()["data"]["buckets"]),
        (&json!("reader"), &json!([expected]))
    );
    assert!(!changed.text().contains(&credential.secret_key));

    let deleted = json!({ "uuid": bucket.uuid, "organization_uuid": "org-1", "name": "media" });
    assert_eq!(call(&simulator, "DELETE", &path, "").await.json()["data"], deleted);
    assert!(state.buckets().is_empty() && state.ftp_account(&account.uuid).is_none());
    assert!(state.credential(&credential.uuid).unwrap().bucket_uuids.is_empty());
    assert_eq!(call(&simulator, "DELETE", &credential_path, "").await.status, 200);
    assert!(state.credentials().is_empty());
}

#[tokio::test]
async fn invalid_input_is_reported_by_field() {
    let (simulator, state) = started(Simulator::builder().strict_bucket_names()).await;
    let (soft, _) = started(Simulator::builder().strict_bucket_names().soft_errors()).await;
    let bucket = state.add_bucket(|_| {});
    let foreign = state.add_organization("Other");
    let hidden = state.add_bucket(|bucket| bucket.organization_uuid = foreign.uuid.clone());
    let account = |change: Value| {
        let mut body = json!({
            "name": "a", "password": PASSWORD, "bucket_uuid": bucket.uuid, "is_readonly": false, "path": "",
        });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body.to_string()
    };
    let unreadable = (400, &[][..]);
    for (path, body, (status, fields)) in [
        ("/ftp", "{}".to_owned(), (422, &["bucket_uuid", "is_readonly", "name", "password", "path"][..])),
        ("/ftp", String::new(), (422, &["bucket_uuid", "is_readonly", "name", "password", "path"])),
        ("/ftp", "[]".into(), unreadable),
        ("/ftp", "{".into(), unreadable),
        ("/ftp", account(json!({ "password": "example-only" })), (422, &["password"])),
        ("/ftp", account(json!({ "password": "EXAMPLE-ONLY" })), (422, &["password"])),
        ("/ftp", account(json!({ "password": "ExampleOnly1" })), (422, &["password"])),
        ("/ftp", account(json!({ "is_readonly": "false", "name": null })), (422, &["is_readonly", "name"])),
        ("/ftp", account(json!({ "is_readonly": 0 })), (422, &["is_readonly"])),
        ("/ftp", account(json!({ "bucket_uuid": hidden.uuid })), (422, &["bucket_uuid"])),
        ("/ftp", account(json!({ "wrap_rules": [{ "type": "block", "rule": [] }] })), (422, &["wrap_rules"])),
        ("/ftp", account(json!({ "wrap_rules": [{ "type": "deny" }] })), (422, &["wrap_rules"])),
        ("/ftp", account(json!({ "wrap_rules": [{ "type": "deny", "rule": [""] }] })), (422, &["wrap_rules"])),
        ("/bucket", json!({ "region": 1 }).to_string(), (422, &["name", "region"])),
        ("/bucket", json!({ "name": "Media" }).to_string(), (422, &["name"])),
        ("/bucket", json!({ "name": "media", "tags": [{ "key": "team" }] }).to_string(), (422, &["tags"])),
        ("/credentials", json!({ "name": "a", "buckets": [] }).to_string(), (422, &["buckets"])),
        ("/credentials", json!({ "name": "a", "buckets": [hidden.uuid] }).to_string(), (422, &["buckets"])),
        ("/credential", json!({ "name": "a" }).to_string(), (404, &[])),
    ] {
        let refused = call(&simulator, "POST", path, &body).await;
        assert_eq!(refused.status, status, "{path} {body}");
        let body_of_refusal = refused.json();
        let errors = body_of_refusal["errors"].as_object();
        let fields_with_errors: Vec<_> = errors.into_iter().flat_map(|errors| errors.keys()).collect();
        assert_eq!(fields_with_errors, fields, "{path} {body}");
        let softly = call(&soft, "POST", path, &body).await;
        assert_eq!((softly.status, &softly.json()["status"]), (200, &json!(false)), "{path} {body}");
    }
    assert_eq!((state.buckets().len(), state.ftp_accounts().len(), state.credentials().len()), (2, 0, 0));
    assert_eq!(call(&simulator, "GET", &format!("/bucket/{}", hidden.uuid), "").await.status, 404);
    assert_eq!(call_as(&soft, "x", "GET", "/api/v2/stook/org-1/ftp", "").await.status, 200);
}

#[tokio::test]
async fn undocumented_behavior_is_configurable() {
    let builder = Simulator::builder()
        .doubled_prefix()
        .unwrapped_single_items()
        .numeric_booleans()
        .created_status()
        .created_credentials(CreatedCredential::Legacy)
        .bare_legacy_accounts()
        .foreign_organizations_forbidden()
        .method_not_allowed()
        .any_password();
    let (simulator, state) = started(builder).await;
    let bucket = state.add_bucket(|bucket| bucket.tags = vec![Tag::new("team", "video")]);
    let token = state.issue_token();
    let doubled = call_as(&simulator, &token, "GET", "/api/api/v2/stook/org-1/bucket", "").await;
    assert_eq!((doubled.status, &doubled.json()["status"]), (200, &json!(1)));
    assert_eq!(doubled.json()["data"]["uuid"], json!(bucket.uuid));
    assert_eq!(simulator.journal()[0].template, Some("/api/v2/stook/{organization_uuid}/bucket"));
    let body =
        json!({ "name": "a", "password": "12345678", "bucket_uuid": bucket.uuid, "is_readonly": true, "path": "" });
    let created = call(&simulator, "POST", "/ftp", &body.to_string()).await;
    assert_eq!((created.status, &created.json()["data"]["is_readonly"]), (201, &json!(1)));
    let uuid = state.ftp_accounts()[0].uuid.clone();
    let bare = call_as(&simulator, &token, "GET", &format!("/api/v1/stook/org-1/ftp/{uuid}"), "").await;
    assert_eq!(bare.json()["data"], json!({ "uuid": uuid }));
    let body = json!({ "name": "a", "buckets": [bucket.uuid] });
    let created = call(&simulator, "POST", "/credentials", &body.to_string()).await.json();
    assert_eq!(created["data"]["access_key"], json!(state.credentials()[0].access_key));
    assert_eq!(created["data"]["buckets"][0]["organization_uuid"], json!("org-1"));
    assert_eq!(call_as(&simulator, &token, "GET", "/api/v2/stook/org-2/ftp", "").await.status, 403);
    assert_eq!(call(&simulator, "PATCH", "/bucket", "").await.status, 405);

    let (plain, state) = started(Simulator::builder()).await;
    let token = state.issue_token();
    for path in ["/api/api/v2/stook/org-1/bucket", "/api/v2/stook/org-2/bucket", "/api/v2/stook/org-1/buckets"] {
        assert_eq!(call_as(&plain, &token, "GET", path, "").await.status, 404, "{path}");
    }
    for (reply, expected) in [
        (DeletionResponse::StatusOnly, r#"{"status":true}"#),
        (DeletionResponse::EmptyArray, r#"{"data":[],"status":true}"#),
        (DeletionResponse::Null, r#"{"data":null,"status":true}"#),
        (DeletionResponse::Empty, ""),
        (DeletionResponse::Object, "uuid"),
    ] {
        let (simulator, state) = started(Simulator::builder().deletions(reply)).await;
        let bucket = state.add_bucket(|_| {});
        let deleted = call(&simulator, "DELETE", &format!("/bucket/{}", bucket.uuid), "").await;
        assert_eq!(deleted.status, 200);
        let text = deleted.text();
        assert!(text == expected || expected == "uuid" && text.contains(&bucket.uuid), "{reply:?}: {text}");
    }
}

#[tokio::test]
async fn lists_are_paginated() {
    let (simulator, state) = started(Simulator::builder().paged_lists(2)).await;
    for _ in 0..5 {
        state.add_bucket(|_| {});
    }
    state.add_organization("Other");
    let token = state.issue_token();
    let organizations = "/api/v1/organizations";
    let buckets = "/api/v2/stook/org-1/bucket";
    for (path, items, page, last, next) in [
        (organizations.to_owned(), 2, 1, 1, None),
        (format!("{organizations}?page=2&limit=1"), 1, 2, 2, None),
        (format!("{organizations}?limit=1"), 1, 1, 2, Some("/api/v1/organizations?page=2&limit=1")),
        (buckets.to_owned(), 2, 1, 3, Some("/api/v2/stook/org-1/bucket?page=2")),
        (format!("{buckets}?page=3"), 1, 3, 3, None),
        (format!("{buckets}?page=4"), 0, 4, 3, None),
        (format!("{buckets}?page=0"), 2, 1, 3, Some("/api/v2/stook/org-1/bucket?page=2")),
    ] {
        let answer = call_as(&simulator, &token, "GET", &path, "").await.json();
        assert_eq!(answer["data"].as_array().unwrap().len(), items, "{path}");
        assert_eq!((&answer["current_page"], &answer["last_page"]), (&json!(page), &json!(last)), "{path}");
        let url = next.map(|next| format!("http://simulator{next}"));
        assert_eq!(answer["next_page_url"], json!(url), "{path}");
    }
}

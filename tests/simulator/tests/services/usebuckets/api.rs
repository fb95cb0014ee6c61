//! The Buckets API: documented behavior, and the choices of the simulator.

use crate::support::usebuckets::{bucket_and_user, call, call_with, created};
use mft_simulator::usebuckets::{Builder, NextUri, PageLimits, SftpError, Simulator, UnknownAfter};
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[tokio::test]
async fn responses_match_the_documented_examples() {
    let simulator = Simulator::builder().start_time_ms(1_700_000_000_999).frozen_clock().start().await.unwrap();
    let answer = call(&simulator, "POST", "/buckets", r#"{"name":"Northwind intake","active":false}"#).await;
    let bucket = answer.json();
    assert_eq!(answer.status, 200);
    assert_eq!(keys(&bucket), ["active", "created_at", "host", "id", "name"]);
    assert_eq!((&bucket["active"], &bucket["created_at"]), (&json!(true), &json!(1_700_000_000)));
    let id = bucket["id"].as_str().unwrap();
    let suffix = id.strip_prefix("bio_test_buc_").unwrap();
    assert!(suffix.len() == 11 && suffix.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()), "{id}");
    assert_eq!(bucket["host"], format!("{suffix}.sftp.usebuckets.io"));
    let one = call(&simulator, "GET", "/buckets", "").await.json();
    assert_eq!(one, json!({ "has_more": false, "data": [bucket] }));

    let body = json!({ "username": "mira", "password": "example-only", "bucket_id": id });
    let user = call(&simulator, "POST", "/users", &body.to_string()).await.json();
    assert_eq!(keys(&user), ["active", "created_at", "id", "permissions", "username"]);
    assert_eq!((&user["permissions"], &user["active"]), (&json!({}), &json!(true)));
    let user_id = user["id"].as_str().unwrap();
    let answer = call(&simulator, "PATCH", &format!("/users/{user_id}"), r#"{"permissions":{"/":"read"}}"#).await;
    assert_eq!(answer.json()["permissions"], json!({ "/": "read" }));
    let answer = call(&simulator, "PATCH", &format!("/users/{user_id}"), r#"{"password":"another-one"}"#).await;
    assert!(!answer.text().contains("another-one"));
    assert_eq!(simulator.state().user(user_id).unwrap().password, "another-one");

    let body = json!({ "bucket_id": id, "events": ["file.uploaded"], "webhook_url": "https://hooks.example.net/x" });
    let notification = call(&simulator, "POST", "/notifications", &body.to_string()).await.json();
    let expected = ["active", "bucket_id", "created_at", "events", "id", "include_file_contents", "webhook_url"];
    assert_eq!(keys(&notification), expected);

    let answer = call(&simulator, "PATCH", &format!("/buckets/{id}"), r#"{"active":false}"#).await.json();
    assert_eq!(
        (&answer["active"], &answer["name"], &answer["host"]),
        (&json!(false), &bucket["name"], &bucket["host"])
    );
    let answer = call(&simulator, "DELETE", &format!("/buckets/{id}"), "").await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    let state = simulator.state();
    assert!(state.buckets().is_empty() && state.users().is_empty() && state.notifications().is_empty());
}

#[tokio::test]
async fn rejected_requests() {
    let simulator = Simulator::start().await.unwrap();
    let (bucket, user) = bucket_and_user(&simulator).await;
    let notification = json!({ "bucket_id": bucket, "events": ["user.created"], "webhook_url": "http://127.0.0.1:1/" });
    let notification = created(&simulator, "/notifications", &notification).await;
    let (one_bucket, one_user) = (format!("/buckets/{bucket}"), format!("/users/{user}"));
    let one_notification = format!("/notifications/{notification}");
    let in_bucket = |rest: &str| format!(r#"{{"bucket_id":"{bucket}",{rest}}}"#);
    let second = in_bucket(r#""username":"mira","password":"x""#);
    let cases: &[(&str, &str, &str, u16)] = &[
        ("POST", "/buckets", "{", 400),
        ("POST", "/buckets", "[]", 422),
        ("POST", "/buckets", "{}", 422),
        ("POST", "/buckets", r#"{"name":7}"#, 422),
        ("POST", "/buckets", r#"{"name":""}"#, 422),
        ("PATCH", &one_bucket, "{}", 422),
        ("PATCH", &one_bucket, r#"{"host":"x"}"#, 422),
        ("PATCH", &one_bucket, r#"{"active":null}"#, 422),
        ("PATCH", "/buckets/none", r#"{"active":true}"#, 404),
        ("DELETE", "/buckets/none", "", 404),
        ("GET", &one_bucket, "", 404),
        ("GET", "/users", "", 405),
        ("PUT", "/buckets", "", 405),
        ("GET", "/nothing", "", 404),
        ("GET", "/buckets/none/users", "", 404),
        ("POST", "/users", r#"{"username":"a","password":"b","bucket_id":"none"}"#, 404),
        ("POST", "/users", r#"{"username":"a","password":"b"}"#, 422),
        ("POST", "/users", &in_bucket(r#""username":"a""#), 422),
        ("POST", "/users", &in_bucket(r#""username":"a","password":"b","permissions":{"/":1}"#), 422),
        ("POST", "/users", &second, 409),
        ("PATCH", &one_user, r#"{"bucket_id":"x"}"#, 422),
        ("PATCH", &one_user, r#"{"username":"mira"}"#, 200),
        ("PATCH", "/users/none", r#"{"active":true}"#, 404),
        ("DELETE", "/users/none", "", 404),
        ("POST", "/notifications", &in_bucket(r#""events":["x.y"],"webhook_url":"http://127.0.0.1:1/""#), 422),
        ("POST", "/notifications", &in_bucket(r#""events":[],"webhook_url":"http://127.0.0.1:1/""#), 422),
        ("POST", "/notifications", &in_bucket(r#""events":["file.deleted"],"webhook_url":"ftp://x""#), 422),
        ("PATCH", &one_notification, "{}", 422),
        ("DELETE", &one_notification, "", 200),
        ("DELETE", &one_notification, "", 404),
    ];
    for (method, path, body, status) in cases {
        let answer = call(&simulator, method, path, body).await;
        assert_eq!(answer.status, *status, "{method} {path} {body}: {}", answer.text());
        assert!(answer.status == 200 || !answer.message().is_empty(), "{method} {path} {body}");
    }
    assert_eq!(simulator.state().users().len(), 1);

    let right = format!("Authorization: bearer {}\r\n", simulator.api_key());
    for (headers, status) in [
        ("", 401),
        ("Authorization: Bearer wrong\r\n", 401),
        ("Authorization: Basic YTpi\r\n", 401),
        (&right, 400), // a body without its type
    ] {
        assert_eq!(call_with(&simulator, headers, "POST", "/buckets", r#"{"name":"x"}"#).await.status, status);
    }
    assert_eq!(call_with(&simulator, &right, "GET", "/buckets", "").await.status, 200);
    simulator.revoke_api_key();
    assert_eq!(call_with(&simulator, &right, "GET", "/buckets", "").await.status, 401);
    assert_eq!(call_with(&simulator, "Authorization: Bearer \r\n", "GET", "/buckets", "").await.status, 401);
}

#[tokio::test]
async fn pages_and_cursors() {
    let simulator = Simulator::start().await.unwrap();
    let state = simulator.state();
    let ids: Vec<_> = (0..5).map(|_| state.add_bucket(|_| ()).id).collect();
    let stranger = state.add_user(&ids[0], |_| ()).id;
    state.remove_bucket(&ids[1]);
    let after = |id: &str, limit: &str| format!("/buckets?limit={limit}&after={id}");
    let first = format!("/v1/buckets?after={}", ids[2]);
    for (path, expected, next) in [
        ("/buckets".to_owned(), &[0, 2, 3, 4][..], None),
        ("/buckets?limit=2".to_owned(), &[0, 2], Some(first)),
        // The bucket of the cursor is deleted.
        (after(&ids[1], "3"), &[2, 3, 4], None),
        (after(&ids[1], "5000"), &[2, 3, 4], None),
        (after(&ids[4], "1"), &[], None),
    ] {
        let page = call(&simulator, "GET", &path, "").await.json();
        let page_ids: Vec<_> = page["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        let expected: Vec<_> = expected.iter().map(|at: &usize| ids[*at].as_str()).collect();
        assert_eq!(page_ids, expected, "{path}");
        assert_eq!(page["has_more"], next.is_some(), "{path}");
        assert_eq!(page.get("next_uri").map(|uri| uri.as_str().unwrap()), next.as_deref(), "{path}");
    }
    for query in ["limit=0", "limit=-1", "limit=x", "limit=", "after=none", &format!("after={stranger}")] {
        let answer = call(&simulator, "GET", &format!("/buckets?{query}"), "").await;
        assert_eq!(answer.status, 422, "{query}");
    }
}

#[tokio::test]
async fn pagination_settings() {
    async fn page(builder: Builder, query: &str) -> (u16, Value) {
        let simulator = builder.start().await.unwrap();
        let bucket = simulator.state().add_bucket(|_| ());
        for name in ["mira", "omar", "zoe"] {
            let _ =
                simulator.state().add_user(&bucket.id, |user| (user.id, user.username) = (name.into(), name.into()));
        }
        let answer = call(&simulator, "GET", &format!("/buckets/{}/users{query}", bucket.id), "").await;
        let names: Vec<_> =
            answer.json()["data"].as_array().into_iter().flatten().map(|one| one["id"].clone()).collect();
        let next = answer.json().get("next_uri").cloned().unwrap_or_else(|| "none".into());
        (answer.status, json!([names, next]))
    }
    let builder = Simulator::builder;
    let elsewhere = "https://elsewhere.example.net/api/v1/users?after=omar";
    for (builder, query, expected) in [
        (builder(), "?limit=2", json!([["mira", "omar"], "/api/v1/users?after=omar"])),
        (builder().next_uri(NextUri::Absent), "?limit=2", json!([["mira", "omar"], "none"])),
        (builder().next_uri(NextUri::Null), "?limit=2", json!([["mira", "omar"], null])),
        (builder().next_uri(NextUri::OtherHost), "?limit=2", json!([["mira", "omar"], elsewhere])),
        (builder().next_uri(NextUri::Placeholder), "?limit=2", json!([["mira", "omar"], "next-uri-here"])),
        (builder().page_cap(1), "?after=mira", json!([["omar"], "/api/v1/users?after=omar"])),
        (builder().ignore_after(), "?after=omar", json!([["mira", "omar", "zoe"], "none"])),
        (builder().unknown_after(UnknownAfter::FirstPage), "?after=x", json!([["mira", "omar", "zoe"], "none"])),
        (builder().unknown_after(UnknownAfter::Empty), "?after=x", json!([[], "none"])),
        (builder().page_limits(PageLimits::Clamp), "?limit=0", json!([["mira"], "/api/v1/users?after=mira"])),
    ] {
        assert_eq!(page(builder, query).await, (200, expected));
    }
    assert_eq!(page(builder().page_limits(PageLimits::Reject), "?limit=1001").await.0, 422);
}

#[tokio::test]
async fn other_settings() {
    let builder = Simulator::builder().nightly().full_responses().created_status().objects_on_delete();
    let simulator = builder.get_one_routes().duplicate_usernames().start().await.unwrap();
    let answer = call(&simulator, "POST", "/buckets", r#"{"name":"x"}"#).await;
    let bucket = answer.json();
    assert_eq!(answer.status, 201);
    let id = bucket["id"].as_str().unwrap();
    assert!(id.starts_with("nly_test_buc_") && bucket["host"].as_str().unwrap().ends_with(".sftp.nightly.sh"));
    let user = json!({ "username": "mira", "password": "x", "bucket_id": id, "active": false });
    let first = call(&simulator, "POST", "/users", &user.to_string()).await.json();
    assert_eq!((&first["bucket_id"], &first["active"]), (&bucket["id"], &json!(false)));
    assert_eq!(call(&simulator, "POST", "/users", &user.to_string()).await.status, 201);
    let list = call(&simulator, "GET", &format!("/buckets/{id}/users"), "").await.json();
    assert!(list["data"][1].get("permissions").is_none() && list["data"][1]["username"] == "mira");
    let read = call(&simulator, "GET", &format!("/users/{}", first["id"].as_str().unwrap()), "").await.json();
    assert_eq!(read, first);
    assert_eq!(call(&simulator, "GET", &format!("/buckets/{id}"), "").await.json(), bucket);

    // The account setting is checked before the id.
    simulator.state().set_api_deletion(false);
    for path in [format!("/buckets/{id}"), "/buckets/none".into()] {
        assert_eq!(call(&simulator, "DELETE", &path, "").await.status, 403);
    }
    simulator.state().set_api_deletion(true);
    assert_eq!(call(&simulator, "DELETE", &format!("/buckets/{id}"), "").await.text(), "{}");
}

#[tokio::test]
async fn sftp_permissions() {
    let simulator = Simulator::start().await.unwrap();
    let state = simulator.state();
    let bucket = state.add_bucket(|_| ()).id;
    let mira = state.add_user(&bucket, |user| (user.username, user.password) = ("mira".into(), "pw".into())).id;
    let reader = state.add_user(&bucket, |user| user.permissions = [("/".into(), "read".into())].into()).id;
    let elsewhere = state.add_bucket(|_| ()).id;
    assert!(state.accepts_login(&bucket, "mira", "pw") && !state.accepts_login(&elsewhere, "mira", "pw"));
    for (bucket, user, path, expected) in [
        (&bucket, &mira, "/a/b.csv", Ok(())),
        (&bucket, &mira, "/a/../b.csv", Err(SftpError::Path)),
        (&bucket, &reader, "/a/b.csv", Err(SftpError::Permission)),
        (&elsewhere, &mira, "/a/b.csv", Err(SftpError::Login)),
    ] {
        assert_eq!(state.upload_file(bucket, user, path, "x"), expected, "{path}");
    }
    assert_eq!(state.delete_file(&bucket, &mira, "/a/c.csv"), Err(SftpError::NoSuchFile));
    state.update_bucket(&bucket, |bucket| bucket.active = false).unwrap();
    assert!(!state.accepts_login(&bucket, "mira", "pw") && state.users_of(&bucket).len() == 2);
    assert_eq!(state.delete_file(&bucket, &mira, "/a/b.csv"), Err(SftpError::Login));
    assert_eq!(state.file(&bucket, "/a/b.csv").unwrap().user_id, mira);
    let text = format!("{simulator:?} {state:?}");
    assert!(
        !text.contains("pw") && !text.contains(&simulator.api_key()) && !text.contains(&simulator.signing_secret())
    );
}

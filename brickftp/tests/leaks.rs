//! No secret appears in `Debug` or `Display` output or in errors. See `traces.rs` for traces.

mod support;

use std::fmt::Debug;

use brickftp::raw::Method;
use brickftp::{
    ApiKey, Authentication, Behavior, BehaviorUpdate, Client, Format, GroupId, NewApiKey, NewBehavior, NewGroupUser,
    NewUser, Reauthentication, RetryPolicy, Secret, Session, UserId, UserUpdate,
};
use http::header::COOKIE;
use mft_common::testing::MockTransport;
use mft_test_support::leaks::{both_hide, debug_hides, error_hides, request_hides};
use serde_json::json;
use support::{scripted_for, scripted_in};

#[path = "support/markers.rs"]
mod markers;

use markers::{KEY, PASSWORD, REAUTHENTICATION, SESSION};

const BOTH: [Format; 2] = [Format::Json, Format::Xml];

fn ada() -> UserId {
    UserId::new(41)
}

fn new_user() -> NewUser {
    NewUser::new("ada").password(PASSWORD).password_confirmation(PASSWORD)
}

/// A request hides its secret and sends it in both formats.
#[track_caller]
fn sent_and_hidden(request: &(impl Debug + serde::Serialize)) {
    request_hides(request, PASSWORD);
    let xml = brickftp::xml::to_vec("user", request).unwrap();
    assert!(String::from_utf8(xml).unwrap().contains(PASSWORD), "it was not planted");
}

#[test]
fn client_and_builder_hide_the_credentials() {
    for authentication in [
        Authentication::api_key(KEY),
        Authentication::api_key(KEY.to_owned()),
        Authentication::session(SESSION),
        Authentication::api_key(Secret::new(KEY)),
    ] {
        debug_hides(&authentication);
        let builder =
            Client::builder("acme", authentication.clone()).base_url(format!("https://u:{PASSWORD}@host.example"));
        debug_hides(&builder);
        debug_hides(&builder.clone().proxy(format!("http://user:{PASSWORD}@proxy.example")));
        error_hides(&builder.build().unwrap_err());
        let client = scripted_for(&MockTransport::new(), authentication, Format::Json);
        debug_hides(&client);
        let reauthenticated = client.with_reauthentication(Reauthentication::new(REAUTHENTICATION).on_every_call());
        debug_hides(&reauthenticated);
        debug_hides(&(
            reauthenticated.users(),
            reauthenticated.sessions(),
            reauthenticated.users().list(),
            reauthenticated.users().delete(ada()),
        ));
        debug_hides(&reauthenticated.users().create(new_user()));
        debug_hides(&reauthenticated.sessions().login("ada", PASSWORD.into()));
        debug_hides(&reauthenticated.with_authentication(Authentication::session(SESSION)).unwrap());
    }
    debug_hides(&Reauthentication::new(REAUTHENTICATION));
}

#[test]
fn debug_shows_only_the_origin_of_webhook_urls() {
    let url = format!("https://hooks.slack.example/services/{PASSWORD}");
    let new = NewBehavior::webhook("Inbox", [&url]);
    request_hides(&new, PASSWORD);
    request_hides(&BehaviorUpdate::new().webhook_urls([&url]), PASSWORD);
    for value in [json!([url]), json!(url), json!({ "urls": [url] })] {
        let behavior: Behavior = serde_json::from_value(json!({ "behavior": "webhook", "value": value })).unwrap();
        assert_eq!(behavior.webhook_urls(), [&url]);
        debug_hides(&behavior);
        assert!(format!("{behavior:?}").contains("https://hooks.slack.example/***"), "{behavior:?}");
    }
}

#[test]
fn requests_hide_their_secrets() {
    sent_and_hidden(&new_user());
    sent_and_hidden(&UserUpdate::new().password(PASSWORD));
    sent_and_hidden(&NewGroupUser::new("bo").password(PASSWORD));
}

#[tokio::test]
async fn responses_hide_their_secrets() {
    let key: ApiKey = serde_json::from_value(json!({ "id": 510, "key": KEY })).unwrap();
    assert_eq!(key.key.as_ref().map(Secret::expose), Some(KEY));
    debug_hides(&key);
    let session: Session = serde_json::from_value(json!({ "id": SESSION })).unwrap();
    assert_eq!(session.id.expose(), SESSION);
    debug_hides(&(&session, Authentication::session(session.id.clone())));
    // The decoder does not quote a secret of the wrong type.
    for odd in [json!({ "id": [SESSION] }), json!({ "id": { "x": SESSION } })] {
        both_hide(&serde_json::from_value::<Session>(odd).unwrap_err());
    }
    for odd in [format!("<s><id type=\"array\"><x>{SESSION}</x></id></s>"), format!("<s><id><x>{SESSION}</x></id></s>")]
    {
        both_hide(&brickftp::xml::from_slice::<Session>(odd.as_bytes()).unwrap_err());
    }
    let script =
        MockTransport::new().reply(201, &[("set-cookie", "BrickAPI=MARK")], format!(r#"{{"id":"{SESSION}"}}"#));
    let client = scripted_for(&script.repeat_last(), Authentication::api_key(KEY), Format::Json);
    let guarded = client.sessions().login_guarded("ada", PASSWORD.into()).await.unwrap();
    debug_hides(&guarded);
    debug_hides(&guarded.keep_open());
    debug_hides(&client.sessions().login("ada", PASSWORD.into()).with_response().await.unwrap());
    let call = client.raw(Method::POST, "/x").query("token", "MARK-query").header(COOKIE, "MARK-cookie");
    debug_hides(&call.json_body(&new_user()));
}

/// The service echoes the client's secrets.
#[tokio::test]
async fn errors_redact_echoed_secrets() {
    let (basic, cookie, header) = (
        // Of the key and `x`.
        "Basic TUFSSy1hcGkta2V5Ong=".to_owned(),
        format!("BrickAPI={SESSION}"),
        format!("password:{REAUTHENTICATION}"),
    );
    for format in BOTH {
        for echoed in [KEY, SESSION, PASSWORD, REAUTHENTICATION, &basic, &cookie, &header] {
            for status in [200, 400, 401, 403, 422, 500] {
                let body = match format {
                    Format::Json => format!(
                        r#"{{"error":"no: {echoed}, really","http-code":"500","errors":[{{"type":"{echoed}","message":"{echoed}"}}]}}"#
                    ),
                    Format::Xml => format!(
                        r#"<error><message>no: {echoed}, really</message><http-code>500</http-code>
                        <errors type="array"><error><type>{echoed}</type><message>{echoed}</message></error></errors></error>"#
                    ),
                };
                let script = MockTransport::new().reply(status, &[], body).repeat_last();
                let client = |authentication: Authentication| {
                    let builder = Client::builder("acme", authentication).format(format).transport(script.clone());
                    let client = builder.retry(RetryPolicy::none()).build().unwrap();
                    client.with_reauthentication(REAUTHENTICATION)
                };
                let mut errors = vec![];
                let (by_key, by_session) =
                    (client(Authentication::api_key(KEY)), client(Authentication::session(SESSION)));
                if echoed == KEY || echoed == basic {
                    errors.push(by_key.users().create(NewUser::new("ada")).await.unwrap_err());
                } else if echoed == SESSION || echoed == cookie {
                    errors.push(by_session.sessions().logout().await.unwrap_err());
                } else if echoed == PASSWORD {
                    errors.push(by_key.users().create(new_user()).await.unwrap_err());
                    errors.push(by_key.sessions().login("ada", PASSWORD.into()).await.unwrap_err());
                    errors.push(
                        by_session.users().update(ada(), UserUpdate::new().password(PASSWORD)).await.unwrap_err(),
                    );
                    let user = NewGroupUser::new("bo").password(PASSWORD);
                    errors.push(by_key.groups().create_user(GroupId::new(7), user).await.unwrap_err());
                } else {
                    errors.push(by_session.users().delete(ada()).await.unwrap_err());
                    errors.push(
                        by_session.users().update(ada(), UserUpdate::new().password("new-one")).await.unwrap_err(),
                    );
                }
                for error in &errors {
                    assert!(String::from_utf8_lossy(error.body()).contains(echoed), "the service did not repeat it");
                    error_hides(error);
                    assert!(!error.to_string().contains("TUFSSy1hcGk"), "{error}");
                }
            }
        }
    }
}

#[tokio::test]
async fn an_undecodable_response_is_kept_and_hidden() {
    for body in [
        format!(r#"{{"id":"510","key":["{KEY}"]}}"#),
        format!(r#"{{"id":"{KEY}"}}"#),
        format!(r#"{{"id":510,"expires_at":"{KEY}"}}"#),
        format!(r#"{{"id":510,"key":"{KEY}""#),
        format!(r#"{{"key":"{KEY}"}}"#),
        format!("<html>{KEY}</html>"),
        format!("<api-key><id>{KEY}</id></api-key>"),
        format!("<api-key><id>510</id><key>{KEY}</key>"),
        format!("<api-key><id>510</id><key><x>{KEY}</x></key></api-key>"),
        format!("<api-key><id>510</id><expires_at>{KEY}</expires_at></api-key>"),
        format!("<api-key><id>510</id><key>{KEY}&nbsp;</key></api-key>"),
        format!(r#"<api-key {KEY}="{KEY}" {KEY}><id>510</id></api-key>"#),
        format!("<!DOCTYPE x [<!ENTITY {KEY} '{KEY}'>]><api-key><id>510</id></api-key>"),
        KEY.to_owned(),
    ] {
        for format in BOTH {
            let client = scripted_in(&MockTransport::new().reply(201, &[], body.clone()), format);
            let Err(error) = client.api_keys().create(ada(), NewApiKey::new("ci")).await else {
                // The parser is lenient between elements.
                continue;
            };
            assert!(String::from_utf8_lossy(error.body()).contains(KEY), "{error}");
            error_hides(&error);
        }
    }
}

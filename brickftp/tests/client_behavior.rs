//! What all operations have in common: failures, formats, repeats.

mod support;

use brickftp::middleware::Operation;
use brickftp::raw::{Idempotency, Method};
use brickftp::{
    ApiKeyId, Authentication, Call, Client, Error, ErrorKind, Format, GroupId, GroupUpdate, NewApiKey, NewGroup,
    NewGroupUser, NewNotification, NewPermission, NewPublicKey, NewUser, NotificationId, Outcome, PermissionId,
    PermissionKind, PublicKeyId, UserId, UserUpdate, needs_reauthentication,
};
use mft_common::testing::MockTransport;
use serde_json::{Value, json};
use support::{API_KEY, NOTHING, PROLOG, either, fixture, scripted, scripted_for, scripted_in};

const BOTH: [Format; 2] = [Format::Json, Format::Xml];

fn ada() -> UserId {
    UserId::new(41)
}

async fn refused(status: u16, body: &str) -> Error {
    let script = MockTransport::new().reply(status, &[("x-request-id", "r-1")], body.to_owned());
    scripted(&script).users().create(NewUser::new("ada")).await.unwrap_err()
}

#[tokio::test]
async fn a_failure_is_understood_in_every_shape() {
    let words = "invalid username or password";
    let slug = "401-invalid-username-or-password";
    let json = format!(r#"{{"error":"{words}","http-code":"401","errors":[{{"type":"{slug}","message":"{words}"}}]}}"#);
    let xml = format!(
        r#"{PROLOG}
        <error><message>{words}</message><http-code>401</http-code>
        <errors type="array"><error><type>{slug}</type><message>{words}</message></error></errors></error>"#
    );
    for (body, code, message) in [
        (json.as_str(), Some(slug), Some(words)),
        (&xml, Some(slug), Some(words)),
        (r#"{"error":"Forbidden","http-code":403}"#, None, Some("Forbidden")),
        ("<error><message>Forbidden</message><http-code>403</http-code></error>", None, Some("Forbidden")),
        (r#"{"errors":["a","b"],"http-code":"422"}"#, None, Some("a; b")),
        (
            r#"{"error":"no","errors":[{"type":"422-x","message":"name is taken"},{"message":"no"}]}"#,
            Some("422-x"),
            Some("no; name is taken"),
        ),
        ("<errors type=\"array\"><error>a</error><error>b</error></errors>", None, Some("a; b")),
        (r#"["name is taken"]"#, None, Some("name is taken")),
        (
            r#"{"type":"not-found/x","title":"Not Found","error":"gone","http-code":404}"#,
            Some("not-found/x"),
            Some("gone"),
        ),
        (
            "<Error><Code>InternalError</Code><Message>try again</Message></Error>",
            Some("InternalError"),
            Some("try again"),
        ),
        (r#""no such user""#, None, Some("no such user")),
        ("Service paused", None, Some("Service paused")),
        ("[]", None, None),
        ("{}", None, None),
        (r#"<nil-classes type="array"/>"#, None, None),
        (r#"{"error":{"a":1},"errors":7,"http-code":[]}"#, None, None),
        (r#"{"error":"cut o"#, None, None),
        ("<error><message>cut", None, None),
        ("<html><body>502 Bad Gateway</body></html>", None, None),
        ("<!DOCTYPE html><p>502", None, None),
        ("\u{feff}", None, Some("\u{feff}")),
        ("", None, None),
    ] {
        let error = refused(422, body).await;
        assert_eq!((error.code(), error.message()), (code, message), "{body}");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{body}");
        assert_eq!((error.request_id(), error.body()), (Some("r-1"), body.as_bytes()));
    }
}

/// The status of the reply and not the one in its body.
#[tokio::test]
async fn the_status_decides_what_kind_of_failure_it_is() {
    for (status, kind) in [
        (400, ErrorKind::Rejected),
        (401, ErrorKind::Auth),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (422, ErrorKind::Rejected),
        (500, ErrorKind::Server),
        (307, ErrorKind::UnexpectedStatus),
    ] {
        for inner in [r#""200""#, "500", r#""404""#] {
            let error = refused(status, &format!(r#"{{"error":"x","http-code":{inner}}}"#)).await;
            assert_eq!(error.kind(), kind, "{status} {inner}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_inside_a_success_is_one() {
    for (body, kind) in [
        (r#"{"error":"internal","http-code":"500"}"#, ErrorKind::Server),
        (r#"{ "http-code" : 500 , "error":"internal"}"#, ErrorKind::Server),
        (r#"{"error":"internal"}"#, ErrorKind::Server),
        ("<error><message>internal</message><http-code>500</http-code></error>", ErrorKind::Server),
        ("<Error><Code>InternalError</Code><Message>internal</Message></Error>", ErrorKind::Server),
    ] {
        let script = MockTransport::new().reply(200, &[], body).repeat_last();
        let error = scripted(&script).users().get(ada()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.outcome()), (kind, 3, Outcome::NotDone), "{body}");
        assert_eq!(error.message(), Some("internal"), "{body}");
        let script = MockTransport::new().reply(200, &[], body).repeat_last();
        let error = scripted(&script).users().create(NewUser::new("ada")).await.unwrap_err();
        assert_eq!((error.attempts(), error.outcome()), (1, Outcome::Unknown), "{body}");
        let script = MockTransport::new().reply(200, &[], body).reply(200, &[], "[]");
        scripted(&script).users().delete(ada()).await.unwrap();
    }
    for (code, kind) in [
        (401, ErrorKind::Auth),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (422, ErrorKind::Rejected),
    ] {
        let script = MockTransport::new().reply(200, &[], format!(r#"{{"error":"x","http-code":"{code}"}}"#));
        let error = scripted(&script).users().create(NewUser::new("ada")).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotDone));
    }
    // A user who says so is none.
    for body in [
        r#"{"id":41,"notes":"\"error\": http-code 500"}"#,
        r#"{"id":41,"error":null}"#,
        "<user><id>41</id><error>x</error><notes>&lt;error&gt;</notes></user>",
    ] {
        let script = MockTransport::new().reply(200, &[], body);
        assert_eq!(scripted(&script).users().get(ada()).await.unwrap().id, ada(), "{body}");
    }
}

#[tokio::test]
async fn the_wish_for_the_password_is_recognised() {
    for (status, body, wished) in [
        (403, r#"{"error":"Reauthentication required: send X-BRICK-REAUTHENTICATION"}"#, true),
        (403, r#"{"error":"x","type":"not-authorized/reauthentication-needed-action"}"#, true),
        (400, r#"{"error":"x","type":"bad-request/reauthentication-needed-fields"}"#, true),
        (403, "<error><message>reauthentication failed</message></error>", true),
        (403, r#"{"error":"Forbidden"}"#, false),
        (500, r#"{"error":"reauthentication is down"}"#, false),
    ] {
        assert_eq!(needs_reauthentication(&refused(status, body).await), wished, "{body}");
    }
}

/// A format per direction, and what comes is read as what it is.
#[tokio::test]
async fn the_two_formats_are_independent_of_each_other() {
    let xml = "<user><username>ada</username></user>";
    for request in BOTH {
        for response in BOTH {
            for came in BOTH {
                for declared in ["application/json", "application/xml; charset=utf-8", "text/html", ""] {
                    let headers = [("content-type", declared)];
                    let headers = if declared.is_empty() { &headers[..0] } else { &headers[..] };
                    let script = MockTransport::new().reply(201, headers, fixture("user", came));
                    let client = Client::builder("acme", Authentication::api_key(API_KEY)).transport(script.clone());
                    let client = client.request_format(request).response_format(response).build().unwrap();
                    assert_eq!(client.users().create(NewUser::new("ada")).await.unwrap().id, ada());
                    let sent = &script.calls()[0];
                    let suffix = either(response, ["json", "xml"]);
                    assert_eq!(sent.uri.path(), format!("/api/rest/v1/users.{suffix}"));
                    assert_eq!(sent.headers["accept"], format!("application/{suffix}"));
                    let body = either(request, [r#"{"username":"ada"}"#.to_owned(), format!("{PROLOG}{xml}")]);
                    assert_eq!(sent.body, body);
                    assert_eq!(sent.headers["content-type"], request.media_type());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_reply_that_says_nothing_is_what_the_operation_makes_of_it() {
    let nothings =
        ["[]", "{}", " [ ] ", "null", NOTHING[1], "<users type=\"array\"/>", "<user nil=\"true\"/>", "<user></user>"];
    for (status, body) in nothings.map(|body| (200, body)).into_iter().chain([(204, "")]) {
        let client = || scripted(&MockTransport::new().reply(status, &[], body));
        assert!(client().users().get(ada()).await.unwrap_err().is_not_found(), "{body}");
        assert_eq!(client().users().find("ada").await.unwrap(), None, "{body}");
        let list = client().users().list().try_collect_vec().await;
        if matches!(body, "{}" | "null") {
            // To take it for the end of a list could lose the rest.
            assert_eq!(list.unwrap_err().kind(), ErrorKind::Decode, "{body}");
        } else {
            assert_eq!(list.unwrap(), [], "{body}");
        }
        client().users().delete(ada()).await.unwrap();
        // A success without words, or no such user: nobody knows.
        let error = client().users().unlock(ada()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Unknown), "{body}");
        // It was created, whatever the reply is.
        let error = client().users().create(NewUser::new("ada")).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done), "{body}");
    }
}

/// The page of a gateway is no reply of the service, and an empty one not the end of a list.
#[tokio::test(start_paused = true)]
async fn what_does_not_come_from_the_service_is_an_error_that_says_what_came() {
    for (body, said) in [
        ("<!DOCTYPE html><html><body>Log in</body></html>", "an HTML page of"),
        ("<html><body>Log in<br></body></html>", "an HTML page of"),
        ("", "what came is empty"),
        ("<html><body>Log in</body></html>", "an HTML page of"),
        ("Log in", "something else of"),
        (r#"[{"id":1}"#, "a list of 9 bytes"),
        ("<users type=\"array\"><user>", "XML of"),
        ("7", "a single value of"),
    ] {
        let client = || scripted(&MockTransport::new().reply(200, &[("content-type", "text/html")], body));
        let mut errors = vec![
            client().users().get(ada()).await.unwrap_err(),
            client().users().list().try_next().await.unwrap_err(),
            client().users().count().await.unwrap_err(),
            client().users().find("ada").await.unwrap_err(),
        ];
        if !body.is_empty() && body != "7" {
            errors.push(client().users().delete(ada()).await.unwrap_err());
        }
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Decode, "{body}: {error}");
            assert!(error.to_string().contains(said), "{body}: {error}");
        }
    }
}

#[tokio::test]
async fn a_value_of_another_type_is_named_by_its_place() {
    for (format, body) in BOTH.into_iter().zip([
        r#"[{"id":1},{"id":2,"username":["x"]}]"#,
        r#"<users type="array"><user><id>1</id></user><user><id>x</id></user></users>"#,
    ]) {
        let script = MockTransport::new().reply(200, &[], body);
        let error = scripted_in(&script, format).users().list().try_next().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(either(format, ["[1].username", "[1].id"])), "{error}");
    }
}

/// Makes the call against a service that fails for good, and tells how often it was sent and how it stands with it.
async fn storm<T: Send + 'static>(call: impl FnOnce(&Client) -> Call<T>) -> (String, usize, Outcome) {
    let script = MockTransport::new().reply(502, &[], "").repeat_last();
    let client = scripted_for(&script, Authentication::session("s"), Format::Json);
    let error = call(&client).await.err().expect("a failure");
    let name = script.calls()[0].operation.as_ref().map(Operation::name).unwrap_or_default();
    assert_eq!(error.operation(), Some(name));
    (name.trim_start_matches("brickftp.").to_owned(), script.calls().len(), error.outcome())
}

#[tokio::test(start_paused = true)]
async fn what_creates_is_sent_once_and_everything_else_three_times() {
    let (group, user) = (GroupId::new(7), ada());
    let read = [
        storm(|client| client.users().count()).await,
        storm(|client| client.users().find("ada")).await,
        storm(|client| client.users().get(user)).await,
        storm(|client| client.api_keys().get(ApiKeyId::new(1))).await,
        storm(|client| client.public_keys().get(PublicKeyId::new(1))).await,
        storm(|client| client.groups().get(group)).await,
    ];
    for (name, sent, outcome) in read {
        assert_eq!((sent, outcome), (3, Outcome::NotDone), "{name}");
    }
    let repeatable = [
        storm(|client| client.sessions().logout()).await,
        storm(|client| client.users().update(user, UserUpdate::new().name("x"))).await,
        storm(|client| client.users().unlock(user)).await,
        storm(|client| client.users().delete(user)).await,
        storm(|client| client.api_keys().delete(ApiKeyId::new(1))).await,
        storm(|client| client.public_keys().delete(PublicKeyId::new(1))).await,
        storm(|client| client.groups().update(group, GroupUpdate::new().name("x"))).await,
        storm(|client| client.groups().delete(group)).await,
        storm(|client| client.groups().add_member(group, user, true)).await,
        storm(|client| client.groups().update_member(group, user, true)).await,
        storm(|client| client.groups().remove_member(group, user)).await,
        storm(|client| client.permissions().delete(PermissionId::new(1))).await,
        storm(|client| client.notifications().delete(NotificationId::new(1))).await,
    ];
    for (name, sent, outcome) in repeatable {
        assert_eq!((sent, outcome), (3, Outcome::Unknown), "{name}");
    }
    let once = [
        storm(|client| client.sessions().login("ada", "pw")).await,
        storm(|client| client.users().create(NewUser::new("ada"))).await,
        storm(|client| client.api_keys().create(user, NewApiKey::new("ci"))).await,
        storm(|client| client.public_keys().create(user, NewPublicKey::new("laptop", "ssh-rsa AAAA"))).await,
        storm(|client| client.groups().create(NewGroup::new("Ops"))).await,
        storm(|client| client.groups().create_user(group, NewGroupUser::new("bo"))).await,
        storm(|client| client.permissions().create(NewPermission::new("a", user, PermissionKind::Full))).await,
        storm(|client| client.notifications().create(NewNotification::new("a", user))).await,
    ];
    for (name, sent, outcome) in once {
        assert_eq!((sent, outcome), (1, Outcome::Unknown), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_repeated_delete_that_finds_nothing_has_done_it() {
    for gone in ["", r#"{"error":"Not Found","http-code":"404"}"#] {
        let script = MockTransport::new().reply(503, &[], "").reply(404, &[], gone);
        scripted(&script).users().delete(ada()).await.unwrap();
        let script = MockTransport::new().reply(404, &[], gone);
        assert!(scripted(&script).users().delete(ada()).await.unwrap_err().is_not_found());
    }
}

#[tokio::test]
async fn a_raw_call_stays_below_the_prefix_and_speaks_json() {
    let script = MockTransport::new().reply(200, &[], r#"{"current_storage":1}"#).reply(500, &[], "").repeat_last();
    let client = scripted_in(&script, Format::Xml);
    let call = client.raw(Method::GET, "/site/{what}.json").path("what", "us age").query("a", "b c");
    let usage: Value = call.idempotency(Idempotency::Safe).json().await.unwrap();
    assert_eq!(usage, json!({ "current_storage": 1 }));
    let sent = &script.calls()[0];
    assert_eq!(sent.uri.to_string(), "https://acme.brickftp.com/api/rest/v1/site/us%20age.json?a=b%20c");
    assert_eq!(sent.headers["authorization"], support::BASIC);
    assert_eq!(sent.headers["accept"], "application/json");
    let error = client.raw(Method::POST, "/new.json").json_body(&json!({})).into_call().await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (2, Outcome::Unknown));
    for path in ["users", "", "/../users", "?a=b"] {
        let error = client.raw(Method::GET, path).into_call().await.unwrap_err();
        assert!(error.is_invalid_input() && script.calls().len() == 2, "{path}: {error}");
    }
}

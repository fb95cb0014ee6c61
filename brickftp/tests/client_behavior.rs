//! Behavior of all operations: failures, formats, retries.

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

async fn rejected(status: u16, body: &str) -> Error {
    let script = MockTransport::new().reply(status, &[("x-request-id", "r-1")], body.to_owned());
    scripted(&script).users().create(NewUser::new("ada")).await.unwrap_err()
}

#[tokio::test]
async fn all_shapes_of_error_documents_are_parsed() {
    let text = "invalid username or password";
    let slug = "401-invalid-username-or-password";
    let json = format!(r#"{{"error":"{text}","http-code":"401","errors":[{{"type":"{slug}","message":"{text}"}}]}}"#);
    let xml = format!(
        r#"{PROLOG}
        <error><message>{text}</message><http-code>401</http-code>
        <errors type="array"><error><type>{slug}</type><message>{text}</message></error></errors></error>"#
    );
    for (body, code, message) in [
        (json.as_str(), Some(slug), Some(text)),
        (&xml, Some(slug), Some(text)),
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
        let error = rejected(422, body).await;
        assert_eq!((error.code(), error.message()), (code, message), "{body}");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Rejected, Outcome::NotDone), "{body}");
        assert_eq!((error.request_id(), error.body()), (Some("r-1"), body.as_bytes()));
    }
}

/// The HTTP status takes precedence over the status in the body.
#[tokio::test]
async fn the_status_determines_the_error_kind() {
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
            let error = rejected(status, &format!(r#"{{"error":"x","http-code":{inner}}}"#)).await;
            assert_eq!(error.kind(), kind, "{status} {inner}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_document_in_a_200_response_is_an_error() {
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
    // A user object with an error field is not a user.
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
async fn a_required_reauthentication_is_detected() {
    for (status, body, wished) in [
        (403, r#"{"error":"Reauthentication required: send X-BRICK-REAUTHENTICATION"}"#, true),
        (403, r#"{"error":"x","type":"not-authorized/reauthentication-needed-action"}"#, true),
        (400, r#"{"error":"x","type":"bad-request/reauthentication-needed-fields"}"#, true),
        (403, "<error><message>reauthentication failed</message></error>", true),
        (403, r#"{"error":"Forbidden"}"#, false),
        (500, r#"{"error":"reauthentication is down"}"#, false),
    ] {
        assert_eq!(needs_reauthentication(&rejected(status, body).await), wished, "{body}");
    }
}

/// Each direction has its own format, and responses are decoded in their actual format.
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
                    let call = &script.calls()[0];
                    let suffix = either(response, ["json", "xml"]);
                    assert_eq!(call.uri.path(), format!("/api/rest/v1/users.{suffix}"));
                    assert_eq!(call.headers["accept"], format!("application/{suffix}"));
                    let body = either(request, [r#"{"username":"ada"}"#.to_owned(), format!("{PROLOG}{xml}")]);
                    assert_eq!(call.body, body);
                    assert_eq!(call.headers["content-type"], request.media_type());
                }
            }
        }
    }
}

#[tokio::test]
async fn an_empty_response_depends_on_the_operation() {
    let nothings =
        ["[]", "{}", " [ ] ", "null", NOTHING[1], "<users type=\"array\"/>", "<user nil=\"true\"/>", "<user></user>"];
    for (status, body) in nothings.map(|body| (200, body)).into_iter().chain([(204, "")]) {
        let client = || scripted(&MockTransport::new().reply(status, &[], body));
        assert!(client().users().get(ada()).await.unwrap_err().is_not_found(), "{body}");
        assert_eq!(client().users().find("ada").await.unwrap(), None, "{body}");
        let list = client().users().list().try_collect_vec().await;
        if matches!(body, "{}" | "null") {
            // It could hide the rest of a list.
            assert_eq!(list.unwrap_err().kind(), ErrorKind::Decode, "{body}");
        } else {
            assert_eq!(list.unwrap(), [], "{body}");
        }
        client().users().delete(ada()).await.unwrap();
        // A success without a body, or a missing user: the outcome is unknown.
        let error = client().users().unlock(ada()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Unknown), "{body}");
        // The object was created regardless of the response.
        let error = client().users().create(NewUser::new("ada")).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done), "{body}");
    }
}

/// A gateway's page is not a response of the service, and an empty body is not the end of a list.
#[tokio::test(start_paused = true)]
async fn foreign_responses_are_errors_that_name_the_content() {
    for (body, message) in [
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
            assert!(error.to_string().contains(message), "{body}: {error}");
        }
    }
}

#[tokio::test]
async fn a_type_mismatch_has_its_location() {
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

/// Calls a service that fails permanently. Returns the number of requests and the outcome.
async fn storm<T: Send + 'static>(call: impl FnOnce(&Client) -> Call<T>) -> (String, usize, Outcome) {
    let script = MockTransport::new().reply(502, &[], "").repeat_last();
    let client = scripted_for(&script, Authentication::session("s"), Format::Json);
    let error = call(&client).await.err().expect("a failure");
    let name = script.calls()[0].operation.as_ref().map(Operation::name).unwrap_or_default();
    assert_eq!(error.operation(), Some(name));
    (name.trim_start_matches("brickftp.").to_owned(), script.calls().len(), error.outcome())
}

#[tokio::test(start_paused = true)]
async fn creations_are_not_retried_and_other_calls_are() {
    let (group, user) = (GroupId::new(7), ada());
    let read = [
        storm(|client| client.users().count()).await,
        storm(|client| client.users().find("ada")).await,
        storm(|client| client.users().get(user)).await,
        storm(|client| client.api_keys().get(ApiKeyId::new(1))).await,
        storm(|client| client.public_keys().get(PublicKeyId::new(1))).await,
        storm(|client| client.groups().get(group)).await,
    ];
    for (name, request, outcome) in read {
        assert_eq!((request, outcome), (3, Outcome::NotDone), "{name}");
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
    for (name, request, outcome) in repeatable {
        assert_eq!((request, outcome), (3, Outcome::Unknown), "{name}");
    }
    let once = [
        storm(|client| client.sessions().login("ada", "pw".into())).await,
        storm(|client| client.users().create(NewUser::new("ada"))).await,
        storm(|client| client.api_keys().create(user, NewApiKey::new("ci"))).await,
        storm(|client| client.public_keys().create(user, NewPublicKey::new("laptop").openssh("ssh-rsa AAAA"))).await,
        storm(|client| client.groups().create(NewGroup::new("Ops"))).await,
        storm(|client| client.groups().create_user(group, NewGroupUser::new("bo"))).await,
        storm(|client| client.permissions().create(NewPermission::new("a", user, PermissionKind::Full))).await,
        storm(|client| client.notifications().create(NewNotification::new("a", user))).await,
    ];
    for (name, request, outcome) in once {
        assert_eq!((request, outcome), (1, Outcome::Unknown), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retried_delete_that_finds_nothing_succeeds() {
    for gone in ["", r#"{"error":"Not Found","http-code":"404"}"#] {
        let script = MockTransport::new().reply(503, &[], "").reply(404, &[], gone);
        scripted(&script).users().delete(ada()).await.unwrap();
        let script = MockTransport::new().reply(404, &[], gone);
        assert!(scripted(&script).users().delete(ada()).await.unwrap_err().is_not_found());
    }
}

#[tokio::test]
async fn a_raw_call_is_relative_to_the_base_url_and_uses_json() {
    let script = MockTransport::new().reply(200, &[], r#"{"current_storage":1}"#).reply(500, &[], "").repeat_last();
    let client = scripted_in(&script, Format::Xml);
    let call = client.raw(Method::GET, "/site/{what}.json").path("what", "us age").query("a", "b c");
    let usage: Value = call.idempotency(Idempotency::Safe).json().await.unwrap();
    assert_eq!(usage, json!({ "current_storage": 1 }));
    let request = &script.calls()[0];
    assert_eq!(request.uri.to_string(), "https://acme.brickftp.com/api/rest/v1/site/us%20age.json?a=b%20c");
    assert_eq!(request.headers["authorization"], support::BASIC);
    assert_eq!(request.headers["accept"], "application/json");
    let error = client.raw(Method::POST, "/new.json").json_body(&json!({})).into_call().await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (2, Outcome::Unknown));
    for path in ["users", "", "/../users", "?a=b"] {
        let error = client.raw(Method::GET, path).into_call().await.unwrap_err();
        assert!(error.is_invalid_input() && script.calls().len() == 2, "{path}: {error}");
    }
}

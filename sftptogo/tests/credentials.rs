//! Credentials: requests, and decoding of every documented response and its variants.

mod support;

use serde_json::{Value, json};
use sftptogo::{
    Credential, CredentialId, CredentialPermission, CredentialState, CredentialUpdate, Deleted, ErrorKind, Expiration,
    InboundProtocol, InboundRule, InboundRuleAction, InboundRuleState, NewCredential, Secret, UnixMillis, UnixSeconds,
};
use support::{CREDENTIAL, Service, delete, fixture, get, patch, post};

const USER: &str = "/users/cfc211269c8c0f925c64b1a223d8eb";
const ROTATIONS: &str = "/users/cfc211269c8c0f925c64b1a223d8eb/credential-rotations";

fn id() -> CredentialId {
    CREDENTIAL.into()
}

/// Returns the model under its wire names, without absent values.
fn to_wire(credential: &Credential) -> Value {
    let text = |text: &Option<String>| json!(text);
    let settings = credential.settings.as_ref().map(|settings| {
        let network = settings.network.as_ref().map(|network| json!({ "InboundRules": network.inbound_rules }));
        json!({ "Network": network })
    });
    let mut value = json!({
        "Id": credential.id,
        "Alias": text(&credential.alias),
        "UserName": text(&credential.user_name),
        "Password": credential.password.as_ref().map(Secret::expose),
        "PasswordCreatedAt": credential.password_created_at,
        "HomeDirectory": text(&credential.home_directory),
        "ChrootDirectory": text(&credential.chroot_directory),
        "Permission": credential.permission,
        "State": credential.state,
        "IsDefault": credential.is_default,
        "OrganizationId": credential.organization_id,
        "Host": text(&credential.host),
        "URI": credential.uri.as_ref().map(Secret::expose),
        "SshPublicKeysCount": credential.ssh_public_keys_count,
        "Settings": settings,
        "Expiration": credential.expiration,
        "CreatedAt": credential.created_at,
        "UpdatedAt": credential.updated_at,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

fn documented(name: &str) -> Value {
    serde_json::from_str(&fixture(name)).unwrap()
}

fn decoded(value: &Value) -> Credential {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

#[tokio::test]
async fn lists_every_credential_with_its_rules() {
    for name in ["credentials_list", "credentials_list_without_rules"] {
        let service = Service::answering(get("/users"), 200, fixture(name)).await;
        let all = service.client.credentials().list().try_collect_vec().await.unwrap();
        assert_eq!(all.iter().map(to_wire).collect::<Value>(), documented(name));
        assert_eq!(all[0].permission, Some(CredentialPermission::Full));
    }
    let rules: Vec<Credential> = serde_json::from_str(&fixture("credentials_list")).unwrap();
    let [rule] = rules[0].inbound_rules().unwrap() else { panic!("one rule is documented") };
    assert_eq!((&rule.protocol, &rule.state), (&InboundProtocol::Sftp, &InboundRuleState::Enabled));
    assert_eq!(rules[0].password_created_at.as_ref().unwrap().unix_millis(), UnixMillis(1_603_696_766_908));
    let none: Vec<Credential> = serde_json::from_str(&fixture("credentials_list_without_rules")).unwrap();
    assert_eq!(none[0].inbound_rules(), Some(&[][..]));
}

#[tokio::test]
async fn creates_with_the_set_fields_only() {
    let documented_request = NewCredential::new()
        .alias("Test Credential")
        .user_name("my-user-name")
        .password("my-secret-password")
        .home_directory("/")
        .chroot_directory("/")
        .permission(CredentialPermission::ReadWrite)
        .state(CredentialState::Active);
    let everything = NewCredential::new()
        .user_name("intake-robot-01")
        .expiration(Expiration::UnixSeconds(UnixSeconds(1_790_000_000)))
        .inbound_rules([InboundRule::allow("203.0.113.7").id("2f9c").description("Partner NAT")]);
    for (request, body, response) in [
        (
            documented_request,
            json!({
                "Alias": "Test Credential", "UserName": "my-user-name", "Password": "my-secret-password",
                "HomeDirectory": "/", "ChrootDirectory": "/", "Permission": "read-write", "State": "active",
            }),
            "credentials_create",
        ),
        (
            everything,
            json!({
                "UserName": "intake-robot-01", "Expiration": 1_790_000_000_i64,
                "Settings": { "Network": { "InboundRules": [{
                    "Id": "2f9c", "Protocol": "*", "State": "enabled", "Action": "allow", "Source": "203.0.113.7",
                    "Description": "Partner NAT",
                }] } },
            }),
            "credentials_create_with_own_rule",
        ),
        (NewCredential::new(), json!({}), "credentials_create"),
    ] {
        let service = Service::answering(post("/users", body), 201, fixture(response)).await;
        let created = service.client.credentials().create(request).await.unwrap();
        assert_eq!(to_wire(&created), documented(response));
    }
}

#[tokio::test]
async fn returns_one_with_its_password() {
    for name in ["credentials_get", "credentials_get_after_creation"] {
        let service = Service::answering(get(USER), 200, fixture(name)).await;
        let credential = service.client.credentials().get(&id()).await.unwrap();
        assert_eq!(to_wire(&credential), documented(name));
        assert_eq!(credential.inbound_rules(), None, "absent means not to_wire, never empty");
    }
}

#[tokio::test]
async fn updates_only_the_set_fields() {
    let documented_update = CredentialUpdate::new()
        .alias("Test Credential (updated)")
        .home_directory("/test")
        .permission(CredentialPermission::ReadWrite);
    for (update, body) in [
        (
            documented_update,
            json!({ "Alias": "Test Credential (updated)", "HomeDirectory": "/test", "Permission": "read-write" }),
        ),
        (CredentialUpdate::new().never_expires(), json!({ "Expiration": null })),
        (
            CredentialUpdate::new().expiration(Expiration::UnixMillis(UnixMillis(1_790_000_000_000))),
            json!({ "Expiration": 1_790_000_000_000_i64 }),
        ),
        (CredentialUpdate::new().password("N3w-example"), json!({ "Password": "N3w-example" })),
        (
            CredentialUpdate::new().permission("read-write-no-delete".into()),
            json!({ "Permission": "read-write-no-delete" }),
        ),
    ] {
        let service = Service::answering(patch(USER, body), 200, fixture("credentials_update")).await;
        let credential = service.client.credentials().update(&id(), update).await.unwrap();
        assert_eq!(to_wire(&credential), documented("credentials_update"));
        assert_eq!(credential.home_directory.as_deref(), Some("test"), "the example lacks the slash, and it stays so");
    }
}

#[tokio::test]
async fn replaces_all_inbound_rules_and_sends_nothing_else() {
    let documented_rule = InboundRule::allow("0.0.0.0/0")
        .id("c1d91788-e46f-45a0-9c7b-386e90db000a")
        .protocol(InboundProtocol::Sftp)
        .description("Allow all inbound traffic from anywhere");
    let paused = InboundRule::allow("2001:db8::/32").id("2").state(InboundRuleState::Disabled);
    for (rules, sent) in [
        (
            vec![documented_rule],
            json!([{
                "Action": "allow", "Description": "Allow all inbound traffic from anywhere",
                "Id": "c1d91788-e46f-45a0-9c7b-386e90db000a", "Protocol": "SFTP", "Source": "0.0.0.0/0",
                "State": "enabled",
            }]),
        ),
        (
            vec![paused, InboundRule::allow("203.0.113.7").id("1")],
            json!([
                { "Id": "2", "Action": "allow", "Protocol": "*", "Source": "2001:db8::/32", "State": "disabled" },
                { "Id": "1", "Action": "allow", "Protocol": "*", "Source": "203.0.113.7", "State": "enabled" },
            ]),
        ),
        (vec![], json!([])),
    ] {
        let body = json!({ "Settings": { "Network": { "InboundRules": sent } } });
        let response = fixture("credentials_replace_inbound_rules");
        let service = Service::answering(patch(USER, body), 200, response).await;
        let credential = service.client.credentials().replace_inbound_rules(&id(), rules).await.unwrap();
        assert_eq!(to_wire(&credential), documented("credentials_replace_inbound_rules"));
    }
}

#[tokio::test]
async fn deletes_and_returns_what_was_deleted() {
    let service = Service::answering(delete(USER), 200, fixture("credentials_delete")).await;
    let Deleted::Now(was) = service.client.credentials().delete(&id()).await.unwrap() else { panic!("it was there") };
    assert_eq!(to_wire(&was), documented("credentials_delete"));
}

#[tokio::test]
async fn rotates_without_a_body() {
    let service = Service::answering(post(ROTATIONS, None), 200, fixture("credentials_rotate_password")).await;
    assert_eq!(service.client.credentials().rotate_password(&id()).await.unwrap().message, "Password set.");
}

#[tokio::test]
async fn sets_a_given_password() {
    let body = json!({ "Password": "VeryC0mplexP@ssw0rdThatMeetsThe8olicy" });
    let service = Service::answering(post(ROTATIONS, body), 200, fixture("credentials_set_password")).await;
    let set = service.client.credentials().set_password(&id(), "VeryC0mplexP@ssw0rdThatMeetsThe8olicy").await.unwrap();
    assert_eq!(set.message, "Password set.");
    for worded_otherwise in ["{}", r#"{"message":null}"#, r#"{"message":"PASSWORD SET"}"#] {
        let service = Service::answering(post(ROTATIONS, None), 200, worded_otherwise).await;
        service.client.credentials().rotate_password(&id()).await.unwrap();
    }
}

#[test]
fn only_the_id_is_required() {
    let bare = decoded(&json!({ "Id": "4ddb", "Surprise": { "deep": [1] } }));
    assert_eq!(to_wire(&bare), json!({ "Id": "4ddb", "IsDefault": false }));
    let mut nulls = documented("credentials_create");
    for (_, value) in nulls.as_object_mut().unwrap().iter_mut().filter(|(key, _)| *key != "Id") {
        *value = Value::Null;
    }
    nulls["Expiration"] = Value::Null;
    nulls["PasswordCreatedAt"] = json!("");
    assert_eq!(to_wire(&decoded(&nulls)), json!({ "Id": nulls["Id"], "IsDefault": false }));
    assert!(serde_json::from_value::<Credential>(json!({ "Alias": "no id" })).is_err());
}

#[test]
fn the_login_name_falls_back_to_the_id() {
    for (name, login) in [(json!("robot"), "robot"), (Value::Null, "4ddb"), (json!(""), "4ddb")] {
        assert_eq!(decoded(&json!({ "Id": "4ddb", "UserName": name })).login_name(), login);
    }
    assert_eq!(decoded(&json!({ "Id": "4ddb" })).login_name(), "4ddb");
}

#[test]
fn a_withheld_password_is_none() {
    for withheld in [json!(""), Value::Null] {
        let credential = decoded(&json!({ "Id": "1", "Password": withheld, "URI": withheld }));
        assert_eq!((credential.password, credential.uri), (None, None));
    }
}

#[test]
fn numbers_decode_in_every_form() {
    for millis in [json!(1_616_615_059_930_i64), json!("1616615059930"), json!(1_616_615_059_930.0)] {
        let credential = decoded(&json!({ "Id": "1", "CreatedAt": millis, "SshPublicKeysCount": "3" }));
        assert_eq!(credential.created_at, Some(UnixMillis(1_616_615_059_930)), "{millis}");
        assert_eq!(credential.ssh_public_keys_count, Some(3));
    }
}

#[test]
fn an_expiration_decodes_in_every_form() {
    let (millis, seconds) = (|n| Expiration::UnixMillis(UnixMillis(n)), |n| Expiration::UnixSeconds(UnixSeconds(n)));
    for (value, expected) in [
        (json!(1_790_000_000_000_i64), Some(millis(1_790_000_000_000))),
        (json!(1_790_000_000), Some(seconds(1_790_000_000))),
        (json!("1790000000"), Some(seconds(1_790_000_000))),
        (json!(1_790_000_000.0), Some(seconds(1_790_000_000))),
        (json!(99_999_999_999_i64), Some(seconds(99_999_999_999))),
        (json!(100_000_000_000_i64), Some(millis(100_000_000_000))),
        (json!("2025-10-09T08:53:20.123Z"), Some(millis(1_760_000_000_123))),
        (json!(""), None),
        (Value::Null, None),
        (json!("never"), None),
        (json!({ "At": 1 }), None),
    ] {
        assert_eq!(decoded(&json!({ "Id": "1", "Expiration": value })).expiration, expected, "{value}");
    }
}

#[test]
fn unknown_values_and_keys_of_rules_are_written_back_unchanged() {
    let rule = json!({
        "Id": "1", "Protocol": "WEB_PORTAL", "State": "suspended", "Action": "deny", "Source": "::/0",
        "Description": "d", "Ports": [22],
    });
    let credential = decoded(&json!({
        "Id": "1", "Permission": "read-write-no-delete", "State": "frozen",
        "Settings": { "Network": { "InboundRules": [rule], "Outbound": 1 }, "Other": 1 },
    }));
    assert_eq!(credential.permission, Some(CredentialPermission::Unknown("read-write-no-delete".into())));
    assert_eq!(json!([credential.permission, credential.state]), json!(["read-write-no-delete", "frozen"]));
    assert_eq!(json!(credential.inbound_rules().unwrap()[0]), rule);
    assert_eq!(credential.inbound_rules().unwrap()[0].action, InboundRuleAction::Unknown("deny".into()));
    let nulls =
        json!({ "Id": "1", "Protocol": null, "State": null, "Action": null, "Source": null, "Description": null });
    let rule: InboundRule = serde_json::from_value(nulls).unwrap();
    assert_eq!(
        (rule.protocol, rule.state, rule.source.as_str()),
        (InboundProtocol::Any, InboundRuleState::Enabled, "")
    );
}

#[test]
fn missing_settings_are_not_an_empty_list() {
    for settings in [
        json!(null),
        json!({}),
        json!({ "Network": null }),
        json!({ "Network": {} }),
        json!({ "Network": { "InboundRules": null } }),
    ] {
        assert_eq!(decoded(&json!({ "Id": "1", "Settings": settings })).inbound_rules(), None, "{settings}");
    }
}

#[tokio::test]
async fn an_unexpected_body_is_described_in_the_error() {
    for (status, body, description) in [
        (200, r#"{"Users":[{"Id":"hunter2"}]}"#, "an object of 28 bytes"),
        (200, "<!DOCTYPE html><p>hunter2 please log in", "an HTML page of 39 bytes sent as text/html"),
        (200, r#"[{"Id":"1","Alias":{"hunter2":1}}]"#, "at `[0].Alias`"),
        (200, r#"[{"Id":"1","#, "JSON that ends too early"),
        (204, "", "what came is empty"),
    ] {
        let service = Service::answering(get("/users"), status, body).await;
        let error = service.client.credentials().list().try_collect_vec().await.unwrap_err();
        assert_eq!((error.kind(), error.status().map(|status| status.as_u16())), (ErrorKind::Decode, Some(status)));
        let line = error.to_string();
        assert!(line.starts_with("sftptogo.credentials.list: 20") && line.contains(description), "{line}");
        assert!(!line.contains("hunter2") && error.body() == body.as_bytes(), "{line}");
    }
    let service = Service::answering(get(USER), 200, "[]").await;
    let error = service.client.credentials().get(&id()).await.unwrap_err();
    assert!(error.to_string().contains("what came is a list of 2 bytes"), "{error}");
}

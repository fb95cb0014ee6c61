//! Invalid input is rejected with the field's name, and nothing is sent.

mod support;

use brickftp::{
    Authentication, Client, Format, Grantee, GroupId, GroupUpdate, NewApiKey, NewGroup, NewGroupUser, NewNotification,
    NewPermission, NewPublicKey, NewUser, PermissionKind, Recipient, Result, UserId, UserUpdate,
};
use mft_common::testing::MockTransport;
use mft_test_support::input;
use support::{scripted, scripted_for, scripted_in};

/// A client with a mock transport, and the transport for inspection.
fn client() -> (Client, MockTransport) {
    let script = MockTransport::new();
    (scripted(&script), script)
}

fn ada() -> UserId {
    UserId::new(41)
}

/// Asserts that the error names the field, contains no secret and was returned before anything was sent.
#[track_caller]
fn rejected<T>(result: Result<T>, script: &MockTransport, field: &str) -> String {
    input::refused("brickftp", result, script, field)
}

/// Limits count characters, not bytes.
#[tokio::test]
async fn a_text_has_its_documented_length() {
    let (client, script) = client();
    let (users, groups, user) = (client.users(), client.groups(), ada());
    let text = |length: usize| "é".repeat(length);
    for (limit, field) in [(50, "username"), (50, "name"), (50, "email"), (250, "user_root")] {
        let long = text(limit + 1);
        let new = match field {
            "username" => NewUser::new(&long),
            "name" => NewUser::new("ada").name(&long),
            "email" => NewUser::new("ada").email(&long),
            _ => NewUser::new("ada").user_root(&long),
        };
        let line = rejected(users.create(new).await, &script, field);
        assert!(line.contains(&format!("has {} characters; the limit is {limit}", limit + 1)), "{line}");
    }
    rejected(users.update(user, UserUpdate::new().username(text(51))).await, &script, "username");
    rejected(groups.create_user(GroupId::new(7), NewGroupUser::new("bo").name(text(51))).await, &script, "name");
    rejected(groups.create(NewGroup::new(text(51))).await, &script, "name");
    rejected(groups.update(GroupId::new(7), GroupUpdate::new().name(text(51))).await, &script, "name");
    rejected(client.api_keys().create(user, NewApiKey::new(text(101))).await, &script, "name");
    rejected(
        client.public_keys().create(user, NewPublicKey::new(text(51)).openssh("ssh-rsa A")).await,
        &script,
        "title",
    );
    for path in [text(5001), format!("/{}", text(5001))] {
        let permission = NewPermission::new(&path, user, PermissionKind::Full);
        rejected(client.permissions().create(permission).await, &script, "path");
        rejected(client.notifications().create(NewNotification::new(&path, user)).await, &script, "path");
        rejected(client.permissions().list_for_path(&path).try_next().await, &script, "path");
    }
    let by_name = NewPermission::new("a", Grantee::username(text(51)), PermissionKind::Full);
    rejected(client.permissions().create(by_name).await, &script, "username");
    rejected(
        client.notifications().create(NewNotification::new("a", Recipient::username(text(51)))).await,
        &script,
        "username",
    );

    let script = MockTransport::new().reply(201, &[], r#"{"id":41}"#).repeat_last();
    let client = scripted(&script);
    let longest = NewUser::new(text(50)).name(text(50)).email(text(50)).user_root(text(250));
    client.users().create(longest).await.unwrap();
    let longest = NewPermission::new(format!("/{}", text(5000)), ada(), PermissionKind::Full);
    client.permissions().create(longest).await.unwrap();
    client.api_keys().create(ada(), NewApiKey::new(text(100))).await.unwrap();
    assert_eq!(script.calls().len(), 3);
}

#[tokio::test]
async fn required_elements_must_be_present() {
    let (client, script) = client();
    for blank in ["", " ", "\n"] {
        rejected(client.users().create(NewUser::new(blank)).await, &script, "username");
        rejected(client.users().find(blank).await, &script, "username");
        rejected(client.groups().create(NewGroup::new(blank)).await, &script, "name");
        rejected(client.api_keys().create(ada(), NewApiKey::new(blank)).await, &script, "name");
        rejected(
            client.public_keys().create(ada(), NewPublicKey::new(blank).openssh("ssh-rsa A")).await,
            &script,
            "title",
        );
        rejected(
            client.public_keys().create(ada(), NewPublicKey::new("a").openssh(blank)).await,
            &script,
            "public_key",
        );
        rejected(
            client.notifications().create(NewNotification::new("a", Recipient::username(blank))).await,
            &script,
            "username",
        );
        rejected(client.sessions().login(blank, "pw".into()).await, &script, "username");
        rejected(client.sessions().login_guarded(blank, "pw".into()).await, &script, "username");
    }
    rejected(client.sessions().login("ada", "".into()).await, &script, "password");
    rejected(client.users().create(NewUser::new("ada").password("")).await, &script, "password");
    rejected(client.users().update(ada(), UserUpdate::new()).await, &script, "update");
    rejected(client.groups().update(GroupId::new(7), GroupUpdate::new()).await, &script, "update");
}

#[tokio::test]
async fn a_confirmation_is_the_password() {
    let (client, script) = client();
    let differs = NewUser::new("ada").password("hunter2x").password_confirmation("hunter3x");
    let line = rejected(client.users().create(differs).await, &script, "password_confirmation");
    assert!(!line.contains("hunter"), "{line}");
    let alone = UserUpdate::new().password_confirmation("hunter2x");
    rejected(client.users().update(ada(), alone).await, &script, "password_confirmation");
}

#[tokio::test]
async fn paths_with_trailing_slashes_or_dot_segments_are_rejected() {
    let (client, script) = client();
    for path in ["Staff/", "//Staff", "a//b", "..", "a/../b", "./a", "a\nb", "a/\0"] {
        let permission = NewPermission::new(path, ada(), PermissionKind::Full);
        rejected(client.permissions().create(permission).await, &script, "path");
        rejected(client.permissions().list_for_path(path).try_next().await, &script, "path");
        rejected(client.notifications().create(NewNotification::new(path, ada())).await, &script, "path");
    }
    for root in ["/Staff/", "/", "Staff//", "../", "a/./b/"] {
        rejected(client.users().create(NewUser::new("ada").user_root(root)).await, &script, "user_root");
    }
    for root in ["", "Staff/", "API", "Staff/ada/"] {
        let script = MockTransport::new().reply(201, &[], r#"{"id":41}"#);
        scripted(&script).users().create(NewUser::new("ada").user_root(root)).await.unwrap();
        assert_eq!(script.calls().len(), 1, "{root}");
    }
}

#[tokio::test]
async fn a_private_key_is_never_sent() {
    let (client, script) = client();
    for key in [
        "-----BEGIN OPENSSH PRIVATE KEY-----\nMARK",
        "-----BEGIN RSA PRIVATE KEY-----MARK",
        "---- BEGIN SSH2 PUBLIC KEY ----MARK",
        "ssh-rsa AAAA\nssh-rsa MARK",
    ] {
        let line = rejected(
            client.public_keys().create(ada(), NewPublicKey::new("a").openssh(key)).await,
            &script,
            "public_key",
        );
        assert!(!line.contains("MARK"), "{line}");
    }
}

/// Characters that XML does not allow are an error in XML only.
#[tokio::test]
async fn a_character_invalid_in_xml_is_rejected_and_hidden() {
    let user = || NewUser::new("ada").password("MARK\u{1}pw").notes("MARK\u{fffe}");
    let script = MockTransport::new();
    let client = scripted_in(&script, Format::Xml);
    let line = rejected(client.users().create(user()).await, &script, "body");
    assert!(line.contains("XML") && !line.contains("MARK"), "{line}");
    let script = MockTransport::new().reply(201, &[], r#"{"id":41}"#);
    scripted(&script).users().create(user()).await.unwrap();
}

#[tokio::test]
async fn a_password_invalid_in_a_header_is_rejected_and_hidden() {
    let script = MockTransport::new();
    let client = scripted_for(&script, Authentication::session("s"), Format::Json);
    for (password, field) in [
        ("", "reauthentication password"),
        ("MARK ", "reauthentication password"),
        ("MARK\n", "x-brick-reauthentication"),
        ("MARK\u{7f}", "x-brick-reauthentication"),
    ] {
        let session_client = client.with_reauthentication(password);
        let line = rejected(session_client.users().delete(ada()).await, &script, field);
        assert!(!line.contains("MARK"), "{line}");
    }
}

#[test]
fn a_client_requires_a_valid_subdomain_and_valid_credentials() {
    let label = "a".repeat(64);
    for subdomain in ["", "acme.brickftp.com", "ac me", "acme/", "-acme", "acme-", "ÄCME", "a@b", &label] {
        let error = Client::builder(subdomain, Authentication::api_key("key")).build().unwrap_err();
        assert!(error.is_invalid_input() && error.to_string().contains("subdomain "), "{subdomain}: {error}");
    }
    for subdomain in ["acme", "a", "Acme-2", &label[1..]] {
        let client =
            Client::builder(subdomain, Authentication::api_key("key")).transport(MockTransport::new()).build().unwrap();
        assert_eq!(client.subdomain(), subdomain);
    }
    for authentication in ["", " ", "MARK:x", "MARK\n", "MARKé"]
        .map(Authentication::api_key)
        .into_iter()
        .chain(["", "MARK;x", "MARK x", "MARK\"", "MARK\r\n"].map(Authentication::session))
    {
        let debug = format!("{authentication:?}");
        let error = Client::builder("acme", authentication).build().unwrap_err();
        assert!(error.is_invalid_input(), "{debug}: {error}");
        assert!(!format!("{debug} {error} {error:?}").contains("MARK"), "{error:?}");
    }
}

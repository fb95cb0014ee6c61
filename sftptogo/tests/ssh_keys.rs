//! SSH keys: requests, and decoding of every documented response and its variants.

mod support;

use serde_json::{Value, json};
use sftptogo::{CredentialId, Deleted, ErrorKind, SshKeyType, SshPublicKey};
use support::{CREDENTIAL, Service, delete, fixture, get, post};

const KEYS: &str = "/users/cfc211269c8c0f925c64b1a223d8eb/ssh-public-keys";
const KEY: &str = "/users/cfc211269c8c0f925c64b1a223d8eb/ssh-public-keys/97285e07-09fd-42de-a1d0-997a0818310a";

fn credential() -> CredentialId {
    CREDENTIAL.into()
}

fn to_wire(key: &SshPublicKey) -> Value {
    let mut value = json!({
        "Id": key.id,
        "UserId": key.user_id,
        "SshPublicKeyBody": key.ssh_public_key_body,
        "Type": key.key_type,
        "Comment": key.comment,
        "Fingerprint": key.fingerprint,
        "CreatedAt": key.created_at,
        "UpdatedAt": key.updated_at,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

fn documented(name: &str) -> Value {
    serde_json::from_str(&fixture(name)).unwrap()
}

#[tokio::test]
async fn lists_the_keys_of_one_credential() {
    let service = Service::answering(get(KEYS), 200, fixture("ssh_keys_list")).await;
    let keys = service.client.ssh_keys().list(&credential()).try_collect_vec().await.unwrap();
    assert_eq!(keys.iter().map(to_wire).collect::<Value>(), documented("ssh_keys_list"));
    assert_eq!(keys[0].key_type, Some(SshKeyType::Rsa));
    let service = Service::answering(get(KEYS), 200, "[]").await;
    assert!(service.client.ssh_keys().list(&credential()).try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn adds_a_key_as_one_line() {
    let ed25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@quiet-meadow";
    for (line, response, key_type) in
        [("key", "ssh_keys_add", SshKeyType::Rsa), (ed25519, "ssh_keys_add_ed25519", SshKeyType::Ed25519)]
    {
        let body = json!({ "SshPublicKeyBody": line });
        let service = Service::answering(post(KEYS, body), 201, fixture(response)).await;
        let key = service.client.ssh_keys().add(&credential(), &format!("{line}\n")).await.unwrap();
        assert_eq!((to_wire(&key), key.key_type), (documented(response), Some(key_type)));
    }
}

#[tokio::test]
async fn removes_a_key_and_returns_it() {
    let service = Service::answering(delete(KEY), 200, fixture("ssh_keys_remove")).await;
    let key = "97285e07-09fd-42de-a1d0-997a0818310a".into();
    let Deleted::Now(was) = service.client.ssh_keys().remove(&credential(), &key).await.unwrap() else {
        panic!("it was there")
    };
    assert_eq!(to_wire(&was), documented("ssh_keys_remove"));
}

#[test]
fn only_the_id_is_required_and_unknown_algorithms_survive() {
    let bare: SshPublicKey = serde_json::from_value(json!({ "Id": "1", "Bits": 4096 })).unwrap();
    assert_eq!(to_wire(&bare), json!({ "Id": "1" }));
    let odd = json!({ "Id": 17, "Type": "sk-ed25519", "Comment": null, "CreatedAt": "1617354664883" });
    let odd: SshPublicKey = serde_json::from_value(odd).unwrap();
    assert_eq!(to_wire(&odd), json!({ "Id": "17", "Type": "sk-ed25519", "CreatedAt": 1_617_354_664_883_i64 }));
}

#[tokio::test]
async fn an_object_instead_of_a_list_is_described_in_the_error() {
    let service = Service::answering(get(KEYS), 200, fixture("ssh_keys_add")).await;
    let error = service.client.ssh_keys().list(&credential()).try_collect_vec().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("what came is an object of"), "{error}");
}

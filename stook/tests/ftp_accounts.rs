//! FTP accounts: requests, and documented and unusual responses.

mod support;

use serde_json::{Value, json};
use stook::{
    BucketId, FtpAccount, FtpAccountId, FtpAccountUpdate, NewFtpAccount, Secret, WrapAddress, WrapRule, WrapRuleType,
};
use support::{ACCOUNT, BUCKET, Service, delete, get, post, put, wrapped};

const ACCOUNTS: &str = "/api/v2/stook/{organization_uuid}/ftp";
const ONE: &str = "/api/v2/stook/{organization_uuid}/ftp/0b6c1d2e-0000-4000-8000-0000000000f1";

fn id() -> FtpAccountId {
    ACCOUNT.into()
}

/// Returns the documented account, as in lists.
fn list_entry() -> Value {
    json!({
        "uuid": ACCOUNT, "name": "camera1_k8", "bucket_uuid": BUCKET, "path": "media-archive/cam1",
        "login_allowed": true, "is_readonly": false,
        "wrap_rules": [{ "type": "deny", "rule": ["all"] }, { "type": "allow", "rule": ["198.51.100.7"] }],
    })
}

/// Returns the documented account, as in all other responses.
fn full() -> Value {
    let mut account = list_entry();
    account["count"] = json!(0);
    account
}

/// Converts the model to its JSON form, without missing values.
fn to_wire(account: &FtpAccount) -> Value {
    let mut value = json!({
        "uuid": account.uuid,
        "name": account.name,
        "bucket_uuid": account.bucket_uuid,
        "path": account.path,
        "login_allowed": account.login_allowed,
        "is_readonly": account.is_readonly,
        "wrap_rules": account.wrap_rules,
        "count": account.count,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

fn decoded(value: &Value) -> FtpAccount {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

#[tokio::test]
async fn lists_all_accounts_with_their_rules() {
    for (data, expected) in
        [(json!([list_entry()]), json!([list_entry()])), (json!([]), json!([])), (list_entry(), json!([list_entry()]))]
    {
        let service = Service::answering(get(ACCOUNTS), 200, wrapped(&data)).await;
        let accounts = service.client.ftp_accounts().list().try_collect_vec().await.unwrap();
        assert_eq!(accounts.iter().map(to_wire).collect::<Value>(), expected);
    }
}

#[tokio::test]
async fn fetches_an_account() {
    let service = Service::answering(get(ONE), 200, wrapped(&full())).await;
    let account = service.client.ftp_accounts().get(&id()).await.unwrap();
    assert_eq!(to_wire(&account), full());
}

#[tokio::test]
async fn creates_with_the_required_fields_and_returns_the_rewritten_account() {
    let password = "Example-Only-1!";
    let new = || NewFtpAccount::new("camera1", Secret::new(password), BucketId::from(BUCKET), "cam1");
    let body = |is_readonly: bool| json!({ "name": "camera1", "password": password, "bucket_uuid": BUCKET, "is_readonly": is_readonly, "path": "cam1" });
    let mut with_rules = body(true);
    with_rules["wrap_rules"] = json!([
        { "type": "allow", "rule": ["198.51.100.7", "203.0.113.0/24"] },
        { "type": "deny", "rule": [] },
        { "type": "allow", "rule": ["10.0.0.1-10.0.0.9"] },
    ]);
    let rules = [
        WrapRule::allow(["198.51.100.7", "203.0.113.0/24"]),
        WrapRule::deny::<WrapAddress>([]),
        WrapRule::allow([WrapAddress::unchecked("10.0.0.1-10.0.0.9")]),
    ];
    for (request, body) in [(new(), body(false)), (new().read_only(true).wrap_rules(rules), with_rules)] {
        for status in [200, 201] {
            let service = Service::answering(post(ACCOUNTS, body.clone()), status, wrapped(&full())).await;
            let account = service.client.ftp_accounts().create(request.clone()).await.unwrap();
            assert_eq!(to_wire(&account), full());
            assert_eq!(account.name.as_deref(), Some("camera1_k8"), "the name that counts is the returned one");
        }
    }
}

#[tokio::test]
async fn updates_with_the_set_fields_only() {
    for (update, body) in [
        (
            FtpAccountUpdate::new().login_allowed(false).wrap_rules([WrapRule::deny([WrapAddress::all()])]),
            json!({ "login_allowed": false, "wrap_rules": [{ "type": "deny", "rule": ["all"] }] }),
        ),
        (FtpAccountUpdate::new().password("N3w-example!"), json!({ "password": "N3w-example!" })),
        (FtpAccountUpdate::new().path("").read_only(true), json!({ "path": "", "is_readonly": true })),
        (FtpAccountUpdate::new().wrap_rules([]), json!({ "wrap_rules": [] })),
    ] {
        let service = Service::answering(put(ONE, body), 200, wrapped(&full())).await;
        let account = service.client.ftp_accounts().update(&id(), update).await.unwrap();
        assert_eq!(to_wire(&account), full());
    }
}

#[tokio::test]
async fn deletes_with_any_success_body() {
    for response in [
        "",
        r#"{"status":true}"#,
        r#"{"status":true,"data":null}"#,
        r#"{"status":true,"data":[]}"#,
        &wrapped(&full()),
        "[]",
    ] {
        let service = Service::answering(delete(ONE), 200, response).await;
        service.client.ftp_accounts().delete(&id()).await.unwrap_or_else(|error| panic!("{response}: {error}"));
    }
}

#[test]
fn only_the_uuid_is_required() {
    let bare = decoded(&json!({ "uuid": "1", "name": null, "wrap_rules": null, "created_at": "?" }));
    assert_eq!(to_wire(&bare), json!({ "uuid": "1" }));
    let unusual = decoded(&json!({
        "uuid": 17, "name": 4711, "login_allowed": 1, "is_readonly": "0", "count": "12",
        "wrap_rules": [
            { "type": "tarpit", "rule": ["all"], "note": "kept" },
            { "type": "allow", "rule": null },
            { "type": "deny" },
        ],
    }));
    let rules = json!([
        { "type": "tarpit", "rule": ["all"], "note": "kept" },
        { "type": "allow", "rule": [] },
        { "type": "deny", "rule": [] },
    ]);
    let expected = json!({
        "uuid": "17", "name": "4711", "login_allowed": true, "is_readonly": false, "count": 12, "wrap_rules": rules,
    });
    assert_eq!(to_wire(&unusual), expected, "rules can be written back as they came");
    assert_eq!(unusual.wrap_rules.unwrap()[0].kind, WrapRuleType::from("tarpit"));
    for wrong in [json!({}), json!({ "uuid": null }), json!({ "uuid": "1", "count": -1 })] {
        assert!(serde_json::from_value::<FtpAccount>(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn compares_rules_as_sets_after_the_documented_rewriting() {
    let all = || WrapRule::deny([WrapAddress::all()]);
    let none = WrapRule::deny::<WrapAddress>([]);
    let account = decoded(&full());
    for same in [
        vec![WrapRule::allow(["198.51.100.7"]), none.clone()],
        vec![WrapRule::allow(["198.51.100.7"])],
        vec![WrapRule::allow(["198.51.100.7/32"]), all()],
        vec![all(), WrapRule::allow(["198.51.100.7"]), WrapRule::allow(["198.51.100.7"]), all()],
    ] {
        assert!(account.has_wrap_rules(&same), "{same:?}");
    }
    for other in [
        vec![],
        vec![all()],
        vec![none],
        vec![WrapRule::allow(["198.51.100.8"])],
        vec![WrapRule::allow(["198.51.100.7", "198.51.100.8"])],
        vec![WrapRule::allow(["198.51.100.7"]), WrapRule::deny(["198.51.100.8"])],
        vec![WrapRule::deny(["198.51.100.7"]), WrapRule::allow([WrapAddress::all()])],
    ] {
        assert!(!account.has_wrap_rules(&other), "{other:?}");
    }
    let account_with = |rules: Value| decoded(&json!({ "uuid": "1", "wrap_rules": rules }));
    assert!(account_with(json!([])).has_wrap_rules(&[]));
    assert!(account_with(json!([{ "type": "deny", "rule": [] }])).has_wrap_rules(&[]));
    assert!(!account_with(Value::Null).has_wrap_rules(&[]), "missing rules are unknown");
    let deny_all = json!({ "type": "deny", "rule": ["all"] });
    let stored = account_with(json!([{ "type": "allow", "rule": ["2001:DB8::0/32", "all"] }, deny_all]));
    assert!(stored.has_wrap_rules(&[WrapRule::allow(["all"]), WrapRule::allow(["2001:db8::/32"])]));
    // A restricted account must not compare equal to an account without a deny rule.
    for stored in [
        json!([{ "type": "allow", "rule": ["198.51.100.7"] }]),
        json!([{ "type": "allow", "rule": ["198.51.100.7"] }, { "type": "deny", "rule": [] }]),
    ] {
        for requested in [vec![all(), WrapRule::allow(["198.51.100.7"])], vec![WrapRule::allow(["198.51.100.7"])]] {
            assert!(!account_with(stored.clone()).has_wrap_rules(&requested), "{requested:?}");
        }
    }
}

#[test]
fn ids_are_opaque_text() {
    let id: BucketId = "not-a-uuid".into();
    assert_eq!(serde_json::to_value(&id).unwrap(), json!("not-a-uuid"));
    assert!("198.51.100.7".parse::<std::net::IpAddr>().is_ok_and(|address| !WrapAddress::from(address).is_all()));
}

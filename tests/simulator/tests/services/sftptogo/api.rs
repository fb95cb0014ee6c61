//! The SFTP To Go API.

use std::time::Duration;

use crate::support::{call, exchange, request};
use mft_simulator::sftptogo::{CreatedBy, LinkAccess, PasswordPolicy, Simulator};
use serde_json::{Value, json};

const KEY_LINE: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIZBO5xk91WdWkhZw/DoLblD5DBonGgKHKDB8SY9KPHX lab@quiet-meadow";

async fn start() -> Simulator {
    Simulator::builder().start_time_ms(1_760_000_000_123).start().await.expect("a port is free")
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn user(id: &str) -> String {
    format!("/users/{id}")
}

/// Statuses and messages of rejected requests, and of similar valid requests.
#[tokio::test]
#[allow(clippy::too_many_lines)] // it is a table
async fn rejected_requests() {
    let simulator = start().await;
    let state = simulator.state();
    let root = user(&state.root().id);
    let one = state.add_credential(|one| one.user_name = "first-user-1".into());
    let second = user(&state.add_credential(|_| {}).id);
    state.add_ssh_key(&one.id, KEY_LINE).unwrap();
    let hook = state.add_webhook(|hook| hook.url = "https://hooks.example.net/x".into());
    let hook = format!("/webhooks/{}", hook.id);
    let link = format!("/portal-links/{}", state.add_share_link(|link| link.path = "/a".into()).id);
    state.add_folder("/shared/");
    let one = user(&one.id);
    let (ssh_keys, rotations) = (format!("{one}/ssh-public-keys"), format!("{one}/credential-rotations"));
    let no_key = format!("{ssh_keys}/nothing");
    let odd_link = link.replace("links/", "links/%");
    let rule = |rule: &str| format!(r#"{{"Settings":{{"Network":{{"InboundRules":[{rule}]}}}}}}"#);
    let long = format!(r#"{{"UserName":"{}"}}"#, "a".repeat(101));
    let fits = format!(r#"{{"UserName":"{}"}}"#, "a".repeat(100));
    let key = |line: &str| json!({ "SshPublicKeyBody": line }).to_string();
    let cases: Vec<(&str, &str, String, u16)> = vec![
        ("POST", "/users", "{".into(), 400),
        ("POST", "/users", "[]".into(), 400),
        ("POST", "/users", String::new(), 400),
        ("POST", "/users", r#"{"Alias":1}"#.into(), 400),
        ("POST", "/users", r#"{"Alias":null}"#.into(), 400),
        ("POST", "/users", r#"{"UserName":"too-short"}"#.into(), 400),
        ("POST", "/users", r#"{"UserName":"ten-chars!"}"#.into(), 400),
        ("POST", "/users", r#"{"UserName":"ümläut-name"}"#.into(), 400),
        ("POST", "/users", long, 400),
        ("POST", "/users", fits, 201),
        ("POST", "/users", r#"{"UserName":"ten_.chars"}"#.into(), 201),
        ("POST", "/users", r#"{"UserName":""}"#.into(), 201),
        ("POST", "/users", r#"{"UserName":"first-user-1"}"#.into(), 409),
        ("POST", "/users", r#"{"Permission":"all"}"#.into(), 400),
        ("POST", "/users", r#"{"Permission":"read-write-no-delete"}"#.into(), 201),
        ("POST", "/users", r#"{"State":"enabled"}"#.into(), 400),
        ("POST", "/users", r#"{"Expiration":"tomorrow"}"#.into(), 400),
        ("POST", "/users", r#"{"Expiration":null,"Nonsense":{"a":1},"Id":7}"#.into(), 201),
        ("POST", "/users", r#"{"Password":"Short1"}"#.into(), 400),
        ("POST", "/users", r#"{"Password":"nouppercase1"}"#.into(), 400),
        ("POST", "/users", r#"{"Password":"NOLOWERCASE1"}"#.into(), 400),
        ("POST", "/users", r#"{"Password":"NoDigitsHere"}"#.into(), 400),
        ("PATCH", &one, r#"{"UserName":"first-user-1"}"#.into(), 200),
        ("PATCH", &second, r#"{"UserName":"first-user-1"}"#.into(), 409),
        ("PATCH", "/users/nobody", "{}".into(), 404),
        ("PATCH", &one, rule(r#"{"Action":"deny","Source":"1.2.3.4"}"#), 400),
        ("PATCH", &one, rule(r#"{"Source":"1.2.3.4"}"#), 400),
        ("PATCH", &one, rule(r#"{"Action":"allow"}"#), 400),
        ("PATCH", &one, rule(r#"{"Action":"allow","Source":"1.2.3.4/33"}"#), 400),
        ("PATCH", &one, rule(r#"{"Action":"allow","Source":"example.com"}"#), 400),
        ("PATCH", &one, rule(r#"{"Action":"allow","Source":"1.2.3.4","Protocol":"SSH"}"#), 400),
        ("PATCH", &one, rule(r#"{"Action":"allow","Source":"2001:db8::/32"}"#), 200),
        ("PATCH", &one, rule(r#"{"Action":"allow","Source":"::1"}"#), 200),
        ("PATCH", &one, rule("7"), 400),
        ("PATCH", &root, r#"{"Permission":"full"}"#.into(), 403),
        ("PATCH", &root, r#"{"State":"inactive"}"#.into(), 403),
        ("PATCH", &root, r#"{"Alias":"Main","Password":"N3w-example-Pw"}"#.into(), 200),
        ("DELETE", &root, String::new(), 403),
        ("GET", "/users/nobody", String::new(), 404),
        ("POST", &rotations, r#"{"Password":"weak"}"#.into(), 400),
        ("POST", &rotations, r#"{"Password":7}"#.into(), 400),
        ("POST", &rotations, "{".into(), 400),
        ("POST", &ssh_keys, key("key"), 400),
        ("POST", &ssh_keys, key("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDS2KBmXgE..."), 400),
        ("POST", &ssh_keys, key(&KEY_LINE.replace("ssh-ed25519", "ssh-rsa")), 400),
        ("POST", &ssh_keys, key(&KEY_LINE.replace("ssh-ed25519", "ssh-dss")), 400),
        ("POST", &ssh_keys, key("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n"), 400),
        ("POST", &ssh_keys, key(&format!("{KEY_LINE}\n{KEY_LINE}")), 400),
        ("POST", &ssh_keys, key(&KEY_LINE.replace("lab@quiet-meadow", "other comment")), 409),
        ("DELETE", &no_key, String::new(), 404),
        ("POST", "/webhooks", r#"{"Type":"webhook","Topics":["file.created"]}"#.into(), 400),
        ("POST", "/webhooks", r#"{"Url":"https://a.example","Topics":["file.created"]}"#.into(), 400),
        ("POST", "/webhooks", r#"{"Url":"https://a.example","Type":"webhook"}"#.into(), 400),
        ("PATCH", &hook, r#"{"Topics":[]}"#.into(), 400),
        ("PATCH", &hook, r#"{"Topics":["webhook.ping"]}"#.into(), 400),
        ("PATCH", &hook, r#"{"Url":"http://127.0.0.1:1/x"}"#.into(), 400),
        ("PATCH", &hook, r#"{"Type":"email"}"#.into(), 400),
        ("PATCH", &hook, r#"{"Type":"email","Url":"Ops <ops@example.net>"}"#.into(), 200),
        ("PATCH", &hook, r#"{"Type":"carrier-pigeon"}"#.into(), 400),
        ("DELETE", "/webhooks/none", String::new(), 404),
        ("POST", "/portal-links", r#"{"Path":"/a"}"#.into(), 400),
        ("POST", "/portal-links", r#"{"Type":"share"}"#.into(), 400),
        ("PATCH", &link, r#"{"Type":"upload"}"#.into(), 400),
        ("PATCH", &link, r#"{"Path":"/shared"}"#.into(), 400),
        ("PATCH", &link, r#"{"Path":"/shared/"}"#.into(), 200),
        ("PATCH", &link, r#"{"Permission":"full"}"#.into(), 400),
        ("PATCH", &link, r#"{"AccessLimit":-1}"#.into(), 400),
        ("PATCH", &link, r#"{"ExpiresAt":"soon"}"#.into(), 400),
        ("PATCH", &link, r#"{"Password":"weak"}"#.into(), 400),
        ("GET", "/portal-links/none", String::new(), 404),
        ("GET", "/accounts", String::new(), 404),
        ("PUT", "/users", "{}".into(), 404),
        ("GET", &odd_link, String::new(), 404),
    ];
    for (method, path, body, status) in cases {
        let answer = call(&simulator, method, path, &body).await;
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.json());
        let fixed = match status {
            403 => Some("Forbidden"),
            404 => Some("Not Found"),
            _ => None,
        };
        if status >= 400 {
            assert_eq!(keys(&answer.json()), ["message"], "{method} {path} {body}");
            assert_eq!(answer.message(), fixed.unwrap_or(&answer.message()), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn authentication() {
    let simulator = Simulator::builder().method_not_allowed().start().await.unwrap();
    let good = request(&simulator, "GET", "/users", "");
    let key = simulator.api_key();
    let id = simulator.organization_id();
    let cases = [
        (good.clone(), 200),
        (good.replace("Bearer", "bearer"), 200),
        (good.replace("Bearer ", ""), 401),
        (good.replace("Bearer", "Basic"), 401),
        (good.replace(&key, "wrong"), 401),
        (good.replace("Authorization", "X-Authorization"), 401),
        (good.replace(&id, "other"), 403),
        (good.replace(&id, "other").replace(&key, "wrong"), 401),
        (good.replace("/users", "/users/"), 404),
        (good.replace("GET /org", "GET //org"), 404),
        (good.replace("GET", "DELETE"), 405),
        (request(&simulator, "POST", "/users", "{}").replace("Content-type: application/json\r\n", ""), 400),
        (request(&simulator, "POST", "/users", "{}").replace("/json", "/json; charset=utf-8"), 201),
    ];
    for (request, status) in cases {
        assert_eq!(exchange(&simulator, &request).await.status, status, "{request}");
    }
    simulator.revoke_api_key();
    assert_eq!(exchange(&simulator, &good).await.status, 401);
    simulator.set_api_key("fresh");
    assert_eq!(exchange(&simulator, &good).await.status, 401);
    assert_eq!(call(&simulator, "GET", "/users", "").await.status, 200);
}

/// The lifecycle of a credential: the keys of each response, and the changed fields.
#[tokio::test]
async fn credential_lifecycle() {
    let always = [
        "Alias",
        "ChrootDirectory",
        "CreatedAt",
        "HomeDirectory",
        "Host",
        "Id",
        "IsDefault",
        "OrganizationId",
        "Password",
        "Permission",
        "SshPublicKeysCount",
        "State",
        "URI",
        "UpdatedAt",
        "UserName",
    ];
    let with = |extra: &[&'static str]| {
        let mut keys = [&always[..], extra].concat();
        keys.sort_unstable();
        keys
    };
    let simulator = start().await;
    let created = call(&simulator, "POST", "/users", "{}").await;
    assert_eq!(created.status, 201);
    let created = created.json();
    assert_eq!(keys(&created), with(&["Settings"]));
    let id = created["Id"].as_str().unwrap().to_owned();
    assert!(id.len() == 30 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    assert_eq!(created["HomeDirectory"], format!("/home/{}", created["UserName"].as_str().unwrap()));
    assert_eq!((&created["Permission"], &created["State"]), (&json!("read-only"), &json!("active")));
    assert_eq!(created["CreatedAt"], created["UpdatedAt"]);
    let rule = &created["Settings"]["Network"]["InboundRules"][0];
    assert_eq!((&rule["Protocol"], &rule["Source"]), (&json!("SFTP"), &json!("0.0.0.0/0")));

    assert_eq!(keys(&call(&simulator, "GET", &user(&id), "").await.json()), with(&[]));
    let list = call(&simulator, "GET", "/users", "").await.json();
    assert_eq!(keys(&list[1]), with(&["PasswordCreatedAt", "Settings"]));
    assert_eq!((&list[0]["Alias"], &list[0]["IsDefault"]), (&json!("Root"), &json!(true)));
    assert_eq!(list[0]["PasswordCreatedAt"].as_str().map(str::len), Some(24));
    let bucket = format!("/sftptg-prod-eu-west-1-{}", simulator.organization_id());
    assert_eq!(list[0]["HomeDirectory"], bucket);

    // An update merges, and derived fields change too. Read-only and unknown keys are ignored.
    let body = r#"{"UserName":"odd.name-01","Password":"P@ss/w0rd:%1","Id":"x","IsDefault":true,"Foo":1}"#;
    let changed = call(&simulator, "PATCH", &user(&id), body).await.json();
    assert_eq!(keys(&changed), with(&[]));
    let uri = format!("sftp://odd.name-01:P%40ss%2Fw0rd%3A%251@{}", changed["Host"].as_str().unwrap());
    assert_eq!(changed["URI"], uri);
    assert_eq!((&changed["Id"], &changed["IsDefault"]), (&json!(id), &json!(false)));
    assert_eq!(changed["HomeDirectory"], created["HomeDirectory"]);
    assert_eq!(changed["CreatedAt"], created["CreatedAt"]);
    assert!(changed["UpdatedAt"].as_i64() > created["UpdatedAt"].as_i64());

    // The rules are replaced in order, with defaults. The response has them because the request has them.
    let body = r#"{"Settings":{"Network":{"InboundRules":[
        {"Action":"allow","Source":"203.0.113.0/24","Protocol":"FTPS","State":"disabled","Id":"mine","Description":"d"},
        {"Action":"allow","Source":"::1"}]}}}"#;
    let replaced = call(&simulator, "PATCH", &user(&id), body).await.json();
    assert_eq!(keys(&replaced), with(&["Settings"]));
    let rules = &replaced["Settings"]["Network"]["InboundRules"];
    assert_eq!((&rules[0]["Id"], &rules[0]["State"]), (&json!("mine"), &json!("disabled")));
    assert_eq!((&rules[1]["Protocol"], &rules[1]["State"]), (&json!("*"), &json!("enabled")));
    assert_eq!(rules[1]["Id"].as_str().map(str::len), Some(36));
    assert_eq!(simulator.count("sftptogo.credentials.replace_inbound_rules"), 1);
    assert_eq!(simulator.count("sftptogo.credentials.update"), 1);

    simulator.state().add_ssh_key(&id, KEY_LINE).unwrap();
    let deleted = call(&simulator, "DELETE", &user(&id), "").await.json();
    assert_eq!((keys(&deleted), &deleted["SshPublicKeysCount"]), (with(&[]), &json!(1)));
    assert!(simulator.state().ssh_keys(&id).is_empty());
    assert_eq!(call(&simulator, "DELETE", &user(&id), "").await.status, 404);
}

#[tokio::test]
async fn full_responses_have_every_key() {
    let simulator = Simulator::builder().full_responses().start().await.unwrap();
    let id = simulator.state().add_credential(|one| one.expiration = Some(4_000_000_000)).id;
    for (method, path) in [("GET", user(&id)), ("PATCH", user(&id)), ("DELETE", user(&id))] {
        let object = call(&simulator, method, &path, if method == "PATCH" { "{}" } else { "" }).await.json();
        assert_eq!(object["Expiration"], 4_000_000_000_i64, "{method}");
        assert!(object["Settings"].is_object() && object["PasswordCreatedAt"].is_string(), "{method}");
    }
}

#[tokio::test]
async fn passwords_are_rotated_and_set() {
    let policy = PasswordPolicy::length_only(3);
    for (simulator, chosen) in [
        (start().await, "N3w-example-Pw"),
        (Simulator::builder().password_policy(policy).start().await.unwrap(), "abc"),
    ] {
        let id = simulator.state().root().id;
        let path = format!("/users/{id}/credential-rotations");
        let set = json!({ "Password": chosen }).to_string();
        for (body, operation) in [("", "rotate_password"), ("{}", "rotate_password"), (&*set, "set_password")] {
            let before = simulator.state().root();
            let answer = call(&simulator, "POST", &path, body).await;
            assert_eq!((answer.status, answer.json()), (200, json!({ "message": "Password set." })));
            let after = simulator.state().root();
            assert_ne!(before.password, after.password);
            assert!(after.password_created_at_ms > before.password_created_at_ms);
            let last = simulator.journal().pop().unwrap();
            assert_eq!(last.operation.unwrap(), format!("sftptogo.credentials.{operation}"));
        }
        assert_eq!(simulator.state().root().password, chosen);
    }
}

#[tokio::test]
async fn ssh_keys_are_parsed() {
    let simulator = start().await;
    let id = simulator.state().root().id;
    let path = format!("/users/{id}/ssh-public-keys");
    let added = call(&simulator, "POST", &path, &json!({ "SshPublicKeyBody": KEY_LINE }).to_string()).await;
    assert_eq!(added.status, 201);
    let added = added.json();
    assert_eq!(added["Fingerprint"], "SHA256:9LrnoKgAJOxi7tICqENeBvZ4r1GmjsgdkzpBL15RoT4");
    assert_eq!((&added["Type"], &added["Comment"]), (&json!("ed25519"), &json!("lab@quiet-meadow")));
    assert_eq!((&added["SshPublicKeyBody"], &added["UserId"]), (&json!(KEY_LINE), &json!(id)));
    assert_eq!(call(&simulator, "GET", &path, "").await.json(), json!([added]));
    assert_eq!(call(&simulator, "GET", &user(&id), "").await.json()["SshPublicKeysCount"], 1);
    let one = format!("{path}/{}", added["Id"].as_str().unwrap());
    assert_eq!(call(&simulator, "DELETE", &one, "").await.json(), added);
    assert_eq!(call(&simulator, "DELETE", &one, "").await.status, 404);
}

#[tokio::test]
async fn expiry_is_read_in_both_units() {
    let simulator = Simulator::builder().start_time_ms(1_760_000_000_000).frozen_clock().start().await.unwrap();
    for expiration in [1_760_000_060_i64, 1_760_000_060_000] {
        let body = json!({ "Expiration": expiration }).to_string();
        assert_eq!(call(&simulator, "POST", "/users", &body).await.status, 201);
    }
    simulator.advance(Duration::from_millis(59_999));
    assert!(simulator.state().credentials().iter().all(|one| one.state == "active"));
    simulator.advance(Duration::from_millis(1));
    let expired = simulator.state().credentials().split_off(1);
    assert!(expired.iter().all(|one| one.state == "inactive" && one.expiration.is_none()));
    let answer = call(&simulator, "GET", "/users", "").await;
    assert_eq!(answer.json()[1]["State"], "inactive");
    assert_eq!(answer.header("date"), Some("Thu, 09 Oct 2025 08:54:20 GMT"));
}

#[tokio::test]
async fn only_writes_return_webhook_secrets() {
    let simulator = start().await;
    let body = r#"{"Url":"https://hooks.example.net/x","Type":"webhook","Topics":["file.created"],"AuthorizationHeader":"Bearer t"}"#;
    let created = call(&simulator, "POST", "/webhooks", body).await;
    assert_eq!(created.status, 201);
    let mut created = created.json();
    assert_eq!(keys(&created).len(), 11);
    assert!(created["Secret"].as_str().is_some_and(|secret| !secret.is_empty()));
    let path = format!("/webhooks/{}", created["Id"].as_str().unwrap());
    let changed = call(&simulator, "PATCH", &path, r#"{"AuthorizationHeader":null,"Secret":"mine"}"#).await.json();
    assert_eq!((&changed["Secret"], &changed["AuthorizationHeader"]), (&created["Secret"], &json!("")));
    let list = call(&simulator, "GET", "/webhooks", "").await.json();
    created = changed;
    created["Secret"] = "".into();
    assert_eq!(list, json!([created]));
    let deleted = call(&simulator, "DELETE", &path, "").await;
    assert_eq!((deleted.status, deleted.json()), (200, json!({})));
    assert_eq!(call(&simulator, "PATCH", &path, "{}").await.status, 404);
}

#[tokio::test]
async fn share_links_and_their_visitors() {
    let simulator = start().await;
    let body = r#"{"Path":"/out/","Type":"share","Permission":"read-write","AccessLimit":3,
        "Password":"Sh4re-example","Notes":"n","ExpiresAt":1760000060000}"#;
    let created = call(&simulator, "POST", "/portal-links", body).await;
    assert_eq!(created.status, 201);
    let created = created.json();
    let id = created["Id"].as_str().unwrap().to_owned();
    assert_eq!((id.len(), &created["Password"]), (13, &json!("Sh4re-example")));
    assert_eq!(created["Url"], format!("https://portal.sftptogo.com/p/shares/{id}"));
    let path = format!("/portal-links/{id}");
    let alone = call(&simulator, "GET", &path, "").await.json();
    let listing = call(&simulator, "GET", "/portal-links", "").await.json();
    assert!(alone.get("Password").is_none() && listing[0].get("Password").is_none());
    assert_eq!((&alone["CreatedBy"]["Type"], &listing[0]["CreatedBy"]["Type"]), (&json!("Account"), &json!("Admin")));

    assert_eq!(simulator.access_share_link(&id), LinkAccess::Granted(1));
    assert_eq!(simulator.access_share_link(&id), LinkAccess::Granted(2));
    // A link with a limit below its count exists until it is opened.
    let lowered = call(&simulator, "PATCH", &path, r#"{"AccessLimit":1,"ExpiresAt":null,"Notes":null}"#).await.json();
    assert_eq!(
        (&lowered["AccessCount"], &lowered["Notes"], &lowered["ExpiresAt"]),
        (&json!(2), &Value::Null, &Value::Null)
    );
    assert!(lowered.get("Password").is_none());
    assert_eq!(simulator.access_share_link(&id), LinkAccess::GrantedAndRemoved);
    assert_eq!(simulator.access_share_link(&id), LinkAccess::NotFound);
    assert_eq!(call(&simulator, "DELETE", &path, "").await.status, 404);

    let old = simulator.state().add_share_link(|link| link.expires_at_ms = Some(1_760_000_060_000));
    simulator.advance(Duration::from_secs(60));
    assert_eq!(simulator.access_share_link(&old.id), LinkAccess::Expired);
    let deletion = call(&simulator, "DELETE", &format!("/portal-links/{}", old.id), "").await;
    assert_eq!((deletion.status, deletion.json()), (200, json!({})));
}

#[tokio::test]
async fn created_by_has_the_configured_shape() {
    for (shape, kind) in [
        (CreatedBy::Admin, json!("Admin")),
        (CreatedBy::Account, json!("Account")),
        (CreatedBy::Undocumented, json!("ApiKey")),
        (CreatedBy::Null, Value::Null),
    ] {
        let simulator = Simulator::builder().created_by(shape).start().await.unwrap();
        let link = simulator.state().add_share_link(|_| {});
        let alone = call(&simulator, "GET", &format!("/portal-links/{}", link.id), "").await.json();
        let listing = call(&simulator, "GET", "/portal-links", "").await.json();
        assert_eq!((&alone["CreatedBy"]["Type"], &listing[0]["CreatedBy"]["Type"]), (&kind, &kind));
    }
}

#[tokio::test]
async fn the_same_seed_generates_the_same_values() {
    let mut worlds = Vec::new();
    for seed in [7, 7, 8] {
        let simulator = Simulator::builder().seed(seed).start().await.unwrap();
        let created = call(&simulator, "POST", "/users", "{}").await.json();
        let mut world: Vec<_> = simulator.environment().split_off(1);
        world.push(("credential", created["Id"].as_str().unwrap().to_owned()));
        worlds.push(world);
    }
    assert_eq!(worlds[0], worlds[1]);
    assert!(worlds[0].iter().zip(&worlds[2]).all(|(seven, eight)| seven != eight));
}

#[tokio::test]
async fn shutdown_completes_exchanges() {
    let simulator = Simulator::builder().latency(Duration::from_millis(50)).start().await.unwrap();
    let bytes = request(&simulator, "GET", "/users", "");
    let mut stream = crate::support::connect(&simulator).await;
    tokio::io::AsyncWriteExt::write_all(&mut stream, bytes.as_bytes()).await.unwrap();
    while simulator.journal().is_empty() {
        tokio::task::yield_now().await;
    }
    let address = simulator.base_url().replace("http://", "");
    let (answer, ()) = tokio::join!(crate::support::read_answer(&mut stream), simulator.shutdown());
    assert_eq!(answer.status, 200);
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

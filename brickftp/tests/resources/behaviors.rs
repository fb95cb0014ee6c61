//! Behaviors: requests in both formats, and every documented response with its variants.

use crate::support::{
    NOTHING, Service, both_formats, delete, either, fixture, get, patch, post, scripted, scripted_in,
};
use brickftp::{Behavior, BehaviorId, BehaviorKind, BehaviorUpdate, ErrorKind, Format, NewBehavior, Outcome};
use mft_common::testing::MockTransport;
use serde_json::{Value, json};

fn id() -> BehaviorId {
    BehaviorId::new(39)
}

/// Returns the decoded value in wire form.
fn to_wire(behavior: &Behavior) -> Value {
    let mut value = json!({
        "id": behavior.id, "path": behavior.path, "behavior": behavior.behavior, "value": behavior.value,
    });
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

fn documented(name: &str) -> Value {
    serde_json::from_str(&fixture(name, Format::Json)).unwrap()
}

async fn list(format: Format) {
    let service = Service::answering(format, get("/behaviors"), 200, fixture("behaviors", format)).await;
    let behaviors = service.client.behaviors().list().try_collect_vec().await.unwrap();
    assert_eq!(behaviors.iter().map(to_wire).collect::<Value>(), documented("behaviors"));
    assert_eq!(behaviors[1].webhook_urls(), ["https://b.hooks.example/?x=1&y=2", "https://c.hooks.example"]);
    assert_eq!(behaviors[2].behavior, Some(BehaviorKind::Unknown("auto_archive".to_owned())));
    for nothing in [either(format, NOTHING), either(format, ["[]", r#"<behaviors type="array"/>"#])] {
        let service = Service::answering(format, get("/behaviors"), 200, nothing).await;
        assert!(service.client.behaviors().list().try_next().await.unwrap().is_none());
    }
}

async fn list_for_folder(format: Format) {
    let of_folder = || get("/behaviors/folders/In%20coming").without_suffix();
    let response = || fixture("behaviors_of_folder", format);
    let service = Service::answering(format, of_folder(), 200, response()).await;
    let behaviors = service.client.behaviors().list_for_folder("/In coming").try_collect_vec().await.unwrap();
    assert_eq!(behaviors.iter().map(to_wire).collect::<Value>(), documented("behaviors_of_folder"));
    assert_eq!(behaviors[0].id, None);
    let root = get("/behaviors/folders").without_suffix();
    let service = Service::answering(format, root, 200, either(format, NOTHING)).await;
    assert!(service.client.behaviors().list_for_folder("").try_next().await.unwrap().is_none());
}

async fn list_for_folder_recursive(format: Format) {
    let recursive = get("/behaviors/folders/Incoming").without_suffix().query("recursive=1");
    let service = Service::answering(format, recursive, 200, fixture("behaviors", format)).await;
    let behaviors = service.client.behaviors().list_for_folder_recursive("Incoming").try_collect_vec().await.unwrap();
    assert_eq!(behaviors.len(), 3);
}

async fn show(format: Format) {
    let service = Service::answering(format, get("/behaviors/39"), 200, fixture("behavior", format)).await;
    assert_eq!(to_wire(&service.client.behaviors().get(id()).await.unwrap()), documented("behavior"));
    let missing = Service::answering(format, get("/behaviors/39"), 200, either(format, NOTHING)).await;
    assert!(missing.client.behaviors().get(id()).await.unwrap_err().is_not_found());
}

async fn create(format: Format) {
    let webhook = post("/behaviors").body(
        json!({ "path": "cloud/images", "behavior": "webhook", "value": ["https://d.hooks.example", "https://e.hooks.example/?a=1&b=2"] }),
        "<behavior><path>cloud/images</path><behavior>webhook</behavior><value><value>https://d.hooks.example</value>\
         <value>https://e.hooks.example/?a=1&amp;b=2</value></value></behavior>",
    );
    let service = Service::answering(format, webhook, 201, fixture("behavior", format)).await;
    let urls = ["https://d.hooks.example", "https://e.hooks.example/?a=1&b=2"];
    let behavior = service.client.behaviors().create(NewBehavior::webhook("/cloud/images", urls)).await.unwrap();
    assert_eq!(to_wire(&behavior), documented("behavior"));
    // Any kind with any value.
    let expiring = post("/behaviors").body(
        json!({ "path": "", "behavior": "file_expiration", "value": [30] }),
        "<behavior><path></path><behavior>file_expiration</behavior><value><value>30</value></value></behavior>",
    );
    let service = Service::answering(format, expiring, 200, fixture("behavior", format)).await;
    let expiring = NewBehavior::new("", BehaviorKind::FileExpiration, vec![30]);
    service.client.behaviors().create(expiring).await.unwrap();
}

async fn update(format: Format) {
    let change = patch("/behaviors/39").body(
        json!({ "value": ["https://d.hooks.example"] }),
        "<behavior><value><value>https://d.hooks.example</value></value></behavior>",
    );
    let service = Service::answering(format, change, 200, fixture("behavior", format)).await;
    let update = BehaviorUpdate::new().webhook_urls(["https://d.hooks.example"]);
    assert_eq!(to_wire(&service.client.behaviors().update(id(), update).await.unwrap()), documented("behavior"));
}

async fn remove(format: Format) {
    let service = Service::answering(format, delete("/behaviors/39"), 200, either(format, NOTHING)).await;
    service.client.behaviors().delete(id()).await.unwrap();
}

#[test]
fn both_formats_of_a_behavior_are_equal() {
    let json: Behavior = serde_json::from_str(&fixture("behavior", Format::Json)).unwrap();
    assert_eq!(json, brickftp::xml::from_slice(fixture("behavior", Format::Xml).as_bytes()).unwrap());
    for name in ["behaviors", "behaviors_of_folder"] {
        let json: Vec<Behavior> = serde_json::from_str(&fixture(name, Format::Json)).unwrap();
        let xml: Vec<Behavior> = brickftp::xml::from_slice(fixture(name, Format::Xml).as_bytes()).unwrap();
        assert_eq!(json, xml);
    }
}

#[test]
fn values_are_preserved_and_urls_are_extracted() {
    let read = |json: Value| serde_json::from_value::<Behavior>(json).unwrap();
    for (value, urls) in [
        (json!(["https://a", "https://b"]), &["https://a", "https://b"][..]),
        (json!([]), &[]),
        (json!(["https://a", 7, null]), &["https://a"]),
        (json!("https://a"), &["https://a"]),
        (json!(""), &[]),
        (json!({ "urls": ["https://a"], "method": "POST" }), &["https://a"]),
        (json!({ "method": "POST" }), &[]),
        (Value::Null, &[]),
    ] {
        let behavior = read(json!({ "id": 1, "behavior": "webhook", "value": value }));
        assert_eq!((&behavior.value, behavior.webhook_urls()), (&value, urls.to_vec()));
        let behavior = read(json!({ "id": 1, "behavior": "auto_encrypt", "value": value }));
        assert!(behavior.webhook_urls().is_empty());
    }
    let bare = read(json!({ "new": 1 }));
    assert_eq!((to_wire(&bare), bare.value), (json!({}), Value::Null));
}

#[tokio::test]
async fn invalid_input_is_rejected_before_a_request() {
    let script = MockTransport::new();
    let client = scripted(&script);
    let behaviors = client.behaviors();
    let hook = ["https://a.hooks.example"];
    let nothing: [&str; 0] = [];
    let long = "x/".repeat(2500) + "x";
    let mut rejected = vec![
        (behaviors.create(NewBehavior::webhook("a", nothing)).await.map(|_| ()), "value "),
        (behaviors.update(id(), BehaviorUpdate::new()).await.map(|_| ()), "update "),
        (behaviors.update(id(), BehaviorUpdate::new().webhook_urls(nothing)).await.map(|_| ()), "value "),
    ];
    for bad in ["a//b", "a/", "..", "a\n", &long] {
        rejected.push((behaviors.create(NewBehavior::webhook(bad, hook)).await.map(|_| ()), "path "));
        rejected.push((behaviors.list_for_folder(bad).try_next().await.map(|_| ()), "path "));
        rejected.push((behaviors.list_for_folder_recursive(bad).try_next().await.map(|_| ()), "path "));
    }
    for bad in ["", "hooks.example", "ftp://hooks.example", "https://", "https://a b"] {
        let urls = ["https://a.hooks.example", bad];
        rejected.push((behaviors.create(NewBehavior::webhook("a", urls)).await.map(|_| ()), "value "));
        rejected.push((behaviors.update(id(), BehaviorUpdate::new().webhook_urls(urls)).await.map(|_| ()), "value "));
    }
    for (result, field) in rejected {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidInput, Outcome::NotDone), "{error}");
        assert!(error.message().unwrap().starts_with(field), "{field}: {error}");
    }
    // Not a valid XML name.
    let client = scripted_in(&script, Format::Xml);
    let odd = NewBehavior::new("a", BehaviorKind::AutoEncrypt, json!({ "a b": 1 }));
    assert!(client.behaviors().create(odd).await.unwrap_err().is_invalid_input());
    assert!(script.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn only_creating_a_behavior_is_not_retried() {
    let script = MockTransport::new().reply(502, &[], "").repeat_last();
    let new = NewBehavior::webhook("a", ["https://a.hooks.example"]);
    let error = scripted(&script).behaviors().create(new).await.unwrap_err();
    assert_eq!((script.calls().len(), error.outcome()), (1, Outcome::Unknown));
    let behavior = r#"{"id":39,"value":["https://d.hooks.example"]}"#;
    let script = MockTransport::new().reply(502, &[], "").reply(200, &[], behavior);
    let update = BehaviorUpdate::new().value(json!(["https://d.hooks.example"]));
    assert_eq!(scripted(&script).behaviors().update(id(), update).await.unwrap().id, Some(id()));
    let script = MockTransport::new().reply(502, &[], "").reply(404, &[], "");
    scripted(&script).behaviors().delete(id()).await.unwrap();
}

#[tokio::test]
async fn an_empty_response_to_a_created_behavior_is_done() {
    let script = MockTransport::new().reply(201, &[], "[]");
    let new = NewBehavior::webhook("a", ["https://a.hooks.example"]);
    let error = scripted(&script).behaviors().create(new).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Done));
}

both_formats! {
    #[tokio::test]
    list => fn list_json(), fn list_xml();
    list_for_folder => fn list_for_folder_json(), fn list_for_folder_xml();
    list_for_folder_recursive => fn list_for_folder_recursive_json(), fn list_for_folder_recursive_xml();
    show => fn get_json(), fn get_xml();
    create => fn create_json(), fn create_xml();
    update => fn update_json(), fn update_xml();
    remove => fn delete_json(), fn delete_xml();
}

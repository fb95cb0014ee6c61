//! SFTP To Go's helpers with responses that differ from the documented examples.

use mft_simulator::Fault;
use mft_tests::{ClientOptions, Provider, Sftptogo};
use sftptogo::{ErrorKind, InboundRule, Outcome};

const GET: &str = "sftptogo.credentials.get";
const LIST: &str = "sftptogo.credentials.list";

#[tokio::test]
async fn missing_rules_are_not_treated_as_empty() {
    let variants = [serde_json::json!({}), serde_json::json!({ "Network": {} }), serde_json::Value::Null];
    let variants = variants.into_iter().map(|settings| Fault::set_key("Settings", settings));
    for fault in variants.chain([Fault::without_key("Settings")]) {
        let provider = Sftptogo::start().await;
        let before = provider.snapshot();
        provider.faults().push(fault.on(LIST));
        let client = provider.client(ClientOptions::default());
        let changed = client.credentials().add_inbound_rule(&provider.target, InboundRule::allow("192.0.2.1")).await;
        let error = changed.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Protocol, Outcome::NotDone), "{error}");
        assert_eq!((provider.snapshot(), provider.journal().len()), (before, 1), "the rules were replaced");
    }
}

#[tokio::test]
async fn unknown_rule_keys_survive_adding_a_rule() {
    let provider = Sftptogo::start().await;
    let state = provider.simulator.state();
    provider.faults().push(Fault::extra_keys().on(LIST));
    let client = provider.client(ClientOptions::default());
    client.credentials().add_inbound_rule(&provider.target, InboundRule::allow("192.0.2.1")).await.unwrap();
    let rules = state.credential(provider.target.as_str()).unwrap().inbound_rules;
    let sources: Vec<_> = rules.iter().map(|rule| rule.source.as_str()).collect();
    assert_eq!(sources, ["0.0.0.0/0", "192.0.2.1"]);
    let request = provider.journal().last().unwrap().json().unwrap();
    let rule = &request["Settings"]["Network"]["InboundRules"][0];
    assert!(rule["SimulatorExtra"]["Nested"].is_array(), "an unknown key was dropped: {rule}");
}

#[tokio::test]
async fn rotation_polls_until_the_new_password_is_visible() {
    for (stale_reads, shows) in [(2, true), (9, false)] {
        let provider = Sftptogo::start().await;
        let old = provider.simulator.state().credential(provider.target.as_str()).unwrap().password;
        provider.faults().push(Fault::set_key("Password", old.clone().into()).on(GET).times(1 + stale_reads));
        let client = provider.client(ClientOptions::default());
        let fetched = client.credentials().rotate_password_and_fetch(&provider.target).await;
        let stored = provider.simulator.state().credential(provider.target.as_str()).unwrap().password;
        assert_ne!(stored, old);
        match fetched {
            Ok(fetched) => assert_eq!((shows, fetched.password.unwrap().expose()), (true, stored.as_str())),
            Err(error) => assert_eq!((shows, error.outcome()), (false, Outcome::Done), "{error}"),
        }
        assert_eq!(provider.simulator.count_processed("sftptogo.credentials.rotate_password"), 1);
    }
}

#[tokio::test]
async fn failed_read_after_rotation_has_outcome_done() {
    let provider = Sftptogo::start().await;
    provider.faults().push(Fault::status(403).on(GET).after_skip(1));
    let client = provider.client(ClientOptions::default());
    let error = client.credentials().rotate_password_and_fetch(&provider.target).await.unwrap_err();
    assert_eq!((error.outcome(), error.kind()), (Outcome::Done, ErrorKind::PermissionDenied), "{error}");
    assert_eq!(error.operation(), Some("sftptogo.credentials.rotate_password_and_fetch"));
    assert_ne!(provider.times_applied(mft_tests::CallKind::NeverRetry), 0);
}

#[tokio::test]
async fn dropped_helper_sends_no_further_request() {
    let provider = Sftptogo::start().await;
    let client = provider.client(ClientOptions::default());
    let before = provider.snapshot();
    provider.faults().set_latency(std::time::Duration::from_millis(60));
    let adding = client.credentials().add_inbound_rule(&provider.target, InboundRule::allow("192.0.2.1"));
    assert!(tokio::time::timeout(std::time::Duration::from_millis(20), adding).await.is_err());
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    assert_eq!(provider.snapshot(), before);
    assert!(provider.journal().len() <= 1, "the second request was sent");
    assert_eq!(client.free_permits(), 64);
}

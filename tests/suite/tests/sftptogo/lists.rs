//! Lists are complete and lazy, and errors are never reported as a shorter list.

use futures_util::StreamExt;
use mft_simulator::Fault;
use mft_tests::lists::assert_malformed;
use mft_tests::{ClientOptions, Provider, Sftptogo};
use sftptogo::ErrorKind;

const LIST: &str = "sftptogo.credentials.list";

#[tokio::test]
async fn list_is_lazy_and_takes_one_request() {
    for more in [0, 1, 1_000] {
        let provider = Sftptogo::start().await;
        let state = provider.simulator.state();
        for number in 0..more {
            let _ = state.add_credential(|credential| credential.alias = format!("robot {number}"));
        }
        let expected: Vec<_> = state.credentials().into_iter().map(|credential| credential.id).collect();
        let client = provider.client(ClientOptions { max_response_bytes: 64 << 20, ..ClientOptions::default() });
        let list = client.credentials().list();
        assert_eq!(provider.journal().len(), 0);
        let ids: Vec<_> = list.map(|credential| credential.unwrap().id.as_str().to_owned()).collect().await;
        assert_eq!(ids, expected);
        assert_eq!(provider.journal().len(), 1);
    }
}

#[tokio::test]
async fn empty_list_ends() {
    let provider = Sftptogo::start().await;
    let client = provider.client(ClientOptions::default());
    client.share_links().delete(&provider.share_link()).await.unwrap();
    let mut links = client.share_links().list();
    assert!(links.try_next().await.unwrap().is_none());
    assert!(links.try_next().await.unwrap().is_none());
    assert_eq!(provider.simulator.count("sftptogo.share_links.list"), 1);
}

#[tokio::test]
async fn dropped_list_sends_no_further_request() {
    let provider = Sftptogo::start().await;
    let client = provider.client(ClientOptions::default());
    let mut list = client.credentials().list();
    assert!(list.try_next().await.unwrap().is_some());
    drop(list);
    // A dropped list holds no permit.
    assert_eq!((provider.journal().len(), client.free_permits()), (1, 64));
}

#[tokio::test]
async fn pagination_options_are_rejected_for_unpaged_lists() {
    let provider = Sftptogo::start().await;
    let client = provider.client(ClientOptions::default());
    let lists = [
        ("page_size", client.credentials().list().page_size(10)),
        ("resume_from", client.credentials().list().resume_from("x")),
    ];
    for (field, mut list) in lists {
        let error = list.try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidInput, Some(LIST)), "{error}");
        assert!(error.to_string().contains(field), "{error}");
        assert!(list.try_next().await.unwrap().is_none(), "a list ends after an error");
    }
    assert_eq!(provider.journal().len(), 0);
}

#[tokio::test]
async fn malformed_lists_are_errors() {
    for (case, body) in [
        ("an envelope", r#"{"data":[]}"#),
        ("an empty object", "{}"),
        ("null", "null"),
        ("an entry without id", r#"[{"Id":"1"},{"Alias":"x"}]"#),
        ("an entry that is null", r#"[{"Id":"1"},null]"#),
        ("an entry that is a string", r#"[{"Id":"1"},"mrk-hidden"]"#),
        ("half a list", r#"[{"Id":"1"},"#),
        ("two lists", "[][]"),
        ("an empty body", ""),
    ] {
        let provider = Sftptogo::start().await;
        provider.faults().push(Fault::replaced_body(body).on(LIST));
        assert_malformed(provider.client(ClientOptions::default()).credentials().list(), case).await;
    }
}

#[tokio::test]
async fn fetched_list_is_not_affected_by_later_changes() {
    let provider = Sftptogo::start().await;
    let client = provider.client(ClientOptions::default());
    let mut list = client.credentials().list();
    assert_eq!(list.try_next().await.unwrap().unwrap().alias.as_deref(), Some("Root"));
    let _ = client.credentials().delete(&provider.target).await.unwrap();
    assert_eq!(list.try_next().await.unwrap().unwrap().id, provider.target);
    assert!(list.try_next().await.unwrap().is_none());
}

//! Lists: lazy, complete, and never quietly short.

use futures_util::StreamExt;
use mft_simulator::Fault;
use mft_tests::{Provider, Sftptogo, Tweaks};
use sftptogo::{ErrorKind, Outcome};

const LIST: &str = "sftptogo.credentials.list";

#[tokio::test]
async fn nothing_is_sent_before_the_first_poll_and_one_request_brings_it_all() {
    for more in [0, 1, 1_000] {
        let provider = Sftptogo::start().await;
        let state = provider.simulator.state();
        for number in 0..more {
            let _ = state.add_credential(|credential| credential.alias = format!("robot {number}"));
        }
        let expected: Vec<_> = state.credentials().into_iter().map(|credential| credential.id).collect();
        let client = provider.client(Tweaks { max_response_bytes: 64 << 20, ..Tweaks::default() });
        let list = client.credentials().list();
        assert_eq!(provider.journal().len(), 0);
        let ids: Vec<_> = list.map(|credential| credential.unwrap().id.as_str().to_owned()).collect().await;
        assert_eq!(ids, expected);
        assert_eq!(provider.journal().len(), 1);
    }
}

#[tokio::test]
async fn an_empty_list_is_a_list_and_ends() {
    let provider = Sftptogo::start().await;
    let client = provider.client(Tweaks::default());
    client.share_links().delete(&provider.share_link()).await.unwrap();
    let mut links = client.share_links().list();
    assert!(links.try_next().await.unwrap().is_none());
    assert!(links.try_next().await.unwrap().is_none());
    assert_eq!(provider.simulator.count("sftptogo.share_links.list"), 1);
}

#[tokio::test]
async fn a_list_dropped_after_its_first_entry_asks_for_no_more() {
    let provider = Sftptogo::start().await;
    let client = provider.client(Tweaks::default());
    let mut list = client.credentials().list();
    assert!(list.try_next().await.unwrap().is_some());
    drop(list);
    // Started and dropped: it holds no permit.
    assert_eq!((provider.journal().len(), client.free_permits()), (1, 64));
}

#[tokio::test]
async fn options_that_only_paged_lists_have_are_refused_before_anything_is_sent() {
    let provider = Sftptogo::start().await;
    let client = provider.client(Tweaks::default());
    let lists = [
        ("page_size", client.credentials().list().page_size(10)),
        ("resume_from", client.credentials().list().resume_from("x")),
    ];
    for (field, mut list) in lists {
        let error = list.try_next().await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidInput, Some(LIST)), "{error}");
        assert!(error.to_string().contains(field), "{error}");
        assert!(list.try_next().await.unwrap().is_none(), "after an error a list ends");
    }
    assert_eq!(provider.journal().len(), 0);
}

#[tokio::test]
async fn what_is_no_list_of_the_right_things_is_an_error_and_never_a_short_list() {
    for (case, body) in [
        ("an envelope", r#"{"data":[]}"#),
        ("an empty object", "{}"),
        ("null", "null"),
        ("an entry without id", r#"[{"Id":"1"},{"Alias":"x"}]"#),
        ("an entry that is null", r#"[{"Id":"1"},null]"#),
        ("an entry that is a text", r#"[{"Id":"1"},"mrk-hidden"]"#),
        ("half a list", r#"[{"Id":"1"},"#),
        ("two lists", "[][]"),
        ("nothing", ""),
    ] {
        let provider = Sftptogo::start().await;
        provider.faults().push(Fault::replaced_body(body).on(LIST));
        let mut list = provider.client(Tweaks::default()).credentials().list();
        let error = list.try_next().await.expect_err(case);
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::NotDone), "{case}: {error}");
        assert!(!error.to_string().contains("hidden"), "{case}: {error}");
        assert!(list.try_next().await.unwrap().is_none(), "{case}: after an error a list ends");
    }
}

#[tokio::test]
async fn entries_that_come_and_go_meanwhile_do_not_disturb_a_list_that_was_fetched() {
    let provider = Sftptogo::start().await;
    let client = provider.client(Tweaks::default());
    let mut list = client.credentials().list();
    assert_eq!(list.try_next().await.unwrap().unwrap().alias.as_deref(), Some("Root"));
    let _ = client.credentials().delete(&provider.target).await.unwrap();
    assert_eq!(list.try_next().await.unwrap().unwrap().id, provider.target);
    assert!(list.try_next().await.unwrap().is_none());
}

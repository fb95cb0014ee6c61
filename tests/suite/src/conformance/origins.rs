//! Where requests go, and what they carry.

use std::time::Duration;

use mft_common::{ErrorKind, Outcome};
use mft_simulator::Fault;

use super::side_by_side;
use crate::support::Trap;
use crate::{Act, Provider, Spy, Tweaks};

/// A redirect is an error that says where to, and no more of it.
pub async fn does_not_follow_redirects_and_names_the_origin_only<P: Provider>() {
    let trap = Trap::open().await;
    let elsewhere = format!("http://{}", trap.address());
    let mut cases = Vec::new();
    for status in [301, 302, 303, 307, 308] {
        for act in P::acts(&[Act::Read, Act::Create, Act::Delete, Act::Never]) {
            for (location, shown) in [
                (format!("{elsewhere}/hidden-path?token=hidden-query"), elsewhere.clone()),
                (format!("//{}/hidden-path", trap.address()), elsewhere.clone()),
                (format!("http://hidden-user:hidden-word@{}/", trap.address()), elsewhere.clone()),
                (format!("https://{}/hidden-path", trap.address()), format!("https://{}", trap.address())),
                ("/hidden-path".to_owned(), "http://127.0.0.1:".to_owned()),
            ] {
                cases.push((status, act, location, shown));
            }
        }
    }
    side_by_side(cases, async |(status, act, location, shown)| {
        let case = format!("{status} {act:?} {location}");
        let provider = P::start().await;
        provider.faults().push(Fault::redirect(status, &location).on(P::operation(act).expect(&case)));
        let error = provider.act(&provider.client(Tweaks::default()), act).await.expect_err(&case);
        assert_eq!(error.kind(), ErrorKind::UnexpectedStatus, "{case}: {error}");
        assert_eq!((error.outcome(), error.attempts()), (Outcome::NotDone, 1), "{case}: {error}");
        let text = crate::leak::everything(&error);
        assert!(error.to_string().contains(&shown), "{case}: {error}");
        assert!(!text.contains("hidden"), "{case}: {text}");
        assert_eq!((provider.requests(act), provider.times_done(act)), (1, 0), "{case}");
        assert!(provider.journal().iter().all(|exchange| exchange.operation.is_some()), "{case}: somebody followed it");
    })
    .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(trap.caught(), Vec::<String>::new());
}

/// A middleware that sends requests to another origin does not take the credential there.
pub async fn credentials_stay_on_their_origin<P: Provider>() {
    let trap = Trap::open().await;
    for act in P::acts(&Act::ALL) {
        let provider = P::start().await;
        let spy = Spy::moving_to(trap.address());
        let client = provider.client(Tweaks { spy: Some(spy), ..Tweaks::default() });
        let error = provider.act(&client, act).await.expect_err("another origin");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidInput, Outcome::NotDone), "{act:?}: {error}");
        assert!(error.to_string().contains(&trap.address().to_string()), "{error}");
        assert_eq!(provider.times_done(act), 0, "{act:?}");
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(trap.caught(), Vec::<String>::new());
}

/// Repeats included, each request carries one credential, and neither cookies nor the address it came from.
pub async fn the_credential_is_sent_once_and_nothing_else_is<P: Provider>() {
    let provider = P::start().await;
    let client = provider.client(Tweaks::default());
    provider.faults().push(Fault::status(503).header("set-cookie", "a=b").retry_after(0).always().nth(1));
    for act in P::acts(&[Act::Read, Act::List, Act::Create, Act::Change, Act::Never, Act::Delete]) {
        provider.act(&client, act).await.unwrap_or_else(|error| panic!("{act:?}: {error}"));
    }
    for exchange in provider.journal().iter().filter(|exchange| exchange.operation.is_some()) {
        let count = |name: &str| exchange.headers.get_all(name).iter().count();
        assert_eq!(count("authorization"), 1, "{exchange}");
        assert_eq!(count("host"), 1, "{exchange}");
        assert_eq!(exchange.header("host"), Some(provider.address().to_string().as_str()), "{exchange}");
        assert_eq!(exchange.header("accept").is_some(), count("user-agent") == 1, "{exchange}");
        for absent in ["cookie", "referer", "accept-encoding", "proxy-authorization"] {
            assert_eq!(count(absent), 0, "{exchange}: {absent}");
        }
    }
}

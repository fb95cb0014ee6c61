//! The destinations of requests, and the headers that they carry.

use std::time::Duration;

use mft_common::{ErrorKind, Outcome};
use mft_simulator::Fault;

use super::run_concurrently;
use crate::net::Honeypot;
use crate::{AttemptRecorder, CallKind, ClientOptions, Provider};

/// A redirect is an error. Its message contains the target origin but neither path nor query.
pub async fn redirects_are_not_followed_and_only_the_origin_is_reported<P: Provider>() {
    let honeypot = Honeypot::open().await;
    let target_origin = format!("http://{}", honeypot.address());
    let mut cases = Vec::new();
    for status in [301, 302, 303, 307, 308] {
        for call in P::supported(&[CallKind::Read, CallKind::Create, CallKind::Delete, CallKind::NeverRetry]) {
            for (location, expected_origin) in [
                (format!("{target_origin}/hidden-path?token=hidden-query"), target_origin.clone()),
                (format!("//{}/hidden-path", honeypot.address()), target_origin.clone()),
                (format!("http://hidden-user:hidden-word@{}/", honeypot.address()), target_origin.clone()),
                (format!("https://{}/hidden-path", honeypot.address()), format!("https://{}", honeypot.address())),
                ("/hidden-path".to_owned(), "http://127.0.0.1:".to_owned()),
            ] {
                cases.push((status, call, location, expected_origin));
            }
        }
    }
    run_concurrently(cases, async |(status, call, location, expected_origin)| {
        let case = format!("{status} {call:?} {location}");
        let provider = P::start().await;
        provider.faults().push(Fault::redirect(status, &location).on(P::operation(call).expect(&case)));
        let error = provider.call(&provider.client(ClientOptions::default()), call).await.expect_err(&case);
        assert_eq!(error.kind(), ErrorKind::UnexpectedStatus, "{case}: {error}");
        assert_eq!((error.outcome(), error.attempts()), (Outcome::NotDone, 1), "{case}: {error}");
        let text = crate::leak_scan::error_text(&error);
        assert!(error.to_string().contains(&expected_origin), "{case}: {error}");
        assert!(!text.contains("hidden"), "{case}: {text}");
        assert_eq!((provider.requests(call), provider.times_applied(call)), (1, 0), "{case}");
        assert!(
            provider.journal().iter().all(|exchange| exchange.operation.is_some()),
            "{case}: the redirect was followed"
        );
    })
    .await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(honeypot.received(), Vec::<String>::new());
}

/// If a middleware sends a request to another origin, the client does not send its credentials there.
pub async fn credentials_stay_on_their_origin<P: Provider>() {
    let honeypot = Honeypot::open().await;
    for call in P::supported(&CallKind::ALL) {
        let provider = P::start().await;
        let recorder = AttemptRecorder::redirecting_to(honeypot.address());
        let client = provider.client(ClientOptions { recorder: Some(recorder), ..ClientOptions::default() });
        let error = provider.call(&client, call).await.expect_err("another origin");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidInput, Outcome::NotDone), "{call:?}: {error}");
        assert!(error.to_string().contains(&honeypot.address().to_string()), "{error}");
        assert_eq!(provider.times_applied(call), 0, "{call:?}");
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(honeypot.received(), Vec::<String>::new());
}

/// Each request, retries included, carries exactly one credential, no cookie and no `Referer`.
pub async fn requests_carry_exactly_one_credential<P: Provider>() {
    let provider = P::start().await;
    let client = provider.client(ClientOptions::default());
    provider.faults().push(Fault::status(503).header("set-cookie", "a=b").retry_after(0).always().nth(1));
    for call in P::supported(&CallKind::DELETE_LAST) {
        provider.call(&client, call).await.unwrap_or_else(|error| panic!("{call:?}: {error}"));
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

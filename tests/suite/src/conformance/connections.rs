//! Connections that fail, stall or are never established.

use std::time::{Duration, Instant};

use mft_common::{ErrorKind, Outcome, RetryPolicy};
use mft_simulator::Fault;

use super::run_concurrently;
use crate::net::GatedProxy;
use crate::{CallKind, ClientOptions, Provider};

/// The connection is lost before the service processes the request.
pub async fn connection_lost_before_processing<P: Provider>() {
    lost::<P>(Fault::reset(), 0).await;
}

/// The connection is lost after the service has processed the request.
pub async fn connection_lost_after_processing<P: Provider>() {
    lost::<P>(Fault::reset().after_processing(), 1).await;
}

async fn lost<P: Provider>(fault: Fault, applied: usize) {
    for call in P::supported(&CallKind::ALL) {
        let provider = P::start().await;
        let client = provider.client(ClientOptions::default());
        provider.faults().push(fault.clone().on(P::operation(call).expect("known")).once());
        let result = provider.call(&client, call).await;
        provider.assert_outcome(call, &result, &format!("{call:?}"));
        if call.is_idempotent() {
            assert!(result.is_ok(), "{call:?}: {result:?}");
            assert_eq!(provider.requests(call), 2, "{call:?}");
        } else {
            let error = result.expect_err("not repeated");
            assert_eq!(
                (error.kind(), error.outcome()),
                (ErrorKind::Interrupted, Outcome::Unknown),
                "{call:?}: {error}"
            );
            assert!(error.is_ambiguous() && error.is_transient(), "{call:?}: {error}");
            assert_eq!((provider.requests(call), error.attempts()), (1, 1), "{call:?}: {error}");
            assert_eq!(provider.times_applied(call), applied, "{call:?}");
        }
    }
}

/// If no connection can be established, nothing was sent, so every call is retried.
pub async fn refused_connection_is_retried<P: Provider>() {
    run_concurrently(P::supported(&CallKind::ALL).collect(), async |call| {
        let provider = P::start().await;
        let mut proxy = GatedProxy::closed().await;
        let retry = RetryPolicy::new().max_attempts(25).base_delay(Duration::from_millis(60));
        let client = provider.client(ClientOptions {
            base_url: Some(format!("http://{}", proxy.address())),
            retry: retry.max_delay(Duration::from_millis(60)),
            ..ClientOptions::default()
        });
        let opens = async {
            tokio::time::sleep(Duration::from_millis(80)).await;
            proxy.open(provider.address()).await;
        };
        let (result, ()) = tokio::join!(provider.call(&client, call), opens);
        assert!(result.is_ok(), "{call:?}: {result:?}");
        provider.assert_outcome(call, &result, &format!("{call:?}"));
        assert_eq!(provider.requests(call), 1, "{call:?}");
    })
    .await;
}

/// A permanently refused connection ends after three attempts with [`Outcome::NotDone`].
pub async fn permanently_refused_connection_is_an_error<P: Provider>() {
    let provider = P::start().await;
    let proxy = GatedProxy::closed().await;
    let base_url = Some(format!("http://{}", proxy.address()));
    let client = provider.client(ClientOptions { base_url, ..ClientOptions::default() });
    for call in P::supported(&CallKind::ALL) {
        let error = provider.call(&client, call).await.expect_err("connection refused");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone), "{call:?}: {error}");
        assert_eq!((error.attempts(), error.is_transient()), (3, true), "{call:?}: {error}");
    }
    assert_eq!(provider.journal().len(), 0);
}

/// The host name has one unreachable and one working address.
pub async fn second_address_is_tried<P: Provider>() {
    let provider = P::start().await;
    let (proxy, live) = (GatedProxy::closed().await, provider.address());
    let dead = (proxy.address().ip(), live.port()).into();
    let client = provider.client(ClientOptions {
        base_url: Some(format!("http://two-addresses.test:{}", live.port())),
        resolve: Some(("two-addresses.test".into(), vec![dead, live])),
        ..ClientOptions::default()
    });
    provider.call(&client, CallKind::Read).await.expect("the second address works");
    assert_eq!(provider.requests(CallKind::Read), 1);
}

/// The server announces keep-alive and then closes the connection. The next request may hit the closed connection.
pub async fn stale_idle_connections_lose_no_calls<P: Provider>() {
    let provider = P::start().await;
    let client = provider.client(ClientOptions::default());
    provider.faults().push(Fault::close_after_response().always());
    let (mut confirmed, mut unknown) = (0, 0);
    for round in 0..30 {
        provider.call(&client, CallKind::Read).await.unwrap_or_else(|error| panic!("read {round}: {error}"));
        match provider.call(&client, CallKind::Create).await {
            Ok(_) => confirmed += 1,
            Err(error) if error.outcome() == Outcome::Unknown => unknown += 1,
            Err(error) => assert_eq!(error.outcome(), Outcome::NotDone, "create {round}: {error}"),
        }
    }
    let applied = provider.times_applied(CallKind::Create);
    assert!(
        (confirmed..=confirmed + unknown).contains(&applied),
        "{applied} applied, {confirmed} confirmed, {unknown} unknown"
    );
}

/// The server accepts the request and never responds.
pub async fn stalled_server_hits_the_attempt_timeout<P: Provider>() {
    for (applied, fault) in [(0, Fault::stall()), (1, Fault::stall().after_processing())] {
        run_concurrently(P::supported(&CallKind::ALL).collect(), async |call| {
            let provider = P::start().await;
            provider.faults().push(fault.clone().on(P::operation(call).expect("known")));
            let started = Instant::now();
            let error =
                provider.call(&provider.client(ClientOptions::short_timeouts()), call).await.expect_err("silence");
            assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, None), "{call:?}: {error}");
            let attempts = if call.is_idempotent() { 3 } else { 1 };
            assert_eq!(error.attempts() as usize, attempts, "{call:?}: {error}");
            // On a busy machine, the timeout may expire before the request arrives.
            assert!(provider.requests(call) <= attempts, "{call:?}: {error}");
            let limit = Duration::from_millis(500) * u32::try_from(attempts).expect("few");
            assert!(started.elapsed() >= limit && started.elapsed() < limit * 6, "{call:?}: {:?}", started.elapsed());
            let outcome = if call.is_write() { Outcome::Unknown } else { Outcome::NotDone };
            assert_eq!(error.outcome(), outcome, "{call:?}: {error}");
            assert!(provider.times_applied(call) <= applied, "{call:?}");
        })
        .await;
    }
}

/// The server sends the response headers and then stalls. The status shows that the request was processed.
pub async fn stalled_response_body_hits_the_attempt_timeout<P: Provider>() {
    run_concurrently(P::supported(&CallKind::ALL).collect(), async |call| {
        let provider = P::start().await;
        provider.faults().push(Fault::drip(1, Duration::from_secs(9)).on(P::operation(call).expect("known")).once());
        let options = ClientOptions { attempt_timeout: Duration::from_millis(1_500), ..ClientOptions::default() };
        let result = provider.call(&provider.client(options), call).await;
        provider.assert_outcome(call, &result, &format!("{call:?}"));
        if call.is_idempotent() {
            assert!(result.is_ok(), "{call:?}: {result:?}");
        } else {
            let error = result.expect_err("silence");
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Done), "{call:?}: {error}");
            assert_eq!(provider.requests(call), 1, "{call:?}");
        }
    })
    .await;
}

/// A slow response that stays within the timeout succeeds.
pub async fn slow_response_within_the_timeout_succeeds<P: Provider>() {
    let provider = P::start().await;
    provider.faults().push(Fault::drip(16, Duration::from_millis(2)).always());
    let client = provider.client(ClientOptions::default());
    for call in P::supported(&[CallKind::Read, CallKind::List, CallKind::Create]) {
        let result = provider.call(&client, call).await;
        assert!(result.is_ok(), "{call:?}: {result:?}");
        provider.assert_outcome(call, &result, &format!("{call:?}"));
        assert_eq!(provider.requests(call), 1, "{call:?}");
    }
}

/// No request is sent to a server if its certificate has an unknown authority or another host name.
pub async fn certificates_need_a_trusted_authority_and_a_matching_name<P: Provider>() {
    let (provider, another) = (P::start_with_tls().await, P::start_with_tls().await);
    let (authority, other_authority) = (provider.authority(), another.authority());
    let trusting = |pem: &str| ClientOptions { root_certificate: Some(pem.to_owned()), ..ClientOptions::default() };
    let other_name = ClientOptions {
        base_url: Some(format!("https://another-name.test:{}", provider.address().port())),
        resolve: Some(("another-name.test".into(), vec![provider.address()])),
        ..trusting(&authority)
    };
    for (case, options) in [
        ("unknown authority", ClientOptions::default()),
        ("other authority", trusting(&other_authority)),
        ("other host name", other_name),
    ] {
        for call in P::supported(&CallKind::ALL) {
            let error = provider.call(&provider.client(options.clone()), call).await.expect_err(case);
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone), "{case}: {error}");
        }
    }
    assert_eq!(provider.journal().len(), 0, "a request was sent to an untrusted server");
    provider.call(&provider.client(trusting(&authority)), CallKind::Read).await.expect("the authority is trusted");
}

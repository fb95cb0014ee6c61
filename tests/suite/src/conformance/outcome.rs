//! The reported outcome matches the state of the service under every fault.

use std::time::{Duration, Instant};

use mft_common::Outcome;
use mft_simulator::Fault;

use super::{assert_typed, every_fault, quick_faults, run_concurrently};
use crate::leak_scan::{Secrets, error_text};
use crate::net::Honeypot;
use crate::runtime::wait_until;
use crate::{CallKind, ClientOptions, Provider};

fn cases<P: Provider>(honeypot: &Honeypot, supported: &[CallKind]) -> Vec<(CallKind, &'static str, Fault)> {
    let faults = every_fault(honeypot.address(), P::WIRE_FORMAT);
    P::supported(supported)
        .flat_map(|call| faults.iter().map(move |(name, fault)| (call, *name, fault.clone())))
        .collect()
}

/// A call that must not be retried is sent once, even if the fault clears after the first attempt.
pub async fn never_retry_calls_are_processed_at_most_once_under_every_fault<P: Provider>() {
    let honeypot = Honeypot::open().await;
    run_concurrently(cases::<P>(&honeypot, &[CallKind::NeverRetry]), async |(call, name, fault)| {
        let provider = P::start().await;
        provider.faults().push(fault.on(P::operation(call).expect(name)).once());
        let result = provider.call(&provider.client(ClientOptions::short_timeouts()), call).await;
        // On a busy machine, the timeout may expire before the request arrives.
        assert!(provider.requests(call) <= 1, "{name}: {result:?}");
        if let Err(error) = &result
            && error.outcome() == Outcome::Unknown
        {
            // The service may still be processing the request. Afterwards, it has been processed at most once.
            wait_until(Duration::from_millis(900), || provider.processed_requests(call) > 0).await;
            assert!(provider.processed_requests(call) <= 1, "{name}: {error}");
        } else {
            provider.assert_outcome(call, &result, name);
        }
    })
    .await;
}

/// The same for every call, with transient and persistent faults.
pub async fn outcomes_match_the_service_state_under_every_fault<P: Provider>() {
    let honeypot = Honeypot::open().await;
    run_concurrently(cases::<P>(&honeypot, &CallKind::ALL), async |(call, name, fault)| {
        for transient in [true, false] {
            let case = format!("{call:?}, {name}, passes: {transient}");
            let provider = P::start().await;
            let rule = fault.clone().on(P::operation(call).expect(name));
            provider.faults().push(if transient { rule.once() } else { rule });
            let started = Instant::now();
            let result = provider.call(&provider.client(ClientOptions::short_timeouts()), call).await;
            assert!(started.elapsed() < Duration::from_secs(12), "{case}: {:?}", started.elapsed());
            provider.assert_outcome(call, &result, &case);
            if !call.is_idempotent() {
                assert!(provider.processed_requests(call) <= 1, "{case}");
            }
        }
    })
    .await;
    assert_eq!(honeypot.received(), Vec::<String>::new());
}

/// An error contains the operation and the number of attempts but no secret. The journal confirms the attempts.
pub async fn errors_contain_operation_and_attempts_but_no_secret<P: Provider>() {
    let honeypot = Honeypot::open().await;
    let quick: Vec<_> = quick_faults(honeypot.address(), P::WIRE_FORMAT).into_iter().map(|(name, _)| name).collect();
    run_concurrently(cases::<P>(&honeypot, &CallKind::ALL), async |(call, name, fault)| {
        let case = format!("{call:?}, {name}");
        let operation = P::operation(call).expect(name);
        let provider = P::start().await;
        provider.faults().push(fault.on(operation));
        // A timeout may expire before the request arrives.
        let (options, exact) = if quick.contains(&name) {
            (ClientOptions::default(), true)
        } else {
            (ClientOptions::short_timeouts(), false)
        };
        if let Err(error) = provider.call(&provider.client(options), call).await {
            assert_typed(&error, operation, &case);
            let (attempts, requests) = (error.attempts() as usize, provider.requests(call));
            assert!(requests == attempts || (requests < attempts && !exact), "{case}: {requests} requests, {error}");
            assert!(operation.starts_with(P::NAME), "{case}");
            Secrets::new(provider.secrets()).assert_no_secrets(&error);
            // Ids and queries must not be logged either.
            let (text, journal) = (error_text(&error), provider.journal());
            let leaked_path = journal.iter().map(|exchange| exchange.path.as_str()).find(|path| text.contains(path));
            assert_eq!(leaked_path, None, "{case}: {text}");
        }
    })
    .await;
}

//! Requirements that apply to every client, independent of the provider.
//!
//! Each function is one test, generic over [`Provider`](crate::Provider). [`conformance!`](macro@crate::conformance)
//! runs all of them. Every case starts its own simulator.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use mft_common::Error;
use mft_simulator::Fault;

use crate::WireFormat;

pub mod connections;
pub mod load;
pub mod origins;
pub mod outcome;
pub mod responses;
pub mod retries;

/// Returns every fault of the fault plan with a name.
///
/// No fault contradicts itself: if a status means "not processed", the service did not process the request. Redirects
/// lead to `honeypot`.
#[must_use]
pub fn every_fault(honeypot: SocketAddr, wire: WireFormat) -> Vec<(&'static str, Fault)> {
    let late = Duration::from_millis(800);
    let mut faults = quick_faults(honeypot, wire);
    faults.extend([
        ("stall", Fault::stall()),
        ("stall after", Fault::stall().after_processing()),
        ("late", Fault::delay(late)),
        ("late after", Fault::delay(late).after_processing()),
        ("stalled body", Fault::drip(1, Duration::from_secs(5))),
        ("endless body", Fault::status(200).endless_body().after_processing()),
        ("many headers", Fault::many_headers(1_000, 8_192)),
    ]);
    faults
}

/// Returns the faults that end without a timeout.
#[must_use]
pub fn quick_faults(honeypot: SocketAddr, wire: WireFormat) -> Vec<(&'static str, Fault)> {
    let head = "HTTP/1.1 200 OK\r\n";
    vec![
        ("reset", Fault::reset()),
        ("reset after", Fault::reset().after_processing()),
        ("reset mid-body", Fault::reset_mid_body()),
        ("truncated", Fault::truncated()),
        ("garbage", Fault::garbage()),
        ("garbage after", Fault::garbage().after_processing()),
        ("bad header after", Fault::raw(format!("{head}b\u{0}d: header\r\n\r\n")).after_processing()),
        (
            "two content lengths after",
            Fault::raw(format!("{head}content-length: 1\r\ncontent-length: 9\r\n\r\n{{}}")).after_processing(),
        ),
        (
            "length and chunks after",
            Fault::raw(format!("{head}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"))
                .after_processing(),
        ),
        ("500", Fault::status(500)),
        ("500 after", Fault::status(500).after_processing()),
        ("502 in HTML", Fault::status(502).html()),
        ("503", Fault::status(503)),
        ("503 with Retry-After", Fault::status(503).retry_after(0)),
        ("504 after", Fault::status(504).after_processing()),
        ("408 after", Fault::status(408).after_processing()),
        ("429", Fault::status(429)),
        ("429 with Retry-After", Fault::status(429).retry_after(0)),
        ("401", Fault::unauthorized()),
        ("403", Fault::status(403)),
        ("404", Fault::status(404)),
        ("409", Fault::status(409)),
        ("501", Fault::status(501)),
        ("302 to another origin", Fault::redirect(302, &format!("http://{honeypot}/target"))),
        ("304", Fault::status(304)),
        ("login page", Fault::html_page()),
        ("storage error", Fault::storage_error()),
        ("wrong body", Fault::replaced_body(wire.scalar())),
        ("other object", Fault::replaced_body(wire.other_object())),
        ("204 after", Fault::status(204).after_processing()),
        ("close after response", Fault::close_after_response()),
        ("interim response", Fault::interim(103)),
    ]
}

/// Checks an error that a fault caused: it names its operation, counts at least one attempt, and fits on one line.
pub(crate) fn assert_typed(error: &Error, operation: &str, case: &str) {
    assert_eq!(error.operation(), Some(operation), "{case}: {error}");
    assert!(error.attempts() > 0, "{case}: {error}");
    let line = error.to_string();
    assert!(line.starts_with(operation) && !line.contains(['\n', '\r', '\u{1b}']), "{case}: {line:?}");
    assert!(error.message().unwrap_or_default().len() <= 1024, "{case}");
    assert!(error.body().len() <= 64 * 1024, "{case}");
}

/// Runs cases concurrently, so that waiting cases cost no extra time.
pub(crate) async fn run_concurrently<C, F: Future<Output = ()>>(cases: Vec<C>, run: impl Fn(C) -> F) {
    futures_util::stream::iter(cases).for_each_concurrent(12, run).await;
}

/// Generates one test per provider for every function of this module.
///
/// ```no_run
/// mft_tests::conformance!(sftptogo: mft_tests::Sftptogo);
/// ```
#[macro_export]
macro_rules! conformance {
    ($($name:ident: $provider:ty),+ $(,)?) => {$(
        mod $name {
            $crate::conformance!(@tests $provider;
                retries {
                    non_idempotent_calls_are_not_retried_after_5xx,
                    idempotent_calls_are_retried_after_5xx_and_408,
                    other_statuses_are_not_retried,
                    honors_retry_after,
                    retry_after_beyond_the_deadline_fails_immediately,
                    retried_delete_that_gets_404_succeeds,
                    backoff_has_jitter,
                    rejected_key_is_not_retried,
                }
                origins {
                    redirects_are_not_followed_and_only_the_origin_is_reported,
                    credentials_stay_on_their_origin,
                    requests_carry_exactly_one_credential,
                }
                responses {
                    accepts_unknown_enum_values_and_keys,
                    html_error_pages_keep_their_status,
                    error_bodies_are_truncated_and_sanitized,
                    unexpected_success_bodies_are_described,
                    error_document_with_success_status_is_an_error,
                    empty_success_is_an_error_if_a_value_is_expected,
                    unusual_statuses_do_not_hang,
                    truncated_response_to_idempotent_call_is_retried,
                    truncated_response_to_create_has_outcome_done,
                    garbage_instead_of_http,
                    response_headers_are_limited,
                    endless_body_is_limited,
                }
                connections {
                    connection_lost_before_processing,
                    connection_lost_after_processing,
                    refused_connection_is_retried,
                    permanently_refused_connection_is_an_error,
                    second_address_is_tried,
                    stale_idle_connections_lose_no_calls,
                    stalled_server_hits_the_attempt_timeout,
                    stalled_response_body_hits_the_attempt_timeout,
                    slow_response_within_the_timeout_succeeds,
                    certificates_need_a_trusted_authority_and_a_matching_name,
                }
                outcome {
                    never_retry_calls_are_processed_at_most_once_under_every_fault,
                    outcomes_match_the_service_state_under_every_fault,
                    errors_contain_operation_and_attempts_but_no_secret,
                }
                load {
                    retry_budget_limits_requests_during_an_outage,
                    dropped_calls_release_all_resources,
                    backoff_does_not_hold_a_permit,
                    thousand_calls_share_eight_permits_fairly,
                }
            );
        }
    )+};
    (@tests $provider:ty; $($group:ident { $($case:ident),+ $(,)? })+) => {$($(
        #[tokio::test]
        async fn $case() {
            $crate::conformance::$group::$case::<$provider>().await;
        }
    )+)+};
}

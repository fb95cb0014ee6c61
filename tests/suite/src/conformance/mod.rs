//! What every client has to do, whatever the provider.
//!
//! Each function is one test, generic over [`Provider`](crate::Provider); [`conformance!`](macro@crate::conformance) runs them
//! all. Every case starts a simulator of its own.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt;
use mft_common::Error;
use mft_simulator::Fault;

use crate::Wire;

pub mod connections;
pub mod load;
pub mod origins;
pub mod replies;
pub mod retries;
pub mod truth;

/// Every fault in the plan, each with a name. None of them lies: a status that says "not processed" comes from a service
/// that did not process. `trap` is where redirects lead.
#[must_use]
pub fn every_fault(trap: SocketAddr, wire: Wire) -> Vec<(&'static str, Fault)> {
    let late = Duration::from_millis(800);
    let mut faults = quick_faults(trap, wire);
    faults.extend([
        ("stall", Fault::stall()),
        ("stall after", Fault::stall().after_processing()),
        ("late", Fault::delay(late)),
        ("late after", Fault::delay(late).after_processing()),
        ("head and silence", Fault::drip(1, Duration::from_secs(5))),
        ("endless body", Fault::status(200).endless_body().after_processing()),
        ("many headers", Fault::many_headers(1_000, 8_192)),
    ]);
    faults
}

/// Those of them that end by themselves.
#[must_use]
pub fn quick_faults(trap: SocketAddr, wire: Wire) -> Vec<(&'static str, Fault)> {
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
            "two lengths after",
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
        ("302 elsewhere", Fault::redirect(302, &format!("http://{trap}/elsewhere"))),
        ("304", Fault::status(304)),
        ("login page", Fault::html_page()),
        ("storage error", Fault::storage_error()),
        ("wrong body", Fault::replaced_body(wire.lone_text())),
        ("other object", Fault::replaced_body(wire.other_object())),
        ("204 after", Fault::status(204).after_processing()),
        ("closes without a word", Fault::close_after_reply()),
        ("interim reply", Fault::interim(103)),
    ]
}

/// Whether an error may come from a call on which this fault struck: it is typed, names its operation and one request
/// at least, and stays on one line.
pub(crate) fn assert_typed(error: &Error, operation: &str, case: &str) {
    assert_eq!(error.operation(), Some(operation), "{case}: {error}");
    assert!(error.attempts() > 0, "{case}: {error}");
    let line = error.to_string();
    assert!(line.starts_with(operation) && !line.contains(['\n', '\r', '\u{1b}']), "{case}: {line:?}");
    assert!(error.message().unwrap_or_default().len() <= 1024, "{case}");
    assert!(error.body().len() <= 64 * 1024, "{case}");
}

/// Runs cases side by side, so that those that wait cost no time.
pub(crate) async fn side_by_side<C, F: Future<Output = ()>>(cases: Vec<C>, run: impl Fn(C) -> F) {
    futures_util::stream::iter(cases).for_each_concurrent(12, run).await;
}

/// Makes one test of every function of this module for each provider.
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
                    never_repeats_a_once_call_after_a_500,
                    repeats_after_500_502_503_504_408,
                    other_statuses_are_one_attempt,
                    waits_for_retry_after,
                    a_wait_that_does_not_fit_ends_the_call_at_once,
                    a_deletion_repeated_into_a_404_has_succeeded,
                    two_clients_wait_differently,
                    a_refused_key_is_one_attempt,
                }
                origins {
                    does_not_follow_redirects_and_names_the_origin_only,
                    credentials_stay_on_their_origin,
                    the_credential_is_sent_once_and_nothing_else_is,
                }
                replies {
                    survives_unknown_enum_values_and_unknown_keys,
                    html_error_pages_keep_their_status,
                    error_bodies_are_cut_and_made_harmless,
                    html_success_says_what_came,
                    a_failure_inside_a_success_is_no_success,
                    a_success_without_a_body_is_an_error_where_a_value_is_expected,
                    unusual_statuses_do_not_hang,
                    truncated_body_of_a_read_is_repeated,
                    truncated_body_of_a_create_is_done,
                    garbage_instead_of_http,
                    many_headers,
                    endless_body_is_cut,
                }
                connections {
                    connection_lost_before_processing,
                    connection_lost_after_processing,
                    connection_refused_and_then_accepted,
                    connection_refused_for_ever,
                    the_second_address_is_tried,
                    a_connection_that_closed_while_idle_loses_nothing,
                    a_stalled_server_meets_the_attempt_limit,
                    a_reply_that_stops_meets_the_attempt_limit,
                    slow_drip,
                    a_certificate_is_believed_from_a_known_authority_and_for_its_name_only,
                }
                truth {
                    a_never_call_is_processed_at_most_once_under_every_fault,
                    every_outcome_is_true_under_every_fault,
                    errors_name_operation_attempts_and_no_secret,
                }
                load {
                    an_outage_with_300_concurrent_calls_costs_at_most_330_requests,
                    dropping_a_call_leaves_nothing,
                    a_call_that_waits_to_try_again_lets_others_go_ahead,
                    a_thousand_calls_through_eight_permits,
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

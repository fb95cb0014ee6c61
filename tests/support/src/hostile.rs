//! Malformed and random responses.

use mft_common::Result;
use mft_common::middleware::Idempotency;
use mft_common::testing::MockTransport;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// Returns edge cases of JSON and invalid JSON: as data, as a member, and as an id.
fn edges() -> Vec<Vec<u8>> {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let values = [
        "null".to_owned(),
        "true".to_owned(),
        "-1".to_owned(),
        "1e3".to_owned(),
        "1e400".to_owned(),
        "18446744073709551616".to_owned(),
        "NaN".to_owned(),
        "\"\"".to_owned(),
        "\"\\ud800\"".to_owned(),
        "\"\\u0000\\u202e\\n\"".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "[null]".to_owned(),
        deep(60),
        deep(200),
    ];
    let mut bodies = vec![
        b"".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{} {}".to_vec(),
        b"{\"id\":1".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"<html>502</html>".to_vec(),
    ];
    for value in values {
        bodies.extend(
            [value.clone(), format!("[{value}]"), format!("{{\"id\":{value},\"id\":{value}}}")].map(Into::into),
        );
        for key in ["data", "rslt", "message", "error", "errors", "status", "uuid", "token", "Id"] {
            bodies.push(format!("{{\"{key}\":{value},\"has_more\":{value},\"next_uri\":{value}}}").into());
        }
    }
    bodies
}

/// Every response of a service is a value or an error on one line, for each operation. No call panics or loops.
/// Requires a paused clock.
///
/// # Panics
///
/// Panics if a call panics or its error is invalid.
pub async fn arbitrary_responses_are_values_or_errors(
    operations: &[(&str, Idempotency)],
    perform: impl AsyncFn(&MockTransport, &str) -> Result<()>,
) {
    let mut runner = TestRunner::deterministic();
    let random = proptest::collection::vec(proptest::num::u8::ANY, 0..64);
    let random = (0..50).map(|_| random.new_tree(&mut runner).expect("bytes").current());
    let bodies: Vec<Vec<u8>> = edges().into_iter().chain(random).collect();
    let json: &[(&str, &str)] = &[("content-type", "application/json")];
    for (operation, _) in operations {
        for status in [200, 204, 403, 500] {
            for body in &bodies {
                let script = MockTransport::new().reply(status, json, body.clone()).repeat_last();
                let Err(error) = perform(&script, operation).await else { continue };
                let (line, body) = (error.to_string(), String::from_utf8_lossy(body));
                assert!(error.operation().is_some(), "{operation} after {status} {body}: {error:?}");
                assert!(
                    !line.contains(char::is_control) && line.len() < 4096,
                    "{operation} after {status} {body}: {line}"
                );
            }
        }
    }
}

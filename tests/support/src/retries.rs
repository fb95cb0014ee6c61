//! Retries and reported outcomes. `perform` makes one call of a client whose transport is the mock.

use std::time::Duration;

use mft_common::middleware::Idempotency;
use mft_common::testing::MockTransport;
use mft_common::{ErrorKind, Outcome, Result};

/// Each operation is retried as its idempotency allows, after a 500 and after a 503 with `Retry-After`. Its error
/// reports the right outcome. Requires a paused clock.
pub async fn retries_follow_idempotency(
    provider: &str,
    operations: &[(&str, Idempotency)],
    perform: impl AsyncFn(&MockTransport, &str) -> Result<()>,
) {
    use Outcome::{NotDone, Unknown};
    for &(operation, idempotency) in operations {
        let (after_500, outcome_after_500, after_503) = match idempotency {
            Idempotency::Safe => (3, NotDone, 3),
            Idempotency::Idempotent => (3, Unknown, 3),
            Idempotency::NonIdempotent => (1, Unknown, 3),
            Idempotency::NeverRetry => (1, Unknown, 1),
        };
        let refused: &[(&str, &str)] = &[("retry-after", "7")];
        for (status, headers, attempts, outcome) in
            [(500, &[][..], after_500, outcome_after_500), (503, refused, after_503, NotDone)]
        {
            let script = MockTransport::new().reply(status, headers, r#"{"message":"no"}"#).repeat_last();
            let error = perform(&script, operation).await.unwrap_err();
            let calls = script.calls();
            assert_eq!(calls.len(), attempts, "{operation} after {status}");
            assert_eq!((error.attempts() as usize, error.outcome()), (attempts, outcome), "{operation} after {status}");
            assert_eq!(error.operation(), Some(format!("{provider}.{operation}").as_str()));
            let operation_info = calls[0].operation.as_ref().unwrap();
            assert_eq!(
                (operation_info.name(), operation_info.idempotency()),
                (error.operation().unwrap(), idempotency)
            );
            for pair in calls.windows(2).filter(|_| status == 503) {
                assert!(pair[1].at - pair[0].at >= Duration::from_secs(7), "{operation} was retried too early");
            }
        }
    }
}

/// A connection that breaks leaves the outcome of operations that are not idempotent unknown. A refused connection does
/// not. Requires a paused clock.
pub async fn broken_connection_leaves_outcome_unknown(
    operations: &[&str],
    perform: impl AsyncFn(&MockTransport, &str) -> Result<()>,
) {
    let cases: [(fn() -> MockTransport, _, _, _); 3] = [
        (|| MockTransport::new().break_connection(), 1, ErrorKind::Interrupted, Outcome::Unknown),
        (|| MockTransport::new().truncated_body(201, "{"), 1, ErrorKind::Interrupted, Outcome::Done),
        (|| MockTransport::new().refuse_connection().repeat_last(), 3, ErrorKind::Connect, Outcome::NotDone),
    ];
    for (script, attempts, kind, outcome) in cases {
        for operation in operations {
            let script = script();
            let error = perform(&script, operation).await.unwrap_err();
            assert_eq!((script.calls().len(), error.kind(), error.outcome()), (attempts, kind, outcome), "{operation}");
        }
    }
}

/// A deletion that gets 404 succeeds if an earlier attempt may have been processed. It fails if the earlier attempt was
/// not processed, or if there was none. Requires a paused clock.
pub async fn retried_delete_that_gets_404_succeeds(
    operations: &[&str],
    not_found_body: &'static str,
    perform: impl AsyncFn(&MockTransport, &str) -> Result<()>,
) {
    for operation in operations {
        perform(&MockTransport::new().reply(503, &[], "").reply(404, &[], not_found_body), operation).await.unwrap();
        let refused = MockTransport::new().reply(503, &[("retry-after", "1")], "").reply(404, &[], "");
        assert!(perform(&refused, operation).await.unwrap_err().is_not_found(), "{operation}");
        let first = MockTransport::new().reply(404, &[], "");
        assert!(perform(&first, operation).await.unwrap_err().is_not_found(), "{operation}");
    }
}

/// Each status becomes the right error kind: the service's own ones and those that all services share. `body` contains
/// the code and the message of the error. `perform` creates an object.
pub async fn statuses_map_to_error_kinds(
    service_kinds: &[(u16, ErrorKind)],
    body: &'static str,
    code: Option<&str>,
    is_message: impl Fn(&str) -> bool,
    perform: impl AsyncFn(&MockTransport) -> Result<()>,
) {
    let common_kinds = [
        (400, ErrorKind::Rejected),
        (402, ErrorKind::Rejected),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (405, ErrorKind::Rejected),
        (409, ErrorKind::Conflict),
        (410, ErrorKind::NotFound),
        (412, ErrorKind::Conflict),
        (413, ErrorKind::Rejected),
        (422, ErrorKind::Rejected),
        (501, ErrorKind::Server),
        (304, ErrorKind::UnexpectedStatus),
        (307, ErrorKind::UnexpectedStatus),
    ];
    for &(status, kind) in common_kinds.iter().chain(service_kinds) {
        let headers = [("x-request-id", "r-1"), ("location", "https://evil.example/?k=v")];
        let error = perform(&MockTransport::new().reply(status, &headers, body)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.outcome()), (kind, 1, Outcome::NotDone), "{status}");
        assert_eq!((error.code(), error.request_id()), (code, Some("r-1")), "{status}");
        let message = error.message().unwrap();
        let is_redirect_origin = status == 307 && message.contains("https://evil.example was");
        assert!(is_redirect_origin || is_message(message), "{status}: {message}");
    }
}

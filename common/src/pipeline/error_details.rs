//! The error that a service reports in a response.

use crate::ErrorKind;

/// The details of an error response.
#[derive(Debug, Clone, Default)]
pub struct ErrorDetails {
    /// Overrides the kind that follows from the status, for example for an error inside a 200 response.
    pub kind: Option<ErrorKind>,
    /// The error code of the service.
    pub code: Option<String>,
    /// The error message of the service.
    pub message: Option<String>,
    /// The request id in the body. Used if no header contains one.
    pub request_id: Option<String>,
}

impl ErrorDetails {
    /// Returns the details for a failed token exchange. The service rejected the credentials themselves, not a token
    /// that was issued for them. `problem` states that and precedes the message of the service.
    #[must_use]
    pub fn of_credentials(self, problem: &str) -> Self {
        let message = match &self.message {
            Some(message) => format!("{problem}: {message}"),
            None => problem.to_owned(),
        };
        Self { kind: Some(ErrorKind::Auth), message: Some(message), ..self }
    }
}

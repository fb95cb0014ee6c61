use std::fmt::Write as _;

use http::StatusCode;

use crate::server::Response;

/// An error of an object storage: code, status and message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrorCode {
    pub(crate) code: &'static str,
    pub(crate) status: StatusCode,
    message: &'static str,
}

const fn code(code: &'static str, status: StatusCode, message: &'static str) -> ErrorCode {
    ErrorCode { code, status, message }
}

/// The codes that the storage returns itself, and those that only faults return.
static CODES: &[ErrorCode] = &[
    code("AccessDenied", StatusCode::FORBIDDEN, "Access Denied"),
    code("BadDigest", StatusCode::BAD_REQUEST, "The Content-MD5 you specified did not match what we received."),
    code("EntityTooLarge", StatusCode::BAD_REQUEST, "Your proposed upload exceeds the maximum allowed object size."),
    code("EntityTooSmall", StatusCode::BAD_REQUEST, "Your proposed upload is smaller than the minimum allowed size"),
    code("ExpiredToken", StatusCode::BAD_REQUEST, "The provided token has expired."),
    code("IncompleteBody", StatusCode::BAD_REQUEST, "The request body terminated unexpectedly"),
    code("InternalError", StatusCode::INTERNAL_SERVER_ERROR, "We encountered an internal error. Please try again."),
    code("InvalidArgument", StatusCode::BAD_REQUEST, "Invalid Argument"),
    code("InvalidDigest", StatusCode::BAD_REQUEST, "The Content-MD5 you specified was invalid."),
    code("InvalidPart", StatusCode::BAD_REQUEST, "One or more of the specified parts could not be found."),
    code("InvalidRange", StatusCode::RANGE_NOT_SATISFIABLE, "The requested range is not satisfiable"),
    code("InvalidRequest", StatusCode::BAD_REQUEST, "Invalid Request"),
    code(
        "MalformedPOSTRequest",
        StatusCode::BAD_REQUEST,
        "The body of your POST request is not well-formed multipart/form-data.",
    ),
    code(
        "MethodNotAllowed",
        StatusCode::METHOD_NOT_ALLOWED,
        "The specified method is not allowed against this resource.",
    ),
    code("MissingContentLength", StatusCode::LENGTH_REQUIRED, "You must provide the Content-Length HTTP header."),
    code("NoSuchKey", StatusCode::NOT_FOUND, "The specified key does not exist."),
    code(
        "NoSuchUpload",
        StatusCode::NOT_FOUND,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or \
         completed.",
    ),
    code(
        "NotImplemented",
        StatusCode::NOT_IMPLEMENTED,
        "A header you provided implies functionality that is not implemented",
    ),
    code(
        "PreconditionFailed",
        StatusCode::PRECONDITION_FAILED,
        "At least one of the pre-conditions you specified did not hold",
    ),
    code("RequestLimitExceeded", StatusCode::SERVICE_UNAVAILABLE, "Please reduce your request rate."),
    code(
        "RequestTimeout",
        StatusCode::BAD_REQUEST,
        "Your socket connection to the server was not read from or written to within the timeout period.",
    ),
    code(
        "RequestTimeTooSkewed",
        StatusCode::FORBIDDEN,
        "The difference between the request time and the current time is too large.",
    ),
    code("ServiceUnavailable", StatusCode::SERVICE_UNAVAILABLE, "Please reduce your request rate."),
    code(
        "SignatureDoesNotMatch",
        StatusCode::FORBIDDEN,
        "The request signature we calculated does not match the signature you provided. Check your key and signing \
         method.",
    ),
    code("SlowDown", StatusCode::SERVICE_UNAVAILABLE, "Please reduce your request rate."),
    code("TemporarilyUnavailable", StatusCode::SERVICE_UNAVAILABLE, "Please try again."),
];

impl ErrorCode {
    pub(crate) fn find(code: &str) -> Option<&'static Self> {
        CODES.iter().find(|entry| entry.code == code)
    }

    /// Returns the code and message for a bare status.
    fn of_status(status: StatusCode) -> (&'static str, &'static str) {
        let code = match status {
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => "SlowDown",
            StatusCode::BAD_REQUEST => "InvalidRequest",
            _ => CODES.iter().find(|entry| entry.status == status).map_or("InternalError", |entry| entry.code),
        };
        Self::find(code).map_or(("InternalError", ""), |entry| (entry.code, entry.message))
    }

    pub(crate) fn document(&self) -> String {
        document(self.code, self.message, &[])
    }
}

/// Constant, so that runs can be compared.
pub(super) const REQUEST_ID: &str = "4442587FB7D0A2F9";

fn document(code: &str, message: &str, details: &[(&str, String)]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    let request_id = ("RequestId", REQUEST_ID.to_owned());
    let first = [("Code", code.to_owned()), ("Message", message.to_owned())];
    for (name, value) in first.iter().chain(details).chain([&request_id]) {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // Writing to a string cannot fail.
        let _ = write!(xml, "<{name}>{value}</{name}>");
    }
    xml.push_str("</Error>");
    xml
}

/// The reason why the storage rejects a request.
#[derive(Debug)]
pub(super) struct StorageError {
    code: &'static str,
    message: Option<String>,
    details: Vec<(&'static str, String)>,
}

pub(super) type StorageResult<T> = Result<T, StorageError>;

impl StorageError {
    pub(super) fn new(code: &'static str) -> Self {
        Self { code, message: None, details: Vec::new() }
    }

    pub(super) fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    pub(super) fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    pub(super) fn into_response(self) -> Response {
        let (status, message) = ErrorCode::find(self.code)
            .map_or((StatusCode::INTERNAL_SERVER_ERROR, ""), |entry| (entry.status, entry.message));
        let message = self.message.as_deref().unwrap_or(message);
        Response::empty(status).with_body("application/xml", document(self.code, message, &self.details))
    }
}

/// Returns the storage's error document for a status.
pub(super) fn reply_of_status(status: StatusCode) -> Response {
    if status.is_success() {
        return Response::empty(status);
    }
    let (code, message) = ErrorCode::of_status(status);
    Response::empty(status).with_body("application/xml", document(code, message, &[]))
}

//! How a response reaches the client: through hyper, or through a script if hyper would not send it.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};

use super::response::Response;
use super::response_body::{Payload, ResponseBody};
use super::script::{ConnectionEnd, ConnectionScript, WriteStep};
use crate::fault::Transmission;

/// The next action of a connection.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// hyper sends the response and keeps the connection.
    Response(http::Response<ResponseBody>),
    /// The script takes the connection over from hyper.
    Script(ConnectionScript),
}

impl Outgoing {
    pub(crate) fn end(end: ConnectionEnd) -> Self {
        Self::Script(ConnectionScript::end(end))
    }

    /// Sends the response at once to a client that is still sending its request, then closes the connection.
    pub(crate) fn early(response: http::Response<ResponseBody>) -> Self {
        let (parts, body) = response.into_parts();
        let response = Response { headers: parts.headers, ..Response::empty(parts.status) };
        let head = WriteStep::Bytes(response.head(&connection_close(body.remaining())).into());
        Self::closing(vec![head, WriteStep::Body(body)])
    }

    /// Sends the response, then closes the connection.
    pub(crate) fn last(response: Response) -> Self {
        Self::closing(whole(response, true))
    }

    fn closing(steps: Vec<WriteStep>) -> Self {
        Self::Script(ConnectionScript { steps, end: ConnectionEnd::Close })
    }
}

/// Bytes after the end of a body.
const EXCESS: &[u8] = b"these bytes are behind the end of the body";

pub(crate) fn transmit(transmission: &Transmission, response: Response) -> Outgoing {
    match transmission {
        Transmission::Truncated | Transmission::ResetMidBody | Transmission::TruncatedUnsized => {
            let length = response.length();
            let head = match transmission {
                Transmission::TruncatedUnsized => response.head(&[(CONNECTION, "close".to_owned())]),
                _ if response.chunked => response.head(&[(TRANSFER_ENCODING, "chunked".to_owned())]),
                _ => response.head(&content_length(length.max(1))),
            };
            let end = match transmission {
                Transmission::Truncated => ConnectionEnd::Abort,
                Transmission::ResetMidBody => ConnectionEnd::Reset,
                _ => ConnectionEnd::Close,
            };
            let in_chunks = response.chunked && !matches!(transmission, Transmission::TruncatedUnsized);
            let half = response.into_payload().first(length / 2).into_body();
            let half = if in_chunks { WriteStep::Chunks(half) } else { WriteStep::Body(half) };
            Outgoing::Script(ConnectionScript { steps: vec![WriteStep::Bytes(head.into()), half], end })
        }
        Transmission::Excess => {
            let mut steps = whole(response, false);
            steps.push(WriteStep::Bytes(Bytes::from_static(EXCESS)));
            Outgoing::closing(steps)
        }
        &Transmission::Drip { size, interval } => {
            let head = response.head(&connection_close(response.length())).into();
            let body = WriteStep::Drip { body: response.into_payload().into_body(), size, interval };
            Outgoing::closing(vec![WriteStep::Bytes(head), body])
        }
        Transmission::CloseAfter => Outgoing::closing(whole(response, false)),
        &Transmission::Interim(status) => {
            let mut steps = vec![WriteStep::Bytes(Response::empty(status).head(&[]).into())];
            steps.extend(whole(response, true));
            Outgoing::closing(steps)
        }
        _ if is_bodiless(response.status) && response.length() > 0 => Outgoing::last(response),
        // hyper would not send an interim status as the final response.
        _ if response.status.is_informational() => Outgoing::closing(vec![WriteStep::Bytes(response.head(&[]).into())]),
        _ => Outgoing::Response(to_hyper(response)),
    }
}

/// Whether HTTP allows no body for this status.
pub(crate) fn is_bodiless(status: StatusCode) -> bool {
    status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Sends a body of `size` spaces, or of endless spaces if `size` is `None`.
pub(crate) fn transmit_filler(response: &Response, size: Option<u64>) -> Outgoing {
    let extra = match size {
        Some(size) => connection_close(size),
        None => vec![(CONNECTION, "close".to_owned())],
    };
    Outgoing::closing(vec![WriteStep::Bytes(response.head(&extra).into()), WriteStep::Spaces(size)])
}

fn whole(response: Response, closes: bool) -> Vec<WriteStep> {
    let length = response.length();
    let extra = if closes { connection_close(length) } else { content_length(length) };
    let mut head = response.head(&extra);
    match response.into_payload() {
        // A small response is one write.
        Payload::Bytes(bytes) => {
            head.extend_from_slice(&bytes);
            vec![WriteStep::Bytes(head.into())]
        }
        payload @ Payload::Stored(_) => vec![WriteStep::Bytes(head.into()), WriteStep::Body(payload.into_body())],
    }
}

fn content_length(length: u64) -> Vec<(HeaderName, String)> {
    vec![(CONTENT_LENGTH, length.to_string())]
}

/// Announces the end of the connection. A client that reused it would see a second, unplanned fault.
fn connection_close(length: u64) -> Vec<(HeaderName, String)> {
    let mut headers = content_length(length);
    headers.push((CONNECTION, "close".to_owned()));
    headers
}

fn to_hyper(mut response: Response) -> http::Response<ResponseBody> {
    let (status, headers, chunked) = (response.status, std::mem::take(&mut response.headers), response.chunked);
    let mut hyper_response = http::Response::new(response.into_payload().into_body().unsized_if(chunked));
    *hyper_response.status_mut() = status;
    *hyper_response.headers_mut() = headers;
    hyper_response
}

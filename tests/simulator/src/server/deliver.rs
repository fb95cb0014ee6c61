//! How a decided reply reaches the caller: by hyper, or by a script where hyper is too correct.

use bytes::Bytes;
use http::StatusCode;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};

use super::Response;
use super::response_body::{Payload, ResponseBody};
use super::script::{End, Script, Step};
use crate::fault::Sending;

/// What the connection does next.
#[derive(Debug)]
pub(super) enum Sent {
    /// hyper sends this and goes on.
    Response(http::Response<ResponseBody>),
    /// The connection leaves hyper.
    Script(Script),
}

impl Sent {
    pub(super) fn end(end: End) -> Self {
        Self::Script(Script::end(end))
    }

    /// The same reply for a caller who is still writing its request: sent at once, then the connection ends.
    pub(super) fn unfinished(response: http::Response<ResponseBody>) -> Self {
        let (parts, body) = response.into_parts();
        let reply = Response { headers: parts.headers, ..Response::empty(parts.status) };
        let head = Step::Write(reply.head(&closing(body.left())).into());
        Self::Script(Script { steps: vec![head, Step::Send(body)], end: End::Close })
    }

    /// The reply, and then the end of the connection.
    pub(super) fn last(reply: Response) -> Self {
        Self::Script(Script { steps: whole(reply, true), end: End::Close })
    }
}

/// Bytes behind the end of a body.
const EXCESS: &[u8] = b"these bytes are behind the end of the body";

pub(super) fn deliver(sending: &Sending, reply: Response) -> Sent {
    let script = match sending {
        Sending::Truncated | Sending::ResetMidBody | Sending::TruncatedUnsized => {
            let length = reply.length();
            let head = match sending {
                Sending::TruncatedUnsized => reply.head(&[(CONNECTION, "close".to_owned())]),
                _ if reply.chunked => reply.head(&[(TRANSFER_ENCODING, "chunked".to_owned())]),
                _ => reply.head(&length_header(length.max(1))),
            };
            let end = match sending {
                Sending::Truncated => End::Cut,
                Sending::ResetMidBody => End::Reset,
                _ => End::Close,
            };
            let in_chunks = reply.chunked && !matches!(sending, Sending::TruncatedUnsized);
            let half = reply.into_payload().first(length / 2).into_body();
            let half = if in_chunks { Step::Chunks(half) } else { Step::Send(half) };
            Script { steps: vec![Step::Write(head.into()), half], end }
        }
        Sending::Excess => {
            let mut steps = whole(reply, false);
            steps.push(Step::Write(Bytes::from_static(EXCESS)));
            Script { steps, end: End::Close }
        }
        &Sending::Drip { size, interval } => {
            let head = reply.head(&closing(reply.length())).into();
            let body = Step::Drip { body: reply.into_payload().into_body(), size, interval };
            Script { steps: vec![Step::Write(head), body], end: End::Close }
        }
        Sending::CloseAfter => Script { steps: whole(reply, false), end: End::Close },
        &Sending::Interim(status) => {
            let mut steps = vec![Step::Write(Response::empty(status).head(&[]).into())];
            steps.extend(whole(reply, true));
            Script { steps, end: End::Close }
        }
        _ if has_forbidden_body(&reply) => return Sent::last(reply),
        // hyper would not send an interim status as the last word.
        _ if reply.status.is_informational() => {
            Script { steps: vec![Step::Write(reply.head(&[]).into())], end: End::Close }
        }
        _ => return Sent::Response(respond(reply)),
    };
    Sent::Script(script)
}

fn has_forbidden_body(reply: &Response) -> bool {
    let bodiless =
        reply.status.is_informational() || matches!(reply.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    bodiless && reply.length() > 0
}

/// A reply of so many spaces, or of spaces without end.
pub(super) fn filled(reply: &Response, size: Option<u64>) -> Sent {
    let extra = match size {
        Some(size) => closing(size),
        None => vec![(CONNECTION, "close".to_owned())],
    };
    let head = Step::Write(reply.head(&extra).into());
    Sent::Script(Script { steps: vec![head, Step::Spaces(size)], end: End::Close })
}

fn whole(reply: Response, closes: bool) -> Vec<Step> {
    let length = reply.length();
    let extra = if closes { closing(length) } else { length_header(length) };
    let mut head = reply.head(&extra);
    match reply.into_payload() {
        // In one piece, as small replies travel.
        Payload::Bytes(bytes) => {
            head.extend_from_slice(&bytes);
            vec![Step::Write(head.into())]
        }
        payload @ Payload::Stored(_) => vec![Step::Write(head.into()), Step::Send(payload.into_body())],
    }
}

fn length_header(length: u64) -> Vec<(HeaderName, String)> {
    vec![(CONTENT_LENGTH, length.to_string())]
}

/// Says that the connection ends here: without it, the caller would use it again and meet a second, unplanned fault.
fn closing(length: u64) -> Vec<(HeaderName, String)> {
    let mut headers = length_header(length);
    headers.push((CONNECTION, "close".to_owned()));
    headers
}

fn respond(mut reply: Response) -> http::Response<ResponseBody> {
    let (status, headers, chunked) = (reply.status, std::mem::take(&mut reply.headers), reply.chunked);
    let mut response = http::Response::new(reply.into_payload().into_body().unsized_if(chunked));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

//! Bounded body reads.

use bytes::{Bytes, BytesMut};

use crate::http::{Body, BodyError};

/// The maximum capacity that is reserved because of a `Content-Length`.
const MAX_RESERVATION: u64 = 256 * 1024;

/// Why a body was not read to its end.
#[derive(Debug)]
pub(crate) enum Stopped {
    BrokeOff(BodyError),
    TooLarge,
}

/// Collects chunks. They are kept if the read fails.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    first: Bytes,
    rest: BytesMut,
}

impl Collected {
    /// Reads to the end, to the limit or to a failure. Dropping the future keeps the chunks.
    pub(crate) async fn read(&mut self, body: &mut Body, limit: usize) -> Result<(), Stopped> {
        let content_length = body.len();
        while let Some(chunk) = body.chunk().await {
            let chunk = chunk.map_err(Stopped::BrokeOff)?;
            let room = limit - self.len();
            if chunk.len() > room {
                self.push(chunk.slice(..room), content_length);
                return Err(Stopped::TooLarge);
            }
            self.push(chunk, content_length);
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    /// Most responses arrive in one chunk, which is not copied.
    fn push(&mut self, chunk: Bytes, content_length: Option<u64>) {
        if self.len() == 0 {
            self.first = chunk;
            return;
        }
        if self.rest.is_empty() {
            let first = std::mem::take(&mut self.first);
            let size = content_length.unwrap_or(0).min(MAX_RESERVATION);
            self.rest.reserve(usize::try_from(size).unwrap_or(0).max(first.len() + chunk.len()));
            self.rest.extend_from_slice(&first);
        }
        self.rest.extend_from_slice(&chunk);
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use futures_core::Stream;

    use super::*;

    struct Chunks(Vec<&'static str>);

    impl Stream for Chunks {
        type Item = Result<Bytes, BodyError>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            let next = (!self.0.is_empty()).then(|| self.0.remove(0));
            Poll::Ready(next.map(|text| if text == "!" { Err("broke".into()) } else { Ok(text.into()) }))
        }
    }

    #[tokio::test]
    async fn what_was_read_before_the_limit_or_a_failure_is_kept() {
        for (chunks, limit, kept, whole) in [
            (vec!["abc"], 3, "abc", true),
            (vec!["ab", "cd", "ef"], 6, "abcdef", true),
            (vec!["ab", "", "cd"], 3, "abc", false),
            (vec!["abcdef"], 2, "ab", false),
            (vec!["ab", "!", "cd"], 9, "ab", false),
            (vec![], 0, "", true),
        ] {
            let mut collected = Collected::default();
            let mut body = Body::from_stream(Chunks(chunks.clone()), None);
            assert_eq!(collected.read(&mut body, limit).await.is_ok(), whole, "{chunks:?}");
            assert_eq!(collected.into_bytes(), kept, "{chunks:?}");
        }
    }
}

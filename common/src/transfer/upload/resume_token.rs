//! The token that resumes an upload, in this or another process.

use serde::{Deserialize, Serialize};

use crate::transfer::source::seekable::Fingerprint;
use crate::transfer::upload::plan::Plan;
use crate::{Error, Result};

const VERSION: u8 = 1;

/// Resumes an upload, in this or another process.
///
/// It contains no URL and no credentials. Store it with serde, for example as `serde_json::to_string(&token)`, and pass it
/// to [`UploadRequest::resume`](crate::transfer::UploadRequest::resume) together with the same source.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ResumeToken(Box<Token>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    version: u8,
    operation: String,
    destination: String,
    /// Identifies the upload session at the service.
    reference: String,
    part_size: u64,
    max_parts: u32,
    fingerprint: Fingerprint,
    /// Inclusive ranges of completed parts.
    done: Vec<(u32, u32)>,
}

impl ResumeToken {
    pub(crate) fn new(
        operation: &str,
        destination: &str,
        reference: &str,
        plan: &Plan,
        fingerprint: Fingerprint,
    ) -> Self {
        Self(Box::new(Token {
            version: VERSION,
            operation: operation.to_owned(),
            destination: destination.to_owned(),
            reference: reference.to_owned(),
            part_size: plan.part_size(1),
            max_parts: plan.max_parts(),
            fingerprint,
            done: Vec::new(),
        }))
    }

    /// Returns the path of the file at the service.
    #[must_use]
    pub fn destination(&self) -> &str {
        &self.0.destination
    }

    /// Returns the size of the file in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.fingerprint.size
    }

    /// Returns the number of parts of the file.
    #[must_use]
    pub fn parts(&self) -> u32 {
        if self.0.part_size == 0 { 0 } else { self.plan().parts().unwrap_or(0) }
    }

    /// Returns the number of completed parts.
    #[must_use]
    pub fn parts_done(&self) -> u32 {
        // Must not panic for a manipulated token, which is only rejected when it is used.
        let parts = |(first, last): &(u32, u32)| last.checked_sub(*first).map_or(0, |more| more.saturating_add(1));
        self.0.done.iter().map(parts).fold(0, u32::saturating_add)
    }

    pub(crate) fn reference(&self) -> &str {
        &self.0.reference
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan::resumed(self.size(), self.0.part_size, self.0.max_parts)
    }

    pub(crate) fn is_done(&self, part: u32) -> bool {
        self.0.done.iter().any(|(first, last)| (*first..=*last).contains(&part))
    }

    pub(crate) fn complete_part(&mut self, part: u32) {
        if self.is_done(part) {
            return;
        }
        let ranges = &mut self.0.done;
        ranges.push((part, part));
        ranges.sort_unstable();
        ranges.dedup_by(|next, range| {
            let is_adjacent = range.1 + 1 == next.0;
            if is_adjacent {
                range.1 = next.1;
            }
            is_adjacent
        });
    }

    /// Fails if the token belongs to another upload, or was manipulated.
    pub(crate) fn check(&self, operation: &str, destination: &str, fingerprint: &Fingerprint) -> Result<()> {
        let token = &*self.0;
        let invalid = |problem: &str| Err(Error::invalid_input("resume_token", problem));
        if token.version != VERSION {
            return invalid("was created by another version of this library");
        }
        if token.operation != operation || token.destination != destination {
            return invalid("belongs to an upload to another destination");
        }
        if token.fingerprint != *fingerprint {
            return invalid("belongs to another source: size, modification time or content differ");
        }
        // Checked first, because a plan divides by it.
        if token.part_size == 0 {
            return invalid("is inconsistent");
        }
        let parts = self.plan().parts().unwrap_or(0);
        let is_valid = |(first, last): &(u32, u32)| (1..=*last).contains(first) && *last <= parts;
        if parts > token.max_parts || !token.done.iter().all(is_valid) {
            return invalid("is inconsistent");
        }
        Ok(())
    }
}

partial_debug!(ResumeToken, self =>
    destination: self.destination(),
    size: self.size(),
    parts_done: self.parts_done(),
    parts: self.parts(),
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::source::{OpenSource, Source};

    async fn fingerprint(content: &'static str) -> Fingerprint {
        let Ok(OpenSource::Seekable(source)) = Source::bytes(content).open().await else { panic!("seekable") };
        source.fingerprint().await.unwrap()
    }

    #[tokio::test]
    async fn a_token_round_trips_and_fits_only_its_own_upload() {
        let print = fingerprint("twelve bytes").await;
        let plan = Plan::resumed(12, 3, 10);
        let mut token = ResumeToken::new("a.upload", "dir/file", "put-9", &plan, print.clone());
        for part in [4, 1, 2, 4] {
            token.complete_part(part);
        }
        let text = serde_json::to_string(&token).unwrap();
        let again: ResumeToken = serde_json::from_str(&text).unwrap();
        assert_eq!(again, token);
        assert_eq!((again.parts_done(), again.0.done.len()), (3, 2));
        assert!(again.is_done(2) && !again.is_done(3));
        for (done, counted) in [(vec![(3, 1)], 0), (vec![(0, u32::MAX), (1, 9)], u32::MAX)] {
            let tampered = ResumeToken(Box::new(Token { done, ..(*again.0).clone() }));
            assert_eq!(tampered.parts_done(), counted);
            assert!(tampered.check("a.upload", "dir/file", &print).unwrap_err().is_invalid_input());
        }
        assert!(!text.contains("http"), "{text}");

        assert!(again.check("a.upload", "dir/file", &print).is_ok());
        assert!(again.check("a.upload", "dir/other", &print).unwrap_err().is_invalid_input());
        assert!(again.check("b.upload", "dir/file", &print).unwrap_err().is_invalid_input());
        assert!(again.check("a.upload", "dir/file", &fingerprint("twelve BYTES").await).is_err());
        for tampered in [text.replace("[1,2]", "[0,2]"), text.replace("[4,4]", "[4,5]"), text.replace(":3,", ":0,")] {
            assert_ne!(tampered, text);
            let token: ResumeToken = serde_json::from_str(&tampered).unwrap();
            assert!(token.check("a.upload", "dir/file", &print).is_err(), "{tampered}");
        }
    }
}

//! What is needed to go on with an upload.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use super::source::Fingerprint;
use crate::{Error, Outcome, Result};

const VERSION: u8 = 1;

/// What is needed to go on with an upload, in this process or in another one.
///
/// It holds no address and no credential. Keep it as text by serde, for example
/// `serde_json::to_string(&token)`, and give it back to [`UploadRequest::resume`](super::UploadRequest::resume) together
/// with the same source.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeToken {
    version: u8,
    operation: String,
    destination: String,
    pub(super) reference: String,
    pub(super) part_size: u64,
    pub(super) max_parts: u32,
    fingerprint: Fingerprint,
    /// Runs of parts that are complete.
    done: Vec<(u32, u32)>,
}

impl ResumeToken {
    pub(super) fn new(
        operation: &str,
        destination: &str,
        reference: &str,
        plan: &Plan,
        fingerprint: Fingerprint,
    ) -> Self {
        Self {
            version: VERSION,
            operation: operation.to_owned(),
            destination: destination.to_owned(),
            reference: reference.to_owned(),
            part_size: plan.part_size(1),
            max_parts: plan.max_parts(),
            fingerprint,
            done: Vec::new(),
        }
    }

    /// Where the file goes.
    #[must_use]
    pub fn destination(&self) -> &str {
        &self.destination
    }

    /// The size of the file, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.fingerprint.size
    }

    /// How many parts the file has.
    #[must_use]
    pub fn parts(&self) -> u32 {
        if self.part_size == 0 { 0 } else { self.plan().parts().unwrap_or(0) }
    }

    /// How many parts are complete.
    #[must_use]
    pub fn parts_done(&self) -> u32 {
        // A token that was tampered with is refused when it is used, and may be looked at before.
        let parts = |(first, last): &(u32, u32)| last.checked_sub(*first).map_or(0, |more| more.saturating_add(1));
        self.done.iter().map(parts).fold(0, u32::saturating_add)
    }

    pub(super) fn plan(&self) -> Plan {
        Plan::resumed(self.fingerprint.size, self.part_size, self.max_parts)
    }

    pub(super) fn is_done(&self, part: u32) -> bool {
        self.done.iter().any(|(first, last)| (*first..=*last).contains(&part))
    }

    fn mark(&mut self, part: u32) {
        if self.is_done(part) {
            return;
        }
        self.done.push((part, part));
        self.done.sort_unstable();
        self.done.dedup_by(|next, run| {
            let adjoins = run.1 + 1 == next.0;
            if adjoins {
                run.1 = next.1;
            }
            adjoins
        });
    }

    /// Refuses a token of another upload, and one that was tampered with.
    pub(super) fn check(&self, operation: &str, destination: &str, fingerprint: &Fingerprint) -> Result<()> {
        let refused = |problem: &str| Err(Error::invalid_input("resume_token", problem));
        if self.version != VERSION {
            return refused("was written by another version of this library");
        }
        if self.operation != operation || self.destination != destination {
            return refused("belongs to an upload to another destination");
        }
        if self.fingerprint != *fingerprint {
            return refused("belongs to another source: size, modification time or content differ");
        }
        // Looked at first: a plan divides by it.
        if self.part_size == 0 {
            return refused("makes no sense");
        }
        let parts = self.plan().parts().unwrap_or(0);
        let sane = |(first, last): &(u32, u32)| RangeInclusive::new(1, *last).contains(first) && *last <= parts;
        if parts > self.max_parts || !self.done.iter().all(sane) {
            return refused("makes no sense");
        }
        Ok(())
    }
}

impl fmt::Debug for ResumeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResumeToken")
            .field("destination", &self.destination)
            .field("size", &self.size())
            .field("parts_done", &self.parts_done())
            .field("parts", &self.parts())
            .finish_non_exhaustive()
    }
}

pub(super) type OnCheckpoint = Arc<dyn Fn(&ResumeToken) + Send + Sync>;

/// Where an upload writes down how far it is.
#[derive(Clone, Default)]
pub(super) struct Ledger {
    token: Arc<Mutex<Option<ResumeToken>>>,
    /// Whether the service was asked to make a file of the parts.
    completing: Arc<AtomicBool>,
    on_checkpoint: Option<OnCheckpoint>,
}

impl Ledger {
    pub(super) fn new(on_checkpoint: Option<OnCheckpoint>) -> Self {
        Self { token: Arc::default(), completing: Arc::default(), on_checkpoint }
    }

    pub(super) fn token(&self) -> Option<ResumeToken> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn completes(&self) {
        self.completing.store(true, Relaxed);
    }

    /// What an end at this moment means for the file.
    pub(super) fn outcome(&self) -> Outcome {
        if self.completing.load(Relaxed) { Outcome::Unknown } else { Outcome::NotDone }
    }

    pub(super) fn begin(&self, token: ResumeToken) {
        self.change(|current| *current = Some(token));
    }

    pub(super) fn done(&self, part: u32) {
        self.change(|current| {
            if let Some(token) = current {
                token.mark(part);
            }
        });
    }

    /// The upload is complete, or can never be: there is nothing to go on with.
    pub(super) fn close(&self) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn change(&self, change: impl FnOnce(&mut Option<ResumeToken>)) {
        let token = {
            let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut token);
            self.on_checkpoint.as_ref().and(token.clone())
        };
        if let (Some(told), Some(token)) = (&self.on_checkpoint, token) {
            told(&token);
        }
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ledger").field(&self.token()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::source::{Opened, Source};

    async fn fingerprint(text: &'static str) -> Fingerprint {
        let Ok(Opened::Seekable(source)) = Source::from(text).open().await else { panic!("seekable") };
        source.fingerprint().await.unwrap()
    }

    #[tokio::test]
    async fn a_token_survives_being_text_and_fits_its_own_upload_only() {
        let print = fingerprint("twelve bytes").await;
        let plan = Plan::resumed(12, 3, 10);
        let mut token = ResumeToken::new("a.upload", "dir/file", "put-9", &plan, print.clone());
        for part in [4, 1, 2, 4] {
            token.mark(part);
        }
        let text = serde_json::to_string(&token).unwrap();
        let again: ResumeToken = serde_json::from_str(&text).unwrap();
        assert_eq!(again, token);
        assert_eq!((again.parts_done(), again.done.len()), (3, 2));
        assert!(again.is_done(2) && !again.is_done(3));
        for (done, counted) in [(vec![(3, 1)], 0), (vec![(0, u32::MAX), (1, 9)], u32::MAX)] {
            let tampered = ResumeToken { done, ..again.clone() };
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

//! The checkpoint of an upload: how far it has got, and the token that resumes it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Outcome;
use crate::error::FailureStage;
use crate::pipeline::AttemptProgress;
use crate::transfer::upload::resume_token::ResumeToken;

pub(crate) type OnCheckpoint = Arc<dyn Fn(&ResumeToken) + Send + Sync>;

/// The state of an upload that its task and its handle share.
#[derive(Clone, Default)]
pub(crate) struct Checkpoint {
    token: Arc<Mutex<Option<ResumeToken>>>,
    /// How far the request for completion has got.
    completion: Arc<AttemptProgress>,
    callback: Option<OnCheckpoint>,
}

impl Checkpoint {
    pub(crate) fn new(callback: Option<OnCheckpoint>) -> Self {
        Self { callback, ..Self::default() }
    }

    pub(crate) fn token(&self) -> Option<ResumeToken> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn start_completion(&self) {
        self.completion.set(FailureStage::Interrupted);
    }

    /// Returns the outcome of an upload that stops at this moment.
    pub(crate) fn outcome(&self) -> Outcome {
        self.completion.stage().outcome()
    }

    pub(crate) fn begin(&self, token: ResumeToken) {
        self.change(|current| *current = Some(token));
    }

    pub(crate) fn complete_part(&self, part: u32) {
        self.change(|current| {
            if let Some(token) = current {
                token.complete_part(part);
            }
        });
    }

    /// Removes the token, because the upload is complete.
    pub(crate) fn close(&self) {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn change(&self, change: impl FnOnce(&mut Option<ResumeToken>)) {
        let token = {
            let mut token = self.token.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut token);
            self.callback.as_ref().and(token.clone())
        };
        if let (Some(callback), Some(token)) = (&self.callback, token) {
            callback(&token);
        }
    }
}

impl fmt::Debug for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Checkpoint").field(&self.token()).finish()
    }
}

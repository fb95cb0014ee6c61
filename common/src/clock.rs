//! One clock: durations by tokio's instants, wall time from one reading of the system's clock.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::Origin;

/// The client's idea of the time.
///
/// Wall time is the system's clock as it stood when the client was built, plus what has gone by since; a clock that is
/// set while the program runs moves nothing. Where a service's replies carry a `Date`, its clock is the one that counts.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    started_wall: SystemTime,
    /// What each origin's clock showed, and when.
    observed: Mutex<Vec<(Origin, SystemTime, Instant)>>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), started_wall: SystemTime::now(), observed: Mutex::default() }
    }

    /// Takes note of the `Date` of a reply.
    pub(crate) fn observe(&self, origin: &Origin, date: SystemTime) {
        let mut observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        observed.retain(|(known, ..)| known != origin);
        observed.push((origin.clone(), date, Instant::now()));
    }

    /// The time at an origin, or here where it has not told.
    pub(crate) fn now_at(&self, origin: &Origin) -> SystemTime {
        self.known_at(origin).unwrap_or_else(|| self.started_wall + self.started.elapsed())
    }

    /// The time at an origin that has told.
    pub(crate) fn known_at(&self, origin: &Origin) -> Option<SystemTime> {
        let observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        observed.iter().find(|(known, ..)| known == origin).map(|(_, date, at)| *date + at.elapsed())
    }

    /// How long it is until a moment at an origin; nothing where it has passed.
    pub(crate) fn until(&self, moment: SystemTime, origin: &Origin) -> Duration {
        moment.duration_since(self.now_at(origin)).unwrap_or_default()
    }
}

//! The clock of a client: durations from Tokio instants, wall time from one reading of the system clock.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::Origin;

/// The clock of a client.
///
/// Wall time is the system time when the client was built plus the elapsed time. Later changes of the system clock have no
/// effect. If the responses of a service contain `Date`, the clock of the server is used instead.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    started_wall: SystemTime,
    /// The time of each origin, and when it was observed.
    observed: Mutex<Vec<(Origin, SystemTime, Instant)>>,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self { started: Instant::now(), started_wall: SystemTime::now(), observed: Mutex::default() }
    }

    /// Records the `Date` of a response.
    pub(crate) fn observe(&self, origin: &Origin, date: SystemTime) {
        let mut observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        observed.retain(|(observed, ..)| observed != origin);
        observed.push((origin.clone(), date, Instant::now()));
    }

    /// Returns the time of an origin, or the local time if it is unknown.
    pub(crate) fn now_at(&self, origin: &Origin) -> SystemTime {
        self.known_at(origin).unwrap_or_else(|| self.started_wall + self.started.elapsed())
    }

    /// Returns the time of an origin if it was observed.
    pub(crate) fn known_at(&self, origin: &Origin) -> Option<SystemTime> {
        let observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        observed.iter().find(|(observed, ..)| observed == origin).map(|(_, date, at)| *date + at.elapsed())
    }

    /// Returns the duration until a time of an origin. Zero if the time has passed.
    pub(crate) fn until(&self, moment: SystemTime, origin: &Origin) -> Duration {
        moment.duration_since(self.now_at(origin)).unwrap_or_default()
    }
}

use std::fmt;

use super::Fault;
use crate::Operation;

/// A [`Fault`] with the calls that it applies to.
///
/// By default it applies to every matching call. Each rule counts its matching calls from the moment it is added,
/// including calls that another rule applies to.
#[derive(Clone)]
#[must_use = "a rule does nothing until it is pushed to a plan"]
pub struct FaultRule {
    pub(crate) fault: Fault,
    /// `None` matches any request.
    pub(crate) operation: Option<String>,
    pub(crate) skip: u64,
    pub(crate) occurrence: Occurrence,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Occurrence {
    Every,
    First(u64),
    Nth(u64),
    Chance { probability: f64, seed: Option<u64> },
}

impl FaultRule {
    pub(crate) const fn new(fault: Fault, operation: Option<String>) -> Self {
        Self { fault, operation, skip: 0, occurrence: Occurrence::Every }
    }

    /// Applies only to the `n`-th matching call, counted from 1.
    ///
    /// # Panics
    ///
    /// Panics if `n` is 0.
    pub const fn nth(mut self, n: u64) -> Self {
        assert!(n > 0, "calls are counted from 1");
        self.occurrence = Occurrence::Nth(n);
        self
    }

    /// Applies to the first `n` matching calls.
    pub const fn times(mut self, n: u64) -> Self {
        self.occurrence = Occurrence::First(n);
        self
    }

    /// Applies to the first matching call.
    pub const fn once(self) -> Self {
        self.times(1)
    }

    /// Applies with this probability. Each rule has its own random source.
    ///
    /// # Panics
    ///
    /// Panics if `probability` is not between 0 and 1.
    pub fn chance(mut self, probability: f64) -> Self {
        assert!((0.0..=1.0).contains(&probability), "a probability lies between 0 and 1");
        let seed = match self.occurrence {
            Occurrence::Chance { seed, .. } => seed,
            _ => None,
        };
        self.occurrence = Occurrence::Chance { probability, seed };
        self
    }

    /// Sets the seed of [`chance`](Self::chance). Default: derived from the plan's seed and the number of earlier
    /// rules.
    pub const fn seed(mut self, seed: u64) -> Self {
        let probability = match self.occurrence {
            Occurrence::Chance { probability, .. } => probability,
            _ => 1.0,
        };
        self.occurrence = Occurrence::Chance { probability, seed: Some(seed) };
        self
    }

    /// Skips the first `n` matching calls and does not count them.
    pub const fn after_skip(mut self, n: u64) -> Self {
        self.skip = n;
        self
    }

    pub(crate) fn matches(&self, operation: Option<&Operation>) -> bool {
        let Some(selector) = &self.operation else {
            return true;
        };
        operation.is_some_and(|operation| match selector.strip_suffix('*') {
            Some(prefix) => operation.name.starts_with(prefix),
            None => operation.name == selector,
        })
    }
}

impl fmt::Debug for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultRule({self})")
    }
}

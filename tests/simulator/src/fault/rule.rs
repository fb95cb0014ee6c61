use std::fmt;

use super::Fault;
use crate::Operation;

/// A [`Fault`] and when it strikes.
///
/// Without further words it strikes at every matching call. Calls are counted per rule, from the moment the rule is
/// pushed, and also while another rule strikes at them.
#[derive(Clone)]
#[must_use = "a rule does nothing until it is pushed to a plan"]
pub struct FaultRule {
    pub(crate) fault: Fault,
    /// `None` is any request.
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

    /// Strikes only at the `n`-th matching call, counted from 1.
    ///
    /// # Panics
    ///
    /// If `n` is 0.
    pub const fn nth(mut self, n: u64) -> Self {
        assert!(n > 0, "calls are counted from 1");
        self.occurrence = Occurrence::Nth(n);
        self
    }

    /// Strikes at the first `n` matching calls.
    pub const fn times(mut self, n: u64) -> Self {
        self.occurrence = Occurrence::First(n);
        self
    }

    /// Strikes at the first matching call.
    pub const fn once(self) -> Self {
        self.times(1)
    }

    /// Strikes with this probability, by a random source of the rule's own.
    ///
    /// # Panics
    ///
    /// If `probability` is not between 0 and 1.
    pub fn chance(mut self, probability: f64) -> Self {
        assert!((0.0..=1.0).contains(&probability), "a probability lies between 0 and 1");
        let seed = match self.occurrence {
            Occurrence::Chance { seed, .. } => seed,
            _ => None,
        };
        self.occurrence = Occurrence::Chance { probability, seed };
        self
    }

    /// Seeds the random source of [`chance`](Self::chance); without it the seed follows from the plan's and from how
    /// many rules were pushed before.
    pub const fn seed(mut self, seed: u64) -> Self {
        let probability = match self.occurrence {
            Occurrence::Chance { probability, .. } => probability,
            _ => 1.0,
        };
        self.occurrence = Occurrence::Chance { probability, seed: Some(seed) };
        self
    }

    /// Leaves the first `n` matching calls alone and does not count them.
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

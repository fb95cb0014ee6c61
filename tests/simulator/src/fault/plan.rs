use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::rule::Occurrence;
use super::{BodyMutation, ExchangeMutation, Fault, FaultRule, RateLimit};
use crate::server::Clock;
use crate::{Operation, lock};

/// The live list of a simulator's fault rules. It is a cheap handle, and clones refer to the same list.
///
/// Every rule counts the requests that it matches. All due rules that keep the response (delays, changed keys, added
/// headers) apply together. Of the others, the first applies.
#[derive(Clone)]
pub struct FaultPlan {
    shared: Arc<PlanInner>,
}

struct PlanInner {
    operations: &'static [Operation],
    clock: Arc<Clock>,
    live: Mutex<PlanState>,
}

struct PlanState {
    seed: u64,
    pushed: u64,
    latency: Duration,
    outage: Option<Fault>,
    rules: Vec<RuleState>,
}

/// A rule with its counters.
struct RuleState {
    rule: FaultRule,
    calls: u64,
    random: fastrand::Rng,
    window_start: Duration,
    window_calls: u32,
}

/// The faults of one exchange.
#[derive(Debug, Default)]
pub(crate) struct FaultDecision {
    pub(crate) delay_before: Duration,
    pub(crate) delay_after: Duration,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body_mutations: Vec<BodyMutation>,
    pub(crate) exchange_mutations: Vec<ExchangeMutation>,
    pub(crate) fault: Option<Fault>,
    /// The faults, as the journal shows them.
    pub(crate) name: Option<String>,
}

/// A rule names an operation that the simulated service does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownOperation {
    selector: String,
    nearest: Option<&'static str>,
}

impl FaultPlan {
    pub(crate) fn new(operations: &'static [Operation], clock: Arc<Clock>, seed: u64) -> Self {
        let live = PlanState { seed, pushed: 0, latency: Duration::ZERO, outage: None, rules: Vec::new() };
        Self { shared: Arc::new(PlanInner { operations, clock, live: Mutex::new(live) }) }
    }

    /// Appends a rule. A bare [`Fault`] applies to every request.
    ///
    /// # Panics
    ///
    /// Panics if the service has no matching operation. See [`try_push`](Self::try_push).
    pub fn push(&self, rule: impl Into<FaultRule>) {
        if let Err(unknown) = self.try_push(rule) {
            panic!("{unknown}");
        }
    }

    /// Appends a rule.
    ///
    /// # Errors
    ///
    /// Fails with [`UnknownOperation`] if the service has no matching operation.
    pub fn try_push(&self, rule: impl Into<FaultRule>) -> Result<(), UnknownOperation> {
        let rule = rule.into();
        let operations = self.shared.operations;
        let exists = operations.iter().any(|operation| rule.matches(Some(operation)));
        if let (Some(selector), false) = (&rule.operation, exists) {
            return Err(UnknownOperation::new(selector, operations));
        }
        let mut live = lock(&self.shared.live);
        let seed = match rule.occurrence {
            Occurrence::Chance { seed: Some(seed), .. } => seed,
            _ => live.seed.wrapping_add(live.pushed),
        };
        live.pushed += 1;
        live.rules.push(RuleState {
            rule,
            calls: 0,
            random: fastrand::Rng::with_seed(seed),
            window_start: Duration::ZERO,
            window_calls: 0,
        });
        Ok(())
    }

    /// Removes all rules, the latency and the outage.
    pub fn clear(&self) {
        let mut live = lock(&self.shared.live);
        live.rules.clear();
        live.latency = Duration::ZERO;
        live.outage = None;
    }

    /// Sets a delay of every exchange, independent of the rules.
    pub fn set_latency(&self, latency: Duration) {
        lock(&self.shared.live).latency = latency;
    }

    /// Responds to every request with 503 until [`end_outage`](Self::end_outage).
    pub fn outage(&self) {
        self.outage_of(Fault::status(503));
    }

    /// Injects this fault into every request until [`end_outage`](Self::end_outage), independent of the rules.
    pub fn outage_of(&self, fault: Fault) {
        lock(&self.shared.live).outage = Some(fault);
    }

    /// Ends the outage. The rules continue.
    pub fn end_outage(&self) {
        lock(&self.shared.live).outage = None;
    }

    /// Returns the rules, in order.
    #[must_use]
    pub fn rules(&self) -> Vec<FaultRule> {
        lock(&self.shared.live).rules.iter().map(|state| state.rule.clone()).collect()
    }

    pub(crate) fn decide(&self, operation: Option<&Operation>) -> FaultDecision {
        let mut guard = lock(&self.shared.live);
        let live = &mut *guard;
        let mut decision = FaultDecision { delay_before: live.latency, ..FaultDecision::default() };
        if let Some(fault) = &live.outage {
            decision.add(fault.clone(), "outage: ");
            return decision;
        }
        let now = self.shared.clock.elapsed();
        for state in live.rules.iter_mut().filter(|state| state.rule.matches(operation)) {
            let is_due = state.is_due();
            // Later rules still count, so that `nth` does not depend on the order of rules.
            if is_due
                && decision.fault.is_none()
                && let Some(fault) = state.fault(now)
            {
                decision.add(fault, "");
            }
        }
        decision
    }
}

impl FaultDecision {
    fn add(&mut self, fault: Fault, prefix: &str) {
        let name = self.name.get_or_insert_default();
        if !name.is_empty() {
            name.push_str(" + ");
        }
        // Writing to a string cannot fail.
        let _ = write!(name, "{prefix}{fault}");
        if fault.after {
            self.delay_after += fault.delay;
        } else {
            self.delay_before += fault.delay;
        }
        self.exchange_mutations.extend(fault.exchange_mutations.iter().cloned());
        if fault.is_transparent() {
            self.headers.extend(fault.headers);
            self.body_mutations.extend(fault.body_mutations);
        } else {
            self.fault = Some(fault);
        }
    }
}

impl RuleState {
    /// Counts a matching call and returns whether the rule is due.
    fn is_due(&mut self) -> bool {
        self.calls += 1;
        let Some(call) = self.calls.checked_sub(self.rule.skip).filter(|call| *call > 0) else {
            return false;
        };
        match self.rule.occurrence {
            Occurrence::Every => true,
            Occurrence::First(n) => call <= n,
            Occurrence::Nth(n) => call == n,
            Occurrence::Chance { probability, .. } => self.random.f64() < probability,
        }
    }

    /// Returns the fault, unless the rate limit allows the call.
    fn fault(&mut self, now: Duration) -> Option<Fault> {
        let fault = self.rule.fault.clone();
        let Some(RateLimit { calls, window }) = fault.limit else {
            return Some(fault);
        };
        if self.window_calls == 0 || now >= self.window_start + window {
            self.window_start = now;
            self.window_calls = 0;
        }
        if self.window_calls < calls {
            self.window_calls += 1;
            return None;
        }
        let remaining = (self.window_start + window).saturating_sub(now);
        // Rounded up, so that a client that waits this long is not limited again.
        Some(fault.retry_after(remaining.as_millis().div_ceil(1000).max(1)))
    }
}

impl UnknownOperation {
    fn new(selector: &str, operations: &[Operation]) -> Self {
        let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
        let nearest = operations
            .iter()
            .rev() // of equally near ones the last wins, which is then the first of the table
            .max_by_key(|operation| {
                let shared = operation.name.bytes().zip(selector.bytes());
                let prefix = shared.take_while(|(left, right)| left == right).count();
                (last(operation.name) == last(selector), prefix)
            })
            .map(|operation| operation.name);
        Self { selector: selector.to_owned(), nearest }
    }
}

impl fmt::Display for UnknownOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no operation is named {:?}", self.selector)?;
        if let Some(nearest) = self.nearest {
            write!(f, "; did you mean {nearest:?}?")?;
        }
        Ok(())
    }
}

impl Error for UnknownOperation {}

impl fmt::Debug for FaultPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let live = lock(&self.shared.live);
        f.debug_struct("FaultPlan")
            .field("latency", &live.latency)
            .field("outage", &live.outage)
            .field("rules", &live.rules.iter().map(|state| &state.rule).collect::<Vec<_>>())
            .finish()
    }
}

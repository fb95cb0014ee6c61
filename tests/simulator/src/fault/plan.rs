use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::rule::Occurrence;
use super::{BodyMutation, ExchangeMutation, Fault, FaultRule, RateLimit};
use crate::server::Clock;
use crate::{Operation, lock};

/// The live list of a simulator's fault rules: a cheap handle, shared by all its clones.
///
/// Every rule that matches a request counts it. Of the rules that strike, those that leave the reply in place (delays,
/// changed keys, added headers) add up, and the first of the others decides.
#[derive(Clone)]
pub struct FaultPlan {
    shared: Arc<Shared>,
}

struct Shared {
    operations: &'static [Operation],
    clock: Arc<Clock>,
    live: Mutex<Live>,
}

struct Live {
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

/// What happens to one exchange.
#[derive(Debug, Default)]
pub(crate) struct FaultDecision {
    pub(crate) delay_before: Duration,
    pub(crate) delay_after: Duration,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body_mutations: Vec<BodyMutation>,
    pub(crate) exchange_mutations: Vec<ExchangeMutation>,
    pub(crate) fault: Option<Fault>,
    /// The faults that strike, as the journal shows them.
    pub(crate) name: Option<String>,
}

/// A rule names an operation that the simulated service does not have, so that it could never strike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownOperation {
    selector: String,
    nearest: Option<&'static str>,
}

impl FaultPlan {
    pub(crate) fn new(operations: &'static [Operation], clock: Arc<Clock>, seed: u64) -> Self {
        let live = Live { seed, pushed: 0, latency: Duration::ZERO, outage: None, rules: Vec::new() };
        Self { shared: Arc::new(Shared { operations, clock, live: Mutex::new(live) }) }
    }

    /// Adds a rule behind those that are there. A bare [`Fault`] strikes at every request.
    ///
    /// # Panics
    ///
    /// If no operation of the service matches the rule; see [`try_push`](Self::try_push).
    pub fn push(&self, rule: impl Into<FaultRule>) {
        if let Err(unknown) = self.try_push(rule) {
            panic!("{unknown}");
        }
    }

    /// Adds a rule behind those that are there, or says that no operation of the service matches it.
    pub fn try_push(&self, rule: impl Into<FaultRule>) -> Result<(), UnknownOperation> {
        let rule = rule.into();
        let operations = self.shared.operations;
        let known = operations.iter().any(|operation| rule.matches(Some(operation)));
        if let (Some(selector), false) = (&rule.operation, known) {
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

    /// Delays every exchange, whatever the rules say.
    pub fn set_latency(&self, latency: Duration) {
        lock(&self.shared.live).latency = latency;
    }

    /// Answers every request with 503 until [`end_outage`](Self::end_outage).
    pub fn outage(&self) {
        self.outage_of(Fault::status(503));
    }

    /// Strikes at every request with this fault, whatever the rules say, until [`end_outage`](Self::end_outage).
    pub fn outage_of(&self, fault: Fault) {
        lock(&self.shared.live).outage = Some(fault);
    }

    /// Ends the outage; the rules go on where they were.
    pub fn end_outage(&self) {
        lock(&self.shared.live).outage = None;
    }

    /// The rules that are there, in their order.
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
            let strikes = state.strikes();
            // Rules behind the deciding one still count, so that `nth` means the same in any order of rules.
            if strikes
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
        // Writing to a text cannot fail.
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
    /// Counts a matching call and says whether the rule is due.
    fn strikes(&mut self) -> bool {
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

    /// The fault, unless it is a rate limit with room left.
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
        let left = (self.window_start + window).saturating_sub(now);
        // Rounded up: a caller who comes back earlier would be refused again.
        Some(fault.retry_after(left.as_millis().div_ceil(1000).max(1)))
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

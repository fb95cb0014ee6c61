//! Fault sweep: injects every fault at every request of a scenario.

use std::fmt;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use mft_common::{Outcome, Result};
use mft_simulator::{Exchange, Fault};

use crate::conformance::{every_fault, quick_faults};
use crate::leak_scan::Secrets;
use crate::net::Honeypot;
use crate::{CallFuture, ClientOptions, Provider};

/// A sequence of related calls with at most one write. Every successful run returns the same value.
pub struct Scenario<P: Provider> {
    /// The name in reports.
    pub name: &'static str,
    /// Prepares the state of the service.
    pub prepare: fn(&P),
    /// Starts the calls.
    pub run: fn(&P, P::Client) -> CallFuture,
}

/// The result of a sweep.
#[derive(Debug, Default)]
pub struct SweepReport {
    /// The number of runs with injected faults.
    pub runs: usize,
    /// The failed runs and their problems.
    pub failures: Vec<String>,
}

/// The result of a run without faults.
#[derive(Debug, Clone)]
struct Baseline {
    value: String,
    before: String,
    after: String,
    requests: u64,
}

/// A fault and the number of the request at which it is injected.
type Injection = (&'static str, Fault, u64);

/// Well above the duration of any run with correct timeouts.
const SCENARIO_TIMEOUT: Duration = Duration::from_secs(15);

impl<P: Provider> Scenario<P> {
    /// Runs each scenario with each fault at each of its requests, then with pairs of consecutive faults. Several runs
    /// are concurrent.
    pub async fn sweep(
        scenarios: &[Self],
        faults: &[(&'static str, Fault)],
        pairs: &[(&'static str, Fault)],
    ) -> SweepReport {
        let honeypot = Honeypot::open().await;
        let mut runs = Vec::new();
        for scenario in scenarios {
            let baseline = scenario.baseline().await;
            for position in 1..=baseline.requests {
                let first = |fault: &(&'static str, Fault)| vec![(fault.0, fault.1.clone(), position)];
                runs.extend(faults.iter().map(|fault| (scenario, baseline.clone(), first(fault))));
                for fault in pairs {
                    let second = |next: &(&'static str, Fault)| (next.0, next.1.clone(), position + 1);
                    let both = |next| first(fault).into_iter().chain([second(next)]).collect();
                    runs.extend(pairs.iter().map(|next| (scenario, baseline.clone(), both(next))));
                }
            }
        }
        let count = runs.len();
        let results = futures_util::stream::iter(runs)
            .map(|(scenario, baseline, injections)| async move { scenario.check_run(&baseline, &injections).await })
            .buffer_unordered(16);
        let mut failures: Vec<String> = results.filter_map(async |result| result.err()).collect().await;
        failures
            .extend(honeypot.received().into_iter().map(|received| format!("another origin received {received:?}")));
        SweepReport { runs: count, failures }
    }

    async fn baseline(&self) -> Baseline {
        let provider = P::start().await;
        (self.prepare)(&provider);
        let before = provider.snapshot();
        let client = provider.client(ClientOptions::default());
        let value = (self.run)(&provider, client).await.unwrap_or_else(|error| panic!("{} fails: {error}", self.name));
        let requests = provider.journal().len() as u64;
        Baseline { value, before, after: provider.snapshot(), requests }
    }

    /// Checks one run. It must end with the baseline value and state, or with an accurate error that contains no
    /// secret, before the timeout.
    async fn check_run(&self, baseline: &Baseline, injections: &[Injection]) -> std::result::Result<(), String> {
        let names: Vec<_> = injections.iter().map(|(name, _, position)| format!("{name} at {position}")).collect();
        let failure = |problem: String| Err(format!("{}, {}: {problem}", self.name, names.join(", then ")));
        let provider = P::start().await;
        (self.prepare)(&provider);
        for (_, fault, position) in injections {
            provider.faults().push(fault.clone().always().nth(*position));
        }
        let started = Instant::now();
        let call = (self.run)(&provider, provider.client(ClientOptions::short_timeouts()));
        let Ok(result) = tokio::time::timeout(SCENARIO_TIMEOUT, call).await else {
            return failure(format!("did not end within {:?}", started.elapsed()));
        };
        let after = provider.snapshot();
        let journal = provider.journal();
        let succeeded =
            |name: &str| journal.iter().filter(|one| one.operation == Some(name) && one.succeeded()).count();
        if let Some(repeated) = P::NON_IDEMPOTENT.iter().find(|name| succeeded(name) > 1) {
            return failure(format!("{repeated} was performed twice: {result:?}"));
        }
        let error = match result {
            Ok(value) if value != baseline.value => {
                return failure(format!("returned {value}, expected {}", baseline.value));
            }
            Ok(_) if after != baseline.after => return failure(format!("succeeded, but the state is\n{after}")),
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let agrees = match error.outcome() {
            Outcome::NotDone => after == baseline.before,
            Outcome::Done => after == baseline.after,
            Outcome::Unknown => after == baseline.before || after == baseline.after,
        };
        if !agrees {
            return failure(format!("reports {:?} ({error}), but the state is\n{after}", error.outcome()));
        }
        // A call that failed to get a token sent no request. On a busy machine, a sent request may not have arrived.
        let is_exchange = |one: &Exchange| one.operation.is_some_and(|name| name.contains(".auth."));
        let arrived = !journal.iter().all(is_exchange);
        let uncounted = error.attempts() == 0 && arrived;
        if error.operation().is_none() || uncounted || error.to_string().contains('\n') {
            return failure(format!("incomplete error: {error:?}"));
        }
        match Secrets::new(provider.secrets()).find_in(&crate::leak_scan::error_text(&error)) {
            Some(secret) => failure(format!("shows the secret {secret:?}: {error:?}")),
            None => Ok(()),
        }
    }
}

impl<P: Provider> fmt::Debug for Scenario<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scenario").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Sweeps scenarios with every fault and with pairs of consecutive faults. Fails unless every run is correct.
///
/// Pairs verify that a later attempt does not discard the ambiguity of an earlier one. They exclude 404, because a
/// false 404 for a retried deletion would count as success.
pub async fn assert_every_fault_is_handled<P: Provider>(scenarios: &[Scenario<P>]) {
    let honeypot = Honeypot::open().await;
    let faults = every_fault(honeypot.address(), P::WIRE_FORMAT);
    let pairs = ["reset", "reset after", "reset mid-body", "500 after", "503 with Retry-After", "429", "403", "401"];
    let pairs: Vec<(&str, Fault)> =
        quick_faults(honeypot.address(), P::WIRE_FORMAT).into_iter().filter(|(name, _)| pairs.contains(name)).collect();
    assert_eq!(pairs.len(), 8);

    let report = Scenario::sweep(scenarios, &faults, &pairs).await;

    println!("{} runs, {} passed", report.runs, report.runs - report.failures.len());
    assert!(report.failures.is_empty(), "{} of {}:\n{}", report.failures.len(), report.runs, {
        report.failures.join("\n")
    });
    assert_eq!(honeypot.received(), Vec::<String>::new());
}

/// Scenarios of a provider without preparation. Each has a name, the values that it takes from the provider, and its
/// calls.
///
/// ```no_run
/// let scenarios = mft_tests::scenarios! { mft_tests::Sftptogo:
///     "delete a credential": |sim, client| let id = sim.target.clone(); {
///         client.credentials().delete(&id).await.map(|_| "deleted".to_owned())
///     },
/// };
/// ```
#[macro_export]
macro_rules! scenarios {
    ($provider:ty: $($name:literal: |$sim:ident, $client:ident| $(let $seed:ident = $value:expr;)* $work:block),+ $(,)?) => {
        vec![$($crate::sweep::Scenario::<$provider> {
            name: $name,
            prepare: |_| {},
            run: |$sim, $client| {
                $(let $seed = $value;)*
                $crate::sweep::begin(async move { $work })
            },
        }),+]
    };
}

/// Boxes the future of a scenario.
pub fn begin(work: impl Future<Output = Result<String>> + Send + 'static) -> CallFuture {
    Box::pin(work)
}

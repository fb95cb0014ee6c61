//! Every fault at every wire interaction of a flow of calls.

use std::fmt;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use mft_common::{Outcome, Result};
use mft_simulator::{Exchange, Fault};

use crate::conformance::{every_fault, quick_faults};
use crate::leak::Secrets;
use crate::support::Trap;
use crate::{CallFuture, Provider, Tweaks};

/// Calls that belong together and write once at most. Its value must be the same in every run that succeeds.
pub struct Flow<P: Provider> {
    /// Its name in reports.
    pub name: &'static str,
    /// Brings about what it finds.
    pub prepare: fn(&P),
    /// Begins it.
    pub run: fn(&P, P::Client) -> CallFuture,
}

/// How many runs were made and how many ended as they should.
#[derive(Debug, Default)]
pub struct Figures {
    /// Runs with a fault.
    pub swept: usize,
    /// What is wrong with those that ended otherwise.
    pub failures: Vec<String>,
}

/// What a flow does when nothing goes wrong.
#[derive(Debug, Clone)]
struct Clean {
    value: String,
    before: String,
    after: String,
    interactions: u64,
}

/// A fault and the interaction at which it strikes.
type Strike = (&'static str, Fault, u64);

/// Far above what any run takes whose waits are bounded.
const TIME_LIMIT: Duration = Duration::from_secs(15);

impl<P: Provider> Flow<P> {
    /// Runs the flow with each fault at each of its interactions, then with two faults in a row, some flows at a time.
    pub async fn sweep(flows: &[Self], faults: &[(&'static str, Fault)], pairs: &[(&'static str, Fault)]) -> Figures {
        let trap = Trap::open().await;
        let mut runs = Vec::new();
        for flow in flows {
            let clean = flow.clean().await;
            for place in 1..=clean.interactions {
                let first = |fault: &(&'static str, Fault)| vec![(fault.0, fault.1.clone(), place)];
                runs.extend(faults.iter().map(|fault| (flow, clean.clone(), first(fault))));
                for fault in pairs {
                    let second = |next: &(&'static str, Fault)| (next.0, next.1.clone(), place + 1);
                    let both = |next| first(fault).into_iter().chain([second(next)]).collect();
                    runs.extend(pairs.iter().map(|next| (flow, clean.clone(), both(next))));
                }
            }
        }
        let swept = runs.len();
        let results = futures_util::stream::iter(runs)
            .map(|(flow, clean, strikes)| async move { flow.judge(&clean, &strikes).await })
            .buffer_unordered(16);
        let mut failures: Vec<String> = results.filter_map(async |result| result.err()).collect().await;
        failures.extend(trap.caught().into_iter().map(|caught| format!("another origin received {caught:?}")));
        Figures { swept, failures }
    }

    async fn clean(&self) -> Clean {
        let provider = P::start().await;
        (self.prepare)(&provider);
        let before = provider.snapshot();
        let client = provider.client(Tweaks::default());
        let value = (self.run)(&provider, client).await.unwrap_or_else(|error| panic!("{} fails: {error}", self.name));
        let interactions = provider.journal().len() as u64;
        Clean { value, before, after: provider.snapshot(), interactions }
    }

    /// Either the clean value and state, or a typed error that tells the truth, without a secret and in time.
    async fn judge(&self, clean: &Clean, strikes: &[Strike]) -> std::result::Result<(), String> {
        let names: Vec<_> = strikes.iter().map(|(name, _, place)| format!("{name} at {place}")).collect();
        let failure = |problem: String| Err(format!("{}, {}: {problem}", self.name, names.join(", then ")));
        let provider = P::start().await;
        (self.prepare)(&provider);
        for (_, fault, place) in strikes {
            provider.faults().push(fault.clone().always().nth(*place));
        }
        let started = Instant::now();
        let call = (self.run)(&provider, provider.client(Tweaks::impatient()));
        let Ok(result) = tokio::time::timeout(TIME_LIMIT, call).await else {
            return failure(format!("did not end within {:?}", started.elapsed()));
        };
        let after = provider.snapshot();
        let journal = provider.journal();
        let done = |name: &str| journal.iter().filter(|one| one.operation == Some(name) && one.succeeded()).count();
        if let Some(twice) = P::UNREPEATABLE.iter().find(|name| done(name) > 1) {
            return failure(format!("{twice} was done twice: {result:?}"));
        }
        let error = match result {
            Ok(value) if value != clean.value => return failure(format!("gave {value}, not {}", clean.value)),
            Ok(_) if after != clean.after => return failure(format!("succeeded, but the state is\n{after}")),
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        let agrees = match error.outcome() {
            Outcome::NotDone => after == clean.before,
            Outcome::Done => after == clean.after,
            Outcome::Unknown => after == clean.before || after == clean.after,
        };
        if !agrees {
            return failure(format!("says {:?} ({error}), but the state is\n{after}", error.outcome()));
        }
        // A call that waited in vain for a token was not sent. On a busy machine what was sent may not have arrived.
        let is_exchange = |one: &Exchange| one.operation.is_some_and(|name| name.contains(".auth."));
        let arrived = !journal.iter().all(is_exchange);
        let uncounted = error.attempts() == 0 && arrived;
        if error.operation().is_none() || uncounted || error.to_string().contains('\n') {
            return failure(format!("is not a whole error: {error:?}"));
        }
        match Secrets::new(provider.secrets()).find_in(&crate::leak::everything(&error)) {
            Some(secret) => failure(format!("shows the secret {secret:?}: {error:?}")),
            None => Ok(()),
        }
    }
}

impl<P: Provider> fmt::Debug for Flow<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Sweeps flows with every fault, and with two in a row, and fails unless all of them end as they should.
///
/// Two in a row: what an earlier attempt left in doubt must not be forgotten by a later one. No 404 among them: said of
/// what is there, to the repeat of a deletion, it would be a lie.
pub async fn all_end_in_the_clean_result_or_in_a_true_error<P: Provider>(flows: &[Flow<P>]) {
    let trap = Trap::open().await;
    let faults = every_fault(trap.address(), P::WIRE);
    let pairs = ["reset", "reset after", "reset mid-body", "500 after", "503 with Retry-After", "429", "403", "401"];
    let pairs: Vec<(&str, Fault)> =
        quick_faults(trap.address(), P::WIRE).into_iter().filter(|(name, _)| pairs.contains(name)).collect();
    assert_eq!(pairs.len(), 8);

    let figures = Flow::sweep(flows, &faults, &pairs).await;

    println!("swept {}, passing {}", figures.swept, figures.swept - figures.failures.len());
    assert!(figures.failures.is_empty(), "{} of {}:\n{}", figures.failures.len(), figures.swept, {
        figures.failures.join("\n")
    });
    assert_eq!(trap.caught(), Vec::<String>::new());
}

/// Flows of a provider that need no preparation: each has a name, what it takes from the provider, and its calls.
///
/// ```no_run
/// let flows = mft_tests::flows! { mft_tests::Sftptogo:
///     "delete a credential": |sim, client| let id = sim.target.clone(); {
///         client.credentials().delete(&id).await.map(|_| "deleted".to_owned())
///     },
/// };
/// ```
#[macro_export]
macro_rules! flows {
    ($provider:ty: $($name:literal: |$sim:ident, $client:ident| $(let $seed:ident = $value:expr;)* $work:block),+ $(,)?) => {
        vec![$($crate::sweep::Flow::<$provider> {
            name: $name,
            prepare: |_| {},
            run: |$sim, $client| {
                $(let $seed = $value;)*
                $crate::sweep::begin(async move { $work })
            },
        }),+]
    };
}

/// For flows: begins one from a future.
pub fn begin(work: impl Future<Output = Result<String>> + Send + 'static) -> CallFuture {
    Box::pin(work)
}

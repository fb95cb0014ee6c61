//! What the caller is told, compared with what has happened, under every fault.

use std::time::{Duration, Instant};

use mft_common::Outcome;
use mft_simulator::Fault;

use super::{assert_typed, every_fault, quick_faults, side_by_side};
use crate::leak::{Secrets, everything};
use crate::support::{Trap, eventually};
use crate::{Act, Provider, Tweaks};

fn cases<P: Provider>(trap: &Trap, acts: &[Act]) -> Vec<(Act, &'static str, Fault)> {
    let faults = every_fault(trap.address(), P::WIRE);
    P::acts(acts).flat_map(|act| faults.iter().map(move |(name, fault)| (act, *name, fault.clone()))).collect()
}

/// What must not be sent twice is not, even if the fault goes away after the first attempt.
pub async fn a_never_call_is_processed_at_most_once_under_every_fault<P: Provider>() {
    let trap = Trap::open().await;
    side_by_side(cases::<P>(&trap, &[Act::Never]), async |(act, name, fault)| {
        let provider = P::start().await;
        provider.faults().push(fault.on(P::operation(act).expect(name)).once());
        let result = provider.act(&provider.client(Tweaks::impatient()), act).await;
        // None, where a busy machine used up the time before the request arrived.
        assert!(provider.requests(act) <= 1, "{name}: {result:?}");
        if let Err(error) = &result
            && error.outcome() == Outcome::Unknown
        {
            // The service may still be at it; afterwards it has been done once at most.
            eventually(Duration::from_millis(900), || provider.carried_out(act) > 0).await;
            assert!(provider.carried_out(act) <= 1, "{name}: {error}");
        } else {
            provider.assert_truth(act, &result, name);
        }
    })
    .await;
}

/// The same for all calls, whether the fault stays or passes.
pub async fn every_outcome_is_true_under_every_fault<P: Provider>() {
    let trap = Trap::open().await;
    side_by_side(cases::<P>(&trap, &Act::ALL), async |(act, name, fault)| {
        for passes in [true, false] {
            let case = format!("{act:?}, {name}, passes: {passes}");
            let provider = P::start().await;
            let rule = fault.clone().on(P::operation(act).expect(name));
            provider.faults().push(if passes { rule.once() } else { rule });
            let started = Instant::now();
            let result = provider.act(&provider.client(Tweaks::impatient()), act).await;
            assert!(started.elapsed() < Duration::from_secs(12), "{case}: {:?}", started.elapsed());
            provider.assert_truth(act, &result, &case);
            if !act.is_repeatable() {
                assert!(provider.carried_out(act) <= 1, "{case}");
            }
        }
    })
    .await;
    assert_eq!(trap.caught(), Vec::<String>::new());
}

/// An error says which call, how many requests, and no secret; the journal agrees.
pub async fn errors_name_operation_attempts_and_no_secret<P: Provider>() {
    let trap = Trap::open().await;
    let quick: Vec<_> = quick_faults(trap.address(), P::WIRE).into_iter().map(|(name, _)| name).collect();
    side_by_side(cases::<P>(&trap, &Act::ALL), async |(act, name, fault)| {
        let case = format!("{act:?}, {name}");
        let operation = P::operation(act).expect(name);
        let provider = P::start().await;
        provider.faults().push(fault.on(operation));
        // Where time runs out, it may do so before the request has arrived.
        let (tweaks, exact) =
            if quick.contains(&name) { (Tweaks::default(), true) } else { (Tweaks::impatient(), false) };
        if let Err(error) = provider.act(&provider.client(tweaks), act).await {
            assert_typed(&error, operation, &case);
            let (attempts, requests) = (error.attempts() as usize, provider.requests(act));
            assert!(requests == attempts || (requests < attempts && !exact), "{case}: {requests} requests, {error}");
            assert!(operation.starts_with(P::NAME), "{case}");
            Secrets::new(provider.secrets()).assert_silent(&error);
            // Ids and queries do not belong into logs either.
            let (text, journal) = (everything(&error), provider.journal());
            let shown = journal.iter().map(|exchange| exchange.path.as_str()).find(|path| text.contains(path));
            assert_eq!(shown, None, "{case}: {text}");
        }
    })
    .await;
}

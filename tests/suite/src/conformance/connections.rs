//! Connections that break, stall or never come about.

use std::time::{Duration, Instant};

use mft_common::{ErrorKind, Outcome, RetryPolicy};
use mft_simulator::Fault;

use super::side_by_side;
use crate::support::Gate;
use crate::{Act, Provider, Tweaks};

/// The connection breaks before the service does anything.
pub async fn connection_lost_before_processing<P: Provider>() {
    lost::<P>(Fault::reset(), 0).await;
}

/// The connection breaks when the service has done its work.
pub async fn connection_lost_after_processing<P: Provider>() {
    lost::<P>(Fault::reset().after_processing(), 1).await;
}

async fn lost<P: Provider>(fault: Fault, done: usize) {
    for act in P::acts(&Act::ALL) {
        let provider = P::start().await;
        let client = provider.client(Tweaks::default());
        provider.faults().push(fault.clone().on(P::operation(act).expect("known")).once());
        let result = provider.act(&client, act).await;
        provider.assert_truth(act, &result, &format!("{act:?}"));
        if act.is_repeatable() {
            assert!(result.is_ok(), "{act:?}: {result:?}");
            assert_eq!(provider.requests(act), 2, "{act:?}");
        } else {
            let error = result.expect_err("not repeated");
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Interrupted, Outcome::Unknown), "{act:?}: {error}");
            assert!(error.is_ambiguous() && error.is_transient(), "{act:?}: {error}");
            assert_eq!((provider.requests(act), error.attempts()), (1, 1), "{act:?}: {error}");
            assert_eq!(provider.times_done(act), done, "{act:?}");
        }
    }
}

/// Where no connection can be made nothing was sent, so that everything may be tried again.
pub async fn connection_refused_and_then_accepted<P: Provider>() {
    side_by_side(P::acts(&Act::ALL).collect(), async |act| {
        let provider = P::start().await;
        let mut gate = Gate::closed().await;
        let retry = RetryPolicy::new().max_attempts(25).base_delay(Duration::from_millis(60));
        let client = provider.client(Tweaks {
            base_url: Some(format!("http://{}", gate.address())),
            retry: retry.max_delay(Duration::from_millis(60)),
            ..Tweaks::default()
        });
        let opens = async {
            tokio::time::sleep(Duration::from_millis(80)).await;
            gate.open(provider.address()).await;
        };
        let (result, ()) = tokio::join!(provider.act(&client, act), opens);
        assert!(result.is_ok(), "{act:?}: {result:?}");
        provider.assert_truth(act, &result, &format!("{act:?}"));
        assert_eq!(provider.requests(act), 1, "{act:?}");
    })
    .await;
}

/// Three attempts, and the certainty that nothing has happened.
pub async fn connection_refused_for_ever<P: Provider>() {
    let provider = P::start().await;
    let gate = Gate::closed().await;
    let base_url = Some(format!("http://{}", gate.address()));
    let client = provider.client(Tweaks { base_url, ..Tweaks::default() });
    for act in P::acts(&Act::ALL) {
        let error = provider.act(&client, act).await.expect_err("nobody is there");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone), "{act:?}: {error}");
        assert_eq!((error.attempts(), error.is_transient()), (3, true), "{act:?}: {error}");
    }
    assert_eq!(provider.journal().len(), 0);
}

/// A name with a dead and a live address.
pub async fn the_second_address_is_tried<P: Provider>() {
    let provider = P::start().await;
    let (gate, live) = (Gate::closed().await, provider.address());
    let dead = (gate.address().ip(), live.port()).into();
    let client = provider.client(Tweaks {
        base_url: Some(format!("http://two-addresses.test:{}", live.port())),
        resolve: Some(("two-addresses.test".into(), vec![dead, live])),
        ..Tweaks::default()
    });
    provider.act(&client, Act::Read).await.expect("the second address lives");
    assert_eq!(provider.requests(Act::Read), 1);
}

/// The server says that it keeps the connection and closes it: the next request meets it somewhere on its way.
pub async fn a_connection_that_closed_while_idle_loses_nothing<P: Provider>() {
    let provider = P::start().await;
    let client = provider.client(Tweaks::default());
    provider.faults().push(Fault::close_after_reply().always());
    let (mut certain, mut doubtful) = (0, 0);
    for round in 0..30 {
        provider.act(&client, Act::Read).await.unwrap_or_else(|error| panic!("read {round}: {error}"));
        match provider.act(&client, Act::Create).await {
            Ok(_) => certain += 1,
            Err(error) if error.outcome() == Outcome::Unknown => doubtful += 1,
            Err(error) => assert_eq!(error.outcome(), Outcome::NotDone, "create {round}: {error}"),
        }
    }
    let done = provider.times_done(Act::Create);
    assert!((certain..=certain + doubtful).contains(&done), "{done} done, {certain} certain, {doubtful} doubtful");
}

/// A server that takes the request and says nothing.
pub async fn a_stalled_server_meets_the_attempt_limit<P: Provider>() {
    for (done, fault) in [(0, Fault::stall()), (1, Fault::stall().after_processing())] {
        side_by_side(P::acts(&Act::ALL).collect(), async |act| {
            let provider = P::start().await;
            provider.faults().push(fault.clone().on(P::operation(act).expect("known")));
            let started = Instant::now();
            let error = provider.act(&provider.client(Tweaks::impatient()), act).await.expect_err("silence");
            assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, None), "{act:?}: {error}");
            let attempts = if act.is_repeatable() { 3 } else { 1 };
            assert_eq!(error.attempts() as usize, attempts, "{act:?}: {error}");
            // On a busy machine the time may run out before the request has arrived.
            assert!(provider.requests(act) <= attempts, "{act:?}: {error}");
            let limit = Duration::from_millis(500) * u32::try_from(attempts).expect("few");
            assert!(started.elapsed() >= limit && started.elapsed() < limit * 6, "{act:?}: {:?}", started.elapsed());
            let told = if act.changes_something() { Outcome::Unknown } else { Outcome::NotDone };
            assert_eq!(error.outcome(), told, "{act:?}: {error}");
            assert!(provider.times_done(act) <= done, "{act:?}");
        })
        .await;
    }
}

/// A head, and then silence: what it announced has happened.
pub async fn a_reply_that_stops_meets_the_attempt_limit<P: Provider>() {
    side_by_side(P::acts(&Act::ALL).collect(), async |act| {
        let provider = P::start().await;
        provider.faults().push(Fault::drip(1, Duration::from_secs(9)).on(P::operation(act).expect("known")).once());
        let tweaks = Tweaks { attempt_timeout: Duration::from_millis(1_500), ..Tweaks::default() };
        let result = provider.act(&provider.client(tweaks), act).await;
        provider.assert_truth(act, &result, &format!("{act:?}"));
        if act.is_repeatable() {
            assert!(result.is_ok(), "{act:?}: {result:?}");
        } else {
            let error = result.expect_err("silence");
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::Done), "{act:?}: {error}");
            assert_eq!(provider.requests(act), 1, "{act:?}");
        }
    })
    .await;
}

/// A slow reply within the limit is a reply.
pub async fn slow_drip<P: Provider>() {
    let provider = P::start().await;
    provider.faults().push(Fault::drip(16, Duration::from_millis(2)).always());
    let client = provider.client(Tweaks::default());
    for act in P::acts(&[Act::Read, Act::List, Act::Create]) {
        let result = provider.act(&client, act).await;
        assert!(result.is_ok(), "{act:?}: {result:?}");
        provider.assert_truth(act, &result, &format!("{act:?}"));
        assert_eq!(provider.requests(act), 1, "{act:?}");
    }
}

/// Nothing is sent to a server whose certificate is of no authority that the application named, or for another name.
pub async fn a_certificate_is_believed_from_a_known_authority_and_for_its_name_only<P: Provider>() {
    let (provider, another) = (P::start_with_tls().await, P::start_with_tls().await);
    let (authority, other) = (provider.authority(), another.authority());
    let trusting = |pem: &str| Tweaks { root_certificate: Some(pem.to_owned()), ..Tweaks::default() };
    let other_name = Tweaks {
        base_url: Some(format!("https://another-name.test:{}", provider.address().port())),
        resolve: Some(("another-name.test".into(), vec![provider.address()])),
        ..trusting(&authority)
    };
    for (case, tweaks) in [
        ("an unknown authority", Tweaks::default()),
        ("another authority", trusting(&other)),
        ("another name", other_name),
    ] {
        for act in P::acts(&Act::ALL) {
            let error = provider.act(&provider.client(tweaks.clone()), act).await.expect_err(case);
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Connect, Outcome::NotDone), "{case}: {error}");
        }
    }
    assert_eq!(provider.journal().len(), 0, "a request went to a server that is not believed");
    provider.act(&provider.client(trusting(&authority)), Act::Read).await.expect("the authority was named");
}

//! Many calls, dropped calls, and a service that is down.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mft_common::RetryPolicy;
use mft_simulator::Fault;
use tokio::runtime::Handle;

use crate::support::eventually;
use crate::{Act, Provider, Spy, Tweaks};

/// When a service is down, its clients stop adding load; a lone caller keeps its attempts, and they come back.
pub async fn an_outage_with_300_concurrent_calls_costs_at_most_330_requests<P: Provider>() {
    let provider = P::start().await;
    let usual = Tweaks { retry: RetryPolicy::new(), ..Tweaks::default() };
    let client = provider.client(usual.clone());
    provider.faults().outage();
    let results = join_all((0..300).map(|_| provider.act(&client, Act::Read))).await;
    assert!(results.iter().all(Result::is_err));
    let requests = provider.journal().len();
    assert!((300..=330).contains(&requests), "{requests} requests");
    let told: u32 = results.iter().filter_map(|result| result.as_ref().err()).map(mft_common::Error::attempts).sum();
    assert_eq!(told as usize, requests, "the errors tell another number of attempts");

    let error = provider.act(&provider.client(usual), Act::Read).await.expect_err("the service is still down");
    assert_eq!(error.attempts(), 3, "a single call on a fresh client: {error}");

    provider.faults().end_outage();
    let (started, operation) = (Instant::now(), P::operation(Act::Read).expect("a read"));
    loop {
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        provider.faults().push(Fault::status(503).on(operation).once());
        let before = provider.requests(Act::Read);
        let result = provider.act(&client, Act::Read).await;
        if result.is_ok() && provider.requests(Act::Read) == before + 2 {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "no retry after the outage: {result:?}");
    }
}

/// Wherever a call is dropped: nothing goes on, nothing is held, and the client is as good as before.
///
/// Counts the tasks of the whole runtime, so it must not share it.
pub async fn dropping_a_call_leaves_nothing<P: Provider>() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let provider = P::start().await;
    let client = provider.client(Tweaks { permits: 3, ..Tweaks::default() });
    provider.faults().set_latency(Duration::from_millis(6));
    for act in P::acts(&[Act::Read, Act::List, Act::Create, Act::Change, Act::Never]) {
        for polls in 0..24 {
            let mut call = provider.act(&client, act);
            for _ in 0..polls {
                if poll_once(call.as_mut()).await {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(call);
            assert_eq!(P::free_permits(&client), 3, "{act:?} after {polls} polls");
        }
        for millis in [1, 2, 4, 6, 8, 12] {
            // The value and whether it came in time are equally good.
            let _ = tokio::time::timeout(Duration::from_millis(millis), provider.act(&client, act)).await;
            assert_eq!(P::free_permits(&client), 3, "{act:?} after {millis} ms");
        }
    }
    let call = provider.act(&client, Act::Read).await;
    assert!(call.is_ok(), "the next call: {call:?}");
    // One that waits for its turn, and one that waits to try again.
    provider.faults().push(Fault::status(503).retry_after(20).always());
    for _ in 0..5 {
        let waiting = (0..6).map(|_| provider.act(&client, Act::Read));
        let _ = tokio::time::timeout(Duration::from_millis(15), join_all(waiting)).await;
        assert_eq!(P::free_permits(&client), 3);
    }
    provider.faults().clear();
    provider.act(&client, Act::Read).await.expect("the next call");
    drop(client);
    let gone = eventually(Duration::from_secs(5), || alive() == before).await;
    assert!(gone, "{} tasks outlive the client, {before} were there before it", alive());
}

/// Polls once and says whether that was the end.
async fn poll_once(mut call: Pin<&mut (impl Future + ?Sized)>) -> bool {
    std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await
}

/// A permit is for what is under way, and not for waiting.
pub async fn a_call_that_waits_to_try_again_lets_others_go_ahead<P: Provider>() {
    let provider = P::start().await;
    let client = provider.client(Tweaks { permits: 1, ..Tweaks::default() });
    let wait = Fault::status(503).retry_after(2);
    provider.faults().push(wait.on(P::operation(Act::List).expect("a list")).once());
    let waits = async {
        provider.act(&client, Act::List).await.expect("the second attempt");
        Instant::now()
    };
    let goes_ahead = async {
        assert!(eventually(Duration::from_secs(10), || provider.requests(Act::List) == 1).await);
        provider.act(&client, Act::Read).await.expect("nothing in its way");
        Instant::now()
    };
    let (waited, went_ahead) = tokio::join!(waits, goes_ahead);
    // Behind the other call's wait it would end shortly before that call.
    let ahead = waited.saturating_duration_since(went_ahead);
    assert!(ahead > Duration::from_secs(1), "the call stood behind one that was doing nothing: {ahead:?}");
}

/// A thousand tasks share a client with eight permits: all get through, about in the order in which they came.
pub async fn a_thousand_calls_through_eight_permits<P: Provider>() {
    let provider = P::start().await;
    let spy = Spy::default();
    let client = provider.client(Tweaks { permits: 8, spy: Some(spy.clone()), ..Tweaks::default() });
    provider.faults().set_latency(Duration::from_millis(1));
    let finished = Arc::new(Mutex::new(Vec::new()));
    let tasks = (0..1_000).map(|number| {
        let (call, finished) = (provider.act(&client, Act::Read), Arc::clone(&finished));
        tokio::spawn(async move {
            let result = call.await;
            finished.lock().expect("nobody panics in here").push(number);
            result
        })
    });
    let results = tokio::time::timeout(Duration::from_secs(30), join_all(tasks)).await.expect("a deadlock");
    assert!(results.into_iter().all(|task| task.is_ok_and(|result| result.is_ok())));
    assert_eq!(provider.requests(Act::Read), 1_000);
    assert_eq!((spy.peak(), P::free_permits(&client)), (8, 8));
    let finished = finished.lock().expect("nobody panics in here");
    let overtaken = finished.iter().enumerate().map(|(place, number): (usize, &usize)| place.abs_diff(*number)).max();
    assert!(overtaken < Some(100), "a call was overtaken by {overtaken:?} others");
}

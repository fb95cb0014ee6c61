//! Many concurrent calls, dropped calls, and an outage of the service.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use mft_common::RetryPolicy;
use mft_simulator::Fault;
use tokio::runtime::Handle;

use crate::runtime::wait_until;
use crate::{AttemptRecorder, CallKind, ClientOptions, Provider};

/// During an outage, the retry budget stops retries. A single caller keeps its attempts, and retries resume after the
/// outage.
pub async fn retry_budget_limits_requests_during_an_outage<P: Provider>() {
    let provider = P::start().await;
    let usual = ClientOptions { retry: RetryPolicy::new(), ..ClientOptions::default() };
    let client = provider.client(usual.clone());
    provider.faults().outage();
    let results = join_all((0..300).map(|_| provider.call(&client, CallKind::Read))).await;
    assert!(results.iter().all(Result::is_err));
    let requests = provider.journal().len();
    assert!((300..=330).contains(&requests), "{requests} requests");
    let attempts: u32 =
        results.iter().filter_map(|result| result.as_ref().err()).map(mft_common::Error::attempts).sum();
    assert_eq!(attempts as usize, requests, "the errors count a different number of attempts");

    let error = provider.call(&provider.client(usual), CallKind::Read).await.expect_err("the service is still down");
    assert_eq!(error.attempts(), 3, "a single call on a fresh client: {error}");

    provider.faults().end_outage();
    let (started, operation) = (Instant::now(), P::operation(CallKind::Read).expect("a read"));
    loop {
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        provider.faults().push(Fault::status(503).on(operation).once());
        let before = provider.requests(CallKind::Read);
        let result = provider.call(&client, CallKind::Read).await;
        if result.is_ok() && provider.requests(CallKind::Read) == before + 2 {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "no retry after the outage: {result:?}");
    }
}

/// A call can be dropped at any point. It sends nothing more, holds no permit, and the client stays usable.
///
/// Counts the tasks of the whole runtime, so each test needs its own runtime.
pub async fn dropped_calls_release_all_resources<P: Provider>() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let provider = P::start().await;
    let client = provider.client(ClientOptions { permits: 3, ..ClientOptions::default() });
    provider.faults().set_latency(Duration::from_millis(6));
    for call in
        P::supported(&[CallKind::Read, CallKind::List, CallKind::Create, CallKind::Change, CallKind::NeverRetry])
    {
        for polls in 0..24 {
            let mut future = provider.call(&client, call);
            for _ in 0..polls {
                if poll_once(future.as_mut()).await {
                    break;
                }
                tokio::task::yield_now().await;
            }
            drop(future);
            assert_eq!(P::free_permits(&client), 3, "{call:?} after {polls} polls");
        }
        for millis in [1, 2, 4, 6, 8, 12] {
            // The call may succeed or time out.
            let _ = tokio::time::timeout(Duration::from_millis(millis), provider.call(&client, call)).await;
            assert_eq!(P::free_permits(&client), 3, "{call:?} after {millis} ms");
        }
    }
    let result = provider.call(&client, CallKind::Read).await;
    assert!(result.is_ok(), "the next call: {result:?}");
    // One call waits for a permit, and one waits for its next attempt.
    provider.faults().push(Fault::status(503).retry_after(20).always());
    for _ in 0..5 {
        let waiting = (0..6).map(|_| provider.call(&client, CallKind::Read));
        let _ = tokio::time::timeout(Duration::from_millis(15), join_all(waiting)).await;
        assert_eq!(P::free_permits(&client), 3);
    }
    provider.faults().clear();
    provider.call(&client, CallKind::Read).await.expect("the next call");
    drop(client);
    let released = wait_until(Duration::from_secs(5), || alive() == before).await;
    assert!(released, "{} tasks outlive the client, {before} existed before", alive());
}

/// Polls once. Returns whether the future is ready.
async fn poll_once(mut call: Pin<&mut (impl Future + ?Sized)>) -> bool {
    std::future::poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await
}

/// A call holds its permit during an attempt, not during backoff.
pub async fn backoff_does_not_hold_a_permit<P: Provider>() {
    let provider = P::start().await;
    let client = provider.client(ClientOptions { permits: 1, ..ClientOptions::default() });
    let wait = Fault::status(503).retry_after(2);
    provider.faults().push(wait.on(P::operation(CallKind::List).expect("a list")).once());
    let first_call = async {
        provider.call(&client, CallKind::List).await.expect("the second attempt");
        Instant::now()
    };
    let second_call = async {
        assert!(wait_until(Duration::from_secs(10), || provider.requests(CallKind::List) == 1).await);
        provider.call(&client, CallKind::Read).await.expect("a free permit");
        Instant::now()
    };
    let (first_end, second_end) = tokio::join!(first_call, second_call);
    // If the call had waited for the other one, it would finish shortly before it.
    let ahead = first_end.saturating_duration_since(second_end);
    assert!(ahead > Duration::from_secs(1), "the call waited for a call in backoff: {ahead:?}");
}

/// A thousand tasks share a client with eight permits. All of them succeed, roughly in FIFO order.
pub async fn thousand_calls_share_eight_permits_fairly<P: Provider>() {
    let provider = P::start().await;
    let recorder = AttemptRecorder::default();
    let client =
        provider.client(ClientOptions { permits: 8, recorder: Some(recorder.clone()), ..ClientOptions::default() });
    provider.faults().set_latency(Duration::from_millis(1));
    let finished = Arc::new(Mutex::new(Vec::new()));
    let tasks = (0..1_000).map(|number| {
        let (call, finished) = (provider.call(&client, CallKind::Read), Arc::clone(&finished));
        tokio::spawn(async move {
            let result = call.await;
            finished.lock().expect("lock is not poisoned").push(number);
            result
        })
    });
    let results = tokio::time::timeout(Duration::from_secs(30), join_all(tasks)).await.expect("a deadlock");
    assert!(results.into_iter().all(|task| task.is_ok_and(|result| result.is_ok())));
    assert_eq!(provider.requests(CallKind::Read), 1_000);
    assert_eq!((recorder.peak(), P::free_permits(&client)), (8, 8));
    let finished = finished.lock().expect("lock is not poisoned");
    let overtaken = finished.iter().enumerate().map(|(place, number): (usize, &usize)| place.abs_diff(*number)).max();
    assert!(overtaken < Some(100), "{overtaken:?} calls overtook another call");
}

//! Single-flight token exchange, with the mock transport and paused time.

mod support;

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::StatusCode;
use mft_common::provider::{Auth, Pipeline, Token, TokenExchange};
use mft_common::testing::MockTransport;
use mft_common::transport::{Request, Response, Transport};
use mft_common::{Error, ErrorKind, Outcome, Result, Secret};
use tokio::time::{Instant, timeout};

use support::{build_with, call, printed, reply, seconds, settings};

/// The behavior of the exchanges in sequence. The last one is repeated.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Give,
    GiveFor(u64),
    GiveUnsendable,
    Fail(u16),
    RefuseConnection,
    Hang,
    Panic,
}

struct Exchange {
    plan: Vec<Does>,
    takes: Duration,
    started: Arc<AtomicU32>,
    /// Counts exchanges that completed or were dropped.
    ended: Arc<AtomicU32>,
}

struct OnDrop(Arc<AtomicU32>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl TokenExchange for Exchange {
    async fn exchange(&self) -> Result<Token> {
        let _ended = OnDrop(self.ended.clone());
        let number = self.started.fetch_add(1, SeqCst);
        tokio::time::sleep(self.takes).await;
        let token = Token::new(format!("token-{}", number + 1));
        match self.plan.get(number as usize).or(self.plan.last()).unwrap() {
            Does::Give => Ok(token),
            Does::GiveFor(lifetime) => Ok(token.lives_for(seconds(*lifetime))),
            Does::GiveUnsendable => Ok(Token::new("token\r\nhunter2")),
            Does::Fail(status) => {
                let pipeline = support::client(&MockTransport::new().reply(*status, &[], "sorry"));
                call(&pipeline).non_idempotent().json::<String>().no_retry().await.map(Token::new)
            }
            Does::RefuseConnection => Err(Error::connect(std::io::Error::other("down"))),
            Does::Hang => std::future::pending().await,
            Does::Panic => panic!("the exchange panics as the test wants it"),
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        vec![Secret::new("long-lived-key")]
    }
}

/// Accepts the latest token, and rejects and echoes all others.
#[derive(Clone, Default)]
struct Service(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    accepts: Option<&'static str>,
    took: Duration,
    tokens: Vec<String>,
}

impl Service {
    fn accepting(token: &'static str) -> Self {
        let service = Self::default();
        service.accept(token);
        service
    }

    fn accept(&self, token: &'static str) {
        self.0.lock().unwrap().accepts = Some(token);
    }

    fn tokens(&self) -> Vec<String> {
        self.0.lock().unwrap().tokens.clone()
    }
}

impl Transport for Service {
    async fn send(&self, request: Request) -> Result<Response> {
        let header = request.headers()["authorization"].to_str().unwrap().to_owned();
        let token = header.strip_prefix("Bearer ").unwrap().to_owned();
        assert!(request.headers()["authorization"].is_sensitive());
        let (accepted, took) = {
            let mut seen = self.0.lock().unwrap();
            seen.tokens.push(token.clone());
            (seen.accepts == Some(token.as_str()), seen.took)
        };
        tokio::time::sleep(took).await;
        let words = Bytes::from(format!("{token} of long-lived-key is refused"));
        Ok(if accepted { reply(200, "1") } else { reply(StatusCode::UNAUTHORIZED.as_u16(), words) })
    }
}

struct Bench {
    pipeline: Pipeline,
    started: Arc<AtomicU32>,
    ended: Arc<AtomicU32>,
}

impl Bench {
    fn new(service: &Service, plan: &[Does], takes: Duration) -> Self {
        Self::with_permits(service, plan, takes, 1_000)
    }

    fn with_permits(service: &Service, plan: &[Does], takes: Duration, permits: usize) -> Self {
        let (started, ended) = (Arc::default(), Arc::default());
        let exchange =
            Exchange { plan: plan.to_vec(), takes, started: Arc::clone(&started), ended: Arc::clone(&ended) };
        let mut settings = settings(service.clone());
        settings.max_concurrent_calls(permits);
        let pipeline = build_with(settings, |base| Auth::token_exchange(exchange, None, vec![base.origin().clone()]));
        Self { pipeline: pipeline.unwrap(), started, ended }
    }

    fn exchanges(&self) -> u32 {
        self.started.load(SeqCst)
    }

    async fn call(&self) -> Result<u8> {
        call(&self.pipeline).non_idempotent().json::<u8>().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_with_an_expired_token_share_one_exchange() {
    // With fewer permits than calls, the waiting calls start with the new token.
    for (permits, requests) in [(1_000, 200), (64, 164)] {
        let service = Service::accepting("token-1");
        let bench = Bench::with_permits(&service, &[Does::Give], seconds(1), permits);
        bench.call().await.unwrap();
        service.0.lock().unwrap().took = Duration::from_millis(50);
        service.accept("token-2");
        let results =
            join_all((0..100).map(|_| call(&bench.pipeline).non_idempotent().json::<u8>().with_response())).await;
        assert!(results.iter().all(|reply| reply.as_ref().unwrap().attempts <= 2));
        assert_eq!((bench.exchanges(), service.tokens().len()), (2, 1 + requests));
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_exchange_is_shared_and_delays_the_next_one() {
    for (failure, kind, transient) in [
        (Does::Fail(401), ErrorKind::Auth, false),
        (Does::Fail(404), ErrorKind::Auth, false),
        (Does::Fail(422), ErrorKind::Auth, false),
        (Does::Fail(500), ErrorKind::Server, true),
        (Does::Fail(429), ErrorKind::RateLimited, true),
        (Does::RefuseConnection, ErrorKind::Connect, true),
        (Does::GiveUnsendable, ErrorKind::Auth, false),
        (Does::Panic, ErrorKind::Auth, false),
    ] {
        let service = Service::accepting("token-2");
        let bench = Bench::new(&service, &[failure, Does::Give], seconds(1));
        let started = Instant::now();
        let errors = join_all((0..100).map(|_| bench.call())).await;
        assert_eq!((bench.exchanges(), started.elapsed()), (1, seconds(1)));
        for error in errors.into_iter().map(Result::unwrap_err) {
            assert_eq!((error.kind(), error.is_transient()), (kind, transient), "{error}");
            // The call itself was not sent.
            assert_eq!(
                (error.outcome(), error.attempts(), error.operation()),
                (Outcome::NotDone, 0, Some("parcels.send"))
            );
            assert!(!printed(&error).contains("hunter2"));
        }
        assert!(service.tokens().is_empty());
        bench.call().await.unwrap();
        assert_eq!((bench.exchanges(), started.elapsed()), (2, seconds(1 + 1 + 1)));
        assert_eq!(bench.pipeline.free_permits(), 1_000);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_exchange_times_out() {
    let bench = Bench::new(&Service::default(), &[Does::Hang], Duration::ZERO);
    let started = Instant::now();
    let error = bench.call().await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::Auth, seconds(30)));
    assert_eq!((bench.exchanges(), bench.ended.load(SeqCst)), (1, 1));
}

#[test]
fn an_exchange_on_a_stopped_runtime_does_not_block_other_calls() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    for stays in [false, true] {
        let service = Service::accepting("token-2");
        let bench = Bench::new(&service, &[Does::Give], seconds(3));
        let first = runtime();
        assert!(first.block_on(async { timeout(seconds(1), bench.call()).await }).is_err());
        // Its runtime has stopped, so its timeout does not elapse.
        let _kept = stays.then_some(first);
        let waited = runtime().block_on(async {
            let started = Instant::now();
            assert_eq!(bench.call().await.unwrap(), 1, "{stays}");
            started.elapsed()
        });
        assert_eq!((bench.exchanges(), waited), (2, seconds(if stays { 34 } else { 3 })));
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_rejection_is_returned_without_the_token() {
    let service = Service::accepting("another");
    let bench = Bench::new(&service, &[Does::Give], Duration::ZERO);
    let error = bench.call().await.unwrap_err();
    // One exchange for the first token and one after the rejection, but none after the second rejection.
    assert_eq!((error.kind(), error.attempts(), error.outcome()), (ErrorKind::Auth, 2, Outcome::NotDone));
    assert_eq!((bench.exchanges(), service.tokens().len()), (2, 2));
    assert_eq!(error.message(), Some("*** of *** is refused"));
}

#[tokio::test(start_paused = true)]
async fn a_late_rejection_of_an_old_token_makes_no_exchange() {
    let service = Service::accepting("token-1");
    let bench = Bench::new(&service, &[Does::Give], Duration::ZERO);
    bench.call().await.unwrap();
    // Rejected after ten seconds, long after the other calls have renewed the token.
    service.accept("token-2");
    service.0.lock().unwrap().took = seconds(10);
    let late = tokio::spawn(call(&bench.pipeline).non_idempotent().json::<u8>().no_retry().into_future());
    let repeated = tokio::spawn(call(&bench.pipeline).non_idempotent().json::<u8>().into_future());
    tokio::time::sleep(seconds(1)).await;
    service.0.lock().unwrap().took = Duration::ZERO;
    bench.call().await.unwrap();
    assert_eq!(bench.exchanges(), 2);
    assert_eq!(repeated.await.unwrap().unwrap(), 1);
    let error = late.await.unwrap().unwrap_err();
    assert_eq!(error.message(), Some("*** of *** is refused"));
    bench.call().await.unwrap();
    assert_eq!(bench.exchanges(), 2);
}

#[tokio::test(start_paused = true)]
async fn other_callers_get_the_token_if_the_first_one_is_dropped() {
    let service = Service::accepting("token-1");
    let bench = Bench::new(&service, &[Does::Give], seconds(3));
    let first = tokio::spawn(call(&bench.pipeline).non_idempotent().json::<u8>().into_future());
    tokio::time::sleep(seconds(1)).await;
    let other_calls = join_all((0..10).map(|_| bench.call()));
    first.abort();
    assert!(other_calls.await.iter().all(Result::is_ok));
    assert_eq!((bench.exchanges(), bench.pipeline.free_permits()), (1, 1_000));
    // The token is kept for the next call even if no caller waits.
    let alone = Bench::new(&service, &[Does::Give], seconds(3));
    assert!(timeout(seconds(1), alone.call()).await.is_err());
    tokio::time::sleep(seconds(3)).await;
    let started = Instant::now();
    alone.call().await.unwrap();
    assert_eq!((alone.exchanges(), started.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_client_aborts_the_exchange() {
    let bench = Bench::new(&Service::default(), &[Does::Hang], Duration::ZERO);
    assert!(timeout(seconds(1), bench.call()).await.is_err());
    assert_eq!(bench.ended.load(SeqCst), 0);
    let clone = bench.pipeline.clone();
    drop(bench.pipeline);
    tokio::time::sleep(seconds(1)).await;
    assert_eq!(bench.ended.load(SeqCst), 0);
    drop(clone);
    tokio::time::sleep(seconds(1)).await;
    assert_eq!(bench.ended.load(SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_refreshed_before_it_expires() {
    // The lifetime, an age at which the token is used, and an age at which it is not.
    for (lifetime, still, no_longer) in [(3_600, 3_569, 3_570), (60, 44, 45), (8, 5, 6)] {
        for (wait, exchanges) in [(still, 1), (no_longer, 2)] {
            let service = Service::accepting("token-1");
            let bench = Bench::new(&service, &[Does::GiveFor(lifetime)], Duration::ZERO);
            bench.call().await.unwrap();
            service.accept(if exchanges == 1 { "token-1" } else { "token-2" });
            tokio::time::sleep(seconds(wait)).await;
            bench.call().await.unwrap();
            assert_eq!((bench.exchanges(), service.tokens().len()), (exchanges, 2), "{lifetime} after {wait}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_refresh_keeps_the_token_until_it_expires() {
    let service = Service::accepting("token-1");
    let bench = Bench::new(&service, &[Does::GiveFor(3_600), Does::Fail(500), Does::Hang], Duration::ZERO);
    bench.call().await.unwrap();
    tokio::time::sleep(seconds(3_575)).await;
    bench.call().await.unwrap();
    assert_eq!(bench.exchanges(), 2);
    // During the pause no exchange is made and no call waits for one.
    let started = Instant::now();
    bench.call().await.unwrap();
    assert_eq!((bench.exchanges(), started.elapsed()), (2, Duration::ZERO));
    // The next exchange hangs until the token has expired. The token is then not sent.
    tokio::time::sleep(seconds(2)).await;
    let error = bench.call().await.unwrap_err();
    assert_eq!((error.kind(), bench.exchanges(), service.tokens().len()), (ErrorKind::Auth, 3, 3));
}

#[tokio::test(start_paused = true)]
async fn a_rejected_stream_is_not_sent_again() {
    let service = Service::accepting("token-2");
    let bench = Bench::new(&service, &[Does::Give], Duration::ZERO);
    let streamed = call(&bench.pipeline).idempotent().body(support::Chunks::of(&["ab"])).json::<u8>();
    let error = streamed.await.unwrap_err();
    assert!(error.is_auth() && error.to_string().contains("the body is a stream"), "{error}");
    // The token was still retired: the next call has a new one.
    bench.call().await.unwrap();
    assert_eq!(service.tokens(), ["token-1", "token-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_refresh_after_an_ambiguous_delete_does_not_mean_that_the_object_is_gone() {
    #[derive(Clone)]
    struct DoubtThenRefusal(Arc<AtomicU32>);
    impl Transport for DoubtThenRefusal {
        async fn send(&self, _: Request) -> Result<Response> {
            Ok(reply(if self.0.fetch_add(1, SeqCst) == 0 { 500 } else { 401 }, ""))
        }
    }
    let (started, ended) = (Arc::default(), Arc::default());
    let exchange = Exchange { plan: vec![Does::Give, Does::Fail(404)], takes: Duration::ZERO, started, ended };
    let settings = settings(DoubtThenRefusal(Arc::default()));
    let pipeline =
        build_with(settings, |base| Auth::token_exchange(exchange, None, vec![base.origin().clone()])).unwrap();
    let error = call(&pipeline).deletes().await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Auth, Outcome::Unknown, 2));
}

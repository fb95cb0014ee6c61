//! Token exchange. Refreshes are single-flight.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::{Generation, check_credential, sensitive};
use crate::http::transport::BoxFuture;
use crate::{Error, ErrorKind, Result, Secret};

/// The timeout of one exchange.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(30);
/// The timeout for an exchange of another caller. The timeout of the exchange does not elapse if its runtime is stopped.
const MAX_WAIT: Duration = EXCHANGE_TIMEOUT.saturating_add(Duration::from_secs(1));
/// The delay between a failed exchange and the next one.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long before its expiry a token is refreshed, or a quarter of its lifetime if that is shorter.
const EXPIRY_MARGIN: Duration = Duration::from_secs(30);
/// The number of earlier tokens that are still masked. The response to an attempt with one of them may arrive late.
const MAX_EARLIER_TOKENS: usize = 4;

/// A token and its lifetime.
#[derive(Debug, Clone)]
pub struct Token {
    value: Secret,
    lifetime: Option<Duration>,
}

impl Token {
    /// Creates a token without a known expiry. It is used until a 401.
    pub fn new(value: impl Into<Secret>) -> Self {
        Self { value: value.into(), lifetime: None }
    }

    /// Sets the lifetime, from now. The token is refreshed 30 seconds before it expires, or in the last quarter of a lifetime
    /// shorter than two minutes. Default: unknown.
    #[must_use]
    pub fn lives_for(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }
}

/// Obtains tokens. Its own call must not use the token.
pub trait TokenExchange: Send + Sync + 'static {
    /// Exchanges the long-lived credentials for a token.
    fn exchange(&self) -> impl Future<Output = Result<Token>> + Send;

    /// Returns the long-lived credentials, which are masked in messages of the service.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }
}

trait DynExchange: Send + Sync {
    fn exchange_boxed(&self) -> BoxFuture<'_, Result<Token>>;
    fn secrets(&self) -> Vec<Secret>;
}

impl<T: TokenExchange> DynExchange for T {
    fn exchange_boxed(&self) -> BoxFuture<'_, Result<Token>> {
        Box::pin(self.exchange())
    }

    fn secrets(&self) -> Vec<Secret> {
        TokenExchange::secrets(self)
    }
}

#[derive(Clone)]
struct Current {
    generation: Generation,
    header: HeaderValue,
    secret: Secret,
    /// When the token expires, if known.
    expiry: Option<Instant>,
    renew_at: Option<Instant>,
}

impl Current {
    fn is_valid(&self) -> bool {
        self.expiry.is_none_or(|expiry| Instant::now() < expiry)
    }
}

type ExchangeResult = Option<Result<Current>>;

/// The exchange ended without a result.
struct ExchangeAborted;

#[derive(Default)]
struct ExchangeState {
    current: Option<Current>,
    /// The generation of the latest exchange.
    generation: Generation,
    running: Option<(watch::Receiver<ExchangeResult>, AbortHandle)>,
    earlier: VecDeque<Secret>,
    not_before: Option<Instant>,
}

impl ExchangeState {
    fn replace(&mut self, token: Option<Current>) {
        if let Some(old) = std::mem::replace(&mut self.current, token) {
            self.earlier.truncate(MAX_EARLIER_TOKENS - 1);
            self.earlier.push_front(old.secret);
        }
    }
}

/// The current token and the exchange that obtains the next one.
///
/// Token refresh is single-flight: concurrent callers share one exchange, including its error. The exchange is a separate
/// task, so it continues if its first caller is dropped. With a lock instead, a hundred callers would make a hundred failing
/// exchanges in sequence.
pub(super) struct Tokens {
    exchange: Arc<dyn DynExchange>,
    state: Arc<Mutex<ExchangeState>>,
}

impl Tokens {
    pub(super) fn new(exchange: impl TokenExchange, initial: Option<Token>) -> Result<Self> {
        let mut state = ExchangeState::default();
        if let Some(token) = initial {
            check_credential("initial_token", &token.value)?;
            state.current = Some(accept(token, state.generation)?);
        }
        Ok(Self { exchange: Arc::new(exchange), state: Arc::new(Mutex::new(state)) })
    }

    fn state(&self) -> MutexGuard<'_, ExchangeState> {
        lock(&self.state)
    }

    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.exchange.secrets();
        let state = self.state();
        secrets.extend(state.current.as_ref().map(|current| current.secret.clone()));
        secrets.extend(state.earlier.iter().cloned());
        secrets
    }

    pub(super) fn retire(&self, generation: Generation) {
        let mut state = self.state();
        if state.current.as_ref().is_some_and(|current| current.generation == generation) {
            state.replace(None);
        }
    }

    pub(super) async fn current(&self) -> Result<(Generation, HeaderValue)> {
        match self.awaited().await {
            // The runtime of another caller ran the exchange and is gone. The next exchange runs on this runtime.
            Err(ExchangeAborted) => self.awaited().await.unwrap_or_else(|ExchangeAborted| {
                self.state().not_before = Some(Instant::now() + PAUSE_AFTER_FAILURE);
                Err(failed("the token exchange was aborted"))
            }),
            Ok(result) => result,
        }
    }

    async fn awaited(&self) -> Result<Result<(Generation, HeaderValue)>, ExchangeAborted> {
        let (mut result, fallback) = loop {
            let pause = {
                let mut state = self.state();
                let now = Instant::now();
                let valid = state.current.clone().filter(Current::is_valid);
                if let Some(current) = &valid
                    && current.renew_at.is_none_or(|renew_at| now < renew_at)
                {
                    return Ok(Ok((current.generation, current.header.clone())));
                }
                match (&state.running, state.not_before) {
                    (Some((result, _)), _) => break (result.clone(), valid),
                    (None, Some(not_before)) if now < not_before => {
                        // A token that expires soon is better than a delay.
                        if let Some(current) = valid {
                            return Ok(Ok((current.generation, current.header)));
                        }
                        not_before
                    }
                    (None, _) => break (self.start(&mut state), valid),
                }
            };
            tokio::time::sleep_until(pause).await;
        };
        let outcome = tokio::time::timeout(MAX_WAIT, result.wait_for(Option::is_some)).await;
        let outcome = outcome.ok().and_then(Result::ok).and_then(|outcome| outcome.clone());
        if outcome.is_none() {
            // The runtime of the exchange is gone or stopped. A new exchange is started, unless another caller has already
            // started one.
            let mut state = self.state();
            if let Some((_, task)) = state.running.take_if(|(running, _)| running.same_channel(&result)) {
                task.abort();
            }
        }
        match (outcome, fallback.filter(Current::is_valid)) {
            // If the refresh failed, the old token remains valid until it expires.
            (Some(Ok(current)), _) | (_, Some(current)) => Ok(Ok((current.generation, current.header))),
            (Some(Err(error)), None) => Ok(Err(error)),
            (None, None) => Err(ExchangeAborted),
        }
    }

    fn start(&self, state: &mut ExchangeState) -> watch::Receiver<ExchangeResult> {
        let (publish, result) = watch::channel(None);
        state.generation += 1;
        let generation = state.generation;
        let exchange = Arc::clone(&self.exchange);
        let shared = Arc::downgrade(&self.state);
        let task = tokio::spawn(async move {
            let exchanging = catch_panic(exchange.exchange_boxed());
            let outcome = match tokio::time::timeout(EXCHANGE_TIMEOUT, exchanging).await {
                Ok(outcome) => outcome.and_then(|token| accept(token, generation)),
                Err(_) => Err(failed("the token exchange timed out")),
            };
            if let Some(state) = shared.upgrade() {
                let mut state = lock(&state);
                state.running = None;
                match &outcome {
                    Ok(current) => {
                        state.replace(Some(current.clone()));
                        state.not_before = None;
                    }
                    Err(_) => state.not_before = Some(Instant::now() + PAUSE_AFTER_FAILURE),
                }
            }
            publish.send_replace(Some(outcome));
        });
        state.running = Some((result.clone(), task.abort_handle()));
        result
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        if let Some((_, task)) = self.state().running.take() {
            task.abort();
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens")
    }
}

fn lock(state: &Mutex<ExchangeState>) -> MutexGuard<'_, ExchangeState> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Converts a panic of the exchange to an error, so that the task can publish it to all callers.
async fn catch_panic(mut exchange: BoxFuture<'_, Result<Token>>) -> Result<Token> {
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| exchange.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(failed("the token exchange panicked"))))
    })
    .await
}

fn accept(token: Token, generation: Generation) -> Result<Current> {
    check_credential("token", &token.value)
        .map_err(|_| failed("the service sent a token that is invalid in a header"))?;
    let text = zeroize::Zeroizing::new(format!("Bearer {}", token.value.expose()));
    let after = |lifetime| Instant::now().checked_add(lifetime);
    let expiry = token.lifetime.and_then(after);
    let renew_at = token.lifetime.and_then(|lifetime| after(lifetime.saturating_sub(EXPIRY_MARGIN.min(lifetime / 4))));
    Ok(Current { generation, header: sensitive("token", &text)?, secret: token.value, expiry, renew_at })
}

fn failed(message: &str) -> Error {
    Error::new(ErrorKind::Auth, crate::error::FailureStage::NotSent).with_message(message, &[])
}

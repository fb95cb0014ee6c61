//! Keys exchanged for a short-lived token, once for all who wait.

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

/// How long one exchange may take.
const EXCHANGE_LIMIT: Duration = Duration::from_secs(30);
/// How long anybody waits for one that somebody else has started: its own limit does not run where its runtime does not.
const MAX_WAIT: Duration = EXCHANGE_LIMIT.saturating_add(Duration::from_secs(1));
/// How long after a failed exchange the next one may start.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long before its end a token is replaced, or a quarter of its life where that is shorter.
const EXPIRY_MARGIN: Duration = Duration::from_secs(30);
/// How many tokens of the past are still masked: a reply to an attempt that carried one may come late.
const REMEMBERED: usize = 4;

/// A token and how long it lives.
#[derive(Debug, Clone)]
pub struct Token {
    value: Secret,
    lifetime: Option<Duration>,
}

impl Token {
    /// A token whose end is not known: only a 401 tells.
    pub fn new(value: impl Into<Secret>) -> Self {
        Self { value: value.into(), lifetime: None }
    }

    /// States for how long from now the token is good. It is replaced half a minute before that, or in the last quarter
    /// of a life shorter than two minutes.
    #[must_use]
    pub fn lives_for(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }
}

/// Obtains tokens. The call that it makes must not itself use the token.
pub trait TokenExchange: Send + Sync + 'static {
    /// Exchanges the long-lived credential for a token.
    fn exchange(&self) -> impl Future<Output = Result<Token>> + Send;

    /// The long-lived credentials, to be masked in messages of the service.
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
    /// When the token ends, as far as anybody knows.
    end: Option<Instant>,
    renew_at: Option<Instant>,
}

impl Current {
    fn is_valid(&self) -> bool {
        self.end.is_none_or(|end| Instant::now() < end)
    }
}

type Shared = Option<Result<Current>>;

/// An exchange that ended without a result.
struct CutOff;

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// Which generation the newest exchange makes or made.
    generation: Generation,
    running: Option<(watch::Receiver<Shared>, AbortHandle)>,
    past: VecDeque<Secret>,
    not_before: Option<Instant>,
}

impl State {
    fn replace(&mut self, token: Option<Current>) {
        if let Some(old) = std::mem::replace(&mut self.current, token) {
            self.past.truncate(REMEMBERED - 1);
            self.past.push_front(old.secret);
        }
    }
}

/// The current token and the exchange that makes the next one.
///
/// The exchange is a task of its own: its first waiter may be dropped and the others still get the result, an error
/// included. A lock around the exchange would not do: where it fails after ten seconds, a hundred waiters would make a
/// hundred exchanges in a row.
pub(super) struct Tokens {
    exchange: Arc<dyn DynExchange>,
    state: Arc<Mutex<State>>,
}

impl Tokens {
    pub(super) fn new(exchange: impl TokenExchange, initial: Option<Token>) -> Result<Self> {
        let mut state = State::default();
        if let Some(token) = initial {
            check_credential("initial_token", &token.value)?;
            state.current = Some(accept(token, state.generation)?);
        }
        Ok(Self { exchange: Arc::new(exchange), state: Arc::new(Mutex::new(state)) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.exchange.secrets();
        let state = self.state();
        secrets.extend(state.current.as_ref().map(|current| current.secret.clone()));
        secrets.extend(state.past.iter().cloned());
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
            // The exchange was one of another caller's runtime; the next one is of this one.
            Err(CutOff) => self.awaited().await.unwrap_or_else(|CutOff| {
                self.state().not_before = Some(Instant::now() + PAUSE_AFTER_FAILURE);
                Err(failed("the token exchange was cut off"))
            }),
            Ok(result) => result,
        }
    }

    async fn awaited(&self) -> Result<Result<(Generation, HeaderValue)>, CutOff> {
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
                        // A token in its last seconds is better than a wait.
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
            // The runtime that ran the exchange is gone or stands still: another one is started, unless another waiter has
            // seen the same and it is under way already.
            let mut state = self.state();
            if let Some((_, task)) = state.running.take_if(|(running, _)| running.same_channel(&result)) {
                task.abort();
            }
        }
        match (outcome, fallback.filter(Current::is_valid)) {
            // Where the refresh before the end failed, the old token is still good for a moment.
            (Some(Ok(current)), _) | (_, Some(current)) => Ok(Ok((current.generation, current.header))),
            (Some(Err(error)), None) => Ok(Err(error)),
            (None, None) => Err(CutOff),
        }
    }

    fn start(&self, state: &mut State) -> watch::Receiver<Shared> {
        let (publish, result) = watch::channel(None);
        state.generation += 1;
        let generation = state.generation;
        let exchange = Arc::clone(&self.exchange);
        let shared = Arc::downgrade(&self.state);
        let task = tokio::spawn(async move {
            let exchanging = unless_it_panics(exchange.exchange_boxed());
            let outcome = match tokio::time::timeout(EXCHANGE_LIMIT, exchanging).await {
                Ok(outcome) => outcome.and_then(|token| accept(token, generation)),
                Err(_) => Err(failed("the token exchange took too long")),
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

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A panic ends the exchange and not the task, which has to tell those who wait.
async fn unless_it_panics(mut exchange: BoxFuture<'_, Result<Token>>) -> Result<Token> {
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| exchange.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(failed("the token exchange panicked"))))
    })
    .await
}

fn accept(token: Token, generation: Generation) -> Result<Current> {
    check_credential("token", &token.value)
        .map_err(|_| failed("the service sent a token that cannot stand in a header"))?;
    let text = zeroize::Zeroizing::new(format!("Bearer {}", token.value.expose()));
    let after = |lifetime| Instant::now().checked_add(lifetime);
    let end = token.lifetime.and_then(after);
    let renew_at = token.lifetime.and_then(|lifetime| after(lifetime.saturating_sub(EXPIRY_MARGIN.min(lifetime / 4))));
    Ok(Current { generation, header: sensitive("token", &text)?, secret: token.value, end, renew_at })
}

fn failed(message: &str) -> Error {
    Error::new(ErrorKind::Auth, crate::error::FailureStage::NotSent).with_message(message, &[])
}

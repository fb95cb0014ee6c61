//! Keys exchanged for a short-lived token, once for all who wait.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
/// How long after a failed exchange the next one may start.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How long before its end a token counts as used up.
const EXPIRY_MARGIN: Duration = Duration::from_secs(30);

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

    /// States for how long from now the token is good. It is replaced half a minute before that.
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
}

type Shared = Option<Result<Current>>;

#[derive(Default)]
struct State {
    current: Option<Current>,
    /// Which generation the newest exchange makes or made.
    generation: Generation,
    running: Option<(watch::Receiver<Shared>, AbortHandle)>,
    not_before: Option<Instant>,
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
    pub(super) fn new(exchange: impl TokenExchange) -> Self {
        Self { exchange: Arc::new(exchange), state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.exchange.secrets();
        secrets.extend(self.state().current.as_ref().map(|current| current.secret.clone()));
        secrets
    }

    pub(super) fn retire(&self, generation: Generation) {
        let mut state = self.state();
        if state.current.as_ref().is_some_and(|current| current.generation == generation) {
            state.current = None;
        }
    }

    pub(super) async fn current(&self) -> Result<(Generation, HeaderValue)> {
        let (mut result, fallback) = loop {
            let pause = {
                let mut state = self.state();
                let now = Instant::now();
                let valid = state.current.clone().filter(|current| current.end.is_none_or(|end| now < end));
                if let Some(current) = &valid
                    && current.end.is_none_or(|end| now + EXPIRY_MARGIN < end)
                {
                    return Ok((current.generation, current.header.clone()));
                }
                match (&state.running, state.not_before) {
                    (Some((result, _)), _) => break (result.clone(), valid),
                    (None, Some(not_before)) if now < not_before => {
                        // A token in its last seconds is better than a wait.
                        if let Some(current) = valid {
                            return Ok((current.generation, current.header));
                        }
                        not_before
                    }
                    (None, _) => break (self.start(&mut state), valid),
                }
            };
            tokio::time::sleep_until(pause).await;
        };
        let outcome = match result.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            // The runtime that ran the exchange is gone, or the exchange panicked: the next caller starts afresh.
            Err(_) => {
                self.state().running = None;
                None
            }
        };
        match (outcome, fallback) {
            (Some(Ok(current)), _) => Ok((current.generation, current.header)),
            // The refresh before the end failed; the old token is still good for a moment.
            (_, Some(current)) => Ok((current.generation, current.header)),
            (Some(Err(error)), None) => Err(error),
            (None, None) => Err(failed("the token exchange was cut off")),
        }
    }

    fn start(&self, state: &mut State) -> watch::Receiver<Shared> {
        let (publish, result) = watch::channel(None);
        state.generation += 1;
        let generation = state.generation;
        let exchange = Arc::clone(&self.exchange);
        let shared = Arc::downgrade(&self.state);
        let task = tokio::spawn(async move {
            let outcome = match tokio::time::timeout(EXCHANGE_LIMIT, exchange.exchange_boxed()).await {
                Ok(outcome) => outcome.and_then(|token| accept(token, generation)),
                Err(_) => Err(failed("the token exchange took too long")),
            };
            if let Some(state) = shared.upgrade() {
                let mut state = lock(&state);
                state.running = None;
                match &outcome {
                    Ok(current) => (state.current, state.not_before) = (Some(current.clone()), None),
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

fn accept(token: Token, generation: Generation) -> Result<Current> {
    check_credential("token", &token.value)
        .map_err(|_| failed("the service sent a token that cannot stand in a header"))?;
    let text = zeroize::Zeroizing::new(format!("Bearer {}", token.value.expose()));
    let end = token.lifetime.and_then(|lifetime| Instant::now().checked_add(lifetime));
    Ok(Current { generation, header: sensitive("token", &text)?, secret: token.value, end })
}

fn failed(message: &str) -> Error {
    Error::new(ErrorKind::Auth, crate::error::Reach::NotSent).with_message(message, &[])
}

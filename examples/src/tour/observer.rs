//! Middleware that counts calls and attempts.

use std::sync::{Arc, Mutex, PoisonError};

use sftptogo::middleware::{Idempotency, Middleware, Next, Operation};
use sftptogo::transport::{Request, Response};
use sftptogo::{Error, Result};

use super::Row;

/// The traffic of a client, by operation in the order of the first call.
#[derive(Debug, Clone)]
pub(super) struct Observer {
    rows: Arc<Mutex<Vec<Row>>>,
    /// The common path prefix.
    prefix: &'static str,
}

/// Counts calls.
pub(super) struct AroundCalls(Observer);

/// Counts attempts and records their statuses.
pub(super) struct AroundAttempts(Observer);

/// Blocks every request that could change something. Only safe requests and token exchanges pass.
pub(super) struct ReadOnly;

impl Observer {
    pub(super) fn new(prefix: &'static str) -> Self {
        Self { rows: Arc::default(), prefix }
    }

    pub(super) fn per_call_middleware(&self) -> AroundCalls {
        AroundCalls(self.clone())
    }

    pub(super) fn per_attempt_middleware(&self) -> AroundAttempts {
        AroundAttempts(self.clone())
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, request: &Seen, change: impl FnOnce(&mut Row)) {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let index = rows.iter().position(|row| row.operation == request.operation).unwrap_or_else(|| {
            rows.push(Row {
                operation: request.operation.clone(),
                method: request.method.clone(),
                path: request.path.clone(),
                ..Row::default()
            });
            rows.len() - 1
        });
        change(&mut rows[index]);
    }
}

/// The operation of a request, copied because the request itself moves on to the next step.
struct Seen {
    operation: String,
    method: String,
    path: String,
}

impl Seen {
    fn of(request: &Request, prefix: &str) -> Self {
        let operation = request.extensions().get::<Operation>();
        Self {
            operation: operation.map_or_else(String::new, |operation| operation.name().to_owned()),
            method: request.method().to_string(),
            path: operation.map_or("", Operation::template).trim_start_matches(prefix).to_owned(),
        }
    }
}

impl Middleware for AroundCalls {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        self.0.note(&Seen::of(&request, self.0.prefix), |row| row.calls += 1);
        next.run(request).await
    }
}

impl Middleware for AroundAttempts {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        let request_info = Seen::of(&request, self.0.prefix);
        let result = next.run(request).await;
        let status = match &result {
            Ok(response) => Some(response.status()),
            Err(error) => error.status(),
        };
        let answer = status.map_or_else(|| "none".to_owned(), |status| status.as_u16().to_string());
        self.0.note(&request_info, |row| row.answered(answer));
        result
    }
}

impl Middleware for ReadOnly {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        match request.extensions().get::<Operation>() {
            Some(operation) if operation.idempotency() == Idempotency::Safe => next.run(request).await,
            Some(operation) if operation.name().contains(".auth.") => next.run(request).await,
            _ => Err(Error::other("the live tour is read-only")),
        }
    }
}

#[cfg(test)]
mod tests {
    use mft_simulator::sftptogo::Simulator;

    use super::*;
    use crate::Simulated as _;

    #[tokio::test]
    async fn requests_that_could_change_something_are_not_sent() {
        let simulator = Simulator::start().await.unwrap();
        let client = simulator.client_builder().per_call_middleware(ReadOnly).build().unwrap();
        let root = simulator.state().root().id.into();
        let error = client.credentials().rotate_password(&root).await.unwrap_err();
        assert_eq!(error.message(), Some("the live tour is read-only"));
        let _ = client.credentials().delete(&root).await.unwrap_err();
        assert!(simulator.journal().is_empty());
        client.credentials().get(&root).await.unwrap();
    }
}

//! A presigned URL that concurrent requests share.

use std::sync::{Arc, Mutex, PoisonError};

/// A value that any of its concurrent users may find expired. Renewal is single-flight.
pub(crate) struct Renewable<T> {
    /// The value and its generation.
    current: Mutex<(u64, Arc<T>)>,
    renewal: tokio::sync::Mutex<()>,
}

impl<T> Renewable<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { current: Mutex::new((0, Arc::new(value))), renewal: tokio::sync::Mutex::new(()) }
    }

    pub(crate) fn get(&self) -> (u64, Arc<T>) {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the value, unless another user has already replaced the generation that expired.
    pub(crate) async fn renew<E>(
        &self,
        expired: u64,
        request: impl Future<Output = Result<T, E>>,
    ) -> Result<(u64, Arc<T>), E> {
        let _single_flight = self.renewal.lock().await;
        let current = self.get();
        if current.0 != expired {
            return Ok(current);
        }
        let renewed = (expired + 1, Arc::new(request.await?));
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = renewed.clone();
        Ok(renewed)
    }
}

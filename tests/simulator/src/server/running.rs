//! The methods that all running simulators have.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::Engine;
use super::http::listener::Listener;

/// A running simulator: its ports and their shared state. Simulators store it in a field `running`. [`simulator!`]
/// defines the methods that use it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(super) listener: Listener,
    /// The prefix of the API's paths.
    pub(super) prefix: &'static str,
    pub(super) storage: Option<Listener>,
    pub(crate) engine: Arc<Engine>,
    pub(super) authority_pem: Option<String>,
}

impl Running {
    /// Returns the base URL of the API, such as `http://127.0.0.1:40417/v1`.
    pub(crate) fn base_url(&self) -> String {
        self.origin(self.listener.address()) + self.prefix
    }

    /// Returns the origin of the storage, or of the API if the service has no separate storage.
    pub(crate) fn storage_url(&self) -> String {
        self.origin(self.storage.as_ref().unwrap_or(&self.listener).address())
    }

    fn origin(&self, address: SocketAddr) -> String {
        let scheme = if self.authority_pem.is_some() { "https" } else { "http" };
        format!("{scheme}://{address}")
    }

    pub(crate) fn authority_pem(&self) -> Option<&str> {
        self.authority_pem.as_deref()
    }

    /// Formats the simulator for `Debug`.
    pub(crate) fn show(&self, f: &mut fmt::Formatter<'_>, state: &dyn fmt::Debug) -> fmt::Result {
        let mut debug = f.debug_struct("Simulator");
        debug.field("base_url", &self.base_url());
        if self.storage.is_some() {
            debug.field("storage_url", &self.storage_url());
        }
        debug.field("state", state).finish_non_exhaustive()
    }

    pub(crate) async fn shutdown(mut self) {
        let storage = async {
            if let Some(storage) = &mut self.storage {
                storage.shutdown().await;
            }
        };
        tokio::join!(self.listener.shutdown(), storage);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The tasks hold the engine, and the engine holds the tasks. Stopping them breaks the cycle.
        self.engine.tasks.stop();
    }
}

/// Defines the methods that all simulators have.
///
/// It expects a struct `Simulator` with a field `running` of type [`Running`], and `Builder`, `State` and `OPERATIONS`
/// in scope. The arguments are the docs of `start` and of the URLs, and an example of an operation prefix.
macro_rules! simulator {
    (
        $(#[$start:meta])* start;
        $(#[$base_url:meta])* base_url;
        $($(#[$storage_url:meta])* storage_url;)?
        counts $example:literal;
    ) => {
        impl Simulator {
            $(#[$start])*
            pub async fn start() -> Result<Self, $crate::StartError> {
                Self::builder().start().await
            }

            /// Returns a builder with default settings.
            pub fn builder() -> Builder {
                Builder::default()
            }

            /// Returns the operations that the simulator implements, with their routes. Those of a storage are last.
            #[must_use]
            pub fn operations() -> &'static [$crate::Operation] {
                OPERATIONS
            }

            $(#[$base_url])*
            #[must_use]
            pub fn base_url(&self) -> String {
                self.running.base_url()
            }

            $(
                $(#[$storage_url])*
                #[must_use]
                pub fn storage_url(&self) -> String {
                    self.running.storage_url()
                }
            )?

            /// Returns the certificate authority that clients must trust, in PEM, if the simulator serves https. All
            /// origins share it.
            #[must_use]
            pub fn ca_pem(&self) -> Option<&str> {
                self.running.authority_pem()
            }

            /// Returns a handle to the stored state.
            #[must_use]
            pub fn state(&self) -> State {
                State::of(self)
            }

            /// Returns the live fault plan of all origins.
            #[must_use]
            pub fn faults(&self) -> $crate::FaultPlan {
                self.running.engine.faults.clone()
            }

            /// Returns the request journal of all origins, in the order of arrival. Exchanges in progress are included.
            #[must_use]
            pub fn journal(&self) -> Vec<$crate::Exchange> {
                self.running.engine.journal.all()
            }

            /// Clears the request journal. Sequence numbers continue.
            pub fn clear_journal(&self) {
                self.running.engine.journal.clear();
            }

            #[doc = concat!(
                "How many requests for an operation arrived; a prefix such as `", $example, "` counts all under it."
            )]
            #[must_use]
            pub fn count(&self, operation: &str) -> usize {
                self.running.engine.journal.count(|exchange| exchange.is_for(operation))
            }

            /// Returns how many requests for an operation the service processed, regardless of faults in the response.
            #[must_use]
            pub fn count_processed(&self, operation: &str) -> usize {
                self.running.engine.journal.count(|exchange| exchange.processed && exchange.is_for(operation))
            }

            /// Returns the simulated time in Unix milliseconds.
            #[must_use]
            pub fn now_ms(&self) -> i64 {
                self.running.engine.clock.now_ms()
            }

            /// Stops accepting connections, waits up to two seconds for exchanges in progress, and stops the simulator.
            pub async fn shutdown(self) {
                self.running.shutdown().await;
            }
        }

        impl std::fmt::Debug for Simulator {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.running.show(f, &self.state())
            }
        }
    };
}

pub(crate) use simulator;

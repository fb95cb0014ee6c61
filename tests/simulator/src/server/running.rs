//! What every simulator can be asked while it runs.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use super::http::listener::Listener;
use super::{Clock, Engine};

/// The inside of a running simulator: its ports, and what they share. Simulators keep it in a field `running`, and get the
/// methods that ask it by [`simulator!`].
#[derive(Debug)]
pub(crate) struct Running {
    pub(super) listener: Listener,
    /// What the paths of the API begin with.
    pub(super) prefix: &'static str,
    pub(super) storage: Option<Listener>,
    pub(crate) engine: Arc<Engine>,
    pub(super) authority_pem: Option<String>,
}

impl Running {
    /// Where the API is, such as `http://127.0.0.1:40417/v1`.
    pub(crate) fn base_url(&self) -> String {
        self.origin(self.listener.address()) + self.prefix
    }

    /// The origin of the storage; that of the API for a service that has no other.
    pub(crate) fn storage_url(&self) -> String {
        self.origin(self.storage.as_ref().unwrap_or(&self.listener).address())
    }

    fn origin(&self, address: SocketAddr) -> String {
        let scheme = if self.authority_pem.is_some() { "https" } else { "http" };
        format!("{scheme}://{address}")
    }

    pub(crate) fn clock(&self) -> Arc<Clock> {
        Arc::clone(&self.engine.clock)
    }

    pub(crate) fn authority_pem(&self) -> Option<&str> {
        self.authority_pem.as_deref()
    }

    /// How simulators print themselves.
    pub(crate) fn show(&self, f: &mut fmt::Formatter<'_>, state: &dyn fmt::Debug) -> fmt::Result {
        let mut shown = f.debug_struct("Simulator");
        shown.field("base_url", &self.base_url());
        if self.storage.is_some() {
            shown.field("storage_url", &self.storage_url());
        }
        shown.field("state", state).finish_non_exhaustive()
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
        // The tasks hold the engine that holds them: without this they would keep each other alive.
        self.engine.tasks.stop();
    }
}

/// Gives a simulator what all simulators have; to be called beside its definition, with what the service's own words say of
/// its ports, and a prefix of its operations as an example.
///
/// The simulator needs a field `running` of type [`Running`], a `Builder`, a `State` that is made `of` it, and its
/// `OPERATIONS` in scope.
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

            /// Starts with settings of your own.
            pub fn builder() -> Builder {
                Builder::default()
            }

            /// The operations that the simulator knows, with their routes; those of a storage come last.
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

            /// The certificate of the authority that clients have to trust, in PEM, if the simulator serves https. It is
            /// the same for all origins.
            #[must_use]
            pub fn ca_pem(&self) -> Option<&str> {
                self.running.authority_pem()
            }

            /// The stored state.
            #[must_use]
            pub fn state(&self) -> State {
                State::of(self)
            }

            /// The live fault plan, for all origins.
            #[must_use]
            pub fn faults(&self) -> $crate::FaultPlan {
                self.running.engine.faults.clone()
            }

            /// All exchanges so far, with all origins, in the order of their arrival; those under way are included.
            #[must_use]
            pub fn journal(&self) -> Vec<$crate::Exchange> {
                self.running.engine.journal.all()
            }

            /// Forgets the exchanges so far. Sequence numbers go on.
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

            /// How many requests for an operation the service handled, whatever a fault made of the reply.
            #[must_use]
            pub fn count_processed(&self, operation: &str) -> usize {
                self.running.engine.journal.count(|exchange| exchange.processed && exchange.is_for(operation))
            }

            /// The simulated time in Unix milliseconds.
            #[must_use]
            pub fn now_ms(&self) -> i64 {
                self.running.engine.clock.now_ms()
            }

            /// Accepts no more connections, lets exchanges under way come to their end (for two seconds at most) and
            /// stops.
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

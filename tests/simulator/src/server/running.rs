//! What every simulator can be asked while it runs.

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Engine, Listener};

/// The inside of a running simulator: its ports, and what they share. Simulators keep it in a field `running`, and get the
/// methods that ask it by [`simulator_accessors!`].
#[derive(Debug)]
pub(crate) struct Running {
    pub(super) listener: Listener,
    pub(super) storage: Option<Listener>,
    pub(crate) engine: Arc<Engine>,
    pub(super) authority_pem: Option<String>,
}

impl Running {
    /// The origin of the API, such as `http://127.0.0.1:40417`.
    pub(crate) fn url(&self) -> String {
        self.origin(self.listener.address())
    }

    /// The origin of the storage; that of the API for a service that has no other.
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

/// Gives a simulator what all simulators can be asked; to be called inside its `impl` block with a prefix of its operations
/// as an example. The simulator needs a field `running` of type [`Running`].
///
/// With `two origins` it is for a service that has an API on one port and a storage on another.
macro_rules! simulator_accessors {
    ($example:literal) => {
        $crate::server::simulator_accessors!(
            $example,
            "in PEM, if the simulator serves https.",
            "The live fault plan.",
            "All exchanges so far"
        );
    };
    ($example:literal, two origins) => {
        $crate::server::simulator_accessors!(
            $example,
            "in PEM, if the simulator serves https. It is the same for both origins.",
            "The live fault plan, for both origins.",
            "All exchanges with both origins so far"
        );
    };
    ($example:literal, $pem:literal, $plan:literal, $exchanges:literal) => {
        /// Starts with settings of your own.
        pub fn builder() -> Builder {
            Builder::default()
        }

        #[doc = concat!("The certificate of the authority that clients have to trust, ", $pem)]
        #[must_use]
        pub fn ca_pem(&self) -> Option<&str> {
            self.running.authority_pem()
        }

        #[doc = $plan]
        #[must_use]
        pub fn faults(&self) -> $crate::FaultPlan {
            self.running.engine.faults.clone()
        }

        #[doc = concat!($exchanges, ", in the order of their arrival; those under way are included.")]
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

        /// Accepts no more connections, lets exchanges under way come to their end (for two seconds at most) and stops.
        pub async fn shutdown(self) {
            self.running.shutdown().await;
        }
    };
}

pub(crate) use simulator_accessors;

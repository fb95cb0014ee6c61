use std::time::Duration;

/// The settings of webhook deliveries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeliverySettings {
    /// The factor of the retry delays.
    pub(crate) scale: f64,
    pub(crate) timeout: Duration,
    pub(crate) duplicate: bool,
    pub(crate) reorder: bool,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self { scale: 1.0, timeout: Duration::from_secs(10), duplicate: false, reorder: false }
    }
}

/// Defines the setters of webhook deliveries, inside the `impl` block of a builder. It expects a field
/// `settings.delivery` of type [`DeliverySettings`].
macro_rules! delivery_settings {
    () => {
        /// Sets the factor of the retry delays. For example, 0.001 turns seconds into milliseconds. Default: 1.
        ///
        /// # Panics
        ///
        /// Panics if `scale` is negative or not finite.
        pub fn delivery_delays(mut self, scale: f64) -> Self {
            assert!(scale.is_finite() && scale >= 0.0, "delays cannot be negative or endless");
            self.settings.delivery.scale = scale;
            self
        }

        /// Sets the timeout of a delivery attempt. Default: 10 seconds.
        pub const fn delivery_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings.delivery.timeout = timeout;
            self
        }

        /// Sends every successful delivery twice. The service guarantees at-least-once delivery, not exactly-once
        /// delivery.
        pub const fn duplicate_deliveries(mut self) -> Self {
            self.settings.delivery.duplicate = true;
            self
        }

        /// Lets every second delivery overtake the previous one. The service does not guarantee their order.
        pub const fn reorder_deliveries(mut self) -> Self {
            self.settings.delivery.reorder = true;
            self
        }
    };
}

/// Defines the accessors of the delivery log, inside an `impl` block of a simulator with a field `dispatcher`.
macro_rules! delivery_accessors {
    () => {
        /// Returns the delivery log, oldest first.
        #[must_use]
        pub fn deliveries(&self) -> Vec<$crate::deliveries::Delivery> {
            self.dispatcher.log()
        }

        /// Returns the delivery with this id.
        #[must_use]
        pub fn delivery(&self, id: &str) -> Option<$crate::deliveries::Delivery> {
            self.dispatcher.delivery(id)
        }

        /// Waits until no delivery is in progress.
        pub async fn deliveries_settled(&self) {
            self.dispatcher.settled().await;
        }
    };
}

pub(crate) use {delivery_accessors, delivery_settings};

use std::time::Duration;

/// How deliveries go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeliverySettings {
    /// What the delays between attempts are multiplied with.
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

/// Gives a builder the settings of deliveries; to be called inside its `impl` block. The builder needs a field `settings`
/// with a field `delivery` of type [`DeliverySettings`].
macro_rules! delivery_settings {
    () => {
        /// Multiplies the delays between the attempts of a delivery: with 0.001 seconds become milliseconds.
        ///
        /// # Panics
        ///
        /// If `scale` is negative or not finite.
        pub fn delivery_delays(mut self, scale: f64) -> Self {
            assert!(scale.is_finite() && scale >= 0.0, "delays cannot be negative or endless");
            self.settings.delivery.scale = scale;
            self
        }

        /// How long a delivery waits for an answer; 10 seconds unless set.
        pub const fn delivery_timeout(mut self, timeout: std::time::Duration) -> Self {
            self.settings.delivery.timeout = timeout;
            self
        }

        /// Sends every delivery that succeeded once more: deliveries are promised at least once, not exactly once.
        pub const fn duplicate_deliveries(mut self) -> Self {
            self.settings.delivery.duplicate = true;
            self
        }

        /// Lets every second delivery overtake the one before: their order is not promised.
        pub const fn reorder_deliveries(mut self) -> Self {
            self.settings.delivery.reorder = true;
            self
        }
    };
}

/// Gives a simulator its log of deliveries; to be called inside an `impl` block of it. The simulator needs a field
/// `dispatcher`.
macro_rules! delivery_accessors {
    () => {
        /// The log of deliveries, oldest first.
        #[must_use]
        pub fn deliveries(&self) -> Vec<$crate::deliveries::Delivery> {
            self.dispatcher.log()
        }

        /// The delivery with this id.
        #[must_use]
        pub fn delivery(&self, id: &str) -> Option<$crate::deliveries::Delivery> {
            self.dispatcher.delivery(id)
        }

        /// Waits until no delivery is under way.
        pub async fn deliveries_settled(&self) {
            self.dispatcher.settled().await;
        }
    };
}

pub(crate) use {delivery_accessors, delivery_settings};

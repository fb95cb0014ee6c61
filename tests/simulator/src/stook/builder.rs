use std::sync::Arc;
use std::time::Duration;

use super::Simulator;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{CreatedCredential, DeletionResponse, Settings};
use super::state::store::Store;
use crate::StartError;
use crate::server::{ServerSettings, SharedStore, builder_settings};

/// Configures and starts a [`Simulator`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder has no effect until `start()` is awaited"]
pub struct Builder {
    server: ServerSettings,
    settings: Settings,
}

impl Builder {
    builder_settings!();

    /// Sets the id of the organization. Default: generated from the seed.
    pub fn organization_uuid(mut self, uuid: impl Into<String>) -> Self {
        self.settings.organization_uuid = Some(uuid.into());
        self
    }

    /// Sets the API key for logins. Default: generated from the seed.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// Sets the secret of the API key. Default: generated from the seed.
    pub fn api_secret(mut self, secret: impl Into<String>) -> Self {
        self.settings.api_secret = Some(secret.into());
        self
    }

    /// Sets the lifetime of tokens. Default: 30 days.
    pub const fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.token_lifetime = lifetime;
        self
    }

    /// Returns every error as `"status": false` with the HTTP status 200.
    pub const fn soft_errors(mut self) -> Self {
        self.settings.soft_errors = true;
        self
    }

    /// Accepts paths with the prefix `/api/api` too, as in the vendor's HTTP examples.
    pub const fn doubled_prefix(mut self) -> Self {
        self.settings.doubled_prefix = true;
        self
    }

    /// Returns a list of one item as a plain object, as in an older edition of the documentation.
    pub const fn unwrapped_single_items(mut self) -> Self {
        self.settings.unwrapped_single_items = true;
        self
    }

    /// Returns the lists of buckets, credentials and FTP accounts in pages of `size` items, with pagination keys beside
    /// `data`. Default: complete lists.
    ///
    /// # Panics
    ///
    /// Panics if `size` is 0.
    pub const fn paged_lists(mut self, size: usize) -> Self {
        assert!(size > 0, "a page has at least one item");
        self.settings.page_size = Some(size);
        self
    }

    /// Writes 1 and 0 instead of true and false, also in the envelope.
    pub const fn numeric_booleans(mut self) -> Self {
        self.settings.numeric_booleans = true;
        self
    }

    /// Answers creations with 201 instead of 200.
    pub const fn created_status(mut self) -> Self {
        self.settings.created_status = true;
        self
    }

    /// Sets the response to deletions. Default: as documented.
    pub const fn deletions(mut self, response: DeletionResponse) -> Self {
        self.settings.deletions = response;
        self
    }

    /// Sets which of two documented shapes new credentials are returned in. Default: the current shape.
    pub const fn created_credentials(mut self, shape: CreatedCredential) -> Self {
        self.settings.created_credentials = shape;
        self
    }

    /// Returns only the `uuid` of an FTP account in version 1 of the API.
    pub const fn bare_legacy_accounts(mut self) -> Self {
        self.settings.bare_legacy_accounts = true;
        self
    }

    /// Answers 403 instead of 404 if the organization in a path does not exist.
    pub const fn foreign_organizations_forbidden(mut self) -> Self {
        self.settings.foreign_organizations_forbidden = true;
        self
    }

    /// Accepts only bucket names that are valid in S3: 3 to 63 lower-case letters, digits, hyphens and periods.
    pub const fn strict_bucket_names(mut self) -> Self {
        self.settings.strict_bucket_names = true;
        self
    }

    /// Accepts every password. By default, an upper-case letter, a lower-case letter and a special character are
    /// required.
    pub const fn any_password(mut self) -> Self {
        self.settings.any_password = true;
        self
    }

    /// Answers 405 instead of 404 if a known path is called with another method.
    pub const fn method_not_allowed(mut self) -> Self {
        self.settings.method_not_allowed = true;
        self
    }

    /// Starts the simulator on the current tokio runtime.
    pub async fn start(self) -> Result<Simulator, StartError> {
        #[cfg(feature = "tls")]
        let scheme = if self.server.tls { "https" } else { "http" };
        #[cfg(not(feature = "tls"))]
        let scheme = "http";
        let prepared = self.server.prepare(OPERATIONS)?;
        let doubled_prefix = self.settings.doubled_prefix;
        let store = SharedStore::new(Store::new(self.settings, prepared.seed), prepared.clock());
        let api = Api { store: store.clone(), scheme, doubled_prefix };
        let running = prepared.run(Arc::new(api)).await?;
        Ok(Simulator { running, store })
    }
}

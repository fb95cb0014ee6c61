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

    setters! {
        /// Sets the id of the organization. Default: generated from the seed.
        organization_uuid(uuid: impl Into<String>) => organization_uuid = Some(uuid.into());

        /// Sets the API key for logins. Default: generated from the seed.
        api_key(key: impl Into<String>) => api_key = Some(key.into());

        /// Sets the secret of the API key. Default: generated from the seed.
        api_secret(secret: impl Into<String>) => api_secret = Some(secret.into());

        /// Sets the lifetime of tokens. Default: 30 days.
        token_lifetime(lifetime: Duration) => token_lifetime = lifetime;

        /// Returns every error as `"status": false` with the HTTP status 200.
        soft_errors() => soft_errors = true;

        /// Accepts paths with the prefix `/api/api` too, as in the vendor's HTTP examples.
        doubled_prefix() => doubled_prefix = true;

        /// Returns a list of one item as a plain object, as in an older edition of the documentation.
        unwrapped_single_items() => unwrapped_single_items = true;
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

    setters! {
        /// Writes 1 and 0 instead of true and false, also in the envelope.
        numeric_booleans() => numeric_booleans = true;

        /// Answers creations with 201 instead of 200.
        created_status() => created_status = true;

        /// Sets the response to deletions. Default: as documented.
        deletions(response: DeletionResponse) => deletions = response;

        /// Sets which of two documented shapes new credentials are returned in. Default: the current shape.
        created_credentials(shape: CreatedCredential) => created_credentials = shape;

        /// Returns only the `uuid` of an FTP account in version 1 of the API.
        bare_legacy_accounts() => bare_legacy_accounts = true;

        /// Answers 403 instead of 404 if the organization in a path does not exist.
        foreign_organizations_forbidden() => foreign_organizations_forbidden = true;

        /// Accepts only bucket names that are valid in S3: 3 to 63 lower-case letters, digits, hyphens and periods.
        strict_bucket_names() => strict_bucket_names = true;

        /// Accepts every password. By default, an upper-case letter, a lower-case letter and a special character are
        /// required.
        any_password() => any_password = true;

        /// Answers 405 instead of 404 if a known path is called with another method.
        method_not_allowed() => method_not_allowed = true;
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

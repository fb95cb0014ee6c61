use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Simulator;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{CreatedCredential, DeletionReply, Settings};
use super::state::store::Store;
use crate::StartError;
use crate::server::{ServerSettings, builder_settings};

/// The settings of a [`Simulator`] before it starts.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until start() is awaited"]
pub struct Builder {
    server: ServerSettings,
    settings: Settings,
}

impl Builder {
    builder_settings!();

    /// The id of the organization; made from the seed unless set.
    pub fn organization_uuid(mut self, uuid: impl Into<String>) -> Self {
        self.settings.organization_uuid = Some(uuid.into());
        self
    }

    /// The API key that logins show; made from the seed unless set.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// The secret of the API key; made from the seed unless set.
    pub fn api_secret(mut self, secret: impl Into<String>) -> Self {
        self.settings.api_secret = Some(secret.into());
        self
    }

    /// How long tokens live from their login on; 30 days unless set.
    pub const fn token_life(mut self, life: Duration) -> Self {
        self.settings.token_life = life;
        self
    }

    /// Tells every error as `"status": false` under the HTTP status 200.
    pub const fn soft_errors(mut self) -> Self {
        self.settings.soft_errors = true;
        self
    }

    /// Takes paths that begin with `/api/api` too, as the vendor's examples of HTTP requests have them.
    pub const fn doubled_prefix(mut self) -> Self {
        self.settings.doubled_prefix = true;
        self
    }

    /// Returns a list of one item as that item, without a list, as an older edition of the documentation has it.
    pub const fn lone_objects(mut self) -> Self {
        self.settings.lone_objects = true;
        self
    }

    /// Returns the lists of buckets, credentials and FTP accounts in pages of so many items, with the keys of a paginator
    /// beside `data`. Unless set, lists are complete.
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    pub const fn paged_lists(mut self, size: usize) -> Self {
        assert!(size > 0, "a page has at least one item");
        self.settings.page_size = Some(size);
        self
    }

    /// Writes 1 and 0 for true and false, in the envelope too.
    pub const fn numeric_booleans(mut self) -> Self {
        self.settings.numeric_booleans = true;
        self
    }

    /// Answers creations with 201 instead of 200.
    pub const fn created_status(mut self) -> Self {
        self.settings.created_status = true;
        self
    }

    /// What answers deletions.
    pub const fn deletions(mut self, reply: DeletionReply) -> Self {
        self.settings.deletions = reply;
        self
    }

    /// Which of two documented shapes new credentials are returned in.
    pub const fn created_credentials(mut self, shape: CreatedCredential) -> Self {
        self.settings.created_credentials = shape;
        self
    }

    /// Lets the first version of the API return nothing of an FTP account but its `uuid`.
    pub const fn bare_legacy_accounts(mut self) -> Self {
        self.settings.bare_legacy_accounts = true;
        self
    }

    /// Answers 403 instead of 404 when a path names an organization that does not exist.
    pub const fn foreign_organizations_forbidden(mut self) -> Self {
        self.settings.foreign_organizations_forbidden = true;
        self
    }

    /// Takes only such names of buckets as S3 does: 3 to 63 lower-case letters, digits, hyphens and periods.
    pub const fn strict_bucket_names(mut self) -> Self {
        self.settings.strict_bucket_names = true;
        self
    }

    /// Takes every password, not only those with an upper-case letter, a lower-case letter and a special character.
    pub const fn any_password(mut self) -> Self {
        self.settings.any_password = true;
        self
    }

    /// Answers 405 instead of 404 when a known path is called with another method.
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
        let store = Arc::new(Mutex::new(Store::new(self.settings, prepared.seed)));
        let api = Api { store: Arc::clone(&store), clock: prepared.clock(), scheme, doubled_prefix };
        let running = prepared.run(Arc::new(api)).await?;
        Ok(Simulator { running, store })
    }
}

use std::sync::Arc;
use std::time::Duration;

use crate::StartError;
use crate::brickftp::Simulator;
use crate::brickftp::operations::OPERATIONS;
use crate::brickftp::service::Api;
use crate::brickftp::settings::{Overwrite, PartLength, Settings, UploadForm};
use crate::brickftp::state::store::Store;
use crate::server::{ServerSettings, SharedStore, builder_settings};
use crate::storage::{Storage, StorageSettings};

/// The settings of a [`Simulator`] before it starts.
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until start() is awaited"]
pub struct Builder {
    server: ServerSettings,
    settings: Settings,
    storage: StorageSettings,
}

impl Builder {
    builder_settings!(two origins);

    /// Sets the first part of the site's host name, which appears in the URLs of bundles. Default: `acme`.
    pub fn subdomain(mut self, subdomain: impl Into<String>) -> Self {
        self.settings.subdomain = subdomain.into();
        self
    }

    /// Sets the API key of the site. Default: generated from the seed.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// Sets the password of the administrator. Default: generated from the seed.
    pub fn admin_password(mut self, password: impl Into<String>) -> Self {
        self.settings.admin_password = Some(password.into());
        self
    }

    /// Sets how the storage behaves. Default: [`StorageSettings::new`].
    pub fn storage(mut self, settings: StorageSettings) -> Self {
        self.storage = settings;
        self
    }

    /// Writes `subfolders_locked` in XML. The service writes `subfolders_locked?`, which is not a valid XML name.
    pub const fn legal_xml(mut self) -> Self {
        self.settings.legal_xml = true;
        self
    }

    /// Writes numbers as numbers in the response to the creation of a notification. The documentation has strings.
    pub const fn number_ids(mut self) -> Self {
        self.settings.number_ids = true;
        self
    }

    /// Responds to a search for a user with an array instead of an object.
    pub const fn found_users_as_array(mut self) -> Self {
        self.settings.found_users_as_array = true;
        self
    }

    /// Sets the offset of the site's time zone from UTC in minutes. Default: -300. Times of files are always in UTC.
    pub const fn site_offset_minutes(mut self, minutes: i32) -> Self {
        self.settings.site_offset_minutes = minutes;
        self
    }

    /// Sets the lifetime of sessions. Default: 24 hours.
    pub const fn session_life(mut self, life: Duration) -> Self {
        self.settings.session_life = life;
        self
    }

    /// Locks a user out for `duration` after this many failed logins in a row. Default: never.
    pub const fn lockout(mut self, failures: u32, duration: Duration) -> Self {
        self.settings.lockout = Some((failures, duration));
        self
    }

    /// Sets the operations that sessions must reauthenticate for, such as `brickftp.users.delete`. Default:
    /// `brickftp.users.delete`, and `brickftp.users.update` if it changes the password.
    pub fn reauthentication_for<I: IntoIterator<Item = S>, S: Into<String>>(mut self, operations: I) -> Self {
        self.settings.reauthenticated = operations.into_iter().map(Into::into).collect();
        self
    }

    /// Shows the content of bundles without credentials, as later versions of the service do.
    pub const fn public_bundles(mut self) -> Self {
        self.settings.public_bundles = true;
        self
    }

    /// Returns the first page for every page of a list.
    pub const fn ignore_page(mut self) -> Self {
        self.settings.ignore_page = true;
        self
    }

    /// Sets the maximum number of entries on a page, regardless of `per_page`. Default: none.
    pub const fn page_cap(mut self, entries: usize) -> Self {
        self.settings.page_cap = Some(entries);
        self
    }

    /// Sets what happens if a file of this name exists. Default: [`Overwrite::Replace`].
    pub const fn overwrite(mut self, overwrite: Overwrite) -> Self {
        self.settings.overwrite = overwrite;
        self
    }

    /// Sets how parts must be sent. Default: [`UploadForm::Body`].
    pub const fn upload_form(mut self, form: UploadForm) -> Self {
        self.settings.upload_form = form;
        self
    }

    /// Sets how upload objects announce `Content-Length`. Default: [`PartLength::Parameter`].
    pub const fn part_length(mut self, length: PartLength) -> Self {
        self.settings.part_length = length;
        self
    }

    /// Sets the part size that upload objects recommend, in bytes. Default: 5 MiB.
    pub const fn part_size(mut self, bytes: u64) -> Self {
        self.settings.part_size = bytes;
        self
    }

    /// Sets the maximum part number. Default: 10,000.
    pub const fn available_parts(mut self, parts: u32) -> Self {
        self.settings.available_parts = parts;
        self
    }

    /// Sets the lifetime of upload URLs. Default: 15 minutes.
    pub const fn upload_url_life(mut self, life: Duration) -> Self {
        self.settings.upload_url_life = life;
        self
    }

    /// Sets the lifetime of download URLs. Default: 3 minutes.
    pub const fn download_url_life(mut self, life: Duration) -> Self {
        self.settings.download_url_life = life;
        self
    }

    /// Sets how long an upload may take from its start to its completion. Default: 24 hours.
    pub const fn upload_life(mut self, life: Duration) -> Self {
        self.settings.upload_life = life;
        self
    }

    /// Sets how long `crc32` and `md5` of an uploaded file stay unknown. Default: zero. The response to the completion
    /// never contains them.
    pub const fn checksum_delay(mut self, delay: Duration) -> Self {
        self.settings.checksum_delay = delay;
        self
    }

    /// Starts the simulator on the current tokio runtime.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let prepared = self.server.prepare(OPERATIONS)?;
        let storage = Storage::new(self.storage, prepared.clock(), prepared.seed);
        let store = Store::new(self.settings, storage.clone(), prepared.seed, prepared.now_ms());
        let store = SharedStore::new(store, prepared.clock());
        let service = Arc::new(Api { store: store.clone() });
        let running = prepared.run_both(service, storage.service(OPERATIONS)).await?;
        let simulator = Simulator { running, store };
        storage.set_origin(simulator.storage_url());
        Ok(simulator)
    }
}

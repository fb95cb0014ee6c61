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

    setters! {
        /// Sets the first part of the site's host name, which appears in the URLs of bundles. Default: `acme`.
        subdomain(subdomain: impl Into<String>) => subdomain = subdomain.into();

        /// Sets the API key of the site. Default: generated from the seed.
        api_key(key: impl Into<String>) => api_key = Some(key.into());

        /// Sets the password of the administrator. Default: generated from the seed.
        admin_password(password: impl Into<String>) => admin_password = Some(password.into());

        /// Writes `subfolders_locked` in XML. The service writes `subfolders_locked?`, which is not a valid XML name.
        legal_xml() => legal_xml = true;

        /// Writes numbers as numbers in the response to the creation of a notification. The documentation has strings.
        number_ids() => number_ids = true;

        /// Responds to a search for a user with an array instead of an object.
        found_users_as_array() => found_users_as_array = true;

        /// Sets the offset of the site's time zone from UTC in minutes. Default: -300. Times of files are always in UTC.
        site_offset_minutes(minutes: i32) => site_offset_minutes = minutes;

        /// Sets the lifetime of sessions. Default: 24 hours.
        session_lifetime(lifetime: Duration) => session_lifetime = lifetime;

        /// Shows the content of bundles without credentials, as later versions of the service do.
        public_bundles() => public_bundles = true;

        /// Returns the first page for every page of a list.
        ignore_page() => ignore_page = true;

        /// Sets the maximum number of entries on a page, regardless of `per_page`. Default: none.
        page_cap(entries: usize) => page_cap = Some(entries);

        /// Sets what happens if a file of this name exists. Default: [`Overwrite::Replace`].
        overwrite(overwrite: Overwrite) => overwrite = overwrite;

        /// Sets how parts must be sent. Default: [`UploadForm::Body`].
        upload_form(form: UploadForm) => upload_form = form;

        /// Sets how upload objects announce `Content-Length`. Default: [`PartLength::Parameter`].
        part_length(length: PartLength) => part_length = length;

        /// Sets the part size that upload objects recommend, in bytes. Default: 5 MiB.
        part_size(bytes: u64) => part_size = bytes;

        /// Sets the maximum part number. Default: 10,000.
        available_parts(parts: u32) => available_parts = parts;

        /// Sets the lifetime of upload URLs. Default: 15 minutes.
        upload_url_lifetime(lifetime: Duration) => upload_url_lifetime = lifetime;

        /// Sets the lifetime of download URLs. Default: 3 minutes.
        download_url_lifetime(lifetime: Duration) => download_url_lifetime = lifetime;

        /// Sets how long an upload may take from its start to its completion. Default: 24 hours.
        upload_lifetime(lifetime: Duration) => upload_lifetime = lifetime;

        /// Sets how long `crc32` and `md5` of an uploaded file stay unknown. Default: zero. The response to the completion
        /// never contains them.
        checksum_delay(delay: Duration) => checksum_delay = delay;
    }

    /// Sets the operations that sessions must reauthenticate for, such as `brickftp.users.delete`. Default:
    /// `brickftp.users.delete`, and `brickftp.users.update` if it changes the password.
    pub fn reauthentication_for<I: IntoIterator<Item = S>, S: Into<String>>(mut self, operations: I) -> Self {
        self.settings.reauthenticated = operations.into_iter().map(Into::into).collect();
        self
    }

    /// Locks a user out for `duration` after this many failed logins in a row. Default: never.
    pub const fn lockout(mut self, failures: u32, duration: Duration) -> Self {
        self.settings.lockout = Some((failures, duration));
        self
    }

    /// Sets how the storage behaves. Default: [`StorageSettings::new`].
    pub fn storage(mut self, settings: StorageSettings) -> Self {
        self.storage = settings;
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

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

    /// The first part of the site's host name, which shows in the URLs of bundles; `acme` unless set.
    pub fn subdomain(mut self, subdomain: impl Into<String>) -> Self {
        self.settings.subdomain = subdomain.into();
        self
    }

    /// The API key of the site; made from the seed unless set.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.settings.api_key = Some(key.into());
        self
    }

    /// The password of the administrator; made from the seed unless set.
    pub fn admin_password(mut self, password: impl Into<String>) -> Self {
        self.settings.admin_password = Some(password.into());
        self
    }

    /// How the storage behaves.
    pub fn storage(mut self, settings: StorageSettings) -> Self {
        self.storage = settings;
        self
    }

    /// Writes `subfolders_locked` in XML, where the service writes `subfolders_locked?`, which is no XML name.
    pub const fn legal_xml(mut self) -> Self {
        self.settings.legal_xml = true;
        self
    }

    /// Writes numbers as numbers in the answer to the creation of a notification, where the documentation has strings.
    pub const fn number_ids(mut self) -> Self {
        self.settings.number_ids = true;
        self
    }

    /// Answers a search for a user with an array of one, as clients of the time expect, and not with an object.
    pub const fn found_users_as_array(mut self) -> Self {
        self.settings.found_users_as_array = true;
        self
    }

    /// The offset of the site's time zone from UTC in minutes, -300 unless set. Times of files are in UTC anyway.
    pub const fn site_offset_minutes(mut self, minutes: i32) -> Self {
        self.settings.site_offset_minutes = minutes;
        self
    }

    /// How long sessions live; 24 hours unless set.
    pub const fn session_life(mut self, life: Duration) -> Self {
        self.settings.session_life = life;
        self
    }

    /// Locks a user out for a while after so many failed logins in a row; never unless set.
    pub const fn lockout(mut self, failures: u32, duration: Duration) -> Self {
        self.settings.lockout = Some((failures, duration));
        self
    }

    /// The operations that sessions have to reauthenticate for, such as `brickftp.users.delete`. Unless set these are
    /// `brickftp.users.delete` and, when it changes the password, `brickftp.users.update`.
    pub fn reauthentication_for<I: IntoIterator<Item = S>, S: Into<String>>(mut self, operations: I) -> Self {
        self.settings.reauthenticated = operations.into_iter().map(Into::into).collect();
        self
    }

    /// Shows the content of bundles without credentials too, as later versions of the service do.
    pub const fn public_bundles(mut self) -> Self {
        self.settings.public_bundles = true;
        self
    }

    /// Answers every page of a list with the first one.
    pub const fn ignore_page(mut self) -> Self {
        self.settings.ignore_page = true;
        self
    }

    /// Never puts more entries on a page than this, whatever `per_page` asks for.
    pub const fn page_cap(mut self, entries: usize) -> Self {
        self.settings.page_cap = Some(entries);
        self
    }

    /// What happens to a file whose name is taken.
    pub const fn overwrite(mut self, overwrite: Overwrite) -> Self {
        self.settings.overwrite = overwrite;
        self
    }

    /// How parts have to be sent.
    pub const fn upload_form(mut self, form: UploadForm) -> Self {
        self.settings.upload_form = form;
        self
    }

    /// How upload objects speak of `Content-Length`.
    pub const fn part_length(mut self, length: PartLength) -> Self {
        self.settings.part_length = length;
        self
    }

    /// The size that upload objects recommend for parts, in bytes; 5 MiB unless set.
    pub const fn part_size(mut self, bytes: u64) -> Self {
        self.settings.part_size = bytes;
        self
    }

    /// The highest part number that there are URLs for; 10,000 unless set.
    pub const fn available_parts(mut self, parts: u32) -> Self {
        self.settings.available_parts = parts;
        self
    }

    /// How long upload URLs live; 15 minutes unless set.
    pub const fn upload_url_life(mut self, life: Duration) -> Self {
        self.settings.upload_url_life = life;
        self
    }

    /// How long download URLs live; 3 minutes unless set.
    pub const fn download_url_life(mut self, life: Duration) -> Self {
        self.settings.download_url_life = life;
        self
    }

    /// How long an upload may take from its start to its completion; 24 hours unless set.
    pub const fn upload_life(mut self, life: Duration) -> Self {
        self.settings.upload_life = life;
        self
    }

    /// How long `crc32` and `md5` of an uploaded file stay unknown. The answer to the completion never has them.
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

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::StatusCode;

use super::Simulator;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{Batches, CreateReply, ErrorBody, Lag, Paths, RelativeTarget, Settings};
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
    builder_settings!(two origins);

    /// The key of the ftpGrid account; made from the seed unless set.
    pub fn association_key(mut self, key: impl Into<String>) -> Self {
        self.settings.association_key = Some(key.into());
        self
    }

    /// The access key of the REST API account; made from the seed unless set.
    pub fn access_key(mut self, key: impl Into<String>) -> Self {
        self.settings.access_key = Some(key.into());
        self
    }

    /// The secret key of the REST API account; made from the seed unless set.
    pub fn secret_key(mut self, key: impl Into<String>) -> Self {
        self.settings.secret_key = Some(key.into());
        self
    }

    /// How long tokens live; 15 minutes unless set.
    pub const fn token_life(mut self, life: Duration) -> Self {
        self.settings.token_life = life;
        self
    }

    /// Writes into every token when it was issued and when it ends, as the claims `iat` and `exp` of its middle part.
    pub const fn expiry_claim(mut self) -> Self {
        self.settings.expiry_claim = true;
        self
    }

    /// Which paths list the FTP accounts.
    pub const fn account_list_paths(mut self, paths: Paths) -> Self {
        self.settings.account_list_paths = paths;
        self
    }

    /// Which paths delete in the storage.
    pub const fn delete_paths(mut self, paths: Paths) -> Self {
        self.settings.delete_paths = paths;
        self
    }

    /// Answers the creation of an FTP account with 201 instead of 200.
    pub const fn created_status(mut self) -> Self {
        self.settings.create_status = StatusCode::CREATED;
        self
    }

    /// What the creation of an FTP account is answered with.
    pub const fn create_reply(mut self, reply: CreateReply) -> Self {
        self.settings.create_reply = reply;
        self
    }

    /// Answers the update of an FTP account that is not there with `{"rslt":"OK"}` instead of 404.
    pub const fn acknowledge_unknown_accounts(mut self) -> Self {
        self.settings.acknowledges_unknown = true;
        self
    }

    /// Answers lists of directories that are not there with 404 instead of `[]`.
    pub const fn missing_directory_is_an_error(mut self) -> Self {
        self.settings.refuses_missing = true;
        self
    }

    /// Where a move to a path without a slash in front leads.
    pub const fn relative_target(mut self, target: RelativeTarget) -> Self {
        self.settings.relative_target = target;
        self
    }

    /// What becomes of a batch of moves or deletions of which one fails.
    pub const fn batches(mut self, batches: Batches) -> Self {
        self.settings.batches = batches;
        self
    }

    /// How late the metadata, which the tree is listed from, learns of a change.
    pub const fn metadata_lag(mut self, lag: Lag) -> Self {
        self.settings.metadata_lag = lag;
        self
    }

    /// How late the checksum of a file is in the tree, counted from when the tree has the file. Until then a new file
    /// has none, and a replaced one that of its old content.
    pub const fn checksum_delay(mut self, lag: Lag) -> Self {
        self.settings.checksum_delay = lag;
        self
    }

    /// Leaves directories out of the tree that were only made on the way to something else, as in the vendor's example.
    pub const fn hide_implied_directories(mut self) -> Self {
        self.settings.hides_implied = true;
        self
    }

    /// How long the id of a prepared download lives; 5 minutes unless set.
    pub const fn download_id_life(mut self, life: Duration) -> Self {
        self.settings.download_id_life = life;
        self
    }

    /// Lets the id of a prepared download be used only once.
    pub const fn single_use_download_ids(mut self) -> Self {
        self.settings.single_use_ids = true;
        self
    }

    /// Refuses uploads whose body has more bytes than this with 413.
    pub const fn maximum_upload(mut self, bytes: u64) -> Self {
        self.settings.maximum_upload = bytes;
        self
    }

    /// Sends downloads in chunks, without `Content-Length`. Of the faults that decide how a reply is sent,
    /// [`truncated`](crate::Fault::truncated) and [`reset_mid_body`](crate::Fault::reset_mid_body) keep to it.
    pub const fn chunked_downloads(mut self) -> Self {
        self.settings.chunked_downloads = true;
        self
    }

    /// Adds `filename*=` to the names of downloads, and leaves only ASCII in `filename=`.
    pub const fn extended_file_names(mut self) -> Self {
        self.settings.extended_names = true;
        self
    }

    /// What the bodies of errors look like.
    pub const fn error_body(mut self, body: ErrorBody) -> Self {
        self.settings.error_body = body;
        self
    }

    /// How many bytes of files are kept in memory, 64 MiB unless set. What comes on top goes to files.
    pub const fn memory_limit(mut self, bytes: u64) -> Self {
        self.settings.memory_limit = bytes;
        self
    }

    /// Where the files are made, in a folder of their own that goes when the simulator goes; the system's folder for
    /// temporary files unless set.
    pub fn data_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.settings.data_folder = Some(folder.into());
        self
    }

    /// Counts the bytes of uploads and keeps none, for measurements: such files are read back as zeros.
    pub const fn drain(mut self) -> Self {
        self.settings.keeps_content = false;
        self
    }

    /// Computes no checksums, for measurements: those in the tree stay empty.
    pub const fn without_checksums(mut self) -> Self {
        self.settings.checksums = false;
        self
    }

    /// Starts the simulator on the current tokio runtime.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let prepared = self.server.prepare(OPERATIONS)?;
        let store = Arc::new(Mutex::new(Store::new(self.settings, prepared.seed, prepared.now_ms())));
        let clock = prepared.clock();
        let (management, storage) = (Api::management(&store, &clock), Api::storage(&store, &clock));
        let running = prepared.run_both(management, storage).await?;
        Ok(Simulator { running, store })
    }
}

use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;

use super::Simulator;
use super::operations::OPERATIONS;
use super::service::Api;
use super::settings::{Batches, CreateResponse, ErrorBody, Lag, Paths, RelativeTarget, Settings};
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
    builder_settings!(two origins);

    /// Sets the key of the ftpGrid account. Default: generated from the seed.
    pub fn association_key(mut self, key: impl Into<String>) -> Self {
        self.settings.association_key = Some(key.into());
        self
    }

    /// Sets the access key of the REST API account. Default: generated from the seed.
    pub fn access_key(mut self, key: impl Into<String>) -> Self {
        self.settings.access_key = Some(key.into());
        self
    }

    /// Sets the secret key of the REST API account. Default: generated from the seed.
    pub fn secret_key(mut self, key: impl Into<String>) -> Self {
        self.settings.secret_key = Some(key.into());
        self
    }

    /// Sets the lifetime of tokens. Default: 15 minutes.
    pub const fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.token_lifetime = lifetime;
        self
    }

    /// Adds the claims `iat` and `exp` to the payload of every token.
    pub const fn expiry_claim(mut self) -> Self {
        self.settings.expiry_claim = true;
        self
    }

    /// Sets the paths that list FTP accounts. Default: both.
    pub const fn account_list_paths(mut self, paths: Paths) -> Self {
        self.settings.account_list_paths = paths;
        self
    }

    /// Sets the paths that delete in the storage. Default: both.
    pub const fn delete_paths(mut self, paths: Paths) -> Self {
        self.settings.delete_paths = paths;
        self
    }

    /// Answers the creation of an FTP account with 201 instead of 200.
    pub const fn created_status(mut self) -> Self {
        self.settings.create_status = StatusCode::CREATED;
        self
    }

    /// Sets the response to the creation of an FTP account. Default: the account.
    pub const fn create_response(mut self, response: CreateResponse) -> Self {
        self.settings.create_response = response;
        self
    }

    /// Answers the update of an FTP account that does not exist with `{"rslt":"OK"}` instead of 404.
    pub const fn acknowledge_unknown_accounts(mut self) -> Self {
        self.settings.acknowledges_unknown = true;
        self
    }

    /// Answers lists of directories that do not exist with 404 instead of `[]`.
    pub const fn missing_directory_is_an_error(mut self) -> Self {
        self.settings.refuses_missing = true;
        self
    }

    /// Sets the base of a move to a path without a leading slash. Default: the root.
    pub const fn relative_target(mut self, target: RelativeTarget) -> Self {
        self.settings.relative_target = target;
        self
    }

    /// Sets the effect of a failure in a batch of moves or deletions. Default: earlier changes are kept.
    pub const fn batches(mut self, batches: Batches) -> Self {
        self.settings.batches = batches;
        self
    }

    /// Sets the delay after which the metadata, from which the tree is listed, has a change. Default: none.
    pub const fn metadata_lag(mut self, lag: Lag) -> Self {
        self.settings.metadata_lag = lag;
        self
    }

    /// Sets the delay after which the tree has the checksum of a file, counted from when the tree has the file. Until
    /// then a new file has no checksum, and a replaced file has the checksum of its old content. Default: none.
    pub const fn checksum_delay(mut self, lag: Lag) -> Self {
        self.settings.checksum_delay = lag;
        self
    }

    /// Omits implicitly created parent directories from the tree, as in the vendor's example.
    pub const fn hide_implied_directories(mut self) -> Self {
        self.settings.hides_implied = true;
        self
    }

    /// Sets the lifetime of the id of a prepared download. Default: 5 minutes.
    pub const fn download_id_lifetime(mut self, lifetime: Duration) -> Self {
        self.settings.download_id_lifetime = lifetime;
        self
    }

    /// Makes the id of a prepared download valid for one use only.
    pub const fn single_use_download_ids(mut self) -> Self {
        self.settings.single_use_ids = true;
        self
    }

    /// Sets the maximum size of an upload body. Larger bodies are rejected with 413. Default: no maximum.
    pub const fn max_upload_size(mut self, bytes: u64) -> Self {
        self.settings.max_upload_size = bytes;
        self
    }

    /// Sends downloads in chunks, without `Content-Length`. Of the faults that determine how a response is sent,
    /// [`truncated`](crate::Fault::truncated) and [`reset_mid_body`](crate::Fault::reset_mid_body) keep the chunks.
    pub const fn chunked_downloads(mut self) -> Self {
        self.settings.chunked_downloads = true;
        self
    }

    /// Adds `filename*=` to the names of downloads, and uses only ASCII in `filename=`.
    pub const fn extended_file_names(mut self) -> Self {
        self.settings.extended_names = true;
        self
    }

    /// Sets the form of error bodies. Default: JSON.
    pub const fn error_body(mut self, body: ErrorBody) -> Self {
        self.settings.error_body = body;
        self
    }

    /// Sets how many bytes of files are kept in memory. Further content goes to files. Default: 64 MiB.
    pub const fn memory_limit(mut self, bytes: u64) -> Self {
        self.settings.memory_limit = bytes;
        self
    }

    /// Sets the folder for files. The simulator creates its own subfolder and removes it when it stops. Default: the
    /// system's temporary folder.
    pub fn data_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.settings.data_folder = Some(folder.into());
        self
    }

    /// Counts the bytes of uploads but does not store them. Their content reads as zeros. For benchmarks.
    pub const fn drain(mut self) -> Self {
        self.settings.keeps_content = false;
        self
    }

    /// Computes no checksums. The tree has empty checksums. For benchmarks.
    pub const fn without_checksums(mut self) -> Self {
        self.settings.checksums = false;
        self
    }

    /// Starts the simulator on the current tokio runtime.
    pub async fn start(self) -> Result<Simulator, StartError> {
        let prepared = self.server.prepare(OPERATIONS)?;
        let store = Store::new(self.settings, prepared.seed, prepared.now_ms());
        let store = SharedStore::new(store, prepared.clock());
        let running = prepared.run_both(Api::new(&store, false), Api::new(&store, true)).await?;
        Ok(Simulator { running, store })
    }
}

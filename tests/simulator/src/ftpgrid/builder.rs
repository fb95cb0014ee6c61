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

    setters! {
        /// Sets the key of the ftpGrid account. Default: generated from the seed.
        association_key(key: impl Into<String>) => association_key = Some(key.into());

        /// Sets the access key of the REST API account. Default: generated from the seed.
        access_key(key: impl Into<String>) => access_key = Some(key.into());

        /// Sets the secret key of the REST API account. Default: generated from the seed.
        secret_key(key: impl Into<String>) => secret_key = Some(key.into());

        /// Sets the lifetime of tokens. Default: 15 minutes.
        token_lifetime(lifetime: Duration) => token_lifetime = lifetime;

        /// Adds the claims `iat` and `exp` to the payload of every token.
        expiry_claim() => expiry_claim = true;

        /// Sets the paths that list FTP accounts. Default: both.
        account_list_paths(paths: Paths) => account_list_paths = paths;

        /// Sets the paths that delete in the storage. Default: both.
        delete_paths(paths: Paths) => delete_paths = paths;

        /// Answers the creation of an FTP account with 201 instead of 200.
        created_status() => create_status = StatusCode::CREATED;

        /// Sets the response to the creation of an FTP account. Default: the account.
        create_response(response: CreateResponse) => create_response = response;

        /// Answers the update of an FTP account that does not exist with `{"rslt":"OK"}` instead of 404.
        acknowledge_unknown_accounts() => acknowledges_unknown = true;

        /// Answers lists of directories that do not exist with 404 instead of `[]`.
        missing_directory_is_an_error() => refuses_missing = true;

        /// Sets the base of a move to a path without a leading slash. Default: the root.
        relative_target(target: RelativeTarget) => relative_target = target;

        /// Sets the effect of a failure in a batch of moves or deletions. Default: earlier changes are kept.
        batches(batches: Batches) => batches = batches;

        /// Sets the delay after which the metadata, from which the tree is listed, has a change. Default: none.
        metadata_lag(lag: Lag) => metadata_lag = lag;

        /// Sets the delay after which the tree has the checksum of a file, counted from when the tree has the file.
        /// Until then a new file has no checksum, and a replaced file has the checksum of its old content. Default:
        /// none.
        checksum_delay(lag: Lag) => checksum_delay = lag;

        /// Omits implicitly created parent directories from the tree, as in the vendor's example.
        hide_implied_directories() => hides_implied = true;

        /// Sets the lifetime of the id of a prepared download. Default: 5 minutes.
        download_id_lifetime(lifetime: Duration) => download_id_lifetime = lifetime;

        /// Makes the id of a prepared download valid for one use only.
        single_use_download_ids() => single_use_ids = true;

        /// Sets the maximum size of an upload body. Larger bodies are rejected with 413. Default: no maximum.
        max_upload_size(bytes: u64) => max_upload_size = bytes;

        /// Sends downloads in chunks, without `Content-Length`. Of the faults that determine how a response is sent,
        /// [`truncated`](crate::Fault::truncated) and [`reset_mid_body`](crate::Fault::reset_mid_body) keep the chunks.
        chunked_downloads() => chunked_downloads = true;

        /// Adds `filename*=` to the names of downloads, and uses only ASCII in `filename=`.
        extended_file_names() => extended_names = true;

        /// Sets the form of error bodies. Default: JSON.
        error_body(body: ErrorBody) => error_body = body;

        /// Sets how many bytes of files are kept in memory. Further content goes to files. Default: 64 MiB.
        memory_limit(bytes: u64) => memory_limit = bytes;

        /// Sets the folder for files. The simulator creates its own subfolder and removes it when it stops. Default:
        /// the system's temporary folder.
        data_folder(folder: impl Into<PathBuf>) => data_folder = Some(folder.into());

        /// Counts the bytes of uploads but does not store them. Their content reads as zeros. For benchmarks.
        drain() => keeps_content = false;

        /// Computes no checksums. The tree has empty checksums. For benchmarks.
        without_checksums() => checksums = false;
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

//! State that the parts of one upload share.

use std::sync::Arc;
use std::time::Duration;

use crate::transfer::handle::TaskGuard;
use crate::transfer::request::TransferRequest;
use crate::transfer::service::DynUploadService;
use crate::transfer::storage::client::StorageClient;
use crate::transfer::upload::checkpoint::Checkpoint;

/// Settings of an upload beside those of every transfer.
#[derive(Clone)]
pub(crate) struct UploadOptions {
    pub(crate) part_size: Option<u64>,
    pub(crate) memory_budget: u64,
    pub(crate) verify_timeout: Option<Duration>,
    pub(crate) content_type: String,
}

/// State that the parts of one upload share.
pub(crate) struct UploadContext<F> {
    pub(crate) request: TransferRequest,
    pub(crate) options: UploadOptions,
    pub(crate) service: Arc<dyn DynUploadService<F>>,
    pub(crate) storage: StorageClient,
    pub(crate) checkpoint: Checkpoint,
    pub(crate) guard: TaskGuard,
}

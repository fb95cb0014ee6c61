use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;

/// How a simulator behaves if the documentation of the service is silent or contradicts itself.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the builder
pub(crate) struct Settings {
    pub(crate) association_key: Option<String>,
    pub(crate) access_key: Option<String>,
    pub(crate) secret_key: Option<String>,
    pub(crate) token_lifetime: Duration,
    pub(crate) expiry_claim: bool,
    pub(crate) account_list_paths: Paths,
    pub(crate) delete_paths: Paths,
    pub(crate) create_status: StatusCode,
    pub(crate) create_response: CreateResponse,
    pub(crate) acknowledges_unknown: bool,
    pub(crate) refuses_missing: bool,
    pub(crate) relative_target: RelativeTarget,
    pub(crate) batches: Batches,
    pub(crate) metadata_lag: Lag,
    pub(crate) checksum_delay: Lag,
    pub(crate) hides_implied: bool,
    pub(crate) download_id_lifetime: Duration,
    pub(crate) single_use_ids: bool,
    pub(crate) max_upload_size: u64,
    pub(crate) chunked_downloads: bool,
    pub(crate) extended_names: bool,
    pub(crate) error_body: ErrorBody,
    pub(crate) memory_limit: u64,
    pub(crate) data_folder: Option<PathBuf>,
    pub(crate) keeps_content: bool,
    pub(crate) checksums: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            association_key: None,
            access_key: None,
            secret_key: None,
            token_lifetime: Duration::from_secs(15 * 60),
            expiry_claim: false,
            account_list_paths: Paths::Both,
            delete_paths: Paths::Both,
            create_status: StatusCode::OK,
            create_response: CreateResponse::Account,
            acknowledges_unknown: false,
            refuses_missing: false,
            relative_target: RelativeTarget::Root,
            batches: Batches::StopAndKeep,
            metadata_lag: Lag::default(),
            checksum_delay: Lag::default(),
            hides_implied: false,
            download_id_lifetime: Duration::from_secs(5 * 60),
            single_use_ids: false,
            max_upload_size: u64::MAX,
            chunked_downloads: false,
            extended_names: false,
            error_body: ErrorBody::Json,
            memory_limit: 64 << 20,
            data_folder: None,
            keeps_content: true,
            checksums: true,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").finish_non_exhaustive()
    }
}

/// Which of two paths exist. The vendor's pages contradict each other for some operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Paths {
    /// Both, with the same response.
    #[default]
    Both,
    /// Only the path in the vendor's introduction: `/ftpaccounts/list`, `/api/delete/`.
    Introduction,
    /// Only the path on the operation's page: `/ftpaccounts`, `/api/delete`.
    Reference,
}

/// The response to the creation of an FTP account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateResponse {
    /// The account, as documented.
    #[default]
    Account,
    /// `{"rslt":"OK"}`, as in the responses to other changes.
    Acknowledgement,
    /// Only the id.
    Id,
}

/// The base of a move to a path without a leading slash. The documentation has both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RelativeTarget {
    /// The root, as in the documented example.
    #[default]
    Root,
    /// The directory of the source, as in the documented text.
    SourceDirectory,
}

/// The effect of a failure in a batch of moves or deletions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Batches {
    /// Earlier changes are kept. Later changes are not attempted.
    #[default]
    StopAndKeep,
    /// All changes are rolled back.
    AllOrNothing,
}

/// A delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lag {
    /// Not visible for this number of storage calls.
    Operations(u64),
    /// Not visible for this duration of simulated time.
    Time(Duration),
}

impl Default for Lag {
    /// No delay.
    fn default() -> Self {
        Self::Operations(0)
    }
}

/// The form of error bodies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorBody {
    /// `{"error":"…"}`.
    #[default]
    Json,
    /// The message as plain text.
    Plain,
    /// No body.
    Empty,
}

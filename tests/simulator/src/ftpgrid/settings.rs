use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;

/// How a simulator behaves where the service leaves a choice, or where its documentation contradicts itself.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the builder
pub(crate) struct Settings {
    pub(crate) association_key: Option<String>,
    pub(crate) access_key: Option<String>,
    pub(crate) secret_key: Option<String>,
    pub(crate) token_life: Duration,
    pub(crate) expiry_claim: bool,
    pub(crate) account_list_paths: Paths,
    pub(crate) delete_paths: Paths,
    pub(crate) create_status: StatusCode,
    pub(crate) create_reply: CreateReply,
    pub(crate) acknowledges_unknown: bool,
    pub(crate) refuses_missing: bool,
    pub(crate) relative_target: RelativeTarget,
    pub(crate) batches: Batches,
    pub(crate) metadata_lag: Lag,
    pub(crate) checksum_delay: Lag,
    pub(crate) hides_implied: bool,
    pub(crate) download_id_life: Duration,
    pub(crate) single_use_ids: bool,
    pub(crate) maximum_upload: u64,
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
            token_life: Duration::from_secs(15 * 60),
            expiry_claim: false,
            account_list_paths: Paths::Both,
            delete_paths: Paths::Both,
            create_status: StatusCode::OK,
            create_reply: CreateReply::Account,
            acknowledges_unknown: false,
            refuses_missing: false,
            relative_target: RelativeTarget::Root,
            batches: Batches::StopAndKeep,
            metadata_lag: Lag::default(),
            checksum_delay: Lag::default(),
            hides_implied: false,
            download_id_life: Duration::from_secs(5 * 60),
            single_use_ids: false,
            maximum_upload: u64::MAX,
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

/// Which of two paths exist, where the vendor's pages disagree about one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Paths {
    /// Both, with the same answer.
    #[default]
    Both,
    /// Only the one in the vendor's introduction: `/ftpaccounts/list`, `/api/delete/`.
    Introduction,
    /// Only the one on the operation's own page: `/ftpaccounts`, `/api/delete`.
    Reference,
}

/// What the creation of an FTP account is answered with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateReply {
    /// The account, as documented.
    #[default]
    Account,
    /// `{"rslt":"OK"}`, as the other calls that change something.
    Acknowledgement,
    /// The id alone.
    Id,
}

/// Where a move to a path without a slash in front leads; the documentation says both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RelativeTarget {
    /// To the root, as in the worked example.
    #[default]
    Root,
    /// To the directory of the source, as the prose has it.
    SourceDirectory,
}

/// What becomes of a batch of moves or deletions of which one fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Batches {
    /// Those before it stay done, those behind it are not tried.
    #[default]
    StopAndKeep,
    /// Nothing is done.
    AllOrNothing,
}

/// How late something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lag {
    /// The next so many calls of the storage do not see it yet.
    Operations(u64),
    /// It shows after so much simulated time.
    Time(Duration),
}

impl Default for Lag {
    /// Not late at all.
    fn default() -> Self {
        Self::Operations(0)
    }
}

/// What the body of an error looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorBody {
    /// `{"error":"…"}`.
    #[default]
    Json,
    /// The message as plain text.
    Plain,
    /// Nothing.
    Empty,
}

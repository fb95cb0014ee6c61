use std::fmt;
use std::time::Duration;

/// How a simulator behaves where the service leaves a choice.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own
pub(crate) struct Settings {
    pub(crate) organization_uuid: Option<String>,
    pub(crate) api_key: Option<String>,
    pub(crate) api_secret: Option<String>,
    pub(crate) token_life: Duration,
    pub(crate) soft_errors: bool,
    pub(crate) doubled_prefix: bool,
    pub(crate) lone_objects: bool,
    pub(crate) page_size: Option<usize>,
    pub(crate) numeric_booleans: bool,
    pub(crate) created_status: bool,
    pub(crate) deletions: DeletionReply,
    pub(crate) created_credentials: CreatedCredential,
    pub(crate) bare_legacy_accounts: bool,
    pub(crate) foreign_organizations_forbidden: bool,
    pub(crate) strict_bucket_names: bool,
    pub(crate) any_password: bool,
    pub(crate) method_not_allowed: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            organization_uuid: None,
            api_key: None,
            api_secret: None,
            token_life: Duration::from_secs(30 * 24 * 60 * 60),
            soft_errors: false,
            doubled_prefix: false,
            lone_objects: false,
            page_size: None,
            numeric_booleans: false,
            created_status: false,
            deletions: DeletionReply::default(),
            created_credentials: CreatedCredential::default(),
            bare_legacy_accounts: false,
            foreign_organizations_forbidden: false,
            strict_bucket_names: false,
            any_password: false,
            method_not_allowed: false,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("soft_errors", &self.soft_errors).finish_non_exhaustive()
    }
}

/// What answers a deletion: most of the documentation stops before it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeletionReply {
    /// For buckets as the documentation once had it, with an object in `data`; for the rest `{"status": true}`.
    #[default]
    Documented,
    /// `{"status": true}`.
    StatusOnly,
    /// `data` is an object with the id of what was deleted.
    Object,
    /// `data` is `[]`.
    EmptyArray,
    /// `data` is null.
    Null,
    /// No body at all.
    Empty,
}

/// Which of two documented shapes a new credential is returned in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreatedCredential {
    /// As documented now: without `access_key`, and buckets without `organization_uuid`.
    #[default]
    Current,
    /// As documented before: with both.
    Legacy,
}

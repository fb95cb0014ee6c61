use std::fmt;
use std::time::Duration;

/// How a simulator behaves if the documentation of the service is silent.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the builder
pub(crate) struct Settings {
    pub(crate) organization_uuid: Option<String>,
    pub(crate) api_key: Option<String>,
    pub(crate) api_secret: Option<String>,
    pub(crate) token_lifetime: Duration,
    pub(crate) soft_errors: bool,
    pub(crate) doubled_prefix: bool,
    pub(crate) unwrapped_single_items: bool,
    pub(crate) page_size: Option<usize>,
    pub(crate) numeric_booleans: bool,
    pub(crate) created_status: bool,
    pub(crate) deletions: DeletionResponse,
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
            token_lifetime: Duration::from_secs(30 * 24 * 60 * 60),
            soft_errors: false,
            doubled_prefix: false,
            unwrapped_single_items: false,
            page_size: None,
            numeric_booleans: false,
            created_status: false,
            deletions: DeletionResponse::default(),
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

/// The response to a deletion. It is mostly undocumented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeletionResponse {
    /// For buckets an object in `data`, as an older edition documents; otherwise `{"status": true}`.
    #[default]
    Documented,
    /// `{"status": true}`.
    StatusOnly,
    /// `data` is an object with the id of the deleted object.
    Object,
    /// `data` is `[]`.
    EmptyArray,
    /// `data` is null.
    Null,
    /// No body.
    Empty,
}

/// The shape of a new credential in a response: two are documented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreatedCredential {
    /// As currently documented: without `access_key`, and buckets without `organization_uuid`.
    #[default]
    Current,
    /// As previously documented: with both.
    Legacy,
}

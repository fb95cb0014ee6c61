//! What can be asked of an FTP account.

use serde::Serialize;

use crate::{BucketId, Result, Secret, WrapRule, check, wrap_rules};

/// An FTP account to be created.
///
/// # Examples
///
/// ```
/// use stook::{NewFtpAccount, WrapRule};
///
/// let bucket = "0b6c1d2e-0000-4000-8000-000000000001";
/// let camera = NewFtpAccount::new("camera1", "Example-Only-1!", bucket, "cam1")
///     .wrap_rules([WrapRule::allow(["198.51.100.7"])]);
/// let viewer = NewFtpAccount::new("viewer", "Example-Only-1!", bucket, "cam1").read_only(true);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new FTP account does nothing until it is given to `create`"]
pub struct NewFtpAccount {
    name: String,
    #[serde(serialize_with = "mft_common::secret::expose")]
    password: Secret,
    bucket_uuid: BucketId,
    is_readonly: bool,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    wrap_rules: Option<Vec<WrapRule>>,
}

impl NewFtpAccount {
    /// An account that reads and writes below a path of a bucket, with the login name that the service makes of `name`.
    ///
    /// The path begins behind the bucket: `cam1`, not `media-archive/cam1`. Whether an empty one is the whole bucket is
    /// not documented. The password has to have upper-case and lower-case letters and special characters; the exact
    /// policy is not published.
    pub fn new(
        name: impl Into<String>,
        password: impl Into<Secret>,
        bucket_uuid: impl Into<BucketId>,
        path: impl Into<String>,
    ) -> Self {
        Self {
            name: name.into(),
            password: password.into(),
            bucket_uuid: bucket_uuid.into(),
            is_readonly: false,
            path: path.into(),
            wrap_rules: None,
        }
    }

    /// Whether the account can only read.
    pub fn read_only(mut self, is_readonly: bool) -> Self {
        self.is_readonly = is_readonly;
        self
    }

    /// From where the account can log in. The service rewrites rules: see
    /// [`has_wrap_rules`](crate::FtpAccount::has_wrap_rules).
    pub fn wrap_rules(mut self, rules: impl Into<Vec<WrapRule>>) -> Self {
        self.wrap_rules = Some(rules.into());
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        check::not_empty("name", &self.name)?;
        check::password("password", &self.password)?;
        check::not_empty("bucket_uuid", self.bucket_uuid.as_str())?;
        self.wrap_rules.as_deref().map_or(Ok(()), wrap_rules::check)
    }
}

/// A change of an FTP account. What is not named stays; name and bucket cannot be changed.
///
/// # Examples
///
/// ```
/// use stook::{FtpAccountUpdate, WrapRule};
///
/// let lock = FtpAccountUpdate::new().login_allowed(false);
/// let reset = FtpAccountUpdate::new().password("Example-Only-2!").wrap_rules([WrapRule::allow(["203.0.113.0/24"])]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "a change does nothing until it is given to `update`"]
pub struct FtpAccountUpdate {
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    password: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    login_allowed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_readonly: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wrap_rules: Option<Vec<WrapRule>>,
}

impl FtpAccountUpdate {
    /// A change of nothing, so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Changes the password.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Whether the account can log in.
    pub fn login_allowed(mut self, login_allowed: bool) -> Self {
        self.login_allowed = Some(login_allowed);
        self
    }

    /// Changes what the account sees. The path begins behind the bucket, as for [`NewFtpAccount::new`]; whether the
    /// service takes one with the bucket's name too is not documented.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Whether the account can only read.
    pub fn read_only(mut self, is_readonly: bool) -> Self {
        self.is_readonly = Some(is_readonly);
        self
    }

    /// Replaces **all** wrap rules by these. An empty list removes them.
    pub fn wrap_rules(mut self, rules: impl Into<Vec<WrapRule>>) -> Self {
        self.wrap_rules = Some(rules.into());
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        check::changes_something(self)?;
        self.password.as_ref().map_or(Ok(()), |password| check::password("password", password))?;
        self.wrap_rules.as_deref().map_or(Ok(()), wrap_rules::check)
    }
}

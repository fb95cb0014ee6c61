//! Requests that create or update FTP accounts.

use serde::Serialize;

use crate::{BucketId, Result, Secret, WrapRule, check, wrap_rules};

/// A new FTP account.
///
/// # Examples
///
/// ```
/// use stook::{BucketId, NewFtpAccount, Secret, WrapRule};
///
/// let (bucket, password) = (BucketId::from("0b6c1d2e-0000-4000-8000-000000000001"), Secret::new("Example-Only-1!"));
/// let camera = NewFtpAccount::new("camera1", password.clone(), bucket.clone(), "cam1")
///     .wrap_rules([WrapRule::allow(["198.51.100.7"])]);
/// let viewer = NewFtpAccount::new("viewer", password, bucket, "cam1").read_only(true);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new FTP account has no effect until it is passed to `create`"]
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
    /// Creates a request for an account with read and write access to a path of a bucket. The service extends `name` to
    /// the login name.
    ///
    /// The path is relative to the bucket: `cam1`, not `media-archive/cam1`. The meaning of an empty path is not
    /// documented. The password must contain uppercase letters, lowercase letters and special characters; the exact policy
    /// is not documented.
    pub fn new(name: impl Into<String>, password: Secret, bucket_uuid: BucketId, path: impl Into<String>) -> Self {
        Self { name: name.into(), password, bucket_uuid, is_readonly: false, path: path.into(), wrap_rules: None }
    }

    /// Sets whether the account is read-only. Default: `false`.
    pub fn read_only(mut self, is_readonly: bool) -> Self {
        self.is_readonly = is_readonly;
        self
    }

    /// Sets the wrap rules: the addresses that may log in. Default: not sent. The service rewrites rules; see
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

/// An update of an FTP account. Unset fields are left unchanged. Name and bucket cannot be updated.
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
#[must_use = "an update has no effect until it is passed to `update`"]
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
    /// Creates an empty update. Unset fields are left unchanged.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a new password.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sets whether the account can log in.
    pub fn login_allowed(mut self, login_allowed: bool) -> Self {
        self.login_allowed = Some(login_allowed);
        self
    }

    /// Sets a new path, relative to the bucket as for [`NewFtpAccount::new`]. The documentation does not state whether the
    /// service accepts a path with the name of the bucket.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Sets whether the account is read-only.
    pub fn read_only(mut self, is_readonly: bool) -> Self {
        self.is_readonly = Some(is_readonly);
        self
    }

    /// Sets the wrap rules. They replace **all** existing rules. An empty list removes them.
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

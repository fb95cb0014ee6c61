//! Requests that create or update FTP accounts.

use std::fmt;

use mft_common::provider::check;
use serde::Serialize;

use super::{AccessRights, FtpAccountId};
use crate::{Error, Result, Secret, path};

/// A new FTP account.
///
/// Set a password, a public key, or both. The behavior of an account without either is not documented.
///
/// # Examples
///
/// ```
/// use ftpgrid::{AccessRights, NewFtpAccount};
///
/// let account = NewFtpAccount::new("dock-cam-7", AccessRights::ReadWrite, "/cams/7")
///     .password("an-example-pass-1")
///     .description("Dock camera");
/// # let _ = account;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "a new account has no effect until it is passed to `create`"]
#[serde(transparent)]
pub struct NewFtpAccount(Fields);

/// An update of an FTP account. Unset fields are left unchanged.
///
/// # Examples
///
/// ```
/// use ftpgrid::FtpAccountUpdate;
///
/// let update = FtpAccountUpdate::new().enabled(false).clear_description();
/// # let _ = update;
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
#[serde(transparent)]
pub struct FtpAccountUpdate(Fields);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    password: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_rights: Option<AccessRights>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chroot: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rsa_key: Option<KeyLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
}

impl Fields {
    /// Validates all fields and normalizes the directory.
    fn validate(mut self) -> Result<Self> {
        self.username.as_deref().map_or(Ok(()), |name| check::not_empty("Username", name))?;
        self.password.as_ref().map_or(Ok(()), |password| check::password("Password", password))?;
        if let Some(chroot) = &mut self.chroot {
            *chroot = path::normalized("Chroot", chroot)?;
        }
        // An empty key clears the stored one.
        match &self.rsa_key {
            Some(key) if !key.0.is_empty() => key.check()?,
            _ => {}
        }
        Ok(self)
    }
}

/// A public key as set by the caller. It could be a private key by mistake, so `Debug` hides invalid keys.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
struct KeyLine(String);

impl KeyLine {
    const TYPES: [&str; 3] = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"];

    fn check(&self) -> Result<()> {
        check::public_key("RsaKey", &self.0)?;
        let mut fields = self.0.split_ascii_whitespace();
        let has_known_type = fields.next().is_some_and(|key_type| Self::TYPES.contains(&key_type));
        // Every key starts with the length of its type's name, which is `AAAA...` in base64.
        let has_key = fields.next().is_some_and(|key| key.starts_with("AAAA"));
        if has_known_type && has_key {
            return Ok(());
        }
        let types = Self::TYPES.join("`, `");
        Err(Error::invalid_input("RsaKey", format_args!("is not an OpenSSH public key of type `{types}`")))
    }
}

impl fmt::Debug for KeyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() || self.check().is_ok() {
            self.0.fmt(f)
        } else {
            write!(f, "[{} bytes, not a public key]", self.0.len())
        }
    }
}

impl NewFtpAccount {
    /// Creates a request for an account with a username, access rights, and the directory that its sessions cannot leave.
    ///
    /// The username must be unique within the ftpGrid account.
    pub fn new(username: impl Into<String>, access_rights: AccessRights, chroot: impl Into<String>) -> Self {
        Self(Fields {
            username: Some(username.into()),
            access_rights: Some(access_rights),
            chroot: Some(chroot.into()),
            ..Fields::default()
        })
    }

    pub(super) fn validate(self) -> Result<Self> {
        // Only an update may have an empty key, to clear the stored one.
        self.0.rsa_key.as_ref().map_or(Ok(()), |KeyLine(line)| check::not_empty("RsaKey", line))?;
        self.0.validate().map(Self)
    }
}

impl FtpAccountUpdate {
    /// Creates an empty update. Unset fields are left unchanged.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a new username.
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.0.username = Some(name.into());
        self
    }

    /// Sets new access rights.
    pub fn access_rights(mut self, rights: AccessRights) -> Self {
        self.0.access_rights = Some(rights);
        self
    }

    /// Sets a new directory that sessions cannot leave. The separator is `/`; a backslash is rejected.
    pub fn chroot(mut self, path: impl Into<String>) -> Self {
        self.0.chroot = Some(path.into());
        self
    }

    /// Clears the description. Sends an empty text, because the service does not document how to clear a value.
    pub fn clear_description(mut self) -> Self {
        self.0.description = Some(String::new());
        self
    }

    /// Clears the public key. Sends an empty text, because the service does not document how to clear a value.
    pub fn clear_public_key(mut self) -> Self {
        self.0.rsa_key = Some(KeyLine(String::new()));
        self
    }

    pub(super) fn validate(self) -> Result<Self> {
        check::changes_something(&self.0)?;
        self.0.validate().map(Self)
    }
}

/// The setters that both requests have.
macro_rules! setters {
    ($($request:ident),+) => {$(
        impl $request {
            /// Sets the password. The service recommends at least 12 characters. A new password takes effect at once.
            pub fn password(mut self, password: impl Into<Secret>) -> Self {
                self.0.password = Some(password.into());
                self
            }

            /// Sets the description, a text for people.
            pub fn description(mut self, text: impl Into<String>) -> Self {
                self.0.description = Some(text.into());
                self
            }

            /// Sets the public key for logins: one OpenSSH line of type `ssh-ed25519` (recommended by the service),
            /// `ssh-rsa` or `ecdsa-sha2-nistp256`. The service calls it `RsaKey`.
            pub fn public_key(mut self, line: impl Into<String>) -> Self {
                self.0.rsa_key = Some(KeyLine(check::without_line_end(&line.into()).to_owned()));
                self
            }

            /// Sets whether the account can log in, over any protocol. Disabling takes effect at once.
            pub fn enabled(mut self, enabled: bool) -> Self {
                self.0.enabled = Some(enabled);
                self
            }
        }
    )+};
}

setters!(NewFtpAccount, FtpAccountUpdate);

/// The body of an update request. It contains the id.
#[derive(Debug, Serialize)]
pub(super) struct UpdateBody {
    #[serde(rename = "Id")]
    pub(super) id: FtpAccountId,
    #[serde(flatten)]
    pub(super) update: FtpAccountUpdate,
}

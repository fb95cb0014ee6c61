//! What can be asked of an FTP account.

use std::fmt;

use mft_common::provider::check;
use serde::Serialize;

use super::{AccessRights, FtpAccountId};
use crate::{Error, Result, Secret, path};

/// An FTP account to be created.
///
/// Give it a password, a public key, or both: the service does not say what an account without either is good for.
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
#[must_use = "a new account does nothing until it is given to `create`"]
#[serde(transparent)]
pub struct NewFtpAccount(Fields);

/// A change of an FTP account. What is not named stays.
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
#[must_use = "a change does nothing until it is given to `update`"]
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
    /// Checks everything and brings the directory into the one form of paths.
    fn checked(mut self) -> Result<Self> {
        self.username.as_deref().map_or(Ok(()), |name| check::not_empty("Username", name))?;
        self.password.as_ref().map_or(Ok(()), |password| check::password("Password", password))?;
        if let Some(chroot) = &mut self.chroot {
            *chroot = path::normalized("Chroot", chroot)?;
        }
        // An empty text is how a key is taken away.
        match &self.rsa_key {
            Some(key) if !key.0.is_empty() => key.check()?,
            _ => {}
        }
        Ok(self)
    }
}

/// What was given as a public key, and may be a private one by mistake.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
struct KeyLine(String);

impl KeyLine {
    const TYPES: [&str; 3] = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"];

    fn check(&self) -> Result<()> {
        check::public_key("RsaKey", &self.0)?;
        let mut words = self.0.split_ascii_whitespace();
        let is_of_known_type = words.next().is_some_and(|word| Self::TYPES.contains(&word));
        // What every type of key begins with, in base64: the length of the type's name.
        let has_key = words.next().is_some_and(|key| key.starts_with("AAAA"));
        if is_of_known_type && has_key {
            return Ok(());
        }
        let types = Self::TYPES.join("`, `");
        Err(Error::invalid_input("RsaKey", format_args!("is no OpenSSH line of one of the types `{types}`")))
    }
}

impl fmt::Debug for KeyLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() || self.check().is_ok() {
            self.0.fmt(f)
        } else {
            write!(f, "[{} bytes that are no public key]", self.0.len())
        }
    }
}

impl NewFtpAccount {
    /// An account with this name, which no other account of yours has, that may do this below this directory.
    pub fn new(username: impl Into<String>, access_rights: AccessRights, chroot: impl Into<String>) -> Self {
        Self(Fields {
            username: Some(username.into()),
            access_rights: Some(access_rights),
            chroot: Some(chroot.into()),
            ..Fields::default()
        })
    }

    pub(super) fn checked(self) -> Result<Self> {
        // Which a change may have, to take the key away.
        self.0.rsa_key.as_ref().map_or(Ok(()), |KeyLine(line)| check::not_empty("RsaKey", line))?;
        self.0.checked().map(Self)
    }
}

impl FtpAccountUpdate {
    /// A change of nothing, so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name to log in with.
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.0.username = Some(name.into());
        self
    }

    /// What the account may do.
    pub fn access_rights(mut self, rights: AccessRights) -> Self {
        self.0.access_rights = Some(rights);
        self
    }

    /// The directory that a session cannot leave. `/` separates, a backslash is refused.
    pub fn chroot(mut self, path: impl Into<String>) -> Self {
        self.0.chroot = Some(path.into());
        self
    }

    /// Takes the description away: sends an empty text, since the service does not document how a value is cleared.
    pub fn clear_description(mut self) -> Self {
        self.0.description = Some(String::new());
        self
    }

    /// Takes the public key away: sends an empty text, since the service does not document how a value is cleared.
    pub fn clear_public_key(mut self) -> Self {
        self.0.rsa_key = Some(KeyLine(String::new()));
        self
    }

    pub(super) fn checked(self) -> Result<Self> {
        check::changes_something(&self.0)?;
        self.0.checked().map(Self)
    }
}

/// What a creation and a change have in common.
macro_rules! setters {
    ($($request:ident),+) => {$(
        impl $request {
            /// The password. The service advises 12 characters and more. A new one replaces the old one at once.
            pub fn password(mut self, password: impl Into<Secret>) -> Self {
                self.0.password = Some(password.into());
                self
            }

            /// A text for people.
            pub fn description(mut self, text: impl Into<String>) -> Self {
                self.0.description = Some(text.into());
                self
            }

            /// The public key to log in with, as one OpenSSH line of the type `ssh-ed25519`, which the service prefers,
            /// `ssh-rsa` or `ecdsa-sha2-nistp256`. The service calls it `RsaKey`.
            pub fn public_key(mut self, line: impl Into<String>) -> Self {
                self.0.rsa_key = Some(KeyLine(check::without_line_end(&line.into()).to_owned()));
                self
            }

            /// Whether it can log in over any protocol. Disabling works at once.
            pub fn enabled(mut self, enabled: bool) -> Self {
                self.0.enabled = Some(enabled);
                self
            }
        }
    )+};
}

setters!(NewFtpAccount, FtpAccountUpdate);

/// A change as it is sent: the id travels in the body.
#[derive(Debug, Serialize)]
pub(super) struct Change {
    #[serde(rename = "Id")]
    pub(super) id: FtpAccountId,
    #[serde(flatten)]
    pub(super) update: FtpAccountUpdate,
}

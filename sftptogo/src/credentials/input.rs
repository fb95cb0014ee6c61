//! What can be asked of a credential.

use mft_common::Patch;
use serde::Serialize;

use super::inbound_rules::{self, SettingsChange};
use crate::{CredentialPermission, CredentialState, Expiration, InboundRule, Result, Secret, check};

/// A credential to be created. Nothing is required.
///
/// # Examples
///
/// ```
/// use sftptogo::{CredentialPermission, InboundRule, NewCredential};
///
/// let robot = NewCredential::new()
///     .alias("Nightly intake")
///     .permission(CredentialPermission::WriteOnly)
///     .inbound_rules([InboundRule::allow("198.51.100.0/24")]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "a new credential does nothing until it is given to `create`"]
#[serde(transparent)]
pub struct NewCredential(Fields);

/// A change of a credential. What is not named stays.
///
/// # Examples
///
/// ```
/// use sftptogo::{CredentialState, CredentialUpdate};
///
/// let paused = CredentialUpdate::new().alias("Northwind, paused").state(CredentialState::Inactive).never_expires();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "a change does nothing until it is given to `update`"]
#[serde(transparent)]
pub struct CredentialUpdate(Fields);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "mft_common::secret::expose")]
    password: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    home_directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chroot_directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permission: Option<CredentialPermission>,
    #[serde(skip_serializing_if = "Patch::is_keep")]
    expiration: Patch<Expiration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<CredentialState>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    settings: Option<OwnedSettings>,
}

/// The same shape that replaces rules on their own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OwnedSettings(Vec<InboundRule>);

impl Serialize for OwnedSettings {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        SettingsChange::new(&self.0).serialize(serializer)
    }
}

impl Fields {
    fn check(&self) -> Result<()> {
        self.user_name.as_deref().map_or(Ok(()), check::user_name)?;
        self.password.as_ref().map_or(Ok(()), |password| check::password("Password", password))?;
        self.settings.as_ref().map_or(Ok(()), |settings| inbound_rules::check(&settings.0))
    }
}

impl NewCredential {
    /// A credential for which the service makes everything up.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn check(&self) -> Result<()> {
        self.0.check()
    }
}

impl CredentialUpdate {
    /// A change of nothing, so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the credential live for ever.
    pub fn never_expires(mut self) -> Self {
        self.0.expiration = Patch::Clear;
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        check::changes_something(&self.0)?;
        self.0.check()
    }
}

/// The service lets every field of a creation be changed, so both requests have the same setters.
macro_rules! setters {
    ($($request:ident),+) => {$(
        impl $request {
            /// The display name. Not used to log in.
            pub fn alias(mut self, alias: impl Into<String>) -> Self {
                self.0.alias = Some(alias.into());
                self
            }

            /// The name to log in with: 10 to 100 letters, digits, `_`, `-` and `.`, unique across the whole service.
            pub fn user_name(mut self, name: impl Into<String>) -> Self {
                self.0.user_name = Some(name.into());
                self
            }

            /// The password. It must obey the organization's policy, which the service does not publish.
            pub fn password(mut self, password: impl Into<Secret>) -> Self {
                self.0.password = Some(password.into());
                self
            }

            /// The directory in which a session begins.
            pub fn home_directory(mut self, path: impl Into<String>) -> Self {
                self.0.home_directory = Some(path.into());
                self
            }

            /// The **name** under which the home directory shows up: with `/sales` as home and `/ventas` here, the user
            /// sees one directory `/ventas` whose content is that of `/sales`. By default `/`.
            pub fn chroot_directory(mut self, path: impl Into<String>) -> Self {
                self.0.chroot_directory = Some(path.into());
                self
            }

            /// What the credential may do.
            pub fn permission(mut self, permission: CredentialPermission) -> Self {
                self.0.permission = Some(permission);
                self
            }

            /// When the credential turns inactive by itself. Read what [`Expiration`] says about its unit.
            pub fn expiration(mut self, moment: Expiration) -> Self {
                self.0.expiration = Patch::Set(moment);
                self
            }

            /// Whether the credential can log in.
            pub fn state(mut self, state: CredentialState) -> Self {
                self.0.state = Some(state);
                self
            }

            /// The credential's inbound rules, all of them. Documented on its own as
            /// [`replace_inbound_rules`](crate::Credentials::replace_inbound_rules); that it may stand beside other
            /// fields is assumed.
            pub fn inbound_rules(mut self, rules: impl Into<Vec<InboundRule>>) -> Self {
                self.0.settings = Some(OwnedSettings(rules.into()));
                self
            }
        }
    )+};
}

setters!(NewCredential, CredentialUpdate);

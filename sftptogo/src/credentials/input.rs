//! Request values for credentials.

use mft_common::Patch;
use serde::Serialize;

use super::inbound_rules;
use crate::{CredentialPermission, CredentialState, Expiration, InboundRule, Result, Secret, validation};

/// The request to create a credential. No field is required.
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
#[must_use = "a new credential has no effect until it is passed to `create`"]
#[serde(transparent)]
pub struct NewCredential(CredentialFields);

/// An update of a credential. Unset fields are left unchanged.
///
/// # Examples
///
/// ```
/// use sftptogo::{CredentialState, CredentialUpdate};
///
/// let paused = CredentialUpdate::new().alias("Northwind, paused").state(CredentialState::Inactive).never_expires();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[must_use = "an update has no effect until it is passed to `update`"]
#[serde(transparent)]
pub struct CredentialUpdate(CredentialFields);

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct CredentialFields {
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
    settings: Option<InboundRuleSettings>,
}

/// Serializes to the same shape as the request that replaces only the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
struct InboundRuleSettings(Vec<InboundRule>);

impl Serialize for InboundRuleSettings {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        inbound_rules::settings_body(&self.0).serialize(serializer)
    }
}

impl CredentialFields {
    fn validate(&self) -> Result<()> {
        self.user_name.as_deref().map_or(Ok(()), validation::user_name)?;
        self.password.as_ref().map_or(Ok(()), |password| validation::password("Password", password))?;
        self.settings.as_ref().map_or(Ok(()), |settings| inbound_rules::validate(&settings.0))
    }
}

impl NewCredential {
    /// Creates a request with no field set. The service generates the user name and the password.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn validate(&self) -> Result<()> {
        self.0.validate()
    }
}

impl CredentialUpdate {
    /// Creates an empty update.
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes the expiration.
    pub fn never_expires(mut self) -> Self {
        self.0.expiration = Patch::Clear;
        self
    }

    pub(super) fn validate(&self) -> Result<()> {
        validation::changes_something(&self.0)?;
        self.0.validate()
    }
}

/// Both requests have the same fields.
macro_rules! setters {
    ($($request:ident),+) => {$(
        impl $request {
            /// Sets the display name. It is not used for logins.
            pub fn alias(mut self, alias: impl Into<String>) -> Self {
                self.0.alias = Some(alias.into());
                self
            }

            /// Sets the user name for logins: 10 to 100 letters, digits, `_`, `-` and `.`, unique across the whole service.
            pub fn user_name(mut self, name: impl Into<String>) -> Self {
                self.0.user_name = Some(name.into());
                self
            }

            /// Sets the password. It must satisfy the organization's policy, which the service does not publish.
            pub fn password(mut self, password: impl Into<Secret>) -> Self {
                self.0.password = Some(password.into());
                self
            }

            /// Sets the directory in which sessions start.
            pub fn home_directory(mut self, path: impl Into<String>) -> Self {
                self.0.home_directory = Some(path.into());
                self
            }

            /// Sets the **name** under which the home directory is visible. With the home directory `/sales` and
            /// `/ventas` here, the user sees one directory `/ventas` with the content of `/sales`. Default: `/`.
            pub fn chroot_directory(mut self, path: impl Into<String>) -> Self {
                self.0.chroot_directory = Some(path.into());
                self
            }

            /// Sets the file permission.
            pub fn permission(mut self, permission: CredentialPermission) -> Self {
                self.0.permission = Some(permission);
                self
            }

            /// Sets the time at which the credential becomes inactive. See [`Expiration`] for the unit.
            pub fn expiration(mut self, expiration: Expiration) -> Self {
                self.0.expiration = Patch::Set(expiration);
                self
            }

            /// Sets whether the credential can log in.
            pub fn state(mut self, state: CredentialState) -> Self {
                self.0.state = Some(state);
                self
            }

            /// Sets the complete list of inbound rules. The service documents the field only on its own, as
            /// [`replace_inbound_rules`](crate::Credentials::replace_inbound_rules). The combination with other fields
            /// is an assumption.
            pub fn inbound_rules(mut self, rules: impl Into<Vec<InboundRule>>) -> Self {
                self.0.settings = Some(InboundRuleSettings(rules.into()));
                self
            }
        }
    )+};
}

setters!(NewCredential, CredentialUpdate);

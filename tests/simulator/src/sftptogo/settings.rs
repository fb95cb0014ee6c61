use std::fmt;

use crate::deliveries::DeliverySettings;

/// How a simulator behaves if the documentation of the service is silent.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the builder
pub(crate) struct Settings {
    pub(crate) organization_id: Option<String>,
    pub(crate) api_key: Option<String>,
    pub(crate) full_responses: bool,
    pub(crate) created_by: CreatedBy,
    pub(crate) password_policy: PasswordPolicy,
    pub(crate) method_not_allowed: bool,
    pub(crate) allow_http_webhooks: bool,
    pub(crate) bare_signatures: bool,
    pub(crate) delivery: DeliverySettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            organization_id: None,
            api_key: None,
            full_responses: false,
            created_by: CreatedBy::Documented,
            password_policy: PasswordPolicy::default(),
            method_not_allowed: false,
            allow_http_webhooks: false,
            bare_signatures: false,
            delivery: DeliverySettings::default(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("full_responses", &self.full_responses).finish_non_exhaustive()
    }
}

/// The shape of `CreatedBy` in share links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreatedBy {
    /// As in the documented examples: `Admin` in lists, `Account` elsewhere.
    #[default]
    Documented,
    /// `Type`, `Id`, `PrincipalName`, `PrincipalId`, `PrincipalType` everywhere.
    Admin,
    /// `Type`, `Id`, `Email`, `Name` everywhere.
    Account,
    /// An undocumented third shape.
    Undocumented,
    /// Null.
    Null,
}

/// The password policy for credentials and share links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PasswordPolicy {
    /// The minimum number of characters.
    pub min_length: usize,
    /// Whether an upper-case letter is required.
    pub upper: bool,
    /// Whether a lower-case letter is required.
    pub lower: bool,
    /// Whether a digit is required.
    pub digit: bool,
}

impl Default for PasswordPolicy {
    /// At least 10 characters with an upper-case letter, a lower-case letter and a digit.
    fn default() -> Self {
        Self { min_length: 10, upper: true, lower: true, digit: true }
    }
}

impl PasswordPolicy {
    /// Creates a policy that requires only a minimum length.
    #[must_use]
    pub const fn length_only(min_length: usize) -> Self {
        Self { min_length, upper: false, lower: false, digit: false }
    }

    pub(crate) fn allows(self, password: &str) -> bool {
        password.chars().count() >= self.min_length
            && (!self.upper || password.contains(char::is_uppercase))
            && (!self.lower || password.contains(char::is_lowercase))
            && (!self.digit || password.contains(|c: char| c.is_ascii_digit()))
    }
}

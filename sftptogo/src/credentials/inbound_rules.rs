//! Which addresses a credential may be used from.

use std::collections::HashSet;
use std::net::IpAddr;

use ipnet::IpNet;
use mft_common::provider::lenient;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Result};

mft_common::id! {
    /// An inbound rule. The client makes it up; do not rely on it being unique across credentials.
    InboundRuleId
}

mft_common::open_enum! {
    /// The protocol that a rule is for.
    InboundProtocol {
        /// All of them.
        Any = "*",
        /// SFTP.
        Sftp = "SFTP",
        /// FTPS.
        Ftps = "FTPS",
    }

    /// Whether a rule counts.
    InboundRuleState {
        /// It does.
        Enabled = "enabled",
        /// It does not.
        Disabled = "disabled",
    }

    /// What a rule does. The service knows nothing but `allow`.
    InboundRuleAction {
        /// Lets the source in.
        Allow = "allow",
    }
}

/// A credential's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CredentialSettings {
    /// The settings of the network.
    #[serde(default)]
    pub network: Option<NetworkSettings>,
}

/// A credential's settings of the network.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NetworkSettings {
    /// The rules, in their order.
    #[serde(default)]
    pub inbound_rules: Option<Vec<InboundRule>>,
}

/// Lets connections in from an address or a range.
///
/// The rules of a credential and those of its organization make one union: an address on either list is let in, so
/// these cannot narrow a permissive organization.
///
/// # Examples
///
/// ```
/// use sftptogo::{InboundProtocol, InboundRule};
///
/// let rule = InboundRule::allow("203.0.113.0/24").protocol(InboundProtocol::Sftp).description("Office");
/// assert!(rule.source_net().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct InboundRule {
    /// The id by which the rule is recognised later.
    pub id: InboundRuleId,
    /// The protocol.
    #[serde(default = "any_protocol", deserialize_with = "protocol")]
    pub protocol: InboundProtocol,
    /// Whether the rule counts.
    #[serde(default = "enabled", deserialize_with = "state")]
    pub state: InboundRuleState,
    /// What the rule does.
    #[serde(default = "allow", deserialize_with = "action")]
    pub action: InboundRuleAction,
    /// One address, or a range in CIDR notation, of either family.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub source: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Keys that this version does not know. Rules are written back as a whole, and must not lose them.
    #[serde(flatten)]
    other: Map<String, Value>,
}

fn any_protocol() -> InboundProtocol {
    InboundProtocol::Any
}

fn enabled() -> InboundRuleState {
    InboundRuleState::Enabled
}

fn allow() -> InboundRuleAction {
    InboundRuleAction::Allow
}

fn protocol<'de, D: Deserializer<'de>>(deserializer: D) -> Result<InboundProtocol, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(any_protocol))
}

fn state<'de, D: Deserializer<'de>>(deserializer: D) -> Result<InboundRuleState, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(enabled))
}

fn action<'de, D: Deserializer<'de>>(deserializer: D) -> Result<InboundRuleAction, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(allow))
}

impl InboundRule {
    /// An enabled rule for all protocols, with an id of its own. The source is checked when the rule is sent.
    #[must_use]
    pub fn allow(source: impl Into<String>) -> Self {
        Self {
            id: InboundRuleId::from(uuid::Uuid::new_v4().to_string()),
            protocol: any_protocol(),
            state: enabled(),
            action: allow(),
            source: source.into(),
            description: None,
            other: Map::new(),
        }
    }

    /// Sets the id.
    #[must_use]
    pub fn id(mut self, id: impl Into<InboundRuleId>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the protocol.
    #[must_use]
    pub fn protocol(mut self, protocol: InboundProtocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Sets whether the rule counts.
    #[must_use]
    pub fn state(mut self, state: InboundRuleState) -> Self {
        self.state = state;
        self
    }

    /// Sets the description.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The source as a range; a single address is a range of one.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where it is neither an address nor a range.
    pub fn source_net(&self) -> Result<IpNet> {
        let text = self.source.as_str();
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        net.map_err(|_| {
            let shown: String = text.chars().take(64).collect();
            Error::invalid_input(
                "Source",
                format_args!("{shown:?} is neither an IP address nor a range such as 203.0.113.0/24"),
            )
        })
    }
}

/// The documented rules for a list of rules.
pub(super) fn check(rules: &[InboundRule]) -> Result<()> {
    let mut ids = HashSet::new();
    for (index, rule) in rules.iter().enumerate() {
        let named = |field: &str, problem: String| {
            Err(Error::invalid_input(&format!("InboundRules[{index}].{field}"), problem))
        };
        if let Err(error) = rule.source_net() {
            return named("Source", error.message().unwrap_or_default().trim_start_matches("Source ").to_owned());
        }
        if rule.action != InboundRuleAction::Allow {
            return named("Action", "must be `allow`".to_owned());
        }
        if rule.id.as_str().is_empty() {
            return named("Id", "is empty".to_owned());
        }
        if !ids.insert(&rule.id) {
            return named("Id", "is that of an earlier rule".to_owned());
        }
    }
    Ok(())
}

/// The body that replaces rules: nothing beside them, because what else `Settings` may hold is not documented.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SettingsChange<'r> {
    settings: Settings<'r>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Settings<'r> {
    network: Network<'r>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Network<'r> {
    inbound_rules: &'r [InboundRule],
}

impl<'r> SettingsChange<'r> {
    pub(super) fn new(inbound_rules: &'r [InboundRule]) -> Self {
        Self { settings: Settings { network: Network { inbound_rules } } }
    }
}

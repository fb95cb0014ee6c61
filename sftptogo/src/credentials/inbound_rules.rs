//! Inbound rules: the source addresses from which a credential can log in.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use ipnet::IpNet;
use mft_common::provider::lenient;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Result};

mft_common::id! {
    /// Identifies an inbound rule. The client generates it. It may not be unique across credentials.
    InboundRuleId
}

mft_common::open_enum! {
    /// The protocol that a rule applies to.
    #[derive(Default)]
    InboundProtocol {
        /// All protocols.
        #[default]
        Any = "*",
        /// SFTP.
        Sftp = "SFTP",
        /// FTPS.
        Ftps = "FTPS",
    }

    /// The state of an inbound rule.
    #[derive(Default)]
    InboundRuleState {
        /// The rule applies.
        #[default]
        Enabled = "enabled",
        /// The rule is ignored.
        Disabled = "disabled",
    }

    /// The action of a rule. `allow` is the only documented value.
    #[derive(Default)]
    InboundRuleAction {
        /// Allows connections from the source.
        #[default]
        Allow = "allow",
    }
}

/// The settings of a credential.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct CredentialSettings {
    /// The network settings.
    #[serde(default)]
    pub network: Option<NetworkSettings>,
}

/// The network settings of a credential.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NetworkSettings {
    /// The inbound rules, in order.
    #[serde(default)]
    pub inbound_rules: Option<Vec<InboundRule>>,
}

/// A rule that allows connections from an address or a range.
///
/// The rules of a credential and of its organization form a union: an address on either list is allowed. Rules of a
/// credential therefore cannot restrict a permissive organization.
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
    /// The id.
    pub id: InboundRuleId,
    /// The protocol.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub protocol: InboundProtocol,
    /// The state.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub state: InboundRuleState,
    /// The action.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub action: InboundRuleAction,
    /// An IPv4 or IPv6 address, or a range in CIDR notation.
    #[serde(default, deserialize_with = "lenient::null_as_default")]
    pub source: String,
    /// The description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Unknown keys. Rules are written back as a whole and must not lose them.
    #[serde(flatten)]
    unknown_fields: Map<String, Value>,
}

impl InboundRule {
    /// Creates an enabled rule for all protocols, with a random id. The source is validated before the rule is sent.
    #[must_use]
    pub fn allow(source: impl Into<String>) -> Self {
        Self {
            id: InboundRuleId::from(uuid::Uuid::new_v4().to_string()),
            protocol: InboundProtocol::default(),
            state: InboundRuleState::default(),
            action: InboundRuleAction::default(),
            source: source.into(),
            description: None,
            unknown_fields: Map::new(),
        }
    }

    /// Sets the id. Default: a random UUID.
    #[must_use]
    pub fn id(mut self, id: impl Into<InboundRuleId>) -> Self {
        self.id = id.into();
        self
    }

    /// Sets the protocol. Default: all protocols.
    #[must_use]
    pub fn protocol(mut self, protocol: InboundProtocol) -> Self {
        self.protocol = protocol;
        self
    }

    /// Sets the state. Default: enabled.
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

    /// Returns the source as a range. A single address is a range of size one.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the source is neither an address nor a range.
    ///
    /// # Examples
    ///
    /// ```
    /// use sftptogo::InboundRule;
    ///
    /// assert_eq!(InboundRule::allow("198.51.100.7").source_net()?.prefix_len(), 32);
    /// assert!(InboundRule::allow("office").source_net().is_err());
    /// # Ok::<(), sftptogo::Error>(())
    /// ```
    pub fn source_net(&self) -> Result<IpNet> {
        let text = self.source.as_str();
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        net.map_err(|_| {
            let excerpt: String = text.chars().take(64).collect();
            Error::invalid_input(
                "Source",
                format_args!("{excerpt:?} is neither an IP address nor a range such as 203.0.113.0/24"),
            )
        })
    }
}

/// Checks a list of rules against the documented limits.
pub(super) fn validate(rules: &[InboundRule]) -> Result<()> {
    let mut ids = HashSet::new();
    for (index, rule) in rules.iter().enumerate() {
        let invalid = |field: &str, problem: String| {
            Err(Error::invalid_input(&format!("InboundRules[{index}].{field}"), problem))
        };
        if let Err(error) = rule.source_net() {
            return invalid("Source", error.message().unwrap_or_default().trim_start_matches("Source ").to_owned());
        }
        if rule.action != InboundRuleAction::Allow {
            return invalid("Action", "must be `allow`".to_owned());
        }
        if rule.id.as_str().is_empty() {
            return invalid("Id", "is empty".to_owned());
        }
        if !ids.insert(&rule.id) {
            return invalid("Id", "is a duplicate".to_owned());
        }
    }
    Ok(())
}

/// Returns the body of the request that replaces the rules. It has no other fields, because the service documents none for
/// `Settings`.
pub(super) fn settings_body(rules: &[InboundRule]) -> impl Serialize {
    let network = BTreeMap::from([("InboundRules", rules)]);
    BTreeMap::from([("Settings", BTreeMap::from([("Network", network)]))])
}

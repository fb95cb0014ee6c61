//! Wrap rules: the addresses that may use an FTP account.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{Error, Result, lenient};

const ALL: &str = "all";

mft_common::open_enum! {
    /// The effect of a wrap rule on its addresses.
    WrapRuleType {
        /// Allows logins.
        Allow = "allow",
        /// Denies logins.
        Deny = "deny",
    }
}

/// Allows or denies logins from addresses.
///
/// The documentation does not state the order in which rules are evaluated. Its only example implies that an allowed
/// address takes precedence over `deny` of `all`. The service rewrites rules; see [`FtpAccount::has_wrap_rules`].
///
/// # Examples
///
/// ```
/// use stook::{WrapAddress, WrapRule};
///
/// let office = WrapRule::allow(["198.51.100.7", "203.0.113.0/24", "2001:db8::/32"]);
/// assert!(office.addresses.iter().all(|address| address.check().is_ok()));
/// let deny_others = WrapRule::deny([WrapAddress::all()]);
/// ```
///
/// [`FtpAccount::has_wrap_rules`]: crate::FtpAccount::has_wrap_rules
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WrapRule {
    /// The effect.
    #[serde(rename = "type")]
    pub kind: WrapRuleType,
    /// The addresses. The service calls them `rule`.
    #[serde(rename = "rule", default, deserialize_with = "lenient::null_as_default")]
    pub addresses: Vec<WrapAddress>,
    /// Unknown keys. Kept so that an update that sends the rule back does not lose them.
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl WrapRule {
    /// Creates a rule that allows logins from these addresses. They are validated when the rule is sent.
    #[must_use]
    pub fn allow<A: Into<WrapAddress>>(addresses: impl IntoIterator<Item = A>) -> Self {
        Self::new(WrapRuleType::Allow, addresses)
    }

    /// Creates a rule that denies logins from these addresses. They are validated when the rule is sent.
    #[must_use]
    pub fn deny<A: Into<WrapAddress>>(addresses: impl IntoIterator<Item = A>) -> Self {
        Self::new(WrapRuleType::Deny, addresses)
    }

    /// Creates a rule of any type.
    #[must_use]
    pub fn new<A: Into<WrapAddress>>(kind: WrapRuleType, addresses: impl IntoIterator<Item = A>) -> Self {
        Self { kind, addresses: addresses.into_iter().map(Into::into).collect(), other: Map::new() }
    }
}

/// An address in a wrap rule: an IPv4 or IPv6 address, a range in CIDR notation, or `all`.
///
/// The documentation allows an "IP address or range" without an example of a range. Other text is rejected before it is
/// sent, unless it was created with [`unchecked`](Self::unchecked) or received from the service.
#[derive(Debug, Clone)]
pub struct WrapAddress {
    text: Box<str>,
    is_checked: bool,
}

impl WrapAddress {
    /// Returns `all`, which matches every address.
    #[must_use]
    pub fn all() -> Self {
        Self::from(ALL)
    }

    /// Creates an address without validation, for a notation that only the service knows, such as
    /// `198.51.100.7-198.51.100.20`. The text is sent unchanged.
    pub fn unchecked(text: impl Into<String>) -> Self {
        Self { text: text.into().into(), is_checked: false }
    }

    /// Returns the text as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether it is `all`.
    #[must_use]
    pub fn is_all(&self) -> bool {
        &*self.text == ALL
    }

    /// Returns the range, or `None` for `all` and for unknown notations. A single address is a range of one.
    #[must_use]
    pub fn net(&self) -> Option<IpNet> {
        let net = self.text.parse::<IpNet>().map(|net| net.trunc());
        net.or_else(|_| self.text.parse::<IpAddr>().map(IpNet::from)).ok()
    }

    /// Validates the address.
    ///
    /// # Errors
    ///
    /// Fails with [`InvalidInput`](crate::ErrorKind::InvalidInput) if the address is neither an IP address, nor a range in
    /// CIDR notation, nor `all`, nor exempt from validation.
    pub fn check(&self) -> Result<()> {
        self.problem().map_or(Ok(()), |problem| Err(Error::invalid_input("rule", problem)))
    }

    fn problem(&self) -> Option<String> {
        if !self.is_checked || self.is_all() || self.net().is_some() {
            return None;
        }
        let excerpt: String = self.text.chars().take(64).collect();
        Some(format!("{excerpt:?} is neither an IP address, nor a range such as 203.0.113.0/24, nor `all`"))
    }
}

impl From<&str> for WrapAddress {
    fn from(text: &str) -> Self {
        Self { text: text.into(), is_checked: true }
    }
}

impl From<String> for WrapAddress {
    fn from(text: String) -> Self {
        Self { text: text.into(), is_checked: true }
    }
}

impl From<IpAddr> for WrapAddress {
    fn from(address: IpAddr) -> Self {
        Self::from(address.to_string())
    }
}

impl fmt::Display for WrapAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Compares the text.
impl PartialEq for WrapAddress {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for WrapAddress {}

impl Serialize for WrapAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for WrapAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An address from the service can always be sent back.
        String::deserialize(deserializer).map(Self::unchecked)
    }
}

/// Validates rules before they are sent.
pub(crate) fn check(rules: &[WrapRule]) -> Result<()> {
    for (index, rule) in rules.iter().enumerate() {
        for (position, address) in rule.addresses.iter().enumerate() {
            if let Some(problem) = address.problem() {
                return Err(Error::invalid_input(&format!("wrap_rules[{index}].rule[{position}]"), problem));
            }
        }
    }
    Ok(())
}

/// Returns whether the stored rules equal the requested ones after the one documented rewriting.
///
/// Only the requested rules are rewritten: a stored `allow` without a `deny` may leave the account open, so it must not
/// count as restricted.
pub(crate) fn is_applied(requested: &[WrapRule], stored: &[WrapRule]) -> bool {
    let mut requested = address_sets(requested);
    if requested.contains_key(&WrapRuleType::Allow) {
        requested.entry(&WrapRuleType::Deny).or_insert_with(|| BTreeSet::from([ALL.to_owned()]));
    }
    requested == address_sets(stored)
}

fn address_sets(rules: &[WrapRule]) -> BTreeMap<&WrapRuleType, BTreeSet<String>> {
    let mut sets = BTreeMap::<_, BTreeSet<String>>::new();
    for rule in rules.iter().filter(|rule| !rule.addresses.is_empty()) {
        sets.entry(&rule.kind).or_default().extend(rule.addresses.iter().map(normalize));
    }
    sets
}

/// Returns one notation for each range.
fn normalize(address: &WrapAddress) -> String {
    address.net().map_or_else(|| address.to_string(), |net| net.to_string())
}

//! From which addresses an FTP account may be used.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::{Error, Result, lenient};

const ALL: &str = "all";

mft_common::open_enum! {
    /// What a wrap rule does with its addresses.
    WrapRuleType {
        /// Lets them in.
        Allow = "allow",
        /// Keeps them out.
        Deny = "deny",
    }
}

/// Lets addresses in or keeps them out.
///
/// The service does not say in which order it looks at rules; that an allowed address is let in past `deny` of `all` is
/// what its one example amounts to. It rewrites what it is sent: see [`FtpAccount::has_wrap_rules`].
///
/// # Examples
///
/// ```
/// use stook::{WrapAddress, WrapRule};
///
/// let office = WrapRule::allow(["198.51.100.7", "203.0.113.0/24", "2001:db8::/32"]);
/// assert!(office.addresses.iter().all(|address| address.check().is_ok()));
/// let nobody_else = WrapRule::deny([WrapAddress::all()]);
/// ```
///
/// [`FtpAccount::has_wrap_rules`]: crate::FtpAccount::has_wrap_rules
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WrapRule {
    /// What it does.
    #[serde(rename = "type")]
    pub kind: WrapRuleType,
    /// Whom it concerns, in the order of the wire; called `rule` there.
    #[serde(rename = "rule", default, deserialize_with = "lenient::null_as_default")]
    pub addresses: Vec<WrapAddress>,
    /// Keys that this version does not know. Rules are written back as a whole, and must not lose them.
    #[serde(flatten)]
    other: Map<String, Value>,
}

impl WrapRule {
    /// Lets these addresses in. They are checked when the rule is sent.
    #[must_use]
    pub fn allow<A: Into<WrapAddress>>(addresses: impl IntoIterator<Item = A>) -> Self {
        Self::new(WrapRuleType::Allow, addresses)
    }

    /// Keeps these addresses out. They are checked when the rule is sent.
    #[must_use]
    pub fn deny<A: Into<WrapAddress>>(addresses: impl IntoIterator<Item = A>) -> Self {
        Self::new(WrapRuleType::Deny, addresses)
    }

    /// A rule of any type.
    #[must_use]
    pub fn new<A: Into<WrapAddress>>(kind: WrapRuleType, addresses: impl IntoIterator<Item = A>) -> Self {
        Self { kind, addresses: addresses.into_iter().map(Into::into).collect(), other: Map::new() }
    }
}

/// Whom a wrap rule concerns: an IPv4 or IPv6 address, a range of them in CIDR notation, or the word `all`.
///
/// The service says "IP address or range" and shows neither CIDR nor any other range. A spelling that is none of the
/// above is refused before it is sent, unless it was made by [`unchecked`](Self::unchecked) or came from the service.
#[derive(Debug, Clone)]
pub struct WrapAddress {
    text: Box<str>,
    is_checked: bool,
}

impl WrapAddress {
    /// Every address.
    #[must_use]
    pub fn all() -> Self {
        Self::from(ALL)
    }

    /// A spelling that the service is known to take and this crate is not, such as `198.51.100.7-198.51.100.20`. Sent as
    /// it is.
    pub fn unchecked(text: impl Into<String>) -> Self {
        Self { text: text.into().into(), is_checked: false }
    }

    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is every address.
    #[must_use]
    pub fn is_all(&self) -> bool {
        &*self.text == ALL
    }

    /// The range; a single address is a range of one. `None` for `all` and for spellings that are not known here.
    #[must_use]
    pub fn net(&self) -> Option<IpNet> {
        let net = self.text.parse::<IpNet>().map(|net| net.trunc());
        net.or_else(|_| self.text.parse::<IpAddr>().map(IpNet::from)).ok()
    }

    /// Whether it may be sent.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) where it is neither an address, nor a range in CIDR notation, nor
    /// `all`, nor exempt.
    pub fn check(&self) -> Result<()> {
        self.problem().map_or(Ok(()), |problem| Err(Error::invalid_input("rule", problem)))
    }

    fn problem(&self) -> Option<String> {
        if !self.is_checked || self.is_all() || self.net().is_some() {
            return None;
        }
        let shown: String = self.text.chars().take(64).collect();
        Some(format!("{shown:?} is neither an IP address, nor a range such as 203.0.113.0/24, nor `all`"))
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

/// By the text.
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
        // What the service keeps can be sent back to it.
        String::deserialize(deserializer).map(Self::unchecked)
    }
}

/// What can be known of a list of rules before it is sent.
pub(crate) fn check(rules: &[WrapRule]) -> Result<()> {
    for (index, rule) in rules.iter().enumerate() {
        for (place, address) in rule.addresses.iter().enumerate() {
            if let Some(problem) = address.problem() {
                return Err(Error::invalid_input(&format!("wrap_rules[{index}].rule[{place}]"), problem));
            }
        }
    }
    Ok(())
}

/// Whether the rules that the service keeps are what it makes of those that were asked for: the same sets for each type,
/// after the one rewriting that it is known for. What it keeps is not rewritten: an `allow` there without its `deny` may
/// leave the account open, which must not pass for closed.
pub(crate) fn are_kept(asked: &[WrapRule], kept: &[WrapRule]) -> bool {
    let mut asked = sets(asked);
    if asked.contains_key(&WrapRuleType::Allow) {
        asked.entry(&WrapRuleType::Deny).or_insert_with(|| BTreeSet::from([ALL.to_owned()]));
    }
    asked == sets(kept)
}

fn sets(rules: &[WrapRule]) -> BTreeMap<&WrapRuleType, BTreeSet<String>> {
    let mut sets = BTreeMap::<_, BTreeSet<String>>::new();
    for rule in rules.iter().filter(|rule| !rule.addresses.is_empty()) {
        sets.entry(&rule.kind).or_default().extend(rule.addresses.iter().map(spelling));
    }
    sets
}

/// One spelling for each range.
fn spelling(address: &WrapAddress) -> String {
    address.net().map_or_else(|| address.to_string(), |net| net.to_string())
}

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Value, json};

use crate::server::Random;
use crate::sftptogo::input::{ApiError, ApiResult, Input};
use crate::sftptogo::state::objects::InboundRule;

const PROTOCOLS: &[&str] = &["*", "SFTP", "FTPS"];
const STATES: &[&str] = &["enabled", "disabled"];

/// Reads `Settings.Network.InboundRules`, if present. The list replaces the stored list.
pub(crate) fn read(input: &Input, random: &mut Random) -> ApiResult<Option<Vec<InboundRule>>> {
    let Some(settings) = input.object("Settings")? else {
        return Ok(None);
    };
    let Some(network) = settings.object("Network")? else {
        return Ok(None);
    };
    let Some(rules) = network.list("InboundRules")? else {
        return Ok(None);
    };
    rules.iter().map(|rule| read_rule(rule, random)).collect::<ApiResult<_>>().map(Some)
}

fn read_rule(rule: &Value, random: &mut Random) -> ApiResult<InboundRule> {
    let rule = Input::from_value(rule, "An inbound rule")?;
    if rule.text("Action")?.as_deref() != Some("allow") {
        return Err(ApiError::bad_request("Action must be allow"));
    }
    let source = rule.text("Source")?.unwrap_or_default();
    if source.parse::<IpAddr>().is_err() && source.parse::<IpNet>().is_err() {
        return Err(ApiError::bad_request("Source must be an IP address or a range in CIDR notation"));
    }
    Ok(InboundRule {
        id: rule.text("Id")?.unwrap_or_else(|| random.uuid()),
        protocol: rule.word("Protocol", PROTOCOLS)?.unwrap_or_else(|| "*".into()),
        state: rule.word("State", STATES)?.unwrap_or_else(|| "enabled".into()),
        source,
        description: rule.text("Description")?.unwrap_or_default(),
    })
}

pub(crate) fn render(rule: &InboundRule) -> Value {
    json!({
        "Action": "allow",
        "Description": rule.description,
        "Id": rule.id,
        "Protocol": rule.protocol,
        "Source": rule.source,
        "State": rule.state,
    })
}

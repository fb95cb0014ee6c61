use serde_json::{Value, json};

use crate::stook::state::objects::WrapRule;

/// Normalizes rules as the service does.
///
/// Only one case is documented: an allow list with an empty deny list denies all other addresses. For other combinations
/// the simulator puts deny before allow and omits empty rules.
pub(crate) fn normalized(rules: &[WrapRule]) -> Vec<WrapRule> {
    let of = |kind: &str| -> Vec<String> {
        rules.iter().filter(|rule| rule.kind == kind).flat_map(|rule| rule.rule.iter().cloned()).collect()
    };
    let (allow, mut deny) = (of("allow"), of("deny"));
    if deny.is_empty() && !allow.is_empty() {
        deny.push("all".into());
    }
    let mut normalized = vec![WrapRule::deny(deny), WrapRule::allow(allow)];
    normalized.retain(|rule| !rule.rule.is_empty());
    normalized
}

pub(crate) fn render(rules: &[WrapRule]) -> Value {
    rules.iter().map(|rule| json!({ "type": rule.kind, "rule": rule.rule })).collect()
}

#[cfg(test)]
mod tests {
    use super::{WrapRule, normalized};

    #[test]
    fn an_allow_list_denies_all_other_addresses() {
        let none: [&str; 0] = [];
        let deny_others = [WrapRule::deny(["all"]), WrapRule::allow(["192.0.2.7"])];
        for (sent, stored) in [
            (vec![], &[][..]),
            (vec![WrapRule::allow(none), WrapRule::deny(none)], &[]),
            (vec![WrapRule::allow(["192.0.2.7"]), WrapRule::deny(none)], &deny_others),
            (vec![WrapRule::allow(["192.0.2.7"])], &deny_others),
            (deny_others.to_vec(), &deny_others),
            (vec![WrapRule::deny(["192.0.2.8"])], &[WrapRule::deny(["192.0.2.8"])]),
            (
                vec![WrapRule::allow(["192.0.2.7"]), WrapRule::deny(["192.0.2.8"]), WrapRule::allow(["192.0.2.9"])],
                &[WrapRule::deny(["192.0.2.8"]), WrapRule::allow(["192.0.2.7", "192.0.2.9"])],
            ),
        ] {
            assert_eq!(normalized(&sent), stored, "{sent:?}");
        }
    }
}

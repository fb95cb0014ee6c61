use serde_json::{Value, json};

use crate::stook::state::objects::WrapRule;

/// Orders rules as the service does.
///
/// The one documented case, an allow list with an empty deny list, becomes "deny everybody else". What happens to other
/// mixes is our decision: deny before allow, nothing empty.
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
    fn an_allow_list_denies_everybody_else() {
        let none: [&str; 0] = [];
        let everybody_else = [WrapRule::deny(["all"]), WrapRule::allow(["192.0.2.7"])];
        for (sent, stored) in [
            (vec![], &[][..]),
            (vec![WrapRule::allow(none), WrapRule::deny(none)], &[]),
            (vec![WrapRule::allow(["192.0.2.7"]), WrapRule::deny(none)], &everybody_else),
            (vec![WrapRule::allow(["192.0.2.7"])], &everybody_else),
            (everybody_else.to_vec(), &everybody_else),
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

//! Targets of rules, as they were given.

use serde_json::json;

use super::{invalid, limit, not_found, page, place};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::Store;

/// Ours. AWS: 5 of a rule, more when asked for.
const MAX_TARGETS: usize = 100;

/// PutTargets
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let place = place(call, &input, "Rule", "rule")?;
    let mut targets = Vec::new();
    for target in input.structures("Targets")? {
        let (id, arn) = (target.text("Id")?, target.text("Arn")?);
        let mut constraints = Constraints::default();
        constraints.required(id.as_ref(), "targets.id");
        constraints.required(arn.as_ref(), "targets.arn");
        constraints.length(id.as_deref(), "targets.id", 1, 64);
        constraints.length(arn.as_deref(), "targets.arn", 1, 1600);
        constraints.end()?;
        if !arn.is_some_and(|arn| arn.starts_with("arn:")) {
            return Err(invalid(
                "Parameter Arn is not valid. Reason: Provided Arn is not in correct format.",
            ));
        }
        targets.push((id.unwrap_or_default(), target.whole()));
    }
    let rule = store.rules.get_mut(&place).ok_or_else(|| not_found(&place))?;
    let more = targets.iter().filter(|(id, _)| !rule.targets.contains_key(id)).count();
    if rule.targets.len() + more > MAX_TARGETS {
        return Err(limit(format!("gatelet keeps at most {MAX_TARGETS} targets of a rule")));
    }
    rule.targets.extend(targets);
    Ok(Answer::ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] })))
}

/// ListTargetsByRule
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let place = place(call, &input, "Rule", "rule")?;
    let rule = store.rules.get(&place).ok_or_else(|| not_found(&place))?;
    page(&input, "Targets", rule.targets.iter().map(|(id, target)| (id.as_str(), target.clone())))
}

/// RemoveTargets: one that isn't there is as good as removed.
pub fn remove(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let place = place(call, &input, "Rule", "rule")?;
    let ids = input.strings("Ids")?.unwrap_or_default();
    let rule = store.rules.get_mut(&place).ok_or_else(|| not_found(&place))?;
    for id in ids {
        rule.targets.remove(&id);
    }
    Ok(Answer::ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] })))
}

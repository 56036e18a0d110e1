//! Rules: put, described, listed, enabled, disabled, deleted.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{DEFAULT_BUS, Place, bus, invalid, limit, not_found, page, place};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::Store;
use crate::model::events::Rule;

/// Ours, of all accounts and regions. AWS: 300 of a bus.
const MAX_RULES: usize = 10_000;

const STATES: &[&str] = &["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"];

/// PutRule: a rule of this name that is there already is written over, but for its targets and tags.
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let place = place(call, &input, "Name", "name")?;
    let (schedule, pattern) = (input.text("ScheduleExpression")?, input.text("EventPattern")?);
    let (state, description) = (input.text("State")?, input.text("Description")?);
    let mut constraints = Constraints::default();
    constraints.length(schedule.as_deref(), "scheduleExpression", 0, 256);
    constraints.length(pattern.as_deref(), "eventPattern", 0, 4096);
    constraints.length(description.as_deref(), "description", 0, 512);
    constraints.one_of(state.as_deref(), "state", STATES);
    constraints.end()?;
    let (schedule, pattern) = (given(schedule), given(pattern));
    if schedule.is_none() && pattern.is_none() {
        return Err(invalid("Parameter(s) EventPattern or ScheduleExpression must be specified."));
    }
    if schedule.is_some() && place.1 != DEFAULT_BUS {
        return Err(invalid("ScheduleExpression is supported only on the default event bus."));
    }
    if schedule.as_deref().is_some_and(|text| !is_schedule(text)) {
        return Err(invalid("Parameter ScheduleExpression is not valid."));
    }
    let is_object = |text: &String| serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object());
    if !pattern.as_ref().is_none_or(is_object) {
        let message = "Event pattern is not valid. Reason: it must be a JSON object";
        return Err(Error::new(400, "InvalidEventPatternException", message));
    }
    let mut tags = BTreeMap::new();
    for tag in input.structures("Tags")? {
        tags.insert(tag.text("Key")?.unwrap_or_default(), tag.text("Value")?.unwrap_or_default());
    }
    if store.rules.len() >= MAX_RULES && !store.rules.contains_key(&place) {
        return Err(limit(format!("gatelet keeps at most {MAX_RULES} rules: delete some")));
    }
    let before = store.rules.remove(&place);
    let (targets, tags) = match before {
        Some(before) => (before.targets, before.tags),
        None => (BTreeMap::new(), tags),
    };
    let state = STATES.iter().find(|known| state.as_deref() == Some(known)).unwrap_or(&STATES[0]);
    let role_arn = input.text("RoleArn")?;
    let answer = json!({ "RuleArn": arn(&place) });
    store.rules.insert(place, Rule { schedule, pattern, state, description, role_arn, targets, tags });
    Ok(Answer::ok(answer))
}

/// DescribeRule
pub fn describe(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let place = place(call, &Input::of(call)?, "Name", "name")?;
    let rule = store.rules.get(&place).ok_or_else(|| not_found(&place))?;
    let mut members = shown(&place, rule);
    members.insert("CreatedBy".into(), place.0.account.as_str().into());
    Ok(Answer::ok(Value::Object(members)))
}

/// ListRules
pub fn list(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let bus = bus(&input)?;
    let prefix = input.text("NamePrefix")?.unwrap_or_default();
    let first = (call.owner.clone(), bus.clone(), prefix.clone());
    let rules = store
        .rules
        .range(first..)
        .take_while(|((owner, on, name), _)| *owner == call.owner && *on == bus && name.starts_with(&prefix));
    let rules = rules.map(|(place, rule)| (place.2.as_str(), Value::Object(shown(place, rule))));
    page(&input, "Rules", rules)
}

/// DeleteRule: one that isn't there is as good as deleted.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let place = place(call, &Input::of(call)?, "Name", "name")?;
    if store.rules.get(&place).is_some_and(|rule| !rule.targets.is_empty()) {
        return Err(invalid("Rule can't be deleted since it has targets."));
    }
    store.rules.remove(&place);
    Ok(Answer::empty(200))
}

/// EnableRule
pub fn enable(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    set_state(store, call, "ENABLED")
}

/// DisableRule
pub fn disable(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    set_state(store, call, "DISABLED")
}

fn set_state(store: &mut Store, call: &Call, state: &'static str) -> Result<Answer, Error> {
    let place = place(call, &Input::of(call)?, "Name", "name")?;
    store.rules.get_mut(&place).ok_or_else(|| not_found(&place))?.state = state;
    Ok(Answer::empty(200))
}

/// `arn:aws:events:us-east-1:000000000000:rule/[bus/]name`
pub fn arn((owner, bus, name): &Place) -> String {
    let on = if bus == DEFAULT_BUS { String::new() } else { format!("{bus}/") };
    format!("arn:aws:events:{}:{}:rule/{on}{name}", owner.region, owner.account)
}

/// Deploy tools send empty texts for what is not there.
fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// `rate(5 minutes)` or `cron(…)`; what stands in the parentheses is nobody's business here.
fn is_schedule(text: &str) -> bool {
    ["rate(", "cron("].iter().any(|start| text.starts_with(start)) && text.ends_with(')')
}

fn shown(place: &Place, rule: &Rule) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("Name".into(), place.2.as_str().into());
    members.insert("Arn".into(), arn(place).into());
    members.insert("State".into(), rule.state.into());
    members.insert("EventBusName".into(), place.1.as_str().into());
    for (name, value) in [
        ("ScheduleExpression", &rule.schedule),
        ("EventPattern", &rule.pattern),
        ("Description", &rule.description),
        ("RoleArn", &rule.role_arn),
    ] {
        if let Some(value) = value {
            members.insert(name.into(), value.as_str().into());
        }
    }
    members
}

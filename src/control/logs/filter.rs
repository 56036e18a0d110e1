//! FilterLogEvents: what fits of a group, across its streams.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::event::Times;
use super::pattern::Pattern;
use super::{EXTRACT, INVALID, MAX_ANSWER, MAX_EVENTS, bad_token, invalid, name, no_group, no_stream};
use crate::control::Control;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::logs::Event;

/// AWS: streams that one call may name.
const MAX_NAMED: usize = 100;

/// FilterLogEvents. The token is the number of the event from which to go on.
pub fn filter(control: &Control, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let group = name::group_or_identifier(&input)?;
    let prefix = input.text("logStreamNamePrefix")?;
    let names = input.strings("logStreamNames")?.filter(|names| !names.is_empty());
    let most = input.integer("limit", i64::MIN..=i64::MAX)?;
    let mut constraints = Constraints::default();
    constraints.range(most, "limit", 1, MAX_EVENTS);
    let named = names.as_ref().map_or(0, Vec::len);
    constraints.check(named <= MAX_NAMED, "[…]", "logStreamNames", "have length less than or equal to 100");
    constraints.end_as(INVALID)?;
    if names.is_some() && prefix.is_some() {
        return Err(invalid("logStreamNamePrefix and logStreamNames are mutually exclusive parameters."));
    }
    let pattern = Pattern::of(&input.text("filterPattern")?.unwrap_or_default())?;
    let times = Times::of(&input)?;
    let most = usize::try_from(most.unwrap_or(MAX_EVENTS)).unwrap_or_default();
    let mut from: u64 = match input.text("nextToken")? {
        None => 0,
        Some(token) => token.parse().map_err(|_| bad_token())?,
    };
    let names: Option<HashSet<String>> = names.map(|names| names.into_iter().collect());
    let fits = |event: &Event| {
        names.as_ref().is_none_or(|names| names.contains(&*event.stream))
            && prefix.as_ref().is_none_or(|prefix| event.stream.starts_with(prefix))
            && times.have(event)
            && pattern.fits(&event.message)
    };
    {
        let logs = control.context().logs();
        let group = logs.group(&call.owner, &group).ok_or_else(no_group)?;
        if names.iter().flatten().any(|name| group.stream(name).is_none()) {
            return Err(no_stream());
        }
    }
    let mut found: Vec<(u64, Event)> = Vec::new();
    let mut bytes = 0;
    let next = 'reading: loop {
        let extract = match control.context().logs().group(&call.owner, &group) {
            Some(group) => group.after(from, EXTRACT),
            None => return Err(no_group()),
        };
        let Some((last, _)) = extract.last() else { break None };
        from = last + 1;
        for (number, event) in extract {
            if fits(&event) {
                bytes += event.message.len();
                if found.len() == most || (bytes > MAX_ANSWER && !found.is_empty()) {
                    break 'reading Some(number);
                }
                found.push((number, event));
            }
        }
    };
    found.sort_unstable_by_key(|(number, event)| (event.time_ms, *number));
    let shown = |(number, event): &(u64, Event)| {
        json!({
            "logStreamName": &*event.stream,
            "timestamp": event.time_ms,
            "message": &*event.message,
            "ingestionTime": event.ingested_ms,
            // AWS: 56 digits, in the order of the events.
            "eventId": format!("{:036}{number:020}", event.time_ms),
        })
    };
    let mut members = json!({
        "events": found.iter().map(shown).collect::<Vec<Value>>(),
        "searchedLogStreams": [],
    });
    if let Some(next) = next {
        members["nextToken"] = next.to_string().into();
    }
    Ok(Answer::ok(members))
}

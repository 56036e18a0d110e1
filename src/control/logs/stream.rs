//! Log streams: made, described, deleted.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{INVALID, bad_token, invalid, limit, name, no_group, no_stream};
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::control::{Context, Control};
use crate::model::Store;
use crate::model::logs::{MAX_STREAMS, Stream};

/// AWS: of a page, and ours where the caller says nothing.
const PAGE: i64 = 50;

/// Half of a group's streams: the others are those of workers.
const MAX_MADE: usize = MAX_STREAMS / 2;

/// CreateLogStream
pub fn create(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let (group, name) = (name::group(&input)?, name::stream(&input)?);
    let mut logs = context.logs();
    let group = logs.group_mut(&call.owner, &group).ok_or_else(no_group)?;
    if group.stream(&name).is_some() {
        let message = "The specified log stream already exists";
        return Err(Error::new(400, "ResourceAlreadyExistsException", message));
    }
    if group.streams().len() >= MAX_MADE {
        return Err(limit(format!("gatelet keeps at most {MAX_MADE} streams of a log group: delete some")));
    }
    group.add_stream(&name, call.now.unix_ms);
    Ok(Answer::empty(200))
}

/// DeleteLogStream
pub fn delete(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let (group, name) = (name::group(&input)?, name::stream(&input)?);
    let mut logs = context.logs();
    if logs.group(&call.owner, &group).is_none() {
        return Err(no_group());
    }
    match logs.remove_stream(&call.owner, &group, &name) {
        true => Ok(Answer::empty(200)),
        false => Err(no_stream()),
    }
}

/// DescribeLogStreams: by name, or by the time of the last event.
pub fn describe(control: &Control, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let group = name::group_or_identifier(&input)?;
    let prefix = input.text("logStreamNamePrefix")?;
    let order = input.text("orderBy")?;
    let (token, most) = (input.text("nextToken")?, input.integer("limit", i64::MIN..=i64::MAX)?);
    let descending = input.boolean("descending")?.unwrap_or_default();
    let mut constraints = Constraints::default();
    constraints.one_of(order.as_deref(), "orderBy", &["LogStreamName", "LastEventTime"]);
    constraints.range(most, "limit", 1, PAGE);
    constraints.end_as(INVALID)?;
    let by_time = order.as_deref() == Some("LastEventTime");
    if by_time && prefix.is_some() {
        return Err(invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    // A page of a list that changes its order is found by how much was seen.
    let skipped: usize = match token {
        None => 0,
        Some(token) => token.parse().map_err(|_| bad_token())?,
    };
    let prefix = prefix.unwrap_or_default();
    let mut streams: Vec<(Arc<str>, Stream)> = {
        let logs = control.context().logs();
        let group = logs.group(&call.owner, &group).ok_or_else(no_group)?;
        let streams = group.streams().filter(|(name, _)| name.starts_with(&prefix));
        streams.map(|(name, stream)| (Arc::clone(name), stream.clone())).collect()
    };
    match (by_time, descending) {
        (true, _) => streams.sort_by(|(_, one), (_, other)| {
            let order = one.last_ms.cmp(&other.last_ms);
            if descending { order.reverse() } else { order }
        }),
        (false, true) => streams.reverse(),
        (false, false) => {}
    }
    let most = usize::try_from(most.unwrap_or(PAGE)).unwrap_or_default();
    let page = streams.iter().skip(skipped).take(most);
    let shown: Vec<Value> =
        page.map(|(name, stream)| shown(&name::arn(&call.owner, &group), name, stream)).collect();
    let seen = skipped.saturating_add(shown.len());
    let mut members = json!({ "logStreams": shown });
    if seen < streams.len() {
        members["nextToken"] = seen.to_string().into();
    }
    Ok(Answer::ok(members))
}

fn shown(group: &str, name: &str, stream: &Stream) -> Value {
    let mut members = json!({
        "logStreamName": name,
        "creationTime": stream.created_ms,
        "arn": format!("{group}:log-stream:{name}"),
        "storedBytes": 0,
        "uploadSequenceToken": "1",
    });
    for (member, value) in [
        ("firstEventTimestamp", stream.first_ms),
        ("lastEventTimestamp", stream.last_ms),
        ("lastIngestionTime", stream.last_ingested_ms),
    ] {
        if let Some(value) = value {
            members[member] = value.into();
        }
    }
    members
}

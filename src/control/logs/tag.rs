//! Tags of log groups, by the newer operations and the older ones.

use std::collections::BTreeMap;

use serde_json::json;

use super::{INVALID, invalid, name, no_group};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::{Store, arn};

/// AWS: of a group.
const MAX_TAGS: usize = 50;

/// TagResource
pub fn tag(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    add(context, call, &resource(&input)?, &input)
}

/// UntagResource
pub fn untag(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let keys = input.strings("tagKeys")?.unwrap_or_default();
    remove(context, call, &resource(&input)?, &keys)
}

/// ListTagsForResource
pub fn list(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    show(context, call, &resource(&Input::of(call)?)?)
}

/// TagLogGroup
pub fn tag_group(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    add(context, call, &name::group(&input)?, &input)
}

/// UntagLogGroup
pub fn untag_group(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let keys = input.strings("tags")?.unwrap_or_default();
    remove(context, call, &name::group(&input)?, &keys)
}

/// ListTagsLogGroup
pub fn list_of_group(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    show(context, call, &name::group(&Input::of(call)?)?)
}

/// The member `tags`, over `before`.
pub fn of(input: &Input, before: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    let mut tags = before.clone();
    let mut constraints = Constraints::default();
    for (key, value) in input.map("tags")?.unwrap_or_default() {
        constraints.length(Some(&key), "tags", 1, 128);
        constraints.length(Some(&value), "tags", 0, 256);
        tags.insert(key, value);
    }
    constraints.end_as(INVALID)?;
    if tags.len() > MAX_TAGS {
        let message = format!("A log group can have at most {MAX_TAGS} tags");
        return Err(Error::new(400, "TooManyTagsException", message));
    }
    Ok(tags)
}

fn resource(input: &Input) -> Result<String, Error> {
    let arn = input.text("resourceArn")?;
    let mut constraints = Constraints::default();
    constraints.required(arn.as_ref(), "resourceArn");
    constraints.end_as(INVALID)?;
    let arn = arn.unwrap_or_default();
    let (_, name) =
        arn::log_group(&arn).ok_or_else(|| invalid(format!("{arn} is not the ARN of a log group")))?;
    Ok(name.to_owned())
}

fn add(context: &Context, call: &Call, group: &str, input: &Input) -> Result<Answer, Error> {
    let mut logs = context.logs();
    let group = logs.group_mut(&call.owner, group).ok_or_else(no_group)?;
    group.tags = of(input, &group.tags)?;
    Ok(Answer::empty(200))
}

fn remove(context: &Context, call: &Call, group: &str, keys: &[String]) -> Result<Answer, Error> {
    let mut logs = context.logs();
    let group = logs.group_mut(&call.owner, group).ok_or_else(no_group)?;
    for key in keys {
        group.tags.remove(key);
    }
    Ok(Answer::empty(200))
}

fn show(context: &Context, call: &Call, group: &str) -> Result<Answer, Error> {
    let logs = context.logs();
    let group = logs.group(&call.owner, group).ok_or_else(no_group)?;
    Ok(Answer::ok(json!({ "tags": group.tags })))
}

//! Log groups: made, described, given a retention, deleted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{INVALID, bad_token, invalid, limit, name, no_group, tag};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::control::page::Page;
use crate::model::logs::{Group, MAX_GROUPS};
use crate::model::{Owner, Store};

/// AWS: of a page, and ours where the caller says nothing.
const PAGE: i64 = 50;

const CLASSES: &[&str] = &["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"];

/// AWS: the days that a retention may have.
const RETENTIONS: &[u32] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// CreateLogGroup
pub fn create(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let name = name::group(&input)?;
    let class = input.text("logGroupClass")?;
    let mut constraints = Constraints::default();
    constraints.one_of(class.as_deref(), "logGroupClass", CLASSES);
    constraints.end_as(INVALID)?;
    let tags = tag::of(&input, &BTreeMap::new())?;
    let class = CLASSES.iter().find(|known| class.as_deref() == Some(known)).unwrap_or(&CLASSES[0]);
    let kms_key = input.text("kmsKeyId")?;
    let mut logs = context.logs();
    if logs.group(&call.owner, &name).is_some() {
        return Err(Error::new(
            400,
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        ));
    }
    let mut group = Group::new(call.now.unix_ms);
    (group.class, group.tags, group.kms_key) = (class, tags, kms_key);
    logs.add_group(&call.owner, &name, group)
        .map_err(|_| limit(format!("gatelet keeps at most {MAX_GROUPS} log groups: delete some")))?;
    Ok(Answer::empty(200))
}

/// DescribeLogGroups
pub fn describe(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let prefix = input.text("logGroupNamePrefix")?;
    let pattern = input.text("logGroupNamePattern")?;
    let (token, most) = (input.text("nextToken")?, input.integer("limit", i64::MIN..=i64::MAX)?);
    let mut constraints = Constraints::default();
    constraints.range(most, "limit", 1, PAGE);
    constraints.end_as(INVALID)?;
    if prefix.is_some() && pattern.is_some() {
        return Err(invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let (prefix, pattern) = (prefix.unwrap_or_default(), pattern.map(|text| text.to_ascii_lowercase()));
    let logs = context.logs();
    let groups = logs.groups(&call.owner, &prefix).take_while(|(name, _)| name.starts_with(&prefix));
    let groups = groups.filter(|(name, _)| {
        pattern.as_ref().is_none_or(|pattern| name.to_ascii_lowercase().contains(pattern.as_str()))
    });
    let groups = groups.map(|(name, group)| (name, shown(&call.owner, name, group)));
    let most = usize::try_from(most.unwrap_or(PAGE)).unwrap_or_default();
    let page = Page::of(groups, token.as_deref(), most).map_err(|_| bad_token())?;
    Ok(Answer::ok(page.members("logGroups", "nextToken")))
}

/// DeleteLogGroup
pub fn delete(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let name = name::group(&Input::of(call)?)?;
    match context.logs().remove_group(&call.owner, &name) {
        true => Ok(Answer::empty(200)),
        false => Err(no_group()),
    }
}

/// PutRetentionPolicy
pub fn put_retention(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let name = name::group(&input)?;
    let said = input.integer("retentionInDays", i64::MIN..=i64::MAX)?;
    let mut constraints = Constraints::default();
    constraints.required(said.as_ref(), "retentionInDays");
    let days = RETENTIONS.iter().copied().find(|days| said == Some(i64::from(*days)));
    if let (Some(said), None) = (said, days) {
        let days: Vec<String> = RETENTIONS.iter().map(u32::to_string).collect();
        let rule = format!("satisfy enum value set: [{}]", days.join(", "));
        constraints.check(false, said, "retentionInDays", &rule);
    }
    constraints.end_as(INVALID)?;
    context.logs().group_mut(&call.owner, &name).ok_or_else(no_group)?.retention_days = days;
    Ok(Answer::empty(200))
}

/// DeleteRetentionPolicy
pub fn delete_retention(_: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let name = name::group(&Input::of(call)?)?;
    context.logs().group_mut(&call.owner, &name).ok_or_else(no_group)?.retention_days = None;
    Ok(Answer::empty(200))
}

fn shown(owner: &Owner, name: &str, group: &Group) -> Value {
    let arn = name::arn(owner, name);
    let mut members = json!({
        "logGroupName": name,
        "creationTime": group.created_ms,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "storedBytes": group.bytes(),
        "logGroupClass": group.class,
        "logGroupArn": arn,
    });
    if let Some(days) = group.retention_days {
        members["retentionInDays"] = days.into();
    }
    if let Some(key) = &group.kms_key {
        members["kmsKeyId"] = key.as_str().into();
    }
    members
}

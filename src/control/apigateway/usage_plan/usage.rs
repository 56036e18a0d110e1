//! GetUsage and UpdateUsage: how often the keys of a plan were used, day by day.

use serde_json::{Map, Value, json};

use super::super::patch::Patch;
use super::super::{api_key, not_found};
use super::find;
use crate::base::clock;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::control::page::{Page, api_gateway_size};
use crate::model::Store;
use crate::model::usage::{DAYS, Member, UsagePlan};

/// GetUsage: of each key the days from the first to the last, each with how often it was used and how often it could
/// still have been. (Where nothing limits, that is as much as the number can say.)
pub fn get(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let plan = find(store, &call.owner, call.path("usageplanId"))?;
    let date = |name| {
        let text = call.query(name).unwrap_or_default();
        clock::parse_date(text).ok_or_else(|| bad_request(format!("Invalid {name} specified: {text}")))
    };
    let (first, last) = (date("startDate")?, date("endDate")?);
    if first > last || (last - first) as usize >= DAYS {
        return Err(bad_request(format!("endDate must be at most {} days after startDate", DAYS - 1)));
    }
    let wanted = call.query("keyId");
    let members = plan.keys.iter().filter(|(id, _)| wanted.is_none_or(|wanted| *id == wanted));
    let token = call.query("position").filter(|position| !position.is_empty());
    let page = Page::of(
        members.map(|(id, member)| (id.as_str(), (id, member))),
        token,
        api_gateway_size(context, call, "limit")?,
    );
    let page = page.map_err(|_| bad_request("Invalid position parameter specified"))?;
    let values = page.items.iter().map(|(id, member)| ((*id).clone(), days(plan, member, first, last)));
    Ok(Answer::ok(show(plan, values.collect(), (first, last), page.next)))
}

/// UpdateUsage: a key may be used so many times more in this period.
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    let plan = find(store, &call.owner, call.path("usageplanId"))?;
    let key = api_key::find(store, &call.owner, call.path("keyId"))?;
    let member = plan.keys.get(&key.id).ok_or_else(|| not_found("Invalid API Key identifier specified"))?;
    let quota = plan.quota.ok_or_else(|| bad_request("The Usage Plan has no quota"))?;
    let mut remaining = Vec::with_capacity(patches.len());
    for patch in &patches {
        patch.must_replace(&["/remaining"])?;
        let number = patch.text().parse::<u32>().ok().filter(|number| *number <= i32::MAX as u32);
        remaining.push(number.ok_or_else(|| bad_request("Invalid remaining quota specified"))?);
    }
    let today = call.now.day();
    if let Some(remaining) = remaining.last() {
        member.meter.grant(today, quota, i64::from(*remaining));
    }
    let values = Map::from_iter([(key.id.clone(), days(plan, member, today, today))]);
    Ok(Answer::ok(show(plan, values, (today, today), None)))
}

fn days(plan: &UsagePlan, member: &Member, first: u32, last: u32) -> Value {
    let day = |day| {
        let remaining = plan.quota.map_or(i64::from(i32::MAX), |quota| member.meter.remaining(day, quota));
        json!([member.meter.used(day), remaining.max(0)])
    };
    (first..=last).map(day).collect::<Vec<_>>().into()
}

fn show(
    plan: &UsagePlan,
    values: Map<String, Value>,
    (first, last): (u32, u32),
    next: Option<String>,
) -> Value {
    let mut members = Map::new();
    members.insert("usagePlanId".into(), plan.id.as_str().into());
    members.insert("startDate".into(), clock::date(first).into());
    members.insert("endDate".into(), clock::date(last).into());
    members.insert("values".into(), values.into());
    members.extend(next.map(|next| ("position".into(), next.into())));
    Value::Object(members)
}

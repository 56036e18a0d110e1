//! Usage plans.

pub mod key;
pub mod update;
pub mod usage;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::violations::Violations;
use super::{limits, new_id, not_found, page, spelled};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::tags;
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::{Members, strings};
use crate::model::api::Protocol;
use crate::model::usage::{ApiStage, PERIODS, Period, Quota, Rate, UsagePlan};
use crate::model::{ApiId, Owner, Store};

/// CreateUsagePlan
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let name = input.text("name")?;
    let quota = input.object("quota")?.map(|given| Draft::read(&given)).transpose()?;
    let mut found = Violations::default();
    found.required("createUsagePlanInput.name", name.is_some());
    if let Some(period) = quota.as_ref().and_then(|quota| quota.period.as_deref()) {
        found.one_of("createUsagePlanInput.quota.period", period, &PERIODS.map(Period::as_str));
    }
    found.check()?;
    let name = name.unwrap_or_default();
    if name.is_empty() {
        return Err(bad_request("Usage Plan name cannot be blank"));
    }
    let mut stages = Vec::new();
    for given in input.structures("apiStages")? {
        stages.push(read_stage(store, &call.owner, &given)?);
    }
    let existing = store.usage.plans.values().filter(|plan| plan.owner == call.owner).count();
    limits::check(limits::USAGE_PLANS, existing, &context.settings)?;
    let plan = UsagePlan {
        id: new_id(&mut store.rng, 6, &store.usage.plans),
        owner: call.owner.clone(),
        name,
        description: input.text("description")?,
        stages,
        throttle: input.object("throttle")?.map(|given| read_rate(&given)).transpose()?.flatten(),
        quota: quota.map(|quota| quota.finish()).transpose()?,
        product_code: None,
        tags: tags::read(&input)?,
        keys: BTreeMap::new(),
    };
    let answer = Answer::created(show(&plan));
    put(store, plan);
    Ok(answer)
}

/// GetUsagePlan
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show_with_tags(find(store, &call.owner, call.path("usageplanId"))?)))
}

/// GetUsagePlans: all, or those of one key.
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let key = call.query("keyId");
    let plans = store.usage.plans.iter().filter(|(_, plan)| plan.owner == call.owner);
    let plans = plans.filter(|(_, plan)| key.is_none_or(|key| plan.keys.contains_key(key)));
    page::of(context, call, plans.map(|(id, plan)| (id.as_str(), plan)), show)
}

/// DeleteUsagePlan, unless it has stages.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let plan = find(store, &call.owner, call.path("usageplanId"))?;
    if let Some(ApiStage { api, stage, .. }) = plan.stages.first() {
        return Err(bad_request(format!(
            "Cannot delete Usage Plan {} because there are API Stages associated with it, including {api}:{stage}",
            plan.id
        )));
    }
    let id = plan.id.clone();
    if let Some(plan) = store.usage.plans.remove(&id) {
        plan.keys.keys().for_each(|key| key::changed(store, key));
    }
    store.changed.usage_plans.insert(id);
    Ok(Answer::empty(202))
}

/// The caller's plan of this id.
pub fn find<'a>(store: &'a Store, owner: &Owner, id: &str) -> Result<&'a UsagePlan, Error> {
    let plan = store.usage.plans.get(id).filter(|plan| plan.owner == *owner);
    plan.ok_or_else(|| not_found("Invalid Usage Plan ID specified"))
}

/// What is said of a quota; it may be in parts until it is used.
#[derive(Debug, Default)]
struct Draft {
    limit: Option<i64>,
    offset: Option<i64>,
    period: Option<String>,
}

impl Draft {
    fn read(input: &Input) -> Result<Self, Error> {
        Ok(Self {
            limit: input.integer("limit", 0..=i64::from(i32::MAX))?,
            offset: input.integer("offset", i64::from(i32::MIN)..=i64::from(i32::MAX))?,
            period: input.text("period")?,
        })
    }

    fn finish(self) -> Result<Quota, Error> {
        let limit = self.limit.ok_or_else(|| bad_request("Usage Plan quota limit must be specified"))?;
        let period = self.period.ok_or_else(|| bad_request("Usage Plan quota period must be specified"))?;
        let period = spelled(&PERIODS, Period::as_str, &period).ok_or_else(|| {
            bad_request("Invalid Usage Plan quota period. Valid options are DAY,WEEK,MONTH")
        })?;
        let offset = self.offset.unwrap_or_default();
        // As Terraform, which asks before AWS can refuse, words it.
        let (most, which) = match period {
            Period::Day => (0, "zero in the DAY period"),
            Period::Week => (6, "between zero and six inclusive in the WEEK period"),
            Period::Month => (27, "between zero and 27 inclusive in the MONTH period"),
        };
        match (0..=most).contains(&offset) {
            true => Ok(Quota { limit, offset, period }),
            false => Err(bad_request(format!("Usage Plan quota offset must be {which}"))),
        }
    }
}

/// A stage that is the caller's, of an api that can ask for keys.
fn is_stage(store: &Store, owner: &Owner, api: &str, stage: &str) -> bool {
    let rest = store.rest_apis.get(api).filter(|api| api.owner == *owner);
    let websocket =
        store.apis.get(api).filter(|api| api.owner == *owner && api.protocol == Protocol::WebSocket);
    rest.is_some_and(|api| api.stages.contains_key(stage))
        || websocket.is_some_and(|api| api.stages.contains_key(stage))
}

fn read_stage(store: &Store, owner: &Owner, given: &Input) -> Result<ApiStage, Error> {
    let text = |name| Ok::<_, Error>(given.text(name)?.unwrap_or_default());
    let (api, stage) = (text("apiId")?, text("stage")?);
    if api.is_empty() || stage.is_empty() {
        // AWS fills nothing in.
        return Err(bad_request("Invalid API Stage {api: %s, stage: %s} specified for usageplan %s"));
    }
    if !is_stage(store, owner, &api, &stage) {
        return Err(not_found(format!("API Stage not found: {api}:{stage}")));
    }
    let mut throttle = BTreeMap::new();
    for (path, rate) in given.objects("throttle")?.into_iter().flatten() {
        throttle.extend(read_rate(&rate)?.map(|rate| (path, rate)));
    }
    Ok(ApiStage { api: ApiId::new(api), stage, throttle })
}

/// `None`: nothing is said.
fn read_rate(input: &Input) -> Result<Option<Rate>, Error> {
    let rate =
        Rate { rate: input.rate("rateLimit")?, burst: input.integer("burstLimit", 0..=i64::from(i32::MAX))? };
    Ok(Some(rate).filter(|rate| *rate != Rate::default()))
}

fn put(store: &mut Store, plan: UsagePlan) {
    store.changed.usage_plans.insert(plan.id.clone());
    store.usage.plans.insert(plan.id.clone(), plan);
}

fn show(plan: &UsagePlan) -> Value {
    members(plan).maybe("tags", (!plan.tags.is_empty()).then(|| strings(&plan.tags))).done()
}

fn show_with_tags(plan: &UsagePlan) -> Value {
    members(plan).with("tags", strings(&plan.tags)).done()
}

fn members(plan: &UsagePlan) -> Members {
    let stages: Vec<Value> = plan.stages.iter().map(show_stage).collect();
    let quota = plan.quota.map(|Quota { limit, offset, period }| {
        json!({ "limit": limit, "offset": offset, "period": period.as_str() })
    });
    Members::default()
        .with("id", plan.id.as_str())
        .with("name", plan.name.as_str())
        .maybe("description", plan.description.as_deref())
        .with("apiStages", stages)
        .maybe("throttle", plan.throttle.map(show_rate))
        .maybe("quota", quota)
        .maybe("productCode", plan.product_code.as_deref())
}

fn show_stage(stage: &ApiStage) -> Value {
    let methods: Map<_, _> =
        stage.throttle.iter().map(|(path, rate)| (path.clone(), show_rate(*rate))).collect();
    Members::default()
        .with("apiId", stage.api.as_str())
        .with("stage", stage.stage.as_str())
        .maybe("throttle", (!methods.is_empty()).then_some(methods))
        .done()
}

fn show_rate(rate: Rate) -> Value {
    Members::default().maybe("burstLimit", rate.burst).maybe("rateLimit", rate.rate).done()
}

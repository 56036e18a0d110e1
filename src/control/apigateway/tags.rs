//! Tags of apis, stages, API keys, usage plans and custom domain names.

use std::collections::BTreeMap;

use serde_json::json;

use super::{api_key, find_by_id, not_found, stage, usage_plan};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::domain;
use crate::control::apigatewayv2::tags::{check_count, read};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::strings;
use crate::model::{ApiId, Store};

type Tags = BTreeMap<String, String>;

/// TagResource: adds to what there is.
pub fn tag(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let given = read(&Input::of(call)?)?;
    edit(store, call, |tags| {
        tags.extend(given);
        check_count(tags)
    })
}

/// UntagResource: keys that aren't there are no error.
pub fn untag(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit(store, call, |tags| {
        for key in call.query_all("tagKeys") {
            tags.remove(key);
        }
        Ok(())
    })
}

/// GetTags
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(json!({ "tags": strings(of(store, &find(store, call)?)) })))
}

/// What has tags.
enum Tagged {
    Api(ApiId),
    Stage(ApiId, String),
    ApiKey(String),
    UsagePlan(String),
    Domain(String),
}

fn edit(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut Tags) -> Result<(), Error>,
) -> Result<Answer, Error> {
    let tagged = find(store, call)?;
    let mut tags = of(store, &tagged).clone();
    change(&mut tags)?;
    // No tag changes what is served.
    let place = match &tagged {
        Tagged::Api(id) => store.rest_apis.get_mut(id).map(|api| &mut api.tags),
        Tagged::Stage(id, name) => {
            let stage = store.rest_apis.get_mut(id).and_then(|api| api.stages.get_mut(name));
            stage.map(|stage| &mut stage.tags)
        }
        Tagged::ApiKey(id) => store.usage.keys.get_mut(id).map(|key| &mut key.tags),
        Tagged::UsagePlan(id) => store.usage.plans.get_mut(id).map(|plan| &mut plan.tags),
        Tagged::Domain(name) => store.domains.get_mut(name).map(|domain| &mut domain.tags),
    };
    *place.expect("what was found is there") = tags;
    Ok(Answer::no_content())
}

fn of<'a>(store: &'a Store, tagged: &Tagged) -> &'a Tags {
    match tagged {
        Tagged::Api(id) => &store.rest_apis[id].tags,
        Tagged::Stage(id, name) => &store.rest_apis[id].stages[name].tags,
        Tagged::ApiKey(id) => &store.usage.keys[id].tags,
        Tagged::UsagePlan(id) => &store.usage.plans[id].tags,
        Tagged::Domain(name) => &store.domains[name].tags,
    }
}

/// What the ARN names: `arn:aws:apigateway:{region}::/restapis/{id}/stages/{name}`.
fn find(store: &Store, call: &Call) -> Result<Tagged, Error> {
    let arn = call.path("resource_arn");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "apigateway", region, _, path] = parts[..] else {
        return Err(bad_request(format!("Invalid resource ARN specified: {arn}")));
    };
    let unknown = || not_found(format!("Unable to find the resource {arn}"));
    if region != call.owner.region {
        return Err(unknown());
    }
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match segments[..] {
        ["restapis", id] => Ok(Tagged::Api(find_by_id(store, call, id)?.id.clone())),
        ["domainnames", name] => Ok(Tagged::Domain(domain::named(store, call, name)?.name.clone())),
        ["restapis", id, "stages", name] => {
            let api = find_by_id(store, call, id)?;
            if !api.stages.contains_key(name) {
                return Err(stage::unknown());
            }
            Ok(Tagged::Stage(api.id.clone(), name.to_owned()))
        }
        ["apikeys", id] => Ok(Tagged::ApiKey(api_key::find(store, &call.owner, id)?.id.clone())),
        ["usageplans", id] => Ok(Tagged::UsagePlan(usage_plan::find(store, &call.owner, id)?.id.clone())),
        _ => Err(unknown()),
    }
}

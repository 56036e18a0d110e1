//! Tags of apis and stages.

use std::collections::BTreeMap;

use serde_json::json;

use super::{find_by_id, not_found, stage};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::tags::{check_count, read};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::strings;
use crate::model::{RestApi, Store};

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
    let (api, stage) = find(store, call)?;
    let tags = match stage {
        None => &api.tags,
        Some(name) => &api.stages[name].tags,
    };
    Ok(Answer::ok(json!({ "tags": strings(tags) })))
}

fn edit(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut Tags) -> Result<(), Error>,
) -> Result<Answer, Error> {
    let (api, stage) = find(store, call)?;
    let mut api = api.clone();
    match stage.and_then(|name| api.stages.get_mut(name)) {
        None => change(&mut api.tags)?,
        Some(stage) => change(&mut stage.tags)?,
    }
    super::put(store, api);
    Ok(Answer::no_content())
}

/// The api, and perhaps the stage of it, that the ARN names:
/// `arn:aws:apigateway:{region}::/restapis/{id}/stages/{name}`.
fn find<'a>(store: &'a Store, call: &'a Call) -> Result<(&'a RestApi, Option<&'a str>), Error> {
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
        ["restapis", id] => Ok((find_by_id(store, call, id)?, None)),
        ["restapis", id, "stages", name] => {
            let api = find_by_id(store, call, id)?;
            if !api.stages.contains_key(name) {
                return Err(stage::unknown());
            }
            Ok((api, Some(name)))
        }
        _ => Err(unknown()),
    }
}

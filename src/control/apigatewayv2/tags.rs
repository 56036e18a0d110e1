//! Tags of apis and stages.

use std::collections::BTreeMap;

use serde_json::json;

use super::{not_found, strings};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::{Api, Store};

type Tags = BTreeMap<String, String>;

/// AWS: 50 per resource.
const MAX_TAGS: usize = 50;

/// TagResource: adds to what there is.
pub fn tag(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let given = read(&Input::of(call)?)?;
    edit(store, call, |tags| {
        tags.extend(given);
        check_count(tags)?;
        Ok(Answer::created(json!({})))
    })
}

/// UntagResource: keys that aren't there are no error.
pub fn untag(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit(store, call, |tags| {
        for key in call.query_all("tagKeys") {
            tags.remove(key);
        }
        Ok(Answer::no_content())
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

/// The member `tags`, checked.
pub fn read(input: &Input) -> Result<Tags, Error> {
    let tags = input.map("tags")?.unwrap_or_default();
    for (key, value) in &tags {
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(bad_request(format!("Tag keys must not start with aws: but one is {key}")));
        }
        // The tagging guide: keys of 1 to 128 characters, values of at most 256.
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            return Err(bad_request("Tag keys have 1 to 128 characters, and tag values at most 256"));
        }
    }
    check_count(&tags)?;
    Ok(tags)
}

/// # Errors
/// There are more tags than a resource can have.
pub fn check_count(tags: &Tags) -> Result<(), Error> {
    if tags.len() > MAX_TAGS {
        return Err(bad_request(format!("A resource has at most {MAX_TAGS} tags")));
    }
    Ok(())
}

fn edit(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut Tags) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    let (api, stage) = find(store, call)?;
    let mut api = api.clone();
    let tags = match stage {
        None => &mut api.tags,
        Some(name) => &mut api.stages.get_mut(name).expect("found just before").tags,
    };
    let answer = change(tags)?;
    super::put(store, api);
    Ok(answer)
}

/// The api, and perhaps the stage of it, that the ARN names: `arn:aws:apigateway:{region}::/apis/{id}/stages/{name}`.
fn find<'a>(store: &'a Store, call: &'a Call) -> Result<(&'a Api, Option<&'a str>), Error> {
    let arn = call.path("resource-arn");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "apigateway", region, _, path] = parts[..] else {
        return Err(bad_request(format!("Invalid resource ARN specified: {arn}")));
    };
    let unknown = || not_found(format!("Unable to find the resource {arn}"));
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let (id, stage) = match segments[..] {
        ["apis", id] => (id, None),
        ["apis", id, "stages", name] => (id, Some(name)),
        _ => return Err(unknown()),
    };
    let api = store.apis.get(id).filter(|api| api.owner == call.owner && api.owner.region == region);
    let api = api.ok_or_else(unknown)?;
    match stage {
        Some(name) if !api.stages.contains_key(name) => Err(unknown()),
        stage => Ok((api, stage)),
    }
}

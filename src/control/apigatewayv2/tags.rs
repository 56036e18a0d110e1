//! Tags of apis, stages, VPC links, portals and custom domain names.

use std::collections::BTreeMap;

use serde_json::json;

use super::{not_found, strings};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::model::{ApiId, Owner, Store};

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
    Ok(Answer::ok(json!({ "tags": strings(of(store, &find(store, call)?)) })))
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
    let tagged = find(store, call)?;
    let mut tags = of(store, &tagged).clone();
    let answer = change(&mut tags)?;
    const THERE: &str = "found just before";
    match tagged {
        Tagged::Api(id) => store.apis.get_mut(&id).expect(THERE).tags = tags,
        Tagged::Stage(id, name) => {
            let api = store.apis.get_mut(&id).expect(THERE);
            api.stages.get_mut(&name).expect(THERE).tags = tags;
        }
        Tagged::VpcLink(id) => store.vpc_links.get_mut(&id).expect(THERE).tags = tags,
        Tagged::Portal(id) => store.portals.portals.get_mut(&id).expect(THERE).tags = tags,
        Tagged::Product(id) => store.portals.products.get_mut(&id).expect(THERE).tags = tags,
        Tagged::Domain(name) => store.domains.get_mut(&name).expect(THERE).tags = tags,
    }
    Ok(answer)
}

/// What an ARN names, which is there.
enum Tagged {
    Api(ApiId),
    Stage(ApiId, String),
    VpcLink(String),
    Portal(String),
    Product(String),
    Domain(String),
}

fn of<'a>(store: &'a Store, tagged: &Tagged) -> &'a Tags {
    match tagged {
        Tagged::Api(id) => &store.apis[id].tags,
        Tagged::Stage(id, name) => &store.apis[id].stages[name].tags,
        Tagged::VpcLink(id) => &store.vpc_links[id].tags,
        Tagged::Portal(id) => &store.portals.portals[id].tags,
        Tagged::Product(id) => &store.portals.products[id].tags,
        Tagged::Domain(name) => &store.domains[name].tags,
    }
}

/// What the ARN names: `arn:aws:apigateway:{region}::/apis/{id}/stages/{name}`, `…/vpclinks/{id}`.
fn find(store: &Store, call: &Call) -> Result<Tagged, Error> {
    let arn = call.path("resource-arn");
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "apigateway", region, _, path] = parts[..] else {
        return Err(bad_request(format!("Invalid resource ARN specified: {arn}")));
    };
    let is_mine = |owner: &Owner| *owner == call.owner && owner.region == region;
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let found = match segments[..] {
        ["apis", id] => {
            store.apis.get(id).filter(|api| is_mine(&api.owner)).map(|api| Tagged::Api(api.id.clone()))
        }
        ["apis", id, "stages", name] => {
            let api = store.apis.get(id).filter(|api| is_mine(&api.owner) && api.stages.contains_key(name));
            api.map(|api| Tagged::Stage(api.id.clone(), name.to_owned()))
        }
        ["vpclinks", id] => {
            let link = store.vpc_links.get(id).filter(|link| is_mine(&link.owner));
            link.map(|link| Tagged::VpcLink(link.id.clone()))
        }
        ["portals", id] => {
            let portal = store.portals.portals.get(id).filter(|portal| is_mine(&portal.owner));
            portal.map(|portal| Tagged::Portal(portal.id.clone()))
        }
        ["portalproducts", id] => {
            let product = store.portals.products.get(id).filter(|product| is_mine(&product.owner));
            product.map(|product| Tagged::Product(product.id.clone()))
        }
        ["domainnames", name] => {
            let domain = store.domains.get(name).filter(|domain| is_mine(&domain.owner));
            domain.map(|domain| Tagged::Domain(domain.name.clone()))
        }
        _ => None,
    };
    found.ok_or_else(|| not_found(format!("Unable to find the resource {arn}")))
}

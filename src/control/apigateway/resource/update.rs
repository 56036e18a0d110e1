//! UpdateResource: another name, or another place in the tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::patch::Patch;
use super::super::{edit, find_resource, unknown_resource};
use super::{check_place, is_under, join, show};
use crate::base::map::try_map_of;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::bad_request;
use crate::model::rest::Resource;
use crate::model::{RestApi, Store};

/// UpdateResource
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    find_resource(store, call)?;
    edit(store, call, |api, _| {
        let resource = api.resources.get(call.path("resource_id")).ok_or_else(unknown_resource)?;
        let from = resource.path.clone();
        let mut moved = Resource::clone(resource);
        for patch in &patches {
            apply(&mut moved, api, patch)?;
        }
        if let Some(parent) = &moved.parent_id {
            moved.path = join(&api.resources[parent].path, &moved.path_part)?;
        }
        let answer = Answer::ok(show(&moved));
        let below = repathed(api, &from, &moved.path)?;
        api.resources.extend(below);
        api.resources.insert(moved.id.clone(), Arc::new(moved));
        Ok(answer)
    })
}

/// One operation; where it stands among the others in `api` is its old place still.
fn apply(moved: &mut Resource, api: &RestApi, patch: &Patch) -> Result<(), Error> {
    patch.must_replace(&["/parentId", "/pathPart"])?;
    let Some(parent) = moved.parent_id.as_mut() else {
        let member = &patch.path[1..];
        return Err(bad_request(format!("Root resource cannot update its {member}.")));
    };
    match patch.path.as_str() {
        "/pathPart" => moved.path_part = patch.text().to_owned(),
        _ => *parent = patch.text().to_owned(),
    }
    // The path is still the old one, as are those of all that lies under it.
    let to = &api.resources.get(parent).ok_or_else(unknown_resource)?.path;
    if *to == moved.path || is_under(&moved.path, to) {
        return Err(bad_request("Resources cannot be cyclical."));
    }
    check_place(api, parent, &moved.path_part, Some(&moved.id))
}

/// What lies under a resource that moves.
fn repathed(api: &RestApi, from: &str, to: &str) -> Result<BTreeMap<String, Arc<Resource>>, Error> {
    let below = api.resources.values().filter(|resource| is_under(from, &resource.path));
    let repath = |resource: &Arc<Resource>| {
        let rest = &resource.path[from.len() + 1..];
        let path = join(to, rest)?;
        Ok((resource.id.clone(), Arc::new(Resource { path, ..Resource::clone(resource) })))
    };
    try_map_of(below.map(repath))
}

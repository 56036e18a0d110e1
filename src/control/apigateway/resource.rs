//! Resources: the tree of paths.

pub mod update;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{conflict, edit, find, find_resource, limits, method, new_id, page, unknown_resource};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::Members;
use crate::model::rest::Resource;
use crate::model::{RestApi, Store};

/// As AWS's look.
pub const ID_LENGTH: usize = 6;
/// More than any URL has room for: AWS's have at most 8,192 bytes.
const MAX_PATH: usize = 8_192;

/// CreateResource
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let path_part = Input::of(call)?.text("pathPart")?.unwrap_or_default();
    find_resource(store, call)?;
    edit(store, call, |api, rng| {
        limits::check(limits::RESOURCES, api.resources.len(), &context.settings)?;
        let parent = call.path("resource_id");
        check_place(api, parent, &path_part, None)?;
        let resource = Resource {
            id: new_id(rng, ID_LENGTH, &api.resources),
            parent_id: Some(parent.to_owned()),
            path: join(&api.resources[parent].path, &path_part)?,
            path_part,
            methods: Default::default(),
        };
        let answer = Answer::created(show(&resource));
        api.resources.insert(resource.id.clone(), Arc::new(resource));
        Ok(answer)
    })
}

/// GetResource
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let (_, resource) = find_resource(store, call)?;
    Ok(Answer::ok(match embeds_methods(call) {
        true => show_with_methods(resource),
        false => show(resource),
    }))
}

/// GetResources, in the order of their paths.
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    let mut resources: Vec<&Resource> = api.resources.values().map(|resource| &**resource).collect();
    resources.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let resources = resources.into_iter().map(|resource| (resource.path.as_str(), resource));
    match embeds_methods(call) {
        true => page::of(context, call, resources, show_with_methods),
        false => page::of(context, call, resources, show),
    }
}

/// DeleteResource, with all that lies under it.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let (api, resource) = find_resource(store, call)?;
    if resource.id == api.root_resource_id {
        return Err(bad_request("Root resource cannot be deleted."));
    }
    edit(store, call, |api, _| {
        let top = api.resources.remove(call.path("resource_id")).ok_or_else(unknown_resource)?;
        api.resources.retain(|_, resource| !is_under(&top.path, &resource.path));
        Ok(Answer::empty(202))
    })
}

/// Whether a resource can have this name under this parent: `itself` is the one that has it already.
fn check_place(api: &RestApi, parent: &str, path_part: &str, itself: Option<&str>) -> Result<(), Error> {
    let parent = api.resources.get(parent).ok_or_else(unknown_resource)?;
    if parent.path_part.ends_with("+}") {
        let name = &parent.path_part;
        return Err(bad_request(format!(
            "Cannot create a child of a resource with a greedy path variable: {name}"
        )));
    }
    let siblings = api.resources.values().filter(|resource| {
        resource.parent_id.as_deref() == Some(&parent.id) && itself != Some(resource.id.as_str())
    });
    check_name(path_part)?;
    for sibling in siblings {
        if sibling.path_part == path_part {
            return Err(conflict(format!(
                "Another resource with the same parent already has this name: {path_part}"
            )));
        }
        if sibling.path_part.starts_with('{') && path_part.starts_with('{') {
            let name = &sibling.path_part;
            return Err(bad_request(format!(
                "A sibling ({name}) of this resource already has a variable path part -- only one is allowed"
            )));
        }
    }
    Ok(())
}

/// `pets`, `{id}`, `{proxy+}`
fn check_name(path_part: &str) -> Result<(), Error> {
    let inner = match path_part.strip_prefix('{') {
        None => path_part,
        Some(rest) => rest.strip_suffix('}').map_or("{", |name| name.strip_suffix('+').unwrap_or(name)),
    };
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:,".contains(&byte);
    if !inner.is_empty() && inner.bytes().all(of_name) {
        return Ok(());
    }
    Err(bad_request(
        "Resource's path part only allow a-zA-Z0-9._-:, and curly braces at the beginning and the end and an optional \
         plus sign before the closing brace.",
    ))
}

fn join(parent: &str, path_part: &str) -> Result<String, Error> {
    let path = format!("{}/{path_part}", parent.trim_end_matches('/'));
    match path.len() <= MAX_PATH {
        true => Ok(path),
        false => Err(bad_request(format!("A resource's path can have at most {MAX_PATH} characters"))),
    }
}

/// Whether `path` lies under `top`.
fn is_under(top: &str, path: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'))
}

fn embeds_methods(call: &Call) -> bool {
    call.query_all("embed").flat_map(|names| names.split(',')).any(|name| name.trim() == "methods")
}

/// A resource whose methods are only named.
fn show(resource: &Resource) -> Value {
    let methods = resource.methods.keys().map(|name| (name.clone(), json!({})));
    members(resource, methods.collect())
}

fn show_with_methods(resource: &Resource) -> Value {
    let methods = resource.methods.iter().map(|(name, method)| (name.clone(), method::show(method)));
    members(resource, methods.collect())
}

fn members(resource: &Resource, methods: Map<String, Value>) -> Value {
    Members::default()
        .with("id", resource.id.as_str())
        .maybe("parentId", resource.parent_id.as_deref())
        .maybe("pathPart", (!resource.path_part.is_empty()).then_some(resource.path_part.as_str()))
        .with("path", resource.path.as_str())
        .maybe("resourceMethods", (!methods.is_empty()).then_some(methods))
        .done()
}

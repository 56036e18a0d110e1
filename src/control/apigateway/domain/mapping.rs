//! Base path mappings: what V2 calls API mappings, of REST APIs, by their path instead of an id.

use serde_json::Value;

use super::super::patch::Patch;
use super::super::{conflict, not_found, page};
use super::find;
use crate::base::ids::new_lower_alnum as new_id;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::domain as shared;
use crate::control::apigatewayv2::domain::mapping::{check_protocols, check_room, check_spelling};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::Members;
use crate::model::Store;
use crate::model::domain::{Domain, Mapping, Target};

/// How an empty path is spelled.
const NONE: &str = "(none)";

/// CreateBasePathMapping
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let mut domain = find(store, call)?.clone();
    let api = input.text("restApiId")?.unwrap_or_default();
    let stage = input.text("stage")?.and_then(staged);
    let target = Target { api, stage };
    check_target(store, call, &target)?;
    let key = key(&input.text("basePath")?.unwrap_or_default())?;
    check_free(&domain, &key)?;
    check_protocols(store, &domain, &target, None)?;
    check_room(&domain, &context.settings)?;
    let mapping = Mapping { id: new_id(&mut store.rng, 6, &domain.mappings), key, target };
    let answer = Answer::created(show(&mapping));
    domain.mappings.insert(mapping.id.clone(), mapping);
    shared::put(store, domain);
    Ok(answer)
}

/// GetBasePathMapping
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(named(find(store, call)?, call)?)))
}

/// GetBasePathMappings
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let mut mappings: Vec<&Mapping> = find(store, call)?.mappings.values().collect();
    mappings.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    page::of(context, call, mappings.into_iter().map(|mapping| (mapping.key.as_str(), mapping)), show)
}

/// UpdateBasePathMapping
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    let mut domain = find(store, call)?.clone();
    let mut mapping = named(&domain, call)?.clone();
    for patch in &patches {
        patch.must_replace(&["/basePath", "/stage", "/restapiId", "/restApiId"])?;
        match patch.segments()[..] {
            ["basePath"] => {
                let key = key(patch.text())?;
                if key != mapping.key {
                    check_free(&domain, &key)?;
                }
                mapping.key = key;
            }
            ["stage"] => mapping.target.stage = staged(patch.text().to_owned()),
            _ => mapping.target.api = patch.text().to_owned(),
        }
    }
    check_target(store, call, &mapping.target)?;
    check_protocols(store, &domain, &mapping.target, Some(&mapping.id))?;
    let answer = Answer::ok(show(&mapping));
    domain.mappings.insert(mapping.id.clone(), mapping);
    shared::put(store, domain);
    Ok(answer)
}

/// DeleteBasePathMapping
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let mut domain = find(store, call)?.clone();
    let id = named(&domain, call)?.id.clone();
    domain.mappings.remove(&id);
    shared::put(store, domain);
    Ok(Answer::empty(202))
}

/// The mapping that the call's path names.
fn named<'a>(domain: &'a Domain, call: &Call) -> Result<&'a Mapping, Error> {
    let path = unspelled(call.path("base_path"));
    let found = domain.mappings.values().find(|mapping| mapping.key == path);
    found.ok_or_else(|| not_found("Invalid base path mapping identifier specified"))
}

/// A stage's name; an empty one is none.
fn staged(stage: String) -> Option<String> {
    Some(stage).filter(|stage| !stage.is_empty() && stage != NONE)
}

fn unspelled(path: &str) -> &str {
    if path == NONE { "" } else { path }
}

/// What a base path is as a mapping's key.
fn key(path: &str) -> Result<String, Error> {
    let key = unspelled(path);
    if key.contains('/') {
        return Err(bad_request(
            "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base \
             path mapping, use API Gateway V2.",
        ));
    }
    check_spelling(key)?;
    Ok(key.to_owned())
}

fn check_free(domain: &Domain, key: &str) -> Result<(), Error> {
    match domain.mappings.values().any(|other| other.key == key) {
        true => Err(conflict("Base path already exists for this domain name")),
        false => Ok(()),
    }
}

/// # Errors
/// There is no such REST API, or it has no such stage.
fn check_target(store: &Store, call: &Call, target: &Target) -> Result<(), Error> {
    let api = store.rest_apis.get(&*target.api).filter(|api| api.owner == call.owner);
    let api = api.ok_or_else(|| bad_request("Invalid REST API identifier specified"))?;
    match &target.stage {
        Some(stage) if !api.stages.contains_key(stage) => {
            Err(bad_request("Invalid stage identifier specified"))
        }
        Some(_) | None => Ok(()),
    }
}

fn show(mapping: &Mapping) -> Value {
    let path = if mapping.key.is_empty() { NONE } else { &mapping.key };
    Members::default()
        .with("basePath", path)
        .with("restApiId", mapping.target.api.as_str())
        .maybe("stage", mapping.target.stage.as_deref())
        .done()
}

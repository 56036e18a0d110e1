//! API mappings: which paths of a domain lead to which stage of an api.

use serde_json::Value;

use super::{bad_request, check, conflict, edit, find, limits, new_id, not_found, target};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::{Members, page};
use crate::control::call::Call;
use crate::control::input::Input;
use crate::model::api::Protocol;
use crate::model::domain::{Domain, Mapping, Target};
use crate::model::{Settings, Store};

/// AWS: the longest key.
const MAX_KEY: usize = 300;

/// CreateApiMapping
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let domain = find(store, call)?;
    let target = target(store, call, &input)?;
    let key = input.text("apiMappingKey")?.unwrap_or_default();
    let key = if key.trim().is_empty() { String::new() } else { key };
    check_key(domain, &key, None)?;
    check_protocols(store, domain, &target, None)?;
    check_room(domain, &context.settings)?;
    edit(store, call, |domain, rng| {
        let mapping = Mapping { id: new_id(rng, 6, &domain.mappings), key, target };
        let answer = Answer::created(show(&mapping));
        domain.mappings.insert(mapping.id.clone(), mapping);
        Ok(answer)
    })
}

/// GetApiMapping
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(mapping(find(store, call)?, call)?)))
}

/// GetApiMappings
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let mappings = &find(store, call)?.mappings;
    page::of(context, call, mappings.iter().map(|(id, mapping)| (id.as_str(), mapping)), show)
}

/// UpdateApiMapping: the id stays.
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let domain = find(store, call)?;
    let mut mapping = mapping(domain, call)?.clone();
    if let Some(api) = input.text("apiId")? {
        mapping.target.api = api;
    }
    if let Some(stage) = input.text("stage")? {
        mapping.target.stage = Some(stage);
    }
    check(store, call, &mapping.target)?;
    if let Some(key) = input.text("apiMappingKey")? {
        check_key(domain, &key, Some(&mapping.id))?;
        mapping.key = key;
    }
    check_protocols(store, domain, &mapping.target, Some(&mapping.id))?;
    edit(store, call, |domain, _| {
        let answer = Answer::ok(show(&mapping));
        domain.mappings.insert(mapping.id.clone(), mapping);
        Ok(answer)
    })
}

/// DeleteApiMapping
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit(store, call, |domain, _| {
        let id = mapping(domain, call)?.id.clone();
        domain.mappings.remove(&id);
        Ok(Answer::no_content())
    })
}

fn mapping<'a>(domain: &'a Domain, call: &Call) -> Result<&'a Mapping, Error> {
    let id = call.path("apiMappingId");
    domain.mappings.get(id).ok_or_else(|| not_found(format!("Unable to find ApiMapping with ID {id}")))
}

/// Checks a key in the order in which AWS does; `own` is the mapping that has it already.
fn check_key(domain: &Domain, key: &str, own: Option<&str>) -> Result<(), Error> {
    check_spelling(key)?;
    if domain.mappings.values().any(|other| other.key == key && own != Some(&other.id)) {
        return Err(conflict("ApiMapping key already exists for this domain name"));
    }
    Ok(())
}

/// # Errors
/// There are as many mappings as there may be.
pub fn check_room(domain: &Domain, settings: &Settings) -> Result<(), Error> {
    limits::check(limits::API_MAPPINGS, domain.mappings.len(), settings)
}

/// # Errors
/// No mapping can have this key.
pub fn check_spelling(key: &str) -> Result<(), Error> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"$-_.+!*'(),/".contains(&byte);
    if key.ends_with('/') {
        return Err(bad_request("API mapping key should not end with a '/'."));
    }
    if key.starts_with('/') || key.contains("//") {
        return Err(bad_request("API mapping key should not start with a '/' or have consecutive '/'s."));
    }
    if !key.bytes().all(fits) {
        return Err(bad_request(
            "An API mapping key may contain only letters, numbers and one of $-_.+!*'(), characters.",
        ));
    }
    if key.len() > MAX_KEY {
        return Err(bad_request("ApiMapping key length must be under 300 characters."));
    }
    Ok(())
}

/// AWS: a domain's WebSocket APIs are among themselves.
pub fn check_protocols(
    store: &Store,
    domain: &Domain,
    target: &Target,
    own: Option<&str>,
) -> Result<(), Error> {
    let speaks =
        |target: &Target| store.apis.get(&*target.api).is_some_and(|api| api.protocol == Protocol::WebSocket);
    let mut others = domain.mappings.values().filter(|other| own != Some(&other.id));
    if others.any(|other| speaks(&other.target) != speaks(target)) {
        return Err(bad_request(
            "WebSocket APIs cannot be mapped to the same custom domain name as HTTP APIs or REST APIs",
        ));
    }
    Ok(())
}

fn show(mapping: &Mapping) -> Value {
    Members::default()
        .with("apiId", mapping.target.api.as_str())
        .with("apiMappingId", mapping.id.as_str())
        .with("apiMappingKey", mapping.key.as_str())
        .maybe("stage", mapping.target.stage.as_deref())
        .done()
}

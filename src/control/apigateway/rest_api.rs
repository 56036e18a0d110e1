//! REST APIs.

pub mod endpoint;
pub mod policy;
pub mod update;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::violations::Violations;
use super::{find, limits, model, new_id, page, put, read, spelled};
use crate::base::map::map_of;
use crate::base::{Rng, ids};
use crate::control::answer::{Answer, Error};
use crate::control::apigatewayv2::tags;
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::{Members, strings};
use crate::control::{Context, custom_id};
use crate::model::rest::{ApiKeySource, Resource};
use crate::model::{RestApi, Store};

/// AWS: bodies of up to 10 MB.
const MAX_COMPRESSION_SIZE: i64 = 10_485_760;
/// As AWS lists them.
const API_KEY_SOURCES: &[&str] = &["HEADER", "AUTHORIZER"];

/// CreateRestApi
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let name = input.text("name")?;
    let key_source = input.text("apiKeySource")?;
    let endpoint = input.object("endpointConfiguration")?;
    let mut found = Violations::default();
    found.required("createRestApiInput.name", name.is_some());
    if let Some(source) = &key_source {
        found.one_of("createRestApiInput.apiKeySource", source, API_KEY_SOURCES);
    }
    if let Some(endpoint) = &endpoint {
        endpoint::front(endpoint, "createRestApiInput", &mut found)?;
    }
    found.check()?;
    let tags = tags::read(&input)?;
    let existing = store.rest_apis.values().filter(|api| api.owner == call.owner).count();
    limits::check(limits::APIS, existing, &context.settings)?;
    let id = match tags.get(custom_id::TAG) {
        Some(custom) => custom_id::read(store, custom, "RestApiId")?,
        None => store.new_api_id(),
    };
    let root = ids::lower_alnum(&mut store.rng, 10);
    let owner = call.owner.clone();
    let mut api = RestApi::new(id, owner, name.unwrap_or_default(), root, call.now.unix_seconds());
    match input.text("cloneFrom")? {
        Some(source) => clone_from(&mut api, &source, store)?,
        None => model::add_defaults(&mut api, &mut store.rng),
    }
    api.tags = tags;
    change(&mut api, &input, context)?;
    let answer = Answer::created(show(&api));
    put(store, api);
    Ok(answer)
}

/// GetRestApi
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show_with_tags(find(store, call)?)))
}

/// GetRestApis
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let own = store.rest_apis.values().filter(|api| api.owner == call.owner);
    page::of(context, call, own.map(|api| (api.id.as_str(), api)), show)
}

/// DeleteRestApi, with all that belongs to it.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let id = find(store, call)?.id.clone();
    if store.is_mapped(id.as_str(), None) {
        return Err(bad_request("Please remove all base path mappings related to the API in your domains."));
    }
    store.leave_usage_plans(id.as_str(), None);
    store.rest_apis.remove(&id);
    store.changed.rest_apis.insert(id);
    Ok(Answer::empty(202))
}

/// An api as CreateRestApi and lists show it.
pub fn show(api: &RestApi) -> Value {
    members(api).maybe("tags", (!api.tags.is_empty()).then(|| strings(&api.tags))).done()
}

/// An api as GetRestApi and UpdateRestApi show it: without tags it has an empty map of them.
pub fn show_with_tags(api: &RestApi) -> Value {
    members(api).with("tags", strings(&api.tags)).done()
}

/// `minimumCompressionSize`
pub fn compression_size(text: &str) -> Result<u32, Error> {
    let size = text.parse::<i64>().ok().filter(|size| (0..=MAX_COMPRESSION_SIZE).contains(size));
    size.and_then(|size| u32::try_from(size).ok()).ok_or_else(|| {
        bad_request(format!("Invalid minimum compression size, must be between 0 and {MAX_COMPRESSION_SIZE}"))
    })
}

/// `apiKeySource`
pub fn api_key_source(text: &str) -> Result<ApiKeySource, Error> {
    spelled(&[ApiKeySource::Header, ApiKeySource::Authorizer], ApiKeySource::as_str, text)
        .ok_or_else(|| bad_request("Invalid API key source specified. Valid options are HEADER,AUTHORIZER"))
}

fn members(api: &RestApi) -> Members {
    let media_types = &api.binary_media_types;
    Members::default()
        .with("id", api.id.as_str())
        .with("name", api.name.as_str())
        .maybe("description", api.description.as_deref())
        .with("createdDate", api.created)
        .maybe("version", api.version.as_deref())
        .maybe("binaryMediaTypes", (!media_types.is_empty()).then(|| json!(media_types)))
        .maybe("minimumCompressionSize", api.minimum_compression_size)
        .with("apiKeySource", api.api_key_source.as_str())
        .with("endpointConfiguration", endpoint::show(&api.endpoint))
        .maybe("policy", api.policy.as_deref().map(policy::show))
        .with("disableExecuteApiEndpoint", api.disable_execute_api_endpoint)
        .with("rootResourceId", api.root_resource_id.as_str())
}

/// Changes what a definition says of the api itself.
pub fn change(api: &mut RestApi, input: &Input, context: &Context) -> Result<(), Error> {
    if let Some(name) = input.text("name")? {
        api.name = name;
    }
    apply(api, input, context)?;
    if let Some(source) = input.text("apiKeySource")? {
        api.api_key_source = api_key_source(&source)?;
    }
    if let Some(given) = input.object("endpointConfiguration")? {
        api.endpoint = endpoint::read(&given)?;
    }
    Ok(())
}

fn apply(api: &mut RestApi, input: &Input, context: &Context) -> Result<(), Error> {
    if api.name.is_empty() {
        return Err(bad_request("Name cannot be an empty string"));
    }
    if let Some(description) = input.text("description")? {
        if description.is_empty() {
            return Err(bad_request("Description cannot be an empty string"));
        }
        api.description = Some(description);
    }
    if let Some(version) = input.text("version")? {
        api.version = Some(version).filter(|version| !version.is_empty());
    }
    if let Some(types) = input.value("binaryMediaTypes") {
        let types = types.as_array().map(Vec::as_slice).unwrap_or_default();
        api.binary_media_types.clear();
        for media_type in types {
            add_media_type(api, read::text(media_type)?, context)?;
        }
    }
    if let Some(size) = input.value("minimumCompressionSize") {
        api.minimum_compression_size = Some(compression_size(&size.to_string())?);
    }
    if let Some(text) = input.text("policy")? {
        api.policy = policy::read(&text)?;
    }
    if let Some(disabled) = input.boolean("disableExecuteApiEndpoint")? {
        api.disable_execute_api_endpoint = disabled;
    }
    Ok(())
}

/// Adds a binary media type at the end, unless it is there.
fn add_media_type(api: &mut RestApi, media_type: &str, context: &Context) -> Result<(), Error> {
    if !api.binary_media_types.iter().any(|known| known == media_type) {
        limits::check(limits::BINARY_MEDIA_TYPES, api.binary_media_types.len(), &context.settings)?;
        api.binary_media_types.push(media_type.to_owned());
    }
    Ok(())
}

/// `cloneFrom`: the other api's resources with their methods, and its settings, but no deployment.
fn clone_from(api: &mut RestApi, source: &str, store: &mut Store) -> Result<(), Error> {
    let source = store.rest_apis.get(source).filter(|other| other.owner == api.owner);
    let source = source.ok_or_else(|| bad_request("Invalid API identifier specified in cloneFrom"))?;
    api.description = source.description.clone();
    api.version = source.version.clone();
    api.api_key_source = source.api_key_source;
    api.binary_media_types = source.binary_media_types.clone();
    api.minimum_compression_size = source.minimum_compression_size;
    api.endpoint = source.endpoint.clone();
    api.policy = source.policy.clone();
    api.models = source.models.clone();
    api.gateway_responses = source.gateway_responses.clone();
    api.resources = clone_resources(source, &api.root_resource_id, &mut store.rng);
    Ok(())
}

fn clone_resources(source: &RestApi, root: &str, rng: &mut Rng) -> BTreeMap<String, Arc<Resource>> {
    let mut ids = map_of([(root.to_owned(), ())]);
    let mut renamed = map_of([(source.root_resource_id.as_str(), root.to_owned())]);
    for id in source.resources.keys().filter(|id| **id != source.root_resource_id) {
        let new = new_id(rng, super::resource::ID_LENGTH, &ids);
        ids.insert(new.clone(), ());
        renamed.insert(id, new);
    }
    let renamed_resource = |resource: &Arc<Resource>| {
        let mut resource = Resource::clone(resource);
        let id = renamed[resource.id.as_str()].clone();
        let before = std::mem::replace(&mut resource.id, id);
        resource.parent_id = resource.parent_id.map(|parent| renamed[parent.as_str()].clone());
        for integration in resource.methods.values_mut().filter_map(|method| method.integration.as_mut()) {
            if integration.cache_namespace == before {
                integration.cache_namespace = resource.id.clone();
            }
        }
        (resource.id.clone(), Arc::new(resource))
    };
    map_of(source.resources.values().map(renamed_resource))
}

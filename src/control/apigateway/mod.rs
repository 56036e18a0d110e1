//! API Gateway V1: REST APIs and what belongs to them. One file per resource.
//!
//! Every change is made to a copy of the api and put back when it succeeded: an operation that fails has changed
//! nothing. (Resources are shared by the copies.) Nothing of it takes effect before it is deployed, but for what
//! is a stage's own.

pub mod account;
pub mod api_key;
pub mod deployment;
pub mod domain;
pub mod integration;
pub mod integration_response;
pub mod limits;
pub mod method;
pub mod method_response;
pub mod model;
pub mod openapi;
pub mod page;
pub mod patch;
pub mod read;
pub mod resource;
pub mod rest_api;
pub mod stage;
pub mod tags;
mod unsupported;
pub mod usage_plan;
pub mod violations;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::answer::{Answer, Error};
use super::call::Call;
use super::operation::Operation;
use crate::base::Rng;
use crate::base::ids::new_lower_alnum as new_id;
use crate::model::rest::{Method, Resource};
use crate::model::{RestApi, Store};

pub use unsupported::UNSUPPORTED;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::quick("CreateRestApi", "POST /restapis", rest_api::create),
    Operation::slow("ImportRestApi", "POST /restapis?mode=import", openapi::import),
    Operation::slow("PutRestApi", "PUT /restapis/{restapi_id}", openapi::put),
    Operation::quick("GetRestApis", "GET /restapis", rest_api::list),
    Operation::quick("GetRestApi", "GET /restapis/{restapi_id}", rest_api::get),
    Operation::quick("UpdateRestApi", "PATCH /restapis/{restapi_id}", rest_api::update::update),
    Operation::quick("DeleteRestApi", "DELETE /restapis/{restapi_id}", rest_api::delete),
    Operation::quick(
        "CreateResource",
        "POST /restapis/{restapi_id}/resources/{resource_id}",
        resource::create,
    ),
    Operation::quick("GetResources", "GET /restapis/{restapi_id}/resources", resource::list),
    Operation::quick("GetResource", "GET /restapis/{restapi_id}/resources/{resource_id}", resource::get),
    Operation::quick(
        "UpdateResource",
        "PATCH /restapis/{restapi_id}/resources/{resource_id}",
        resource::update::update,
    ),
    Operation::quick(
        "DeleteResource",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}",
        resource::delete,
    ),
    Operation::quick(
        "PutMethod",
        "PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        method::put,
    ),
    Operation::quick(
        "GetMethod",
        "GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        method::get,
    ),
    Operation::quick(
        "UpdateMethod",
        "PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        method::update::update,
    ),
    Operation::quick(
        "DeleteMethod",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        method::delete,
    ),
    Operation::quick(
        "PutMethodResponse",
        "PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}",
        method_response::put,
    ),
    Operation::quick(
        "GetMethodResponse",
        "GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}",
        method_response::get,
    ),
    Operation::quick(
        "UpdateMethodResponse",
        "PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}",
        method_response::update,
    ),
    Operation::quick(
        "DeleteMethodResponse",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/responses/{status_code}",
        method_response::delete,
    ),
    Operation::quick(
        "PutIntegration",
        "PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integration::put,
    ),
    Operation::quick(
        "GetIntegration",
        "GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integration::get,
    ),
    Operation::quick(
        "UpdateIntegration",
        "PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integration::update::update,
    ),
    Operation::quick(
        "DeleteIntegration",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integration::delete,
    ),
    Operation::quick(
        "PutIntegrationResponse",
        "PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}",
        integration_response::put,
    ),
    Operation::quick(
        "GetIntegrationResponse",
        "GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}",
        integration_response::get,
    ),
    Operation::quick(
        "UpdateIntegrationResponse",
        "PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}",
        integration_response::update,
    ),
    Operation::quick(
        "DeleteIntegrationResponse",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration/responses/{status_code}",
        integration_response::delete,
    ),
    Operation::quick("CreateModel", "POST /restapis/{restapi_id}/models", model::create),
    Operation::quick("GetModels", "GET /restapis/{restapi_id}/models", model::list),
    Operation::quick("GetModel", "GET /restapis/{restapi_id}/models/{model_name}", model::get),
    Operation::quick("UpdateModel", "PATCH /restapis/{restapi_id}/models/{model_name}", model::update),
    Operation::quick("DeleteModel", "DELETE /restapis/{restapi_id}/models/{model_name}", model::delete),
    Operation::quick("CreateDeployment", "POST /restapis/{restapi_id}/deployments", deployment::create),
    Operation::quick("GetDeployments", "GET /restapis/{restapi_id}/deployments", deployment::list),
    Operation::quick(
        "GetDeployment",
        "GET /restapis/{restapi_id}/deployments/{deployment_id}",
        deployment::get,
    ),
    Operation::quick(
        "UpdateDeployment",
        "PATCH /restapis/{restapi_id}/deployments/{deployment_id}",
        deployment::update,
    ),
    Operation::quick(
        "DeleteDeployment",
        "DELETE /restapis/{restapi_id}/deployments/{deployment_id}",
        deployment::delete,
    ),
    Operation::quick("CreateStage", "POST /restapis/{restapi_id}/stages", stage::create),
    Operation::quick("GetStages", "GET /restapis/{restapi_id}/stages", stage::list),
    Operation::quick("GetStage", "GET /restapis/{restapi_id}/stages/{stage_name}", stage::get),
    Operation::quick(
        "UpdateStage",
        "PATCH /restapis/{restapi_id}/stages/{stage_name}",
        stage::update::update,
    ),
    Operation::quick("DeleteStage", "DELETE /restapis/{restapi_id}/stages/{stage_name}", stage::delete),
    Operation::quick("CreateApiKey", "POST /apikeys", api_key::create),
    Operation::quick("ImportApiKeys", "POST /apikeys?mode=import", api_key::import::import),
    Operation::quick("GetApiKeys", "GET /apikeys", api_key::list),
    Operation::quick("GetApiKey", "GET /apikeys/{api_Key}", api_key::get),
    Operation::quick("UpdateApiKey", "PATCH /apikeys/{api_Key}", api_key::update),
    Operation::quick("DeleteApiKey", "DELETE /apikeys/{api_Key}", api_key::delete),
    Operation::quick("CreateUsagePlan", "POST /usageplans", usage_plan::create),
    Operation::quick("GetUsagePlans", "GET /usageplans", usage_plan::list),
    Operation::quick("GetUsagePlan", "GET /usageplans/{usageplanId}", usage_plan::get),
    Operation::quick("UpdateUsagePlan", "PATCH /usageplans/{usageplanId}", usage_plan::update::update),
    Operation::quick("DeleteUsagePlan", "DELETE /usageplans/{usageplanId}", usage_plan::delete),
    Operation::quick("CreateUsagePlanKey", "POST /usageplans/{usageplanId}/keys", usage_plan::key::create),
    Operation::quick("GetUsagePlanKeys", "GET /usageplans/{usageplanId}/keys", usage_plan::key::list),
    Operation::quick("GetUsagePlanKey", "GET /usageplans/{usageplanId}/keys/{keyId}", usage_plan::key::get),
    Operation::quick(
        "DeleteUsagePlanKey",
        "DELETE /usageplans/{usageplanId}/keys/{keyId}",
        usage_plan::key::delete,
    ),
    Operation::quick("GetUsage", "GET /usageplans/{usageplanId}/usage", usage_plan::usage::get),
    Operation::quick(
        "UpdateUsage",
        "PATCH /usageplans/{usageplanId}/keys/{keyId}/usage",
        usage_plan::usage::update,
    ),
    // SDKs escape the slashes of the ARN; people who use curl don't.
    Operation::quick("GetTags", "GET /tags/{resource_arn+}", tags::get),
    Operation::quick("TagResource", "PUT /tags/{resource_arn+}", tags::tag),
    Operation::quick("UntagResource", "DELETE /tags/{resource_arn+}", tags::untag),
    Operation::slow("CreateDomainName", "POST /domainnames", domain::create),
    Operation::quick("GetDomainNames", "GET /domainnames", domain::list),
    Operation::quick("GetDomainName", "GET /domainnames/{domain_name}", domain::get),
    Operation::slow("UpdateDomainName", "PATCH /domainnames/{domain_name}", domain::update::update),
    Operation::quick("DeleteDomainName", "DELETE /domainnames/{domain_name}", domain::delete),
    Operation::quick(
        "CreateBasePathMapping",
        "POST /domainnames/{domain_name}/basepathmappings",
        domain::mapping::create,
    ),
    Operation::quick(
        "GetBasePathMappings",
        "GET /domainnames/{domain_name}/basepathmappings",
        domain::mapping::list,
    ),
    Operation::quick(
        "GetBasePathMapping",
        "GET /domainnames/{domain_name}/basepathmappings/{base_path}",
        domain::mapping::get,
    ),
    Operation::quick(
        "UpdateBasePathMapping",
        "PATCH /domainnames/{domain_name}/basepathmappings/{base_path}",
        domain::mapping::update,
    ),
    Operation::quick(
        "DeleteBasePathMapping",
        "DELETE /domainnames/{domain_name}/basepathmappings/{base_path}",
        domain::mapping::delete,
    ),
    Operation::quick("GetAccount", "GET /account", account::get),
    Operation::quick("UpdateAccount", "PATCH /account", account::update),
];

/// The api that the call's path names.
fn find<'a>(store: &'a Store, call: &Call) -> Result<&'a RestApi, Error> {
    find_by_id(store, call, call.path("restapi_id"))
}

/// The caller's api of this id. Ids tell upper from lower case.
fn find_by_id<'a>(store: &'a Store, call: &Call, id: &str) -> Result<&'a RestApi, Error> {
    let own = store.rest_apis.get(id).filter(|api| api.owner == call.owner);
    own.ok_or_else(|| not_found(format!("Invalid API identifier specified {}:{id}", call.owner.account)))
}

/// The resource that the call's path names, and its api. AWS doesn't say which of the two is missing.
fn find_resource<'a>(store: &'a Store, call: &Call) -> Result<(&'a RestApi, &'a Resource), Error> {
    let api = find(store, call).map_err(|_| unknown_resource())?;
    let resource = api.resources.get(call.path("resource_id")).ok_or_else(unknown_resource)?;
    Ok((api, resource))
}

/// The method that the call's path names.
fn find_method<'a>(store: &'a Store, call: &Call) -> Result<&'a Method, Error> {
    let (_, resource) = find_resource(store, call)?;
    resource.methods.get(call.path("http_method")).ok_or_else(unknown_method)
}

/// Changes the api that the call's path names.
fn edit(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut RestApi, &mut Rng) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    let mut api = find(store, call)?.clone();
    let answer = change(&mut api, &mut store.rng)?;
    put(store, api);
    Ok(answer)
}

/// Changes the methods of the resource that the call's path names.
fn edit_methods(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut BTreeMap<String, Method>) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    let (api, resource) = find_resource(store, call)?;
    let mut resource = resource.clone();
    let answer = change(&mut resource.methods)?;
    let mut api = api.clone();
    api.resources.insert(resource.id.clone(), Arc::new(resource));
    put(store, api);
    Ok(answer)
}

/// Changes the method that the call's path names.
fn edit_method(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut Method) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    edit_methods(store, call, |methods| {
        change(methods.get_mut(call.path("http_method")).ok_or_else(unknown_method)?)
    })
}

fn put(store: &mut Store, api: RestApi) {
    store.changed.rest_apis.insert(api.id.clone());
    store.rest_apis.insert(api.id.clone(), api);
}

fn unknown_resource() -> Error {
    not_found("Invalid Resource identifier specified")
}

fn unknown_method() -> Error {
    not_found("Invalid Method identifier specified")
}

fn not_found(message: impl Into<String>) -> Error {
    Error::new(404, "NotFoundException", message)
}

fn conflict(message: impl Into<String>) -> Error {
    Error::new(409, "ConflictException", message)
}

/// `createRestApiInput`: what messages call the operation's input.
fn input_name(call: &Call) -> String {
    let name = call.operation.name;
    format!("{}{}Input", name[..1].to_ascii_lowercase(), &name[1..])
}

/// What `text` spells of the values that there are.
fn spelled<T: Copy>(all: &[T], spelling: fn(T) -> &'static str, text: &str) -> Option<T> {
    all.iter().copied().find(|value| spelling(*value) == text)
}

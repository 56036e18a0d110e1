//! API Gateway V2: HTTP and WebSocket APIs, and what belongs to them. One file per resource.
//!
//! Every change is made to a copy of the api and put back when it succeeded: an operation that fails has changed
//! nothing. What takes effect by deployment deploys to the stages with `autoDeploy` in the same step.

pub mod api;
pub mod authorizer;
pub mod cors;
pub mod deployment;
pub mod domain;
pub mod integration;
pub mod limits;
pub mod openapi;
pub mod page;
pub mod parameters;
pub mod portal;
pub mod quick_create;
pub mod route;
pub mod service;
pub mod settings;
pub mod stage;
pub mod tags;
pub mod vpc_link;
pub mod websocket;

use super::answer::{Answer, Error};
use super::call::Call;
use super::input::{Input, bad_request};
use super::members::{Members, strings};
use super::operation::Operation;
use crate::base::Rng;
use crate::base::ids::new_lower_alnum as new_id;
use crate::model::{Api, Store};

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::quick("CreateApi", "POST /v2/apis", api::create),
    Operation::quick("GetApis", "GET /v2/apis", api::list),
    Operation::quick("GetApi", "GET /v2/apis/{apiId}", api::get),
    Operation::quick("UpdateApi", "PATCH /v2/apis/{apiId}", api::update),
    Operation::slow("ImportApi", "PUT /v2/apis", openapi::import),
    Operation::slow("ReimportApi", "PUT /v2/apis/{apiId}", openapi::reimport),
    Operation::quick("ExportApi", "GET /v2/apis/{apiId}/exports/{specification}", openapi::export),
    Operation::quick("DeleteApi", "DELETE /v2/apis/{apiId}", api::delete),
    Operation::quick("DeleteCorsConfiguration", "DELETE /v2/apis/{apiId}/cors", cors::delete),
    Operation::quick("CreateRoute", "POST /v2/apis/{apiId}/routes", route::create),
    Operation::quick("GetRoutes", "GET /v2/apis/{apiId}/routes", route::list),
    Operation::quick("GetRoute", "GET /v2/apis/{apiId}/routes/{routeId}", route::get),
    Operation::quick("UpdateRoute", "PATCH /v2/apis/{apiId}/routes/{routeId}", route::update),
    Operation::quick("DeleteRoute", "DELETE /v2/apis/{apiId}/routes/{routeId}", route::delete),
    Operation::quick("CreateIntegration", "POST /v2/apis/{apiId}/integrations", integration::create),
    Operation::quick("GetIntegrations", "GET /v2/apis/{apiId}/integrations", integration::list),
    Operation::quick("GetIntegration", "GET /v2/apis/{apiId}/integrations/{integrationId}", integration::get),
    Operation::quick(
        "UpdateIntegration",
        "PATCH /v2/apis/{apiId}/integrations/{integrationId}",
        integration::update,
    ),
    Operation::quick(
        "DeleteIntegration",
        "DELETE /v2/apis/{apiId}/integrations/{integrationId}",
        integration::delete,
    ),
    Operation::quick(
        "DeleteRouteRequestParameter",
        "DELETE /v2/apis/{apiId}/routes/{routeId}/requestparameters/{requestParameterKey}",
        websocket::route::delete_request_parameter,
    ),
    Operation::quick(
        "CreateRouteResponse",
        "POST /v2/apis/{apiId}/routes/{routeId}/routeresponses",
        websocket::route_response::create,
    ),
    Operation::quick(
        "GetRouteResponses",
        "GET /v2/apis/{apiId}/routes/{routeId}/routeresponses",
        websocket::route_response::list,
    ),
    Operation::quick(
        "GetRouteResponse",
        "GET /v2/apis/{apiId}/routes/{routeId}/routeresponses/{routeResponseId}",
        websocket::route_response::get,
    ),
    Operation::quick(
        "UpdateRouteResponse",
        "PATCH /v2/apis/{apiId}/routes/{routeId}/routeresponses/{routeResponseId}",
        websocket::route_response::update,
    ),
    Operation::quick(
        "DeleteRouteResponse",
        "DELETE /v2/apis/{apiId}/routes/{routeId}/routeresponses/{routeResponseId}",
        websocket::route_response::delete,
    ),
    Operation::quick(
        "CreateIntegrationResponse",
        "POST /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses",
        websocket::integration_response::create,
    ),
    Operation::quick(
        "GetIntegrationResponses",
        "GET /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses",
        websocket::integration_response::list,
    ),
    Operation::quick(
        "GetIntegrationResponse",
        "GET /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses/{integrationResponseId}",
        websocket::integration_response::get,
    ),
    Operation::quick(
        "UpdateIntegrationResponse",
        "PATCH /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses/{integrationResponseId}",
        websocket::integration_response::update,
    ),
    Operation::quick(
        "DeleteIntegrationResponse",
        "DELETE /v2/apis/{apiId}/integrations/{integrationId}/integrationresponses/{integrationResponseId}",
        websocket::integration_response::delete,
    ),
    Operation::quick("CreateModel", "POST /v2/apis/{apiId}/models", websocket::model::create),
    Operation::quick("GetModels", "GET /v2/apis/{apiId}/models", websocket::model::list),
    Operation::quick("GetModel", "GET /v2/apis/{apiId}/models/{modelId}", websocket::model::get),
    Operation::quick("UpdateModel", "PATCH /v2/apis/{apiId}/models/{modelId}", websocket::model::update),
    Operation::quick("DeleteModel", "DELETE /v2/apis/{apiId}/models/{modelId}", websocket::model::delete),
    Operation::quick("CreateAuthorizer", "POST /v2/apis/{apiId}/authorizers", authorizer::create),
    Operation::quick("GetAuthorizers", "GET /v2/apis/{apiId}/authorizers", authorizer::list),
    Operation::quick("GetAuthorizer", "GET /v2/apis/{apiId}/authorizers/{authorizerId}", authorizer::get),
    Operation::quick(
        "UpdateAuthorizer",
        "PATCH /v2/apis/{apiId}/authorizers/{authorizerId}",
        authorizer::update,
    ),
    Operation::quick(
        "DeleteAuthorizer",
        "DELETE /v2/apis/{apiId}/authorizers/{authorizerId}",
        authorizer::delete,
    ),
    Operation::quick("CreateStage", "POST /v2/apis/{apiId}/stages", stage::create),
    Operation::quick("GetStages", "GET /v2/apis/{apiId}/stages", stage::list),
    Operation::quick("GetStage", "GET /v2/apis/{apiId}/stages/{stageName}", stage::get),
    Operation::quick("UpdateStage", "PATCH /v2/apis/{apiId}/stages/{stageName}", stage::update),
    Operation::quick("DeleteStage", "DELETE /v2/apis/{apiId}/stages/{stageName}", stage::delete),
    Operation::quick(
        "DeleteAccessLogSettings",
        "DELETE /v2/apis/{apiId}/stages/{stageName}/accesslogsettings",
        settings::delete_access_log,
    ),
    Operation::quick(
        "DeleteRouteSettings",
        "DELETE /v2/apis/{apiId}/stages/{stageName}/routesettings/{routeKey}",
        settings::delete_route_settings,
    ),
    Operation::quick(
        "ResetAuthorizersCache",
        "DELETE /v2/apis/{apiId}/stages/{stageName}/cache/authorizers",
        settings::reset_authorizers,
    ),
    Operation::quick("CreateDeployment", "POST /v2/apis/{apiId}/deployments", deployment::create),
    Operation::quick("GetDeployments", "GET /v2/apis/{apiId}/deployments", deployment::list),
    Operation::quick("GetDeployment", "GET /v2/apis/{apiId}/deployments/{deploymentId}", deployment::get),
    Operation::quick(
        "UpdateDeployment",
        "PATCH /v2/apis/{apiId}/deployments/{deploymentId}",
        deployment::update,
    ),
    Operation::quick(
        "DeleteDeployment",
        "DELETE /v2/apis/{apiId}/deployments/{deploymentId}",
        deployment::delete,
    ),
    Operation::quick("CreateVpcLink", "POST /v2/vpclinks", vpc_link::create),
    Operation::quick("GetVpcLinks", "GET /v2/vpclinks", vpc_link::list),
    Operation::quick("GetVpcLink", "GET /v2/vpclinks/{vpcLinkId}", vpc_link::get),
    Operation::quick("UpdateVpcLink", "PATCH /v2/vpclinks/{vpcLinkId}", vpc_link::update),
    Operation::quick("DeleteVpcLink", "DELETE /v2/vpclinks/{vpcLinkId}", vpc_link::delete),
    Operation::quick(
        "GetModelTemplate",
        "GET /v2/apis/{apiId}/models/{modelId}/template",
        websocket::model::template,
    ),
    Operation::quick("CreatePortal", "POST /v2/portals", portal::portals::create),
    Operation::quick("ListPortals", "GET /v2/portals", portal::portals::list),
    Operation::quick("GetPortal", "GET /v2/portals/{portalId}", portal::portals::get),
    Operation::quick("UpdatePortal", "PATCH /v2/portals/{portalId}", portal::portals::update),
    Operation::quick("PublishPortal", "POST /v2/portals/{portalId}/publish", portal::portals::publish),
    Operation::quick("PreviewPortal", "POST /v2/portals/{portalId}/preview", portal::portals::preview),
    Operation::quick("DisablePortal", "DELETE /v2/portals/{portalId}/publish", portal::portals::disable),
    Operation::quick("DeletePortal", "DELETE /v2/portals/{portalId}", portal::portals::delete),
    Operation::quick("CreatePortalProduct", "POST /v2/portalproducts", portal::products::create),
    Operation::quick("ListPortalProducts", "GET /v2/portalproducts", portal::products::list),
    Operation::quick("GetPortalProduct", "GET /v2/portalproducts/{portalProductId}", portal::products::get),
    Operation::quick(
        "UpdatePortalProduct",
        "PATCH /v2/portalproducts/{portalProductId}",
        portal::products::update,
    ),
    Operation::quick(
        "DeletePortalProduct",
        "DELETE /v2/portalproducts/{portalProductId}",
        portal::products::delete,
    ),
    Operation::quick(
        "GetPortalProductSharingPolicy",
        "GET /v2/portalproducts/{portalProductId}/sharingpolicy",
        portal::products::get_policy,
    ),
    Operation::quick(
        "PutPortalProductSharingPolicy",
        "PUT /v2/portalproducts/{portalProductId}/sharingpolicy",
        portal::products::put_policy,
    ),
    Operation::quick(
        "DeletePortalProductSharingPolicy",
        "DELETE /v2/portalproducts/{portalProductId}/sharingpolicy",
        portal::products::delete_policy,
    ),
    Operation::quick(
        "CreateProductPage",
        "POST /v2/portalproducts/{portalProductId}/productpages",
        portal::pages::create,
    ),
    Operation::quick(
        "ListProductPages",
        "GET /v2/portalproducts/{portalProductId}/productpages",
        portal::pages::list,
    ),
    Operation::quick(
        "GetProductPage",
        "GET /v2/portalproducts/{portalProductId}/productpages/{productPageId}",
        portal::pages::get,
    ),
    Operation::quick(
        "UpdateProductPage",
        "PATCH /v2/portalproducts/{portalProductId}/productpages/{productPageId}",
        portal::pages::update,
    ),
    Operation::quick(
        "DeleteProductPage",
        "DELETE /v2/portalproducts/{portalProductId}/productpages/{productPageId}",
        portal::pages::delete,
    ),
    Operation::quick(
        "CreateProductRestEndpointPage",
        "POST /v2/portalproducts/{portalProductId}/productrestendpointpages",
        portal::pages::create_endpoint,
    ),
    Operation::quick(
        "ListProductRestEndpointPages",
        "GET /v2/portalproducts/{portalProductId}/productrestendpointpages",
        portal::pages::list_endpoints,
    ),
    Operation::quick(
        "GetProductRestEndpointPage",
        "GET /v2/portalproducts/{portalProductId}/productrestendpointpages/{productRestEndpointPageId}",
        portal::pages::get_endpoint,
    ),
    Operation::quick(
        "UpdateProductRestEndpointPage",
        "PATCH /v2/portalproducts/{portalProductId}/productrestendpointpages/{productRestEndpointPageId}",
        portal::pages::update_endpoint,
    ),
    Operation::quick(
        "DeleteProductRestEndpointPage",
        "DELETE /v2/portalproducts/{portalProductId}/productrestendpointpages/{productRestEndpointPageId}",
        portal::pages::delete_endpoint,
    ),
    Operation::slow("CreateDomainName", "POST /v2/domainnames", domain::create),
    Operation::quick("GetDomainNames", "GET /v2/domainnames", domain::list),
    Operation::quick("GetDomainName", "GET /v2/domainnames/{domainName}", domain::get),
    Operation::slow("UpdateDomainName", "PATCH /v2/domainnames/{domainName}", domain::update),
    Operation::quick("DeleteDomainName", "DELETE /v2/domainnames/{domainName}", domain::delete),
    Operation::quick(
        "CreateApiMapping",
        "POST /v2/domainnames/{domainName}/apimappings",
        domain::mapping::create,
    ),
    Operation::quick("GetApiMappings", "GET /v2/domainnames/{domainName}/apimappings", domain::mapping::list),
    Operation::quick(
        "GetApiMapping",
        "GET /v2/domainnames/{domainName}/apimappings/{apiMappingId}",
        domain::mapping::get,
    ),
    Operation::quick(
        "UpdateApiMapping",
        "PATCH /v2/domainnames/{domainName}/apimappings/{apiMappingId}",
        domain::mapping::update,
    ),
    Operation::quick(
        "DeleteApiMapping",
        "DELETE /v2/domainnames/{domainName}/apimappings/{apiMappingId}",
        domain::mapping::delete,
    ),
    Operation::quick(
        "CreateRoutingRule",
        "POST /v2/domainnames/{domainName}/routingrules",
        domain::rule::create,
    ),
    Operation::quick("ListRoutingRules", "GET /v2/domainnames/{domainName}/routingrules", domain::rule::list),
    Operation::quick(
        "GetRoutingRule",
        "GET /v2/domainnames/{domainName}/routingrules/{routingRuleId}",
        domain::rule::get,
    ),
    Operation::quick(
        "PutRoutingRule",
        "PUT /v2/domainnames/{domainName}/routingrules/{routingRuleId}",
        domain::rule::put,
    ),
    Operation::quick(
        "DeleteRoutingRule",
        "DELETE /v2/domainnames/{domainName}/routingrules/{routingRuleId}",
        domain::rule::delete,
    ),
    // SDKs escape the slashes of the ARN; people who use curl don't.
    Operation::quick("GetTags", "GET /v2/tags/{resource-arn+}", tags::get),
    Operation::quick("TagResource", "POST /v2/tags/{resource-arn+}", tags::tag),
    Operation::quick("UntagResource", "DELETE /v2/tags/{resource-arn+}", tags::untag),
];

/// The api that the call's path names.
fn find<'a>(store: &'a Store, call: &Call) -> Result<&'a Api, Error> {
    let id = call.path("apiId");
    store.apis.get(id).filter(|api| api.owner == call.owner).ok_or_else(|| unknown_api(call, id))
}

/// Changes the api that the call's path names, where what changes is live at once.
fn edit(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut Api, &mut Rng) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    let mut api = find(store, call)?.clone();
    let answer = change(&mut api, &mut store.rng)?;
    put(store, api);
    Ok(answer)
}

/// Changes the api that the call's path names, where what changes takes effect by deployment.
fn edit_and_deploy(
    store: &mut Store,
    call: &Call,
    change: impl FnOnce(&mut Api, &mut Rng) -> Result<Answer, Error>,
) -> Result<Answer, Error> {
    edit(store, call, |api, rng| {
        let answer = change(api, rng)?;
        deployment::auto_deploy(api, rng, call.now);
        Ok(answer)
    })
}

fn put(store: &mut Store, api: Api) {
    store.changed.apis.insert(api.id.clone());
    store.apis.insert(api.id.clone(), api);
}

fn unknown_api(call: &Call, id: &str) -> Error {
    not_found(format!("Invalid API identifier specified {}:{id}", call.owner.account))
}

/// `Invalid Route identifier specified abc1234`
fn unknown(resource: &str, id: &str) -> Error {
    not_found(format!("Invalid {resource} identifier specified {id}"))
}

fn not_found(message: impl Into<String>) -> Error {
    Error::new(404, "NotFoundException", message)
}

fn conflict(message: impl Into<String>) -> Error {
    Error::new(409, "ConflictException", message)
}

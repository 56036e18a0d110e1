//! REST APIs: `AWS::ApiGateway::…`.

use serde_json::{Map, Value};

use super::document::{self, Place};
use super::members::tags;
use super::{
    Calls, Check, Family, Keys, Naming, Patch, Replaces, Step, Tagging, Tags, Takes, Type, Update, When,
};
use crate::control::answer::Error;

pub(super) const FAMILY: Family = Family {
    lower: true,
    renamed: &[
        ("ApiKeySourceType", "apiKeySource"),
        ("AuthType", "authType"),
        ("CanarySetting", "canarySettings"),
        ("IntegrationHttpMethod", "httpMethod"),
        ("UsagePlanName", "name"),
    ],
    maps: &[
        "RequestModels",
        "RequestParameters",
        "RequestTemplates",
        "ResponseModels",
        "ResponseParameters",
        "ResponseTemplates",
        "StageVariableOverrides",
        "Variables",
        "variables",
    ],
    booleans: &[
        "ApiKeyRequired",
        "CacheClusterEnabled",
        "DisableExecuteApiEndpoint",
        "Enabled",
        "GenerateDistinctId",
        "InsecureSkipVerification",
        "TracingEnabled",
        "UseStageCache",
        "ValidateRequestBody",
        "ValidateRequestParameters",
    ],
    integers: &[
        "AuthorizerResultTtlInSeconds",
        "BurstLimit",
        "Limit",
        "MinimumCompressionSize",
        "Offset",
        "TimeoutInMillis",
    ],
    numbers: &["PercentTraffic", "RateLimit"],
    documents: &["Policy", "Schema"],
    tags: Tags::Map,
    ..Family::new("apigateway")
};

/// A method's parameters are required or not; an integration's are texts.
const METHOD: Family =
    Family { booleans: &["ApiKeyRequired", "RequestParameters", "ResponseParameters"], ..FAMILY };

const OF_API: (&str, &str) = ("restapi_id", "{property RestApiId}");
const OF_RESOURCE: (&str, &str) = ("resource_id", "{property ResourceId}");
const OF_METHOD: (&str, &str) = ("http_method", "{property HttpMethod}");
const STATUS: (&str, &str) = ("status_code", "{item StatusCode}");
const METHOD_PATH: &[(&str, &str)] = &[OF_API, OF_RESOURCE, OF_METHOD];
const RESPONSE_PATH: &[(&str, &str)] = &[OF_API, OF_RESOURCE, OF_METHOD, STATUS];

const STAGE: &[(&str, &str)] = &[OF_API, ("stage_name", "{physical}")];

const ACCESS_LOG: Patch =
    Patch::Members("/accessLogSettings", &[("DestinationArn", "destinationArn"), ("Format", "format")]);

/// What CreateStage does not take.
const STAGE_MORE: &[(&str, Patch)] = &[
    ("AccessLogSetting", ACCESS_LOG),
    ("ClientCertificateId", Patch::Text("/clientCertificateId")),
    ("MethodSettings", Patch::MethodSettings),
];

const IMPORT: &[(&str, &str)] =
    &[("basepath", "{property Parameters.basepath}"), ("failonwarnings", "{property FailOnWarnings}")];
const PUT: &[(&str, &str)] = &[
    ("basepath", "{property Parameters.basepath}"),
    ("failonwarnings", "{property FailOnWarnings}"),
    ("mode", "{property Mode|overwrite}"),
];

const ENDPOINT: &str = "x-amazon-apigateway-endpoint-configuration";

/// Where a definition says what these properties say.
const PLACES: &[Place] = &[
    ("ApiKeySourceType", &["x-amazon-apigateway-api-key-source"]),
    ("BinaryMediaTypes", &["x-amazon-apigateway-binary-media-types"]),
    ("Description", &["info", "description"]),
    ("DisableExecuteApiEndpoint", &[ENDPOINT, "disableExecuteApiEndpoint"]),
    ("MinimumCompressionSize", &["x-amazon-apigateway-minimum-compression-size"]),
    ("Name", &["info", "title"]),
    ("Policy", &["x-amazon-apigateway-policy"]),
    ("Types", &[ENDPOINT, "types"]),
    ("VpcEndpointIds", &[ENDPOINT, "vpcEndpointIds"]),
];

/// An api with a definition is that definition, and what the other properties say of the api goes into it.
fn described(properties: &mut Map<String, Value>) -> Result<(), Error> {
    if !properties.contains_key("Body") {
        return Ok(());
    }
    if let Some(Value::Object(endpoint)) = properties.remove("EndpointConfiguration") {
        properties.extend(endpoint);
    }
    let parameters = properties.get("Parameters").and_then(Value::as_object);
    if let Some(kind) = parameters.and_then(|given| given.get("endpointConfigurationTypes")).cloned() {
        properties.entry("Types").or_insert_with(|| Value::Array(vec![kind]));
    }
    document::fold(properties, PLACES);
    if let Some(given) = properties.get("Tags").map(tags) {
        document::tag(properties, given);
    }
    Ok(())
}

/// The types.
pub const TYPES: &[Type] = &[
    Type {
        attributes: &[("RestApiId", "{physical}"), ("RootResourceId", "{answer rootResourceId}")],
        tags: Tags::List,
        fetches: Some(("BodyS3Location", "Body")),
        prepare: Some(described),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[
                Step::new("CreateRestApi", &[]).when(When::Lacking("Body")).takes(Takes::But(&[
                    "FailOnWarnings",
                    "Mode",
                    "Parameters",
                ])),
                Step::new("ImportRestApi", &[])
                    .when(When::Given("Body"))
                    .query(IMPORT)
                    .takes(Takes::Whole("Body")),
            ],
            update: Update::Steps(
                &[
                    Step::new("UpdateRestApi", &[("restapi_id", "{physical}")]).takes(Takes::Patches(&[
                        ("ApiKeySourceType", Patch::TextOr("/apiKeySource", "HEADER")),
                        ("BinaryMediaTypes", Patch::List("/binaryMediaTypes")),
                        ("Description", Patch::Text("/description")),
                        ("DisableExecuteApiEndpoint", Patch::TextOr("/disableExecuteApiEndpoint", "false")),
                        ("MinimumCompressionSize", Patch::Text("/minimumCompressionSize")),
                        ("Name", Patch::Text("/name")),
                        ("Policy", Patch::Text("/policy")),
                    ])),
                    Step::new("PutRestApi", &[("restapi_id", "{physical}")])
                        .when(When::Renewed("Body"))
                        .query(PUT)
                        .takes(Takes::Whole("Body")),
                ],
                &[],
            ),
            delete: &[Step::new("DeleteRestApi", &[("restapi_id", "{physical}")])],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[("resource_arn", "arn:aws:apigateway:{region}::/restapis/{physical}")],
                adds: &[],
                member: "tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::ApiGateway::RestApi", "{answer id}")
    },
    Type {
        attributes: &[("ResourceId", "{physical}")],
        replaces: Replaces::Any,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateResource", &[OF_API, ("resource_id", "{property ParentId}")])
                .takes(Takes::Only(&["PathPart"]))],
            update: Update::Steps(&[], &[]),
            delete: &[Step::new("DeleteResource", &[OF_API, ("resource_id", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGateway::Resource", "{answer id}")
    },
    Type {
        replaces: Replaces::These(&["HttpMethod", "ResourceId", "RestApiId"]),
        calls: Some(&Calls {
            family: &METHOD,
            absent: None,
            create: &[
                Step::new("PutMethod", METHOD_PATH).takes(Takes::But(&[
                    "HttpMethod",
                    "Integration",
                    "MethodResponses",
                    "ResourceId",
                    "RestApiId",
                ])),
                Step::new("PutMethodResponse", RESPONSE_PATH)
                    .when(When::Added("MethodResponses"))
                    .takes(Takes::Item(&["StatusCode"])),
                Step::new("PutIntegration", METHOD_PATH)
                    .of(&FAMILY)
                    .when(When::Given("Integration"))
                    .takes(Takes::Inside("Integration", &["IntegrationResponses"])),
                Step::new("PutIntegrationResponse", RESPONSE_PATH)
                    .of(&FAMILY)
                    .when(When::Added("Integration.IntegrationResponses"))
                    .takes(Takes::Item(&["StatusCode"])),
            ],
            update: Update::Again,
            delete: &[Step::new("DeleteMethod", METHOD_PATH)],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGateway::Method", "{physical}")
    },
    Type {
        attributes: &[("DeploymentId", "{physical}")],
        replaces: Replaces::These(&["DeploymentCanarySettings", "RestApiId"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateDeployment", &[OF_API])
                .takes(Takes::Only(&["Description", "StageName"]))
                .adds(&[
                    ("stageDescription", "{property StageDescription.Description}"),
                    ("variables", "{property StageDescription.Variables}"),
                ])],
            update: Update::Steps(
                &[Step::new("UpdateDeployment", &[OF_API, ("deployment_id", "{physical}")])
                    .takes(Takes::Patches(&[("Description", Patch::Text("/description"))]))],
                &[],
            ),
            delete: &[
                // The stage that it made goes with it, unless a later deployment has taken it over.
                Step::new("DeleteStage", &[OF_API, ("stage_name", "{property StageName}")]).when(When::Is(
                    &Check {
                        given: "StageName",
                        operation: "GetStage",
                        path: &[OF_API, ("stage_name", "{property StageName}")],
                        member: "deploymentId",
                        is: "{physical}",
                    },
                )),
                Step::new("DeleteDeployment", &[OF_API, ("deployment_id", "{physical}")]),
            ],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGateway::Deployment", "{answer id}")
    },
    Type {
        replaces: Replaces::These(&["RestApiId", "StageName"]),
        tags: Tags::List,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[
                Step::new("CreateStage", &[OF_API]).takes(Takes::But(&[
                    "AccessLogSetting",
                    "ClientCertificateId",
                    "MethodSettings",
                    "RestApiId",
                ])),
                Step::new("UpdateStage", STAGE).takes(Takes::Patches(STAGE_MORE)),
            ],
            update: Update::Steps(
                &[
                    Step::new("UpdateStage", STAGE).takes(Takes::Patches(STAGE_MORE)),
                    Step::new("UpdateStage", STAGE).takes(Takes::Patches(&[
                        ("CacheClusterEnabled", Patch::TextOr("/cacheClusterEnabled", "false")),
                        ("CacheClusterSize", Patch::Text("/cacheClusterSize")),
                        ("DeploymentId", Patch::Text("/deploymentId")),
                        ("Description", Patch::Text("/description")),
                        ("DocumentationVersion", Patch::Text("/documentationVersion")),
                        ("TracingEnabled", Patch::TextOr("/tracingEnabled", "false")),
                        ("Variables", Patch::Map("/variables")),
                    ])),
                ],
                &[],
            ),
            delete: &[Step::new("DeleteStage", STAGE)],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[(
                    "resource_arn",
                    "arn:aws:apigateway:{region}::/restapis/{property RestApiId}/stages/{physical}",
                )],
                adds: &[],
                member: "tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::ApiGateway::Stage", "{property StageName}")
    },
    Type {
        attributes: &[("AuthorizerId", "{physical}")],
        replaces: Replaces::These(&["RestApiId"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateAuthorizer", &[OF_API]).takes(Takes::But(&["RestApiId"]))],
            update: Update::Steps(
                &[Step::new("UpdateAuthorizer", &[OF_API, ("authorizer_id", "{physical}")]).takes(
                    Takes::Patches(&[
                        ("AuthorizerCredentials", Patch::Text("/authorizerCredentials")),
                        (
                            "AuthorizerResultTtlInSeconds",
                            Patch::TextOr("/authorizerResultTtlInSeconds", "300"),
                        ),
                        ("AuthorizerUri", Patch::Text("/authorizerUri")),
                        ("IdentitySource", Patch::Text("/identitySource")),
                        ("IdentityValidationExpression", Patch::Text("/identityValidationExpression")),
                        ("Name", Patch::Text("/name")),
                        ("Type", Patch::Text("/type")),
                    ]),
                )],
                &[],
            ),
            delete: &[Step::new("DeleteAuthorizer", &[OF_API, ("authorizer_id", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGateway::Authorizer", "{answer id}")
    },
    Type {
        attributes: &[("RequestValidatorId", "{physical}")],
        replaces: Replaces::These(&["Name", "RestApiId"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateRequestValidator", &[OF_API]).takes(Takes::But(&["RestApiId"]))],
            update: Update::Steps(
                &[Step::new("UpdateRequestValidator", &[OF_API, ("requestvalidator_id", "{physical}")])
                    .takes(Takes::Patches(&[
                        ("ValidateRequestBody", Patch::TextOr("/validateRequestBody", "false")),
                        ("ValidateRequestParameters", Patch::TextOr("/validateRequestParameters", "false")),
                    ]))],
                &[],
            ),
            delete: &[Step::new("DeleteRequestValidator", &[OF_API, ("requestvalidator_id", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGateway::RequestValidator", "{answer id}")
    },
    Type {
        naming: Some(Naming { property: "Name", most: 128, lower: false }),
        replaces: Replaces::Any,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateModel", &[OF_API]).takes(Takes::But(&["RestApiId"]))],
            update: Update::Steps(&[], &[]),
            delete: &[Step::new("DeleteModel", &[OF_API, ("model_name", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGateway::Model", "{property Name}")
    },
    Type {
        replaces: Replaces::These(&["ResponseType", "RestApiId"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[PUT_GATEWAY_RESPONSE],
            update: Update::Steps(&[PUT_GATEWAY_RESPONSE], &[]),
            delete: &[Step::new(
                "DeleteGatewayResponse",
                &[OF_API, ("response_type", "{property ResponseType}")],
            )],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGateway::GatewayResponse", "{physical}")
    },
    Type {
        naming: Some(Naming { property: "Name", most: 255, lower: false }),
        attributes: &[("APIKeyId", "{physical}")],
        replaces: Replaces::These(&["GenerateDistinctId", "Name", "Value"]),
        tags: Tags::List,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateApiKey", &[]).takes(Takes::But(&[]))],
            update: Update::Steps(
                &[Step::new("UpdateApiKey", &[("api_Key", "{physical}")]).takes(Takes::Patches(&[
                    ("CustomerId", Patch::Text("/customerId")),
                    ("Description", Patch::Text("/description")),
                    ("Enabled", Patch::TextOr("/enabled", "false")),
                ]))],
                &[],
            ),
            delete: &[Step::new("DeleteApiKey", &[("api_Key", "{physical}")])],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[("resource_arn", "arn:aws:apigateway:{region}::/apikeys/{physical}")],
                adds: &[],
                member: "tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::ApiGateway::ApiKey", "{answer id}")
    },
    Type {
        naming: Some(Naming { property: "UsagePlanName", most: 255, lower: false }),
        attributes: &[("Id", "{physical}")],
        tags: Tags::List,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateUsagePlan", &[]).takes(Takes::But(&[]))],
            update: Update::Steps(
                &[Step::new("UpdateUsagePlan", PLAN).takes(Takes::Patches(&[
                    ("ApiStages", Patch::ApiStages),
                    ("Description", Patch::Text("/description")),
                    ("Quota", QUOTA),
                    ("Throttle", THROTTLE),
                    ("UsagePlanName", Patch::Text("/name")),
                ]))],
                &[],
            ),
            delete: &[
                // A plan that has stages can't be deleted.
                Step::new("UpdateUsagePlan", PLAN)
                    .when(When::Added("ApiStages"))
                    .takes(Takes::Undone(Patch::ApiStages)),
                Step::new("DeleteUsagePlan", PLAN),
            ],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[("resource_arn", "arn:aws:apigateway:{region}::/usageplans/{physical}")],
                adds: &[],
                member: "tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::ApiGateway::UsagePlan", "{answer id}")
    },
    Type {
        attributes: &[("Id", "{physical}")],
        replaces: Replaces::Any,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateUsagePlanKey", &[OF_PLAN]).takes(Takes::But(&["UsagePlanId"]))],
            update: Update::Steps(&[], &[]),
            delete: &[Step::new("DeleteUsagePlanKey", &[OF_PLAN, ("keyId", "{property KeyId}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGateway::UsagePlanKey", "{property KeyId}:{property UsagePlanId}")
    },
];

const OF_PLAN: (&str, &str) = ("usageplanId", "{property UsagePlanId}");
const PLAN: &[(&str, &str)] = &[("usageplanId", "{physical}")];
const QUOTA: Patch =
    Patch::Members("/quota", &[("Limit", "limit"), ("Offset", "offset"), ("Period", "period")]);
const THROTTLE: Patch =
    Patch::Members("/throttle", &[("BurstLimit", "burstLimit"), ("RateLimit", "rateLimit")]);
const PUT_GATEWAY_RESPONSE: Step =
    Step::new("PutGatewayResponse", &[OF_API, ("response_type", "{property ResponseType}")])
        .takes(Takes::Only(&["ResponseParameters", "ResponseTemplates", "StatusCode"]));

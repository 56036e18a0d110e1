//! HTTP and WebSocket APIs: `AWS::ApiGatewayV2::…`.

use serde_json::{Map, Value};

use super::document::{self, Place};
use super::members::tags;
use super::{Calls, Family, Keys, Replaces, Step, Tagging, Tags, Takes, Type, Update, When};
use crate::control::answer::Error;

const FAMILY: Family = Family {
    service: "apigatewayv2",
    lower: true,
    renamed: &[],
    maps: &[
        "RequestModels",
        "RequestParameters",
        "RequestTemplates",
        "ResponseModels",
        "ResponseParameters",
        "ResponseTemplates",
        "RouteSettings",
        "StageVariables",
    ],
    merged: &["RequestParameters", "StageVariables"],
    booleans: &[
        "AllowCredentials",
        "ApiKeyRequired",
        "AutoDeploy",
        "DataTraceEnabled",
        "DetailedMetricsEnabled",
        "DisableExecuteApiEndpoint",
        "DisableSchemaValidation",
        "EnableSimpleResponses",
        "FailOnWarnings",
        "Required",
    ],
    integers: &["AuthorizerResultTtlInSeconds", "MaxAge", "ThrottlingBurstLimit", "TimeoutInMillis"],
    numbers: &["ThrottlingRateLimit"],
    documents: &["Schema", "body"],
    tags: Tags::Map,
};

const OF_API: (&str, &str) = ("apiId", "{property ApiId}");

/// The types.
pub const TYPES: &[Type] = &[
    Type {
        attributes: &[("ApiEndpoint", "{url apiEndpoint}"), ("ApiId", "{physical}")],
        replaces: Replaces::These(&["ProtocolType"]),
        tags: Tags::Map,
        fetches: Some(("BodyS3Location", "Body")),
        prepare: Some(described),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[
                Step::new("CreateApi", &[])
                    .when(When::Lacking("Body"))
                    .takes(Takes::But(&["BasePath", "FailOnWarnings"])),
                Step::new("ImportApi", &[]).when(When::Given("Body")).query(IMPORT).adds(BODY),
            ],
            update: Update::Steps(
                &[
                    Step::new("DeleteCorsConfiguration", &[("apiId", "{physical}")])
                        .when(When::Altered("CorsConfiguration")),
                    Step::new("UpdateApi", &[("apiId", "{physical}")])
                        .when(When::Changed(OWN))
                        .takes(Takes::Changed),
                    Step::new("ReimportApi", &[("apiId", "{physical}")])
                        .when(When::Renewed("Body"))
                        .query(IMPORT)
                        .adds(BODY),
                ],
                &[
                    ("ApiKeySelectionExpression", "\"$request.header.x-api-key\""),
                    ("Description", "\"\""),
                    ("DisableExecuteApiEndpoint", "false"),
                    ("DisableSchemaValidation", "false"),
                    ("IpAddressType", "\"ipv4\""),
                ],
            ),
            delete: &[Step::new("DeleteApi", &[("apiId", "{physical}")])],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[("resource-arn", "arn:aws:apigateway:{region}::/apis/{physical}")],
                adds: &[],
                member: "tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::ApiGatewayV2::Api", "{answer apiId}")
    },
    Type {
        attributes: &[("RouteId", "{physical}")],
        replaces: Replaces::These(&["ApiId"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateRoute", &[OF_API]).takes(Takes::But(&["ApiId"]))],
            update: Update::Steps(
                &[Step::new("UpdateRoute", &[OF_API, ("routeId", "{physical}")]).takes(Takes::Changed)],
                &[
                    ("ApiKeyRequired", "false"),
                    ("AuthorizationScopes", "[]"),
                    ("AuthorizationType", "\"NONE\""),
                    ("RequestModels", "{}"),
                ],
            ),
            delete: &[Step::new("DeleteRoute", &[OF_API, ("routeId", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGatewayV2::Route", "{answer routeId}")
    },
    Type {
        attributes: &[("IntegrationId", "{physical}")],
        replaces: Replaces::These(&["ApiId"]),
        prepare: Some(mapped_responses),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateIntegration", &[OF_API]).takes(Takes::But(&["ApiId"]))],
            update: Update::Steps(
                &[Step::new("UpdateIntegration", &[OF_API, ("integrationId", "{physical}")])
                    .takes(Takes::Changed)],
                &[("Description", "\"\""), ("RequestTemplates", "{}")],
            ),
            delete: &[Step::new("DeleteIntegration", &[OF_API, ("integrationId", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGatewayV2::Integration", "{answer integrationId}")
    },
    Type {
        attributes: &[("VpcLinkId", "{physical}")],
        replaces: Replaces::These(&["SecurityGroupIds", "SubnetIds"]),
        tags: Tags::Map,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateVpcLink", &[]).takes(Takes::But(&[]))],
            update: Update::Steps(
                &[Step::new("UpdateVpcLink", &[("vpcLinkId", "{physical}")]).takes(Takes::Changed)],
                &[],
            ),
            delete: &[Step::new("DeleteVpcLink", &[("vpcLinkId", "{physical}")])],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[("resource-arn", "arn:aws:apigateway:{region}::/vpclinks/{physical}")],
                adds: &[],
                member: "tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::ApiGatewayV2::VpcLink", "{answer vpcLinkId}")
    },
    Type {
        replaces: Replaces::These(&["ApiId", "StageName"]),
        tags: Tags::Map,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateStage", &[OF_API]).takes(Takes::But(&["AccessPolicyId", "ApiId"]))],
            update: Update::Steps(
                &[
                    Step::new("DeleteAccessLogSettings", &[OF_API, ("stageName", "{physical}")])
                        .when(When::Gone("AccessLogSettings")),
                    Step::new("UpdateStage", &[OF_API, ("stageName", "{physical}")]).takes(Takes::Changed),
                ],
                &[("AutoDeploy", "false"), ("Description", "\"\"")],
            ),
            delete: &[Step::new("DeleteStage", &[OF_API, ("stageName", "{physical}")])],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[(
                    "resource-arn",
                    "arn:aws:apigateway:{region}::/apis/{property ApiId}/stages/{physical}",
                )],
                adds: &[],
                member: "tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::ApiGatewayV2::Stage", "{property StageName}")
    },
    Type {
        attributes: &[("DeploymentId", "{physical}")],
        replaces: Replaces::These(&["ApiId", "StageName"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateDeployment", &[OF_API]).takes(Takes::But(&["ApiId"]))],
            update: Update::Steps(
                &[Step::new("UpdateDeployment", &[OF_API, ("deploymentId", "{physical}")])
                    .takes(Takes::Changed)],
                &[("Description", "\"\"")],
            ),
            delete: &[Step::new("DeleteDeployment", &[OF_API, ("deploymentId", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGatewayV2::Deployment", "{answer deploymentId}")
    },
    Type {
        attributes: &[("AuthorizerId", "{physical}")],
        replaces: Replaces::These(&["ApiId"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateAuthorizer", &[OF_API]).takes(Takes::But(&["ApiId"]))],
            update: Update::Steps(
                &[Step::new("UpdateAuthorizer", &[OF_API, ("authorizerId", "{physical}")])
                    .takes(Takes::Changed)],
                &[("EnableSimpleResponses", "false")],
            ),
            delete: &[Step::new("DeleteAuthorizer", &[OF_API, ("authorizerId", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGatewayV2::Authorizer", "{answer authorizerId}")
    },
    Type {
        attributes: &[("ModelId", "{physical}")],
        replaces: Replaces::These(&["ApiId"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateModel", &[OF_API]).takes(Takes::But(&["ApiId"]))],
            update: Update::Steps(
                &[Step::new("UpdateModel", &[OF_API, ("modelId", "{physical}")]).takes(Takes::Changed)],
                &[("ContentType", "\"application/json\""), ("Description", "\"\"")],
            ),
            delete: &[Step::new("DeleteModel", &[OF_API, ("modelId", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGatewayV2::Model", "{answer modelId}")
    },
    Type {
        attributes: &[("RouteResponseId", "{physical}")],
        replaces: Replaces::These(&["ApiId", "RouteId"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateRouteResponse", &[OF_API, OF_ROUTE])
                .takes(Takes::But(&["ApiId", "RouteId"]))],
            update: Update::Steps(
                &[Step::new("UpdateRouteResponse", &[OF_API, OF_ROUTE, ("routeResponseId", "{physical}")])
                    .takes(Takes::Changed)],
                &[("ResponseModels", "{}")],
            ),
            delete: &[Step::new(
                "DeleteRouteResponse",
                &[OF_API, OF_ROUTE, ("routeResponseId", "{physical}")],
            )],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGatewayV2::RouteResponse", "{answer routeResponseId}")
    },
    Type {
        attributes: &[("IntegrationResponseId", "{physical}")],
        replaces: Replaces::These(&["ApiId", "IntegrationId"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateIntegrationResponse", &[OF_API, OF_INTEGRATION])
                .takes(Takes::But(&["ApiId", "IntegrationId"]))],
            update: Update::Steps(
                &[Step::new(
                    "UpdateIntegrationResponse",
                    &[OF_API, OF_INTEGRATION, ("integrationResponseId", "{physical}")],
                )
                .takes(Takes::Changed)],
                &[("ResponseTemplates", "{}")],
            ),
            delete: &[Step::new(
                "DeleteIntegrationResponse",
                &[OF_API, OF_INTEGRATION, ("integrationResponseId", "{physical}")],
            )],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGatewayV2::IntegrationResponse", "{answer integrationResponseId}")
    },
    Type {
        attributes: &[
            ("DomainName", "{physical}"),
            ("DomainNameArn", "{answer domainNameArn}"),
            ("RegionalDomainName", "{answer domainNameConfigurations.0.apiGatewayDomainName}"),
            ("RegionalHostedZoneId", "{answer domainNameConfigurations.0.hostedZoneId}"),
        ],
        replaces: Replaces::These(&["DomainName"]),
        tags: Tags::Map,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateDomainName", &[]).takes(Takes::But(&[]))],
            update: Update::Steps(
                &[Step::new("UpdateDomainName", &[OF_DOMAIN]).takes(Takes::Changed)],
                &[
                    ("MutualTlsAuthentication", "{\"truststoreUri\":\"\"}"),
                    ("RoutingMode", "\"API_MAPPING_ONLY\""),
                ],
            ),
            delete: &[Step::new("DeleteDomainName", &[OF_DOMAIN])],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[("resource-arn", "arn:aws:apigateway:{region}::/domainnames/{physical}")],
                adds: &[],
                member: "tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::ApiGatewayV2::DomainName", "{answer domainName}")
    },
    Type {
        attributes: &[("ApiMappingId", "{physical}")],
        replaces: Replaces::These(&["DomainName"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateApiMapping", &[("domainName", "{property DomainName}")])
                .takes(Takes::But(&["DomainName"]))],
            update: Update::Steps(
                &[Step::new("UpdateApiMapping", MAPPING).takes(Takes::Changed)],
                &[("ApiMappingKey", "\"\"")],
            ),
            delete: &[Step::new("DeleteApiMapping", MAPPING)],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGatewayV2::ApiMapping", "{answer apiMappingId}")
    },
];

/// What an api has that no definition describes.
const OWN: &[&str] = &[
    "ApiKeySelectionExpression",
    "CorsConfiguration",
    "CredentialsArn",
    "Description",
    "DisableExecuteApiEndpoint",
    "DisableSchemaValidation",
    "IpAddressType",
    "Name",
    "RouteKey",
    "RouteSelectionExpression",
    "Target",
    "Version",
];

const IMPORT: &[(&str, &str)] =
    &[("basepath", "{property BasePath}"), ("failOnWarnings", "{property FailOnWarnings}")];
const BODY: &[(&str, &str)] = &[("body", "{property Body}")];

/// Where a definition says what these properties say.
const PLACES: &[Place] = &[
    ("CorsConfiguration", &["x-amazon-apigateway-cors"]),
    ("Description", &["info", "description"]),
    (
        "DisableExecuteApiEndpoint",
        &["x-amazon-apigateway-endpoint-configuration", "disableExecuteApiEndpoint"],
    ),
    ("Name", &["info", "title"]),
    ("Version", &["info", "version"]),
];

/// An api with a definition is that definition, and what the other properties say of the api goes into it.
fn described(properties: &mut Map<String, Value>) -> Result<(), Error> {
    if !properties.contains_key("Body") {
        return Ok(());
    }
    // It can only be HTTP, which importing says.
    properties.remove("ProtocolType");
    if let Some(cors) = properties.get_mut("CorsConfiguration") {
        *cors = FAMILY.shaped("CorsConfiguration", cors);
    }
    document::fold(properties, PLACES);
    if let Some(given) = properties.get("Tags").map(tags) {
        document::tag(properties, given);
    }
    Ok(())
}

const OF_DOMAIN: (&str, &str) = ("domainName", "{physical}");
const MAPPING: &[(&str, &str)] = &[("domainName", "{property DomainName}"), ("apiMappingId", "{physical}")];
const OF_ROUTE: (&str, &str) = ("routeId", "{property RouteId}");
const OF_INTEGRATION: (&str, &str) = ("integrationId", "{property IntegrationId}");

/// Templates say `{"200": {"ResponseParameters": [{"Source": …, "Destination": …}]}}`, the operation
/// `{"200": {destination: source}}`.
fn mapped_responses(properties: &mut Map<String, Value>) -> Result<(), Error> {
    let Some(Value::Object(statuses)) = properties.get_mut("ResponseParameters") else { return Ok(()) };
    for status in statuses.values_mut() {
        let Some(Value::Array(mappings)) = status.get("ResponseParameters") else { continue };
        let mapped = mappings.iter().filter_map(|mapping| {
            let (destination, source) = (mapping.get("Destination")?.as_str()?, mapping.get("Source")?);
            Some((destination.to_owned(), source.clone()))
        });
        *status = Value::Object(mapped.collect());
    }
    Ok(())
}

//! The extensions of definitions that REST APIs have, as tables.

use crate::control::openapi::shape::{Kind, Member, member};

/// `x-amazon-apigateway-integration`, and the members of PutIntegration.
pub const INTEGRATION: &[Member] = &[
    member("type", "type", Kind::Word),
    member("httpMethod", "httpMethod", Kind::Word),
    member("uri", "uri", Kind::Text),
    member("credentials", "credentials", Kind::Text),
    member("connectionType", "connectionType", Kind::Text),
    member("connectionId", "connectionId", Kind::Text),
    member("passthroughBehavior", "passthroughBehavior", Kind::Word),
    member("contentHandling", "contentHandling", Kind::Word),
    member("timeoutInMillis", "timeoutInMillis", Kind::Integer),
    member("cacheNamespace", "cacheNamespace", Kind::Text),
    member("cacheKeyParameters", "cacheKeyParameters", Kind::Texts),
    member("requestParameters", "requestParameters", Kind::Map),
    member("requestTemplates", "requestTemplates", Kind::Map),
    member("tlsConfig", "tlsConfig", Kind::Structure(TLS)),
    member("responseTransferMode", "responseTransferMode", Kind::Word),
];

const TLS: &[Member] = &[member("insecureSkipVerification", "insecureSkipVerification", Kind::Boolean)];

/// One of an integration's `responses`, and the members of PutIntegrationResponse.
pub const RESPONSE: &[Member] = &[
    member("responseParameters", "responseParameters", Kind::Map),
    member("responseTemplates", "responseTemplates", Kind::Map),
    member("contentHandling", "contentHandling", Kind::Word),
];

/// `x-amazon-apigateway-authorizer`, and the members of CreateAuthorizer.
pub const AUTHORIZER: &[Member] = &[
    member("type", "type", Kind::Word),
    member("authorizerUri", "authorizerUri", Kind::Text),
    member("authorizerCredentials", "authorizerCredentials", Kind::Text),
    member("identitySource", "identitySource", Kind::Text),
    member("identityValidationExpression", "identityValidationExpression", Kind::Text),
    member("authorizerResultTtlInSeconds", "authorizerResultTtlInSeconds", Kind::Integer),
    member("providerARNs", "providerARNs", Kind::Texts),
];

/// `info`, and members of CreateRestApi.
pub const INFO: &[Member] = &[
    member("title", "name", Kind::Text),
    member("description", "description", Kind::Text),
    member("version", "version", Kind::Text),
];

/// Extensions of the root, and members of CreateRestApi.
pub const ROOT: &[Member] = &[
    member("x-amazon-apigateway-api-key-source", "apiKeySource", Kind::Word),
    member("x-amazon-apigateway-binary-media-types", "binaryMediaTypes", Kind::Texts),
    member("x-amazon-apigateway-minimum-compression-size", "minimumCompressionSize", Kind::Integer),
];

/// `x-amazon-apigateway-endpoint-configuration`, and `endpointConfiguration`.
pub const ENDPOINT: &[Member] =
    &[member("types", "types", Kind::Texts), member("vpcEndpointIds", "vpcEndpointIds", Kind::Texts)];

/// Extensions that gatelet's REST APIs do nothing with yet.
pub const UNSUPPORTED: &[&str] = &[
    "x-amazon-apigateway-documentation",
    "x-amazon-apigateway-gateway-responses",
    "x-amazon-apigateway-request-validator",
    "x-amazon-apigateway-request-validators",
];

/// The methods of a path, and what operations call them.
pub const METHODS: &[(&str, &str)] = &[
    ("x-amazon-apigateway-any-method", "ANY"),
    ("delete", "DELETE"),
    ("get", "GET"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("patch", "PATCH"),
    ("post", "POST"),
    ("put", "PUT"),
];

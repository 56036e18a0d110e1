//! The extensions of definitions that HTTP APIs have, as tables: the developer guide, "OpenAPI extensions for API
//! Gateway". The rows stand in the order in which AWS exports them.

use crate::control::openapi::shape::{Kind, Member, member};

/// `x-amazon-apigateway-integration`, and the members of CreateIntegration.
pub const INTEGRATION: &[Member] = &[
    member("responseParameters", "responseParameters", Kind::Maps),
    member("requestParameters", "requestParameters", Kind::Map),
    member("integrationSubtype", "integrationSubtype", Kind::Text),
    member("credentials", "credentialsArn", Kind::Text),
    member("payloadFormatVersion", "payloadFormatVersion", Kind::Version),
    member("connectionId", "connectionId", Kind::Text),
    member("type", "integrationType", Kind::Word),
    member("httpMethod", "integrationMethod", Kind::Text),
    member("uri", "integrationUri", Kind::Text),
    member("connectionType", "connectionType", Kind::Text),
    member("timeoutInMillis", "timeoutInMillis", Kind::Integer),
    member("tlsConfig", "tlsConfig", Kind::Structure(TLS)),
];

const TLS: &[Member] = &[member("serverNameToVerify", "serverNameToVerify", Kind::Text)];

/// Members of the former that only REST APIs have.
pub const REST_INTEGRATION: &[&str] = &[
    "cacheKeyParameters",
    "cacheNamespace",
    "contentHandling",
    "passthroughBehavior",
    "requestTemplates",
    "responses",
];

/// `x-amazon-apigateway-authorizer`, and the members of CreateAuthorizer.
pub const AUTHORIZER: &[Member] = &[
    member("identitySource", "identitySource", Kind::Commas),
    member("authorizerUri", "authorizerUri", Kind::Text),
    member("authorizerCredentials", "authorizerCredentialsArn", Kind::Text),
    member("authorizerPayloadFormatVersion", "authorizerPayloadFormatVersion", Kind::Version),
    member("authorizerResultTtlInSeconds", "authorizerResultTtlInSeconds", Kind::Integer),
    member("jwtConfiguration", "jwtConfiguration", Kind::Structure(JWT)),
    member("type", "authorizerType", Kind::Word),
    member("enableSimpleResponses", "enableSimpleResponses", Kind::Boolean),
];

const JWT: &[Member] = &[member("audience", "audience", Kind::Texts), member("issuer", "issuer", Kind::Text)];

/// `x-amazon-apigateway-cors`, and `corsConfiguration`.
pub const CORS: &[Member] = &[
    member("allowOrigins", "allowOrigins", Kind::Texts),
    member("allowMethods", "allowMethods", Kind::Texts),
    member("allowHeaders", "allowHeaders", Kind::Texts),
    member("exposeHeaders", "exposeHeaders", Kind::Texts),
    member("maxAge", "maxAge", Kind::Integer),
    member("allowCredentials", "allowCredentials", Kind::Boolean),
];

/// `info`, and members of CreateApi.
pub const INFO: &[Member] = &[
    member("title", "name", Kind::Text),
    member("description", "description", Kind::Text),
    member("version", "version", Kind::Text),
];

/// `x-amazon-apigateway-endpoint-configuration`, and members of CreateApi.
pub const ENDPOINT: &[Member] =
    &[member("disableExecuteApiEndpoint", "disableExecuteApiEndpoint", Kind::Boolean)];

/// Extensions of the root that only REST APIs have.
pub const REST_ROOT: &[&str] = &[
    "x-amazon-apigateway-api-key-source",
    "x-amazon-apigateway-binary-media-types",
    "x-amazon-apigateway-documentation",
    "x-amazon-apigateway-gateway-responses",
    "x-amazon-apigateway-minimum-compression-size",
    "x-amazon-apigateway-policy",
    "x-amazon-apigateway-request-validator",
    "x-amazon-apigateway-request-validators",
];

/// What an operation may have that HTTP APIs do nothing with.
pub const REST_OPERATION: &[&str] = &["requestBody", "x-amazon-apigateway-request-validator"];

/// The methods of a path, and how route keys spell them.
pub const METHODS: &[(&str, &str)] = &[
    (ANY, "ANY"),
    ("delete", "DELETE"),
    ("get", "GET"),
    ("head", "HEAD"),
    ("options", "OPTIONS"),
    ("patch", "PATCH"),
    ("post", "POST"),
    ("put", "PUT"),
    ("trace", "TRACE"),
];

/// All methods that have none of their own.
pub const ANY: &str = "x-amazon-apigateway-any-method";
/// What an operation is answered by.
pub const INTEGRATION_NAME: &str = "x-amazon-apigateway-integration";
/// Integrations that operations refer to, below `components`.
pub const INTEGRATIONS_NAME: &str = "x-amazon-apigateway-integrations";
/// Who may call, below a security scheme.
pub const AUTHORIZER_NAME: &str = "x-amazon-apigateway-authorizer";
/// What kind of authorizer it is: `awsSigv4`.
pub const AUTHTYPE_NAME: &str = "x-amazon-apigateway-authtype";
/// Who may call, below an operation: `{"type": "AWS_IAM"}`.
pub const AUTH_NAME: &str = "x-amazon-apigateway-auth";
/// CORS of the whole api.
pub const CORS_NAME: &str = "x-amazon-apigateway-cors";
/// How the api is reached, at the root or at a server.
pub const ENDPOINT_NAME: &str = "x-amazon-apigateway-endpoint-configuration";

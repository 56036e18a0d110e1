//! A V2 api and what belongs to it: routes, integrations, authorizers, stages, deployments.
//! Fields, defaults and ids: the `apigatewayv2` API reference.

mod authorizer;
mod route_key;
mod websocket;

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Owner;
use super::rest::ApiKeySource;

pub use authorizer::{Authorizer, AuthorizerKind, FunctionAuthorizer, JwtConfiguration};
pub use route_key::{CONNECT, DEFAULT, DISCONNECT, RouteKey, RouteKeyError};
pub use websocket::{ContentHandling, IntegrationResponse, Model, Passthrough, RouteResponse};

/// The id of an api: ten lower-case letters and digits, or what the tag `_custom_id_` said. Kept in lower case
/// for lookups by host; unique across all owners. Copies share it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiId(Arc<str>);

impl ApiId {
    /// The id of this spelling.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// Its spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The `apiKeySelectionExpression` that asks the authorizer for the key; the other one asks a header.
pub const KEY_OF_AUTHORIZER: &str = "$context.authorizer.usageIdentifierKey";

impl Api {
    /// What a deployment of this moment freezes.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            routes: self.routes.clone(),
            integrations: self.integrations.clone(),
            authorizers: self.authorizers.clone(),
            models: self.models.clone(),
            route_selection_expression: self.route_selection_expression.clone(),
            api_key_source: match &*self.api_key_selection_expression {
                KEY_OF_AUTHORIZER => ApiKeySource::Authorizer,
                _ => ApiKeySource::Header,
            },
            cors: self.cors.clone(),
            disable_execute_api_endpoint: self.disable_execute_api_endpoint,
        }
    }
}

impl Borrow<str> for ApiId {
    fn borrow(&self) -> &str {
        &self.0
    }
}
impl fmt::Display for ApiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What clients speak to an api.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// An HTTP API.
    Http,
    /// A WebSocket API.
    WebSocket,
}

impl Protocol {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::WebSocket => "WEBSOCKET",
        }
    }
}

/// A V2 api, with all that it owns.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    /// `apiId`
    pub id: ApiId,
    /// Whose it is.
    pub owner: Owner,
    /// `name`, 1 to 128 characters, not unique.
    pub name: String,
    /// `protocolType`
    pub protocol: Protocol,
    /// The port of its own, which a WebSocket API has if one was free.
    pub port: Option<u16>,
    /// `description`, at most 1024 characters.
    pub description: Option<String>,
    /// `version`, 1 to 64 characters.
    pub version: Option<String>,
    /// `corsConfiguration`: it takes effect with a deployment.
    pub cors: Option<Cors>,
    /// `disableExecuteApiEndpoint`
    pub disable_execute_api_endpoint: bool,
    /// `apiKeySelectionExpression`
    pub api_key_selection_expression: String,
    /// `routeSelectionExpression`
    pub route_selection_expression: String,
    /// `disableSchemaValidation`: WebSocket APIs only.
    pub disable_schema_validation: Option<bool>,
    /// `ipAddressType`: `ipv4` or `dualstack`, stored and returned.
    pub ip_address_type: String,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub created: u64,
    /// `apiGatewayManaged`, with the ids of what quick create made.
    pub quick_create: Option<QuickCreate>,
    /// By `routeId`.
    pub routes: BTreeMap<String, Route>,
    /// By `integrationId`.
    pub integrations: BTreeMap<String, Integration>,
    /// By `authorizerId`.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// By `modelId`.
    pub models: BTreeMap<String, Model>,
    /// By `stageName`.
    pub stages: BTreeMap<String, Stage>,
    /// By `deploymentId`.
    pub deployments: BTreeMap<String, Deployment>,
}

/// What CreateApi with a `target` made besides the api.
#[derive(Clone, Debug, PartialEq)]
pub struct QuickCreate {
    /// The managed route.
    pub route_id: String,
    /// The managed integration.
    pub integration_id: String,
}

/// `corsConfiguration`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cors {
    /// `allowCredentials`
    pub allow_credentials: Option<bool>,
    /// `allowHeaders`
    pub allow_headers: Option<Vec<String>>,
    /// `allowMethods`
    pub allow_methods: Option<Vec<String>>,
    /// `allowOrigins`
    pub allow_origins: Option<Vec<String>>,
    /// `exposeHeaders`
    pub expose_headers: Option<Vec<String>>,
    /// `maxAge`, -1 to 86400.
    pub max_age: Option<i64>,
}

/// A route: which requests go to which integration.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// `routeId`
    pub id: String,
    /// `routeKey`, parsed and in its own spelling.
    pub key: RouteKey,
    /// `target`: `integrations/{integrationId}`.
    pub target: Option<String>,
    /// `authorizationType`: `NONE`, `JWT`, `CUSTOM` or `AWS_IAM`; of WebSocket APIs `NONE`, or `CUSTOM` on
    /// `$connect`.
    pub authorization_type: String,
    /// `authorizationScopes`: one of them must be the token's (`JWT`).
    pub authorization_scopes: Option<Vec<String>>,
    /// `authorizerId`
    pub authorizer_id: Option<String>,
    /// `operationName`
    pub operation_name: Option<String>,
    /// `apiKeyRequired`
    pub api_key_required: bool,
    /// `requestParameters` (WebSocket), with whether they are required.
    pub request_parameters: BTreeMap<String, bool>,
    /// `modelSelectionExpression` (WebSocket): which of the models a message must fit.
    pub model_selection_expression: Option<String>,
    /// `requestModels` (WebSocket), by what the expression selects: names of models.
    pub request_models: BTreeMap<String, String>,
    /// `routeResponseSelectionExpression` (WebSocket): `$default`.
    pub route_response_selection_expression: Option<String>,
    /// By `routeResponseId` (WebSocket).
    pub responses: BTreeMap<String, RouteResponse>,
}

impl Route {
    /// The id of the integration that `target` names.
    pub fn integration_id(&self) -> Option<&str> {
        self.target.as_deref()?.trim_start_matches('/').strip_prefix("integrations/")
    }
}

/// An integration: what answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Integration {
    /// `integrationId`
    pub id: String,
    /// `integrationType`: HTTP APIs have only the two proxies.
    pub kind: IntegrationKind,
    /// `integrationSubtype`
    pub subtype: Option<String>,
    /// `integrationUri`
    pub uri: Option<String>,
    /// `integrationMethod`
    pub method: Option<String>,
    /// `connectionType`
    pub connection_type: String,
    /// `connectionId`
    pub connection_id: Option<String>,
    /// `credentialsArn`
    pub credentials_arn: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `payloadFormatVersion`: `1.0` or `2.0`.
    pub payload: PayloadFormat,
    /// `requestParameters`
    pub request_parameters: BTreeMap<String, String>,
    /// `responseParameters`, by status.
    pub response_parameters: BTreeMap<String, BTreeMap<String, String>>,
    /// `timeoutInMillis`, 50 to 30000.
    pub timeout_ms: u32,
    /// `tlsConfig.serverNameToVerify`
    pub tls_server_name: Option<String>,
    /// `contentHandlingStrategy` (WebSocket)
    pub content_handling: Option<ContentHandling>,
    /// `passthroughBehavior` (WebSocket)
    pub passthrough: Passthrough,
    /// `templateSelectionExpression` (WebSocket): which of the templates.
    pub template_selection_expression: Option<String>,
    /// `requestTemplates` (WebSocket), by what the expression selects.
    pub request_templates: BTreeMap<String, String>,
    /// By `integrationResponseId` (WebSocket).
    pub responses: BTreeMap<String, IntegrationResponse>,
}

impl Integration {
    /// `integrationResponseSelectionExpression`, which AWS fixes by the integration's type and target: what its
    /// responses' keys are matched with. A proxy has none.
    pub fn response_selection_expression(&self) -> Option<&'static str> {
        let calls_function = self.uri.as_deref().is_some_and(|uri| uri.contains(":lambda:"));
        match self.kind {
            IntegrationKind::AwsProxy | IntegrationKind::HttpProxy => None,
            IntegrationKind::Aws if calls_function => Some("${integration.response.body.errorMessage}"),
            IntegrationKind::Aws | IntegrationKind::Http | IntegrationKind::Mock => {
                Some("${integration.response.statuscode}")
            }
        }
    }
}

/// `integrationType`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntegrationKind {
    /// A Lambda function, or an AWS service by subtype.
    AwsProxy,
    /// An HTTP back end.
    HttpProxy,
    /// A Lambda function by templates (WebSocket).
    Aws,
    /// An HTTP back end by templates (WebSocket).
    Http,
    /// Nobody: a template is the answer (WebSocket).
    Mock,
}

impl IntegrationKind {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwsProxy => "AWS_PROXY",
            Self::HttpProxy => "HTTP_PROXY",
            Self::Aws => "AWS",
            Self::Http => "HTTP",
            Self::Mock => "MOCK",
        }
    }
}

/// `payloadFormatVersion`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadFormat {
    /// `1.0`
    V1,
    /// `2.0`
    V2,
}

impl PayloadFormat {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "1.0",
            Self::V2 => "2.0",
        }
    }
}

/// A stage: a deployment under a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// `stageName`: letters, digits, `-`, `_`, or `$default`.
    pub name: String,
    /// `autoDeploy`; `None` where the client never said.
    pub auto_deploy: Option<bool>,
    /// `deploymentId`
    pub deployment_id: Option<String>,
    /// `description`
    pub description: Option<String>,
    /// `stageVariables`
    pub variables: BTreeMap<String, String>,
    /// `accessLogSettings`
    pub access_log: Option<AccessLog>,
    /// `defaultRouteSettings`
    pub default_route_settings: RouteSettings,
    /// `routeSettings`, by route key.
    pub route_settings: BTreeMap<String, RouteSettings>,
    /// `clientCertificateId`
    pub client_certificate_id: Option<String>,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub created: u64,
    /// Seconds since 1970.
    pub updated: u64,
    /// `lastDeploymentStatusMessage`
    pub last_deployment_message: Option<String>,
    /// `apiGatewayManaged`: made by quick create.
    pub managed: bool,
    /// Answers of authorizers count while this stays as it is: ResetAuthorizersCache counts it up, and a stage that is
    /// made again under the same name begins anywhere.
    pub authorizer_resets: u64,
}

/// `accessLogSettings`
#[derive(Clone, Debug, PartialEq)]
pub struct AccessLog {
    /// `destinationArn`
    pub destination_arn: Option<String>,
    /// `format`
    pub format: Option<String>,
}

/// `RouteSettings`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RouteSettings {
    /// `dataTraceEnabled`
    pub data_trace_enabled: Option<bool>,
    /// `detailedMetricsEnabled`
    pub detailed_metrics_enabled: Option<bool>,
    /// `loggingLevel`
    pub logging_level: Option<String>,
    /// `throttlingBurstLimit`
    pub throttling_burst_limit: Option<i64>,
    /// `throttlingRateLimit`
    pub throttling_rate_limit: Option<f64>,
}

/// A deployment: an immutable snapshot of what an api serves.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// `deploymentId`
    pub id: String,
    /// `autoDeployed`
    pub auto_deployed: bool,
    /// `description`
    pub description: Option<String>,
    /// Seconds since 1970.
    pub created: u64,
    /// What it froze.
    pub snapshot: Arc<Snapshot>,
}

/// What a deployment freezes. Stage variables and settings are not part of it: they are live.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// By `routeId`.
    pub routes: BTreeMap<String, Route>,
    /// By `integrationId`.
    pub integrations: BTreeMap<String, Integration>,
    /// By `authorizerId`.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// By `modelId`.
    pub models: BTreeMap<String, Model>,
    /// `routeSelectionExpression`
    pub route_selection_expression: String,
    /// What `apiKeySelectionExpression` comes to.
    pub api_key_source: ApiKeySource,
    /// `corsConfiguration`
    pub cors: Option<Cors>,
    /// `disableExecuteApiEndpoint`
    pub disable_execute_api_endpoint: bool,
}

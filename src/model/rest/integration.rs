//! What answers a method: integrations, and how their answers become the method's.

use std::collections::BTreeMap;

use super::{ContentHandling, IntegrationKind, Passthrough};

/// Templates by content type. AWS shows an empty one as `null`.
pub type Templates = BTreeMap<String, String>;

/// The integration of a method.
#[derive(Clone, Debug, PartialEq)]
pub struct Integration {
    /// `type`
    pub kind: IntegrationKind,
    /// `httpMethod` of the request to the back end; MOCK needs none.
    pub http_method: Option<String>,
    /// `uri`; MOCK needs none.
    pub uri: Option<String>,
    /// `connectionType`: `INTERNET` or `VPC_LINK`, where the client said so or the back end is HTTP.
    pub connection_type: Option<String>,
    /// `connectionId`
    pub connection_id: Option<String>,
    /// `credentials`
    pub credentials: Option<String>,
    /// `passthroughBehavior`
    pub passthrough: Passthrough,
    /// `contentHandling`
    pub content_handling: Option<ContentHandling>,
    /// `timeoutInMillis`
    pub timeout_ms: u32,
    /// `cacheNamespace`: the resource's id, unless the client said otherwise.
    pub cache_namespace: String,
    /// `cacheKeyParameters`
    pub cache_key_parameters: Vec<String>,
    /// `requestParameters`: `integration.request.{header|querystring|path}.{name}`, with the expression that gives
    /// the value: `method.request.header.x`, `'static'`, `context.x`, ….
    pub request_parameters: BTreeMap<String, String>,
    /// `requestTemplates`
    pub request_templates: Templates,
    /// `tlsConfig.insecureSkipVerification`
    pub insecure_skip_verification: Option<bool>,
    /// `integrationResponses`, by `statusCode`: three digits.
    pub responses: BTreeMap<String, IntegrationResponse>,
}

impl Integration {
    /// An integration of this kind with the defaults of PutIntegration.
    pub fn new(kind: IntegrationKind, resource_id: impl Into<String>) -> Self {
        Self {
            kind,
            http_method: None,
            uri: None,
            connection_type: match kind {
                IntegrationKind::Http | IntegrationKind::HttpProxy => Some("INTERNET".into()),
                IntegrationKind::Aws | IntegrationKind::AwsProxy | IntegrationKind::Mock => None,
            },
            connection_id: None,
            credentials: None,
            passthrough: Passthrough::default(),
            content_handling: None,
            timeout_ms: DEFAULT_TIMEOUT_MS,
            cache_namespace: resource_id.into(),
            cache_key_parameters: Vec::new(),
            request_parameters: BTreeMap::new(),
            request_templates: Templates::new(),
            insecure_skip_verification: None,
            responses: BTreeMap::new(),
        }
    }
}

/// AWS: 29 seconds.
const DEFAULT_TIMEOUT_MS: u32 = 29_000;

/// An integration response: which of the method's answers an answer of the back end becomes, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IntegrationResponse {
    /// `selectionPattern`: a regular expression over the back end's status or error message. None, or an empty one:
    /// what nothing else matches.
    pub selection_pattern: Option<String>,
    /// `responseParameters`: `method.response.header.{name}`, with the expression that gives the value. An empty
    /// map that was sent is returned, a missing one is not.
    pub response_parameters: Option<BTreeMap<String, String>>,
    /// `responseTemplates`; empty or missing as above.
    pub response_templates: Option<Templates>,
    /// `contentHandling`
    pub content_handling: Option<ContentHandling>,
}

//! A REST API (V1) and what belongs to it: resources with their methods, deployments, stages. Fields, defaults and
//! ids: the `apigateway` API reference.
//!
//! What a client edits and what a stage serves are apart: a [`Deployment`] holds a frozen [`Snapshot`], and a stage
//! names one. Stage variables, method settings and canaries are the stage's own and live.

mod integration;
mod method;
mod stage;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ApiId, Owner};
use crate::base::map::map_of;

pub use super::api::{AccessLog, ContentHandling, IntegrationKind, Model, Passthrough};
pub use integration::{Integration, IntegrationResponse, Templates};
pub use method::{ANY, Authorization, METHODS, Method, MethodResponse};
pub use stage::{Canary, MethodSetting, Stage, UnauthorizedCacheControl};

/// A REST API, with all that it owns.
#[derive(Clone, Debug, PartialEq)]
pub struct RestApi {
    /// `id`: unique among all apis, V1 and V2.
    pub id: ApiId,
    /// Whose it is.
    pub owner: Owner,
    /// `name`, not unique.
    pub name: String,
    /// `description`
    pub description: Option<String>,
    /// `version`
    pub version: Option<String>,
    /// Seconds since 1970.
    pub created: u64,
    /// `apiKeySource`
    pub api_key_source: ApiKeySource,
    /// `binaryMediaTypes`, in the order in which they were added.
    pub binary_media_types: Vec<String>,
    /// `minimumCompressionSize`: bodies from this size on are compressed; `None`: none is.
    pub minimum_compression_size: Option<u32>,
    /// `disableExecuteApiEndpoint`
    pub disable_execute_api_endpoint: bool,
    /// `endpointConfiguration`
    pub endpoint: Endpoint,
    /// `policy`: stored and returned.
    pub policy: Option<String>,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// `rootResourceId`: the resource `/`, which is always there.
    pub root_resource_id: String,
    /// By `id`. A deployment shares those that did not change since.
    pub resources: BTreeMap<String, Arc<Resource>>,
    /// By `name`; shared in the same way.
    pub models: BTreeMap<String, Arc<Model>>,
    /// By `responseType`: those that the client defined.
    pub gateway_responses: BTreeMap<String, GatewayResponse>,
    /// By `stageName`.
    pub stages: BTreeMap<String, Stage>,
    /// By `id`.
    pub deployments: BTreeMap<String, Deployment>,
}

impl RestApi {
    /// A REST API with the defaults of CreateRestApi: a root resource, and nothing under it.
    pub fn new(
        id: ApiId,
        owner: Owner,
        name: impl Into<String>,
        root_resource_id: impl Into<String>,
        created: u64,
    ) -> Self {
        let root = Resource::root(root_resource_id.into());
        Self {
            id,
            owner,
            name: name.into(),
            description: None,
            version: None,
            created,
            api_key_source: ApiKeySource::Header,
            binary_media_types: Vec::new(),
            minimum_compression_size: None,
            disable_execute_api_endpoint: false,
            endpoint: Endpoint::default(),
            policy: None,
            tags: BTreeMap::new(),
            root_resource_id: root.id.clone(),
            resources: map_of([(root.id.clone(), Arc::new(root))]),
            models: BTreeMap::new(),
            gateway_responses: BTreeMap::new(),
            stages: BTreeMap::new(),
            deployments: BTreeMap::new(),
        }
    }

    /// What a deployment of this moment freezes.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            resources: self.resources.clone(),
            models: self.models.clone(),
            gateway_responses: self.gateway_responses.clone(),
            api_key_source: self.api_key_source,
            binary_media_types: self.binary_media_types.clone(),
            minimum_compression_size: self.minimum_compression_size,
            disable_execute_api_endpoint: self.disable_execute_api_endpoint,
        }
    }
}

/// `apiKeySource`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKeySource {
    /// `HEADER`: `X-API-Key`.
    Header,
    /// `AUTHORIZER`: `usageIdentifierKey` of what the authorizer answers.
    Authorizer,
}

impl ApiKeySource {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "HEADER",
            Self::Authorizer => "AUTHORIZER",
        }
    }
}

/// `endpointConfiguration`: stored and returned; here every api is reached in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// `types`: one, although it is a list.
    pub kind: EndpointKind,
    /// `ipAddressType`: `ipv4` or `dualstack`.
    pub ip_address_type: String,
    /// `vpcEndpointIds`
    pub vpc_endpoint_ids: Vec<String>,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self { kind: EndpointKind::Edge, ip_address_type: "ipv4".into(), vpc_endpoint_ids: Vec::new() }
    }
}

/// One of `endpointConfiguration.types`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointKind {
    /// `EDGE`
    Edge,
    /// `REGIONAL`
    Regional,
    /// `PRIVATE`
    Private,
}

impl EndpointKind {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edge => "EDGE",
            Self::Regional => "REGIONAL",
            Self::Private => "PRIVATE",
        }
    }
}

/// A resource: a place in the tree of paths.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// `id`
    pub id: String,
    /// `parentId`; the root has none.
    pub parent_id: Option<String>,
    /// `pathPart`: `pets`, `{id}`, `{proxy+}`; empty for the root.
    pub path_part: String,
    /// `path`: from the root: `/`, `/pets/{id}`.
    pub path: String,
    /// `resourceMethods`, by `httpMethod`: one of [`METHODS`].
    pub methods: BTreeMap<String, Method>,
}

impl Resource {
    /// The resource `/`.
    pub fn root(id: String) -> Self {
        Self { id, parent_id: None, path_part: String::new(), path: "/".into(), methods: BTreeMap::new() }
    }
}

/// What the client defined for one kind of error of the gateway's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GatewayResponse {
    /// `statusCode`; `None`: the kind's own.
    pub status_code: Option<String>,
    /// `responseParameters`: by `gatewayresponse.header.{name}`.
    pub response_parameters: BTreeMap<String, String>,
    /// `responseTemplates`, by content type.
    pub response_templates: BTreeMap<String, String>,
}

/// A deployment: an immutable snapshot of what an api serves.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// `id`
    pub id: String,
    /// `description`
    pub description: Option<String>,
    /// Seconds since 1970.
    pub created: u64,
    /// What it froze.
    pub snapshot: Arc<Snapshot>,
}

/// What a deployment freezes.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// By `id`, with methods, integrations and their responses.
    pub resources: BTreeMap<String, Arc<Resource>>,
    /// By `name`.
    pub models: BTreeMap<String, Arc<Model>>,
    /// By `responseType`.
    pub gateway_responses: BTreeMap<String, GatewayResponse>,
    /// `apiKeySource`
    pub api_key_source: ApiKeySource,
    /// `binaryMediaTypes`
    pub binary_media_types: Vec<String>,
    /// `minimumCompressionSize`
    pub minimum_compression_size: Option<u32>,
    /// `disableExecuteApiEndpoint`
    pub disable_execute_api_endpoint: bool,
}

//! What a resource answers to: methods, and what they promise to answer.

use std::collections::BTreeMap;

use super::Integration;

/// `httpMethod` of a method that answers to all that have none of their own.
pub const ANY: &str = "ANY";

/// What `httpMethod` can be, in the order in which AWS lists them.
pub const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", ANY];

/// A method of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    /// `httpMethod`: one of [`METHODS`].
    pub http_method: String,
    /// `authorizationType`
    pub authorization: Authorization,
    /// `authorizerId`
    pub authorizer_id: Option<String>,
    /// `authorizationScopes`
    pub authorization_scopes: Vec<String>,
    /// `apiKeyRequired`
    pub api_key_required: bool,
    /// `operationName`
    pub operation_name: Option<String>,
    /// `requestValidatorId`
    pub request_validator_id: Option<String>,
    /// `requestParameters`: `method.request.{header|querystring|path}.{name}`, with whether it is required.
    pub request_parameters: BTreeMap<String, bool>,
    /// `requestModels`, by content type: names of models.
    pub request_models: BTreeMap<String, String>,
    /// `methodResponses`, by `statusCode`: three digits.
    pub responses: BTreeMap<String, MethodResponse>,
    /// `methodIntegration`: what answers. A deployment is refused while it is missing.
    pub integration: Option<Integration>,
}

impl Method {
    /// A method that everybody may call, without an integration yet.
    pub fn new(http_method: impl Into<String>) -> Self {
        Self {
            http_method: http_method.into(),
            authorization: Authorization::None,
            authorizer_id: None,
            authorization_scopes: Vec::new(),
            api_key_required: false,
            operation_name: None,
            request_validator_id: None,
            request_parameters: BTreeMap::new(),
            request_models: BTreeMap::new(),
            responses: BTreeMap::new(),
            integration: None,
        }
    }
}

/// `authorizationType`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// `NONE`: everybody may.
    None,
    /// `AWS_IAM`: whose signature says so.
    Iam,
    /// `CUSTOM`: a function decides.
    Custom,
    /// `COGNITO_USER_POOLS`: a token decides.
    Cognito,
}

impl Authorization {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Iam => "AWS_IAM",
            Self::Custom => "CUSTOM",
            Self::Cognito => "COGNITO_USER_POOLS",
        }
    }
}

/// A method response: one of the answers that a client may expect.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MethodResponse {
    /// `responseParameters`: `method.response.header.{name}`, with whether it is required. An empty map that was sent
    /// is returned, a missing one is not.
    pub response_parameters: Option<BTreeMap<String, bool>>,
    /// `responseModels`, by content type: names of models. Empty or missing as above.
    pub response_models: Option<BTreeMap<String, String>>,
}

//! What only WebSocket APIs have: responses of routes and integrations, and models of messages.

use std::collections::BTreeMap;

/// A route response: it makes a route two-way.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteResponse {
    /// `routeResponseId`
    pub id: String,
    /// `routeResponseKey`: `$default`, the only one that there is.
    pub key: String,
    /// `modelSelectionExpression`: stored and returned; AWS supports it nowhere.
    pub model_selection_expression: Option<String>,
    /// `responseModels`, by content type or key: names of models.
    pub response_models: BTreeMap<String, String>,
    /// `responseParameters`, with whether they are required.
    pub response_parameters: BTreeMap<String, bool>,
}

/// An integration response: what a client gets of what a back end answered, where no proxy passes it on.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegrationResponse {
    /// `integrationResponseId`
    pub id: String,
    /// `integrationResponseKey`: `$default`, or a regular expression between slashes: `/2\d\d/`.
    pub key: String,
    /// `contentHandlingStrategy`
    pub content_handling: Option<ContentHandling>,
    /// `templateSelectionExpression`: which of the templates.
    pub template_selection_expression: Option<String>,
    /// `responseTemplates`, by what the expression selects.
    pub response_templates: BTreeMap<String, String>,
    /// `responseParameters`: stored and returned; a frame has no headers.
    pub response_parameters: BTreeMap<String, String>,
}

/// `contentHandlingStrategy`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentHandling {
    /// `CONVERT_TO_BINARY`: base64 text is decoded.
    ToBinary,
    /// `CONVERT_TO_TEXT`: bytes are encoded.
    ToText,
}

impl ContentHandling {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ToBinary => "CONVERT_TO_BINARY",
            Self::ToText => "CONVERT_TO_TEXT",
        }
    }
}

/// `passthroughBehavior`: what becomes of a message that no request template is selected for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passthrough {
    /// `WHEN_NO_MATCH`: it goes on as it is.
    #[default]
    WhenNoMatch,
    /// `WHEN_NO_TEMPLATES`: it goes on as it is, but only if there are no templates at all.
    WhenNoTemplates,
    /// `NEVER`: it is refused.
    Never,
}

impl Passthrough {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WhenNoMatch => "WHEN_NO_MATCH",
            Self::WhenNoTemplates => "WHEN_NO_TEMPLATES",
            Self::Never => "NEVER",
        }
    }
}

/// A model: what messages must look like.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// `modelId`
    pub id: String,
    /// `name`: letters and digits, unique in its api.
    pub name: String,
    /// `contentType`
    pub content_type: String,
    /// `description`
    pub description: Option<String>,
    /// `schema`: JSON Schema draft 4, as it was sent.
    pub schema: String,
}

//! A function's URL, compiled: an api with one route, which leads to the function; who may call it, and from where.

use std::sync::Arc;
use std::time::Duration;

use super::api::{Api, Lambda};
use super::cors::Cors;
use super::mapping::Mapping;
use crate::model::api::{ApiId, PayloadFormat};
use crate::model::arn::FunctionRef;
use crate::model::function::{Function, Url};

/// Longer than any function may take: its own timeout ends it.
const TIMEOUT: Duration = Duration::from_secs(930);

/// See the module.
pub struct FunctionUrl {
    /// What it serves. The api's id is the URL's.
    pub api: Arc<Api>,
    /// Whether only signed requests are served (`AWS_IAM`).
    pub signed: bool,
}

impl FunctionUrl {
    /// Compiles a URL of `function`, or of what `qualifier` stands for.
    pub fn new(function: &Function, qualifier: Option<&String>, url: &Url) -> Self {
        let named = FunctionRef {
            owner: function.owner.clone(),
            name: function.name.clone(),
            qualifier: qualifier.cloned(),
        };
        let lambda = Lambda {
            arn: named.arn().into(),
            function: (named.owner, named.name),
            qualifier: named.qualifier,
            payload: PayloadFormat::V2,
            mapping: Mapping::default(),
            // Whoever may call the URL may call the function: nobody else is asked.
            assumes_role: true,
            timeout: TIMEOUT,
        };
        let (id, cors) = (ApiId::new(url.id.clone()), url.cors.as_ref().map(Cors::new));
        let api = Api::of_function(id, function.owner.clone(), lambda, cors);
        Self { api: Arc::new(api), signed: url.signed }
    }
}

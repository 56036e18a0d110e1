//! REST APIs (V1), compiled: their stages, each with the methods of its deployment and its own variables filled in.
//!
//! A path leads through a [`Tree`] of resources to a method by number; what nobody needs at a request (models,
//! descriptions, settings that are stored) is left behind in the model.

mod integration;
mod media;
mod source;
mod template;
mod tree;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use integration::{Integration, Parameter, Place, Remote, Response, Shaped, Target};
pub use media::MediaTypes;
pub use source::Source;
pub use template::{Template, Templates, mock_status};
pub use tree::{Tree, Verb, matched};

use super::access_log::AccessLog;
use super::host::{self, StageForm};
use super::matcher::Variables;
use super::throttle::{Throttle, Throttles};
use crate::base::map::map_of;
use crate::model::rest::{self, ApiKeySource, Authorization, RestApi, Snapshot};
use crate::model::{ApiId, Owner};
use crate::proto::query;

/// A compiled REST API.
pub struct Api {
    /// `id`
    pub id: ApiId,
    /// Whose it is.
    pub owner: Owner,
    stages: BTreeMap<String, Arc<Stage>>,
}

/// A stage and what it serves.
pub struct Stage {
    /// `stageName`
    pub name: Arc<str>,
    /// `accessLogSettings`
    pub access_log: Option<Arc<AccessLog>>,
    /// `variables`
    pub variables: BTreeMap<String, String>,
    /// `deploymentId`
    pub deployment: Box<str>,
    /// `binaryMediaTypes`
    pub binary: MediaTypes,
    /// `disableExecuteApiEndpoint`: the URLs that lead here are not for use.
    pub disabled: bool,
    /// Whether it is, or has, a canary: then what it says of itself is whether it is one.
    pub canary: Option<bool>,
    /// What serves a share of its requests, and how many of a hundred.
    release: Option<(f64, Arc<Stage>)>,
    tree: Tree,
    methods: Vec<Method>,
    throttles: Throttles,
    /// What it was compiled from; `None`: there is no such deployment.
    snapshot: Option<Arc<Snapshot>>,
}

/// A method of a resource, and what answers it.
pub struct Method {
    /// `GET /pets/{id}`: for the log.
    pub key: Arc<str>,
    /// `resourceId`
    pub resource: Box<str>,
    /// The resource's path.
    pub path: Box<str>,
    /// The variables in `path`.
    pub variables: Variables,
    /// Who may call it.
    pub access: Access,
    /// How many requests it takes; `None`: all that come.
    pub throttle: Option<Throttle>,
    /// `operationName`
    pub operation: Option<Box<str>>,
    /// What answers.
    pub integration: Integration,
}

/// Who may call a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// `authorizationType`
    pub authorization: Permit,
    /// `apiKeyRequired`, and where the key would be.
    pub api_key: Option<ApiKeySource>,
}

/// What a method asks of its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permit {
    /// Nothing.
    Open,
    /// A signature, which is not checked: whoever runs this may do everything.
    Signed,
    /// What is not there yet: nobody may.
    Closed(Authorization),
}

/// Why a URL leads to no stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoStage {
    /// It names none, and every URL of a REST API must.
    Unsaid,
    /// There is none of that name.
    Unknown,
}

impl Api {
    /// Compiles an api. A stage that is as it was in `before` is taken over.
    pub fn new(api: &RestApi, before: Option<&Self>) -> Self {
        let stages = api.stages.values().map(|stage| {
            let known = before.and_then(|api| api.stages.get(&stage.name));
            let release = stage.canary.as_ref().map(|canary| {
                let mut variables = stage.variables.clone();
                variables.extend(canary.stage_variable_overrides.clone());
                let known = known.and_then(|known| Some(&known.release.as_ref()?.1));
                let part = Part { deployment: &canary.deployment_id, variables, canary: Some(true) };
                (canary.percent_traffic, Stage::of(api, stage, part, None, known))
            });
            let (deployment, variables) = (&stage.deployment_id, stage.variables.clone());
            let part = Part { deployment, variables, canary: release.as_ref().map(|_| false) };
            (stage.name.clone(), Stage::of(api, stage, part, release, known))
        });
        Self { id: api.id.clone(), owner: api.owner.clone(), stages: map_of(stages) }
    }

    /// The stage that a URL means, and the rest of its path: empty, or from a slash on.
    pub fn place<'p>(&self, form: StageForm<'p>, path: &'p str) -> Result<(&Arc<Stage>, &'p str), NoStage> {
        let (name, rest) = match form {
            StageForm::Explicit(name) | StageForm::Mapped(name) => (name, path),
            StageForm::Host | StageForm::Path | StageForm::Port | StageForm::Unstaged => {
                host::segment(host::without_slashes(path))
            }
        };
        if name.is_empty() {
            return Err(NoStage::Unsaid);
        }
        let stage = self.stages.get(name).or_else(|| self.stages.get(&*query::decode_path(name)));
        stage.map(|stage| (stage, rest)).ok_or(NoStage::Unknown)
    }
}

/// What a stage serves, or a canary of it.
struct Part<'a> {
    deployment: &'a str,
    variables: BTreeMap<String, String>,
    canary: Option<bool>,
}

impl Stage {
    /// A part of a stage, compiled; the one that is known, if that is what it would be compiled to.
    fn of(
        api: &RestApi,
        stage: &rest::Stage,
        part: Part<'_>,
        release: Option<(f64, Arc<Self>)>,
        known: Option<&Arc<Self>>,
    ) -> Arc<Self> {
        let deployment = api.deployments.get(part.deployment);
        let snapshot = deployment.map(|deployment| &deployment.snapshot);
        let throttles = Throttles::of_methods(stage);
        match known.filter(|known| known.is_of(stage, &part, release.as_ref(), snapshot, &throttles)) {
            Some(known) => Arc::clone(known),
            None => Arc::new(Self::new(api, stage, part, release, throttles, snapshot.map(Arc::clone))),
        }
    }

    fn new(
        api: &RestApi,
        stage: &rest::Stage,
        part: Part<'_>,
        release: Option<(f64, Arc<Self>)>,
        throttles: Throttles,
        snapshot: Option<Arc<Snapshot>>,
    ) -> Self {
        let Part { deployment, variables, canary } = part;
        let throttle = |key: &str| throttles.route(&api.id, &stage.name, key);
        let context = Context { variables: &variables, owner: &api.owner, throttle: &throttle };
        let mut methods = Vec::new();
        let mut tree = Tree::default();
        for resource in snapshot.iter().flat_map(|snapshot| snapshot.resources.values()) {
            for method in resource.methods.values() {
                tree.insert(&resource.path, &method.http_method, methods.len() as u32);
                let key_source = snapshot.as_ref().map(|snapshot| snapshot.api_key_source);
                methods.push(Method::new(resource, method, key_source, context));
            }
        }
        Self {
            name: stage.name.as_str().into(),
            access_log: AccessLog::new(&api.id, &stage.name, stage.access_log.as_ref()),
            deployment: deployment.into(),
            binary: MediaTypes::new(snapshot.iter().flat_map(|snapshot| &snapshot.binary_media_types)),
            disabled: snapshot.as_ref().is_some_and(|snapshot| snapshot.disable_execute_api_endpoint),
            canary,
            release,
            tree,
            methods,
            variables,
            throttles,
            snapshot,
        }
    }

    /// Whether it is what this would be compiled to.
    fn is_of(
        &self,
        stage: &rest::Stage,
        part: &Part<'_>,
        release: Option<&(f64, Arc<Self>)>,
        snapshot: Option<&Arc<Snapshot>>,
        throttles: &Throttles,
    ) -> bool {
        let same_snapshot = match (&self.snapshot, snapshot) {
            (Some(mine), Some(snapshot)) => Arc::ptr_eq(mine, snapshot),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let same_release = match (&self.release, release) {
            (Some((share, mine)), Some((other_share, release))) => {
                share == other_share && Arc::ptr_eq(mine, release)
            }
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let Part { deployment, variables, canary } = part;
        same_snapshot
            && same_release
            && self.throttles == *throttles
            && AccessLog::is_of(self.access_log.as_deref(), stage.access_log.as_ref())
            && (&self.variables, &*self.deployment, self.canary) == (variables, *deployment, *canary)
    }

    /// What serves a request, this or the canary. `draw` is a number from 0 to 1, drawn for the request.
    pub fn drawn(self: &Arc<Self>, draw: impl FnOnce() -> f64) -> &Arc<Self> {
        match &self.release {
            Some((share, canary)) if draw() * 100.0 < *share => canary,
            Some(_) | None => self,
        }
    }

    /// The number of the method that a request takes. `path` is raw: what follows the stage.
    pub fn find(&self, verb: Verb, path: &str) -> Option<usize> {
        self.tree.find(verb, path)
    }

    /// A method by the number that [`Stage::find`] gave.
    pub fn method(&self, number: usize) -> &Method {
        &self.methods[number]
    }
}

impl Method {
    fn new(
        resource: &rest::Resource,
        method: &rest::Method,
        key_source: Option<ApiKeySource>,
        context: Context<'_>,
    ) -> Self {
        let integration = match &method.integration {
            Some(integration) => Integration::new(integration, context),
            None => Integration::Broken("the method has no integration".to_owned()),
        };
        let key: Arc<str> = format!("{} {}", method.http_method, resource.path).into();
        Self {
            throttle: (context.throttle)(&key),
            key,
            resource: resource.id.as_str().into(),
            path: resource.path.as_str().into(),
            variables: Variables::of_path(&resource.path),
            access: Access {
                authorization: match method.authorization {
                    Authorization::None => Permit::Open,
                    Authorization::Iam => Permit::Signed,
                    other @ (Authorization::Custom | Authorization::Cognito) => Permit::Closed(other),
                },
                api_key: key_source.filter(|_| method.api_key_required),
            },
            operation: method.operation_name.as_deref().map(Into::into),
            integration,
        }
    }
}

/// What a stage says, for what is compiled for it.
#[derive(Clone, Copy)]
struct Context<'a> {
    variables: &'a BTreeMap<String, String>,
    owner: &'a Owner,
    throttle: &'a dyn Fn(&str) -> Option<Throttle>,
}

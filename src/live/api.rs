//! An api, compiled: its stages, each with the routes of its deployment and its own variables filled in.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::access::{Access, Authorizers};
use super::access_log::AccessLog;
use super::cors::Cors;
use super::host::{self, StageForm};
use super::mapping::Mapping;
use super::matcher::{Matcher, Variables};
use super::service::ServiceCall;
use super::throttle::{Throttle, Throttles};
use super::uri::{self, Backend};
use super::websocket;
use crate::base::map::map_of;
use crate::model::api::{self, ApiId, IntegrationKind, PayloadFormat, Protocol, RouteKey, Snapshot};
use crate::model::arn::FunctionRef;
use crate::model::settings::Parity;
use crate::model::{self, Owner};
use crate::proto::query;

/// The stage whose name is not part of the URL.
const DEFAULT_STAGE: &str = "$default";

/// A compiled api.
pub struct Api {
    /// `apiId`
    pub id: ApiId,
    /// Whose it is.
    pub owner: Owner,
    /// What clients speak to it.
    pub protocol: api::Protocol,
    /// The port of its own.
    pub port: Option<u16>,
    stages: BTreeMap<String, Arc<Stage>>,
}

/// A stage and what it serves.
pub struct Stage {
    /// `stageName`
    pub name: Arc<str>,
    /// `stageVariables`
    pub variables: BTreeMap<String, String>,
    /// How often the answers of its authorizers have been forgotten (ResetAuthorizersCache).
    pub authorizer_resets: u64,
    /// `accessLogSettings`
    pub access_log: Option<Arc<AccessLog>>,
    /// What a stage of a WebSocket API serves; `None`: the api is none, or nothing is deployed.
    pub websocket: Option<websocket::Routes>,
    /// Whose pages may read what it serves; `None`: it is no concern of the gateway's.
    pub cors: Option<Cors>,
    /// `disableExecuteApiEndpoint`, from the deployment on that says so: only custom domain names lead here.
    pub disabled: bool,
    routes: Vec<Route>,
    matcher: Matcher,
    /// When its deployment was made, and when it changed: seconds since 1970.
    deployed: (u64, u64),
    throttles: Throttles,
    /// What `routes` was compiled from; `None`: the stage has no deployment.
    snapshot: Option<Arc<Snapshot>>,
}

/// A route and where it leads.
pub struct Route {
    /// `routeKey`
    pub key: Arc<str>,
    /// The key's path; `$default` of the default route.
    pub path: Box<str>,
    /// The variables in `path`.
    pub variables: Variables,
    /// Who may call it.
    pub access: Access,
    /// How many requests it takes; `None`: all that come.
    pub throttle: Option<Throttle>,
    /// What answers.
    pub integration: Arc<Integration>,
}

/// What answers the requests of a route.
#[derive(Debug)]
pub enum Integration {
    /// A Lambda function.
    Lambda(Lambda),
    /// An HTTP back end.
    Http(Http),
    /// A service of AWS.
    Service(ServiceCall),
    /// Nothing can: why, for the log.
    Broken(String),
}

/// A function as an integration names it. It is looked up when a request comes: functions come and go.
#[derive(Debug)]
pub struct Lambda {
    /// Owner and name.
    pub function: (Owner, String),
    /// A version or an alias.
    pub qualifier: Option<String>,
    /// Its ARN, with the qualifier.
    pub arn: Arc<str>,
    /// `payloadFormatVersion`
    pub payload: PayloadFormat,
    /// `requestParameters` and `responseParameters`
    pub mapping: Mapping,
    /// Whether `credentialsArn` says who invokes; else the function's policy must let API Gateway do it.
    pub assumes_role: bool,
    /// `timeoutInMillis`
    pub timeout: Duration,
}

/// An HTTP back end.
#[derive(Debug)]
pub struct Http {
    /// `integrationUri`
    pub target: Target,
    /// `integrationMethod`; `None`: the client's.
    pub method: Option<Box<str>>,
    /// `tlsConfig.serverNameToVerify`
    pub tls_server_name: Option<Box<str>>,
    /// `requestParameters` and `responseParameters`
    pub mapping: Mapping,
    /// `timeoutInMillis`
    pub timeout: Duration,
}

/// Where an HTTP back end is.
#[derive(Debug)]
pub enum Target {
    /// At this URL.
    Public(Backend),
    /// Behind a VPC link: a listener or a service, by its ARN, which is wherever `--vpc-link` says.
    Private(Box<str>),
}

/// A stage, and where the path goes on behind it.
#[derive(Clone, Copy)]
pub struct Place<'l, 'p> {
    /// The stage.
    pub stage: &'l Arc<Stage>,
    /// The rest of the path: empty, or from a slash on.
    pub path: &'p str,
    /// Whether the URL says nothing of a stage.
    implied: bool,
}

impl Api {
    /// Compiles an api. A stage that is as it was in `before` is taken over.
    pub fn new(api: &model::Api, before: Option<&Self>, parity: Parity) -> Self {
        // LocalStack's users know of no deployments of WebSocket APIs: theirs serve what there is.
        let is_live = (api.protocol, parity) == (Protocol::WebSocket, Parity::LocalStack);
        let undeployed = || is_live.then(|| Arc::new(api.snapshot()));
        let stages = api.stages.values().map(|stage| {
            let deployment = stage.deployment_id.as_ref().and_then(|id| api.deployments.get(id));
            let snapshot = deployment.map(|deployment| Arc::clone(&deployment.snapshot)).or_else(undeployed);
            let known = before.and_then(|api| api.stages.get(&stage.name));
            let throttles = Throttles::of(stage);
            let deployed = (deployment.map_or(0, |deployment| deployment.created), stage.updated);
            let compiled =
                match known.filter(|known| known.is_of(stage, snapshot.as_ref(), deployed, &throttles)) {
                    Some(known) => Arc::clone(known),
                    None => Arc::new(Stage::new(stage, snapshot, deployed, throttles, api, parity)),
                };
            (stage.name.clone(), compiled)
        });
        Self {
            id: api.id.clone(),
            owner: api.owner.clone(),
            protocol: api.protocol,
            port: api.port,
            stages: map_of(stages),
        }
    }

    /// What a function's URL serves: one route, which leads to the function.
    pub fn of_function(id: ApiId, owner: Owner, lambda: Lambda, cors: Option<Cors>) -> Self {
        let key = RouteKey::Default;
        let route = Route {
            key: key_text(&key).into(),
            path: DEFAULT_STAGE.into(),
            variables: Variables::of(&key),
            access: Access::Open,
            throttle: None,
            integration: Arc::new(Integration::Lambda(lambda)),
        };
        let stage = Stage {
            name: DEFAULT_STAGE.into(),
            variables: BTreeMap::new(),
            authorizer_resets: 0,
            access_log: None,
            disabled: false,
            websocket: None,
            cors,
            routes: vec![route],
            matcher: Matcher::new([&key]),
            deployed: (0, 0),
            throttles: Throttles::default(),
            snapshot: None,
        };
        let stages = map_of([(DEFAULT_STAGE.to_owned(), Arc::new(stage))]);
        Self { id, owner, protocol: Protocol::Http, port: None, stages }
    }

    /// The stage that is no part of URLs, if there is one.
    pub fn default_stage(&self) -> Option<&Arc<Stage>> {
        self.stage(DEFAULT_STAGE)
    }

    /// A stage by name.
    pub fn stage(&self, name: &str) -> Option<&Arc<Stage>> {
        self.stages.get(name)
    }

    /// The stage of a WebSocket API that a URL means. `None`: there is none.
    pub fn stage_of(&self, form: StageForm<'_>, path: &str, parity: Parity) -> Option<&Arc<Stage>> {
        let (first, rest) = host::segment(host::without_slashes(path));
        let named = |name: &str| self.stages.get(&*query::decode_path(name));
        let may_go_on = parity == Parity::LocalStack || matches!(rest, "" | "/");
        match form {
            StageForm::Explicit(name) => named(name),
            StageForm::Mapped(name) => self.stages.get(name),
            StageForm::Host | StageForm::Path | StageForm::Unstaged if first.is_empty() => {
                self.usual_stage(parity)
            }
            StageForm::Host | StageForm::Path | StageForm::Unstaged => named(first).filter(|_| may_go_on),
            StageForm::Port => named(first).or_else(|| self.usual_stage(parity)),
        }
    }

    /// The stage where a URL names none: the only one, else `$default`, else the one deployed last.
    fn usual_stage(&self, parity: Parity) -> Option<&Arc<Stage>> {
        let default = self.stages.get(DEFAULT_STAGE);
        match parity {
            Parity::Aws => default,
            Parity::LocalStack => default.or_else(|| self.stages.values().max_by_key(|stage| stage.deployed)),
        }
    }

    /// The stage that a URL means. `None`: there is none.
    pub fn place<'p>(&self, form: StageForm<'_>, path: &'p str, parity: Parity) -> Option<Place<'_, 'p>> {
        let default = |implied| self.stages.get(DEFAULT_STAGE).map(|stage| Place { stage, path, implied });
        match form {
            StageForm::Explicit(name) => match self.stages.get(&*query::decode_path(name)) {
                Some(stage) => Some(Place { stage, path, implied: false }),
                None => default(false).filter(|_| parity == Parity::LocalStack),
            },
            StageForm::Mapped(name) => {
                self.stages.get(name).map(|stage| Place { stage, path, implied: false })
            }
            StageForm::Host | StageForm::Path | StageForm::Port | StageForm::Unstaged => {
                let (first, rest) = host::segment(host::without_slashes(path));
                let named = match form {
                    // Behind a host, `$default` is never part of the path.
                    StageForm::Host if first == DEFAULT_STAGE => None,
                    StageForm::Host => self.stages.get(first),
                    StageForm::Path
                    | StageForm::Explicit(_)
                    | StageForm::Mapped(_)
                    | StageForm::Unstaged
                    | StageForm::Port => self.stages.get(&*query::decode_path(first)),
                };
                named.map(|stage| Place { stage, path: rest, implied: false }).or_else(|| default(true))
            }
        }
    }
}

impl Place<'_, '_> {
    /// The same stage, with the first segment taken for a label of it: LocalStack's users write URLs with a stage
    /// for apis that have only `$default`. `None`: there is no such segment, nothing follows it (then it is a path
    /// that misses: else a `GET /` would answer all of them), or the URL said the stage already.
    pub fn behind_label(self) -> Option<Self> {
        let (first, rest) = host::segment(host::without_slashes(self.path));
        let is_label = !first.is_empty() && !rest.is_empty();
        (self.implied && is_label).then_some(Self { path: rest, implied: false, ..self })
    }

    /// The route that a request takes from here.
    pub fn route(self, method: &str) -> Option<usize> {
        self.stage.matcher.find(method, if self.path.is_empty() { "/" } else { self.path })
    }
}

impl Stage {
    fn new(
        stage: &api::Stage,
        snapshot: Option<Arc<Snapshot>>,
        deployed: (u64, u64),
        throttles: Throttles,
        api: &model::Api,
        parity: Parity,
    ) -> Self {
        let variables = &stage.variables;
        let of = |protocol| snapshot.as_deref().filter(|_| api.protocol == protocol);
        let http = of(Protocol::Http);
        let throttle = |key: &str| throttles.route(&api.id, &stage.name, key);
        let context = websocket::Context { variables, owner: &api.owner, parity, throttle: &throttle };
        let keys = http.into_iter().flat_map(|snapshot| snapshot.routes.values().map(|route| &route.key));
        Self {
            name: stage.name.as_str().into(),
            matcher: Matcher::new(keys),
            routes: http.map(|snapshot| compile(snapshot, context)).unwrap_or_default(),
            websocket: of(Protocol::WebSocket).map(|snapshot| websocket::Routes::new(snapshot, context)),
            cors: http.and_then(|snapshot| snapshot.cors.as_ref()).map(Cors::new),
            access_log: AccessLog::new(&api.id, &stage.name, stage.access_log.as_ref()),
            variables: variables.clone(),
            authorizer_resets: stage.authorizer_resets,
            disabled: snapshot.as_deref().is_some_and(|snapshot| snapshot.disable_execute_api_endpoint),
            snapshot,
            deployed,
            throttles,
        }
    }

    /// Whether it is what this stage would be compiled to.
    fn is_of(
        &self,
        stage: &api::Stage,
        snapshot: Option<&Arc<Snapshot>>,
        deployed: (u64, u64),
        throttles: &Throttles,
    ) -> bool {
        let same = match (&self.snapshot, snapshot) {
            (Some(mine), Some(snapshot)) => Arc::ptr_eq(mine, snapshot),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let same_log = AccessLog::is_of(self.access_log.as_deref(), stage.access_log.as_ref());
        same && same_log
            && self.variables == stage.variables
            && self.authorizer_resets == stage.authorizer_resets
            && self.deployed == deployed
            && self.throttles == *throttles
    }

    /// Whether its name is not part of the URL.
    pub fn is_default(&self) -> bool {
        &*self.name == DEFAULT_STAGE
    }

    /// A route by the number that [`Place::route`] gave.
    pub fn route(&self, number: usize) -> &Route {
        &self.routes[number]
    }
}

/// The routes of a snapshot, in the order of its map.
fn compile(snapshot: &Snapshot, context: websocket::Context<'_>) -> Vec<Route> {
    let websocket::Context { variables, owner, throttle, .. } = context;
    let integrations = snapshot.integrations.iter();
    let integrations: BTreeMap<&str, Arc<Integration>> = map_of(
        integrations
            .map(|(id, integration)| (&**id, Arc::new(Integration::new(integration, variables, owner)))),
    );
    let missing = Arc::new(Integration::Broken("the route has no integration".to_owned()));
    let authorizers = Authorizers::new(snapshot, variables, owner);
    let routes = snapshot.routes.values().map(|route| Route {
        throttle: throttle(&key_text(&route.key)),
        key: key_text(&route.key).into(),
        path: match &route.key {
            RouteKey::Default => "$default".into(),
            RouteKey::Path { path, .. } => path.as_str().into(),
            RouteKey::Name(name) => name.as_str().into(),
        },
        variables: Variables::of(&route.key),
        access: authorizers.access(route),
        integration: Arc::clone(
            route.integration_id().and_then(|id| integrations.get(id)).unwrap_or(&missing),
        ),
    });
    routes.collect()
}

/// A route key's own spelling.
fn key_text(key: &RouteKey) -> String {
    match key {
        RouteKey::Default => "$default".to_owned(),
        RouteKey::Path { method, path } => format!("{method} {path}"),
        RouteKey::Name(name) => name.clone(),
    }
}

impl Lambda {
    /// A function that gets the event of payload format 1.0, and whose result nothing is mapped of.
    pub fn new(function: FunctionRef, assumes_role: bool, timeout: Duration) -> Self {
        Self {
            arn: function.arn().into(),
            function: (function.owner, function.name),
            qualifier: function.qualifier,
            payload: PayloadFormat::V1,
            mapping: Mapping::default(),
            assumes_role,
            timeout,
        }
    }
}

impl Integration {
    fn new(integration: &api::Integration, variables: &BTreeMap<String, String>, owner: &Owner) -> Self {
        Self::compile(integration, variables, owner).unwrap_or_else(Self::Broken)
    }

    fn compile(
        integration: &api::Integration,
        variables: &BTreeMap<String, String>,
        owner: &Owner,
    ) -> Result<Self, String> {
        if let Some(subtype) = &integration.subtype {
            return ServiceCall::compile(integration, subtype).map(Self::Service);
        }
        let uri = integration.uri.as_deref().unwrap_or_default();
        let uri = uri::fill_in(uri, variables)
            .map_err(|name| format!("the stage has no variable {name}, which the integration URI names"))?;
        let mapping = Mapping::parse(&integration.request_parameters, &integration.response_parameters)?;
        let timeout = Duration::from_millis(integration.timeout_ms.into());
        match integration.kind {
            IntegrationKind::AwsProxy => {
                let function = FunctionRef::parse(&uri, owner)
                    .ok_or_else(|| format!("the integration URI names no function: {uri}"))?;
                Ok(Self::Lambda(Lambda {
                    payload: integration.payload,
                    mapping,
                    ..Lambda::new(function, integration.credentials_arn.is_some(), timeout)
                }))
            }
            IntegrationKind::HttpProxy => {
                let target = match &*integration.connection_type {
                    // What follows the ARN of a Cloud Map service selects some of its instances.
                    "VPC_LINK" => Target::Private(uri.split('?').next().unwrap_or_default().into()),
                    _ => Target::Public(
                        Backend::parse(&uri)
                            .ok_or_else(|| format!("the integration URI is no http or https URL: {uri}"))?,
                    ),
                };
                let method = integration.method.as_deref().filter(|method| *method != "ANY");
                Ok(Self::Http(Http {
                    target,
                    method: method.map(Into::into),
                    tls_server_name: integration.tls_server_name.as_deref().map(Into::into),
                    mapping,
                    timeout,
                }))
            }
            IntegrationKind::Aws | IntegrationKind::Http | IntegrationKind::Mock => Err(format!(
                "gatelet does not support integrations of the type {} yet",
                integration.kind.as_str()
            )),
        }
    }
}

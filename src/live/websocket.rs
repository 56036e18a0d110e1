//! What a stage of a WebSocket API serves, compiled: routes by what a message selects, and the integrations,
//! authorizers and models behind them.

mod integration;
mod source;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

pub use integration::{
    Integration, Parameter, Place, Remote, Response, Responses, Shaping, Target, Templates,
};
pub use source::Source;

use super::api::Lambda;
use super::schema::Schema;
use super::selection::Selection;
use super::throttle::Throttle;
use super::uri;
use crate::base::map::map_of;
use crate::model::Owner;
use crate::model::api::{self, AuthorizerKind, CONNECT, DEFAULT, DISCONNECT, RouteKey, Snapshot};
use crate::model::arn::FunctionRef;
use crate::model::rest::ApiKeySource;
use crate::model::settings::Parity;

/// AWS: how long an integration may take, and an authorizer, for which nothing can be set.
const AUTHORIZER_TIMEOUT: Duration = Duration::from_secs(29);

/// See the module.
pub struct Routes {
    selection: Selection,
    connect: Option<Arc<Route>>,
    disconnect: Option<Arc<Route>>,
    default: Option<Arc<Route>>,
    /// Those that a message can select by name.
    named: HashMap<Box<str>, Arc<Route>>,
}

/// A route.
pub struct Route {
    /// `routeKey`
    pub key: Arc<str>,
    /// Who may connect: only `$connect` asks.
    pub access: Access,
    /// What `$connect` must have been sent: `requestParameters` that are required.
    pub required: Vec<Source>,
    /// `apiKeyRequired`, and where the key would be. Only `$connect` asks.
    pub api_key: Option<ApiKeySource>,
    /// How many requests it takes; `None`: all that come.
    pub throttle: Option<Throttle>,
    /// What a message must look like.
    pub models: Option<Models>,
    /// What answers; `None`: nothing is asked.
    pub integration: Option<Arc<Integration>>,
    /// Whether the client gets the integration's response.
    pub replies: bool,
}

/// Who may connect.
#[derive(Debug)]
pub enum Access {
    /// Anybody.
    Open,
    /// Whom this function lets.
    Authorizer(Box<Authorizer>),
    /// Nobody: why, for the log.
    Closed(String),
}

/// A function that judges who may connect.
#[derive(Debug)]
pub struct Authorizer {
    /// The function.
    pub lambda: Lambda,
    /// `identitySource`: each must be there, or the function is not asked.
    pub sources: Vec<Source>,
}

/// `modelSelectionExpression` and `requestModels`
pub struct Models {
    selection: Selection,
    /// `Err`: no schema that can be checked, for the log.
    schemas: BTreeMap<String, Result<Schema, String>>,
}

/// What deployments and stages say, for what is compiled of them.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// `stageVariables`
    pub variables: &'a BTreeMap<String, String>,
    /// Whose the api is.
    pub owner: &'a Owner,
    /// Whom to follow.
    pub parity: Parity,
    /// How many requests a route takes, by its key.
    pub throttle: &'a dyn Fn(&str) -> Option<Throttle>,
}

impl Routes {
    /// Compiles a deployment for a stage.
    pub fn new(snapshot: &Snapshot, context: Context<'_>) -> Self {
        let integrations = snapshot.integrations.iter();
        let integrations: BTreeMap<&str, Arc<Integration>> = map_of(
            integrations.map(|(id, integration)| (&**id, Arc::new(Integration::new(integration, context)))),
        );
        let mut routes = Self {
            selection: Selection::parse(&snapshot.route_selection_expression),
            connect: None,
            disconnect: None,
            default: None,
            named: HashMap::new(),
        };
        for route in snapshot.routes.values() {
            let RouteKey::Name(key) = &route.key else { continue };
            let integration = route.integration_id().map(|id| match integrations.get(id) {
                Some(integration) => Arc::clone(integration),
                None => Arc::new(Integration::broken(format!("there is no integration {id}"))),
            });
            let compiled = Arc::new(Route::new(key, route, integration, snapshot, context));
            match &**key {
                CONNECT => routes.connect = Some(compiled),
                DISCONNECT => routes.disconnect = Some(compiled),
                DEFAULT => routes.default = Some(compiled),
                name => drop(routes.named.insert(name.into(), compiled)),
            }
        }
        routes
    }

    /// `$connect`
    pub fn connect(&self) -> Option<&Arc<Route>> {
        self.connect.as_ref()
    }

    /// `$disconnect`
    pub fn disconnect(&self) -> Option<&Arc<Route>> {
        self.disconnect.as_ref()
    }

    /// The route of a message: the one that it selects, else `$default`. No message selects another of the
    /// service's own.
    pub fn of_message(&self, message: &str) -> Option<&Arc<Route>> {
        let selected = self.selection.of_message(message).and_then(|key| self.named.get(&*key));
        selected.or(self.default.as_ref())
    }
}

impl Route {
    fn new(
        key: &str,
        route: &api::Route,
        integration: Option<Arc<Integration>>,
        snapshot: &Snapshot,
        context: Context<'_>,
    ) -> Self {
        let answers = route.responses.values().any(|response| response.key == DEFAULT);
        let selects = route.route_response_selection_expression.is_some();
        let replies = match context.parity {
            Parity::Aws => selects && answers,
            Parity::LocalStack => {
                selects || answers || integration.as_ref().is_some_and(|i| i.is_function_proxy())
            }
        };
        let required = route.request_parameters.iter().filter(|(_, required)| **required);
        Self {
            key: key.into(),
            access: Access::new(route, snapshot, context),
            required: required.filter_map(|(name, _)| Source::parse(name)).collect(),
            api_key: route.api_key_required.then_some(snapshot.api_key_source),
            throttle: (context.throttle)(key),
            models: Models::new(route, snapshot),
            integration,
            replies,
        }
    }
}

impl Access {
    fn new(route: &api::Route, snapshot: &Snapshot, context: Context<'_>) -> Self {
        match &*route.authorization_type {
            // Signatures are not checked: whoever runs this may do everything.
            "NONE" | "AWS_IAM" => Self::Open,
            "CUSTOM" => {
                let id = route.authorizer_id.as_deref().unwrap_or_default();
                let authorizer = snapshot.authorizers.get(id);
                let compiled = authorizer
                    .ok_or_else(|| format!("there is no authorizer {id}"))
                    .and_then(|authorizer| Authorizer::new(authorizer, context));
                compiled.map_or_else(Self::Closed, |authorizer| Self::Authorizer(Box::new(authorizer)))
            }
            other => Self::Closed(format!("WebSocket APIs have no authorization of the type {other}")),
        }
    }
}

impl Authorizer {
    fn new(authorizer: &api::Authorizer, context: Context<'_>) -> Result<Self, String> {
        let judge = match &authorizer.kind {
            AuthorizerKind::Request(function) => function,
            AuthorizerKind::Jwt(_) => return Err("WebSocket APIs have no JWT authorizers".to_owned()),
        };
        let lambda = function(&judge.uri, context, AUTHORIZER_TIMEOUT, judge.credentials_arn.is_some())?;
        let spelled = authorizer.identity_source.iter().flat_map(|source| source.split(','));
        let sources = spelled.map(str::trim).filter(|source| !source.is_empty()).map(|source| {
            Source::parse(source).ok_or_else(|| format!("the identity source {source} names nothing"))
        });
        Ok(Self { lambda, sources: sources.collect::<Result<_, _>>()? })
    }
}

impl Models {
    /// `None`: messages may look as they like.
    fn new(route: &api::Route, snapshot: &Snapshot) -> Option<Self> {
        let expression = route.model_selection_expression.as_deref()?;
        if route.request_models.is_empty() {
            return None;
        }
        let schema = |name: &String| {
            let model = snapshot.models.values().find(|model| model.name == *name);
            let model = model.ok_or_else(|| format!("there is no model {name}"))?;
            Schema::parse(&model.schema).map_err(|why| format!("the schema of {name}: {why}"))
        };
        let schemas = route.request_models.iter().map(|(key, name)| (key.clone(), schema(name)));
        Some(Self { selection: Selection::parse(expression), schemas: map_of(schemas) })
    }

    /// Whether a message looks as it must. `Err`: why not, for the log.
    pub fn check(&self, message: &str) -> Result<(), String> {
        let selected = self.selection.of_message(message).and_then(|key| self.schemas.get(&*key));
        match selected.or_else(|| self.schemas.get(DEFAULT)) {
            Some(Ok(schema)) => {
                let message =
                    serde_json::from_str(message).map_err(|error| format!("it is no JSON: {error}"))?;
                schema.complaint(&message).map_or(Ok(()), Err)
            }
            Some(Err(why)) => Err(why.clone()),
            None => Err("no model is selected for the message".to_owned()),
        }
    }
}

/// A function as a URI names it, with this stage's variables.
fn function(
    uri: &str,
    context: Context<'_>,
    timeout: Duration,
    assumes_role: bool,
) -> Result<Lambda, String> {
    let uri = filled_in(uri, context)?;
    let function =
        FunctionRef::parse(&uri, context.owner).ok_or_else(|| format!("the URI names no function: {uri}"))?;
    Ok(Lambda::new(function, assumes_role, timeout))
}

fn filled_in(uri: &str, context: Context<'_>) -> Result<String, String> {
    uri::fill_in(uri, context.variables)
        .map_err(|name| format!("the stage has no variable {name}, which the URI names"))
}

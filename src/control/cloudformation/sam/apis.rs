//! APIs of a template, and the routes that events of functions add to them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::declared::{ApiKind, Declared, Kind, implied};
use super::wrong;
use crate::control::answer::Error;
use crate::control::cloudformation::syntax::only;

/// All APIs of a template.
#[derive(Debug)]
pub struct Apis<'a> {
    globals: &'a Map<String, Value>,
    all: BTreeMap<String, Api>,
}

/// An API.
#[derive(Debug)]
pub struct Api {
    /// What it is.
    pub kind: ApiKind,
    /// As it is declared, or implied.
    pub declared: Declared,
    /// Whether only events imply it.
    pub implied: bool,
    /// What events add.
    pub routes: Vec<Route>,
}

/// An event of a function that is a route of an API.
#[derive(Debug)]
pub struct Route {
    /// The logical id of the function, and the name of its event.
    pub of: (String, String),
    /// `GET`, `ANY`
    pub method: String,
    /// `/items/{id}`, `$default`
    pub path: String,
    /// The event's `Properties`.
    pub properties: Map<String, Value>,
    /// The ARN of the function, or of its alias: a value with functions.
    pub target: Value,
    /// The condition of the function.
    pub condition: Option<String>,
}

impl Route {
    /// A logical id of something that belongs to it.
    pub fn id(&self, suffix: &str) -> String {
        format!("{}{}{suffix}", self.of.0, self.of.1)
    }

    /// The event is wrong.
    pub fn wrong(&self, message: impl std::fmt::Display) -> Error {
        wrong_event(&self.of.0, &self.of.1, message)
    }
}

impl<'a> Apis<'a> {
    /// None yet; `globals` are for those that events imply.
    pub fn new(globals: &'a Map<String, Value>) -> Self {
        Self { globals, all: BTreeMap::new() }
    }

    /// One that is declared.
    pub fn enter(&mut self, kind: ApiKind, declared: Declared) {
        let api = Api { kind, declared, implied: false, routes: Vec::new() };
        self.all.insert(api.declared.id.clone(), api);
    }

    /// Adds a route to the API that its event refers to by `property`, or to the one that it implies. The answer is the
    /// reference to the API, and the stage of which the name is known.
    ///
    /// # Errors
    /// There is no such API, or it has this route.
    pub fn add(
        &mut self,
        kind: ApiKind,
        property: &str,
        route: Route,
    ) -> Result<(&str, Option<&str>), Error> {
        let implied_id = match kind {
            ApiKind::Http => "ServerlessHttpApi",
            ApiKind::Rest => "ServerlessRestApi",
        };
        let id = match route.properties.get(property) {
            None => implied_id,
            Some(reference) => reference
                .as_object()
                .and_then(only)
                .filter(|(name, _)| *name == "Ref")
                .and_then(|(_, id)| id.as_str())
                .or(reference.as_str())
                .filter(|id| self.all.get(*id).is_some_and(|api| api.kind == kind))
                .ok_or_else(|| {
                    let name = Kind::Api(kind).name();
                    route.wrong(format_args!(
                        "{property} must be a valid reference to an 'AWS::Serverless::{name}' in same template."
                    ))
                })?,
        };
        let api = self.all.entry(id.to_owned()).or_insert_with(|| Api {
            kind,
            declared: implied(id, Kind::Api(kind), self.globals),
            implied: true,
            routes: Vec::new(),
        });
        if api.routes.iter().any(|other| (&other.method, &other.path) == (&route.method, &route.path)) {
            let (method, path) = (route.method.to_lowercase(), &route.path);
            return Err(route
                .wrong(format_args!("API method \"{method}\" defined multiple times for path \"{path}\".")));
        }
        api.routes.push(route);
        let stage = api.declared.properties.get("StageName").and_then(Value::as_str);
        Ok((&api.declared.id, if api.implied { Some("Prod") } else { stage }))
    }

    /// All, by logical id.
    pub fn into_all(self) -> impl Iterator<Item = Api> {
        self.all.into_values()
    }
}

/// The logical id of an API's stage.
pub fn stage_id(api: &str, name: &Value) -> String {
    match name.as_str() {
        None => format!("{api}Stage"),
        Some("$default") => format!("{api}ApiGatewayDefaultStage"),
        Some(name) if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) => format!("{api}{name}Stage"),
        Some(name) => format!("{api}Stage{}", super::output::hash(&name.into())),
    }
}

/// An event is wrong.
pub fn wrong_event(function: &str, event: &str, message: impl std::fmt::Display) -> Error {
    wrong(function, format_args!("Event with id [{event}] is invalid. {message}"))
}

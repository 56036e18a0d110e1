//! [`Import`]: gives an empty HTTP API what a definition describes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::extensions::{
    ANY, CORS, CORS_NAME, INTEGRATION, INTEGRATION_NAME, INTEGRATIONS_NAME, METHODS, REST_INTEGRATION,
    REST_OPERATION, REST_ROOT,
};
use super::security::{self, Scheme, Schemes};
use super::{ALGORITHM, ALGORITHM_EXTENSION};
use crate::base::Rng;
use crate::control::answer::Error;
use crate::control::apigatewayv2::{authorizer, cors, integration, route};
use crate::control::cloudformation::template::text_of;
use crate::control::input::{Input, bad_request};
use crate::control::openapi::{Document, Findings, shape};
use crate::model::api::DEFAULT;
use crate::model::{Api, Settings};

/// AWS: `operationName` has 1 to 64 characters; a longer `operationId` is left out.
const MAX_OPERATION_NAME: usize = 64;

/// An import under way.
pub struct Import<'a> {
    /// What is imported.
    pub document: &'a Document,
    /// What it becomes.
    pub api: &'a mut Api,
    /// Where ids come from.
    pub rng: &'a mut Rng,
    /// How much there may be.
    pub settings: &'a Settings,
    /// What is said about it.
    pub findings: &'a mut Findings,
    /// What all paths begin with.
    pub prefix: String,
}

/// The integrations below `components`, by the reference that names them; `None` could not be made.
type Shared = BTreeMap<String, Option<String>>;

/// An operation and where it stands.
struct Operation<'a> {
    path: &'a str,
    /// As route keys spell it.
    method: &'static str,
    members: &'a Value,
}

impl Import<'_> {
    /// Adds everything.
    ///
    /// # Errors
    /// What ends an import: more than there may be, or what only gatelet does not support. All else is left out, and
    /// found.
    pub fn run(mut self) -> Result<(), Error> {
        if let Some(version) =
            self.document.member(ALGORITHM_EXTENSION).map(text_of).filter(|said| said != ALGORITHM)
        {
            return Err(bad_request(format!(
                "Invalid {ALGORITHM_EXTENSION} specified: {version}. Must be {ALGORITHM}"
            )));
        }
        for name in self.document.names().filter(|name| REST_ROOT.contains(name)) {
            self.findings.inform(format!("{name} is not supported for HTTP APIs. Ignoring."));
        }
        self.cors();
        let schemes = self.schemes()?;
        let shared = self.shared()?;
        self.paths(&schemes, &shared)
    }

    fn cors(&mut self) {
        let Some(given) = self.document.member(CORS_NAME) else { return };
        let read = match given {
            Value::Object(given) => cors::merge(None, &Input::new(shape::members(CORS, given))),
            _ => Err(bad_request("it must be a structure")),
        };
        match read {
            Ok(cors) => self.api.cors = Some(cors),
            Err(error) => {
                self.findings.warn(format!("CORS Scheme is malformed, ignoring. {}", error.message))
            }
        }
    }

    /// Each security scheme, its authorizer made.
    fn schemes(&mut self) -> Result<Schemes, Error> {
        let mut schemes = Schemes::new();
        for (name, scheme) in component(self.document, "securitySchemes") {
            let Some(scheme) = self.follow(scheme) else { continue };
            let made = match security::authorizer(name, scheme) {
                None => security::plain(scheme),
                Some(members) => {
                    let authorization = security::authorization(&members);
                    match told(authorizer::add(self.api, self.rng, &Input::new(members), self.settings))? {
                        Ok(id) => Scheme::Authorizer { id, authorization },
                        Err(why) => {
                            self.findings
                                .warn(format!("Unable to create Authorizer '{name}': {why}. Ignoring."));
                            Scheme::Broken { authorization }
                        }
                    }
                }
            };
            schemes.insert(name.clone(), made);
        }
        Ok(schemes)
    }

    /// Each integration that operations may refer to, made.
    fn shared(&mut self) -> Result<Shared, Error> {
        let mut shared = Shared::new();
        for (name, described) in component(self.document, INTEGRATIONS_NAME) {
            let Some(described) = self.follow(described) else { continue };
            let made = self.integration(described, &format!("integration '{name}'"))?;
            // RFC 6901 section 3: how a pointer spells a name.
            let name = name.replace('~', "~0").replace('/', "~1");
            shared.insert(format!("#/components/{INTEGRATIONS_NAME}/{name}"), made);
        }
        Ok(shared)
    }

    fn paths(&mut self, schemes: &Schemes, shared: &Shared) -> Result<(), Error> {
        let Some(paths) = self.document.member("paths").and_then(Value::as_object) else {
            self.findings.parse_issue("paths is missing");
            return Ok(());
        };
        for (path, item) in paths.iter().filter(|(path, _)| !path.starts_with("x-")) {
            if !path.starts_with('/') {
                self.findings.parse_issue(&format!("paths. Resource {path} should start with /"));
            }
            let Some(item) = self.follow(item) else { continue };
            for (name, method) in METHODS {
                let Some(members) = item.get(*name) else { continue };
                self.operation(&Operation { path, method, members }, schemes, shared)?;
            }
        }
        Ok(())
    }

    fn operation(&mut self, operation: &Operation, schemes: &Schemes, shared: &Shared) -> Result<(), Error> {
        let at = operation.to_string();
        self.notice(operation);
        let required = security::required(self.document, operation.members, schemes, &at, self.findings)?;
        let mut members = match required {
            Ok(members) => members,
            Err(why) => {
                self.findings.warn(format!("Unable to put method {at}: {why}. Ignoring."));
                return Ok(());
            }
        };
        members.insert("routeKey".into(), self.route_key(operation).into());
        if let Some(name) = self.operation_name(operation, &at) {
            members.insert("operationName".into(), name.into());
        }
        let (target, own) = self.target(operation, shared, &at)?;
        if let Some(id) = &target {
            members.insert("target".into(), format!("integrations/{id}").into());
        }
        match told(route::add(self.api, self.rng, &Input::new(members), self.settings))? {
            Ok(_) => {}
            Err(why) => {
                // An integration that nothing but the route had goes with it.
                if let Some(id) = target.filter(|_| own) {
                    self.api.integrations.remove(&id);
                }
                self.findings.warn(format!("Unable to put method {at}: {why}. Ignoring."));
            }
        }
        Ok(())
    }

    /// The integration of an operation, if it has a good one, and whether it is only its own.
    fn target(
        &mut self,
        operation: &Operation,
        shared: &Shared,
        at: &str,
    ) -> Result<(Option<String>, bool), Error> {
        let Some(described) = operation.members.get(INTEGRATION_NAME) else { return Ok((None, false)) };
        let reference = described.get("$ref").and_then(Value::as_str);
        if let Some(made) = reference.and_then(|reference| shared.get(reference)) {
            return Ok((made.clone(), false));
        }
        let Some(described) = self.follow(described) else { return Ok((None, false)) };
        Ok((self.integration(described, &format!("integration on {at}"))?, true))
    }

    fn integration(&mut self, described: &Value, at: &str) -> Result<Option<String>, Error> {
        let members = match described {
            Value::Object(extension) => {
                for name in REST_INTEGRATION.iter().filter(|name| extension.contains_key(**name)) {
                    self.findings.inform(format!("{name} of {at} is not supported for HTTP APIs. Ignoring."));
                }
                shape::members(INTEGRATION, extension)
            }
            _ => Map::new(),
        };
        match told(integration::add(self.api, self.rng, &Input::new(members), self.settings))? {
            Ok(id) => Ok(Some(id)),
            Err(why) => {
                self.findings.warn(format!("Unable to put {at}: {why}. Ignoring."));
                Ok(None)
            }
        }
    }

    fn route_key(&self, operation: &Operation) -> String {
        let Operation { path, method, members } = operation;
        let is_default = *path == DEFAULT
            || path.strip_prefix('/') == Some(DEFAULT)
                && *method == "ANY"
                && members.get("isDefaultRoute").is_some_and(|said| text_of(said) == "true");
        if is_default {
            return DEFAULT.into();
        }
        let path = if *path == "/" && !self.prefix.is_empty() { "" } else { path };
        format!("{method} {}{path}", self.prefix)
    }

    fn operation_name(&mut self, operation: &Operation, at: &str) -> Option<String> {
        let name = operation.members.get("operationId").map(text_of).filter(|name| !name.is_empty())?;
        if name.chars().count() > MAX_OPERATION_NAME {
            self.findings.warn(format!(
                "The operationId of {at} has more than {MAX_OPERATION_NAME} characters. Ignoring."
            ));
            return None;
        }
        Some(name)
    }

    /// Says what of an operation is not used, and which schemas it wants and nobody has.
    fn notice(&mut self, operation: &Operation) {
        for name in REST_OPERATION.iter().filter(|name| operation.members.get(**name).is_some()) {
            self.findings.inform(format!("{name} of {operation} is not supported for HTTP APIs. Ignoring."));
        }
        let method =
            METHODS.iter().find(|(_, method)| *method == operation.method).map_or(ANY, |(name, _)| name);
        let start = format!("paths.'{}'({method})", operation.path);
        let bodies = operation.members.get("requestBody").map(|body| ("requestBody".to_owned(), body));
        let responses = operation.members.get("responses").and_then(Value::as_object).into_iter().flatten();
        let responses = responses.map(|(status, response)| (format!("responses.{status}"), response));
        for (place, described) in bodies.into_iter().chain(responses) {
            let media = described.get("content").and_then(Value::as_object).into_iter().flatten();
            for schema in media.filter_map(|(_, media)| media.get("schema")) {
                let mut missing = Vec::new();
                missing_references(self.document, schema, &mut missing);
                for reference in missing {
                    self.findings
                        .parse_issue(&format!("{start}.{place}.content.schema.{reference} is missing"));
                }
            }
        }
    }

    /// What a value is, or refers to; a reference to nothing is found.
    fn follow<'v>(&mut self, value: &'v Value) -> Option<&'v Value>
    where
        Self: 'v,
    {
        let document: &'v Document = self.document;
        match document.follow(value) {
            Ok(value) => Some(value),
            Err(reference) => {
                self.findings.parse_issue(&format!("$ref {reference} is missing"));
                None
            }
        }
    }
}

/// `'GET' on resource at path '/pets'`, as AWS writes it.
impl std::fmt::Display for Operation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "'{}' on resource at path '{}'", self.method, self.path)
    }
}

/// What stands below `components`.
fn component<'a>(document: &'a Document, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let components = document.member("components").and_then(|components| components.get(name));
    components.and_then(Value::as_object).into_iter().flatten()
}

/// What an operation refuses as a mistake is told and left out; all else ends the import.
fn told<T>(made: Result<T, Error>) -> Result<Result<T, String>, Error> {
    match made {
        Ok(made) => Ok(Ok(made)),
        Err(error) if error.status == 400 => Ok(Err(error.message)),
        Err(error) => Err(error),
    }
}

/// The references of a schema to what isn't there. A schema is as deep as its text.
fn missing_references<'a>(document: &Document, schema: &'a Value, missing: &mut Vec<&'a str>) {
    match schema {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            if let Some(reference) = reference.filter(|reference| reference.starts_with("#/")) {
                if document.at(reference).is_none() {
                    missing.push(reference);
                }
                return;
            }
            members.values().for_each(|value| missing_references(document, value, missing));
        }
        Value::Array(items) => items.iter().for_each(|item| missing_references(document, item, missing)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

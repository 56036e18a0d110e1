//! [`Import`]: makes of a REST API what a definition describes, operation by operation.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::extensions::{INTEGRATION, METHODS, RESPONSE, UNSUPPORTED};
use super::method;
use super::modified;
use super::security::{self, Scheme};
use crate::base::map::map_of;
use crate::control::Control;
use crate::control::answer::Error;
use crate::control::call::Call;
use crate::control::cloudformation::template::text_of;
use crate::control::openapi::base_path::Mode;
use crate::control::openapi::{Document, Findings, shape};
use crate::control::perform::Errand;
use crate::model::Store;

const INTEGRATION_NAME: &str = "x-amazon-apigateway-integration";

/// An import under way.
pub struct Import<'a> {
    control: &'a Control,
    call: &'a Call,
    document: &'a Document,
    store: &'a mut Store,
    findings: &'a mut Findings,
    /// `restapi_id`
    api: String,
    /// Resources by path.
    resources: BTreeMap<String, String>,
    /// Authorizers by the names of their schemes.
    authorizers: BTreeMap<String, (String, &'static str)>,
}

/// An operation and where it stands.
struct Operation<'a> {
    /// In the api.
    path: &'a str,
    resource: &'a str,
    method: &'static str,
    item: &'a Value,
    members: &'a Value,
}

/// Parameters of an operation's path.
type Place<'p> = &'p [(&'static str, &'p str)];

impl<'a> Import<'a> {
    /// An import into `store`, which is its own.
    pub fn new(
        control: &'a Control,
        call: &'a Call,
        document: &'a Document,
        store: &'a mut Store,
        findings: &'a mut Findings,
    ) -> Self {
        let (api, resources, authorizers) = Default::default();
        Self { control, call, document, store, findings, api, resources, authorizers }
    }

    /// Makes an api; its id.
    ///
    /// # Errors
    /// What ends an import at once: that there can be no such api, or what only gatelet does not support.
    pub fn create(mut self, members: Map<String, Value>, mode: Mode) -> Result<String, Error> {
        let made = self.perform("CreateRestApi", &[], members)?;
        let id = made["id"].as_str().unwrap_or_default().to_owned();
        // Unlike one that is created, an imported api has only the models of its definition.
        if let Some(api) = self.store.rest_apis.get_mut(id.as_str()) {
            api.models.clear();
        }
        self.fill(&id, mode)?;
        Ok(id)
    }

    /// Adds to an api what the document describes.
    ///
    /// # Errors
    /// As [`Import::create`].
    pub fn fill(&mut self, api: &str, mode: Mode) -> Result<(), Error> {
        self.api = api.to_owned();
        let there = self.store.rest_apis.get(api).ok_or_else(modified)?;
        let resources = there.resources.values();
        self.resources = map_of(resources.map(|resource| (resource.path.clone(), resource.id.clone())));
        for name in self.document.names().filter(|name| UNSUPPORTED.contains(name)) {
            self.findings.warn(format!("gatelet does not support {name} yet. Ignoring."));
        }
        self.models()?;
        self.authorizers()?;
        let prefix = mode.prefix(self.document);
        let paths = self.document.member("paths").and_then(Value::as_object).into_iter().flatten();
        for (path, item) in paths.filter(|(path, _)| !path.starts_with("x-")) {
            let Ok(item) = self.document.follow(item) else {
                self.findings.warn(format!("Reference of path '{path}' not found. Ignoring."));
                continue;
            };
            let path = format!("{prefix}/{}", path.trim_start_matches('/'));
            let path = if path.len() > 1 { path.trim_end_matches('/') } else { &path };
            let Some(resource) = self.resource(path)? else { continue };
            for (name, method) in METHODS {
                let Some(members) = item.get(*name) else { continue };
                self.method(&Operation { path, resource: &resource, method, item, members })?;
            }
        }
        Ok(())
    }

    /// The schemas of the document, as models.
    fn models(&mut self) -> Result<(), Error> {
        let of_components = self.document.member("components").and_then(|parts| parts.get("schemas"));
        let schemas = of_components.or_else(|| self.document.member("definitions"));
        for (name, schema) in schemas.and_then(Value::as_object).into_iter().flatten() {
            let base = format!("https://apigateway.amazonaws.com/restapis/{}/models/", self.api);
            let mut members = json!({
                "name": name, "contentType": "application/json", "schema": rebased(schema, &base).to_string(),
            });
            if let Some(description) = schema.get("description") {
                members["description"] = text_of(description).into();
            }
            let Value::Object(members) = members else { continue };
            let api = self.api.clone();
            let place = [("restapi_id", &*api), ("model_name", name)];
            let is_there = self.store.rest_apis.get(&*api).is_some_and(|api| api.models.contains_key(name));
            let made = match is_there {
                false => self.perform("CreateModel", &place[..1], members),
                true => {
                    let schema = json!([{ "op": "replace", "path": "/schema", "value": members["schema"] }]);
                    let patch = Map::from_iter([("patchOperations".into(), schema)]);
                    self.perform("UpdateModel", &place, patch)
                }
            };
            self.told(made, || format!("Unable to create model for '{name}'"))?;
        }
        Ok(())
    }

    fn authorizers(&mut self) -> Result<(), Error> {
        for (name, scheme) in self.schemes() {
            let Scheme::Authorizer(members) = security::scheme(name, scheme) else { continue };
            let authorization = security::authorization(&members);
            let api = self.api.clone();
            let made = self.perform("CreateAuthorizer", &[("restapi_id", &api)], members);
            if let Some(made) = self.told(made, || format!("Unable to create authorizer '{name}'"))? {
                let id = made["id"].as_str().unwrap_or_default().to_owned();
                self.authorizers.insert(name.clone(), (id, authorization));
            }
        }
        Ok(())
    }

    /// The id of the resource at a path, made with all above it; `None`: it cannot be.
    fn resource(&mut self, path: &str) -> Result<Option<String>, Error> {
        let api = self.api.clone();
        let mut at = String::from("/");
        let mut id = self.resources.get("/").cloned().unwrap_or_default();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            at = format!("{}/{part}", at.trim_end_matches('/'));
            if let Some(known) = self.resources.get(&at) {
                id.clone_from(known);
                continue;
            }
            let members = Map::from_iter([("pathPart".into(), part.into())]);
            let made = self.perform("CreateResource", &[("restapi_id", &api), ("resource_id", &id)], members);
            match self.told(made, || format!("Unable to create resource at path '{path}'"))? {
                Some(made) => id = made["id"].as_str().unwrap_or_default().to_owned(),
                None => return Ok(None),
            }
            self.resources.insert(at.clone(), id.clone());
        }
        Ok(Some(id))
    }

    fn method(&mut self, operation: &Operation) -> Result<(), Error> {
        let api = self.api.clone();
        let place =
            [("restapi_id", &*api), ("resource_id", operation.resource), ("http_method", operation.method)];
        let there = self.store.rest_apis.get(&*api).and_then(|api| api.resources.get(operation.resource));
        if there.is_some_and(|resource| resource.methods.contains_key(operation.method)) {
            self.perform("DeleteMethod", &place, Map::new())?;
        }
        let members = self.method_members(operation);
        let made = self.perform("PutMethod", &place, members);
        let (method, path) = (operation.method, operation.path);
        let what = || format!("Unable to put method '{method}' on resource at path '{path}'");
        if self.told(made, what)?.is_none() {
            return Ok(());
        }
        let responses = operation.members.get("responses").and_then(Value::as_object).into_iter().flatten();
        for (code, response) in responses.filter(|(code, _)| code.parse::<u16>().is_ok()) {
            let Ok(response) = self.document.follow(response) else { continue };
            let members = method::response(self.document, operation.members, response);
            let members = self.known_models(members, "responseModels");
            let [api, resource, http_method] = place;
            let made = self.perform(
                "PutMethodResponse",
                &[api, resource, http_method, ("status_code", code)],
                members,
            );
            self.told(made, || {
                format!("Unable to put method response '{code}' for method '{method}' on resource at path '{path}'")
            })?;
        }
        self.integration(operation, &place)
    }

    fn method_members(&mut self, operation: &Operation) -> Map<String, Value> {
        let Operation { path, item, members: described, .. } = *operation;
        let mut members = Map::from_iter([("authorizationType".to_owned(), json!("NONE"))]);
        members.insert(
            "requestParameters".into(),
            method::parameters(self.document, path, item, described).into(),
        );
        members.insert("requestModels".into(), method::request_models(self.document, item, described).into());
        if let Some(name) = described.get("operationId") {
            members.insert("operationName".into(), text_of(name).into());
        }
        self.require(described, &mut members);
        self.known_models(members, "requestModels")
    }

    /// What a method requires of those who call it: a key, a signature, an authorizer.
    fn require(&self, described: &Value, members: &mut Map<String, Value>) {
        let signed = described.get("x-amazon-apigateway-auth").and_then(|auth| auth.get("type"));
        if signed.and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("AWS_IAM")) {
            members.insert("authorizationType".into(), "AWS_IAM".into());
        }
        let security = described.get("security").or_else(|| self.document.member("security"));
        let requirements = security.and_then(Value::as_array).into_iter().flatten();
        for (name, scopes) in requirements.filter_map(Value::as_object).flatten() {
            if let Some((id, authorization)) = self.authorizers.get(name) {
                members.insert("authorizationType".into(), (*authorization).into());
                members.insert("authorizerId".into(), id.as_str().into());
                if scopes.as_array().is_some_and(|scopes| !scopes.is_empty()) {
                    members.insert("authorizationScopes".into(), scopes.clone());
                }
                continue;
            }
            let found = self.schemes().find(|(known, _)| *known == name);
            match found.map(|(name, scheme)| security::scheme(name, scheme)) {
                Some(Scheme::Key) => members.insert("apiKeyRequired".into(), true.into()),
                Some(Scheme::Iam) => members.insert("authorizationType".into(), "AWS_IAM".into()),
                // One that could not be made is an error already.
                Some(Scheme::Authorizer(_) | Scheme::Described) | None => None,
            };
        }
    }

    fn integration(&mut self, operation: &Operation, place: Place) -> Result<(), Error> {
        let Some(described) = operation.members.get(INTEGRATION_NAME) else { return Ok(()) };
        let (method, path) = (operation.method, operation.path);
        let what = || format!("Unable to put integration on '{method}' for resource at path '{path}'");
        let extension = self.document.follow(described).ok().and_then(Value::as_object);
        let empty = Map::new();
        let extension = extension.unwrap_or(&empty);
        let mut members = shape::members(INTEGRATION, extension);
        // Functions are invoked by POST, whatever is said.
        if members.get("type").is_some_and(|kind| *kind == "AWS_PROXY") {
            members.insert("httpMethod".into(), "POST".into());
        }
        let made = self.perform("PutIntegration", place, members);
        if self.told(made, what)?.is_none() {
            return Ok(());
        }
        let responses = extension.get("responses").and_then(Value::as_object).into_iter().flatten();
        for (pattern, response) in responses {
            let Some(response) = response.as_object() else { continue };
            let mut members = shape::members(RESPONSE, response);
            if pattern != "default" {
                members.insert("selectionPattern".into(), pattern.as_str().into());
            }
            let code = response.get("statusCode").map(text_of).unwrap_or_default();
            let mut place = place.to_vec();
            place.push(("status_code", &*code));
            let made = self.perform("PutIntegrationResponse", &place, members);
            self.told(made, || {
                format!("Unable to put integration response on '{method}' for resource at path '{path}'")
            })?;
        }
        Ok(())
    }

    /// Without the models that there are none of, which AWS warns about.
    fn known_models(&mut self, mut members: Map<String, Value>, name: &str) -> Map<String, Value> {
        let there = self.store.rest_apis.get(&*self.api);
        let Some(Value::Object(models)) = members.get_mut(name) else { return members };
        let findings = &mut *self.findings;
        models.retain(|_, model| {
            let model = text_of(model);
            let is_there = there.is_some_and(|api| api.models.contains_key(&model));
            if !is_there {
                findings.warn(format!("Reference to model '{model}' not found. Ignoring."));
            }
            is_there
        });
        if models.is_empty() {
            members.remove(name);
        }
        members
    }

    fn schemes(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        let document: &'a Document = self.document;
        let of_components = document.member("components").and_then(|parts| parts.get("securitySchemes"));
        let schemes = of_components.or_else(|| document.member("securityDefinitions"));
        let schemes = schemes.and_then(Value::as_object).into_iter().flatten();
        schemes.filter_map(move |(name, scheme)| Some((name, document.follow(scheme).ok()?)))
    }

    /// What an operation answered; what it refused as a mistake is told at the end.
    fn told(
        &mut self,
        made: Result<Value, Error>,
        what: impl FnOnce() -> String,
    ) -> Result<Option<Value>, Error> {
        match made {
            Ok(made) => Ok(Some(made)),
            Err(error) if matches!(error.status, 400 | 404 | 409) => {
                self.findings.fail(format!("{}: {}", what(), error.message));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn perform(
        &mut self,
        operation: &'static str,
        place: Place,
        members: Map<String, Value>,
    ) -> Result<Value, Error> {
        let path = place.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let errand = Errand::new(&self.call.owner, self.call.now, "apigateway", operation);
        self.control.perform_in(self.store, Errand { path, members, ..errand })
    }
}

/// A schema whose references to other schemas of the document are references to models of an api.
fn rebased(schema: &Value, base: &str) -> Value {
    match schema {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| match value {
                    Value::String(reference) if name == "$ref" => {
                        let model = ["#/definitions/", "#/components/schemas/"]
                            .iter()
                            .find_map(|start| reference.strip_prefix(start));
                        let value = model.map_or_else(|| reference.clone(), |model| format!("{base}{model}"));
                        (name.clone(), value.into())
                    }
                    value => (name.clone(), rebased(value, base)),
                })
                .collect(),
        ),
        Value::Array(items) => items.iter().map(|item| rebased(item, base)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => schema.clone(),
    }
}

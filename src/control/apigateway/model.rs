//! Models: what bodies look like, in JSON Schema draft 4. Methods name them; without a request validator nothing is
//! measured by them.

use std::sync::Arc;

use serde_json::Value;

use super::patch::Patch;
use super::violations::Violations;
use super::{conflict, edit, find, limits, new_id, not_found, page};
use crate::base::Rng;
use crate::base::map::map_of;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::Members;
use crate::model::rest::Model;
use crate::model::{RestApi, Store};

/// AWS: 400 KB.
const MAX_SCHEMA: usize = 400 * 1024;
const JSON: &str = "application/json";

/// What every api has from its start: name, description, schema, as AWS writes them.
const DEFAULTS: &[(&str, &str, &str)] = &[
    (
        "Empty",
        "This is a default empty schema model",
        "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \
         \"type\" : \"object\"\n}",
    ),
    (
        "Error",
        "This is a default error schema model",
        "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \
         \"type\" : \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}",
    ),
];

/// CreateModel
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let (name, content_type) = (input.text("name")?, input.text("contentType")?);
    let mut found = Violations::default();
    found.required("createModelInput.name", name.is_some());
    found.required("createModelInput.contentType", content_type.is_some());
    found.check()?;
    let (name, content_type) = (name.unwrap_or_default(), content_type.unwrap_or_default());
    let (description, schema) = (input.text("description")?, input.text("schema")?.unwrap_or_default());
    edit(store, call, |api, rng| {
        check_name(&name)?;
        if api.models.contains_key(&name) {
            return Err(conflict("Model name already exists for this REST API"));
        }
        check_schema(&schema, &content_type)?;
        limits::check(limits::MODELS, api.models.len(), &context.settings)?;
        let model =
            Model { id: new_model_id(api, rng), name: name.clone(), content_type, description, schema };
        let answer = Answer::created(show(&model));
        api.models.insert(name, Arc::new(model));
        Ok(answer)
    })
}

/// GetModel
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    if call.query("flatten") == Some("true") {
        return Err(Error::not_supported("apigateway", "GetModel with flatten"));
    }
    let api = find(store, call).map_err(|_| unknown(call))?;
    let model = api.models.get(call.path("model_name")).ok_or_else(|| unknown(call))?;
    Ok(Answer::ok(show(model)))
}

/// GetModels
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let models = find(store, call)?.models.iter();
    page::of(context, call, models.map(|(name, model)| (name.as_str(), &**model)), show)
}

/// UpdateModel
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let patches = Patch::read(call)?;
    find(store, call).map_err(|_| unknown(call))?;
    edit(store, call, |api, _| {
        let model = api.models.get_mut(call.path("model_name")).ok_or_else(|| unknown(call))?;
        let model = Arc::make_mut(model);
        for patch in &patches {
            patch.must_replace(&["/description", "/schema"])?;
            match patch.path.as_str() {
                "/schema" => model.schema = patch.text().to_owned(),
                _ => model.description = patch.member(),
            }
        }
        check_schema(&model.schema, &model.content_type)?;
        Ok(Answer::ok(show(model)))
    })
}

/// DeleteModel, unless a method's request has it.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    find(store, call).map_err(|_| unknown(call))?;
    edit(store, call, |api, _| {
        let name = call.path("model_name");
        if !api.models.contains_key(name) {
            return Err(unknown(call));
        }
        let mut resources: Vec<_> = api.resources.values().collect();
        resources.sort_unstable_by(|a, b| b.path.cmp(&a.path));
        let mut methods = resources
            .iter()
            .flat_map(|resource| resource.methods.values().map(|method| (resource.path.as_str(), method)));
        if let Some((path, method)) =
            methods.find(|(_, method)| method.request_models.values().any(|model| model == name))
        {
            let method = &method.http_method;
            return Err(conflict(format!(
                "Cannot delete model '{name}', is referenced in method request: {path}/{method}"
            )));
        }
        api.models.remove(name);
        Ok(Answer::empty(202))
    })
}

/// The models that every api has from its start.
pub fn add_defaults(api: &mut RestApi, rng: &mut Rng) {
    for (name, description, schema) in DEFAULTS {
        let model = Model {
            id: new_model_id(api, rng),
            name: (*name).into(),
            content_type: JSON.into(),
            description: Some((*description).into()),
            schema: (*schema).into(),
        };
        api.models.insert(model.name.clone(), Arc::new(model));
    }
}

fn new_model_id(api: &RestApi, rng: &mut Rng) -> String {
    let ids = map_of(api.models.values().map(|model| (model.id.clone(), ())));
    new_id(rng, 6, &ids)
}

fn unknown(call: &Call) -> Error {
    not_found(format!("Invalid model name specified: {}", call.path("model_name")))
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(bad_request("Model name must be non-empty"));
    }
    match name.len() <= 128 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        true => Ok(()),
        false => Err(bad_request(format!("Model name must be alphanumeric: {name}"))),
    }
}

fn check_schema(schema: &str, content_type: &str) -> Result<(), Error> {
    let invalid = |why: &str| {
        bad_request(format!(
            "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified{why}]"
        ))
    };
    if schema.trim().is_empty() {
        return Err(bad_request("Model schema must have at least 1 property or array items defined"));
    }
    if schema.len() > MAX_SCHEMA {
        return Err(invalid(&format!(". It can have at most {MAX_SCHEMA} characters")));
    }
    if content_type != JSON {
        return Ok(());
    }
    match serde_json::from_str(schema) {
        Ok(Value::Object(_)) => Ok(()),
        Ok(_) => Err(invalid(". It is no JSON object")),
        Err(error) => Err(invalid(&format!(". {error}"))),
    }
}

fn show(model: &Model) -> Value {
    Members::default()
        .with("id", model.id.as_str())
        .with("name", model.name.as_str())
        .maybe("description", model.description.as_deref())
        .with("schema", model.schema.as_str())
        .with("contentType", model.content_type.as_str())
        .done()
}

//! Models: what messages must look like.

use serde_json::Value;

use super::super::{Members, conflict, edit_and_deploy, find, limits, new_id, page, unknown};
use super::{check_protocol, route_response, sample};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::live::schema::Schema;
use crate::model::api::{Model, Route};
use crate::model::{Api, Store};

/// AWS: a schema has at most 32 KB.
const MAX_SCHEMA: usize = 32 * 1024;

/// CreateModel
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, rng| {
        check_protocol(api, "Models")?;
        limits::check(limits::MODELS, api.models.len(), &context.settings)?;
        let mut model = Model {
            id: new_id(rng, 6, &api.models),
            name: String::new(),
            content_type: "application/json".into(),
            description: None,
            schema: String::new(),
        };
        for (member, what) in [("name", "Model name"), ("schema", "Model schema")] {
            if !input.has(member) {
                return Err(bad_request(format!("{what} is required")));
            }
        }
        apply(&mut model, &input, api)?;
        let answer = Answer::created(show(&model));
        api.models.insert(model.id.clone(), model);
        Ok(answer)
    })
}

/// GetModel
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(named(find(store, call)?, call)?)))
}

/// GetModelTemplate
pub fn template(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let model = named(find(store, call)?, call)?;
    Ok(Answer::ok(Members::default().with("value", sample::template(&model.schema)).done()))
}

/// GetModels
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let models = find(store, call)?.models.iter();
    page::of(context, call, models.map(|(id, model)| (id.as_str(), model)), show)
}

/// UpdateModel
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, _| {
        let mut model = named(api, call)?.clone();
        let name = model.name.clone();
        apply(&mut model, &input, api)?;
        if model.name != name {
            check_unused(api, &api.models[&model.id], "rename")?;
        }
        let answer = Answer::ok(show(&model));
        api.models.insert(model.id.clone(), model);
        Ok(answer)
    })
}

/// DeleteModel, unless a route names it.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_and_deploy(store, call, |api, _| {
        let model = named(api, call)?;
        check_unused(api, model, "delete")?;
        let id = model.id.clone();
        api.models.remove(&id);
        Ok(Answer::no_content())
    })
}

/// Whether the api has models of these names.
pub fn check_names<'a>(api: &Api, mut names: impl Iterator<Item = &'a String>) -> Result<(), Error> {
    match names.find(|name| !api.models.values().any(|model| model.name == **name)) {
        Some(name) => Err(bad_request(format!("Invalid Model name specified: {name}"))),
        None => Ok(()),
    }
}

fn check_unused(api: &Api, model: &Model, verb: &str) -> Result<(), Error> {
    let names = |route: &&Route| {
        route.request_models.values().any(|name| *name == model.name) || route_response::names(route, model)
    };
    let ids: Vec<&str> = api.routes.values().filter(names).map(|route| route.id.as_str()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    Err(conflict(format!(
        "Cannot {verb} Model because it is referenced by the following Routes with Ids: [{}]",
        ids.join(", ")
    )))
}

fn named<'a>(api: &'a Api, call: &Call) -> Result<&'a Model, Error> {
    let id = call.path("modelId");
    api.models.get(id).ok_or_else(|| unknown("Model", id))
}

fn apply(model: &mut Model, input: &Input, api: &Api) -> Result<(), Error> {
    if let Some(name) = input.string("name", 1..=128)? {
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(bad_request(format!("Model name must be alphanumeric: {name}")));
        }
        if api.models.values().any(|other| other.name == name && other.id != model.id) {
            return Err(conflict(format!("Model name already exists for this API: {name}")));
        }
        model.name = name;
    }
    if let Some(content_type) = input.string("contentType", 1..=256)? {
        if !is_media_type(&content_type) {
            return Err(bad_request(format!("Invalid content type specified: {content_type}")));
        }
        model.content_type = content_type;
    }
    if let Some(description) = input.string("description", 0..=1024)? {
        model.description = Some(description);
    }
    if let Some(schema) = input.string("schema", 0..=MAX_SCHEMA)? {
        Schema::parse(&schema).map_err(|why| {
            bad_request(format!(
                "Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified: \
                 {why}]"
            ))
        })?;
        model.schema = schema;
    }
    Ok(())
}

/// `type/subtype` of RFC 9110 section 8.3.1, and perhaps parameters.
fn is_media_type(text: &str) -> bool {
    let is_token = |token: &str| {
        let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        !token.is_empty() && token.bytes().all(of_token)
    };
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    essence.split_once('/').is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype))
}

fn show(model: &Model) -> Value {
    Members::default()
        .with("modelId", model.id.as_str())
        .with("name", model.name.as_str())
        .with("contentType", model.content_type.as_str())
        .maybe("description", model.description.as_deref())
        .with("schema", model.schema.as_str())
        .done()
}

//! REST APIs from definitions: OpenAPI 3.0 and Swagger 2.0.
//!
//! Everything is made by the operations that make it when a client asks, on a store of the import's own that has only
//! this one api: nobody waits for an import but its client, and one that fails has changed nothing. What those
//! operations refuse ends the import, with all that was refused; what a definition has and REST APIs don't is a warning.

mod about;
mod extensions;
mod import;
mod method;
mod security;

use serde_json::{Map, Value};

use super::{conflict, find, limits, rest_api};
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::openapi::base_path::Mode;
use crate::control::openapi::{Document, Findings};
use crate::control::{Context, Control};
use crate::model::{RestApi, Store};

use import::Import;

/// ImportRestApi
pub fn import(control: &Control, call: &Call) -> Result<Answer, Error> {
    let asked = Asked::of(call)?;
    let mut work = Store::new(control.store().rng.fork());
    let mut findings = Findings::default();
    let import = Import::new(control, call, &asked.document, &mut work, &mut findings);
    let id = import.create(about::members(&asked.document), asked.mode)?;
    findings.check(asked.fails_on_warnings)?;
    let api = work.rest_apis.remove(id.as_str()).ok_or_else(modified)?;
    let mut store = control.store();
    let existing = store.rest_apis.values().filter(|other| other.owner == call.owner).count();
    limits::check(limits::APIS, existing, &control.context().settings)?;
    if store.has_api(&id) {
        return Err(conflict(format!("API with id '{id}' already exists")));
    }
    let answer = Answer::created(with_warnings(rest_api::show(&api), &findings));
    super::put(&mut store, api);
    control.commit(store);
    Ok(answer)
}

/// PutRestApi: what the definition describes is added to what is there, or takes its place.
pub fn put(control: &Control, call: &Call) -> Result<Answer, Error> {
    let asked = Asked::of(call)?;
    let overwrites = match call.query("mode") {
        None | Some("merge") => false,
        Some("overwrite") => true,
        Some(_) => return Err(bad_request("Invalid mode specified. Valid options are merge,overwrite")),
    };
    let (before, rng) = {
        let mut store = control.store();
        (find(&store, call)?.clone(), store.rng.fork())
    };
    let mut work = Store::new(rng);
    let api = begun(&before, &asked.document, overwrites, control.context())?;
    work.rest_apis.insert(before.id.clone(), api);
    let mut findings = Findings::default();
    let mut import = Import::new(control, call, &asked.document, &mut work, &mut findings);
    import.fill(before.id.as_str(), asked.mode)?;
    findings.check(asked.fails_on_warnings)?;
    let api = work.rest_apis.remove(before.id.as_str()).ok_or_else(modified)?;
    let mut store = control.store();
    if *find(&store, call)? != before {
        return Err(modified());
    }
    let answer = Answer::ok(with_warnings(rest_api::show_with_tags(&api), &findings));
    super::put(&mut store, api);
    control.commit(store);
    Ok(answer)
}

/// The api that a definition is put into, with what that says of the api itself.
fn begun(
    before: &RestApi,
    document: &Document,
    overwrites: bool,
    context: &Context,
) -> Result<RestApi, Error> {
    let mut api = before.clone();
    let mut members = about::members(document);
    members.remove("tags");
    if overwrites {
        let root = crate::model::rest::Resource::root(api.root_resource_id.clone());
        api.resources = [(root.id.clone(), root.into())].into();
        api.models.clear();
        api.gateway_responses.clear();
    } else if let Some(Value::Array(given)) = members.get_mut("binaryMediaTypes") {
        let known = before.binary_media_types.iter().map(|kind| Value::from(kind.as_str()));
        *given = known.chain(given.drain(..)).collect();
    }
    rest_api::change(&mut api, &Input::new(members), context)?;
    Ok(api)
}

/// What an import is asked to do.
struct Asked {
    document: Document,
    mode: Mode,
    fails_on_warnings: bool,
}

impl Asked {
    fn of(call: &Call) -> Result<Self, Error> {
        let mode = Mode::named(call.query("basepath"))?;
        let fails_on_warnings = call.query("failonwarnings") == Some("true");
        // AWS says no more than that.
        let malformed = |_| bad_request("Invalid OpenAPI input.");
        let text = std::str::from_utf8(call.body()).map_err(|_| bad_request("Invalid OpenAPI input."))?;
        Document::check_size(text)?;
        let document = Document::read(text, &call.owner).map_err(malformed)?;
        document.version().map_err(malformed)?;
        Ok(Self { document, mode, fails_on_warnings })
    }
}

fn with_warnings(shown: Value, findings: &Findings) -> Value {
    let mut shown: Map<String, Value> = match shown {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    if !findings.warnings.is_empty() {
        shown.insert("warnings".into(), findings.warnings.clone().into());
    }
    Value::Object(shown)
}

/// AWS's own words.
fn modified() -> Error {
    conflict("Unable to complete operation due to concurrent modification. Please try again later.")
}

//! OpenAPI 3.0: HTTP APIs imported from definitions, and written as such.
//!
//! ```text
//! text ── Document ── about: the api itself ──┬── import: cors, authorizers, integrations, routes ── Api
//!                                             └── findings: what was left out
//! Api, or what a stage serves ── export ── Tree ── JSON or YAML
//! ```
//!
//! Whatever a definition describes is made by the same functions as by the operations that create it: what those refuse
//! is a warning here, and left out. An import changes all or nothing.

pub mod about;
pub mod export;
mod extensions;
mod import;
mod security;

use super::{api, deployment, find, put, tags};
use crate::control::answer::{Answer, Body, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::openapi::base_path::Mode;
use crate::control::openapi::{Document, Findings, Version};
use crate::control::{Context, Control, yaml};
use crate::model::api::Protocol;
use crate::model::{Api, Settings, Store};

pub use import::Import;

/// `exportVersion` and `x-amazon-apigateway-importexport-version`.
const ALGORITHM: &str = "1.0";

/// Where a definition says so.
const ALGORITHM_EXTENSION: &str = "x-amazon-apigateway-importexport-version";

/// ImportApi. Reading may take its time, so it is done without the store's lock.
pub fn import(control: &Control, call: &Call) -> Result<Answer, Error> {
    let asked = Asked::of(call)?;
    let mut findings = Findings::default();
    let described = Input::new(about::members(&asked.document, &mut findings));
    let mut store = control.store();
    let mut api = api::new(&mut store, control.context(), call, &described)?;
    asked.fill(&mut api, &mut store, control.context(), &mut findings)?;
    let answer = answered(&api, &findings, &control.context().settings);
    put(&mut store, api);
    control.commit(store);
    Ok(answer)
}

/// ReimportApi: what the definition describes takes the place of what was there. The stages stay, and what the
/// definition says nothing of: name, description, version, tags, `disableExecuteApiEndpoint`.
pub fn reimport(control: &Control, call: &Call) -> Result<Answer, Error> {
    let asked = Asked::of(call)?;
    let mut findings = Findings::default();
    let described = Input::new(about::members(&asked.document, &mut findings));
    let mut store = control.store();
    let mut api = find(&store, call)?.clone();
    check_http(&api)?;
    api::change(&mut api, &described)?;
    if described.has("tags") {
        api.tags = tags::read(&described)?;
    }
    api.cors = None;
    api.quick_create = None;
    api.routes.clear();
    api.integrations.clear();
    api.authorizers.clear();
    asked.fill(&mut api, &mut store, control.context(), &mut findings)?;
    deployment::auto_deploy(&mut api, &mut store.rng, call.now);
    let answer = answered(&api, &findings, &control.context().settings);
    put(&mut store, api);
    control.commit(store);
    Ok(answer)
}

/// ExportApi: the api as it is, or what a stage serves.
pub fn export(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    check_http(api)?;
    match call.path("specification") {
        "OAS30" => {}
        other => return Err(bad_request(format!("Invalid specification specified: {other}. Must be OAS30"))),
    }
    if let Some(version) = call.query("exportVersion").filter(|version| *version != ALGORITHM) {
        return Err(bad_request(format!("Invalid exportVersion specified: {version}. Must be {ALGORITHM}")));
    }
    let extensions = boolean(call, "includeExtensions")?.unwrap_or(true);
    let mut document = export::document(api, call.query("stageName"), &context.settings)?;
    if !extensions {
        document = document.without(|name| name.starts_with("x-amazon-apigateway-"));
    }
    let (content_type, text) = match call.query("outputType") {
        Some("JSON") => ("application/json", document.to_json()),
        Some("YAML") => ("application/yaml", yaml::write(&document)),
        Some(_) | None => {
            return Err(bad_request("Invalid outputType specified. Must be one of [JSON, YAML]"));
        }
    };
    Ok(Answer { status: 200, headers: Vec::new(), body: Body::Raw(content_type, text.into()) })
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
        let fails_on_warnings = boolean(call, "failOnWarnings")?.unwrap_or(false);
        let text = Input::of(call)?.text("body")?.ok_or_else(|| bad_request("Body is required"))?;
        let document = Document::read(&text, &call.owner)?;
        match document.version()? {
            Version::OpenApi3 => Ok(Self { document, mode, fails_on_warnings }),
            Version::Swagger2 => Err(bad_request(
                "Invalid OpenAPI input. HTTP APIs are imported from OpenAPI 3.0 only, and this is Swagger 2.0",
            )),
        }
    }

    /// Gives an empty api all that the document describes.
    fn fill(
        &self,
        api: &mut Api,
        store: &mut Store,
        context: &Context,
        findings: &mut Findings,
    ) -> Result<(), Error> {
        let (document, settings) = (&self.document, &*context.settings);
        let prefix = self.mode.prefix(document);
        Import { document, api, rng: &mut store.rng, settings, findings, prefix }.run()?;
        findings.check(self.fails_on_warnings)
    }
}

/// The api, and what was found while it was imported: later answers don't tell that.
fn answered(api: &Api, findings: &Findings, settings: &Settings) -> Answer {
    let mut members = api::show(api, settings);
    for (name, list) in [("importInfo", &findings.info), ("warnings", &findings.warnings)] {
        if !list.is_empty() {
            members[name] = list.clone().into();
        }
    }
    Answer::created(members)
}

fn check_http(api: &Api) -> Result<(), Error> {
    match api.protocol {
        Protocol::Http => Ok(()),
        Protocol::WebSocket => {
            Err(bad_request("Import and export are only supported for APIs with a protocol type of HTTP"))
        }
    }
}

fn boolean(call: &Call, name: &str) -> Result<Option<bool>, Error> {
    match call.query(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(bad_request(format!("{name} must be true or false"))),
    }
}

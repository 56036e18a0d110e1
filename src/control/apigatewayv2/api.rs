//! Apis.

use serde_json::Value;

use super::websocket::expression::{self, Asks};
use super::{Members, cors, edit_and_deploy, find, limits, page, quick_create, strings, tags, websocket};
use crate::base::clock::iso8601;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::{Context, custom_id};
use crate::model::api::{KEY_OF_AUTHORIZER, Protocol};
use crate::model::settings::EndpointStyle;
use crate::model::{Api, Settings, Store};

/// As AWS answers it, whatever the documentation writes.
const ROUTE_SELECTION: &str = "$request.method $request.path";
const API_KEY_SELECTION: &str = "$request.header.x-api-key";
const IP_ADDRESS_TYPES: &[&str] = &["ipv4", "dualstack"];

/// Members of CreateApi and UpdateApi that WebSocket APIs don't have.
const HTTP_ONLY: &[&str] = &["corsConfiguration", "credentialsArn", "routeKey", "target"];

/// Said of a WebSocket API that has no port of its own.
const NO_PORT: &str = "No port is free for this API: it is reached by host and path. Delete other WebSocket APIs, or give \
                       gatelet more ports by --websocket-ports or EXTERNAL_SERVICE_PORTS_END";

/// CreateApi
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let mut api = new(store, context, call, &input)?;
    match api.protocol {
        Protocol::Http => quick_create::create(&mut api, &mut store.rng, call.now, &input)?,
        // Last of all: what fails leaves no port open.
        Protocol::WebSocket => api.port = context.ports.open(),
    }
    let answer = Answer::created(show(&api, &context.settings));
    super::put(store, api);
    Ok(answer)
}

/// The api that `input` describes, with nothing in it, not yet in the store.
pub fn new(store: &mut Store, context: &Context, call: &Call, input: &Input) -> Result<Api, Error> {
    let protocol = protocol(input)?;
    let name = input.string("name", 1..=128)?.ok_or_else(|| bad_request("Api name is required"))?;
    let tags = tags::read(input)?;
    let existing = store.apis.values().filter(|api| api.owner == call.owner).count();
    limits::check(limits::APIS, existing, &context.settings)?;
    let id = match tags.get(custom_id::TAG) {
        Some(custom) => custom_id::read(store, custom, "ApiId")?,
        None => store.new_api_id(),
    };
    let mut api = Api {
        id,
        owner: call.owner.clone(),
        name,
        protocol,
        port: None,
        description: None,
        version: None,
        cors: None,
        disable_execute_api_endpoint: false,
        api_key_selection_expression: API_KEY_SELECTION.into(),
        route_selection_expression: match protocol {
            Protocol::Http => ROUTE_SELECTION.into(),
            Protocol::WebSocket => String::new(),
        },
        disable_schema_validation: None,
        ip_address_type: IP_ADDRESS_TYPES[0].into(),
        tags,
        created: call.now.unix_seconds(),
        quick_create: None,
        routes: Default::default(),
        integrations: Default::default(),
        authorizers: Default::default(),
        models: Default::default(),
        stages: Default::default(),
        deployments: Default::default(),
    };
    apply(&mut api, input)?;
    Ok(api)
}

/// GetApi
pub fn get(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(find(store, call)?, &context.settings)))
}

/// GetApis
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let own = store.apis.values().filter(|api| api.owner == call.owner);
    page::of(context, call, own.map(|api| (api.id.as_str(), api)), |api| show(api, &context.settings))
}

/// UpdateApi
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, _| {
        change(api, &input)?;
        match api.protocol {
            Protocol::Http => quick_create::update(api, &input)?,
            Protocol::WebSocket => {}
        }
        Ok(Answer::ok(show(api, &context.settings)))
    })
}

/// DeleteApi, with all that belongs to it.
pub fn delete(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    let (id, port) = (api.id.clone(), api.port);
    if store.is_mapped(id.as_str(), None) {
        return Err(bad_request(format!(
            "Deleting API {id} failed. Please remove all API mappings for the API from your custom domain names."
        )));
    }
    if let Some(port) = port {
        context.ports.close(port);
    }
    store.leave_usage_plans(id.as_str(), None);
    store.apis.remove(&id);
    store.changed.apis.insert(id);
    Ok(Answer::no_content())
}

/// An api as answers show it.
pub fn show(api: &Api, settings: &Settings) -> Value {
    Members::default()
        .with("apiId", api.id.as_str())
        .with("apiEndpoint", endpoint(api, settings))
        .with("name", api.name.as_str())
        .with("protocolType", api.protocol.as_str())
        .maybe("description", api.description.as_deref())
        .maybe("version", api.version.as_deref())
        .maybe("corsConfiguration", api.cors.as_ref().map(cors::show))
        .with("createdDate", iso8601(api.created))
        .with("disableExecuteApiEndpoint", api.disable_execute_api_endpoint)
        .with("apiKeySelectionExpression", api.api_key_selection_expression.as_str())
        .with("routeSelectionExpression", api.route_selection_expression.as_str())
        .with("ipAddressType", api.ip_address_type.as_str())
        .maybe("disableSchemaValidation", api.disable_schema_validation)
        .with("tags", strings(&api.tags))
        .maybe("warnings", warnings(api))
        .done()
}

fn endpoint(api: &Api, settings: &Settings) -> String {
    let scheme = match (api.protocol, settings.endpoint_style) {
        (Protocol::Http, EndpointStyle::Host) => "",
        (Protocol::Http, EndpointStyle::Url) => "http://",
        (Protocol::WebSocket, _) => "ws://",
    };
    match api.port {
        Some(port) => format!("{scheme}{}:{port}", settings.port_host()),
        None => format!("{scheme}{}.execute-api.{}", api.id, settings.public_host),
    }
}

fn warnings(api: &Api) -> Option<Vec<&'static str>> {
    match (api.protocol, api.port) {
        (Protocol::WebSocket, None) => Some(vec![NO_PORT]),
        (Protocol::WebSocket, Some(_)) | (Protocol::Http, _) => None,
    }
}

fn protocol(input: &Input) -> Result<Protocol, Error> {
    match input.text("protocolType")?.as_deref() {
        Some("HTTP") => Ok(Protocol::Http),
        Some("WEBSOCKET") => Ok(Protocol::WebSocket),
        Some(_) | None => Err(bad_request("Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]")),
    }
}

/// Changes what `input` says of the api itself.
pub fn change(api: &mut Api, input: &Input) -> Result<(), Error> {
    if let Some(name) = input.string("name", 1..=128)? {
        api.name = name;
    }
    apply(api, input)
}

/// What creating and updating have in common.
fn apply(api: &mut Api, input: &Input) -> Result<(), Error> {
    if let Some(description) = input.string("description", 0..=1024)? {
        api.description = Some(description);
    }
    if let Some(version) = input.string("version", 1..=64)? {
        api.version = Some(version);
    }
    if let Some(disabled) = input.boolean("disableExecuteApiEndpoint")? {
        api.disable_execute_api_endpoint = disabled;
    }
    if let Some(kind) = input.one_of("ipAddressType", IP_ADDRESS_TYPES)? {
        api.ip_address_type = kind.into();
    }
    if let Some(expression) = input.text("apiKeySelectionExpression")? {
        if !matches!(&*expression, API_KEY_SELECTION | KEY_OF_AUTHORIZER) {
            return Err(bad_request(format!("Invalid apiKeySelectionExpression specified: {expression}")));
        }
        api.api_key_selection_expression = expression;
    }
    match api.protocol {
        Protocol::Http => apply_http(api, input),
        Protocol::WebSocket => apply_websocket(api, input),
    }
}

fn apply_http(api: &mut Api, input: &Input) -> Result<(), Error> {
    if let Some(given) = input.object("corsConfiguration")? {
        api.cors = Some(cors::merge(api.cors.as_ref(), &given)?);
    }
    match input.text("routeSelectionExpression")?.as_deref() {
        None | Some(ROUTE_SELECTION | "${request.method} ${request.path}") => Ok(()),
        Some(other) => Err(bad_request(format!(
            "Invalid routeSelectionExpression specified: {other}. For the HTTP protocol it must be {ROUTE_SELECTION}"
        ))),
    }
}

fn apply_websocket(api: &mut Api, input: &Input) -> Result<(), Error> {
    websocket::refuse_members(input, HTTP_ONLY)?;
    if let Some(disabled) = input.boolean("disableSchemaValidation")? {
        api.disable_schema_validation = Some(disabled);
    }
    if let Some(expression) = expression::read(input, "routeSelectionExpression", Asks::Message)? {
        api.route_selection_expression = expression;
    }
    if api.route_selection_expression.is_empty() {
        return Err(bad_request(
            "routeSelectionExpression is required for an API with a protocol type of WEBSOCKET",
        ));
    }
    Ok(())
}

//! Authorizers: of HTTP APIs tokens' issuers and functions, of WebSocket APIs functions that judge who may connect.

mod jwt;
mod request;

use serde_json::Value;

use super::{Members, bad_request, conflict, edit_and_deploy, find, limits, new_id, page, unknown};
use crate::base::Rng;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::Input;
use crate::model::api::{Authorizer, AuthorizerKind, Protocol};
use crate::model::{Api, Settings, Store};

/// Most sources of one authorizer; ours.
const MAX_SOURCES: usize = 100;

/// CreateAuthorizer
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, rng| {
        let id = add(api, rng, &input, &context.settings)?;
        Ok(Answer::created(show(&api.authorizers[&id], api.protocol)))
    })
}

/// Adds the authorizer that `input` describes; its id.
pub fn add(api: &mut Api, rng: &mut Rng, input: &Input, settings: &Settings) -> Result<String, Error> {
    let kind = kind(input, api.protocol)?.ok_or_else(|| bad_request("Authorizer type is required"))?;
    if !input.has("name") {
        return Err(bad_request("Authorizer name is required"));
    }
    limits::check(limits::AUTHORIZERS, api.authorizers.len(), settings)?;
    let id = new_id(rng, 6, &api.authorizers);
    let mut authorizer = Authorizer {
        id: id.clone(),
        name: String::new(),
        identity_source: Vec::new(),
        kind: begin(kind, input, api.protocol)?,
    };
    apply(&mut authorizer, input, api, settings)?;
    api.authorizers.insert(id.clone(), authorizer);
    Ok(id)
}

/// GetAuthorizer
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    Ok(Answer::ok(show(named(api, call)?, api.protocol)))
}

/// GetAuthorizers
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let api = find(store, call)?;
    let authorizers = api.authorizers.iter().map(|(id, authorizer)| (id.as_str(), authorizer));
    page::of(context, call, authorizers, |authorizer| show(authorizer, api.protocol))
}

/// UpdateAuthorizer
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, _| {
        let mut authorizer = named(api, call)?.clone();
        if let Some(kind) = kind(&input, api.protocol)?.filter(|kind| *kind != authorizer.kind.as_str()) {
            if !routes_of(api, &authorizer.id).is_empty() {
                return Err(bad_request("The type of an authorizer that routes refer to cannot change"));
            }
            authorizer.kind = begin(kind, &input, api.protocol)?;
        }
        apply(&mut authorizer, &input, api, &context.settings)?;
        let answer = Answer::ok(show(&authorizer, api.protocol));
        api.authorizers.insert(authorizer.id.clone(), authorizer);
        Ok(answer)
    })
}

/// DeleteAuthorizer, unless a route asks it.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_and_deploy(store, call, |api, _| {
        let id = named(api, call)?.id.clone();
        let routes = routes_of(api, &id);
        if !routes.is_empty() {
            return Err(conflict(format!(
                "Cannot delete Authorizer because it is referenced by the following Routes with Ids: [{}]",
                routes.join(", ")
            )));
        }
        api.authorizers.remove(&id);
        Ok(Answer::no_content())
    })
}

fn named<'a>(api: &'a Api, call: &Call) -> Result<&'a Authorizer, Error> {
    let id = call.path("authorizerId");
    api.authorizers.get(id).ok_or_else(|| unknown("Authorizer", id))
}

/// The ids of the routes that ask an authorizer.
fn routes_of<'a>(api: &'a Api, authorizer: &str) -> Vec<&'a str> {
    let routes = api.routes.values().filter(|route| route.authorizer_id.as_deref() == Some(authorizer));
    routes.map(|route| route.id.as_str()).collect()
}

fn kind(input: &Input, protocol: Protocol) -> Result<Option<&'static str>, Error> {
    match (input.one_of("authorizerType", &["REQUEST", "JWT"])?, protocol) {
        (Some("JWT"), Protocol::WebSocket) => Err(bad_request(
            "authorizerType JWT is not supported for an API with a protocol type of WEBSOCKET: only REQUEST",
        )),
        (kind, _) => Ok(kind),
    }
}

/// What an authorizer of this type starts from, if what it must have was sent.
fn begin(kind: &str, input: &Input, protocol: Protocol) -> Result<AuthorizerKind, Error> {
    match kind {
        "JWT" => jwt::begin(input).map(AuthorizerKind::Jwt),
        _ => request::begin(input, protocol).map(AuthorizerKind::Request),
    }
}

fn apply(authorizer: &mut Authorizer, input: &Input, api: &Api, settings: &Settings) -> Result<(), Error> {
    if let Some(name) = input.string("name", 1..=128)? {
        if api.authorizers.values().any(|other| other.name == name && other.id != authorizer.id) {
            return Err(conflict(format!(
                "Authorizer name must be unique. Authorizer {name} already exists"
            )));
        }
        authorizer.name = name;
    }
    let sources = &mut authorizer.identity_source;
    match &mut authorizer.kind {
        AuthorizerKind::Jwt(jwt) => jwt::apply(jwt, sources, input, settings),
        AuthorizerKind::Request(judge) => request::apply(judge, sources, input, api),
    }
}

/// Takes the identity sources that are given.
fn apply_sources(
    sources: &mut Vec<String>,
    input: &Input,
    is_source: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let Some(given) = input.strings("identitySource")? else { return Ok(()) };
    if given.len() > MAX_SOURCES {
        return Err(bad_request(format!("There can be at most {MAX_SOURCES} identity sources")));
    }
    let fits = |source: &str| is_source(source) && source.bytes().all(|byte| byte.is_ascii_graphic());
    if let Some(wrong) = given.iter().find(|source| !fits(source)) {
        return Err(bad_request(format!("Invalid identity source specified: {wrong}")));
    }
    *sources = given;
    Ok(())
}

/// An authorizer as answers show it.
pub fn show(authorizer: &Authorizer, protocol: Protocol) -> Value {
    let members = Members::default()
        .with("authorizerId", authorizer.id.as_str())
        .with("authorizerType", authorizer.kind.as_str())
        .with("identitySource", authorizer.identity_source.clone())
        .with("name", authorizer.name.as_str());
    let members = match &authorizer.kind {
        AuthorizerKind::Jwt(jwt) => jwt::show(members, jwt),
        AuthorizerKind::Request(judge) => request::show(members, judge, protocol),
    };
    members.done()
}

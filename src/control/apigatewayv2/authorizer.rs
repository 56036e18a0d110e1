//! Authorizers: so far those of WebSocket APIs, which are functions that judge who may connect.

use serde_json::Value;

use super::websocket::refuse_members;
use super::{
    Members, bad_request, conflict, edit_and_deploy, find, integration, limits, new_id, page, unknown,
};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::Input;
use crate::model::api::{Authorizer, AuthorizerKind, Protocol};
use crate::model::{Api, Store};

/// Members that only authorizers of HTTP APIs have.
const HTTP_ONLY: &[&str] = &["authorizerPayloadFormatVersion", "enableSimpleResponses", "jwtConfiguration"];

/// Most sources of one authorizer; ours.
const MAX_SOURCES: usize = 100;

/// What an identity source may begin with; a name follows. The last two are how HTTP APIs spell them, which AWS
/// takes here too.
const SOURCES: &[&str] = &[
    "route.request.header.",
    "route.request.querystring.",
    "stageVariables.",
    "context.",
    "$request.header.",
    "$request.querystring.",
];

/// CreateAuthorizer
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, rng| {
        check_protocol(api)?;
        let kind = kind(&input)?.ok_or_else(|| bad_request("Authorizer type is required"))?;
        for (member, what) in [("name", "Authorizer name"), ("authorizerUri", "Authorizer URI")] {
            if !input.has(member) {
                return Err(bad_request(format!("{what} is required")));
            }
        }
        limits::check(limits::AUTHORIZERS, api.authorizers.len(), &context.settings)?;
        let mut authorizer = Authorizer {
            id: new_id(rng, 6, &api.authorizers),
            name: String::new(),
            kind,
            uri: String::new(),
            credentials_arn: None,
            identity_source: Vec::new(),
        };
        apply(&mut authorizer, &input, api)?;
        let answer = Answer::created(show(&authorizer));
        api.authorizers.insert(authorizer.id.clone(), authorizer);
        Ok(answer)
    })
}

/// GetAuthorizer
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(named(find(store, call)?, call)?)))
}

/// GetAuthorizers
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let authorizers = find(store, call)?.authorizers.iter();
    page::of(context, call, authorizers.map(|(id, authorizer)| (id.as_str(), authorizer)), show)
}

/// UpdateAuthorizer
pub fn update(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    edit_and_deploy(store, call, |api, _| {
        let mut authorizer = named(api, call)?.clone();
        if let Some(kind) = kind(&input)? {
            authorizer.kind = kind;
        }
        apply(&mut authorizer, &input, api)?;
        let answer = Answer::ok(show(&authorizer));
        api.authorizers.insert(authorizer.id.clone(), authorizer);
        Ok(answer)
    })
}

/// DeleteAuthorizer, unless a route asks it.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_and_deploy(store, call, |api, _| {
        let id = named(api, call)?.id.clone();
        let routes = api.routes.values().filter(|route| route.authorizer_id.as_ref() == Some(&id));
        let ids: Vec<&str> = routes.map(|route| route.id.as_str()).collect();
        if !ids.is_empty() {
            return Err(conflict(format!(
                "Cannot delete Authorizer because it is referenced by the following Routes with Ids: [{}]",
                ids.join(", ")
            )));
        }
        api.authorizers.remove(&id);
        Ok(Answer::no_content())
    })
}

fn check_protocol(api: &Api) -> Result<(), Error> {
    match api.protocol {
        Protocol::WebSocket => Ok(()),
        Protocol::Http => {
            let message = "gatelet does not support authorizers of HTTP APIs yet: only of WebSocket APIs";
            Err(Error::new(501, "NotImplementedException", message))
        }
    }
}

fn named<'a>(api: &'a Api, call: &Call) -> Result<&'a Authorizer, Error> {
    let id = call.path("authorizerId");
    api.authorizers.get(id).ok_or_else(|| unknown("Authorizer", id))
}

fn kind(input: &Input) -> Result<Option<AuthorizerKind>, Error> {
    match input.one_of("authorizerType", &["REQUEST", "JWT"])? {
        None => Ok(None),
        Some("REQUEST") => Ok(Some(AuthorizerKind::Request)),
        Some(other) => Err(bad_request(format!(
            "authorizerType {other} is not supported for an API with a protocol type of WEBSOCKET: only REQUEST"
        ))),
    }
}

fn apply(authorizer: &mut Authorizer, input: &Input, api: &Api) -> Result<(), Error> {
    refuse_members(input, HTTP_ONLY)?;
    // The function is asked once for each connection: nothing is kept that could last.
    if input.integer("authorizerResultTtlInSeconds", 0..=3600)?.is_some_and(|seconds| seconds > 0) {
        return refuse_members(input, &["authorizerResultTtlInSeconds"]);
    }
    if let Some(name) = input.string("name", 1..=128)? {
        if api.authorizers.values().any(|other| other.name == name && other.id != authorizer.id) {
            return Err(conflict(format!(
                "Authorizer name must be unique. Authorizer {name} already exists"
            )));
        }
        authorizer.name = name;
    }
    if let Some(uri) = input.string("authorizerUri", 1..=2048)? {
        if !integration::is_function(&uri, &api.owner) {
            return Err(bad_request(format!("Invalid Authorizer URI: {uri}")));
        }
        authorizer.uri = uri;
    }
    if let Some(arn) = input.text("authorizerCredentialsArn")? {
        authorizer.credentials_arn = Some(arn).filter(|arn| !arn.is_empty());
    }
    if let Some(sources) = input.strings("identitySource")? {
        if sources.len() > MAX_SOURCES {
            return Err(bad_request(format!("There can be at most {MAX_SOURCES} identity sources")));
        }
        let is_source = |source: &String| {
            let names = |start: &&str| source.strip_prefix(*start).is_some_and(|name| !name.is_empty());
            SOURCES.iter().any(names) && source.bytes().all(|byte| byte.is_ascii_graphic())
        };
        if let Some(wrong) = sources.iter().find(|source| !is_source(source)) {
            return Err(bad_request(format!("Invalid identity source specified: {wrong}")));
        }
        authorizer.identity_source = sources;
    }
    Ok(())
}

fn show(authorizer: &Authorizer) -> Value {
    Members::default()
        .with("authorizerId", authorizer.id.as_str())
        .with("authorizerType", authorizer.kind.as_str())
        .with("authorizerUri", authorizer.uri.as_str())
        .maybe("authorizerCredentialsArn", authorizer.credentials_arn.as_deref())
        .with("identitySource", authorizer.identity_source.clone())
        .with("name", authorizer.name.as_str())
        .done()
}

//! URLs of functions: made, shown, changed, deleted, listed. A request to one is the gateway's work.

use serde_json::{Map, Value, json};

use super::members::Members;
use super::page::Page;
use super::refusal::{self, Constraints};
use super::{alias, named};
use crate::base::clock::iso8601_millis;
use crate::base::ids;
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::model::Store;
use crate::model::api::Cors;
use crate::model::arn::FunctionRef;
use crate::model::function::{Function, Url};

/// AWS: what is drawn.
const ID: usize = 32;

/// DNS: of a label.
const MAX_ID: usize = 63;

/// The tag of a function that names its URL, as LocalStack has it.
const CUSTOM_ID: &str = "_custom_id_";

/// AWS: a page.
const PAGE: usize = 50;

const QUALIFIER_PATTERN: &str = r"((?!^\d+$)^[0-9a-zA-Z-_]+$)";

const METHODS: &[&str] = &["*", "GET", "PUT", "HEAD", "POST", "PATCH", "DELETE"];

/// CreateFunctionUrlConfig
pub fn create(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let named = asked(call)?;
    let members = Members::of(call)?;
    let said = Said::of(&members)?;
    let mut constraints = Constraints::default();
    constraints.required(said.signed.as_ref(), "authType");
    constraints.end()?;
    let function = function(store, &named).ok_or_else(|| refusal::not_found("Function does not exist"))?;
    if function.urls.contains_key(&named.qualifier) {
        return Err(refusal::conflict(format!(
            "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for \
             this Lambda function",
            named.arn()
        )));
    }
    let id = match custom_id(function, &named)? {
        Some(id) if store.function_urls.contains_key(&id) => {
            return Err(refusal::conflict(format!("A function's URL with the id {id} exists already")));
        }
        Some(id) => id,
        None => ids::lower_alnum(&mut store.rng, ID),
    };
    let url = Url {
        id: id.clone(),
        signed: said.signed.unwrap_or_default(),
        cors: said.cors.flatten(),
        created_ms: call.now.unix_ms,
        modified_ms: call.now.unix_ms,
    };
    let mut answer = shown(context, &named, &url);
    answer.remove("LastModifiedTime");
    store.function_urls.insert(id, (named.owner.clone(), named.name.clone()));
    named::function_mut(store, &named)?.urls.insert(named.qualifier, url);
    Ok(Answer::created(Value::Object(answer)))
}

/// GetFunctionUrlConfig
pub fn get(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let named = asked(call)?;
    let url = function(store, &named).and_then(|function| function.urls.get(&named.qualifier));
    Ok(Answer::ok(Value::Object(shown(context, &named, url.ok_or_else(missing)?))))
}

/// UpdateFunctionUrlConfig
pub fn update(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let named = asked(call)?;
    let said = Said::of(&Members::of(call)?)?;
    let known = function(store, &named).is_some_and(|function| function.urls.contains_key(&named.qualifier));
    if !known {
        return Err(missing());
    }
    let function = named::function_mut(store, &named)?;
    let url = function.urls.get_mut(&named.qualifier).ok_or_else(missing)?;
    url.signed = said.signed.unwrap_or(url.signed);
    url.cors = said.cors.unwrap_or_else(|| url.cors.take());
    url.modified_ms = call.now.unix_ms;
    Ok(Answer::ok(Value::Object(shown(context, &named, url))))
}

/// DeleteFunctionUrlConfig
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let named = asked(call)?;
    if !remove(store, &named, named.qualifier.as_deref())? {
        return Err(missing());
    }
    Ok(Answer::no_content())
}

/// ListFunctionUrlConfigs
pub fn list(store: &mut Store, context: &Context, call: &Call) -> Result<Answer, Error> {
    let named = named::named_alone(call)?;
    let page = Page::of(call, PAGE)?;
    let function =
        named::function(store, &named).map_err(|_| refusal::not_found("Function does not exist"))?;
    let urls = function.urls.iter().map(|(qualifier, url)| {
        let named = FunctionRef { qualifier: qualifier.clone(), ..named.clone() };
        (url.id.clone(), Value::Object(shown(context, &named, url)))
    });
    let (urls, next) = page.take(urls);
    Ok(page.answer("FunctionUrlConfigs", json!(urls), next))
}

/// Removes the URL of a function's alias, or of `$LATEST`. Whether there was one.
pub fn remove(store: &mut Store, named: &FunctionRef, qualifier: Option<&str>) -> Result<bool, Error> {
    let qualifier = qualifier.map(str::to_owned);
    if !named::function(store, named).is_ok_and(|function| function.urls.contains_key(&qualifier)) {
        return Ok(false);
    }
    if let Some(url) = named::function_mut(store, named)?.urls.remove(&qualifier) {
        store.function_urls.remove(&url.id);
    }
    Ok(true)
}

/// What CreateFunctionUrlConfig and UpdateFunctionUrlConfig say.
struct Said {
    signed: Option<bool>,
    /// `Some(None)`: an empty one.
    cors: Option<Option<Cors>>,
}

impl Said {
    fn of(members: &Members) -> Result<Self, Error> {
        let (auth, mode) = (members.text("AuthType")?, members.text("InvokeMode")?);
        let mut constraints = Constraints::default();
        constraints.one_of(auth, "authType", &["NONE", "AWS_IAM"]);
        constraints.one_of(mode, "invokeMode", &["RESPONSE_STREAM", "BUFFERED"]);
        let cors = members.object("Cors")?.map(|cors| cors_of(&cors, &mut constraints)).transpose()?;
        constraints.end()?;
        if mode == Some("RESPONSE_STREAM") {
            return Err(refusal::not_yet(
                "gatelet does not support the invoke mode RESPONSE_STREAM of functions' URLs yet: use BUFFERED",
            ));
        }
        Ok(Self { signed: auth.map(|auth| auth == "AWS_IAM"), cors })
    }
}

fn cors_of(members: &Members, constraints: &mut Constraints) -> Result<Option<Cors>, Error> {
    let cors = Cors {
        allow_credentials: members
            .has("AllowCredentials")
            .then(|| members.flag("AllowCredentials"))
            .transpose()?,
        allow_headers: members.texts("AllowHeaders")?,
        allow_methods: members.texts("AllowMethods")?,
        allow_origins: members.texts("AllowOrigins")?,
        expose_headers: members.texts("ExposeHeaders")?,
        max_age: members.integer("MaxAge")?,
    };
    constraints.range(cors.max_age, "cors.maxAge", 0, 86_400);
    for (at, list) in [
        ("cors.allowHeaders", &cors.allow_headers),
        ("cors.allowOrigins", &cors.allow_origins),
        ("cors.exposeHeaders", &cors.expose_headers),
    ] {
        // They go into a header's value as they are.
        let plain =
            |text: &String| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b',');
        let list = list.as_deref().unwrap_or_default();
        let rule = "satisfy constraint: [Member must satisfy regular expression pattern: .*]";
        constraints.check(list.iter().all(plain), format_args!("[{}]", list.join(", ")), at, rule);
        constraints.check(list.len() <= 100, "[…]", at, "have length less than or equal to 100");
    }
    for method in cors.allow_methods.iter().flatten() {
        constraints.one_of(Some(method), "cors.allowMethods", METHODS);
    }
    Ok((cors != Cors::default()).then_some(cors))
}

/// The function that a call names, and the alias: a URL may be of one, not of a version.
fn asked(call: &Call) -> Result<FunctionRef, Error> {
    let mut constraints = Constraints::default();
    constraints.pattern(call.query("Qualifier"), "qualifier", alias::is_name, QUALIFIER_PATTERN);
    constraints.end()?;
    named::named(call)
}

fn function<'a>(store: &'a Store, named: &FunctionRef) -> Option<&'a Function> {
    let function = named::function(store, named).ok()?;
    let known = named.qualifier.as_ref().is_none_or(|alias| function.aliases.contains_key(alias));
    known.then_some(function)
}

fn missing() -> Error {
    refusal::not_found("The resource you requested does not exist.")
}

/// What the function's tag says; an alias is named behind it.
fn custom_id(function: &Function, named: &FunctionRef) -> Result<Option<String>, Error> {
    let Some(tag) = function.tags.get(CUSTOM_ID) else { return Ok(None) };
    let id = match &named.qualifier {
        Some(alias) => format!("{tag}-{alias}"),
        None => tag.clone(),
    };
    let id = id.to_ascii_lowercase();
    let fits =
        id.len() <= MAX_ID && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if id.is_empty() || !fits {
        return Err(refusal::invalid(format!(
            "The tag {CUSTOM_ID} must be a label of a host name, of letters, digits and '-': {id}"
        )));
    }
    Ok(Some(id))
}

fn shown(context: &Context, named: &FunctionRef, url: &Url) -> Map<String, Value> {
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| drop(members.insert(name.into(), value));
    let host = format!("{}.lambda-url.{}.{}", url.id, named.owner.region, context.settings.public_host);
    put("FunctionUrl", format!("http://{host}/").into());
    put("FunctionArn", named.arn().into());
    put("AuthType", if url.signed { "AWS_IAM" } else { "NONE" }.into());
    put("CreationTime", iso8601_millis(url.created_ms).into());
    put("LastModifiedTime", iso8601_millis(url.modified_ms).into());
    put("InvokeMode", "BUFFERED".into());
    if let Some(cors) = &url.cors {
        put("Cors", shown_cors(cors));
    }
    members
}

fn shown_cors(cors: &Cors) -> Value {
    let mut members = Map::new();
    let mut put = |name: &str, value: Option<Value>| members.extend(value.map(|value| (name.into(), value)));
    put("AllowCredentials", cors.allow_credentials.map(Value::from));
    put("AllowHeaders", cors.allow_headers.clone().map(Value::from));
    put("AllowMethods", cors.allow_methods.clone().map(Value::from));
    put("AllowOrigins", cors.allow_origins.clone().map(Value::from));
    put("ExposeHeaders", cors.expose_headers.clone().map(Value::from));
    put("MaxAge", cors.max_age.map(Value::from));
    Value::Object(members)
}

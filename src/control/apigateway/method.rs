//! Methods: what a resource answers to.

pub mod update;

use serde_json::{Map, Value, json};

use super::{
    conflict, edit_methods, find_method, find_resource, integration, method_response, read, spelled,
    unknown_method,
};
use crate::control::Context;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::input::{Input, bad_request};
use crate::control::members::{Members, strings};
use crate::model::rest::{Authorization, METHODS, Method};
use crate::model::{RestApi, Store};

/// PutMethod
pub fn put(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let (api, _) = find_resource(store, call)?;
    let method = given(call.path("http_method"), &input, api)?;
    edit_methods(store, call, |methods| {
        if methods.contains_key(&method.http_method) {
            return Err(conflict("Method already exists for this resource"));
        }
        let answer = Answer::created(show(&method));
        methods.insert(method.http_method.clone(), method);
        Ok(answer)
    })
}

/// GetMethod
pub fn get(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    Ok(Answer::ok(show(find_method(store, call)?)))
}

/// DeleteMethod, with its integration.
pub fn delete(store: &mut Store, _: &Context, call: &Call) -> Result<Answer, Error> {
    edit_methods(store, call, |methods| {
        methods.remove(call.path("http_method")).ok_or_else(unknown_method)?;
        Ok(Answer::no_content())
    })
}

/// A method with its responses and its integration.
pub fn show(method: &Method) -> Value {
    let parameters = method.request_parameters.iter();
    let parameters: Map<_, _> = parameters.map(|(name, required)| (name.clone(), json!(required))).collect();
    let responses = method.responses.iter();
    let responses: Map<_, _> =
        responses.map(|(code, response)| (code.clone(), method_response::show(code, response))).collect();
    let scopes = &method.authorization_scopes;
    Members::default()
        .with("httpMethod", method.http_method.as_str())
        .with("authorizationType", method.authorization.as_str())
        .maybe("authorizerId", method.authorizer_id.as_deref())
        .maybe("authorizationScopes", (!scopes.is_empty()).then(|| json!(scopes)))
        .with("apiKeyRequired", method.api_key_required)
        .maybe("operationName", method.operation_name.as_deref())
        .maybe("requestValidatorId", method.request_validator_id.as_deref())
        .maybe("requestParameters", (!parameters.is_empty()).then_some(parameters))
        .maybe("requestModels", (!method.request_models.is_empty()).then(|| strings(&method.request_models)))
        .maybe("methodResponses", (!responses.is_empty()).then_some(responses))
        .maybe("methodIntegration", method.integration.as_ref().map(integration::show))
        .done()
}

/// Whether `text` is one of [`METHODS`].
///
/// # Errors
/// It is not.
pub fn check_name(text: &str) -> Result<(), Error> {
    match METHODS.contains(&text) {
        true => Ok(()),
        false => {
            Err(bad_request(format!("Invalid HttpMethod specified. Valid options are {}", METHODS.join(","))))
        }
    }
}

fn given(http_method: &str, input: &Input, api: &RestApi) -> Result<Method, Error> {
    check_name(http_method)?;
    let mut method = Method::new(http_method);
    let authorization = input.text("authorizationType")?.unwrap_or_default();
    method.authorization = self::authorization(&authorization)?;
    check_authorizer(method.authorization)?;
    if let Some(id) = input.text("requestValidatorId")? {
        check_validator(&id)?;
    }
    method.api_key_required = input.boolean("apiKeyRequired")?.unwrap_or_default();
    method.operation_name = input.text("operationName")?;
    method.authorization_scopes = input.strings("authorizationScopes")?.unwrap_or_default();
    method.request_parameters = read::booleans(input, "requestParameters")?.unwrap_or_default();
    method.request_parameters.keys().try_for_each(|name| check_parameter(name))?;
    check_unique(&method)?;
    method.request_models = read::strings(input, "requestModels")?.unwrap_or_default();
    for (content_type, model) in &method.request_models {
        check_model(content_type, model, api)?;
    }
    Ok(method)
}

fn authorization(text: &str) -> Result<Authorization, Error> {
    let all = [Authorization::None, Authorization::Iam, Authorization::Custom, Authorization::Cognito];
    spelled(&all, Authorization::as_str, text).ok_or_else(|| {
        bad_request(
            "Invalid Authorization type specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS",
        )
    })
}

/// There are no authorizers yet, so none can be named.
fn check_authorizer(authorization: Authorization) -> Result<(), Error> {
    match authorization {
        Authorization::None | Authorization::Iam => Ok(()),
        Authorization::Custom | Authorization::Cognito => Err(bad_request(
            "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a \
             valid authorizer.",
        )),
    }
}

/// There are no validators yet, so none can be named.
fn check_validator(id: &str) -> Result<(), Error> {
    match id.is_empty() {
        true => Ok(()),
        false => Err(bad_request("Invalid Request Validator identifier specified")),
    }
}

/// A model is there, and its messages have a type.
fn check_model(content_type: &str, model: &str, api: &RestApi) -> Result<(), Error> {
    if !read::is_content_type(content_type) {
        return Err(read::invalid_content_type(content_type));
    }
    match api.models.contains_key(model) {
        true => Ok(()),
        false => Err(bad_request(format!("Invalid model identifier specified: {model}"))),
    }
}

/// `method.request.header.x`
fn check_parameter(name: &str) -> Result<(), Error> {
    let known = ["method.request.header.", "method.request.querystring.", "method.request.path."];
    let named = known.iter().any(|start| name.strip_prefix(start).is_some_and(|rest| !rest.is_empty()));
    match named {
        true => Ok(()),
        false => Err(read::invalid_mapping(name)),
    }
}

/// No two parameters have one name, wherever they are.
fn check_unique(method: &Method) -> Result<(), Error> {
    let names = method.request_parameters.keys().filter_map(|name| name.splitn(4, '.').nth(3));
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    match names.windows(2).any(|pair| pair[0] == pair[1]) {
        true => Err(bad_request("Parameter names must be unique across querystring, header and path")),
        false => Ok(()),
    }
}

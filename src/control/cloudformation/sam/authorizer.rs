//! `Auth` of an HTTP API: its authorizers, and which of them a route has.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::apis::Route;
use super::declared::Declared;
use super::output::Output;
use super::{unsupported, wrong};
use crate::control::answer::Error;

/// No authorizer of the template: requests that are signed.
const IAM: &str = "AWS_IAM";

/// The authorizers of an API.
#[derive(Debug)]
pub struct Authorizers {
    by_name: BTreeMap<String, Authorizer>,
    default: Option<String>,
}

#[derive(Debug)]
struct Authorizer {
    /// Its logical id.
    id: String,
    /// `JWT`, `CUSTOM`
    kind: &'static str,
    /// The scopes of routes that name none.
    scopes: Option<Value>,
}

/// Puts the authorizers.
///
/// # Errors
/// One is wrong.
pub fn expand(api: &Declared, condition: Option<&str>, output: &mut Output) -> Result<Authorizers, Error> {
    let auth = api.map("Auth")?;
    let mut by_name = BTreeMap::new();
    for (name, said) in map(api, "Auth.Authorizers", auth.get("Authorizers"))? {
        let said = map(api, &format!("Authorizers.{name}"), Some(&said))?;
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        let id = format!("{}{plain}Authorizer", api.id);
        let kind = match said.contains_key("JwtConfiguration") {
            true => jwt(api, (&name, &id), &said, condition, output)?,
            false => lambda(api, (&name, &id), &said, condition, output)?,
        };
        let scopes = said.get("AuthorizationScopes").cloned();
        by_name.insert(name, Authorizer { id, kind, scopes });
    }
    Ok(Authorizers {
        by_name,
        default: auth.get("DefaultAuthorizer").and_then(Value::as_str).map(str::to_owned),
    })
}

impl Authorizers {
    /// What a route has of `AWS::ApiGatewayV2::Route`.
    ///
    /// # Errors
    /// It names an authorizer that isn't there.
    pub fn of(&self, route: &Route) -> Result<Map<String, Value>, Error> {
        let said = route.properties.get("Auth");
        let name = said.and_then(|auth| auth.get("Authorizer")).and_then(Value::as_str);
        let Some(name) = name.or(self.default.as_deref()).filter(|name| *name != "NONE") else {
            return Ok(Map::new());
        };
        if name == IAM {
            return Ok(Map::from_iter([("AuthorizationType".to_owned(), json!(IAM))]));
        }
        let authorizer = self.by_name.get(name).ok_or_else(|| {
            let (method, path) = (route.method.to_lowercase(), &route.path);
            route.wrong(format_args!(
                "Unable to set Authorizer [{name}] on API method [{method}] for path [{path}] because it wasn't \
                 defined in the API's Authorizers."
            ))
        })?;
        let scopes = said.and_then(|auth| auth.get("AuthorizationScopes")).or(authorizer.scopes.as_ref());
        let mut properties = Map::from_iter([
            ("AuthorizationType".to_owned(), json!(authorizer.kind)),
            ("AuthorizerId".to_owned(), json!({ "Ref": authorizer.id })),
        ]);
        properties.extend(scopes.map(|scopes| ("AuthorizationScopes".to_owned(), scopes.clone())));
        Ok(properties)
    }
}

fn jwt(
    api: &Declared,
    (name, id): (&str, &str),
    said: &Map<String, Value>,
    condition: Option<&str>,
    output: &mut Output,
) -> Result<&'static str, Error> {
    check(api, name, said, &["AuthorizationScopes", "IdentitySource", "JwtConfiguration"])?;
    // SAM takes the members in both spellings.
    let configuration: Map<String, Value> = map(api, "JwtConfiguration", said.get("JwtConfiguration"))?
        .into_iter()
        .map(|(member, value)| match member.to_ascii_lowercase().as_str() {
            "issuer" => ("Issuer".to_owned(), value),
            "audience" => ("Audience".to_owned(), value),
            _ => (member, value),
        })
        .collect();
    let mut properties = json!({
        "ApiId": { "Ref": api.id },
        "AuthorizerType": "JWT",
        "JwtConfiguration": configuration,
        "Name": name,
    });
    if let Some(source) = said.get("IdentitySource") {
        properties["IdentitySource"] = json!([source]);
    }
    output.put(id.to_owned(), "AWS::ApiGatewayV2::Authorizer", properties, condition)?;
    Ok("JWT")
}

fn lambda(
    api: &Declared,
    (name, id): (&str, &str),
    said: &Map<String, Value>,
    condition: Option<&str>,
    output: &mut Output,
) -> Result<&'static str, Error> {
    const KNOWN: &[&str] = &[
        "AuthorizerPayloadFormatVersion",
        "EnableFunctionDefaultPermissions",
        "EnableSimpleResponses",
        "FunctionArn",
        "FunctionInvokeRole",
        "Identity",
    ];
    check(api, name, said, KNOWN)?;
    let (Some(arn), Some(version)) = (said.get("FunctionArn"), said.get("AuthorizerPayloadFormatVersion"))
    else {
        let message = format!(
            "{name} Lambda Authorizer must define 'FunctionArn' and 'AuthorizerPayloadFormatVersion'."
        );
        return Err(wrong(&api.id, message));
    };
    let uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations";
    let mut properties = json!({
        "ApiId": { "Ref": api.id },
        "AuthorizerType": "REQUEST",
        "AuthorizerPayloadFormatVersion": version,
        "AuthorizerUri": { "Fn::Sub": [uri, { "__FunctionArn__": arn }] },
        "Name": name,
    });
    for (from, to) in [
        ("EnableSimpleResponses", "EnableSimpleResponses"),
        ("FunctionInvokeRole", "AuthorizerCredentialsArn"),
    ] {
        if let Some(value) = said.get(from) {
            properties[to] = value.clone();
        }
    }
    let identity = map(api, "Identity", said.get("Identity"))?;
    if let Some(seconds) = identity.get("ReauthorizeEvery") {
        properties["AuthorizerResultTtlInSeconds"] = seconds.clone();
    }
    let sources = identity_sources(&identity);
    if !sources.is_empty() {
        properties["IdentitySource"] = sources.into();
    }
    output.put(id.to_owned(), "AWS::ApiGatewayV2::Authorizer", properties, condition)?;
    if said.get("EnableFunctionDefaultPermissions").is_some_and(|value| *value == true) {
        let source =
            "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/authorizers/*";
        let may = json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": arn,
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": { "Fn::Sub": [source, { "__ApiId__": { "Ref": api.id } }] },
        });
        output.put(format!("{id}Permission"), "AWS::Lambda::Permission", may, condition)?;
    }
    Ok("CUSTOM")
}

fn identity_sources(identity: &Map<String, Value>) -> Vec<Value> {
    let mut sources = Vec::new();
    for (member, prefix) in [
        ("Headers", "$request.header."),
        ("QueryStrings", "$request.querystring."),
        ("StageVariables", "$stageVariables."),
        ("Context", "$context."),
    ] {
        let names = identity.get(member).and_then(Value::as_array).into_iter().flatten();
        sources.extend(names.filter_map(Value::as_str).map(|name| json!(format!("{prefix}{name}"))));
    }
    sources
}

fn check(api: &Declared, name: &str, said: &Map<String, Value>, known: &[&str]) -> Result<(), Error> {
    let unknown = said.keys().find(|member| !known.contains(&member.as_str()));
    unknown
        .map_or(Ok(()), |member| Err(unsupported(&api.id, format_args!("{member} of the authorizer {name}"))))
}

fn map(api: &Declared, what: &str, value: Option<&Value>) -> Result<Map<String, Value>, Error> {
    match value {
        None => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members.clone()),
        Some(_) => Err(wrong(&api.id, format_args!("{what} should be a map."))),
    }
}

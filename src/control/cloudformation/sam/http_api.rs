//! `AWS::Serverless::HttpApi`, and the HTTP API that events imply.

use serde_json::{Map, Value, json};

use super::apis::{Api, Route, stage_id};
use super::authorizer::{self, Authorizers};
use super::output::Output;
use super::{definition, wrong};
use crate::control::answer::Error;

/// Properties of the API itself.
const OF_API: &[&str] = &["Description", "DisableExecuteApiEndpoint"];

/// Properties of its stage.
const OF_STAGE: &[&str] = &["AccessLogSettings", "DefaultRouteSettings", "RouteSettings", "StageVariables"];

const OWN: &[&str] =
    &["Auth", "CorsConfiguration", "FailOnWarnings", "Name", "PropagateTags", "StageName", "Tags"];

const REFUSED: &[&str] = &["Domain"];

const MARK: &str = "httpapi:createdBy";

/// Puts the API, its stage, its authorizers and its routes.
///
/// # Errors
/// It is wrong, or asks for what is not emulated.
pub fn expand(api: &Api, output: &mut Output) -> Result<(), Error> {
    let declared = &api.declared;
    declared.check(&[OF_API, OF_STAGE, OWN, &definition::PROPERTIES].concat(), REFUSED)?;
    let definition = definition::of(declared, &["Auth"])?;
    let id = &declared.id;
    let conditions: Vec<_> = api.routes.iter().map(|route| route.condition.clone()).collect();
    let condition = if api.implied { output.any_of(id, &conditions) } else { declared.condition() };
    let condition = condition.as_deref();
    let mut attributes = declared.attributes.clone();
    attributes.extend(condition.map(|condition| ("Condition".to_owned(), condition.into())));

    let mut tags = Map::from_iter([(MARK.to_owned(), json!("SAM"))]);
    tags.extend(declared.map("Tags")?);
    let mut properties = declared.copied(OF_API);
    let name = declared.properties.get("Name").cloned();
    let routes = match definition {
        None => {
            properties.insert("ProtocolType".into(), json!("HTTP"));
            let name = name.unwrap_or_else(|| json!({ "Ref": "AWS::StackName" }));
            properties.insert("Name".into(), name);
            api.routes.as_slice()
        }
        Some((property, definition)) => {
            properties.extend(declared.copied(&["FailOnWarnings"]));
            properties.extend(name.map(|name| ("Name".to_owned(), name)));
            properties.insert(property.into(), definition);
            &[]
        }
    };
    properties.insert("Tags".into(), json!(tags));
    properties.extend(cors(api)?.map(|cors| ("CorsConfiguration".to_owned(), cors)));
    output.add(id.clone(), "AWS::ApiGatewayV2::Api", properties.into(), attributes)?;

    let authorizers = authorizer::expand(declared, condition, output)?;
    for route in routes {
        put_route(id, route, &authorizers, output)?;
    }
    put_stage(api, routes, &tags, condition, output)
}

fn cors(api: &Api) -> Result<Option<Value>, Error> {
    match api.declared.properties.get("CorsConfiguration") {
        None | Some(Value::Bool(false)) => Ok(None),
        Some(Value::Bool(true)) => Ok(Some(json!({ "AllowOrigins": ["*"] }))),
        Some(Value::Object(configuration)) => Ok(Some(json!(configuration))),
        Some(_) => Err(wrong(&api.declared.id, "Invalid value for 'CorsConfiguration' property.")),
    }
}

fn put_stage(
    api: &Api,
    routes: &[Route],
    tags: &Map<String, Value>,
    condition: Option<&str>,
    output: &mut Output,
) -> Result<(), Error> {
    let declared = &api.declared;
    let id = &declared.id;
    let name = declared.properties.get("StageName").cloned().unwrap_or_else(|| json!("$default"));
    let mut properties = declared.copied(OF_STAGE);
    properties.insert("ApiId".into(), json!({ "Ref": id }));
    properties.insert("StageName".into(), name.clone());
    properties.insert("AutoDeploy".into(), true.into());
    properties.insert("Tags".into(), json!(tags));
    let mut settings = declared.map("RouteSettings")?;
    for route in routes {
        let of_route = route.properties.get("RouteSettings");
        settings.extend(of_route.map(|of_route| (key(route), of_route.clone())));
    }
    let mut attributes = Map::new();
    if !settings.is_empty() {
        properties.insert("RouteSettings".into(), settings.into());
        // A stage has settings only for routes that are there.
        let routes: Vec<String> = routes.iter().map(|route| route.id("Route")).collect();
        attributes.insert("DependsOn".into(), routes.into());
    }
    attributes.extend(condition.map(|condition| ("Condition".to_owned(), condition.into())));
    let stage = stage_id(id, &name);
    output.rename(format!("{id}.Stage"), stage.clone());
    output.add(stage, "AWS::ApiGatewayV2::Stage", properties.into(), attributes)
}

fn put_route(api: &str, route: &Route, authorizers: &Authorizers, output: &mut Output) -> Result<(), Error> {
    let condition = route.condition.as_deref();
    let version = route.properties.get("PayloadFormatVersion").cloned().unwrap_or_else(|| json!("2.0"));
    let mut integration = json!({
        "ApiId": { "Ref": api },
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": route.target,
        "PayloadFormatVersion": version,
    });
    if let Some(timeout) = route.properties.get("TimeoutInMillis") {
        integration["TimeoutInMillis"] = timeout.clone();
    }
    output.put(route.id("Integration"), "AWS::ApiGatewayV2::Integration", integration, condition)?;
    let target = json!({ "Fn::Sub": format!("integrations/${{{}}}", route.id("Integration")) });
    let mut properties = json!({ "ApiId": { "Ref": api }, "RouteKey": key(route), "Target": target });
    if let Some(members) = properties.as_object_mut() {
        members.extend(authorizers.of(route)?);
    }
    output.put(route.id("Route"), "AWS::ApiGatewayV2::Route", properties, condition)
}

fn key(route: &Route) -> String {
    if route.path == "$default" { route.path.clone() } else { format!("{} {}", route.method, route.path) }
}

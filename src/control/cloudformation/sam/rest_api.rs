//! `AWS::Serverless::Api`, and the REST API that events imply.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::apis::{Api, Route, stage_id};
use super::cors::Cors;
use super::output::{Output, hash, tag_list};
use super::{definition, unsupported, wrong};
use crate::control::answer::Error;

/// Properties of the API itself.
const OF_API: &[&str] = &[
    "ApiKeySourceType",
    "BinaryMediaTypes",
    "Description",
    "DisableExecuteApiEndpoint",
    "MinimumCompressionSize",
    "Policy",
];

/// Properties of its stage, and what they are called there.
const OF_STAGE: &[&str] = &[
    "AccessLogSetting",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "CanarySetting",
    "MethodSettings",
    "TracingEnabled",
    "Variables",
];

const OWN: &[&str] = &[
    "Auth",
    "Cors",
    "EndpointConfiguration",
    "FailOnWarnings",
    "Mode",
    "Name",
    "OpenApiVersion",
    "PropagateTags",
    "StageName",
    "Tags",
];

const REFUSED: &[&str] = &[
    "AlwaysDeploy",
    "Domain",
    "EndpointAccessMode",
    "GatewayResponses",
    "MergeDefinitions",
    "Models",
    "SecurityPolicy",
];

/// Puts the API, its resources and methods, a deployment for each content, and its stage.
///
/// # Errors
/// It is wrong, or asks for what is not emulated.
pub fn expand(api: &Api, output: &mut Output) -> Result<(), Error> {
    let declared = &api.declared;
    declared.check(&[OF_API, OF_STAGE, OWN, &definition::PROPERTIES].concat(), REFUSED)?;
    let definition = definition::of(declared, &["Auth", "Cors"])?;
    let id = &declared.id;
    let stage = match declared.properties.get("StageName") {
        Some(name) if !api.implied => name.clone(),
        None if !api.implied => return Err(wrong(id, "Missing required property 'StageName'.")),
        // That of an API which is implied is always the same.
        Some(_) | None => json!("Prod"),
    };
    let conditions: Vec<_> = api.routes.iter().map(|route| route.condition.clone()).collect();
    let condition = if api.implied { output.any_of(id, &conditions) } else { declared.condition() };
    let condition = condition.as_deref();
    let mut attributes = declared.attributes.clone();
    attributes.extend(condition.map(|condition| ("Condition".to_owned(), condition.into())));
    let properties = properties(api, definition.clone())?;
    output.add(id.clone(), "AWS::ApiGateway::RestApi", properties.clone(), attributes)?;

    let mut methods = BTreeMap::new();
    if definition.is_none() {
        methods = self::methods(api, condition)?;
        put_resources(api, condition, output)?;
    }
    let content = json!([properties, methods.values().map(|method| &method.properties).collect::<Vec<_>>()]);
    let hash = hash(&content);
    let deployment = format!("{id}Deployment{hash}");
    let all: Value = methods.keys().cloned().collect();
    for (id, method) in std::mem::take(&mut methods) {
        output.put(id, "AWS::ApiGateway::Method", method.properties, method.condition.as_deref())?;
    }
    let mut properties = json!({
        "Description": format!("RestApi deployment id: {hash}"),
        "RestApiId": { "Ref": id },
    });
    // SAM's own, older than its `OpenApiVersion`, which ends it.
    if !declared.properties.contains_key("OpenApiVersion") {
        properties["StageName"] = json!("Stage");
    }
    let mut attributes = Map::new();
    if definition.is_none() {
        attributes.insert("DependsOn".into(), all);
    }
    attributes.extend(condition.map(|condition| ("Condition".to_owned(), condition.into())));
    output.add(deployment.clone(), "AWS::ApiGateway::Deployment", properties, attributes)?;

    let mut properties = declared.copied(OF_STAGE);
    properties.insert("DeploymentId".into(), json!({ "Ref": deployment }));
    properties.insert("RestApiId".into(), json!({ "Ref": id }));
    properties.insert("StageName".into(), stage.clone());
    let tags = declared.map("Tags")?;
    if !tags.is_empty() {
        properties.insert("Tags".into(), tag_list("lambda:createdBy", &tags));
    }
    let stage = stage_id(id, &stage);
    output.rename(format!("{id}.Stage"), stage.clone());
    output.rename(format!("{id}.Deployment"), deployment);
    output.put(stage, "AWS::ApiGateway::Stage", properties.into(), condition)
}

fn properties(api: &Api, definition: Option<(&str, Value)>) -> Result<Value, Error> {
    let declared = &api.declared;
    let mut properties = declared.copied(OF_API);
    let name = declared.properties.get("Name").cloned();
    let name = match definition {
        None => Some(name.unwrap_or_else(|| json!({ "Ref": "AWS::StackName" }))),
        Some((property, definition)) => {
            properties.extend(declared.copied(&["FailOnWarnings", "Mode"]));
            properties.insert(property.into(), definition);
            name
        }
    };
    properties.extend(name.map(|name| ("Name".to_owned(), name)));
    if let Some(Value::Array(types)) = properties.get_mut("BinaryMediaTypes") {
        // They are written as in the paths of patches.
        for kind in types {
            if let Value::String(text) = kind {
                *text = text.replace("~1", "/");
            }
        }
    }
    let tags = declared.map("Tags")?;
    if !tags.is_empty() {
        properties.insert("Tags".into(), tag_list("lambda:createdBy", &tags));
    }
    let endpoint = match declared.properties.get("EndpointConfiguration") {
        None => return Ok(properties.into()),
        Some(Value::Object(said)) if said.contains_key("Type") => {
            let mut endpoint = json!({ "Types": [said["Type"]] });
            for (from, to) in [("VPCEndpointIds", "VpcEndpointIds"), ("IpAddressType", "IpAddressType")] {
                if let Some(value) = said.get(from) {
                    endpoint[to] = value.clone();
                }
            }
            endpoint
        }
        Some(kind) => json!({ "Types": [kind] }),
    };
    properties.insert("EndpointConfiguration".into(), endpoint);
    Ok(properties.into())
}

struct Method {
    properties: Value,
    condition: Option<String>,
}

/// The methods by logical id.
fn methods(api: &Api, condition: Option<&str>) -> Result<BTreeMap<String, Method>, Error> {
    let id = &api.declared.id;
    let auth = api.declared.map("Auth")?;
    if let Some(member) = auth.keys().find(|member| !OF_AUTH.contains(&member.as_str())) {
        return Err(unsupported(id, format_args!("{member} of Auth of AWS::Serverless::Api")));
    }
    let cors = Cors::of(&api.declared)?;
    let mut methods = BTreeMap::new();
    let mut paths: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for route in &api.routes {
        paths.entry(&route.path).or_default().insert(&route.method);
        let properties = method(api, route, &auth)?;
        methods.insert(
            method_id(id, &route.method, &route.path),
            Method { properties, condition: route.condition.clone() },
        );
    }
    for (path, names) in cors.iter().flat_map(|_| &paths) {
        if names.contains("OPTIONS") {
            continue;
        }
        let mut properties = cors.as_ref().map(|cors| cors.method(names)).unwrap_or_default();
        properties["ResourceId"] = resource(id, path);
        properties["RestApiId"] = json!({ "Ref": id });
        let condition = condition.map(str::to_owned);
        methods.insert(method_id(id, "OPTIONS", path), Method { properties, condition });
    }
    Ok(methods)
}

/// Of `Auth`, what is emulated: who may call without a name, and who must sign.
const OF_AUTH: &[&str] =
    &["AddDefaultAuthorizerToCorsPreflight", "ApiKeyRequired", "DefaultAuthorizer", "InvokeRole"];

fn method(api: &Api, route: &Route, auth: &Map<String, Value>) -> Result<Value, Error> {
    let own = route.properties.get("Auth");
    let said = |member: &str| own.and_then(|own| own.get(member)).or_else(|| auth.get(member));
    let authorizer = own.and_then(|own| own.get("Authorizer")).or_else(|| auth.get("DefaultAuthorizer"));
    let kind = match authorizer.map(|name| name.as_str().unwrap_or_default()) {
        None | Some("NONE") => "NONE",
        Some("AWS_IAM") => "AWS_IAM",
        Some(name) => {
            let id = &api.declared.id;
            return Err(unsupported(id, format_args!("authorizers of AWS::Serverless::Api ({name})")));
        }
    };
    let uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations";
    let mut properties = json!({
        "AuthorizationType": kind,
        "HttpMethod": route.method,
        "Integration": {
            "IntegrationHttpMethod": "POST",
            "Type": "AWS_PROXY",
            "Uri": { "Fn::Sub": [uri, { "__FunctionArn__": route.target }] },
        },
        "ResourceId": resource(&api.declared.id, &route.path),
        "RestApiId": { "Ref": api.declared.id },
    });
    if let Some(timeout) = route.properties.get("TimeoutInMillis") {
        properties["Integration"]["TimeoutInMillis"] = timeout.clone();
    }
    if let Some(required) = said("ApiKeyRequired") {
        properties["ApiKeyRequired"] = required.clone();
    }
    let parameters = parameters(route)?;
    if !parameters.is_empty() {
        properties["RequestParameters"] = parameters.into();
    }
    Ok(properties)
}

/// `RequestParameters`: names, or names with whether they are required.
fn parameters(route: &Route) -> Result<Map<String, Value>, Error> {
    let wrong = || {
        route.wrong(
            "Invalid value for 'RequestParameters' property. Values must be in the format \
             'method.request.[querystring|path|header].value', or a map of them.",
        )
    };
    let mut parameters = Map::new();
    for said in route.properties.get("RequestParameters").and_then(Value::as_array).into_iter().flatten() {
        match said {
            Value::String(name) => drop(parameters.insert(name.clone(), false.into())),
            Value::Object(named) => parameters.extend(named.iter().map(|(name, how)| {
                let required = how.get("Required").cloned().unwrap_or_else(|| false.into());
                (name.clone(), required)
            })),
            _ => return Err(wrong()),
        }
    }
    Ok(parameters)
}

/// Puts a resource for each path and for what stands above it, but for the root.
fn put_resources(api: &Api, condition: Option<&str>, output: &mut Output) -> Result<(), Error> {
    let id = &api.declared.id;
    let mut done = BTreeSet::new();
    for route in &api.routes {
        let path = &route.path;
        if !path.starts_with('/') {
            return Err(route.wrong(format_args!("The path {} does not begin with a slash.", route.path)));
        }
        let ends = path.match_indices('/').map(|(at, _)| at).skip(1).chain([path.len()]);
        for end in ends.filter(|end| *end > 1) {
            let here = &path[..end];
            if !done.insert(here) {
                continue;
            }
            let (above, part) = here.rsplit_once('/').unwrap_or(("", here));
            let properties = json!({
                "ParentId": resource(id, above),
                "PathPart": part,
                "RestApiId": { "Ref": id },
            });
            output.put(resource_id(id, here), "AWS::ApiGateway::Resource", properties, condition)?;
        }
    }
    Ok(())
}

/// A reference to the resource of a path.
fn resource(api: &str, path: &str) -> Value {
    match path {
        "" | "/" => json!({ "Fn::GetAtt": [api, "RootResourceId"] }),
        path => json!({ "Ref": resource_id(api, path) }),
    }
}

fn resource_id(api: &str, path: &str) -> String {
    format!("{api}Resource{}", hash(&path.into()))
}

fn method_id(api: &str, method: &str, path: &str) -> String {
    format!("{api}Method{}", hash(&json!([method, path])))
}

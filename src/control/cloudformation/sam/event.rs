//! Events of functions: routes of APIs with the permission to call the function, and rules of EventBridge, which are
//! kept.

use serde_json::{Map, Value, json};

use super::apis::{Apis, Route, wrong_event};
use super::declared::ApiKind;
use super::function::Target;
use super::output::Output;
use super::unsupported;
use crate::control::answer::Error;

/// Puts what an event stands for.
///
/// # Errors
/// It is wrong, or of a kind that is not emulated.
pub fn expand(
    target: &Target,
    name: &str,
    said: &Value,
    output: &mut Output,
    apis: &mut Apis<'_>,
) -> Result<(), Error> {
    let function = &target.function.id;
    let no_map = || wrong_event(function, name, "Properties should be a map.");
    let properties = match said.get("Properties") {
        None => Map::new(),
        Some(Value::Object(properties)) => properties.clone(),
        Some(_) => return Err(no_map()),
    };
    match said.get("Type").and_then(Value::as_str) {
        Some("HttpApi") => http(target, name, properties, output, apis),
        Some("Api") => rest(target, name, properties, output, apis),
        Some("Schedule") => schedule(target, name, &properties, output),
        Some(kind @ ("CloudWatchEvent" | "EventBridgeRule")) => {
            pattern(target, (name, kind), &properties, output)
        }
        Some(other) => Err(unsupported(function, format_args!("events of the type {other} (event {name})"))),
        None => Err(wrong_event(function, name, "Missing required property 'Type'.")),
    }
}

const HTTP: &[&str] =
    &["ApiId", "Auth", "Method", "Path", "PayloadFormatVersion", "RouteSettings", "Stage", "TimeoutInMillis"];

fn http(
    target: &Target,
    name: &str,
    properties: Map<String, Value>,
    output: &mut Output,
    apis: &mut Apis<'_>,
) -> Result<(), Error> {
    check(target, (name, "HttpApi"), &properties, HTTP)?;
    let (path, method) = match (properties.get("Path"), properties.get("Method")) {
        (None, None) => ("$default".to_owned(), "ANY".to_owned()),
        (path, method) => {
            let path = said(target, name, "Path", path)?;
            (path, method_name(&said(target, name, "Method", method)?))
        }
    };
    let route = route(target, name, (&method, &path), properties);
    let (api, _) = apis.add(ApiKind::Http, "ApiId", route)?;
    // The default route calls with whatever path the request has.
    let end = if path == "$default" { String::new() } else { permitted(&path) };
    let arn = format!("arn:${{AWS::Partition}}:{STAGES}/{}{end}", star(&method));
    permission(target, &format!("{name}Permission"), api, &arn, output)
}

const REST: &[&str] =
    &["Auth", "Method", "Path", "RequestModel", "RequestParameters", "RestApiId", "Stage", "TimeoutInMillis"];

fn rest(
    target: &Target,
    name: &str,
    properties: Map<String, Value>,
    output: &mut Output,
    apis: &mut Apis<'_>,
) -> Result<(), Error> {
    check(target, (name, "Api"), &properties, REST)?;
    if properties.contains_key("RequestModel") {
        return Err(unsupported(&target.function.id, format_args!("RequestModel (event {name})")));
    }
    // A slash at the end means nothing.
    let path = plain(&said(target, name, "Path", properties.get("Path"))?).to_owned();
    let method = method_name(&said(target, name, "Method", properties.get("Method"))?);
    let route = route(target, name, (&method, &path), properties);
    let (api, stage) = apis.add(ApiKind::Rest, "RestApiId", route)?;
    let stage: String = stage.unwrap_or("Stage").chars().filter(char::is_ascii_alphanumeric).collect();
    let arn = format!("arn:aws:{STAGES}/{}{}", star(&method), permitted(&path));
    permission(target, &format!("{name}Permission{stage}"), api, &arn, output)
}

/// The stages of an API, in an ARN.
const STAGES: &str = "execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}";

fn permission(target: &Target, suffix: &str, api: &str, arn: &str, output: &mut Output) -> Result<(), Error> {
    let properties = json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": { "Ref": target.id },
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": { "Fn::Sub": [arn, { "__ApiId__": { "Ref": api }, "__Stage__": "*" }] },
    });
    let id = format!("{}{suffix}", target.function.id);
    output.put(id, "AWS::Lambda::Permission", properties, target.function.condition().as_deref())
}

const SCHEDULE: &[&str] = &[
    "DeadLetterConfig",
    "Description",
    "Enabled",
    "Input",
    "Name",
    "RetryPolicy",
    "RuleName",
    "Schedule",
    "State",
];

fn schedule(
    target: &Target,
    name: &str,
    properties: &Map<String, Value>,
    output: &mut Output,
) -> Result<(), Error> {
    check(target, (name, "Schedule"), properties, SCHEDULE)?;
    let function = &target.function.id;
    let id = format!("{function}{name}");
    let expression = properties
        .get("Schedule")
        .ok_or_else(|| wrong_event(function, name, "Missing required property 'Schedule'."))?;
    let mut call = json!({ "Arn": target.arn, "Id": format!("{id}LambdaTarget") });
    if let Some(input) = properties.get("Input") {
        call["Input"] = input.clone();
    }
    let mut rule = json!({ "ScheduleExpression": expression, "Targets": [call] });
    for member in ["Description", "Name", "State"] {
        if let Some(value) = properties.get(member) {
            rule[member] = value.clone();
        }
    }
    if let Some(enabled) = properties.get("Enabled") {
        rule["State"] = state(enabled);
    }
    put_rule(target, id, rule, output)
}

const PATTERN: &[&str] = &[
    "DeadLetterConfig",
    "Enabled",
    "EventBusName",
    "Input",
    "InputPath",
    "InputTransformer",
    "Pattern",
    "RetryPolicy",
    "RuleName",
    "State",
    "Target",
];

fn pattern(
    target: &Target,
    (name, kind): (&str, &str),
    properties: &Map<String, Value>,
    output: &mut Output,
) -> Result<(), Error> {
    check(target, (name, kind), properties, PATTERN)?;
    let function = &target.function.id;
    let id = format!("{function}{name}");
    let wanted = properties
        .get("Pattern")
        .ok_or_else(|| wrong_event(function, name, "Missing required property 'Pattern'."))?;
    let own = properties.get("Target").and_then(|target| target.get("Id")).cloned();
    let own = own.unwrap_or_else(|| format!("{id}LambdaTarget").into());
    let mut call = json!({ "Arn": target.arn, "Id": own });
    for member in ["Input", "InputPath", "InputTransformer"] {
        if let Some(value) = properties.get(member) {
            call[member] = value.clone();
        }
    }
    let mut rule = json!({ "EventPattern": wanted, "Targets": [call] });
    for (from, to) in [("EventBusName", "EventBusName"), ("RuleName", "Name"), ("State", "State")] {
        if let Some(value) = properties.get(from) {
            rule[to] = value.clone();
        }
    }
    if let Some(enabled) = properties.get("Enabled") {
        rule["State"] = state(enabled);
    }
    put_rule(target, id, rule, output)
}

fn state(enabled: &Value) -> Value {
    let off = *enabled == false || *enabled == "false";
    json!(if off { "DISABLED" } else { "ENABLED" })
}

fn put_rule(target: &Target, id: String, rule: Value, output: &mut Output) -> Result<(), Error> {
    let condition = target.function.condition();
    output.put(id.clone(), "AWS::Events::Rule", rule, condition.as_deref())?;
    let may = json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": { "Ref": target.id },
        "Principal": "events.amazonaws.com",
        "SourceArn": { "Fn::GetAtt": [&id, "Arn"] },
    });
    output.put(format!("{id}Permission"), "AWS::Lambda::Permission", may, condition.as_deref())
}

fn check(
    target: &Target,
    (name, kind): (&str, &str),
    properties: &Map<String, Value>,
    known: &[&str],
) -> Result<(), Error> {
    let unknown = properties.keys().find(|property| !known.contains(&property.as_str()));
    unknown.map_or(Ok(()), |property| {
        let message = format!("property {property} not defined for resource of type {kind}");
        Err(wrong_event(&target.function.id, name, message))
    })
}

fn said(target: &Target, name: &str, property: &str, value: Option<&Value>) -> Result<String, Error> {
    let text = value.and_then(Value::as_str).map(str::to_owned);
    text.ok_or_else(|| {
        let message = format!("Event is missing key '{property}', or it is no text.");
        wrong_event(&target.function.id, name, message)
    })
}

fn route(target: &Target, name: &str, (method, path): (&str, &str), properties: Map<String, Value>) -> Route {
    Route {
        of: (target.function.id.clone(), name.to_owned()),
        method: method.to_owned(),
        path: path.to_owned(),
        properties,
        target: target.arn.clone(),
        condition: target.function.condition(),
    }
}

fn method_name(said: &str) -> String {
    if said.eq_ignore_ascii_case("x-amazon-apigateway-any-method") || said == "*" {
        return "ANY".into();
    }
    said.to_uppercase()
}

fn star(method: &str) -> &str {
    if method == "ANY" { "*" } else { method }
}

/// A path without the slash at its end.
fn plain(path: &str) -> &str {
    if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path }
}

/// A path as a permission has it: without a slash at its end, and with a star for each parameter.
fn permitted(path: &str) -> String {
    let mut out = String::new();
    let mut rest = plain(path);
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push('*');
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_permissions() {
        for (path, expected) in [
            ("/", "/"),
            ("/a", "/a"),
            ("/a/", "/a"),
            ("/a/{id}", "/a/*"),
            ("/{a}/b/{proxy+}", "/*/b/*"),
            ("/{a", "/{a"),
        ] {
            assert_eq!(permitted(path), expected, "{path}");
        }
    }
}

//! Cloud Control: the URL of a function, which `sam list endpoints` asks of it and of no other service. Resources of
//! other types are refused by name.

use serde_json::{Value, json};

use super::Control;
use super::answer::{Answer, Error};
use super::call::Call;
use super::input::Input;
use super::operation::Operation;
use super::perform::Errand;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[Operation::slow("GetResource", "GetResource", get)];

/// AWS has these operations too.
pub const UNSUPPORTED: &[(&str, &str)] = &[
    ("CancelResourceRequest", "CancelResourceRequest"),
    ("CreateResource", "CreateResource"),
    ("DeleteResource", "DeleteResource"),
    ("GetResourceRequestStatus", "GetResourceRequestStatus"),
    ("ListResourceRequests", "ListResourceRequests"),
    ("ListResources", "ListResources"),
    ("UpdateResource", "UpdateResource"),
];

const URL: &str = "AWS::Lambda::Url";

/// The members of a function's URL that are properties of [`URL`].
const PROPERTIES: &[&str] = &["AuthType", "Cors", "FunctionArn", "FunctionUrl", "InvokeMode"];

/// GetResource
fn get(control: &Control, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let said = |name: &str| Ok::<_, Error>(input.text(name)?.unwrap_or_default());
    let (kind, identifier) = (said("TypeName")?, said("Identifier")?);
    if kind != URL {
        let message = format!("gatelet reads resources of the type {URL} alone here, and none of {kind} yet");
        return Err(Error::new(400, "UnsupportedActionException", message));
    }
    let errand = Errand {
        path: vec![("FunctionName", identifier.to_string())],
        ..Errand::new(&call.owner, call.now, "lambda", "GetFunctionUrlConfig")
    };
    let Ok(Value::Object(mut url)) = control.perform(errand) else {
        let message = format!("Resource of type '{URL}' with identifier '{identifier}' was not found.");
        return Err(Error::new(400, "ResourceNotFoundException", message));
    };
    url.retain(|name, _| PROPERTIES.contains(&name.as_str()));
    let target = url.get("FunctionArn").cloned();
    url.extend(target.map(|arn| ("TargetFunctionArn".to_owned(), arn)));
    let properties = Value::Object(url).to_string();
    let resource = json!({ "Identifier": identifier, "Properties": properties });
    Ok(Answer::ok(json!({ "TypeName": URL, "ResourceDescription": resource })))
}

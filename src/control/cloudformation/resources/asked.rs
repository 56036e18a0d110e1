//! Custom resources: `Custom::…` and `AWS::CloudFormation::CustomResource`. A function of ours is asked to make, change
//! or delete one, and says what came of it by a PUT to the URL that it was given.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html>

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::run::{Made, Maker};
use super::{Replaces, Type};
use crate::base::ids;
use crate::base::map::map_of;
use crate::control::answer::Error;
use crate::control::cloudformation::template::{invalid, text_of};
use crate::control::functions::Silence;
use crate::control::lambda;
use crate::model::stack::Resource;

/// The property that names the function.
const TOKEN: &str = "ServiceToken";

/// AWS: "The default value is 3600 seconds (1 hour)", which is also the most.
const PATIENCE_S: u64 = 3600;

/// AWS: "The total size of the response can't exceed 4096 bytes."
const MAX_RESPONSE: usize = 4096;

/// All custom resources that no function of a framework's own stands behind.
pub const TYPES: &[Type] = &[Type {
    replaces: Replaces::These(&[]),
    is_asked: true,
    ..Type::new("AWS::CloudFormation::CustomResource", "{physical}")
}];

/// Whether a type is that of a custom resource.
pub fn is_custom(name: &str) -> bool {
    name.starts_with("Custom::") || name == "AWS::CloudFormation::CustomResource"
}

/// What a function said.
struct Told {
    physical: Option<String>,
    data: BTreeMap<String, Value>,
    secret: bool,
}

/// That a resource could not be made: by a function that answered, so it can be asked to clean up too.
struct Refused {
    physical: Option<String>,
    error: Error,
}

impl Maker<'_> {
    /// Has a custom resource made. One that a function began and gave up is deleted again. `name` is its physical id
    /// where the function had no chance to give it one.
    ///
    /// # Errors
    /// Why it could not be made.
    pub fn ask_create(&self, resource: &Resource, name: &str) -> Result<Made, Error> {
        match self.ask("Create", resource, None, None) {
            Ok(told) => made(told),
            Err(Refused { physical: None, error }) => Err(error),
            Err(Refused { physical: Some(physical), error }) => {
                let physical = if physical.is_empty() { name.to_owned() } else { physical };
                // The first error is the one to tell.
                let _ = self.ask("Delete", resource, Some(&physical), None);
                Err(error)
            }
        }
    }

    /// Has it changed. What comes back under another physical id is another one: the old one is deleted afterwards.
    ///
    /// # Errors
    /// Why it could not be changed.
    pub fn ask_update(&self, before: &Resource, resource: &Resource) -> Result<Made, Error> {
        if before.properties.get(TOKEN) != resource.properties.get(TOKEN) {
            return Err(invalid("Modifying service token is not allowed."));
        }
        let told = self.ask("Update", resource, Some(&before.physical), Some(&before.properties));
        told.map_err(|refused| refused.error).and_then(made)
    }

    /// Has it deleted.
    ///
    /// # Errors
    /// Why it could not be deleted.
    pub fn ask_delete(&self, resource: &Resource) -> Result<(), Error> {
        let told = self.ask("Delete", resource, Some(&resource.physical), None);
        told.map(drop).map_err(|refused| refused.error)
    }

    fn ask(
        &self,
        what: &str,
        resource: &Resource,
        physical: Option<&str>,
        old: Option<&Map<String, Value>>,
    ) -> Result<Told, Refused> {
        let mute = |error| Refused { physical: None, error };
        let Resource { logical, kind, properties, .. } = resource;
        let token = properties.get(TOKEN).map(text_of).unwrap_or_default();
        let patience = patience(properties).map_err(mute)?;
        let request_id = ids::uuid(&mut self.control.store().rng);
        let mut event = json!({
            "ServiceToken": token,
            "ResponseURL": self.control.functions.url(&request_id),
            "StackId": self.stack,
            "RequestId": request_id,
            "LogicalResourceId": logical,
            "ResourceType": kind,
            "ResourceProperties": texts(&Value::Object(properties.clone())),
        });
        if let Some(physical) = physical {
            event["PhysicalResourceId"] = physical.into();
        }
        if let Some(old) = old {
            event["OldResourceProperties"] = texts(&Value::Object(old.clone()));
        }
        // Our bootstraps know by its beginning that such an event is one.
        let event = format!(r#"{{"RequestType":"{what}",{}"#, &event.to_string()[1..]);
        let invocation = lambda::event_for(self.control, self.owner, &token, Bytes::from(event));
        let invocation = invocation.map_err(mute)?;
        match self.control.functions.ask(&request_id, invocation, patience) {
            Ok(said) => read(&said, &request_id),
            Err(silence) => Err(mute(unheard(silence, &request_id, patience))),
        }
    }
}

/// `ServiceTimeout`, in seconds.
fn patience(properties: &Map<String, Value>) -> Result<Duration, Error> {
    let Some(said) = properties.get("ServiceTimeout").map(text_of) else {
        return Ok(Duration::from_secs(PATIENCE_S));
    };
    match said.parse() {
        Ok(seconds) if (1..=PATIENCE_S).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        Ok(_) | Err(_) => Err(invalid(format!(
            "ServiceTimeout must be a number of seconds from 1 to {PATIENCE_S}, not {said}"
        ))),
    }
}

/// What a function said, as what it means.
fn read(said: &[u8], request_id: &str) -> Result<Told, Refused> {
    let wrong = |why: String| Refused { physical: None, error: invalid(why) };
    if said.len() > MAX_RESPONSE {
        return Err(wrong(format!(
            "Response object is too long. It has {} bytes, and {MAX_RESPONSE} are the most.",
            said.len()
        )));
    }
    let Ok(Value::Object(mut members)) = serde_json::from_slice(said) else {
        return Err(wrong("Invalid response: what came to ResponseURL is no JSON object.".into()));
    };
    let mut text =
        |name: &str| members.remove(name).filter(|value| !value.is_null()).map(|value| text_of(&value));
    let (status, reason, physical) =
        (text("Status").unwrap_or_default(), text("Reason"), text("PhysicalResourceId"));
    match status.as_str() {
        "SUCCESS" => {}
        "FAILED" => {
            let error = invalid(format!(
                "Received response status [FAILED] from custom resource. Message returned: {} (RequestId: \
                 {request_id})",
                reason.as_deref().unwrap_or("none")
            ));
            return Err(Refused { physical: Some(physical.unwrap_or_default()), error });
        }
        other => {
            return Err(wrong(format!(
                "Invalid Status in response: [{other}] is neither SUCCESS nor FAILED."
            )));
        }
    }
    let secret = members.get("NoEcho").is_some_and(|value| text_of(value).eq_ignore_ascii_case("true"));
    let data = match members.remove("Data") {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(Value::Object(data)) => map_of(data),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            return Err(wrong("Invalid response: Data is no JSON object.".into()));
        }
    };
    Ok(Told { physical, data, secret })
}

fn made(told: Told) -> Result<Made, Error> {
    let physical = told.physical.filter(|physical| !physical.is_empty());
    let physical = physical.ok_or_else(|| invalid("Invalid PhysicalResourceId: the response has none."))?;
    let secrets = match told.secret {
        true => told.data.values().map(text_of).filter(|text| !text.is_empty()).collect(),
        false => BTreeSet::new(),
    };
    Ok(Made { physical, attributes: told.data, secrets })
}

/// Why nothing was heard, as a stack says it.
fn unheard(silence: Silence, request_id: &str, patience: Duration) -> Error {
    invalid(match silence {
        Silence::Late => format!(
            "CloudFormation did not receive a response from your Custom Resource within {} s. Please check your logs \
             for requestId [{request_id}]. If you are using the Python cfn-response module, you may need to update \
             your Lambda function code so that CloudFormation can attach the updated version.",
            patience.as_secs()
        ),
        Silence::Failed(why) => {
            format!(
                "The function of the custom resource failed before it answered at ResponseURL: {why} (RequestId: {request_id})"
            )
        }
        Silence::Over => "gatelet stopped waiting for the custom resource: it ends, or was reset.".into(),
    })
}

/// AWS hands numbers and booleans to functions as texts.
fn texts(value: &Value) -> Value {
    match value {
        Value::Null | Value::String(_) => value.clone(),
        Value::Bool(_) | Value::Number(_) => text_of(value).into(),
        Value::Array(items) => items.iter().map(texts).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), texts(value))).collect::<Map<_, _>>().into()
        }
    }
}

//! The role that a function gets where it names none. Nothing is denied here, whatever a role says.

use serde_json::{Value, json};

use super::declared::Declared;
use super::output::{Output, tag_list};
use super::wrong;
use crate::control::answer::Error;

const MANAGED: &str = "arn:aws:iam::aws:policy/";

/// Puts the role, and returns what a function's `Role` is.
///
/// # Errors
/// What it is made of is wrong.
pub fn expand(function: &Declared, output: &mut Output) -> Result<Value, Error> {
    if let Some(role) = function.properties.get("Role") {
        return Ok(role.clone());
    }
    let id = format!("{}Role", function.id);
    let mut managed = vec![json!(format!("{MANAGED}service-role/AWSLambdaBasicExecutionRole"))];
    if function.properties.get("Tracing").is_some_and(|mode| mode == "Active") {
        managed.push(json!(format!("{MANAGED}AWSXrayWriteOnlyAccess")));
    }
    if function.properties.contains_key("VpcConfig") {
        managed.push(json!(format!("{MANAGED}service-role/AWSLambdaVPCAccessExecutionRole")));
    }
    let mut inline = Vec::new();
    let said = match function.properties.get("Policies") {
        None => Vec::new(),
        Some(Value::Array(policies)) => policies.clone(),
        Some(one) => vec![one.clone()],
    };
    for (n, policy) in said.into_iter().enumerate() {
        let name = format!("{id}Policy{n}");
        match policy {
            Value::String(arn) if arn.starts_with("arn:") => managed.push(json!(arn)),
            Value::String(name) => managed.push(json!(format!("{MANAGED}{name}"))),
            Value::Object(document) if document.contains_key("Statement") => {
                inline.push(json!({ "PolicyName": name, "PolicyDocument": document }));
            }
            Value::Object(reference)
                if reference.keys().any(|key| key == "Ref" || key.starts_with("Fn::")) =>
            {
                managed.push(Value::Object(reference));
            }
            // A template of SAM's own, `S3ReadPolicy: {BucketName: …}`. What it would grant needs no grant here.
            Value::Object(template) if template.values().all(Value::is_object) => {
                let document = json!({ "Version": "2012-10-17", "Statement": [] });
                inline.push(json!({ "PolicyName": name, "PolicyDocument": document }));
            }
            _ => return Err(wrong(&function.id, "Policies must be names, documents or policy templates.")),
        }
    }
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Action": ["sts:AssumeRole"],
            "Effect": "Allow",
            "Principal": { "Service": ["lambda.amazonaws.com"] },
        }],
    });
    let mut properties = json!({
        "AssumeRolePolicyDocument": function.properties.get("AssumeRolePolicyDocument").unwrap_or(&trust),
        "ManagedPolicyArns": managed,
        "Tags": tag_list("lambda:createdBy", &function.map("Tags")?),
    });
    if !inline.is_empty() {
        properties["Policies"] = inline.into();
    }
    for (from, to) in [("PermissionsBoundary", "PermissionsBoundary"), ("RolePath", "Path")] {
        if let Some(value) = function.properties.get(from) {
            properties[to] = value.clone();
        }
    }
    let role = json!({ "Fn::GetAtt": [&id, "Arn"] });
    output.put(id, "AWS::IAM::Role", properties, function.condition().as_deref())?;
    Ok(role)
}

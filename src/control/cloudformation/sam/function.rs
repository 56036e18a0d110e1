//! `AWS::Serverless::Function`: the function, its role, its URL, and what its events are.

use serde_json::{Map, Value, json};

use super::apis::Apis;
use super::declared::Declared;
use super::output::{Output, tag_list};
use super::{alias, event, location, role, unsupported, wrong};
use crate::control::answer::Error;

/// Properties that `AWS::Lambda::Function` has as well.
const COPIED: &[&str] = &[
    "Architectures",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "FunctionName",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "RecursiveLoop",
    "ReservedConcurrentExecutions",
    "Runtime",
    "RuntimeManagementConfig",
    "SnapStart",
    "Timeout",
    "VpcConfig",
];

/// Properties that are SAM's own.
const OWN: &[&str] = &[
    "AssumeRolePolicyDocument",
    "AutoPublishAlias",
    "CodeUri",
    "Events",
    "FunctionUrlConfig",
    "InlineCode",
    "PermissionsBoundary",
    "Policies",
    "PropagateTags",
    "Role",
    "RolePath",
    "Tags",
    "Tracing",
    "VersionDescription",
];

const REFUSED: &[&str] = &[
    "AutoPublishAliasAllProperties",
    "AutoPublishCodeSha256",
    "CapacityProviderConfig",
    "CodeSigningConfigArn",
    "DeadLetterQueue",
    "DeploymentPreference",
    "DurableConfig",
    "EventInvokeConfig",
    "FunctionScalingConfig",
    "ImageConfig",
    "ImageUri",
    "ProvisionedConcurrencyConfig",
    "PublishToLatestPublished",
    "SourceKMSKeyArn",
    "TenancyConfig",
    "VersionDeletionPolicy",
];

/// What a function's events and URL call.
pub struct Target<'a> {
    /// The function.
    pub function: &'a Declared,
    /// Its logical id, or that of its alias.
    pub id: &'a str,
    /// Its ARN, or that of its alias.
    pub arn: Value,
}

/// Puts all that a function stands for, and adds routes to APIs.
///
/// # Errors
/// It is wrong, or asks for what is not emulated.
pub fn expand(function: &Declared, output: &mut Output, apis: &mut Apis<'_>) -> Result<(), Error> {
    function.check(&[COPIED, OWN].concat(), REFUSED)?;
    let id = &function.id;
    let code = code(function)?;
    let mut properties = function.copied(COPIED);
    properties.insert("Code".into(), code.clone());
    properties.insert("Role".into(), role::expand(function, output)?);
    properties.insert("Tags".into(), tag_list("lambda:createdBy", &function.map("Tags")?));
    if let Some(mode) = function.properties.get("Tracing") {
        properties.insert("TracingConfig".into(), json!({ "Mode": mode }));
    }
    output.add(id.clone(), "AWS::Lambda::Function", properties.into(), function.attributes.clone())?;
    let alias = alias::expand(function, &code, output)?;
    let target = match &alias {
        None => Target { function, id, arn: json!({ "Fn::GetAtt": [id, "Arn"] }) },
        Some(alias) => Target { function, id: alias, arn: json!({ "Ref": alias }) },
    };
    if function.properties.contains_key("FunctionUrlConfig") {
        url(&target, &function.map("FunctionUrlConfig")?, output)?;
    }
    for (name, said) in function.map("Events")? {
        event::expand(&target, &name, &said, output, apis)?;
    }
    Ok(())
}

fn code(function: &Declared) -> Result<Value, Error> {
    let (inline, uri) = (function.properties.get("InlineCode"), function.properties.get("CodeUri"));
    match (inline, uri) {
        (Some(text), _) => Ok(json!({ "ZipFile": text })),
        (None, Some(uri)) => location(&function.id, "CodeUri", uri),
        (None, None) => Err(wrong(&function.id, "Either 'InlineCode' or 'CodeUri' must be set.")),
    }
}

fn url(target: &Target, config: &Map<String, Value>, output: &mut Output) -> Result<(), Error> {
    let id = &target.function.id;
    if let Some(member) =
        config.keys().find(|key| !["AuthType", "Cors", "InvokeMode"].contains(&key.as_str()))
    {
        return Err(unsupported(id, format_args!("{member} of FunctionUrlConfig")));
    }
    let auth = config.get("AuthType");
    if !auth.is_some_and(|auth| auth.is_object() || auth == "NONE" || auth == "AWS_IAM") {
        let message = "AuthType is required to configure function property `FunctionUrlConfig`. Please provide either AWS_IAM or \
             NONE.";
        return Err(wrong(id, message));
    }
    let condition = target.function.condition();
    let mut properties = config.clone();
    properties.insert("TargetFunctionArn".into(), json!({ "Ref": target.id }));
    output.put(format!("{id}Url"), "AWS::Lambda::Url", properties.into(), condition.as_deref())?;
    if auth.is_some_and(|auth| auth == "NONE") {
        for (suffix, action, what, value) in [
            ("UrlPublicPermissions", "lambda:InvokeFunctionUrl", "FunctionUrlAuthType", json!("NONE")),
            ("URLInvokeAllowPublicAccess", "lambda:InvokeFunction", "InvokedViaFunctionUrl", json!(true)),
        ] {
            let anybody = json!({
                "Action": action,
                "FunctionName": { "Ref": target.id },
                "Principal": "*",
                what: value,
            });
            let id = format!("{id}{suffix}");
            output.put(id, "AWS::Lambda::Permission", anybody, condition.as_deref())?;
        }
    }
    Ok(())
}

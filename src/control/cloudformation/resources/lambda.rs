//! Lambda functions and what belongs to them: `AWS::Lambda::…`.

use std::io::{Cursor, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Calls, Family, Keys, Naming, Replaces, Step, Tagging, Tags, Takes, Type, Update, When};
use crate::control::answer::Error;
use crate::control::cloudformation::template::invalid;

const FAMILY: Family = Family {
    service: "lambda",
    lower: false,
    renamed: &[],
    maps: &["AdditionalVersionWeights", "Variables"],
    merged: &[],
    booleans: &["AllowCredentials", "InvokedViaFunctionUrl", "Ipv6AllowedForDualStack"],
    integers: &["MaxAge", "MemorySize", "ReservedConcurrentExecutions", "Size", "Timeout"],
    numbers: &["AdditionalVersionWeights"],
    documents: &[],
    tags: Tags::Map,
};

/// What UpdateFunctionConfiguration takes.
const CONFIGURATION: &[&str] = &[
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
];

const OF_FUNCTION: (&str, &str) = ("FunctionName", "{property FunctionName}");
const FUNCTION: (&str, &str) = ("FunctionName", "{physical}");

/// The types.
pub const TYPES: &[Type] = &[
    Type {
        naming: Some(Naming { property: "FunctionName", most: 64, lower: false }),
        attributes: &[("Arn", "{answer FunctionArn}")],
        replaces: Replaces::These(&["FunctionName", "PackageType"]),
        tags: Tags::List,
        prepare: Some(inline_code),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[
                Step::new("CreateFunction", &[]).takes(Takes::But(&[
                    "RecursiveLoop",
                    "ReservedConcurrentExecutions",
                    "RuntimeManagementConfig",
                ])),
                Step::new("PutFunctionConcurrency", &[OF_FUNCTION])
                    .when(When::Given("ReservedConcurrentExecutions"))
                    .takes(Takes::Only(&["ReservedConcurrentExecutions"])),
            ],
            update: Update::Steps(
                &[
                    Step::new("UpdateFunctionConfiguration", &[FUNCTION])
                        .when(When::Changed(CONFIGURATION))
                        .takes(Takes::Changed),
                    Step::new("UpdateFunctionCode", &[FUNCTION])
                        .when(When::Changed(&["Code", "Architectures"]))
                        .takes(Takes::Inside("Code", &[]))
                        .adds(&[("Architectures", "{property Architectures}")]),
                    Step::new("PutFunctionConcurrency", &[FUNCTION])
                        .when(When::Changed(&["ReservedConcurrentExecutions"]))
                        .takes(Takes::Changed),
                    Step::new("DeleteFunctionConcurrency", &[FUNCTION])
                        .when(When::Gone("ReservedConcurrentExecutions")),
                ],
                &[
                    ("DeadLetterConfig", "{}"),
                    ("Description", "\"\""),
                    ("Environment", r#"{"Variables":{}}"#),
                    ("EphemeralStorage", r#"{"Size":512}"#),
                    ("Layers", "[]"),
                    ("LoggingConfig", r#"{"LogFormat":"Text"}"#),
                    ("MemorySize", "128"),
                    ("SnapStart", r#"{"ApplyOn":"None"}"#),
                    ("Timeout", "3"),
                    ("TracingConfig", r#"{"Mode":"PassThrough"}"#),
                    ("VpcConfig", r#"{"SubnetIds":[],"SecurityGroupIds":[]}"#),
                ],
            ),
            delete: &[Step::new("DeleteFunction", &[FUNCTION])],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[("Resource", "arn:aws:lambda:{region}:{account}:function:{physical}")],
                adds: &[],
                member: "Tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::Lambda::Function", "{property FunctionName}")
    },
    Type {
        attributes: &[("FunctionArn", "{physical}"), ("Version", "{answer Version}")],
        replaces: Replaces::Any,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("PublishVersion", &[OF_FUNCTION])
                .takes(Takes::Only(&["CodeSha256", "Description"]))],
            update: Update::Steps(&[], &[]),
            // The ARN names the version too.
            delete: &[Step::new("DeleteFunction", &[FUNCTION])],
            tagging: None,
        }),
        ..Type::new("AWS::Lambda::Version", "{answer FunctionArn}")
    },
    Type {
        attributes: &[("AliasArn", "{physical}")],
        replaces: Replaces::These(&["FunctionName", "Name"]),
        prepare: Some(weights),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateAlias", &[OF_FUNCTION])
                .takes(Takes::But(&["FunctionName", "ProvisionedConcurrencyConfig"]))],
            update: Update::Steps(
                &[Step::new("UpdateAlias", &[OF_FUNCTION, ("Name", "{property Name}")])
                    .takes(Takes::Changed)],
                &[("Description", "\"\""), ("RoutingConfig", r#"{"AdditionalVersionWeights":{}}"#)],
            ),
            delete: &[Step::new("DeleteAlias", &[OF_FUNCTION, ("Name", "{property Name}")])],
            tagging: None,
        }),
        ..Type::new("AWS::Lambda::Alias", "{answer AliasArn}")
    },
    Type {
        attributes: &[("Id", "{physical}")],
        replaces: Replaces::Any,
        // A statement's id has no property.
        naming: Some(Naming { property: "StatementId", most: 100, lower: false }),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("AddPermission", &[OF_FUNCTION]).takes(Takes::But(&["FunctionName"]))],
            update: Update::Steps(&[], &[]),
            delete: &[Step::new("RemovePermission", &[OF_FUNCTION, ("StatementId", "{physical}")])],
            tagging: None,
        }),
        ..Type::new("AWS::Lambda::Permission", "{property StatementId}")
    },
    Type {
        attributes: &[("FunctionArn", "{answer FunctionArn}"), ("FunctionUrl", "{answer FunctionUrl}")],
        replaces: Replaces::These(&["Qualifier", "TargetFunctionArn"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateFunctionUrlConfig", &[OF_TARGET])
                .takes(Takes::But(&["Qualifier", "TargetFunctionArn"]))
                .query(&[("Qualifier", "{property Qualifier}")])],
            update: Update::Steps(
                &[Step::new("UpdateFunctionUrlConfig", &[OF_TARGET])
                    .takes(Takes::Changed)
                    .query(&[("Qualifier", "{property Qualifier}")])],
                &[("Cors", "{}"), ("InvokeMode", "\"BUFFERED\"")],
            ),
            delete: &[Step::new("DeleteFunctionUrlConfig", &[OF_TARGET])
                .query(&[("Qualifier", "{property Qualifier}")])],
            tagging: None,
        }),
        ..Type::new("AWS::Lambda::Url", "{answer FunctionArn}")
    },
    Type {
        naming: Some(Naming { property: "LayerName", most: 64, lower: false }),
        attributes: &[("LayerVersionArn", "{physical}")],
        replaces: Replaces::Any,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("PublishLayerVersion", &[("LayerName", "{property LayerName}")])
                .takes(Takes::But(&["LayerName"]))],
            update: Update::Steps(&[], &[]),
            delete: &[Step::new(
                "DeleteLayerVersion",
                &[("LayerName", "{property LayerName}"), ("VersionNumber", "{last physical}")],
            )],
            tagging: None,
        }),
        ..Type::new("AWS::Lambda::LayerVersion", "{answer LayerVersionArn}")
    },
];

const OF_TARGET: (&str, &str) = ("FunctionName", "{property TargetFunctionArn}");

/// The names of inline code and of the module that custom resources answer with, which AWS puts beside inline code
/// alone; the word that code which wants it has; and the module.
type Inline = (&'static str, &'static str, &'static str, &'static str);

const NODE: Inline = ("index.js", "cfn-response.js", "cfn-response", include_str!("lambda/cfn-response.js"));

const PYTHON: Inline = ("index.py", "cfnresponse.py", "cfnresponse", include_str!("lambda/cfnresponse.py"));

/// `Code.ZipFile` of a template is the text of `index.js` or `index.py`; the operation wants a zip.
fn inline_code(properties: &mut Map<String, Value>) -> Result<(), Error> {
    let runtime = properties.get("Runtime").and_then(Value::as_str).unwrap_or_default();
    let (name, module, word, help) = if runtime.starts_with("python") { PYTHON } else { NODE };
    let Some(Value::String(text)) = properties.get_mut("Code").and_then(|code| code.get_mut("ZipFile"))
    else {
        return Ok(());
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // The same text is the same zip, and so has the same hash.
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    let packed = zip
        .start_file(name, options)
        .and_then(|()| zip.write_all(text.as_bytes()).map_err(Into::into))
        .and_then(|()| match text.contains(word) {
            true => zip.start_file(module, options).and_then(|()| Ok(zip.write_all(help.as_bytes())?)),
            false => Ok(()),
        })
        .and_then(|()| zip.finish());
    let packed = packed.map_err(|error| invalid(format!("Code.ZipFile cannot be packed: {error}")))?;
    *text = STANDARD.encode(packed.into_inner());
    Ok(())
}

/// `[{"FunctionVersion": "2", "FunctionWeight": 0.1}]` is `{"2": 0.1}`.
fn weights(properties: &mut Map<String, Value>) -> Result<(), Error> {
    let routing =
        properties.get_mut("RoutingConfig").and_then(|config| config.get_mut("AdditionalVersionWeights"));
    if let Some(routing) = routing
        && let Value::Array(weights) = &*routing
    {
        let weight = |entry: &Value| {
            let version =
                entry.get("FunctionVersion").map(crate::control::cloudformation::template::text_of)?;
            Some((version, entry.get("FunctionWeight")?.clone()))
        };
        *routing = Value::Object(weights.iter().filter_map(weight).collect());
    }
    Ok(())
}

//! `AWS::Serverless::LayerVersion`. Its logical id is another one for each content, so that what was published before
//! stays.

use serde_json::{Value, json};

use super::declared::Declared;
use super::output::{Output, hash};
use super::{location, wrong};
use crate::control::answer::Error;

const COPIED: &[&str] = &["CompatibleArchitectures", "CompatibleRuntimes", "Description", "LicenseInfo"];

const KNOWN: &[&str] = &[
    "CompatibleArchitectures",
    "CompatibleRuntimes",
    "ContentUri",
    "Description",
    "LayerName",
    "LicenseInfo",
    "RetentionPolicy",
];

/// Puts the layer version that it stands for.
///
/// # Errors
/// It is wrong.
pub fn expand(layer: &Declared, output: &mut Output) -> Result<(), Error> {
    layer.check(KNOWN, &["PublishLambdaVersion"])?;
    let id = &layer.id;
    let content = layer.properties.get("ContentUri");
    let content = content.ok_or_else(|| wrong(id, "Missing required property 'ContentUri'."))?;
    let mut properties = layer.copied(COPIED);
    let name = layer.properties.get("LayerName").cloned().unwrap_or_else(|| id.as_str().into());
    properties.insert("LayerName".into(), name);
    properties.insert("Content".into(), location(id, "ContentUri", content)?);
    let mut attributes = layer.attributes.clone();
    let policy = match layer.properties.get("RetentionPolicy").map(Value::as_str) {
        None => attributes.get("DeletionPolicy").cloned().unwrap_or_else(|| json!("Retain")),
        Some(Some(policy)) if policy.eq_ignore_ascii_case("retain") => json!("Retain"),
        Some(Some(policy)) if policy.eq_ignore_ascii_case("delete") => json!("Delete"),
        Some(_) => {
            let message = "'RetentionPolicy' must be one of the following options: ['Retain', 'Delete'].";
            return Err(wrong(id, message));
        }
    };
    attributes.insert("DeletionPolicy".into(), policy);
    let properties = Value::Object(properties);
    let new = format!("{id}{}", hash(&properties));
    output.rename(id.clone(), new.clone());
    output.add(new, "AWS::Lambda::LayerVersion", properties, attributes)
}

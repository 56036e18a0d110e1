//! `AutoPublishAlias`: a version for each code, and an alias that leads to the newest.

use serde_json::{Map, Value, json};

use super::declared::Declared;
use super::output::{Output, hash};
use super::{unsupported, wrong};
use crate::control::answer::Error;

/// Puts version and alias of a function with this code, and returns the alias's logical id; `None`: there is none.
///
/// # Errors
/// It is wrong.
pub fn expand(function: &Declared, code: &Value, output: &mut Output) -> Result<Option<String>, Error> {
    let id = &function.id;
    let name = match function.properties.get("AutoPublishAlias") {
        None => return Ok(None),
        Some(Value::String(name)) if !name.is_empty() => name,
        Some(Value::Object(_)) => return Err(unsupported(id, "intrinsic functions in AutoPublishAlias")),
        Some(_) => return Err(wrong(id, "'AutoPublishAlias' must be a string")),
    };
    let version = format!("{id}Version{}", hash(code));
    let mut attributes = Map::from_iter([("DeletionPolicy".to_owned(), json!("Retain"))]);
    attributes.extend(function.condition().map(|condition| ("Condition".to_owned(), condition.into())));
    let mut properties = json!({ "FunctionName": { "Ref": id } });
    if let Some(description) = function.properties.get("VersionDescription") {
        properties["Description"] = description.clone();
    }
    output.add(version.clone(), "AWS::Lambda::Version", properties, attributes)?;
    // How SAM spells a name in a logical id.
    let alias = format!("{id}Alias{}", name.replace('-', "D").replace('_', "U"));
    let properties = json!({
        "Name": name,
        "FunctionName": { "Ref": id },
        "FunctionVersion": { "Fn::GetAtt": [&version, "Version"] },
    });
    output.put(alias.clone(), "AWS::Lambda::Alias", properties, function.condition().as_deref())?;
    output.rename(format!("{id}.Version"), version);
    output.rename(format!("{id}.Alias"), alias.clone());
    Ok(Some(alias))
}

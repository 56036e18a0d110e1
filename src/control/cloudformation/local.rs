//! A template that lies in a folder: the code of its functions and layers may lie beside it.
//!
//! ```yaml
//! Code: ./functions/hello     # is read as {S3Bucket: hot-reload, S3Key: /the/folder/functions/hello}
//! ```
//!
//! `aws cloudformation package` knows the same spelling, and uploads what it names. SAM has its own words for it, and
//! takes the folder itself where nothing is said.

use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use super::template::tree;
use crate::control::answer::Error;
use crate::control::lambda::HOT_RELOAD;

/// What may be a folder beside the template: the property of a type, and what bucket and key are called in it.
const CODE: &[(&str, &str, [&str; 2])] = &[
    ("AWS::Lambda::Function", "Code", ["S3Bucket", "S3Key"]),
    ("AWS::Lambda::LayerVersion", "Content", ["S3Bucket", "S3Key"]),
    (SAM_FUNCTION, "CodeUri", ["Bucket", "Key"]),
    ("AWS::Serverless::LayerVersion", "ContentUri", ["Bucket", "Key"]),
];

const SAM_FUNCTION: &str = "AWS::Serverless::Function";

/// The template of `text`, which lies in `folder`, in JSON.
///
/// # Errors
/// What is wrong with its form. What it means is not looked at.
pub fn template(text: &str, folder: &Path) -> Result<String, Error> {
    let mut tree = tree(text)?;
    let place = |path: &str| normal(&folder.join(path)).to_string_lossy().into_owned();
    let globals = tree.get_mut("Globals").and_then(|globals| globals.get_mut("Function"));
    let global = globals.and_then(|function| function.get_mut("CodeUri"));
    let has_global = global.is_some();
    if let Some(code) = global {
        resolve(code, ["Bucket", "Key"], place);
    }
    let resources = tree.get_mut("Resources").and_then(Value::as_object_mut);
    for resource in resources.into_iter().flat_map(|resources| resources.values_mut()) {
        let kind = resource.get("Type").and_then(Value::as_str);
        let Some((kind, property, names)) = CODE.iter().find(|(known, ..)| kind == Some(known)) else {
            continue;
        };
        let Some(properties) = resource.get_mut("Properties").and_then(Value::as_object_mut) else {
            continue;
        };
        let says = |name: &&str| properties.contains_key(*name);
        if *kind == SAM_FUNCTION && !has_global && !["CodeUri", "ImageUri", "InlineCode"].iter().any(says) {
            properties.insert((*property).to_owned(), ".".into());
        }
        if let Some(code) = properties.get_mut(*property) {
            resolve(code, *names, place);
        }
    }
    Ok(tree.to_string())
}

/// A path becomes what is followed by hot reload.
fn resolve(code: &mut Value, [bucket, key]: [&str; 2], place: impl Fn(&str) -> String) {
    if let Value::String(path) = code
        && !path.starts_with("s3://")
    {
        *code = json!({ bucket: HOT_RELOAD, key: place(path) });
    }
}

/// Without `.`, and without `..` where a folder stands before it.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if normal.file_name().is_some() => {
                normal.pop();
            }
            Component::ParentDir | Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                normal.push(component);
            }
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_beside_a_template() {
        for (kind, property, said, expected) in [
            ("AWS::Lambda::Function", "Code", r#""./functions/hello""#, Some("/project/functions/hello")),
            ("AWS::Lambda::Function", "Code", r#""functions""#, Some("/project/functions")),
            ("AWS::Lambda::Function", "Code", r#""../shared/./f""#, Some("/shared/f")),
            ("AWS::Lambda::Function", "Code", r#""/elsewhere""#, Some("/elsewhere")),
            ("AWS::Lambda::LayerVersion", "Content", r#""layer""#, Some("/project/layer")),
            ("AWS::Lambda::Function", "Code", r#"{"ZipFile":"x"}"#, None),
            ("AWS::Lambda::Function", "Other", r#""x""#, None),
            ("AWS::S3::Bucket", "Code", r#""x""#, None),
        ] {
            let properties = format!(r#"{{"{property}":{said}}}"#);
            let text = format!(r#"{{"Resources":{{"A":{{"Type":"{kind}","Properties":{properties}}}}}}}"#);
            let read: Value = serde_json::from_str(&template(&text, Path::new("/project")).unwrap()).unwrap();
            let expected = match expected {
                Some(place) => json!({ "S3Bucket": "hot-reload", "S3Key": place }),
                None => serde_json::from_str(said).unwrap(),
            };
            assert_eq!(read["Resources"]["A"]["Properties"][property], expected, "{text}");
        }
        for (globals, properties, expected) in [
            ("{}", r#"{"CodeUri":"src/"}"#, json!({"Bucket": "hot-reload", "Key": "/p/src"})),
            ("{}", r#"{"CodeUri":"s3://a/b"}"#, json!("s3://a/b")),
            ("{}", r#"{"CodeUri":{"Bucket":"a","Key":"b"}}"#, json!({"Bucket": "a", "Key": "b"})),
            ("{}", "{}", json!({"Bucket": "hot-reload", "Key": "/p"})),
            ("{}", r#"{"InlineCode":"x"}"#, Value::Null),
            (r#"{"Function":{"CodeUri":"src"}}"#, "{}", Value::Null),
        ] {
            let text = format!(
                r#"{{"Globals":{globals},"Resources":{{"A":{{"Type":"{SAM_FUNCTION}","Properties":{properties}}}}}}}"#
            );
            let read: Value = serde_json::from_str(&template(&text, Path::new("/p")).unwrap()).unwrap();
            assert_eq!(read["Resources"]["A"]["Properties"]["CodeUri"], expected, "{text}");
            let global = &read["Globals"]["Function"]["CodeUri"];
            assert!(
                global.is_null() || *global == json!({"Bucket": "hot-reload", "Key": "/p/src"}),
                "{text}"
            );
        }
        let yaml = "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code: ./a\n      Role: !Sub ${B}\n";
        let read = template(yaml, Path::new("/p")).unwrap();
        assert!(read.contains(r#""S3Key":"/p/a""#) && read.contains(r#"{"Fn::Sub":"${B}"}"#), "{read}");
        for odd in ["", "[]", "Resources: 7", r#"{"Resources":{"A":[]}}"#] {
            let _ = template(odd, Path::new("/p"));
        }
    }
}

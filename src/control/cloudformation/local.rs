//! A template that lies in a folder: the code of its functions and layers may lie beside it.
//!
//! ```yaml
//! Code: ./functions/hello     # is read as {S3Bucket: hot-reload, S3Key: /the/folder/functions/hello}
//! ```
//!
//! `aws cloudformation package` knows the same spelling, and uploads what it names.

use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use super::template::tree;
use crate::control::answer::Error;
use crate::control::lambda::HOT_RELOAD;

/// What may be a folder beside the template.
const CODE: &[(&str, &str)] = &[("AWS::Lambda::Function", "Code"), ("AWS::Lambda::LayerVersion", "Content")];

/// The template of `text`, which lies in `folder`, in JSON.
///
/// # Errors
/// What is wrong with its form. What it means is not looked at.
pub fn template(text: &str, folder: &Path) -> Result<String, Error> {
    let mut tree = tree(text)?;
    let resources = tree.get_mut("Resources").and_then(Value::as_object_mut);
    for resource in resources.into_iter().flat_map(|resources| resources.values_mut()) {
        let kind = resource.get("Type").and_then(Value::as_str);
        let Some((_, property)) = CODE.iter().find(|(known, _)| kind == Some(known)) else { continue };
        let Some(code) = resource.get_mut("Properties").and_then(|properties| properties.get_mut(property))
        else {
            continue;
        };
        if let Value::String(path) = code {
            let place = normal(&folder.join(path.as_str()));
            *code = json!({ "S3Bucket": HOT_RELOAD, "S3Key": place.to_string_lossy() });
        }
    }
    Ok(tree.to_string())
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
        let yaml = "Resources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code: ./a\n      Role: !Sub ${B}\n";
        let read = template(yaml, Path::new("/p")).unwrap();
        assert!(read.contains(r#""S3Key":"/p/a""#) && read.contains(r#"{"Fn::Sub":"${B}"}"#), "{read}");
        for odd in ["", "[]", "Resources: 7", r#"{"Resources":{"A":[]}}"#] {
            let _ = template(odd, Path::new("/p"));
        }
    }
}

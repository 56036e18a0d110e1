//! References to resources that are called otherwise than in the text: `!Ref MyLayer` is `!Ref MyLayer0a1b2c3d4e`, and
//! `!Ref MyFunction.Alias` is `!Ref MyFunctionAliaslive`.

use std::collections::BTreeMap;

use serde_json::Value;

/// Renames all references in `value`.
pub fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, names)),
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), &mut *member) {
                    ("Ref", Value::String(reference)) => replace(reference, names),
                    ("DependsOn", Value::String(reference)) => replace(reference, names),
                    ("DependsOn", Value::Array(list)) => {
                        list.iter_mut().filter_map(as_text).for_each(|reference| replace(reference, names));
                    }
                    ("Fn::GetAtt", Value::Array(list)) => {
                        // `!GetAtt MyFunction.Version.Version` comes as two parts, split at the first dot.
                        let parts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
                        let whole = parts.unwrap_or_default().join(".");
                        let renamed = attribute(&whole, names);
                        if let Some((name, attribute)) = renamed.split_once('.').filter(|_| renamed != whole)
                        {
                            *list = vec![name.into(), attribute.into()];
                        }
                    }
                    ("Fn::GetAtt", Value::String(whole)) => *whole = attribute(whole, names),
                    ("Fn::Sub", Value::String(text)) => *text = substituted(text, names, &Value::Null),
                    ("Fn::Sub", Value::Array(list)) => {
                        list.iter_mut().skip(1).for_each(|own| rename(own, names));
                        let own = list.get(1).cloned().unwrap_or_default();
                        if let Some(text) = list.first_mut().and_then(as_text) {
                            *text = substituted(text, names, &own);
                        }
                    }
                    _ => rename(member, names),
                }
            }
        }
    }
}

fn as_text(value: &mut Value) -> Option<&mut String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn replace(reference: &mut String, names: &BTreeMap<String, String>) {
    if let Some(name) = names.get(reference) {
        name.clone_into(reference);
    }
}

/// `Name` or `Name.Attribute`; a name may have a dot of its own.
fn attribute(whole: &str, names: &BTreeMap<String, String>) -> String {
    if let Some(name) = names.get(whole) {
        return name.clone();
    }
    let dots = whole.match_indices('.').map(|(at, _)| at);
    let known = dots.rev().find_map(|at| Some((names.get(&whole[..at])?, &whole[at..])));
    known.map_or_else(|| whole.to_owned(), |(name, rest)| format!("{name}{rest}"))
}

/// A text of `Fn::Sub`; what is in `own` is no reference.
fn substituted(text: &str, names: &BTreeMap<String, String>, own: &Value) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str("${");
        if own.get(name.trim()).is_some() {
            out.push_str(name);
        } else {
            out.push_str(&attribute(name.trim(), names));
        }
        out.push('}');
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_follow() {
        let names =
            BTreeMap::from([("Layer".into(), "Layer1".into()), ("F.Alias".into(), "FAliaslive".into())]);
        for (value, expected) in [
            (json!({"Ref": "Layer"}), json!({"Ref": "Layer1"})),
            (json!({"Ref": "F.Alias"}), json!({"Ref": "FAliaslive"})),
            (json!({"Ref": "Layers"}), json!({"Ref": "Layers"})),
            (json!(["Layer", {"a": {"Ref": "Layer"}}]), json!(["Layer", {"a": {"Ref": "Layer1"}}])),
            (json!({"DependsOn": "Layer"}), json!({"DependsOn": "Layer1"})),
            (json!({"DependsOn": ["Layer", "F"]}), json!({"DependsOn": ["Layer1", "F"]})),
            (json!({"Fn::GetAtt": ["Layer", "Arn"]}), json!({"Fn::GetAtt": ["Layer1", "Arn"]})),
            (json!({"Fn::GetAtt": ["F", "Alias.Arn"]}), json!({"Fn::GetAtt": ["FAliaslive", "Arn"]})),
            (json!({"Fn::GetAtt": ["F", "Arn"]}), json!({"Fn::GetAtt": ["F", "Arn"]})),
            (json!({"Fn::GetAtt": ["F", {"Ref": "X"}]}), json!({"Fn::GetAtt": ["F", {"Ref": "X"}]})),
            (json!({"Fn::GetAtt": "Layer.Arn"}), json!({"Fn::GetAtt": "Layer1.Arn"})),
            (json!({"Fn::GetAtt": "F.Alias.Arn"}), json!({"Fn::GetAtt": "FAliaslive.Arn"})),
            (
                json!({"Fn::Sub": "a${Layer}${ F.Alias }${Layer.X}${!Layer}${F}${"}),
                json!({"Fn::Sub": "a${Layer1}${FAliaslive}${Layer1.X}${!Layer}${F}${"}),
            ),
            (
                json!({"Fn::Sub": ["${Layer} ${F.Alias}", {"Layer": {"Ref": "Layer"}}]}),
                json!({"Fn::Sub": ["${Layer} ${FAliaslive}", {"Layer": {"Ref": "Layer1"}}]}),
            ),
        ] {
            let mut renamed = value.clone();
            rename(&mut renamed, &names);
            assert_eq!(renamed, expected, "{value}");
        }
    }
}

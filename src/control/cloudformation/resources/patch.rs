//! `patchOperations`: how everything of API Gateway V1 is updated.
//!
//! A path is a JSON pointer (RFC 6901); values are text.

use serde_json::{Map, Value, json};

use super::super::template::text_of;

/// What patches change one property.
#[derive(Clone, Copy, Debug)]
pub enum Patch {
    /// One, at this path; an empty value where the property is gone.
    Text(&'static str),
    /// One, at this path; this value where the property is gone.
    TextOr(&'static str, &'static str),
    /// One for each item of a list, below this path.
    List(&'static str),
    /// One for each entry of a map, below this path.
    Map(&'static str),
    /// One for each of these members, below this path; the path itself goes with the property.
    Members(&'static str, &'static [(&'static str, &'static str)]),
    /// One for each setting of each method of a stage.
    MethodSettings,
    /// One for each stage that a usage plan gets or loses, and one for each limit of each method of one.
    ApiStages,
}

/// Settings of methods, and where they are.
const METHOD_SETTINGS: &[(&str, &str)] = &[
    ("CacheDataEncrypted", "caching/dataEncrypted"),
    ("CacheTtlInSeconds", "caching/ttlInSeconds"),
    ("CachingEnabled", "caching/enabled"),
    ("DataTraceEnabled", "logging/dataTrace"),
    ("LoggingLevel", "logging/loglevel"),
    ("MetricsEnabled", "metrics/enabled"),
    ("ThrottlingBurstLimit", "throttling/burstLimit"),
    ("ThrottlingRateLimit", "throttling/rateLimit"),
];

impl Patch {
    /// The patches that lead from `old` to `new`.
    pub fn patches(self, old: Option<&Value>, new: Option<&Value>) -> Vec<Value> {
        match self {
            Self::Text(path) => vec![replace(path, new.map(text_of).unwrap_or_default())],
            Self::TextOr(path, default) => {
                vec![replace(path, new.map_or_else(|| default.to_owned(), text_of))]
            }
            Self::List(path) => {
                let (old, new) = (items(old), items(new));
                let gone = old
                    .iter()
                    .filter(|item| !new.contains(item))
                    .map(|item| remove(&below(path, &text_of(item))));
                let come = new.iter().filter(|item| !old.contains(item));
                let come = come.map(|item| json!({ "op": "add", "path": below(path, &text_of(item)) }));
                gone.chain(come).collect()
            }
            Self::Map(path) => {
                let (old, new) = (entries(old), entries(new));
                let gone =
                    old.keys().filter(|key| !new.contains_key(*key)).map(|key| remove(&below(path, key)));
                let set = new.iter().filter(|(key, value)| old.get(*key) != Some(value));
                gone.chain(set.map(|(key, value)| replace(&below(path, key), text_of(value)))).collect()
            }
            Self::Members(path, members) => match new {
                None => vec![remove(path)],
                Some(new) => members
                    .iter()
                    .filter_map(|(property, name)| {
                        Some(replace(&below(path, name), text_of(only(new.get(*property)?))))
                    })
                    .collect(),
            },
            Self::MethodSettings => {
                let kept: Vec<String> = items(new).iter().map(method).collect();
                let gone =
                    items(old).iter().map(method).filter(|method| !kept.contains(method)).collect::<Vec<_>>();
                let gone = gone.into_iter().map(|method| remove(&format!("/{method}")));
                gone.chain(items(new).iter().flat_map(settings)).collect()
            }
            Self::ApiStages => {
                let among =
                    |item: &Value, others: &[Value]| others.iter().any(|other| stage(other) == stage(item));
                let stages =
                    |op, item: &Value| json!({ "op": op, "path": "/apiStages", "value": stage(item) });
                let (old, new) = (items(old), items(new));
                let gone = old.iter().filter(|item| !among(item, new)).map(|item| stages("remove", item));
                let come = new.iter().filter(|item| !among(item, old)).map(|item| stages("add", item));
                let changed = new.iter().filter(|item| !old.contains(item));
                let limits = changed.flat_map(|item| {
                    let known =
                        among(item, old).then(|| remove(&format!("/apiStages/{}/throttle", stage(item))));
                    known.into_iter().chain(limits(item))
                });
                gone.chain(come).chain(limits).collect()
            }
        }
    }
}

/// The one item of a list that has one, or the value itself: a patch has no lists.
fn only(value: &Value) -> &Value {
    match value.as_array().map(Vec::as_slice) {
        Some([one]) => one,
        Some(_) | None => value,
    }
}

fn settings(item: &Value) -> Vec<Value> {
    let method = method(item);
    METHOD_SETTINGS
        .iter()
        .filter_map(|(property, path)| {
            Some(replace(&format!("/{method}/{path}"), text_of(item.get(*property)?)))
        })
        .collect()
}

/// `{api}:{stage}`
fn stage(item: &Value) -> String {
    let text = |name: &str| item.get(name).map(text_of).unwrap_or_default();
    format!("{}:{}", text("ApiId"), text("Stage"))
}

/// What a stage of a usage plan says of single methods, by `/pets/GET`.
fn limits(item: &Value) -> Vec<Value> {
    let limit = |(path, limits): (&String, &Value)| {
        let (resource, method) = path.rsplit_once('/').unwrap_or_default();
        let method = format!("/apiStages/{}/throttle/{}/{method}", stage(item), escaped(resource));
        let members = [("BurstLimit", "burstLimit"), ("RateLimit", "rateLimit")];
        let set =
            |(property, name)| Some(replace(&format!("{method}/{name}"), text_of(limits.get(property)?)));
        members.into_iter().filter_map(set).collect::<Vec<_>>()
    };
    entries(item.get("Throttle")).iter().flat_map(limit).collect()
}

/// `~1pets/GET`: a slash in a path's segment is `~1`.
fn method(item: &Value) -> String {
    let text = |name: &str, default: &str| item.get(name).map_or_else(|| default.to_owned(), text_of);
    let path = text("ResourcePath", "/*");
    // Every resource is `*`, and CloudFormation says `/*`.
    let path = if path == "/*" { "*".to_owned() } else { escaped(&path) };
    format!("{path}/{}", text("HttpMethod", "*"))
}

fn replace(path: &str, value: String) -> Value {
    json!({ "op": "replace", "path": path, "value": value })
}

fn remove(path: &str) -> Value {
    json!({ "op": "remove", "path": path })
}

fn below(path: &str, name: &str) -> String {
    format!("{path}/{}", escaped(name))
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn entries(value: Option<&Value>) -> Map<String, Value> {
    value.and_then(Value::as_object).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches() {
        let members = Patch::Members("/log", &[("Arn", "arn"), ("Format", "format")]);
        let setting = |path: &str, level: &str| json!({ "ResourcePath": path, "HttpMethod": "GET", "LoggingLevel": level });
        let api_stage = |name: &str, rate: i64| json!({ "ApiId": "a", "Stage": name, "Throttle": { "/x/y/GET": { "RateLimit": rate } } });
        for (patch, old, new, expected) in [
            (
                Patch::ApiStages,
                json!([api_stage("s", 1), api_stage("t", 1), api_stage("v", 1)]),
                json!([api_stage("s", 2), api_stage("u", 1), api_stage("v", 1)]),
                "remove /apiStages a:t, add /apiStages a:u, remove /apiStages/a:s/throttle, \
                 replace /apiStages/a:s/throttle/~1x~1y/GET/rateLimit 2, \
                 replace /apiStages/a:u/throttle/~1x~1y/GET/rateLimit 1",
            ),
            (Patch::Text("/d"), json!("a"), json!("b"), "replace /d b"),
            (Patch::Text("/d"), json!("a"), json!(null), "replace /d "),
            (Patch::TextOr("/d", "false"), json!(true), json!(null), "replace /d false"),
            (Patch::List("/t"), json!(["a/b", "c"]), json!(["c", "d"]), "remove /t/a~1b, add /t/d"),
            (Patch::Map("/v"), json!({ "a": 1, "b": 2 }), json!({ "b": 3 }), "remove /v/a, replace /v/b 3"),
            (Patch::Map("/v"), json!(null), json!({ "b": 3 }), "replace /v/b 3"),
            (members, json!(null), json!({ "Arn": "x" }), "replace /log/arn x"),
            (members, json!({ "Arn": "x" }), json!(null), "remove /log"),
            (
                Patch::MethodSettings,
                json!([setting("/a", "INFO")]),
                json!([setting("/*", "OFF")]),
                "remove /~1a/GET, replace /*/GET/logging/loglevel OFF",
            ),
        ] {
            let given = |value: &Value| (!value.is_null()).then(|| value.clone());
            let patches = patch.patches(given(&old).as_ref(), given(&new).as_ref());
            let shown: Vec<String> = patches
                .iter()
                .map(|patch| {
                    let text = |name: &str| patch[name].as_str().unwrap_or_default();
                    format!("{} {} {}", text("op"), text("path"), text("value"))
                })
                .collect();
            let shown: Vec<&str> = shown
                .iter()
                .zip(&patches)
                .map(|(text, patch)| if patch.get("value").is_some() { text.as_str() } else { text.trim() })
                .collect();
            assert_eq!(shown.join(", "), expected);
        }
    }
}

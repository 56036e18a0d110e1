//! The base path of a definition, and what becomes of it: the developer guide, "Set the OpenAPI `basePath` property".

use serde_json::Value;

use super::Document;
use crate::control::answer::Error;
use crate::control::cloudformation::template::text_of;
use crate::control::input::bad_request;

/// `basepath` of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It counts for nothing.
    Ignore,
    /// All paths begin with it.
    Prepend,
    /// All paths begin with what follows its first segment.
    Split,
}

impl Mode {
    /// The mode that a parameter names.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn named(name: Option<&str>) -> Result<Self, Error> {
        match name {
            None | Some("ignore") => Ok(Self::Ignore),
            Some("prepend") => Ok(Self::Prepend),
            Some("split") => Ok(Self::Split),
            Some(other) => Err(bad_request(format!(
                "Invalid basepath specified: {other}. Must be one of [ignore, prepend, split]"
            ))),
        }
    }

    /// What all paths of the document begin with: empty, or `/a/b`.
    pub fn prefix(self, document: &Document) -> String {
        let base = match self {
            Self::Ignore => return String::new(),
            Self::Prepend | Self::Split => of_servers(document),
        };
        let segments: Vec<&str> = base.split('/').filter(|segment| !segment.is_empty()).collect();
        let kept = match self {
            Self::Ignore | Self::Prepend => &segments[..],
            Self::Split => segments.get(1..).unwrap_or_default(),
        };
        kept.iter().map(|segment| format!("/{segment}")).collect()
    }
}

/// Swagger's `basePath`; the first server variable named `basePath`, or else the path of the first server's URL that has one.
fn of_servers(document: &Document) -> String {
    if let Some(base) =
        document.member("basePath").and_then(Value::as_str).filter(|base| base.len() <= MAX_PATH)
    {
        return base.to_owned();
    }
    let servers = document.member("servers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let default = |server: &Value, name: &str| {
        let value = server.get("variables")?.get(name)?.get("default")?;
        Some(text_of(value)).filter(|_| !value.is_null())
    };
    if let Some(base) = servers.iter().find_map(|server| default(server, "basePath")) {
        return Some(base).filter(|base| base.len() <= MAX_PATH).unwrap_or_default();
    }
    let path = |server: &Value| {
        let url = server.get("url")?.as_str()?;
        let path = match url.split_once("://") {
            Some((_, rest)) => &rest[rest.find('/')?..],
            None => url,
        };
        let variables = server.get("variables").and_then(Value::as_object).into_iter().flatten();
        let mut path = Some(path).filter(|path| path.len() <= MAX_PATH)?.to_owned();
        for (name, _) in variables.take(MAX_VARIABLES) {
            let value = default(server, name).filter(|value| value.len() <= MAX_PATH).unwrap_or_default();
            path = path.replace(&format!("{{{name}}}"), &value);
            if path.len() > MAX_PATH {
                return None;
            }
        }
        Some(path).filter(|path| !path.trim_matches('/').is_empty())
    };
    servers.iter().find_map(path).unwrap_or_default()
}

/// Variables of a server that are looked at; ours.
const MAX_VARIABLES: usize = 20;

/// No request has a longer path (AWS: 10,240 bytes of request line and headers).
const MAX_PATH: usize = 10_240;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Owner;

    #[test]
    fn prefixes() {
        let variable = json!([{ "url": "https://a.b/{basePath}", "variables": { "basePath": { "default": "/v1/x/y" } } }]);
        let stage =
            json!([{ "url": "https://a.b/{basePath}", "variables": { "basePath": { "default": "prod" } } }]);
        let empty =
            json!([{ "url": "https://a.b/{basePath}", "variables": { "basePath": { "default": "" } } }]);
        let named = json!([{ "url": "https://a.b/{v}/x/", "variables": { "v": { "default": "v2" } } }]);
        for (servers, prepend, split) in [
            (variable, "/v1/x/y", "/x/y"),
            (stage, "/prod", ""),
            (empty, "", ""),
            (named, "/v2/x", "/x"),
            (json!([{ "url": "https://a.b" }, { "url": "https://a.b/one/two" }]), "/one/two", "/two"),
            (json!([{ "url": "/v1" }]), "/v1", ""),
            (json!([{ "url": "https://a.b/" }]), "", ""),
            (json!([]), "", ""),
            (json!("no list"), "", ""),
        ] {
            let text = json!({ "openapi": "3.0.1", "servers": servers }).to_string();
            let owner = Owner { account: "000000000000".into(), region: "us-east-1".into() };
            let document = Document::read(&text, &owner).expect("a definition");
            for (mode, expected) in [("ignore", ""), ("prepend", prepend), ("split", split)] {
                let mode = Mode::named(Some(mode)).expect("a mode");
                assert_eq!(mode.prefix(&document), expected, "{text} {mode:?}");
            }
        }
        assert_eq!(Mode::named(None), Ok(Mode::Ignore));
        assert!(Mode::named(Some("Prepend")).is_err());
    }
}

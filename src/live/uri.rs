//! Integration URIs: stage variables filled in when they are compiled, route variables when a request comes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::matcher::Variables;
use crate::proto::query;

/// An HTTP back end's URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// Whether the scheme is `https`.
    pub https: bool,
    /// A name or an address, without brackets.
    pub host: Arc<str>,
    /// The URI's port, else the scheme's.
    pub port: u16,
    /// Host and port as the URI has them: what `Host` says.
    pub authority: Box<str>,
    path: Template,
    query: Option<Template>,
}

/// Text with route variables in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Variable(Box<str>),
}

/// Fills in `${stageVariables.name}`. `Err`: the name of one that isn't there.
pub fn fill_in(text: &str, variables: &BTreeMap<String, String>) -> Result<String, String> {
    const OPEN: &str = "${stageVariables.";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            out.push_str(OPEN);
            rest = after;
            continue;
        };
        out.push_str(variables.get(name).ok_or(name)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

impl Backend {
    /// Reads an `http` or `https` URI. `None`: it is none that can be asked.
    pub fn parse(uri: &str) -> Option<Self> {
        let (scheme, rest) = uri.split_once("://")?;
        let https = match scheme {
            _ if scheme.eq_ignore_ascii_case("http") => false,
            _ if scheme.eq_ignore_ascii_case("https") => true,
            _ => return None,
        };
        let (rest, _fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (authority, None),
        };
        let host = match host.strip_prefix('[') {
            Some(host) => host.strip_suffix(']').filter(|host| is_host(host, b"."))?,
            None => Some(host).filter(|host| !host.contains(':') && is_host(host, b"-_."))?,
        };
        Some(Self {
            https,
            host: host.into(),
            port: port.unwrap_or(if https { 443 } else { 80 }),
            authority: authority.into(),
            path: Template::parse(path),
            query: query.map(Template::parse),
        })
    }

    /// Whether it has no path of its own. The `$default` route then forwards the whole path.
    pub fn is_bare(&self) -> bool {
        match &self.path.0[..] {
            [] => true,
            [Part::Text(text)] => &**text == "/",
            [Part::Variable(_)] | [_, _, ..] => false,
        }
    }

    /// Writes the path that a request with these variables goes to.
    pub fn write_path(&self, out: &mut String, variables: &Variables, path: &str) {
        self.write_path_with(out, |name| variables.value(name, path).map(Cow::Borrowed));
    }

    /// Path and query: the URI's own with its variables filled in, then what comes with the request.
    pub fn target_with(&self, variables: &[(&str, String)], queries: &str) -> String {
        let value = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, raw)| Cow::Borrowed(&**raw))
        };
        let mut target = String::new();
        self.write_path_with(&mut target, value);
        let has_query = self.write_query_with(&mut target, value);
        if !queries.is_empty() {
            target.push(if has_query { '&' } else { '?' });
            target.push_str(queries);
        }
        target
    }

    /// The same, with the variables' values as a path would have them: percent-encoded.
    fn write_path_with<'v>(&self, out: &mut String, value: impl Fn(&str) -> Option<Cow<'v, str>>) {
        if !matches!(self.path.0.first(), Some(Part::Text(text)) if text.starts_with('/')) {
            out.push('/');
        }
        for part in &self.path.0 {
            match part {
                Part::Text(text) => encode_uri(out, text),
                Part::Variable(name) => match value(name) {
                    Some(raw) => write_segments(out, &raw),
                    None => write_unknown(out, name),
                },
            }
        }
    }

    /// Writes the URI's own query, if it has one, after a `?`.
    pub fn write_query(&self, out: &mut String, variables: &Variables, path: &str) -> bool {
        self.write_query_with(out, |name| variables.value(name, path).map(Cow::Borrowed))
    }

    /// The same, with the variables' values as a path would have them: percent-encoded.
    fn write_query_with<'v>(&self, out: &mut String, value: impl Fn(&str) -> Option<Cow<'v, str>>) -> bool {
        let Some(template) = &self.query else { return false };
        out.push('?');
        for part in &template.0 {
            match part {
                Part::Text(text) => encode_uri(out, text),
                Part::Variable(name) => match value(name) {
                    Some(raw) => query::encode_query_component(out, &query::decode_path(&raw)),
                    None => write_unknown(out, name),
                },
            }
        }
        true
    }
}

impl Template {
    fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{')
            && let Some((name, after)) = after.split_once('}')
        {
            if !before.is_empty() {
                parts.push(Part::Text(before.into()));
            }
            parts.push(Part::Variable(name.strip_suffix('+').unwrap_or(name).into()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.into()));
        }
        Self(parts)
    }
}

/// A path as a mapping made it: what may stand in one stays, escapes included.
pub fn write_path(out: &mut String, path: &str) {
    if !path.starts_with('/') {
        out.push('/');
    }
    path.split('?').next().into_iter().for_each(|path| encode_uri(out, path));
}

/// Raw segments, spelled anew one by one: slashes stay slashes, and escaped ones stay escaped.
pub fn write_segments(out: &mut String, raw: &str) {
    for (n, segment) in raw.split('/').enumerate() {
        if n > 0 {
            out.push('/');
        }
        for (n, part) in query::decode_path(segment).split('/').enumerate() {
            if n > 0 {
                out.push_str("%2F");
            }
            query::encode_path(out, part);
        }
    }
}

/// A variable that the route doesn't have stays as it is, escaped.
fn write_unknown(out: &mut String, name: &str) {
    out.push_str("%7B");
    encode_uri(out, name);
    out.push_str("%7D");
}

/// Text of a URI, with what no URI may hold escaped: a request line must stay one line.
fn encode_uri(out: &mut String, text: &str) {
    for char in text.chars() {
        if char.is_ascii_graphic() && !"\"#<>\\^`{|}".contains(char) {
            out.push(char);
        } else {
            query::encode_query_component(out, char.encode_utf8(&mut [0; 4]));
        }
    }
}

fn is_host(host: &str, more: &[u8]) -> bool {
    let colon = more == b".";
    !host.is_empty()
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b) || colon && b == b':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::api::RouteKey;

    #[test]
    fn stage_variables() {
        let variables =
            BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "${x}".to_owned())]);
        for (text, expected) in [
            ("x", Ok("x")),
            ("http://${stageVariables.a}/${stageVariables.b}${stageVariables.a}", Ok("http://1/${x}1")),
            ("${stageVariables.a", Ok("${stageVariables.a")),
            ("${stageVariables.c}", Err("c")),
            ("${stageVariables.}", Err("")),
        ] {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(fill_in(text, &variables), expected, "{text}");
        }
    }

    #[test]
    fn backends() {
        let variables =
            Variables::of(&RouteKey::Path { method: "GET".into(), path: "/{id}/{proxy+}".into() });
        for (uri, expected) in [
            ("http://example.com", "false example.com 80 example.com / bare"),
            ("https://example.com/", "true example.com 443 example.com / bare"),
            ("HTTP://example.com:8080/x", "false example.com 8080 example.com:8080 /x"),
            ("http://[::1]:99/x?y=1#z", "false ::1 99 [::1]:99 /x?y=1"),
            ("http://[::1]/", "false ::1 80 [::1] / bare"),
            ("http://h/{id}/x/{proxy}", "false h 80 h /a%20b/x/c/d%2Fe"),
            ("http://h/{proxy+}", "false h 80 h /c/d%2Fe"),
            ("http://h/{nope}", "false h 80 h /%7Bnope%7D"),
            ("http://h?a={id}", "false h 80 h /?a=a%20b bare"),
            ("http://h/{id", "false h 80 h /%7Bid"),
            ("http://h/a b\r\nX: y%20", "false h 80 h /a%20b%0D%0AX:%20y%20"),
            ("ftp://h/", "-"),
            ("http://", "-"),
            ("http:///x", "-"),
            ("http://a:b/", "-"),
            ("http://a:99999/", "-"),
            ("http://u:p@h/", "-"),
            ("http://h h/", "-"),
            ("http://{id}/", "-"),
            ("example.com", "-"),
        ] {
            let shown = Backend::parse(uri).map(|backend| {
                let mut target = String::new();
                backend.write_path(&mut target, &variables, "/a%20b/c/d%2fe");
                backend.write_query(&mut target, &variables, "/a%20b/c/d%2fe");
                let bare = if backend.is_bare() { " bare" } else { "" };
                let Backend { https, host, port, authority, .. } = backend;
                format!("{https} {host} {port} {authority} {target}{bare}")
            });
            assert_eq!(shown.as_deref().unwrap_or("-"), expected, "{uri}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_target_is_one_word(uri in "http://h/[ -~\r\n{}%λ]{0,30}", path in "/[a-z%/]{0,10}/[!-~]{0,20}") {
            let variables = Variables::of(&RouteKey::Path { method: "GET".into(), path: "/{id}/{proxy+}".into() });
            if let Some(backend) = Backend::parse(&uri) {
                let mut target = String::new();
                backend.write_path(&mut target, &variables, &path);
                backend.write_query(&mut target, &variables, &path);
                proptest::prop_assert!(target.starts_with('/') && target.bytes().all(|b| b.is_ascii_graphic()));
            }
        }
    }
}

//! [`Cors`]: whose pages may read what is served, compiled: `corsConfiguration` of an HTTP API, `Cors` of a function's
//! URL. What headers say is put together here, once; a request only picks them.
//! <https://fetch.spec.whatwg.org/#http-cors-protocol>

use crate::model::api;

/// See the module.
#[derive(Debug, PartialEq, Eq)]
pub struct Cors {
    /// Whether `*` is among the origins.
    any: bool,
    /// `https://` and `http://` of `https://*` and `http://*`.
    schemes: Vec<Box<str>>,
    /// Origins in full.
    origins: Vec<Box<str>>,
    /// `allowCredentials`
    pub credentials: bool,
    /// What the answer to a preflight says besides.
    pub preflight: Lines,
    /// What every other answer says besides.
    pub actual: Lines,
}

/// Names and values of headers.
pub type Lines = Vec<(&'static str, Box<str>)>;

/// As whom a page is let in: what `Access-Control-Allow-Origin` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// As any: `*`.
    Any,
    /// As itself: its origin.
    Itself,
}

impl Cors {
    /// Compiles a configuration.
    pub fn new(cors: &api::Cors) -> Self {
        let (mut any, mut schemes, mut origins) = (false, Vec::new(), Vec::new());
        for origin in cors.allow_origins.iter().flatten() {
            match &**origin {
                "*" => any = true,
                "https://*" | "http://*" => schemes.push(origin.trim_end_matches('*').into()),
                _ => origins.push(origin.as_str().into()),
            }
        }
        let list = |items: &Option<Vec<String>>| Some(items.as_deref()?.join(",")).filter(|l| !l.is_empty());
        let lines = |all: &[(&'static str, Option<String>)]| {
            all.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?.into()))).collect()
        };
        Self {
            any,
            schemes,
            origins,
            credentials: cors.allow_credentials == Some(true),
            preflight: lines(&[
                ("Access-Control-Allow-Methods", list(&cors.allow_methods)),
                ("Access-Control-Allow-Headers", list(&cors.allow_headers)),
                ("Access-Control-Max-Age", cors.max_age.map(|seconds| seconds.to_string())),
            ]),
            actual: lines(&[("Access-Control-Expose-Headers", list(&cors.expose_headers))]),
        }
    }

    /// Whether pages of this origin are let in. Pages with credentials may not be told `*`.
    pub fn allows(&self, origin: &[u8]) -> Option<Allowed> {
        let begins = |scheme: &str| {
            let start = origin.get(..scheme.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
        };
        let is_named = || {
            self.origins.iter().any(|one| one.as_bytes().eq_ignore_ascii_case(origin))
                || self.schemes.iter().any(|scheme| begins(scheme))
        };
        match self.any {
            true if !self.credentials => Some(Allowed::Any),
            true => Some(Allowed::Itself),
            false => is_named().then_some(Allowed::Itself),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let cors = |origins: &[&str], credentials| {
            let allow_origins = Some(origins.iter().map(|origin| (*origin).to_owned()).collect());
            Cors::new(&api::Cors { allow_origins, allow_credentials: credentials, ..Default::default() })
        };
        let exact = ["https://a.example", "http://localhost:3000"];
        for (origins, credentials, origin, expected) in [
            (&["*"][..], None, "https://a.example", Some(Allowed::Any)),
            (&["*"], Some(false), "null", Some(Allowed::Any)),
            (&["*"], Some(true), "https://a.example", Some(Allowed::Itself)),
            (&["https://b.example", "*"], None, "https://b.example", Some(Allowed::Any)),
            (&exact, None, "https://a.example", Some(Allowed::Itself)),
            (&exact, None, "HTTPS://A.example", Some(Allowed::Itself)),
            (&exact, Some(true), "http://localhost:3000", Some(Allowed::Itself)),
            (&exact, None, "http://a.example", None),
            (&exact, None, "https://a.example:444", None),
            (&exact, None, "https://a.example.evil.example", None),
            (&exact, None, "https://sub.a.example", None),
            (&exact, None, "", None),
            (&["https://*"], None, "https://a.example", Some(Allowed::Itself)),
            (&["https://*"], Some(true), "https://a.example:8443", Some(Allowed::Itself)),
            (&["https://*"], None, "http://a.example", None),
            (&["https://*"], None, "null", None),
            (&["https://*"], None, "https:/", None),
            (&["http://*"], None, "http://127.0.0.1:8080", Some(Allowed::Itself)),
            (&["http://*"], None, "https://a.example", None),
            (&["http://*", "https://a.example"], None, "https://a.example", Some(Allowed::Itself)),
            (&[], None, "https://a.example", None),
        ] {
            let found = cors(origins, credentials).allows(origin.as_bytes());
            assert_eq!(found, expected, "{origin} of {origins:?}");
        }
    }

    #[test]
    fn lines() {
        let texts = |all: &[&str]| Some(all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        let cors = Cors::new(&api::Cors {
            allow_methods: texts(&["GET", "PUT"]),
            allow_headers: texts(&[]),
            expose_headers: texts(&["date", "x-a"]),
            max_age: Some(-1),
            ..Default::default()
        });
        let preflight: Lines =
            vec![("Access-Control-Allow-Methods", "GET,PUT".into()), ("Access-Control-Max-Age", "-1".into())];
        assert_eq!(cors.preflight, preflight);
        assert_eq!(cors.actual, vec![("Access-Control-Expose-Headers", "date,x-a".into())]);
    }
}

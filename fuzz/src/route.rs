//! Routes: the compiled matcher finds what one finds who tries every route by the rules.

use std::collections::HashSet;

use gatelet::live::matcher::Matcher;
use gatelet::model::api::RouteKey;
use gatelet::proto::query::decode_path;

/// Route keys by lines, an empty line, and requests by lines: a method, a space, a path.
pub fn route(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (keys, requests) = text.split_once("\n\n").unwrap_or((text, ""));
    let requests = requests.lines().filter_map(|line| line.split_once(' '));
    check(keys.lines(), requests.filter(|(_, path)| path.starts_with('/')));
}

/// What is no route key is left out, and so is what another one already covers.
pub fn check<'a>(keys: impl Iterator<Item = &'a str>, requests: impl Iterator<Item = (&'a str, &'a str)>) {
    let mut shapes = HashSet::new();
    let keys: Vec<_> =
        keys.filter_map(|key| RouteKey::parse(key).ok()).filter(|key| shapes.insert(shape(key))).collect();
    let matcher = Matcher::new(&keys);
    for (method, path) in requests {
        let (found, expected) = (matcher.find(method, path), naive(&keys, method, path));
        assert_eq!(found, expected, "{method} {path} among {keys:?}");
    }
}

/// A route key without the names of its variables.
fn shape(key: &RouteKey) -> String {
    let segments = key.to_string();
    let nameless = segments.split('/').map(|segment| match segment.strip_prefix('{') {
        Some(variable) if variable.ends_with("+}") => "{+}",
        Some(_) => "{}",
        None => segment,
    });
    nameless.collect::<Vec<_>>().join("/")
}

/// The best of all that match: full before greedy, literals before variables from the left, a method before any.
fn naive(routes: &[RouteKey], method: &str, path: &str) -> Option<usize> {
    if matches!(method, "CONNECT" | "TRACE") {
        return None;
    }
    let asked: Vec<_> = match path.trim_start_matches('/') {
        "" => vec![],
        rest => rest.split('/').collect(),
    };
    let rank = |key: &RouteKey| -> Option<(bool, Vec<u8>, bool)> {
        let RouteKey::Path { method: known, path } = key else { return None };
        if known != method && known != "ANY" {
            return None;
        }
        let pattern: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let mut kinds = vec![];
        let mut greedy = false;
        for (n, segment) in pattern.iter().enumerate() {
            if segment.starts_with('{') && segment.ends_with("+}") {
                greedy = asked.get(n..)?.iter().any(|segment| !segment.is_empty());
                if !greedy {
                    return None;
                }
                kinds.push(2);
                break;
            }
            let asked = asked.get(n).filter(|segment| !segment.is_empty())?;
            if segment.starts_with('{') {
                kinds.push(1);
            } else if is_literal(segment, asked, &pattern[..n], routes) {
                kinds.push(0);
            } else {
                return None;
            }
        }
        (greedy || pattern.len() == asked.len()).then_some((greedy, kinds, known == "ANY"))
    };
    let ranked = routes.iter().enumerate().filter_map(|(n, key)| Some((rank(key)?, n)));
    let best = ranked.min().map(|(_, n)| n);
    best.or_else(|| routes.iter().position(|key| *key == RouteKey::Default))
}

/// Whether a segment of a route is the one asked for: as it is spelled; or decoded, where no route spells it so.
fn is_literal(segment: &str, asked: &str, before: &[&str], routes: &[RouteKey]) -> bool {
    let spelled_so = || {
        routes.iter().any(|key| match key {
            RouteKey::Default | RouteKey::Name(_) => false,
            RouteKey::Path { path, .. } => {
                let mut segments = path.split('/').filter(|segment| !segment.is_empty());
                let same =
                    |one: &str, other: &str| one == other || one.starts_with('{') && other.starts_with('{');
                before.iter().all(|known| segments.next().is_some_and(|segment| same(segment, known)))
                    && segments.next() == Some(asked)
            }
        })
    };
    segment == asked || segment == decode_path(asked) && !spelled_so()
}

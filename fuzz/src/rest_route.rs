//! Resources of REST APIs: the compiled tree finds what one finds who tries every method of every resource by the
//! rules.

use std::collections::HashSet;

use gatelet::live::rest::{Tree, Verb, matched};
use gatelet::proto::query::decode_path;

/// Methods with their resources by lines, an empty line, and requests by lines: a method, a space, a path.
pub fn rest_route(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (methods, requests) = text.split_once("\n\n").unwrap_or((text, ""));
    check(
        methods.lines().filter_map(|line| line.split_once(' ')),
        requests.lines().filter_map(|line| line.split_once(' ')),
    );
}

/// Of two that are the same but for names of variables, the second is left out.
pub fn check<'a>(
    methods: impl Iterator<Item = (&'a str, &'a str)>,
    requests: impl Iterator<Item = (&'a str, &'a str)>,
) {
    let mut shapes = HashSet::new();
    // AWS: letters, digits and some signs; a percent sign is none of them.
    let methods: Vec<_> =
        methods.filter(|(method, path)| !path.contains('%') && shapes.insert(shape(method, path))).collect();
    let mut tree = Tree::default();
    for (number, (method, path)) in methods.iter().enumerate() {
        tree.insert(path, method, number as u32);
    }
    for (method, path) in requests {
        let found = Verb::of(method).and_then(|verb| tree.find(verb, path));
        assert_eq!(found, naive(&methods, method, path), "{method} {path} among {methods:?}");
    }
}

/// What a part of a resource's path takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Literal,
    Variable,
    Greedy,
}

fn kind(part: &str) -> Kind {
    match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) if name.ends_with('+') => Kind::Greedy,
        Some(_) => Kind::Variable,
        None => Kind::Literal,
    }
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

fn shape(method: &str, path: &str) -> String {
    let nameless = parts(path).into_iter().map(|part| match kind(part) {
        Kind::Literal => part,
        Kind::Variable => "{}",
        Kind::Greedy => "{+}",
    });
    format!("{method} /{}", nameless.collect::<Vec<_>>().join("/"))
}

/// The best of all that match, path and method: segment by segment from the left, a literal before a variable and
/// that before a greedy one; at the end a method before any.
fn naive(methods: &[(&str, &str)], verb: &str, path: &str) -> Option<usize> {
    const ANY: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
    if !ANY.contains(&verb) {
        return None;
    }
    let path = matched(path);
    let asked: Vec<_> = if path.is_empty() { vec![] } else { path.split('/').collect() };
    let rank = |method: &str, path: &str| -> Option<(Vec<Kind>, bool)> {
        if method != verb && method != "ANY" {
            return None;
        }
        let parts = parts(path);
        let kinds: Vec<_> = parts.iter().map(|part| kind(part)).collect();
        let takes = |(part, segment): (&&str, &&str)| match kind(part) {
            Kind::Literal => !segment.is_empty() && *part == decode_path(segment),
            Kind::Variable => !segment.is_empty(),
            Kind::Greedy => false,
        };
        let fits = match kinds.iter().position(|kind| *kind == Kind::Greedy) {
            Some(at) => {
                at + 1 == parts.len() && asked.len() > at && parts[..at].iter().zip(&asked[..at]).all(takes)
            }
            None => parts.len() == asked.len() && parts.iter().zip(&asked).all(takes),
        };
        fits.then_some((kinds, method == "ANY"))
    };
    let ranked = methods.iter().enumerate().filter_map(|(n, (method, path))| Some((rank(method, path)?, n)));
    ranked.min().map(|(_, n)| n)
}

//! [`Matcher`]: which route a request takes, compiled from the route keys of one deployment.
//!
//! The order (the developer guide's "Working with routes for HTTP APIs"): a full match for path and method, then
//! a greedy one, then `$default`. Among full matches a literal segment beats a variable, from the left; among
//! greedy ones the more specific beginning wins. A method beats `ANY` only where the paths are the same.
//!
//! A tree by segments, in which a node of depth *d* is reached by the first *d* segments alone: so one match
//! visits each node at most once, however the routes are laid out, and allocates nothing but in odd cases.

use std::borrow::Cow;

use super::host;
use crate::model::api::RouteKey;
use crate::proto::query;

/// The compiled route keys. Routes are numbered as they were given.
#[derive(Debug)]
pub struct Matcher {
    nodes: Vec<Node>,
    default: Option<u32>,
}

/// One place in the tree of paths.
#[derive(Debug, Default)]
struct Node {
    /// What follows by literal segment, sorted.
    literals: Vec<(Box<str>, u32)>,
    /// What follows by a variable.
    variable: Option<u32>,
    /// Routes whose path ends here.
    here: Methods,
    /// Routes that take all the rest from here: `{name+}`.
    greedy: Methods,
}

/// Routes of one path, by method.
#[derive(Debug, Default)]
struct Methods {
    named: Vec<(Box<str>, u32)>,
    any: Option<u32>,
}

/// The variables of a route's path, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(Vec<Variable>);

/// One variable of a route's path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Variable {
    name: Box<str>,
    /// How many segments stand before it.
    segment: usize,
    greedy: bool,
}

/// A segment of a route's path.
enum Segment<'a> {
    Literal(&'a str),
    Variable(&'a str),
    Greedy(&'a str),
}

impl Matcher {
    /// Compiles route keys. Where two are the same, the later one counts; the control plane allows no such pair.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a RouteKey>) -> Self {
        let mut matcher = Self { nodes: vec![Node::default()], default: None };
        for (number, key) in keys.into_iter().enumerate() {
            let number = number as u32;
            match key {
                RouteKey::Default => matcher.default = Some(number),
                RouteKey::Path { method, path } => matcher.insert(method, path, number),
                // A WebSocket API's, which no path leads to.
                RouteKey::Name(_) => {}
            }
        }
        matcher
    }

    /// The number of the route that a request takes. `path` is raw and begins with a slash.
    pub fn find(&self, method: &str, path: &str) -> Option<usize> {
        // The developer guide lists seven methods; these two are the client's business with proxies.
        if matches!(method, "CONNECT" | "TRACE") {
            return None;
        }
        let rest = relative(path)?;
        self.walk(method, rest).or(self.default).map(|number| number as usize)
    }

    fn insert(&mut self, method: &str, path: &str, number: u32) {
        let mut at = 0;
        for segment in segments(path) {
            at = match segment {
                Segment::Literal(text) => self.literal(at, text),
                Segment::Variable(_) => match self.nodes[at].variable {
                    Some(next) => next as usize,
                    None => {
                        let next = self.grow();
                        self.nodes[at].variable = Some(next);
                        next as usize
                    }
                },
                Segment::Greedy(_) => return self.nodes[at].greedy.insert(method, number),
            };
        }
        self.nodes[at].here.insert(method, number);
    }

    fn literal(&mut self, at: usize, text: &str) -> usize {
        match self.nodes[at].literals.binary_search_by(|(known, _)| (**known).cmp(text)) {
            Ok(found) => self.nodes[at].literals[found].1 as usize,
            Err(place) => {
                let next = self.grow();
                self.nodes[at].literals.insert(place, (text.into(), next));
                next as usize
            }
        }
    }

    fn grow(&mut self) -> u32 {
        self.nodes.push(Node::default());
        self.nodes.len() as u32 - 1
    }

    /// The full match, else the best greedy one. Literals are gone down first, and variables are come back to;
    /// so of greedy matches a deeper one beats those above it, and one found among the literals of a node all
    /// that come after.
    fn walk(&self, method: &str, path: Option<&str>) -> Option<u32> {
        let mut pending = Pending::default();
        let (mut greedy, mut may_replace) = (None, true);
        let (mut node, mut rest) = (&self.nodes[0], path);
        loop {
            let mut next = None;
            match rest {
                None => {
                    if let Some(full) = node.here.find(method) {
                        return Some(full);
                    }
                }
                Some(path) => {
                    if may_replace
                        && let Some(found) = node.greedy.find(method)
                        && path.bytes().any(|b| b != b'/')
                    {
                        greedy = Some(found);
                    }
                    let (segment, after) = split(path);
                    if !segment.is_empty() {
                        let literal = literal(&node.literals, segment);
                        if let (Some(_), Some(variable)) = (literal, node.variable) {
                            pending.push(Choice { node: variable, rest: after, greedy, may_replace });
                        }
                        next = literal.or(node.variable).map(|number| (number, after));
                    }
                }
            }
            let (number, after) = match next {
                Some(next) => next,
                None => match pending.pop() {
                    Some(choice) => {
                        may_replace = choice.may_replace && greedy == choice.greedy;
                        (choice.node, choice.rest)
                    }
                    None => return greedy,
                },
            };
            (node, rest) = (&self.nodes[number as usize], after);
        }
    }
}

/// A variable to come back to, where a literal was gone down first.
#[derive(Clone, Copy, Default)]
struct Choice<'p> {
    node: u32,
    /// The path behind the variable.
    rest: Option<&'p str>,
    /// The best greedy match when the literal was gone down.
    greedy: Option<u32>,
    /// Whether a greedy match from there on counts more than that one.
    may_replace: bool,
}

/// A stack of choices: as many as all but odd routes need lie in place.
#[derive(Default)]
struct Pending<'p> {
    first: [Choice<'p>; 8],
    more: Vec<Choice<'p>>,
    count: usize,
}

impl<'p> Pending<'p> {
    fn push(&mut self, choice: Choice<'p>) {
        match self.first.get_mut(self.count) {
            Some(place) => *place = choice,
            None => self.more.push(choice),
        }
        self.count += 1;
    }

    fn pop(&mut self) -> Option<Choice<'p>> {
        self.count = self.count.checked_sub(1)?;
        self.first.get(self.count).copied().or_else(|| self.more.pop())
    }
}

/// What `segment` leads to among sorted `literals`: as they are spelled, or as it reads once decoded.
pub(super) fn literal(literals: &[(Box<str>, u32)], segment: &str) -> Option<u32> {
    let find = |text: &str| {
        let found = literals.binary_search_by(|(known, _)| (**known).cmp(text)).ok()?;
        Some(literals[found].1)
    };
    find(segment).or_else(|| match query::decode_path(segment) {
        Cow::Borrowed(_) => None,
        Cow::Owned(decoded) => find(&decoded),
    })
}

impl Methods {
    fn insert(&mut self, method: &str, number: u32) {
        if method == "ANY" {
            self.any = Some(number);
        } else {
            self.named.retain(|(known, _)| **known != *method);
            self.named.push((method.into(), number));
        }
    }

    fn find(&self, method: &str) -> Option<u32> {
        self.named.iter().find(|(known, _)| **known == *method).map(|(_, number)| *number).or(self.any)
    }
}

impl Variables {
    /// The variables of a route key.
    pub fn of(key: &RouteKey) -> Self {
        match key {
            RouteKey::Path { path, .. } => Self::of_path(path),
            RouteKey::Default | RouteKey::Name(_) => Self::default(),
        }
    }

    /// The variables of a path.
    pub fn of_path(path: &str) -> Self {
        let variable = |(n, segment): (usize, Segment<'_>)| match segment {
            Segment::Literal(_) => None,
            Segment::Variable(name) => Some(Variable { name: name.into(), segment: n, greedy: false }),
            Segment::Greedy(name) => Some(Variable { name: name.into(), segment: n, greedy: true }),
        };
        Self(segments(path).enumerate().filter_map(variable).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and raw values, of a path that matched.
    pub fn values<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = relative(path).flatten().unwrap_or("");
        let mut passed = 0;
        self.0.iter().map(move |variable| {
            while passed < variable.segment {
                rest = split(rest).1.unwrap_or("");
                passed += 1;
            }
            (&*variable.name, if variable.greedy { rest } else { split(rest).0 })
        })
    }

    /// The raw value of one of them.
    pub fn value<'a>(&'a self, name: &str, path: &'a str) -> Option<&'a str> {
        self.values(path).find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// A request's path without its leading slash; the inner `None` is the root. Doubled leading slashes count as
/// one, as they do on AWS. `None`: it is no path.
fn relative(path: &str) -> Option<Option<&str>> {
    let rest = host::without_slashes(path);
    (rest.len() < path.len()).then_some((!rest.is_empty()).then_some(rest))
}

/// The first segment, and what follows its slash.
fn split(path: &str) -> (&str, Option<&str>) {
    match memchr::memchr(b'/', path.as_bytes()) {
        Some(slash) => (&path[..slash], Some(&path[slash + 1..])),
        None => (path, None),
    }
}

/// The segments of a route key's path.
fn segments(path: &str) -> impl Iterator<Item = Segment<'_>> {
    path.split('/').skip(1).filter(|text| !text.is_empty()).map(|text| {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Segment::Greedy(name),
                None => Segment::Variable(name),
            },
            None => Segment::Literal(text),
        }
    })
}

#[cfg(test)]
mod tests;

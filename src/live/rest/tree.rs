//! [`Tree`]: which method of which resource a request takes, compiled from the resources of one deployment.
//!
//! At each segment a literal goes before `{name}`, and that before `{name+}`. As measured on AWS, what is sought is a
//! resource that has the method (or `ANY`): one that matches by path alone is passed over for a less specific one,
//! so that a resource made only for its children, or for a CORS preflight, hides no `{proxy+}`.
//!
//! A node of depth *d* is reached by the first *d* segments alone. So one match visits each node at most once; and
//! where it goes back, it finds the way in the path itself, and needs no memory of its own.

use crate::live::matcher::literal;
use crate::model::rest::{ANY, METHODS};

/// See the module. Methods are numbered by whoever inserts them.
#[derive(Debug)]
pub struct Tree {
    nodes: Vec<Node>,
}

/// One of the methods that clients may use, `ANY` not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verb(u8);

/// A resource.
#[derive(Debug)]
struct Node {
    parent: u32,
    kind: Kind,
    /// Children with literal path parts, sorted.
    literals: Vec<(Box<str>, u32)>,
    /// The child `{name}`.
    variable: Option<u32>,
    /// The child `{name+}`.
    greedy: Option<u32>,
    methods: [Option<u32>; METHODS.len()],
}

/// How a node stands to its parent: in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Literal,
    Variable,
    Greedy,
}

impl Verb {
    /// The verb of a request's method; `None`: no resource has such a one, not even with `ANY`.
    pub fn of(method: &str) -> Option<Self> {
        METHODS.iter().position(|known| *known == method && method != ANY).map(|at| Self(at as u8))
    }

    /// As the wire spells it.
    pub fn name(self) -> &'static str {
        METHODS[usize::from(self.0)]
    }
}

impl Default for Tree {
    fn default() -> Self {
        Self { nodes: vec![Node::new(0, Kind::Literal)] }
    }
}

impl Tree {
    /// Adds a method of a resource. What a later one says of the same counts; the control plane allows no such pair.
    pub fn insert(&mut self, path: &str, method: &str, number: u32) {
        let mut at = 0;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            at = self.child(at, part);
        }
        if let Some(place) = METHODS.iter().position(|known| *known == method) {
            self.nodes[at].methods[place] = Some(number);
        }
    }

    /// The number of the method that a request takes. `path` is raw: what follows the stage.
    pub fn find(&self, verb: Verb, path: &str) -> Option<usize> {
        let path = matched(path);
        // Where in the path what follows this node begins: behind its end there is nothing left.
        let (mut at, mut start) = (0, usize::from(path.is_empty()));
        let mut next = Some(Kind::Literal);
        loop {
            let node = &self.nodes[at as usize];
            if let Some(rest) = path.get(start..) {
                let end = memchr::memchr(b'/', rest.as_bytes()).map_or(path.len(), |slash| start + slash);
                if let Some(child) = node.next(next, &path[start..end]) {
                    let child_node = &self.nodes[child as usize];
                    if child_node.kind != Kind::Greedy {
                        (at, start, next) = (child, end + 1, Some(Kind::Literal));
                        continue;
                    }
                    if let Some(found) = child_node.find(verb) {
                        return Some(found);
                    }
                }
            } else if let Some(found) = node.find(verb) {
                return Some(found);
            }
            if at == 0 {
                return None;
            }
            // Nothing here: what its parent would try after it.
            next = node.kind.after();
            start = memchr::memrchr(b'/', &path.as_bytes()[..start - 1]).map_or(0, |slash| slash + 1);
            at = node.parent;
        }
    }

    fn child(&mut self, at: usize, part: &str) -> usize {
        let new = self.nodes.len() as u32;
        let node = &mut self.nodes[at];
        let (kind, place) = match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) if name.ends_with('+') => (Kind::Greedy, node.greedy.get_or_insert(new)),
            Some(_) => (Kind::Variable, node.variable.get_or_insert(new)),
            None => {
                let found = node.literals.binary_search_by(|(known, _)| (**known).cmp(part));
                let place = found.unwrap_or_else(|place| {
                    node.literals.insert(place, (part.into(), new));
                    place
                });
                (Kind::Literal, &mut node.literals[place].1)
            }
        };
        let child = *place;
        if child == new {
            self.nodes.push(Node::new(at as u32, kind));
        }
        child as usize
    }
}

impl Node {
    fn new(parent: u32, kind: Kind) -> Self {
        Self {
            parent,
            kind,
            literals: Vec::new(),
            variable: None,
            greedy: None,
            methods: [None; METHODS.len()],
        }
    }

    /// The first child, of this kind or of one that is tried after it, that takes the segment. An empty segment is
    /// taken by a greedy child alone.
    fn next(&self, kind: Option<Kind>, segment: &str) -> Option<u32> {
        let kind = kind?;
        let child = match kind {
            Kind::Literal => literal(&self.literals, segment).filter(|_| !segment.is_empty()),
            Kind::Variable => self.variable.filter(|_| !segment.is_empty()),
            Kind::Greedy => self.greedy,
        };
        child.or_else(|| self.next(kind.after(), segment))
    }

    fn find(&self, verb: Verb) -> Option<usize> {
        let any = METHODS.len() - 1;
        self.methods[usize::from(verb.0)].or(self.methods[any]).map(|number| number as usize)
    }
}

impl Kind {
    fn after(self) -> Option<Self> {
        match self {
            Self::Literal => Some(Self::Variable),
            Self::Variable => Some(Self::Greedy),
            Self::Greedy => None,
        }
    }
}

/// The part of a path that counts: slashes at both ends do not, as recorded on AWS; what is between them does.
pub fn matched(path: &str) -> &str {
    path.trim_matches('/')
}

const _: () = assert!(matches!(METHODS[METHODS.len() - 1].as_bytes(), b"ANY"), "ANY comes last");

#[cfg(test)]
mod tests;

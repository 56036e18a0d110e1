//! [`Cost`]: how many steps the library may take with a value, known before it takes any.
//!
//! A validator that remembers nothing looks at each place of a value once for each schema that is held against it
//! there. How many those are depends on how deep the place is: `$ref`, `allOf` and their like hold further schemas
//! against the same place, and `properties`, `items` and theirs go one level down, from each of them. So for each node
//! (a place in the schema) and each level below it we add up the most that can be held against one place there:
//!
//! ```text
//! work(node, 0)     = own(node)  + sum of work(next, 0) of those held against the same place
//! work(node, n + 1) = deep(node) + sum of work(next, n + 1) of those + the most of work(below, n) at one member or item
//! ```
//!
//! `own` are a node's rules, `deep` what looks at all that stands below (`uniqueItems`, which the library hashes, but
//! for 15 items or fewer, which it compares with each other). That is some additions for each node and level, however
//! often nodes refer to each other. Nodes that come back to themselves at the same place have no such sum and are
//! refused; those that do so further down have one, as a value has an end.
//!
//! A value has so many places, and so many bytes of text, at each level; these times the work at that level are the
//! most that the library does, whatever it leaves out or remembers. The same way we know how deep it goes.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{MAX_STEPS, pattern};
use crate::proto::query;

/// Objects of a schema that stand in each other. The library compiles nine times as many on the stack (what eight
/// references lead to, one in the other), which takes it 2 MB where nothing is optimized; the reactor's thread has 8.
const MAX_NESTED: u64 = 48;

/// Nodes of one schema, those of what it refers to included.
const MAX_NODES: usize = 100_000;

/// Nodes that one place of a value is held against: what `$ref` and `allOf` and their like come to, written out.
const MAX_IN_PLACE: u64 = 10_000;

/// How deep those may stand in each other.
const MAX_DEPTH_IN_PLACE: u64 = 64;

/// How deep nodes may stand in each other while a value is checked, each within what the library needs of the stack: a
/// schema that means well has few at each level of a value.
const MAX_DEPTH: u64 = 512;

/// Levels that a value may have: those that `serde_json` reads.
const LEVELS: usize = 128;

/// How often `uniqueItems` may look at each thing below it.
const UNIQUE: u64 = 8;

/// See the module: the work of the root at each level of a value.
#[derive(Debug)]
pub struct Cost {
    levels: Vec<Work>,
}

/// What may be held against one place.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    /// Rules.
    rules: u64,
    /// What is done with each byte of a text.
    bytes: u64,
    /// How deep nodes stand in each other, from the top to there.
    depth: u64,
    /// Nodes.
    nodes: u64,
}

type Id = usize;

/// A schema, and what it leads to.
#[derive(Default)]
struct Node {
    own: Work,
    deep: Work,
    /// Held against the same place.
    here: Vec<Id>,
    /// Held against members or items, one of them against each.
    one_below: Vec<Id>,
    /// All of them against each.
    all_below: Vec<Id>,
}

impl Cost {
    /// Counts what a schema comes to.
    ///
    /// # Errors
    /// What it refers to isn't there, is too much, or goes in circles; an expression is none, or too large.
    pub fn new(root: &Value) -> Result<Self, String> {
        if nesting(root) > MAX_NESTED {
            return Err(format!("it is nested more than {MAX_NESTED} objects deep"));
        }
        let nodes = Reader::nodes(root)?;
        let order =
            sorted(&nodes).ok_or("it refers to itself, without a look at a part of the value in between")?;
        let mut levels: Vec<Work> = Vec::with_capacity(LEVELS);
        let mut work: Option<Vec<Work>> = None;
        for _ in 0..LEVELS {
            let next = level(&nodes, &order, work.as_deref());
            if work.is_none() {
                check_in_place(&next)?;
            }
            levels.extend(next.first());
            work = Some(next);
        }
        Ok(Self { levels })
    }

    /// The most steps that checking a value takes.
    ///
    /// # Errors
    /// They are too many, or too deep: as a complaint.
    pub fn steps(&self, value: &Value) -> Result<u64, String> {
        let (mut steps, mut depth) = (0_u64, 0);
        let mut level: Vec<&Value> = vec![value];
        for work in &self.levels {
            if level.is_empty() {
                break;
            }
            depth = work.depth;
            let mut below = Vec::new();
            for value in level {
                let (parts, bytes) = size(value, &mut below);
                steps = steps.saturating_add(work.rules.saturating_mul(parts));
                steps = steps.saturating_add(work.bytes.saturating_mul(bytes));
            }
            level = below;
            if steps > MAX_STEPS {
                return Err(format!("instance takes more than {MAX_STEPS} steps to validate"));
            }
        }
        if !level.is_empty() || depth > MAX_DEPTH {
            return Err(format!("instance and schema are nested more than {MAX_DEPTH} levels deep"));
        }
        Ok(steps)
    }
}

/// How many parts a value has, itself included, and bytes of text; what stands in it goes to `below`.
fn size<'v>(value: &'v Value, below: &mut Vec<&'v Value>) -> (u64, u64) {
    let (parts, bytes) = match value {
        Value::Array(items) => {
            below.extend(items);
            (items.len(), 0)
        }
        Value::Object(members) => {
            below.extend(members.values());
            (members.len(), members.keys().map(String::len).sum())
        }
        Value::String(text) => (0, text.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => (0, 0),
    };
    (count(parts).saturating_add(1), count(bytes))
}

/// The work of all nodes at the next level, from that at the one before.
fn level(nodes: &[Node], order: &[Id], before: Option<&[Work]>) -> Vec<Work> {
    let mut work = vec![Work::default(); nodes.len()];
    for id in order.iter().rev() {
        let node = &nodes[*id];
        let mut sum = node.here.iter().fold(Work::default(), |sum, next| sum.and(work[*next]));
        match before {
            None => sum = sum.and(node.own),
            Some(before) => {
                let one = node.one_below.iter().fold(Work::default(), |most, next| most.or(before[*next]));
                let below = node.all_below.iter().fold(one, |sum, next| sum.and(before[*next]));
                sum = sum.and(node.deep).and(below);
            }
        }
        work[*id] = Work { depth: sum.depth + 1, ..sum };
    }
    work
}

fn check_in_place(work: &[Work]) -> Result<(), String> {
    if work.iter().any(|work| work.nodes > MAX_IN_PLACE) {
        return Err(format!("it holds more than {MAX_IN_PLACE} schemas against the same value"));
    }
    if work.iter().any(|work| work.depth > MAX_DEPTH_IN_PLACE) {
        return Err(format!("it holds schemas more than {MAX_DEPTH_IN_PLACE} deep against the same value"));
    }
    Ok(())
}

/// All nodes, each before those that it holds against the same place. `None`: there are circles.
fn sorted(nodes: &[Node]) -> Option<Vec<Id>> {
    let mut waits_for = vec![0_usize; nodes.len()];
    for next in nodes.iter().flat_map(|node| &node.here) {
        waits_for[*next] += 1;
    }
    let mut order: Vec<Id> = (0..nodes.len()).filter(|id| waits_for[*id] == 0).collect();
    let mut done = 0;
    while let Some(id) = order.get(done).copied() {
        done += 1;
        for next in &nodes[id].here {
            waits_for[*next] -= 1;
            if waits_for[*next] == 0 {
                order.push(*next);
            }
        }
    }
    (done == nodes.len()).then_some(order)
}

impl Work {
    /// Both at one place.
    fn and(self, other: Self) -> Self {
        Self {
            rules: self.rules.saturating_add(other.rules),
            bytes: self.bytes.saturating_add(other.bytes),
            nodes: self.nodes.saturating_add(other.nodes),
            depth: self.depth.max(other.depth),
        }
    }

    /// One of both.
    fn or(self, other: Self) -> Self {
        Self {
            rules: self.rules.max(other.rules),
            bytes: self.bytes.max(other.bytes),
            nodes: self.nodes.max(other.nodes),
            depth: self.depth.max(other.depth),
        }
    }
}

/// Reads what a keyword of a schema comes to.
type Keyword = for<'d> fn(&mut Reader<'d>, &mut Node, &'d Value) -> Result<(), String>;

/// Those that come to more than one rule. What is not as draft 4 wants it is left to the library, which refuses it.
const KEYWORDS: &[(&str, Keyword)] = &[
    ("allOf", |reader, node, value| reader.list(value, &mut node.here)),
    ("anyOf", |reader, node, value| reader.list(value, &mut node.here)),
    ("oneOf", |reader, node, value| reader.list(value, &mut node.here)),
    ("not", |reader, node, value| reader.one(value, &mut node.here)),
    ("dependencies", |reader, node, value| {
        node.own.rules += nested(value);
        reader.named(value, &mut node.here)
    }),
    ("items", |reader, node, value| {
        reader.one(value, &mut node.one_below)?;
        reader.list(value, &mut node.one_below)
    }),
    ("additionalItems", |reader, node, value| reader.one(value, &mut node.one_below)),
    ("additionalProperties", |reader, node, value| reader.one(value, &mut node.one_below)),
    ("properties", |reader, node, value| {
        node.own.rules += value.as_object().map_or(0, |named| count(named.len()));
        reader.named(value, &mut node.one_below)
    }),
    ("patternProperties", |reader, node, value| {
        for text in value.as_object().into_iter().flat_map(Map::keys) {
            node.own.rules += 1;
            node.own.bytes += reader.pattern("patternProperties", text)?;
        }
        reader.named(value, &mut node.all_below)
    }),
    ("pattern", |reader, node, value| {
        let Value::String(text) = value else { return Ok(()) };
        node.own.bytes += reader.pattern("pattern", text)?;
        Ok(())
    }),
    ("minLength", |_, node, _| node.reads_text()),
    ("maxLength", |_, node, _| node.reads_text()),
    ("format", |_, node, _| node.reads_text()),
    ("required", |_, node, value| node.names(value)),
    ("enum", |_, node, value| {
        node.names(value)?;
        node.reads_text()
    }),
    ("uniqueItems", |_, node, _| {
        node.deep = Work { rules: UNIQUE, bytes: UNIQUE, ..Work::default() };
        Ok(())
    }),
];

impl Node {
    fn reads_text(&mut self) -> Result<(), String> {
        self.own.bytes += 1;
        Ok(())
    }

    fn names(&mut self, value: &Value) -> Result<(), String> {
        self.own.rules += nested(value);
        Ok(())
    }
}

/// Reads nodes, each place of the schema once; what is still to be read waits in a list.
struct Reader<'d> {
    root: &'d Value,
    /// By where a schema stands in memory: the root doesn't move.
    ids: HashMap<*const Map<String, Value>, Id>,
    /// In the order of their ids.
    schemas: Vec<&'d Map<String, Value>>,
    /// What expressions may still take.
    sizes: usize,
}

impl<'d> Reader<'d> {
    /// All that can be reached from the root, which is the first.
    fn nodes(root: &'d Value) -> Result<Vec<Node>, String> {
        let mut reader = Self { root, ids: HashMap::new(), schemas: Vec::new(), sizes: pattern::MAX_SIZES };
        reader.one(root, &mut Vec::new())?;
        let mut nodes = Vec::new();
        while let Some(schema) = reader.schemas.get(nodes.len()).copied() {
            nodes.push(reader.node(schema)?);
        }
        Ok(nodes)
    }

    fn node(&mut self, schema: &'d Map<String, Value>) -> Result<Node, String> {
        let own = Work { rules: count(schema.len()) + 1, nodes: 1, ..Work::default() };
        let mut node = Node { own, ..Node::default() };
        // Beside it nothing counts.
        if let Some(Value::String(reference)) = schema.get("$ref") {
            let pointer = reference.strip_prefix('#').map(query::decode_path);
            let target = pointer.and_then(|pointer| self.root.pointer(&pointer)).filter(|it| it.is_object());
            let target = target.ok_or_else(|| format!("$ref: {reference} leads nowhere"))?;
            self.one(target, &mut node.here)?;
            return Ok(node);
        }
        for (name, keyword) in KEYWORDS {
            if let Some(value) = schema.get(*name) {
                keyword(self, &mut node, value)?;
            }
        }
        Ok(node)
    }

    /// The id of a schema, that will be read if it is new.
    fn one(&mut self, value: &'d Value, ids: &mut Vec<Id>) -> Result<(), String> {
        let Value::Object(schema) = value else { return Ok(()) };
        let next = self.ids.len();
        let id = *self.ids.entry(std::ptr::from_ref(schema)).or_insert(next);
        if id == next {
            if next == MAX_NODES {
                return Err(format!("it holds more than {MAX_NODES} schemas"));
            }
            self.schemas.push(schema);
        }
        ids.push(id);
        Ok(())
    }

    fn list(&mut self, value: &'d Value, ids: &mut Vec<Id>) -> Result<(), String> {
        value.as_array().into_iter().flatten().try_for_each(|schema| self.one(schema, ids))
    }

    fn named(&mut self, value: &'d Value, ids: &mut Vec<Id>) -> Result<(), String> {
        value.as_object().into_iter().flat_map(Map::values).try_for_each(|schema| self.one(schema, ids))
    }

    fn pattern(&mut self, keyword: &str, text: &str) -> Result<u64, String> {
        pattern::cost(text, &mut self.sizes).map_err(|why| format!("{keyword}: {why}"))
    }
}

/// How many values stand in a value, itself included.
fn nested(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(nested).sum::<u64>() + 1,
        Value::Object(members) => members.values().map(nested).sum::<u64>() + 1,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 1,
    }
}

/// How many objects stand in each other.
fn nesting(value: &Value) -> u64 {
    match value {
        Value::Array(items) => items.iter().map(nesting).max().unwrap_or_default(),
        Value::Object(members) => members.values().map(nesting).max().unwrap_or_default() + 1,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

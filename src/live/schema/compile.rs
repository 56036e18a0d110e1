//! From JSON to nodes. Each place that a schema stands at is compiled once, whoever refers to it; what is still to be
//! compiled waits in a list, so that nothing here goes as deep as references do.

use std::collections::{HashMap, VecDeque};
use std::fmt::Display;

use serde_json::{Map, Number, Value};

use super::format::Format;
use super::pattern::{MAX_SIZES, Pattern};
use super::{
    Id, MAX_DOCUMENTS, MAX_NODES, Members, Needs, Node, OfList, OfNumber, OfObject, OfText, Rest, Rule, Types,
};
use crate::proto::query;

/// A schema, by what others call it.
pub struct Document {
    name: String,
    root: Value,
}

/// Makes the rule of a keyword, if it makes one.
type Keyword = for<'d> fn(&mut Compiler<'d>, &At<'d>, &'d Value) -> Result<Option<Rule>, String>;

/// What draft 4 knows; all else is for people. What several make together is made by the first that is there.
const KEYWORDS: &[(&str, Keyword)] = &[
    ("type", |_, _, value| Ok(Some(Rule::Types(types(value)?)))),
    ("enum", |_, _, value| Ok(Some(Rule::Enum(list(value)?.as_slice().into())))),
    ("minimum", |_, at, value| {
        Ok(Some(Rule::Number(OfNumber::Minimum(number(value)?, at.flag("exclusiveMinimum")?))))
    }),
    ("maximum", |_, at, value| {
        Ok(Some(Rule::Number(OfNumber::Maximum(number(value)?, at.flag("exclusiveMaximum")?))))
    }),
    ("exclusiveMinimum", |_, at, _| at.beside("minimum")),
    ("exclusiveMaximum", |_, at, _| at.beside("maximum")),
    ("multipleOf", |_, _, value| Ok(Some(Rule::Number(OfNumber::MultipleOf(divisor(value)?))))),
    ("minLength", |_, _, value| Ok(Some(Rule::Text(OfText::MinLength(count(value)?))))),
    ("maxLength", |_, _, value| Ok(Some(Rule::Text(OfText::MaxLength(count(value)?))))),
    ("pattern", |compiler, _, value| {
        let text = text(value)?;
        Ok(Some(Rule::Text(OfText::Pattern(compiler.pattern(text)?, text.into()))))
    }),
    (
        "format",
        |_, _, value| Ok(Format::named(text(value)?).map(|format| Rule::Text(OfText::Format(format)))),
    ),
    ("items", |compiler, at, value| compiler.items(at, value)),
    ("additionalItems", |compiler, at, _| Ok(at.rest(compiler, "additionalItems")?.and(None))),
    ("minItems", |_, _, value| Ok(Some(Rule::List(OfList::MinItems(count(value)?))))),
    ("maxItems", |_, _, value| Ok(Some(Rule::List(OfList::MaxItems(count(value)?))))),
    ("uniqueItems", |_, at, _| Ok(at.flag("uniqueItems")?.then_some(Rule::List(OfList::Unique)))),
    (PROPERTIES[0], |compiler, at, _| compiler.members(at, &[])),
    (PROPERTIES[1], |compiler, at, _| compiler.members(at, &PROPERTIES[..1])),
    (PROPERTIES[2], |compiler, at, _| compiler.members(at, &PROPERTIES[..2])),
    ("required", |_, _, value| Ok(Some(Rule::Object(OfObject::Required(names(value)?))))),
    ("minProperties", |_, _, value| Ok(Some(Rule::Object(OfObject::MinProperties(count(value)?))))),
    ("maxProperties", |_, _, value| Ok(Some(Rule::Object(OfObject::MaxProperties(count(value)?))))),
    ("dependencies", |compiler, at, value| compiler.dependencies(at, value)),
    ("allOf", |compiler, at, value| Ok(Some(Rule::AllOf(compiler.list(at, "allOf", value)?)))),
    ("anyOf", |compiler, at, value| Ok(Some(Rule::AnyOf(compiler.list(at, "anyOf", value)?)))),
    ("oneOf", |compiler, at, value| Ok(Some(Rule::OneOf(compiler.list(at, "oneOf", value)?)))),
    ("not", |compiler, at, value| Ok(Some(Rule::Not(compiler.node(at, "not", value)?)))),
    ("definitions", |compiler, at, value| compiler.named(at, "definitions", value).map(|_| None)),
    ("id", |_, _, value| text(value).map(|_| None)),
    ("$schema", |_, _, value| text(value).map(|_| None)),
    ("title", |_, _, value| text(value).map(|_| None)),
    ("description", |_, _, value| text(value).map(|_| None)),
];

/// Those of which none may be looked at alone.
const PROPERTIES: [&str; 3] = ["properties", "patternProperties", "additionalProperties"];

/// A schema and all that it refers to, by way of others too.
pub fn documents(schema: Value, others: impl Fn(&str) -> Option<Value>) -> Result<Vec<Document>, String> {
    let name = schema.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut documents = vec![Document { name: document_of(name).to_owned(), root: schema }];
    let mut looked_at = 0;
    while looked_at < documents.len() {
        let mut names = Vec::new();
        walk(&documents[looked_at].root, &mut |schema| {
            names.extend(schema.get("$ref").and_then(Value::as_str).map(|text| document_of(text).to_owned()));
        });
        names.sort_unstable();
        names.dedup();
        for name in names {
            if name.is_empty() || documents.iter().any(|document| document.name == name) {
                continue;
            }
            let Some(root) = others(&name) else { continue };
            if documents.len() == MAX_DOCUMENTS {
                return Err(format!("it refers to more than {MAX_DOCUMENTS} others"));
            }
            documents.push(Document { name, root });
        }
        looked_at += 1;
    }
    Ok(documents)
}

/// The nodes of schemas; the first is the first's root.
pub fn nodes(documents: &[Document]) -> Result<Vec<Node>, String> {
    let names = documents.iter().map(|document| {
        let mut names = HashMap::new();
        walk(&document.root, &mut |schema| {
            if let Some(id) = schema.get("id").and_then(Value::as_str) {
                names.entry(id).or_insert(schema);
            }
        });
        names
    });
    let names = names.collect();
    let mut compiler =
        Compiler { documents, names, ids: HashMap::new(), todo: VecDeque::new(), sizes: MAX_SIZES };
    compiler.enter(0, object(&documents[0].root)?, String::new())?;
    let mut nodes = Vec::new();
    // In the order in which they got their ids.
    while let Some(at) = compiler.todo.pop_front() {
        let node = compiler.compile(&at).map_err(|why| match &*at.path {
            "" => why,
            path => format!("{why}, at {path}"),
        });
        nodes.push(node?);
    }
    Ok(nodes)
}

/// What stands before the `#`.
fn document_of(reference: &str) -> &str {
    reference.split('#').next().unwrap_or_default()
}

/// Calls with each object in a value.
fn walk<'v>(value: &'v Value, visit: &mut impl FnMut(&'v Map<String, Value>)) {
    match value {
        Value::Object(members) => {
            visit(members);
            members.values().for_each(|member| walk(member, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

struct Compiler<'d> {
    documents: &'d [Document],
    /// What `id` says, by document.
    names: Vec<HashMap<&'d str, &'d Map<String, Value>>>,
    /// By where a schema stands in memory: the documents don't move.
    ids: HashMap<*const Map<String, Value>, Id>,
    todo: VecDeque<At<'d>>,
    /// What expressions may still take.
    sizes: usize,
}

/// A schema, and where it stands.
struct At<'d> {
    document: usize,
    path: String,
    schema: &'d Map<String, Value>,
}

impl<'d> Compiler<'d> {
    fn compile(&mut self, at: &At<'d>) -> Result<Node, String> {
        if let Some(Value::String(reference)) = at.schema.get("$ref") {
            return Ok([Rule::Ref(self.referred(at, reference)?)].into());
        }
        let mut rules = Vec::new();
        for (name, keyword) in KEYWORDS {
            if let Some(value) = at.schema.get(*name) {
                let rule = keyword(self, at, value).map_err(|why| format!("{name}: {why}"))?;
                rules.extend(rule);
            }
        }
        Ok(rules.into())
    }

    /// The schema that a `$ref` names.
    fn referred(&mut self, at: &At<'d>, reference: &str) -> Result<Id, String> {
        let nowhere = || format!("$ref: {reference} leads nowhere");
        if let Some(schema) = self.names[at.document].get(reference) {
            return self.enter(at.document, schema, reference.to_owned());
        }
        let document = match document_of(reference) {
            "" => at.document,
            name => self.documents.iter().position(|document| document.name == name).ok_or_else(nowhere)?,
        };
        let root = &self.documents[document].root;
        let pointer = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        let found = root.pointer(&query::decode_path(pointer)).ok_or_else(nowhere)?;
        self.enter(document, object(found).map_err(|_| nowhere())?, reference.to_owned())
    }

    /// The id of a schema, that will be compiled if it is new.
    fn enter(&mut self, document: usize, schema: &'d Map<String, Value>, path: String) -> Result<Id, String> {
        let next = self.ids.len();
        let id = *self.ids.entry(std::ptr::from_ref(schema)).or_insert(next);
        if id == next {
            if next == MAX_NODES {
                return Err(format!("it holds more than {MAX_NODES} schemas"));
            }
            self.todo.push_back(At { document, path, schema });
        }
        Ok(id)
    }

    fn node(&mut self, at: &At<'d>, step: impl Display, schema: &'d Value) -> Result<Id, String> {
        self.enter(at.document, object(schema)?, format!("{}/{step}", at.path))
    }

    /// Some schemas, at least one.
    fn list(&mut self, at: &At<'d>, keyword: &str, value: &'d Value) -> Result<Box<[Id]>, String> {
        let schemas = list(value)?.iter().enumerate();
        schemas.map(|(index, schema)| self.node(at, format_args!("{keyword}/{index}"), schema)).collect()
    }

    /// Schemas by name.
    fn named(&mut self, at: &At<'d>, keyword: &str, value: &'d Value) -> Result<Vec<(&'d str, Id)>, String> {
        let schemas = object(value)?.iter();
        let named = schemas
            .map(|(name, schema)| Ok((&**name, self.node(at, format_args!("{keyword}/{name}"), schema)?)));
        named.collect()
    }

    fn pattern(&mut self, text: &str) -> Result<Pattern, String> {
        Pattern::parse(text, &mut self.sizes).map_err(|why| format!("{text} is no regular expression: {why}"))
    }

    fn items(&mut self, at: &At<'d>, value: &'d Value) -> Result<Option<Rule>, String> {
        Ok(Some(Rule::List(match value {
            Value::Array(_) => {
                let first = self.list(at, "items", value)?;
                OfList::Items(first, at.rest(self, "additionalItems")?.unwrap_or(Rest::Any))
            }
            _ => OfList::Items([].into(), Rest::Of(self.node(at, "items", value)?)),
        })))
    }

    /// What [`PROPERTIES`] make, unless one of `before` is there.
    fn members(&mut self, at: &At<'d>, before: &[&str]) -> Result<Option<Rule>, String> {
        if before.iter().any(|name| at.schema.contains_key(*name)) {
            return Ok(None);
        }
        let [properties, patterns, rest] = PROPERTIES;
        let mut schemas = |keyword| match at.schema.get(keyword) {
            Some(value) => self.named(at, keyword, value),
            None => Ok(Vec::new()),
        };
        let (named, patterns) = (schemas(properties)?, schemas(patterns)?);
        let patterns = patterns.into_iter().map(|(text, id)| Ok::<_, String>((self.pattern(text)?, id)));
        let patterns = patterns.collect::<Result<_, _>>()?;
        let named = named.into_iter().map(|(name, id)| (name.into(), id)).collect();
        let rest = at.rest(self, rest)?.unwrap_or(Rest::Any);
        Ok(Some(Rule::Object(OfObject::Members(Members { named, patterns, rest }))))
    }

    fn dependencies(&mut self, at: &At<'d>, value: &'d Value) -> Result<Option<Rule>, String> {
        let needs = object(value)?.iter().map(|(name, needs)| {
            let needs = match needs {
                Value::Array(_) => Needs::Members(names(needs)?),
                _ => Needs::Schema(self.node(at, format_args!("dependencies/{name}"), needs)?),
            };
            Ok((name.as_str().into(), needs))
        });
        Ok(Some(Rule::Dependencies(needs.collect::<Result<_, String>>()?)))
    }
}

impl<'d> At<'d> {
    fn flag(&self, keyword: &str) -> Result<bool, String> {
        match self.schema.get(keyword) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| format!("{keyword} is neither true nor false")),
        }
    }

    /// A keyword that only says how another is meant.
    fn beside(&self, other: &str) -> Result<Option<Rule>, String> {
        if self.schema.contains_key(other) { Ok(None) } else { Err(format!("there is no {other} beside it")) }
    }

    /// `None`: it doesn't say.
    fn rest(&self, compiler: &mut Compiler<'d>, keyword: &str) -> Result<Option<Rest>, String> {
        Ok(match self.schema.get(keyword) {
            None => None,
            Some(Value::Bool(true)) => Some(Rest::Any),
            Some(Value::Bool(false)) => Some(Rest::Never),
            Some(value) => Some(Rest::Of(compiler.node(self, keyword, value)?)),
        })
    }
}

fn object(value: &Value) -> Result<&Map<String, Value>, String> {
    value.as_object().ok_or_else(|| "it is no JSON object".to_owned())
}

/// Draft 4 wants something in every list.
fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value
        .as_array()
        .filter(|list| !list.is_empty())
        .ok_or_else(|| "it is no list with something in it".to_owned())
}

fn text(value: &Value) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "it is no text".to_owned())
}

fn number(value: &Value) -> Result<Number, String> {
    value.as_number().cloned().ok_or_else(|| "it is no number".to_owned())
}

fn divisor(value: &Value) -> Result<Number, String> {
    let number = number(value)?;
    if number.as_f64().is_some_and(|float| float > 0.0) {
        Ok(number)
    } else {
        Err("it is not above 0".to_owned())
    }
}

fn count(value: &Value) -> Result<u64, String> {
    value.as_u64().ok_or_else(|| "it is no whole number of 0 or more".to_owned())
}

fn names(value: &Value) -> Result<Box<[Box<str>]>, String> {
    list(value)?.iter().map(|name| text(name).map(Into::into)).collect()
}

fn types(value: &Value) -> Result<Types, String> {
    let named = |value: &Value| {
        let name = text(value)?;
        Types::named(name).ok_or_else(|| format!("there is no type {name}"))
    };
    match value {
        Value::Array(_) => {
            list(value)?.iter().try_fold(Types::default(), |types, name| Ok(types.union(named(name)?)))
        }
        _ => named(value),
    }
}

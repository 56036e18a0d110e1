//! [`Bundle`]: a schema with all that it refers to as a part of it. Each `$ref` becomes a pointer into it, and what
//! else could lead elsewhere (`id`, `$schema`) is gone; so there is one opinion on what is meant, and nothing to fetch.
//!
//! It does not know which of the objects in a schema are schemas: what is spelled like a reference is one, but in the
//! values of `enum`.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::pattern;
use crate::proto::query;

/// Other schemas that one may refer to.
const MAX_DOCUMENTS: usize = 100;

/// See the module.
pub struct Bundle {
    /// The whole.
    pub root: Value,
    /// The expressions that were taken apart, by each part.
    pub spelled: HashMap<String, String>,
}

/// A schema, by what others call it.
struct Document {
    name: String,
    root: Value,
}

/// Where a document stands in the bundle, and in it what has an `id`: both as pointers.
struct Place {
    name: String,
    pointer: String,
    ids: HashMap<String, String>,
}

impl Bundle {
    /// Puts a schema together with all that it refers to, by way of others too.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub fn new(schema: Value, others: impl Fn(&str) -> Option<Value>) -> Result<Self, String> {
        let mut documents = documents(schema, others)?;
        let places: Vec<Place> = documents.iter().enumerate().map(Place::new).collect();
        let mut spelled = HashMap::new();
        for (index, document) in documents.iter_mut().enumerate() {
            let mut rewrite = Rewrite { places: &places, index, spelled: &mut spelled };
            rewrite.value(&mut document.root);
        }
        let mut documents = documents.into_iter();
        let mut root = documents.next().map(|first| first.root).unwrap_or_default();
        for (document, place) in documents.zip(places.iter().skip(1)) {
            let within = root.as_object_mut().map(|root| {
                root.entry("definitions").or_insert_with(|| Value::Object(Map::new())).as_object_mut()
            });
            let Some(Some(within)) = within else {
                return Err("definitions: it is no JSON object".to_owned());
            };
            if within.insert(place.key().to_owned(), document.root).is_some() {
                return Err(format!("definitions: {} is there already", place.key()));
            }
        }
        Ok(Self { root, spelled })
    }
}

/// All documents; the schema itself comes first.
fn documents(schema: Value, others: impl Fn(&str) -> Option<Value>) -> Result<Vec<Document>, String> {
    let name = schema.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut documents = vec![Document { name: document_of(name).to_owned(), root: schema }];
    let mut looked_at = 0;
    while looked_at < documents.len() {
        let mut names = Vec::new();
        walk(&documents[looked_at].root, &mut String::new(), &mut |schema, _| {
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

impl Place {
    fn new((index, document): (usize, &Document)) -> Self {
        let pointer = if index == 0 { String::new() } else { format!("/definitions/model {index}") };
        let mut ids = HashMap::new();
        walk(&document.root, &mut String::new(), &mut |schema, path| {
            if let Some(id) = schema.get("id").and_then(Value::as_str) {
                ids.entry(id.to_owned()).or_insert_with(|| path.to_owned());
            }
        });
        Self { name: document.name.clone(), pointer, ids }
    }

    /// What it is called among the definitions of the first.
    fn key(&self) -> &str {
        self.pointer.rsplit('/').next().unwrap_or_default()
    }
}

/// Makes a document ready to be a part.
struct Rewrite<'p> {
    places: &'p [Place],
    index: usize,
    spelled: &'p mut HashMap<String, String>,
}

impl Rewrite<'_> {
    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Object(schema) => {
                for name in ["id", "$schema"] {
                    if schema.get(name).is_some_and(Value::is_string) {
                        schema.remove(name);
                    }
                }
                if let Some(Value::String(reference)) = schema.get_mut("$ref")
                    && let Some(pointer) = self.pointer(reference)
                {
                    reference.clear();
                    reference.push('#');
                    query::encode_path(reference, &pointer);
                }
                self.take_apart(schema);
                for (name, member) in schema {
                    if !is_enum(name, member) {
                        self.value(member);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Where a reference leads, from the root of the bundle; `None`: we don't know.
    fn pointer(&self, reference: &str) -> Option<String> {
        let here = &self.places[self.index];
        if let Some(pointer) = here.ids.get(reference) {
            return Some(format!("{}{pointer}", here.pointer));
        }
        let place = match document_of(reference) {
            "" => here,
            name => self.places.iter().find(|place| place.name == name)?,
        };
        let pointer = reference.split_once('#').map_or("", |(_, fragment)| fragment);
        Some(format!("{}{}", place.pointer, query::decode_path(pointer)))
    }

    /// Makes what an expression looks ahead at, which is nothing that takes linear time, into rules of their own.
    fn take_apart(&mut self, schema: &mut Map<String, Value>) {
        let Some(Value::String(whole)) = schema.get("pattern") else { return };
        let Some(parts) = pattern::parts(whole) else { return };
        let whole = whole.clone();
        let all = schema.entry("allOf").or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(all) = all else { return };
        for part in parts {
            all.push(part.rule());
            self.spelled.insert(part.into_text(), whole.clone());
        }
        schema.remove("pattern");
    }
}

/// What stands before the `#`.
fn document_of(reference: &str) -> &str {
    reference.split('#').next().unwrap_or_default()
}

/// Values that are no schemas. (A member of that name in `properties` is no list.)
fn is_enum(name: &str, member: &Value) -> bool {
    name == "enum" && member.is_array()
}

/// Calls with each object in a value, and the pointer to it.
fn walk<'v>(value: &'v Value, path: &mut String, visit: &mut impl FnMut(&'v Map<String, Value>, &str)) {
    let length = path.len();
    match value {
        Value::Object(members) => {
            visit(members, path);
            for (name, member) in members.iter().filter(|(name, member)| !is_enum(name, member)) {
                path.push('/');
                path.push_str(&name.replace('~', "~0").replace('/', "~1"));
                walk(member, path, visit);
                path.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("/{index}"));
                walk(item, path, visit);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

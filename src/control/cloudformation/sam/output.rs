//! The template under construction.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{names, wrong};
use crate::base::ids::push_hex;
use crate::control::answer::Error;
use crate::control::cloudformation::template::{MAX_RESOURCES, format_error};

/// Ours: bytes of all that the transform makes. CloudFormation takes no larger template anyway.
const MAX_BUILT: usize = 4_000_000;

/// AWS: members of an `Fn::Or`.
const MAX_OR: usize = 10;

/// Characters of a hash in a logical id.
const HASH: usize = 10;

/// Resources, conditions, and what is called otherwise than in the text.
#[derive(Debug)]
pub struct Output {
    resources: Map<String, Value>,
    conditions: Map<String, Value>,
    renamed: BTreeMap<String, String>,
    built: usize,
}

impl Output {
    /// With the resources that are none of SAM's.
    pub fn new(resources: Map<String, Value>) -> Self {
        Self { resources, conditions: Map::new(), renamed: BTreeMap::new(), built: 0 }
    }

    /// Adds a resource that has no attributes but perhaps a condition.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn put(
        &mut self,
        id: String,
        kind: &str,
        properties: Value,
        condition: Option<&str>,
    ) -> Result<(), Error> {
        let attributes = condition.map(|condition| ("Condition".to_owned(), condition.into()));
        self.add(id, kind, properties, attributes.into_iter().collect())
    }

    /// Adds a resource with these attributes.
    ///
    /// # Errors
    /// There are too many, or one of this logical id is there.
    pub fn add(
        &mut self,
        id: String,
        kind: &str,
        properties: Value,
        attributes: Map<String, Value>,
    ) -> Result<(), Error> {
        let mut resource = attributes;
        resource.insert("Type".into(), kind.into());
        resource.insert("Properties".into(), properties);
        let resource = Value::Object(resource);
        self.built += resource.to_string().len();
        if self.resources.len() >= MAX_RESOURCES || self.built > MAX_BUILT {
            return Err(format_error(format!(
                "What the resources of SAM stand for is more than {MAX_RESOURCES} resources or {MAX_BUILT} bytes"
            )));
        }
        if self.resources.contains_key(&id) {
            return Err(wrong(&id, "Another resource of the template stands for one with the same id."));
        }
        self.resources.insert(id, resource);
        Ok(())
    }

    /// From now on references to `name` are to `id`.
    pub fn rename(&mut self, name: String, id: String) {
        self.renamed.insert(name, id);
    }

    /// The condition of what is there for several resources, where they are there only under these.
    pub fn any_of(&mut self, id: &str, conditions: &[Option<String>]) -> Option<String> {
        let mut names: Vec<&String> = conditions.iter().flatten().collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() || conditions.iter().any(Option::is_none) {
            return None;
        }
        if let [name] = names[..] {
            return Some(name.clone());
        }
        let mut level: Vec<Value> = names.iter().map(|name| json!({ "Condition": name })).collect();
        while level.len() > 1 {
            let either = |group: &[Value]| match group {
                [one] => one.clone(),
                several => json!({ "Fn::Or": several }),
            };
            level = level.chunks(MAX_OR).map(either).collect();
        }
        let name = format!("{id}Condition");
        self.conditions.insert(name.clone(), level.remove(0));
        Some(name)
    }

    /// Puts all into the template's sections.
    ///
    /// # Errors
    /// A section has no form.
    pub fn finish(self, sections: &mut Map<String, Value>) -> Result<(), Error> {
        let Self { mut resources, conditions, renamed, .. } = self;
        if !renamed.is_empty() {
            resources.values_mut().for_each(|resource| names::rename(resource, &renamed));
            if let Some(outputs) = sections.get_mut("Outputs") {
                names::rename(outputs, &renamed);
            }
        }
        sections.insert("Resources".into(), resources.into());
        if !conditions.is_empty() {
            let section = sections.entry("Conditions").or_insert_with(|| json!({}));
            let all = section.as_object_mut().ok_or_else(|| format_error("Conditions must be an object."))?;
            all.extend(conditions);
        }
        Ok(())
    }
}

/// Some characters that another value would not have.
pub fn hash(value: &Value) -> String {
    let mut hash = String::new();
    Sha256::digest(value.to_string().as_bytes()).iter().for_each(|byte| push_hex(&mut hash, *byte));
    hash.truncate(HASH);
    hash
}

/// SAM's mark on what it makes: as a list of tags, with these.
pub fn tag_list(mark: &str, tags: &Map<String, Value>) -> Value {
    let marked = [(mark, Value::from("SAM"))];
    let tags = tags.iter().map(|(key, value)| (key.as_str(), value.clone()));
    marked.into_iter().chain(tags).map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

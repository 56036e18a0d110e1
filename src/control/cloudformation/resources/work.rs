//! What a step has to work with: whether it is due, for what, and with which members.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::pattern::property;
use super::{Calls, Family, Step, Takes, When};
use crate::base::map::set_of;

/// No attributes.
pub static NOTHING: BTreeMap<String, Value> = BTreeMap::new();

/// What a step works with.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    /// How the resource is made.
    pub calls: &'static Calls,
    /// Its properties, as operations understand them.
    pub given: &'a Map<String, Value>,
    /// In an update.
    pub before: Option<Before<'a>>,
    /// What `Ref` gives.
    pub physical: &'a str,
    /// What the first operation answered.
    pub answer: &'a Value,
    /// What `Fn::GetAtt` gave before.
    pub attributes: &'a BTreeMap<String, Value>,
}

/// What was before an update.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// The properties.
    pub properties: &'a Map<String, Value>,
    /// What properties that are gone are set to.
    pub resets: &'static [(&'static str, &'static str)],
}

impl<'a> Work<'a> {
    /// Where nothing was before, and nothing is answered yet.
    pub fn new(calls: &'static Calls, given: &'a Map<String, Value>, physical: &'a str) -> Self {
        Self { calls, given, before: None, physical, answer: &Value::Null, attributes: &NOTHING }
    }

    /// For what a step is to be taken: once for each of these. [`When::Is`] is for others to answer.
    pub fn items(&self, when: When) -> Vec<Value> {
        let list = |properties: &Map<String, Value>, path: &str| {
            property(properties, path).and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let of_old = |path: &str| self.before.map(|before| list(before.properties, path)).unwrap_or_default();
        let once = |due: bool| if due { vec![Value::Null] } else { Vec::new() };
        match when {
            When::Always | When::Is(_) => once(true),
            When::Given(path) => once(property(self.given, path).is_some()),
            When::Lacking(path) => once(property(self.given, path).is_none()),
            When::Renewed(name) => once(self.differs(name) && self.given.contains_key(name)),
            When::Changed(names) => once(names.iter().any(|name| self.differs(name))),
            When::Altered(name) => {
                once(self.differs(name) && self.before.is_some_and(|old| old.properties.contains_key(name)))
            }
            When::Gone(name) => once(self.differs(name) && !self.given.contains_key(name)),
            When::Added(path) => {
                let old = of_old(path);
                list(self.given, path).into_iter().filter(|item| !old.contains(item)).collect()
            }
            When::Removed(path) => {
                let new = list(self.given, path);
                of_old(path).into_iter().filter(|item| !new.contains(item)).collect()
            }
        }
    }

    /// The members of a step's body, but for those that its row adds.
    pub fn members(&self, step: &Step, item: &Value) -> Map<String, Value> {
        let family = step.family.unwrap_or(self.calls.family);
        let member = |(name, value): (&String, &Value)| family.member(name, value);
        let inside = |value: Option<&Value>, except: &[&str]| match value {
            Some(Value::Object(members)) => {
                members.iter().filter(|(name, _)| !except.contains(&name.as_str())).map(member).collect()
            }
            Some(_) | None => Map::new(),
        };
        match step.takes {
            Takes::Nothing | Takes::Raw(_) => Map::new(),
            Takes::But(except) => {
                self.given.iter().filter(|(name, _)| !except.contains(&name.as_str())).map(member).collect()
            }
            Takes::Only(these) => {
                self.given.iter().filter(|(name, _)| these.contains(&name.as_str())).map(member).collect()
            }
            Takes::Whole(name) => {
                self.given.get(name).and_then(Value::as_object).cloned().unwrap_or_default()
            }
            Takes::Inside(name, except) => inside(self.given.get(name), except),
            Takes::Item(except) => inside(Some(item), except),
            Takes::Changed => {
                let among = match step.when {
                    When::Changed(these) => Some(these),
                    _ => None,
                };
                self.changed(family, among)
            }
            Takes::Patches(patches) => {
                let none = Map::new();
                let old = self.before.map_or(&none, |before| before.properties);
                let differing = patches.iter().filter(|(name, _)| old.get(*name) != self.given.get(*name));
                let patches =
                    differing.flat_map(|(name, patch)| patch.patches(old.get(*name), self.given.get(*name)));
                operations(patches.collect())
            }
            Takes::Undone(patch) => operations(patch.patches(Some(&Value::Array(vec![item.clone()])), None)),
        }
    }

    fn differs(&self, name: &str) -> bool {
        self.before.is_some_and(|before| before.properties.get(name) != self.given.get(name))
    }

    /// What differs, as members: new values, and what stands for none.
    fn changed(&self, family: &Family, among: Option<&[&str]>) -> Map<String, Value> {
        let Some(before) = self.before else { return Map::new() };
        let names = set_of(before.properties.keys().chain(self.given.keys()));
        let mut members = Map::new();
        for name in names {
            let tagged = name == "Tags" && self.calls.tagging.is_some();
            if tagged || !self.differs(name) || among.is_some_and(|these| !these.contains(&name.as_str())) {
                continue;
            }
            let old = before.properties.get(name).filter(|_| family.merged.contains(&name.as_str()));
            let reset = before.resets.iter().find(|(property, _)| property == name);
            let value = match (self.given.get(name), reset) {
                (Some(value), _) => Some(family.member(name, value).1),
                (None, Some((_, reset))) => {
                    Some(serde_json::from_str(reset).expect("a reset of ours is JSON"))
                }
                (None, None) => old.map(|_| Value::Object(Map::new())),
            };
            if let Some(mut value) = value {
                take_away(&mut value, old);
                members.insert(family.name(name), value);
            }
        }
        members
    }
}

/// The body of an update; nothing, where nothing is to be done.
fn operations(patches: Vec<Value>) -> Map<String, Value> {
    match patches.is_empty() {
        true => Map::new(),
        false => Map::from_iter([("patchOperations".into(), patches.into())]),
    }
}

/// Keys that were there and are no longer get an empty text, which takes them away.
fn take_away(value: &mut Value, old: Option<&Value>) {
    if let (Value::Object(entries), Some(Value::Object(old))) = (value, old) {
        for key in old.keys() {
            entries.entry(key.clone()).or_insert_with(|| "".into());
        }
    }
}

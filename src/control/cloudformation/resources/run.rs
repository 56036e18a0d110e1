//! Makes, changes and deletes a resource as the row of its type says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::template::text_of;
use super::members::tags;
use super::pattern::Known;
use super::{Calls, Family, Naming, Step, Tagging, Takes, Type, Update, When};
use crate::base::{Now, ids};
use crate::control::Control;
use crate::control::answer::Error;
use crate::control::cloudformation::undo::Undo;
use crate::control::perform::Errand;
use crate::model::Owner;
use crate::model::stack::Resource;

/// Who works: for whom, when, and what is kept so that it can be undone.
pub struct Maker<'a> {
    /// The control planes.
    pub control: &'a Control,
    /// Whose stack it is.
    pub owner: &'a Owner,
    /// When it was asked for.
    pub now: Now,
    /// What there was before.
    pub undo: &'a mut Undo,
}

/// A resource that was made or changed.
pub struct Made {
    /// What `Ref` gives.
    pub physical: String,
    /// What `Fn::GetAtt` gives.
    pub attributes: BTreeMap<String, Value>,
}

impl Maker<'_> {
    /// Makes a resource. `fallback` names it where the type is named and `properties` don't, or has no other id.
    ///
    /// # Errors
    /// Why an operation refused. What was made until then is deleted again.
    pub fn create(
        &mut self,
        kind: &Type,
        properties: &Map<String, Value>,
        fallback: &str,
    ) -> Result<Made, Error> {
        let given = self.given(kind, properties, fallback)?;
        let name = kind.naming.and_then(|naming| given.get(naming.property)).map(text_of);
        let fallback = name.as_deref().unwrap_or(fallback);
        let mut answer = Value::Null;
        if let Some(calls) = kind.calls {
            for (n, step) in calls.create.iter().enumerate() {
                let physical = self.physical(kind, &given, &answer, fallback);
                let work = Work { calls, given: &given, before: None, physical: &physical, answer: &answer };
                match self.step(&work, step) {
                    Ok(answered) if n == 0 => answer = answered.unwrap_or_default(),
                    Ok(_) => {}
                    Err(error) => {
                        if n > 0 {
                            let physical = self.physical(kind, &given, &answer, fallback);
                            // The first error is the one to tell.
                            let _ = self.delete_parts(calls, &given, &physical);
                        }
                        return Err(error);
                    }
                }
            }
        }
        let physical = self.physical(kind, &given, &answer, fallback);
        let attributes = self.attributes(kind, &given, &physical, &answer, BTreeMap::new());
        Ok(Made { physical, attributes })
    }

    /// Changes a resource in place.
    ///
    /// # Errors
    /// Why an operation refused.
    pub fn update(
        &mut self,
        kind: &Type,
        before: &Resource,
        properties: &Map<String, Value>,
    ) -> Result<Made, Error> {
        let physical = before.physical.clone();
        let given = self.given(kind, properties, &physical)?;
        let old = self.given(kind, &before.properties, &physical)?;
        let mut answer = Value::Null;
        match kind.calls.map(|calls| (calls, &calls.update)) {
            None => {}
            Some((calls, Update::Again)) => {
                self.delete_parts(calls, &old, &physical)?;
                return self.create(kind, properties, &physical);
            }
            Some((calls, Update::Steps(steps, resets))) => {
                for step in *steps {
                    let before = Some(Before { properties: &old, resets });
                    let work = Work { calls, given: &given, before, physical: &physical, answer: &answer };
                    if let Some(answered) = self.step(&work, step)?.filter(|_| answer.is_null()) {
                        answer = answered;
                    }
                }
                if let Some(tagging) = &calls.tagging {
                    self.retag(calls, tagging, &old, &given, &physical)?;
                }
            }
        }
        let attributes = self.attributes(kind, &given, &physical, &answer, before.attributes.clone());
        Ok(Made { physical, attributes })
    }

    /// Deletes a resource. One that isn't there is as good as deleted.
    ///
    /// # Errors
    /// Why an operation refused.
    pub fn delete(&mut self, kind: &Type, resource: &Resource) -> Result<(), Error> {
        let Some(calls) = kind.calls else { return Ok(()) };
        let given = self.given(kind, &resource.properties, &resource.physical)?;
        self.delete_parts(calls, &given, &resource.physical)
    }

    /// What deleting a resource would delete: two with the same address are one.
    pub fn address(&self, kind: &Type, resource: &Resource) -> Vec<String> {
        let known = self.known(&resource.properties, &resource.physical, &Value::Null);
        let steps = kind.calls.map(|calls| calls.delete).unwrap_or_default();
        let paths = steps.iter().flat_map(|step| step.path).map(|(_, pattern)| known.text(pattern));
        paths.chain([resource.physical.clone()]).collect()
    }

    fn delete_parts(
        &mut self,
        calls: &'static Calls,
        given: &Map<String, Value>,
        physical: &str,
    ) -> Result<(), Error> {
        for step in calls.delete {
            let work = Work { calls, given, before: None, physical, answer: &Value::Null };
            match self.step(&work, step) {
                Ok(_) => {}
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Properties as operations understand them, with a name.
    fn given(
        &self,
        kind: &Type,
        properties: &Map<String, Value>,
        name: &str,
    ) -> Result<Map<String, Value>, Error> {
        let mut given = properties.clone();
        if let Some(naming) = kind.naming {
            given.entry(naming.property).or_insert_with(|| name.into());
        }
        if let Some(prepare) = kind.prepare {
            prepare(&mut given)?;
        }
        Ok(given)
    }

    /// Takes a step; `None`: it was not due.
    fn step(&mut self, work: &Work, step: &Step) -> Result<Option<Value>, Error> {
        if !work.is_due(step.when) {
            return Ok(None);
        }
        let known = self.known(work.given, work.physical, work.answer);
        let family = work.calls.family;
        let mut members = work.members(step);
        // What comes to nothing need not be said.
        let said = |(name, pattern): &(&str, &str)| {
            Some(((*name).to_owned(), known.value(pattern))).filter(|(_, value)| value != "")
        };
        members.extend(step.adds.iter().filter_map(said));
        // An update may have nothing to say.
        if members.is_empty() && matches!(step.takes, Takes::Changed) {
            return Ok(None);
        }
        let path = step.path.iter().map(|(name, pattern)| (*name, known.text(pattern))).collect();
        let query = step.query.iter().filter_map(said).map(|(name, value)| (name, text_of(&value))).collect();
        self.perform(family, step.operation, path, query, members).map(Some)
    }

    fn retag(
        &mut self,
        calls: &Calls,
        tagging: &Tagging,
        old: &Map<String, Value>,
        given: &Map<String, Value>,
        physical: &str,
    ) -> Result<(), Error> {
        let (before, after) = (old.get("Tags").map(tags), given.get("Tags").map(tags));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        if before == after {
            return Ok(());
        }
        let (name, pattern) = tagging.resource;
        let resource = self.known(given, physical, &Value::Null).text(pattern);
        let gone: Vec<_> = before
            .keys()
            .filter(|key| !after.contains_key(*key))
            .map(|key| (tagging.keys.to_owned(), key.clone()))
            .collect();
        if !gone.is_empty() {
            let path = vec![(name, resource.clone())];
            self.perform(calls.family, tagging.untag, path, gone, Map::new())?;
        }
        if !after.is_empty() {
            let (_, tags) = calls.family.member("Tags", &Value::Object(after));
            let members = Map::from_iter([(tagging.member.to_owned(), tags)]);
            self.perform(calls.family, tagging.tag, vec![(name, resource)], Vec::new(), members)?;
        }
        Ok(())
    }

    fn perform(
        &mut self,
        family: &Family,
        operation: &'static str,
        path: Vec<(&'static str, String)>,
        query: Vec<(String, String)>,
        members: Map<String, Value>,
    ) -> Result<Value, Error> {
        self.undo.keep(self.control, self.owner, family.service, &path);
        let errand = Errand {
            owner: self.owner,
            now: self.now,
            service: family.service,
            operation,
            path,
            query,
            members,
        };
        self.control.perform(errand)
    }

    fn known<'k>(
        &'k self,
        properties: &'k Map<String, Value>,
        physical: &'k str,
        answer: &'k Value,
    ) -> Known<'k> {
        let settings = &self.control.context().settings;
        Known { owner: self.owner, settings, physical, properties, answer }
    }

    fn physical(&self, kind: &Type, given: &Map<String, Value>, answer: &Value, fallback: &str) -> String {
        // Where nothing gives a physical id, the name that was made is it.
        self.known(given, fallback, answer).text(kind.physical)
    }

    fn attributes(
        &self,
        kind: &Type,
        given: &Map<String, Value>,
        physical: &str,
        answer: &Value,
        mut before: BTreeMap<String, Value>,
    ) -> BTreeMap<String, Value> {
        let known = self.known(given, physical, answer);
        for (name, pattern) in kind.attributes {
            // What an answer does not say stays as it was.
            let says = !pattern.contains("{answer ") && !pattern.contains("{url ") || !answer.is_null();
            if says || !before.contains_key(*name) {
                before.insert((*name).to_owned(), known.value(pattern));
            }
        }
        before
    }
}

/// A name for a resource that has none: `{stack}-{logical id}-{random}`, as long as it may be.
pub fn name(control: &Control, naming: Option<Naming>, stack: &str, logical: &str) -> String {
    const RANDOM: usize = 12;
    let random = ids::lower_alnum(&mut control.store().rng, RANDOM);
    let (most, lower) = naming.map_or((255, false), |naming| (naming.most, naming.lower));
    let room = most.saturating_sub(RANDOM + 2);
    let logical = &logical[..logical.len().min(room * 2 / 3)];
    let stack = &stack[..stack.len().min(room - logical.len())];
    let name = format!("{stack}-{logical}-{random}");
    if lower { name.to_ascii_lowercase() } else { name }
}

/// What a step works with.
struct Work<'a> {
    calls: &'static Calls,
    given: &'a Map<String, Value>,
    /// In an update.
    before: Option<Before<'a>>,
    physical: &'a str,
    answer: &'a Value,
}

struct Before<'a> {
    properties: &'a Map<String, Value>,
    /// What properties that are gone are set to.
    resets: &'static [(&'static str, &'static str)],
}

impl Work<'_> {
    fn is_due(&self, when: When) -> bool {
        let has = |name: &str| self.given.contains_key(name);
        match when {
            When::Always => true,
            When::Given(property) => has(property),
            When::Changed(properties) => properties.iter().any(|property| self.differs(property)),
            When::Altered(property) => {
                self.differs(property)
                    && self.before.as_ref().is_some_and(|old| old.properties.contains_key(property))
            }
            When::Gone(property) => self.differs(property) && !has(property),
        }
    }

    fn differs(&self, property: &str) -> bool {
        self.before.as_ref().is_some_and(|before| before.properties.get(property) != self.given.get(property))
    }

    fn members(&self, step: &Step) -> Map<String, Value> {
        let family = self.calls.family;
        let all = || self.given.iter();
        let member = |(name, value): (&String, &Value)| family.member(name, value);
        match step.takes {
            Takes::Nothing => Map::new(),
            Takes::But(except) => {
                all().filter(|(name, _)| !except.contains(&name.as_str())).map(member).collect()
            }
            Takes::Only(these) => {
                all().filter(|(name, _)| these.contains(&name.as_str())).map(member).collect()
            }
            Takes::Inside(property) => match self.given.get(property) {
                Some(Value::Object(inside)) => inside.iter().map(member).collect(),
                Some(_) | None => Map::new(),
            },
            Takes::Changed => {
                let among = match step.when {
                    When::Changed(these) => Some(these),
                    When::Always | When::Given(_) | When::Altered(_) | When::Gone(_) => None,
                };
                self.changed(family, among)
            }
        }
    }

    /// What differs, as members: new values, and what stands for none.
    fn changed(&self, family: &Family, among: Option<&[&str]>) -> Map<String, Value> {
        let Some(before) = &self.before else { return Map::new() };
        let names: BTreeSet<&String> = before.properties.keys().chain(self.given.keys()).collect();
        let mut members = Map::new();
        for name in names {
            let tagged = name == "Tags" && self.calls.tagging.is_some();
            if tagged || !self.differs(name) || among.is_some_and(|these| !these.contains(&name.as_str())) {
                continue;
            }
            match (self.given.get(name), before.properties.get(name)) {
                (Some(value), old) => {
                    let (member, mut value) = family.member(name, value);
                    if family.merged.contains(&name.as_str()) {
                        take_away(&mut value, old);
                    }
                    members.insert(member, value);
                }
                (None, old) => {
                    if family.merged.contains(&name.as_str()) {
                        let mut value = Value::Object(Map::new());
                        take_away(&mut value, old);
                        members.insert(family.name(name), value);
                    } else if let Some((_, reset)) =
                        before.resets.iter().find(|(property, _)| property == name)
                    {
                        let reset = serde_json::from_str(reset).expect("a reset of ours is JSON");
                        members.insert(family.name(name), reset);
                    }
                }
            }
        }
        members
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

/// Whether an error says that what was to be deleted isn't there.
fn is_gone(error: &Error) -> bool {
    error.status == 404
        || error.code.contains("NotFound")
        || error.code.starts_with("NoSuch")
        || error.code.ends_with("DoesNotExist")
}

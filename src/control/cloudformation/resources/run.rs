//! Makes, changes and deletes a resource as the row of its type says.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::super::template::text_of;
use super::members::tags;
use super::pattern::Known;
use super::work::{Before, NOTHING, Work};
use super::{Check, Keys, Naming, Step, Tagging, Takes, Type, Update, When, document};
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
    /// The stack's id.
    pub stack: &'a str,
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
    /// What of that is never to be shown.
    pub secrets: BTreeSet<String>,
}

/// Where a name that was made is kept among a resource's attributes: no template can ask for it.
const NAME: &str = "";

impl<'a> Maker<'a> {
    /// Makes a resource. `name` is its name where the type is named and `properties` don't say how, and its physical
    /// id where nothing else is.
    ///
    /// # Errors
    /// Why an operation refused. What was made until then is deleted again.
    pub fn create(&mut self, kind: &Type, resource: &Resource, name: &str) -> Result<Made, Error> {
        if kind.is_asked {
            self.ask_create(resource, name)
        } else {
            self.make(kind, &resource.properties, name)
        }
    }

    fn make(&mut self, kind: &Type, properties: &Map<String, Value>, name: &str) -> Result<Made, Error> {
        let fetched = self.fetched(kind, properties)?;
        let given = given(kind, &fetched, name)?;
        let said = kind.naming.and_then(|naming| given.get(naming.property)).map(text_of);
        let name = said.as_deref().unwrap_or(name);
        let mut answer = Value::Null;
        if let Some(calls) = kind.calls {
            let work = Work::new(calls, &given, name);
            let found = calls.absent.as_ref().and_then(|step| self.errand(&work, step, &Value::Null));
            if found.is_some_and(|errand| self.control.perform(errand).is_ok()) {
                return Err(Error::new(409, "AlreadyExists", format!("{name} already exists")));
            }
            for step in calls.create {
                let physical = self.physical(kind, &given, &answer, name);
                let work = Work { answer: &answer, ..Work::new(calls, &given, &physical) };
                match self.step(&work, step) {
                    Ok(answered) if answer.is_null() => answer = answered.unwrap_or_default(),
                    Ok(_) => {}
                    Err(error) => {
                        if !answer.is_null() {
                            // The first error is the one to tell.
                            let _ = self.delete_parts(&Work { answer: &Value::Null, ..work });
                        }
                        return Err(error);
                    }
                }
            }
        }
        let physical = self.physical(kind, &given, &answer, name);
        if let Some(deeds) = kind.deeds
            && let Err(error) = (deeds.make)(self, &given)
        {
            if let Some(calls) = kind.calls {
                // The first error is the one to tell.
                let _ = self.delete_parts(&Work::new(calls, &given, &physical));
            }
            return Err(error);
        }
        let mut attributes = self.attributes(kind, &given, &physical, &answer, BTreeMap::new());
        if kind.naming.is_some_and(|naming| !properties.contains_key(naming.property)) {
            attributes.insert(NAME.into(), name.into());
        }
        Ok(Made { physical, attributes, secrets: BTreeSet::new() })
    }

    /// Changes a resource in place.
    ///
    /// # Errors
    /// Why an operation refused.
    pub fn update(&mut self, kind: &Type, before: &Resource, resource: &Resource) -> Result<Made, Error> {
        if kind.is_asked {
            return self.ask_update(before, resource);
        }
        let properties = &resource.properties;
        let (physical, name) = (&before.physical, name_of(before));
        let fetched = self.fetched(kind, properties)?;
        let given = given(kind, &fetched, &name)?;
        // What a document was before nobody knows: it counts as another.
        let old = self::given(kind, &before.properties, &name)?;
        let mut answer = Value::Null;
        match kind.calls.map(|calls| (calls, &calls.update)) {
            None => {}
            Some((calls, Update::Again)) => {
                self.delete_parts(&Work::new(calls, &old, physical))?;
                return self.make(kind, properties, &name);
            }
            Some((calls, Update::Steps(steps, resets))) => {
                let work = Work {
                    before: Some(Before { properties: &old, resets }),
                    attributes: &before.attributes,
                    ..Work::new(calls, &given, physical)
                };
                for step in *steps {
                    let answered = self.step(&Work { answer: &answer, ..work }, step)?;
                    if let Some(answered) = answered.filter(|_| answer.is_null()) {
                        answer = answered;
                    }
                }
                if let Some(tagging) = &calls.tagging {
                    self.retag(&work, tagging)?;
                }
            }
        }
        if let Some(deeds) = kind.deeds {
            (deeds.make)(self, &given)?;
        }
        let attributes = self.attributes(kind, &given, physical, &answer, before.attributes.clone());
        Ok(Made { physical: physical.clone(), attributes, secrets: BTreeSet::new() })
    }

    /// Deletes a resource. One that isn't there is as good as deleted.
    ///
    /// # Errors
    /// Why an operation refused.
    pub fn delete(&mut self, kind: &Type, resource: &Resource) -> Result<(), Error> {
        if kind.is_asked {
            return self.ask_delete(resource);
        }
        if let Some(deeds) = kind.deeds {
            match (deeds.delete)(self, &resource.properties) {
                Err(error) if is_gone(&error) => {}
                outcome => outcome?,
            }
        }
        let Some(calls) = kind.calls else { return Ok(()) };
        let given = given(kind, &resource.properties, &name_of(resource))?;
        self.delete_parts(&Work {
            attributes: &resource.attributes,
            ..Work::new(calls, &given, &resource.physical)
        })
    }

    /// What deleting a resource would delete: two with the same address are one.
    pub fn address(&self, kind: &Type, resource: &Resource) -> Vec<String> {
        let Some(calls) = kind.calls else { return vec![resource.physical.clone()] };
        let work = Work::new(calls, &resource.properties, &resource.physical);
        let known = self.known(&work, &Value::Null);
        let paths = calls.delete.iter().flat_map(|step| step.path).map(|(_, pattern)| known.text(pattern));
        paths.chain([resource.physical.clone()]).collect()
    }

    /// Properties with the document that one of them names.
    fn fetched<'p>(
        &self,
        kind: &Type,
        properties: &'p Map<String, Value>,
    ) -> Result<Cow<'p, Map<String, Value>>, Error> {
        let place = kind.fetches.and_then(|(from, to)| Some((properties.get(from)?, to)));
        let Some((place, property)) = place else { return Ok(Cow::Borrowed(properties)) };
        let mut properties = properties.clone();
        properties.insert(property.into(), document::fetch(self.control, place)?);
        Ok(Cow::Owned(properties))
    }

    fn delete_parts(&mut self, work: &Work) -> Result<(), Error> {
        for step in work.calls.delete {
            match self.step(work, step) {
                Ok(_) => {}
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes a step, as often as it is due; the first answer.
    fn step(&mut self, work: &Work, step: &Step) -> Result<Option<Value>, Error> {
        if let When::Is(check) = step.when
            && !self.holds(work, check)
        {
            return Ok(None);
        }
        let mut first = None;
        for item in work.items(step.when) {
            let errand = self.errand(work, step, &item);
            if let Some(errand) = errand {
                let answer = self.perform(errand)?;
                first.get_or_insert(answer);
            }
        }
        Ok(first)
    }

    /// What a step is to do; `None`: an update has nothing to say by it.
    fn errand(&self, work: &Work, step: &Step, item: &Value) -> Option<Errand<'a>> {
        let family = step.family.unwrap_or(work.calls.family);
        let known = self.known(work, item);
        let mut members = work.members(step, item);
        if members.is_empty() && matches!(step.takes, Takes::Changed | Takes::Patches(_) | Takes::Undone(_)) {
            return None;
        }
        // What comes to nothing need not be said.
        let said = |(name, pattern): &(&'static str, &'static str)| {
            Some((*name, known.value(pattern))).filter(|(_, value)| value != "")
        };
        let adds = step.adds.iter().filter_map(said);
        members.extend(adds.map(|(name, value)| (name.to_owned(), family.shaped(name, &value))));
        if let Takes::Raw(pattern) = step.takes {
            members.insert("Body".into(), known.text(pattern).into());
        }
        let query = step.query.iter().filter_map(said);
        Some(Errand {
            owner: self.owner,
            now: self.now,
            service: family.service,
            operation: step.operation,
            path: step.path.iter().map(|(name, pattern)| (*name, known.text(pattern))).collect(),
            query: query.map(|(name, value)| (name.to_owned(), text_of(&value))).collect(),
            members,
        })
    }

    /// Whether a question is answered as a row wants it.
    fn holds(&mut self, work: &Work, check: &Check) -> bool {
        if !work.given.contains_key(check.given) {
            return false;
        }
        let known = self.known(work, &Value::Null);
        let wanted = known.text(check.is);
        let errand = Errand {
            path: check.path.iter().map(|(name, pattern)| (*name, known.text(pattern))).collect(),
            ..Errand::new(self.owner, self.now, work.calls.family.service, check.operation)
        };
        let answer = self.control.perform(errand);
        answer.is_ok_and(|answer| answer.get(check.member).is_some_and(|found| text_of(found) == wanted))
    }

    fn retag(&mut self, work: &Work, tagging: &Tagging) -> Result<(), Error> {
        let old = work.before.and_then(|before| before.properties.get("Tags"));
        let (before, after) = (old.map(tags), work.given.get("Tags").map(tags));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        if before == after {
            return Ok(());
        }
        let (family, owner, now) = (work.calls.family, self.owner, self.now);
        let known = self.known(work, &Value::Null);
        let path: Vec<_> = tagging.path.iter().map(|(name, pattern)| (*name, known.text(pattern))).collect();
        let adds = tagging.adds.iter().map(|(name, pattern)| ((*name).to_owned(), known.value(pattern)));
        let adds: Map<String, Value> = adds.collect();
        let errand = |operation, more: Option<(String, Value)>| Errand {
            path: path.clone(),
            members: adds.clone().into_iter().chain(more).collect(),
            ..Errand::new(owner, now, family.service, operation)
        };
        let gone: Vec<&String> = before.keys().filter(|key| !after.contains_key(*key)).collect();
        let untag = match tagging.keys {
            Keys::Member(name) => errand(tagging.untag, Some((name.to_owned(), serde_json::json!(gone)))),
            Keys::Query(name) => Errand {
                query: gone.iter().map(|key| (name.to_owned(), (*key).clone())).collect(),
                ..errand(tagging.untag, None)
            },
        };
        let (_, tags) = family.member("Tags", &Value::Object(after.clone()));
        let tag = errand(tagging.tag, Some((tagging.member.to_owned(), tags)));
        let steps = [(untag, !gone.is_empty()), (tag, !after.is_empty())];
        for (errand, due) in steps {
            if due {
                self.perform(errand)?;
            }
        }
        Ok(())
    }

    /// Does what an errand says; what it changes is kept first.
    ///
    /// # Errors
    /// Why the operation refused.
    pub fn perform(&mut self, errand: Errand) -> Result<Value, Error> {
        self.undo.keep(self.control, &errand);
        self.control.perform(errand)
    }

    fn known<'k>(&'k self, work: &'k Work, item: &'k Value) -> Known<'k> {
        Known {
            owner: self.owner,
            settings: &self.control.context().settings,
            physical: work.physical,
            properties: work.given,
            answer: work.answer,
            attributes: work.attributes,
            item,
        }
    }

    fn physical(&self, kind: &Type, given: &Map<String, Value>, answer: &Value, name: &str) -> String {
        // Where nothing gives a physical id, the name is it.
        self.alone(given, name, answer).text(kind.physical)
    }

    fn attributes(
        &self,
        kind: &Type,
        given: &Map<String, Value>,
        physical: &str,
        answer: &Value,
        mut before: BTreeMap<String, Value>,
    ) -> BTreeMap<String, Value> {
        let known = self.alone(given, physical, answer);
        for (name, pattern) in kind.attributes {
            let asks = pattern.contains("{answer ") || pattern.contains("{url ");
            let value = known.value(pattern);
            // What an answer does not say stays as it was.
            if !(asks && value == "" && before.contains_key(*name)) {
                before.insert((*name).to_owned(), value);
            }
        }
        before
    }

    fn alone<'k>(
        &'k self,
        properties: &'k Map<String, Value>,
        physical: &'k str,
        answer: &'k Value,
    ) -> Known<'k> {
        let settings = &self.control.context().settings;
        let (attributes, item) = (&NOTHING, &Value::Null);
        Known { owner: self.owner, settings, physical, properties, answer, attributes, item }
    }
}

/// Properties as operations understand them, with a name.
fn given(kind: &Type, properties: &Map<String, Value>, name: &str) -> Result<Map<String, Value>, Error> {
    let mut given = properties.clone();
    if let Some(naming) = kind.naming {
        given.entry(naming.property).or_insert_with(|| name.into());
    }
    if let Some(prepare) = kind.prepare {
        prepare(&mut given)?;
    }
    Ok(given)
}

/// The name that was made for a resource, or else its physical id.
fn name_of(resource: &Resource) -> String {
    resource.attributes.get(NAME).map_or_else(|| resource.physical.clone(), text_of)
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

/// Whether an error says that what was to be deleted isn't there.
fn is_gone(error: &Error) -> bool {
    error.status == 404
        || error.code.contains("NotFound")
        || error.code.starts_with("NoSuch")
        || error.code.ends_with("DoesNotExist")
}

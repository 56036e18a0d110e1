//! What a template would come to: evaluated against what a stack has, it says which resources would be made, changed,
//! replaced or deleted. Nothing changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::evaluate::Evaluator;
use super::resources::{self, Tags, Type, members};
use super::setting::{Setting, World};
use super::template::{Declared, Template, invalid, text_of};
use super::{dynamic, graph, parameter, prepare};
use crate::base::Now;
use crate::base::map::{map_of, set_of};
use crate::control::Control;
use crate::control::answer::Error;
use crate::model::Owner;
use crate::model::stack::{Action, Change, Difference, Output, Resource, Source};

/// The tag that decides the id of an api: one of a stack cannot be that of all its apis.
const CUSTOM_ID: &str = "_custom_id_";

/// A stack's resources by logical id.
pub type Resources = BTreeMap<String, Arc<Resource>>;

/// What a template would come to.
pub struct Plan {
    /// By logical id.
    pub changes: Vec<Change>,
    /// Whether the outputs would be others.
    pub outputs_differ: bool,
}

/// Reads a parameter of Systems Manager, by name and perhaps version.
pub type Fetch<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What a template is evaluated with, besides what was made.
pub struct Given<'a> {
    /// What `Ref` of a parameter gives.
    pub parameters: BTreeMap<String, Value>,
    /// What `Ref` of `AWS::…` gives.
    pub pseudo: BTreeMap<&'static str, Value>,
    /// Exports of the other stacks.
    pub exports: BTreeMap<String, String>,
    /// Reads what dynamic references name.
    pub fetch: Box<Fetch<'a>>,
}

/// A stack as evaluation sees it.
pub struct Seen<'a> {
    /// What was made.
    pub resources: &'a Resources,
    /// Of these, what will be another one.
    pub fresh: &'a BTreeSet<String>,
    /// Exports of the other stacks.
    pub exports: &'a BTreeMap<String, String>,
}

impl World for Seen<'_> {
    fn reference(&self, logical: &str) -> Option<Value> {
        let resource = self.resources.get(logical).filter(|_| !self.fresh.contains(logical));
        resource.map(|resource| resource.physical.as_str().into())
    }

    fn attribute(&self, logical: &str, name: &str) -> Option<Value> {
        let resource = self.resources.get(logical).filter(|_| !self.fresh.contains(logical));
        resource.and_then(|resource| resource.attributes.get(name).cloned())
    }

    fn export(&self, name: &str) -> Option<String> {
        self.exports.get(name).cloned()
    }
}

impl<'a> Given<'a> {
    /// For a stack of this name and id.
    pub fn new(
        control: &'a Control,
        (owner, now): (&'a Owner, Now),
        (name, id): (&str, &str),
        template: &Template,
        source: &Source,
    ) -> Self {
        let text = |text: &str| Value::String(text.to_owned());
        let pseudo = map_of([
            ("AWS::AccountId", text(&owner.account)),
            ("AWS::NotificationARNs", source.notification_arns.iter().map(|arn| text(arn)).collect()),
            ("AWS::Partition", text("aws")),
            ("AWS::Region", text(&owner.region)),
            ("AWS::StackId", text(id)),
            ("AWS::StackName", text(name)),
            // With it, URLs that templates make lead here: `https://{id}.execute-api.{region}.{suffix}`.
            ("AWS::URLSuffix", text(&control.context().settings.public_host)),
        ]);
        let store = control.store();
        let others =
            store.stacks.values().filter(|stack| stack.owner == *owner && stack.id != id && stack.exists());
        let exports = others.flat_map(|stack| &stack.outputs);
        let exports =
            map_of(exports.filter_map(|output| Some((output.export.clone()?, output.value.clone()))));
        let fetch = Box::new(move |name: &str| prepare::stored(control, owner, now, name));
        Self { parameters: parameter::references(template, &source.parameters), pseudo, exports, fetch }
    }
}

/// What would change in a stack that has these resources and outputs.
///
/// # Errors
/// The template cannot be evaluated.
pub fn plan(
    template: &Template,
    source: &Source,
    given: &Given,
    resources: &Resources,
    outputs: &[Output],
) -> Result<Plan, Error> {
    let setting = Setting::new(template, &given.parameters, &given.pseudo)?;
    let order = graph::order(&graph::needs(&setting)?)?;
    let mut fresh = BTreeSet::new();
    let mut changes = Vec::new();
    for logical in &order {
        let declared = &template.resources[logical];
        let seen = Seen { resources, fresh: &fresh, exports: &given.exports };
        let properties = properties(&mut Evaluator::new(&setting, &seen), declared, source, &given.fetch)?;
        let change = change(logical, declared, resources.get(logical), &properties)?;
        if let Some(change) = change {
            // What a function will say of what it changes nobody knows.
            if change.action != Action::Modify || resources::is_asked(&declared.kind) {
                fresh.insert(logical.clone());
            }
            changes.push(change);
        }
    }
    let seen = Seen { resources, fresh: &fresh, exports: &given.exports };
    let outputs_differ = self::outputs(&setting, &seen)?.0 != outputs;
    let there = set_of(&order);
    changes.extend(resources.values().filter(|resource| !there.contains(&resource.logical)).map(
        |resource| Change {
            action: Action::Remove,
            logical: resource.logical.clone(),
            physical: Some(resource.physical.clone()),
            kind: resource.kind.clone(),
            properties: Vec::new(),
            attributes_differ: false,
        },
    ));
    changes.sort_unstable_by(|a, b| a.logical.cmp(&b.logical));
    Ok(Plan { changes, outputs_differ })
}

/// What would happen to one resource; `None`: nothing.
///
/// # Errors
/// Its type would be another.
pub fn change(
    logical: &str,
    declared: &Declared,
    before: Option<&Arc<Resource>>,
    properties: &Map<String, Value>,
) -> Result<Option<Change>, Error> {
    let mut change = Change {
        action: Action::Add,
        logical: logical.to_owned(),
        physical: None,
        kind: declared.kind.clone(),
        properties: Vec::new(),
        attributes_differ: false,
    };
    let Some(before) = before else { return Ok(Some(change)) };
    if before.kind != declared.kind {
        return Err(invalid(format!(
            "Update of resource type is not permitted. The new template modifies resource type of the following \
             resources: [{logical}]"
        )));
    }
    change.physical = Some(before.physical.clone());
    let names = set_of(before.properties.keys().chain(properties.keys()));
    let kind = resources::find(&declared.kind);
    let differs = |name: &&String| before.properties.get(*name) != properties.get(*name);
    change.properties = names
        .into_iter()
        .filter(differs)
        .map(|name| Difference {
            property: name.clone(),
            replaces: kind.is_some_and(|kind| kind.replaces(name)),
        })
        .collect();
    change.attributes_differ = before.metadata != declared.metadata
        || before.retained != declared.retained
        || before.retained_when_replaced != declared.retained_when_replaced;
    let replaces = change.properties.iter().any(|difference| difference.replaces);
    change.action = if replaces { Action::Replace } else { Action::Modify };
    let changes = !change.properties.is_empty() || change.attributes_differ;
    Ok(changes.then_some(change))
}

/// The properties of a resource, evaluated; with the stack's tags, where its type has tags.
///
/// # Errors
/// They cannot be evaluated.
pub fn properties(
    evaluator: &mut Evaluator,
    declared: &Declared,
    source: &Source,
    fetch: &Fetch,
) -> Result<Map<String, Value>, Error> {
    let mut properties = match evaluator.value(&declared.properties)? {
        Some(Value::Object(properties)) => properties,
        Some(_) | None => Map::new(),
    };
    properties.values_mut().try_for_each(|value| dynamic::resolve(value, fetch))?;
    if let Some(kind) = resources::find(&declared.kind) {
        add_tags(kind, &mut properties, source);
    }
    Ok(properties)
}

fn add_tags(kind: &Type, properties: &mut Map<String, Value>, source: &Source) {
    if kind.tags == Tags::No || source.tags.is_empty() {
        return;
    }
    let mut tags = properties.get("Tags").map(members::tags).unwrap_or_default();
    for (key, value) in source.tags.iter().filter(|(key, _)| *key != CUSTOM_ID) {
        tags.entry(key.clone()).or_insert_with(|| value.as_str().into());
    }
    let tags = match kind.tags {
        Tags::List => {
            tags.into_iter().map(|(key, value)| serde_json::json!({ "Key": key, "Value": value })).collect()
        }
        Tags::Map | Tags::No => Value::Object(tags),
    };
    properties.insert("Tags".into(), tags);
}

/// The outputs, and the exports that they ask for.
///
/// # Errors
/// They cannot be evaluated.
pub fn outputs(setting: &Setting, seen: &Seen) -> Result<(Vec<Output>, BTreeSet<String>), Error> {
    let mut evaluator = Evaluator::new(setting, seen);
    let mut outputs = Vec::new();
    for (key, declared) in &setting.template.outputs {
        if !setting.holds(declared.condition.as_ref())? {
            continue;
        }
        let mut text = |value: &Value| -> Result<Option<String>, Error> {
            Ok(match evaluator.value(value)? {
                Some(Value::Array(items)) => Some(items.iter().map(text_of).collect::<Vec<_>>().join(",")),
                value => value.as_ref().map(text_of),
            })
        };
        let export = declared.export.as_ref().map(&mut text).transpose()?.flatten();
        if let Some(value) = text(&declared.value)? {
            let value = reachable(value, setting.pseudo.get("AWS::URLSuffix"));
            outputs.push(Output {
                key: key.clone(),
                value,
                description: declared.description.clone(),
                export,
            });
        }
    }
    Ok((outputs, evaluator.imports))
}

/// An output is made to be pasted. Templates write `https://` and `wss://` for AWS's own certificates; a host of ours
/// is reached without.
fn reachable(value: String, suffix: Option<&Value>) -> String {
    let ours = suffix.and_then(Value::as_str).unwrap_or_default();
    for (theirs, scheme) in [("https://", "http://"), ("wss://", "ws://")] {
        if let Some(rest) = value.strip_prefix(theirs) {
            let host = rest.split('/').next().unwrap_or_default();
            if host.strip_suffix(ours).is_some_and(|before| before.ends_with('.')) {
                return format!("{scheme}{rest}");
            }
        }
    }
    value
}

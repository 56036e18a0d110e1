//! What values of a template depend on: parameters, pseudo-parameters, conditions, and a [`World`] of what was made.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::evaluate::Evaluator;
use super::syntax::only;
use super::template::{Template, format_error};
use crate::control::answer::Error;

/// Ours: conditions that name conditions that name conditions.
const MAX_CHAIN: usize = 100;

/// What was made, or will be.
pub trait World {
    /// What `Ref` of a resource gives; `None`: it is not known yet.
    fn reference(&self, logical: &str) -> Option<Value>;
    /// What `Fn::GetAtt` gives; `None`: it is not known yet.
    fn attribute(&self, logical: &str, name: &str) -> Option<Value>;
    /// The value of an export of another stack.
    fn export(&self, name: &str) -> Option<String>;
}

/// All that values depend on, but for what was made.
pub struct Setting<'a> {
    /// The template.
    pub template: &'a Template,
    /// What `Ref` of a parameter gives.
    pub parameters: &'a BTreeMap<String, Value>,
    /// What `Ref` of `AWS::…` gives; `AWS::NoValue` is not among them.
    pub pseudo: &'a BTreeMap<&'static str, Value>,
    /// The template's conditions.
    pub conditions: BTreeMap<String, bool>,
}

impl<'a> Setting<'a> {
    /// The setting of a template whose parameters have these values: decides its conditions.
    ///
    /// # Errors
    /// A condition is wrong.
    pub fn new(
        template: &'a Template,
        parameters: &'a BTreeMap<String, Value>,
        pseudo: &'a BTreeMap<&'static str, Value>,
    ) -> Result<Self, Error> {
        let mut setting = Self { template, parameters, pseudo, conditions: BTreeMap::new() };
        for name in template.conditions.keys() {
            decide(&mut setting, name, &mut BTreeSet::new())?;
        }
        Ok(setting)
    }

    /// Whether something with this condition is there.
    pub fn holds(&self, condition: Option<&String>) -> Result<bool, Error> {
        let Some(name) = condition else { return Ok(true) };
        self.conditions.get(name).copied().ok_or_else(|| {
            format_error(format!(
                "Unresolved condition dependency {name} in the Resources block of the template"
            ))
        })
    }
}

/// Decides one condition, and first those that it names.
fn decide(setting: &mut Setting, name: &str, asking: &mut BTreeSet<String>) -> Result<bool, Error> {
    if let Some(known) = setting.conditions.get(name) {
        return Ok(*known);
    }
    let template = setting.template;
    let rule = template.conditions.get(name).ok_or_else(|| {
        format_error(format!(
            "Unresolved dependencies [{name}]. Cannot reference conditions that are not defined"
        ))
    })?;
    if !asking.insert(name.to_owned()) {
        return Err(format_error(format!("Circular dependency between conditions: {name} asks for itself")));
    }
    if asking.len() > MAX_CHAIN {
        return Err(format_error(format!("Conditions ask for each other over more than {MAX_CHAIN} steps")));
    }
    let mut named = BTreeSet::new();
    conditions_in(rule, &mut named);
    for other in named {
        decide(setting, other, asking)?;
    }
    asking.remove(name);
    let holds = Evaluator::new(setting, &Nothing).truth(rule)?;
    setting.conditions.insert(name.to_owned(), holds);
    Ok(holds)
}

fn conditions_in<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => items.iter().for_each(|item| conditions_in(item, found)),
        Value::Object(members) => {
            if let Some(("Condition", Value::String(name))) = only(members) {
                found.insert(name);
            }
            if let Some(("Fn::If", Value::Array(arguments))) = only(members) {
                found.extend(arguments.first().and_then(Value::as_str));
            }
            members.values().for_each(|value| conditions_in(value, found));
        }
    }
}

/// A world in which nothing was made: conditions see no other.
struct Nothing;

impl World for Nothing {
    fn reference(&self, _: &str) -> Option<Value> {
        None
    }
    fn attribute(&self, _: &str, _: &str) -> Option<Value> {
        None
    }
    fn export(&self, _: &str) -> Option<String> {
        None
    }
}

//! Which resources need which others, and in what order they can be made.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::evaluate::unresolved;
use super::setting::Setting;
use super::syntax::{Piece, is_function, only, pieces};
use super::template::invalid;
use crate::base::map::set_of;
use crate::control::answer::Error;

/// What each resource needs, by logical id. Resources whose condition does not hold are not among them.
pub type Needs = BTreeMap<String, BTreeSet<String>>;

/// What the resources of a template need.
///
/// # Errors
/// They name what isn't there.
pub fn needs(setting: &Setting) -> Result<Needs, Error> {
    let template = setting.template;
    let mut there = BTreeSet::new();
    for (name, declared) in &template.resources {
        if setting.holds(declared.condition.as_ref())? {
            there.insert(name.as_str());
        }
    }
    let mut missing = BTreeSet::new();
    let mut needs = Needs::new();
    for name in &there {
        let declared = &template.resources[*name];
        let mut names = BTreeSet::new();
        references(&declared.properties, setting, &mut names)?;
        missing.extend(names.iter().filter(|other| !there.contains(*other)).map(|other| (*other).to_owned()));
        for other in &declared.depends_on {
            match template.resources.contains_key(other) {
                // One that is there only under a condition need not be waited for when it isn't.
                true => names.extend(there.get(other.as_str()).copied()),
                false => {
                    missing.insert(other.clone());
                }
            }
        }
        needs.insert((*name).to_owned(), names.into_iter().map(str::to_owned).collect());
    }
    if !missing.is_empty() {
        return Err(unresolved(&missing.into_iter().collect::<Vec<_>>().join(", ")));
    }
    check_outputs(setting, &there)?;
    Ok(needs)
}

/// The resources in an order in which each comes after all that it needs; by name where nothing else decides.
///
/// # Errors
/// They need each other in a circle.
pub fn order(needs: &Needs) -> Result<Vec<String>, Error> {
    let mut needed_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, others) in needs {
        open.insert(name, others.len());
        for other in others {
            needed_by.entry(other).or_default().push(name);
        }
    }
    let mut ready: BTreeSet<&str> =
        open.iter().filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    let mut ordered = Vec::with_capacity(needs.len());
    while let Some(name) = ready.pop_first() {
        ordered.push(name.to_owned());
        open.remove(name);
        for other in needed_by.get(name).into_iter().flatten() {
            if let Some(count) = open.get_mut(other) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(other);
                }
            }
        }
    }
    if open.is_empty() {
        return Ok(ordered);
    }
    Err(invalid(format!(
        "Circular dependency between resources: [{}]",
        circle(needs, open.into_keys()).join(", ")
    )))
}

/// Of what is left when all that could be ordered was, those that are in a circle or between two.
fn circle<'n>(needs: &'n Needs, left: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut left = set_of(left);
    loop {
        let needed = left.iter().flat_map(|name| needs[*name].iter().map(String::as_str));
        let needed = set_of(needed.filter(|other| left.contains(other)));
        if needed.len() == left.len() {
            return left.into_iter().collect();
        }
        left = needed;
    }
}

fn check_outputs(setting: &Setting, there: &BTreeSet<&str>) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    for output in setting.template.outputs.values() {
        if setting.holds(output.condition.as_ref())? {
            references(&output.value, setting, &mut names)?;
            if let Some(name) = &output.export {
                references(name, setting, &mut names)?;
            }
        }
    }
    let missing: Vec<&str> = names.into_iter().filter(|name| !there.contains(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(", ");
    Err(invalid(format!("Unresolved resource dependencies [{names}] in the Outputs block of the template")))
}

/// The names of resources that `value` refers to; where a condition chooses, in what it chooses.
fn references<'v>(value: &'v Value, setting: &Setting, found: &mut BTreeSet<&'v str>) -> Result<(), Error> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        Value::Array(items) => items.iter().try_for_each(|item| references(item, setting, found)),
        Value::Object(members) => match only(members).filter(|(name, _)| is_function(name)) {
            Some(("Ref", Value::String(name))) => {
                name_found(name, setting, found);
                Ok(())
            }
            Some(("Fn::GetAtt", argument)) => {
                let name = match argument {
                    Value::Array(parts) => parts.first().and_then(Value::as_str),
                    argument => argument.as_str().and_then(|text| text.split('.').next()),
                };
                found.extend(name);
                references(argument, setting, found)
            }
            Some(("Fn::Sub", argument)) => {
                let (text, own) = match argument {
                    Value::Array(parts) => (parts.first(), parts.get(1)),
                    text => (Some(text), None),
                };
                for piece in text.and_then(Value::as_str).map(pieces).unwrap_or_default() {
                    match piece {
                        Piece::Name(name) if own.is_none_or(|own| own.get(name).is_none()) => {
                            name_found(name.split('.').next().unwrap_or_default(), setting, found);
                        }
                        Piece::Name(_) | Piece::Text(_) => {}
                    }
                }
                own.map_or(Ok(()), |own| references(own, setting, found))
            }
            Some(("Fn::If", Value::Array(arguments))) if arguments.len() == 3 => {
                let holds = match arguments[0].as_str() {
                    Some(name) => setting.holds(Some(&name.to_owned()))?,
                    None => true,
                };
                references(&arguments[if holds { 1 } else { 2 }], setting, found)
            }
            _ => members.values().try_for_each(|value| references(value, setting, found)),
        },
    }
}

fn name_found<'v>(name: &'v str, setting: &Setting, found: &mut BTreeSet<&'v str>) {
    let known =
        setting.parameters.contains_key(name) || setting.pseudo.contains_key(name) || name == "AWS::NoValue";
    if !known {
        found.insert(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `A:B,C D:A`
    fn check(text: &str, expected: &str) {
        let needs: Needs = text
            .split(' ')
            .map(|part| {
                let (name, others) = part.split_once(':').unwrap_or((part, ""));
                let others = others.split(',').filter(|other| !other.is_empty()).map(str::to_owned);
                (name.to_owned(), others.collect())
            })
            .collect();
        let found = order(&needs).map(|names| names.join(" "));
        assert_eq!(found.unwrap_or_else(|error| error.message), expected, "{text}");
    }

    #[test]
    fn orders() {
        check("A B C", "A B C");
        check("A:B B:C C", "C B A");
        check("A:C B C D:A,B", "B C A D");
        check("A:B B:A", "Circular dependency between resources: [A, B]");
        check("A:A", "Circular dependency between resources: [A]");
        check("X A:B B:C C:A Y:A", "Circular dependency between resources: [A, B, C]");
    }
}

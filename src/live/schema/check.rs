//! Holding a value against a schema, with so many steps to go and no more. What is wrong is said in the words of the
//! validator that AWS uses, so that `$context.error.validationErrorString` reads alike.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt::{self, Write};

use serde_json::{Map, Number, Value};

use super::number;
use super::{
    Id, MAX_COMPLAINTS, MAX_DEPTH, MAX_SHOWN, MAX_STEPS, Members, Needs, Node, OfList, OfNumber, OfObject,
    OfText, Rest, Rule, Types,
};

/// A value on its way through a schema.
pub struct Check<'s> {
    nodes: &'s [Node],
    steps: u64,
    depth: usize,
    /// `None`: what is wrong is not asked for, and the first that is ends it.
    complaints: Option<Vec<String>>,
}

/// Why there is no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exhausted {
    Steps,
    Depth,
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Steps => write!(f, "instance takes more than {MAX_STEPS} steps to validate"),
            Self::Depth => write!(f, "instance and schema are nested more than {MAX_DEPTH} levels deep"),
        }
    }
}

type Verdict = Result<bool, Exhausted>;

impl<'s> Check<'s> {
    /// Only whether it fits.
    pub fn quiet(nodes: &'s [Node]) -> Self {
        Self { nodes, steps: MAX_STEPS, depth: 0, complaints: None }
    }

    /// And what is wrong.
    pub fn collecting(nodes: &'s [Node]) -> Self {
        Self { complaints: Some(Vec::new()), ..Self::quiet(nodes) }
    }

    /// What was wrong.
    pub fn complaints(self) -> Vec<String> {
        self.complaints.unwrap_or_default()
    }

    /// Whether a value fits a node.
    pub fn at(&mut self, id: Id, value: &Value) -> Verdict {
        self.take(1)?;
        if self.depth == MAX_DEPTH {
            return Err(Exhausted::Depth);
        }
        self.depth += 1;
        let fits = self.all(self.nodes[id].iter(), |check, rule| check.rule(rule, value))?;
        self.depth -= 1;
        Ok(fits)
    }

    fn rule(&mut self, rule: &Rule, value: &Value) -> Verdict {
        match (rule, value) {
            (Rule::Types(types), _) => Ok(self.is_of(*types, value)),
            (Rule::Enum(values), _) => self.is_one_of(values, value),
            (Rule::Number(rule), Value::Number(number)) => Ok(self.number(rule, number)),
            (Rule::Text(rule), Value::String(text)) => self.text(rule, text),
            (Rule::List(rule), Value::Array(items)) => self.list(rule, items),
            (Rule::Object(rule), Value::Object(members)) => self.object(rule, members),
            (Rule::Dependencies(needs), Value::Object(members)) => self.dependencies(needs, value, members),
            (
                Rule::Number(_) | Rule::Text(_) | Rule::List(_) | Rule::Object(_) | Rule::Dependencies(_),
                _,
            ) => Ok(true),
            (Rule::Ref(id), _) => self.at(*id, value),
            (Rule::Not(id), _) => {
                let fits = !self.quietly(|check| check.at(*id, value))?;
                Ok(self.say(fits, || "instance matched a schema which it should not have".to_owned()))
            }
            (Rule::AllOf(ids), _) => self.all(ids.iter(), |check, id| check.at(*id, value)),
            (Rule::AnyOf(ids), _) => {
                let fits = self.quietly(|check| check.matches(ids, value, 1))? > 0;
                let of = ids.len();
                Ok(self.say(fits, || {
                    format!("instance failed to match at least one required schema among {of}")
                }))
            }
            (Rule::OneOf(ids), _) => {
                let matched = self.quietly(|check| check.matches(ids, value, 2))?;
                let of = ids.len();
                Ok(self.say(matched == 1, || {
                    format!("instance failed to match exactly one schema (matched {matched} out of {of})")
                }))
            }
        }
    }

    /// How many of some nodes a value fits; not more than `most` are looked for.
    fn matches(&mut self, ids: &[Id], value: &Value, most: usize) -> Result<usize, Exhausted> {
        let mut matched = 0;
        for id in ids {
            matched += usize::from(self.at(*id, value)?);
            if matched == most {
                break;
            }
        }
        Ok(matched)
    }

    fn is_of(&mut self, types: Types, value: &Value) -> bool {
        let name = type_of(value);
        self.say(types.has(name), || {
            let allowed: Vec<_> = types.names().collect();
            format!(
                "instance type ({name}) does not match any allowed primitive type (allowed: {})",
                shown(&allowed)
            )
        })
    }

    fn is_one_of(&mut self, values: &[Value], value: &Value) -> Verdict {
        let mut fits = false;
        for allowed in values {
            fits = fits || self.is_equal(allowed, value)?;
        }
        Ok(self.say(fits, || {
            format!(
                "instance value ({}) not found in enum (possible values: {})",
                shown(value),
                shown(values)
            )
        }))
    }

    fn number(&mut self, rule: &OfNumber, number: &Number) -> bool {
        match rule {
            OfNumber::Minimum(least, exclusive) => {
                let fits = match number::compare(number, least) {
                    Ordering::Less => false,
                    Ordering::Equal => !exclusive,
                    Ordering::Greater => true,
                };
                self.say(fits, || match exclusive {
                    true => format!("numeric instance is not strictly greater than the required minimum {least}"),
                    false => format!(
                        "numeric instance is lower than the required minimum (minimum: {least}, found: {number})"
                    ),
                })
            }
            OfNumber::Maximum(most, exclusive) => {
                let fits = match number::compare(number, most) {
                    Ordering::Less => true,
                    Ordering::Equal => !exclusive,
                    Ordering::Greater => false,
                };
                self.say(fits, || match exclusive {
                    true => format!("numeric instance is not strictly lower than the required maximum {most}"),
                    false => format!(
                        "numeric instance is greater than the required maximum (maximum: {most}, found: {number})"
                    ),
                })
            }
            OfNumber::MultipleOf(divisor) => self.say(number::is_multiple(divisor, number), || {
                format!("remainder of division is not zero ({number} / {divisor})")
            }),
        }
    }

    fn text(&mut self, rule: &OfText, text: &str) -> Verdict {
        let length = || u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        Ok(match rule {
            OfText::MinLength(least) => self.say(length() >= *least, || {
                format!(
                    "string {} is too short (length: {}, required minimum: {least})",
                    shown(text),
                    length()
                )
            }),
            OfText::MaxLength(most) => self.say(length() <= *most, || {
                format!("string {} is too long (length: {}, maximum allowed: {most})", shown(text), length())
            }),
            OfText::Pattern(pattern, spelled) => {
                self.take(pattern.cost(text))?;
                self.say(pattern.matches(text), || {
                    format!("ECMA 262 regex {} does not match input string {}", shown(spelled), shown(text))
                })
            }
            OfText::Format(format) => self
                .say(format.takes(text), || format!("string {} is not a valid {}", shown(text), format.name)),
        })
    }

    fn list(&mut self, rule: &OfList, items: &[Value]) -> Verdict {
        let length = u64::try_from(items.len()).unwrap_or(u64::MAX);
        match rule {
            OfList::Items(first, rest) => {
                let of = |index: usize| first.get(index).map_or(*rest, |id| Rest::Of(*id));
                let allowed = first.len();
                self.all(items.iter().enumerate(), |check, (index, item)| match of(index) {
                    Rest::Any => Ok(true),
                    Rest::Of(id) => check.at(id, item),
                    // One complaint for all of them.
                    Rest::Never if index > allowed => Ok(false),
                    Rest::Never => Ok(check.say(false, || {
                        format!("array is not allowed to have more than {allowed} elements (found {length})")
                    })),
                })
            }
            OfList::MinItems(least) => Ok(self.say(length >= *least, || {
                format!("array is too short: must have at least {least} elements but instance has {length} elements")
            })),
            OfList::MaxItems(most) => Ok(self.say(length <= *most, || {
                format!("array is too long: must have at most {most} elements but instance has {length} elements")
            })),
            OfList::Unique => {
                let mut seen = HashSet::new();
                let mut fits = true;
                for item in items {
                    let mut text = String::new();
                    self.spell(item, &mut text)?;
                    fits &= seen.insert(text);
                }
                Ok(self.say(fits, || "array must not contain duplicate elements".to_owned()))
            }
        }
    }

    fn object(&mut self, rule: &OfObject, members: &Map<String, Value>) -> Verdict {
        let length = u64::try_from(members.len()).unwrap_or(u64::MAX);
        match rule {
            OfObject::Members(rule) => self.members(rule, members),
            OfObject::Required(names) => {
                self.take(u64::try_from(names.len()).unwrap_or(u64::MAX))?;
                let missing: Vec<_> = names.iter().filter(|name| !members.contains_key(&***name)).collect();
                Ok(self.say(missing.is_empty(), || {
                    format!("object has missing required properties ({})", shown(&missing))
                }))
            }
            OfObject::MinProperties(least) => Ok(self.say(length >= *least, || {
                format!("object has too few properties (found {length} but schema requires at least {least})")
            })),
            OfObject::MaxProperties(most) => Ok(self.say(length <= *most, || {
                format!("object has too many properties (found {length} but schema requires at most {most})")
            })),
        }
    }

    fn members(&mut self, rule: &Members, members: &Map<String, Value>) -> Verdict {
        let mut unknown = Vec::new();
        let mut fits = self.all(members.iter(), |check, (name, value)| {
            check.take(1)?;
            let named = rule.named.binary_search_by(|(known, _)| (**known).cmp(name)).ok();
            let mut is_known = named.is_some();
            let mut fits = named.map_or(Ok(true), |index| check.at(rule.named[index].1, value))?;
            for (pattern, id) in &rule.patterns {
                check.take(pattern.cost(name))?;
                if pattern.matches(name) {
                    is_known = true;
                    fits &= check.at(*id, value)?;
                }
            }
            match rule.rest {
                Rest::Any => {}
                Rest::Of(id) if !is_known => fits &= check.at(id, value)?,
                Rest::Never if !is_known => unknown.push(name),
                Rest::Of(_) | Rest::Never => {}
            }
            Ok(fits)
        })?;
        fits &= self.say(unknown.is_empty(), || {
            let unknown = shown(&unknown);
            format!("object instance has properties which are not allowed by the schema: {unknown}")
        });
        Ok(fits)
    }

    fn dependencies(
        &mut self,
        needs: &[(Box<str>, Needs)],
        value: &Value,
        members: &Map<String, Value>,
    ) -> Verdict {
        self.take(u64::try_from(needs.len()).unwrap_or(u64::MAX))?;
        let called_for = needs.iter().filter(|(name, _)| members.contains_key(&**name));
        self.all(called_for, |check, (name, needs)| match needs {
            Needs::Schema(id) => check.at(*id, value),
            Needs::Members(names) => {
                check.take(u64::try_from(names.len()).unwrap_or(u64::MAX))?;
                let missing: Vec<_> = names.iter().filter(|name| !members.contains_key(&***name)).collect();
                Ok(check.say(missing.is_empty(), || {
                    format!(
                        "property {} of object has missing property dependencies (schema requires {}; missing: {})",
                        shown(name),
                        shown(names),
                        shown(&missing)
                    )
                }))
            }
        })
    }

    /// Whether all of some say yes. Where complaints are asked for, all are asked, else all up to the first no.
    fn all<T>(
        &mut self,
        all: impl Iterator<Item = T>,
        mut says: impl FnMut(&mut Self, T) -> Verdict,
    ) -> Verdict {
        let mut fits = true;
        for each in all {
            fits &= says(self, each)?;
            if !fits && self.complaints.is_none() {
                break;
            }
        }
        Ok(fits)
    }

    /// Asks without complaints of its own.
    fn quietly<T>(&mut self, ask: impl FnOnce(&mut Self) -> Result<T, Exhausted>) -> Result<T, Exhausted> {
        let complaints = self.complaints.take();
        let answer = ask(self);
        self.complaints = complaints;
        answer
    }

    /// `fits`; if not, says why.
    fn say(&mut self, fits: bool, why: impl FnOnce() -> String) -> bool {
        if !fits
            && let Some(complaints) = &mut self.complaints
            && complaints.len() < MAX_COMPLAINTS
        {
            complaints.push(why());
        }
        fits
    }

    fn take(&mut self, steps: u64) -> Result<(), Exhausted> {
        self.steps = self.steps.checked_sub(steps).ok_or(Exhausted::Steps)?;
        Ok(())
    }

    fn is_equal(&mut self, one: &Value, other: &Value) -> Verdict {
        self.take(1)?;
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => Ok(number::compare(one, other) == Ordering::Equal),
            (Value::Array(one), Value::Array(other)) => {
                let mut equal = one.len() == other.len();
                for (one, other) in one.iter().zip(other) {
                    equal = equal && self.is_equal(one, other)?;
                }
                Ok(equal)
            }
            (Value::Object(one), Value::Object(other)) => {
                let mut equal = one.len() == other.len();
                for (name, one) in one {
                    let Some(other) = other.get(name).filter(|_| equal) else { return Ok(false) };
                    equal = self.is_equal(one, other)?;
                }
                Ok(equal)
            }
            (one, other) => Ok(one == other),
        }
    }

    /// Writes a value so that two are written alike if and only if they are equal.
    fn spell(&mut self, value: &Value, out: &mut String) -> Result<(), Exhausted> {
        self.take(1)?;
        match value {
            Value::Array(items) => {
                out.push('[');
                for item in items {
                    self.spell(item, out)?;
                    out.push(',');
                }
                out.push(']');
            }
            Value::Object(members) => {
                out.push('{');
                // In the order of their names: the map is sorted.
                for (name, value) in members {
                    let _ = write!(out, "{}:", Value::from(name.as_str()));
                    self.spell(value, out)?;
                    out.push(',');
                }
                out.push('}');
            }
            Value::Number(number) => match number.as_i128() {
                Some(whole) => drop(write!(out, "{whole}")),
                None => drop(write!(out, "{}", number.as_f64().unwrap_or_default())),
            },
            Value::Null | Value::Bool(_) | Value::String(_) => drop(write!(out, "{value}")),
        }
        Ok(())
    }
}

/// The narrowest of [`TYPES`](super::TYPES) that a value is of.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number::is_integer(number) => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The start of a value, as JSON.
fn shown<T: serde::Serialize + ?Sized>(value: &T) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    match json.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}...", &json[..end]),
        None => json,
    }
}

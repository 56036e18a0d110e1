//! [`Shape`]: what members of a call look like, as data; and a call, read by them.

use serde_json::{Map, Value};

use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};

/// What a member holds.
pub enum Shape {
    /// Text of so many characters.
    Text(usize, usize),
    /// One of a few texts.
    OneOf(&'static [&'static str]),
    /// A list of ARNs.
    Arns,
    /// A structure.
    Structure(&'static [Member]),
    /// A list of structures.
    Structures(&'static [Member]),
    /// A structure that has exactly one of these.
    Union(&'static [Member]),
}

/// A member of a structure.
pub struct Member {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether a whole structure has it.
    pub required: bool,
    /// What it holds.
    pub shape: Shape,
}

/// A member that must be there.
pub const fn required(name: &'static str, shape: Shape) -> Member {
    Member { name, required: true, shape }
}

/// A member that may be there.
pub const fn optional(name: &'static str, shape: Shape) -> Member {
    Member { name, required: false, shape }
}

/// What an ARN's length may be, as AWS's model says.
const ARN: std::ops::RangeInclusive<usize> = 20..=2048;

/// Reads a whole structure. What is not among its members is ignored.
pub fn whole(input: &Input, members: &'static [Member]) -> Result<Map<String, Value>, Error> {
    let read = changes(input, members)?;
    match members.iter().find(|member| member.required && !read.contains_key(member.name)) {
        Some(member) => Err(input.missing(member.name)),
        None => Ok(read),
    }
}

/// Reads the members that are there; of each the whole.
pub fn changes(input: &Input, members: &'static [Member]) -> Result<Map<String, Value>, Error> {
    let mut read = Map::new();
    for Member { name, shape, .. } in members {
        let value = match shape {
            Shape::Text(least, most) => input.string(name, *least..=*most)?.map(Value::from),
            Shape::OneOf(among) => input.one_of(name, among)?.map(Value::from),
            Shape::Arns => arns(input, name)?.map(Value::from),
            Shape::Structure(inner) => {
                input.object(name)?.map(|given| whole(&given, inner)).transpose()?.map(Value::Object)
            }
            Shape::Structures(inner) if input.has(name) => {
                let items = input.structures(name)?;
                let items = items.iter().map(|item| whole(item, inner).map(Value::Object));
                Some(items.collect::<Result<Vec<_>, _>>()?.into())
            }
            Shape::Structures(_) => None,
            Shape::Union(choices) => {
                input.object(name)?.map(|given| one(&given, name, choices)).transpose()?.map(Value::Object)
            }
        };
        read.extend(value.map(|value| ((*name).to_owned(), value)));
    }
    Ok(read)
}

fn one(input: &Input, name: &str, choices: &'static [Member]) -> Result<Map<String, Value>, Error> {
    let read = changes(input, choices)?;
    if read.len() == 1 {
        return Ok(read);
    }
    let names: Vec<_> = choices.iter().map(|choice| choice.name).collect();
    Err(bad_request(format!("{name} must have exactly one of [{}]", names.join(", "))))
}

fn arns(input: &Input, name: &str) -> Result<Option<Vec<String>>, Error> {
    let Some(arns) = input.strings(name)? else { return Ok(None) };
    match arns.iter().find(|arn| !ARN.contains(&arn.chars().count()) || !arn.starts_with("arn:")) {
        Some(arn) => Err(bad_request(format!("Invalid ARN specified in {name}: {arn:.100}"))),
        None => Ok(Some(arns)),
    }
}

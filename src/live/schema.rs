//! [`Schema`]: what messages and bodies must look like, compiled from a model. JSON Schema draft 4, as
//! <https://datatracker.ietf.org/doc/html/draft-fge-json-schema-validation-00> has it.
//!
//! It is written here, rather than taken from a library, because of what must hold on a reactor: a schema comes from
//! outside, and with `$ref` few lines say "twice what stands below" sixty times over. So compiling walks a schema
//! once, however often it is referred to, and refuses what would go in circles; and checking has so many steps to go,
//! counted wherever there is one, and no more ([`MAX_STEPS`]). Nothing is fetched: a `$ref` reaches what the schema
//! itself holds, and what the caller has beside it.
//!
//! ```text
//! text -> Value -> compile (todo list) -> nodes, each a list of rules -> order (no circles) -> check (steps)
//! ```

mod check;
mod compile;
mod format;
mod number;
mod order;
mod pattern;
#[cfg(test)]
mod tests;

use serde_json::{Number, Value};

use self::check::Check;
use self::format::Format;
use self::pattern::Pattern;

/// Steps that checking one value may take: some tenths of a second at worst. A message of 128 KB against a schema that
/// means well takes a tenth of them.
const MAX_STEPS: u64 = 4_000_000;

/// How deep rules may stand in each other while a value is checked: a value has 128 levels (`serde_json`), and a schema
/// that means well has few rules at each.
const MAX_DEPTH: usize = 512;

/// Nodes of one schema, those of what it refers to included.
const MAX_NODES: usize = 100_000;

/// Rules that one place of a value is held against: what `$ref` and `allOf` and their like come to, written out.
const MAX_IN_PLACE: u64 = 10_000;

/// How deep those may stand in each other.
const MAX_DEPTH_IN_PLACE: u64 = 64;

/// Other schemas that one may refer to.
const MAX_DOCUMENTS: usize = 100;

/// What of a value is shown in a complaint, in characters.
const MAX_SHOWN: usize = 100;

/// Complaints of one value.
const MAX_COMPLAINTS: usize = 10;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    nodes: Vec<Node>,
}

/// The place of a node among all; the first is the schema as a whole.
type Id = usize;

/// What holds at one place: all of it.
type Node = Box<[Rule]>;

/// A keyword, compiled. What speaks of one type of value takes all values of others.
#[derive(Debug)]
enum Rule {
    Types(Types),
    Enum(Box<[Value]>),
    Number(OfNumber),
    Text(OfText),
    List(OfList),
    Object(OfObject),
    /// `$ref`, beside which nothing counts.
    Ref(Id),
    AllOf(Box<[Id]>),
    AnyOf(Box<[Id]>),
    OneOf(Box<[Id]>),
    Not(Id),
    /// What a member calls for.
    Dependencies(Box<[(Box<str>, Needs)]>),
}

#[derive(Debug)]
enum OfNumber {
    /// The least, and whether it is too little itself.
    Minimum(Number, bool),
    Maximum(Number, bool),
    MultipleOf(Number),
}

#[derive(Debug)]
enum OfText {
    MinLength(u64),
    MaxLength(u64),
    Pattern(Pattern, Box<str>),
    Format(Format),
}

#[derive(Debug)]
enum OfList {
    /// The schemas of the first items, and of those behind them.
    Items(Box<[Id]>, Rest),
    MinItems(u64),
    MaxItems(u64),
    Unique,
}

#[derive(Debug)]
enum OfObject {
    Members(Members),
    Required(Box<[Box<str>]>),
    MinProperties(u64),
    MaxProperties(u64),
}

/// `properties`, `patternProperties`, `additionalProperties`
#[derive(Debug)]
struct Members {
    named: Box<[(Box<str>, Id)]>,
    patterns: Box<[(Pattern, Id)]>,
    rest: Rest,
}

/// `additionalItems`, `additionalProperties`
#[derive(Clone, Copy, Debug)]
enum Rest {
    Any,
    Never,
    Of(Id),
}

/// One of `dependencies`.
#[derive(Debug)]
enum Needs {
    Members(Box<[Box<str>]>),
    Schema(Id),
}

/// The primitive types, in the order in which complaints list them; a bit of [`Types`] each.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// A set of types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Types(u8);

impl Types {
    fn named(name: &str) -> Option<Self> {
        let index = TYPES.iter().position(|known| *known == name)?;
        // Whatever takes numbers takes whole ones.
        let integer = if name == "number" { Self::named("integer")?.0 } else { 0 };
        Some(Self(1 << index | integer))
    }

    fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn has(self, name: &str) -> bool {
        TYPES.iter().position(|known| *known == name).is_some_and(|index| self.0 & (1 << index) != 0)
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        TYPES.into_iter().filter(move |name| self.has(name))
    }
}

impl Schema {
    /// Compiles the text of a schema that stands for itself.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::parse_among(text, |_| None)
    }

    /// Compiles the text of a schema that may refer to others: they are asked for by what stands before the `#` of a
    /// `$ref`, or by all of it.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse_among(text: &str, others: impl Fn(&str) -> Option<Value>) -> Result<Self, String> {
        let schema: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
        if !schema.is_object() {
            return Err("it is no JSON object".to_owned());
        }
        let documents = compile::documents(schema, others)?;
        let nodes = compile::nodes(&documents)?;
        order::check(&nodes)?;
        Ok(Self { nodes })
    }

    /// Whether a value fits; one that takes too many steps to say doesn't.
    pub fn fits(&self, value: &Value) -> bool {
        Check::quiet(&self.nodes).at(0, value) == Ok(true)
    }

    /// What is wrong with a value that doesn't fit, as AWS puts it: `$context.error.validationErrorString`.
    pub fn complaint(&self, value: &Value) -> Option<String> {
        let mut check = Check::collecting(&self.nodes);
        match check.at(0, value) {
            Ok(true) => None,
            Ok(false) => Some(format!("[{}]", check.complaints().join(", "))),
            Err(exhausted) => Some(format!("[{exhausted}]")),
        }
    }
}

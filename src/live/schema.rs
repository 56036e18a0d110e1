//! [`Schema`]: what messages and bodies must look like, compiled from a model. JSON Schema draft 4, as
//! <https://datatracker.ietf.org/doc/html/draft-fge-json-schema-validation-00> has it, checked by the library
//! `jsonschema`.
//!
//! What is ours stands before the library, and is about time: a schema comes from outside, and with `$ref` few lines
//! say "twice what stands below" sixty times over. So what a schema comes to is counted once (`Cost`); what would go
//! in circles, or come to too much in one place, is refused; and a value is only given to the library if its size
//! times what may be asked at each of its levels is no more than `MAX_STEPS`. Nothing is fetched: before the library
//! sees a schema, all that it refers to is made part of it (`Bundle`).
//!
//! ```text
//! text -> Value -> Bundle (each $ref a pointer into it) -> Cost -> the library's validator
//! value -> Cost (steps at most) -> the validator -> complaints, in the words of AWS
//! ```

mod bundle;
mod complaint;
mod cost;
mod pattern;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use jsonschema::Validator;
use serde_json::Value;

use self::bundle::Bundle;
use self::cost::Cost;

/// Steps that checking one value may take: some tenths of a second at worst. A message of 128 KB against a schema that
/// means well takes a tenth of them.
const MAX_STEPS: u64 = 4_000_000;

/// Steps up to which it is said what is wrong with a value: the library notes all that is, some hundred bytes each.
const MAX_STEPS_NOTED: u64 = 100_000;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    validator: Validator,
    cost: Cost,
    /// The expressions that a schema has, by the parts that they were taken apart into.
    spelled: HashMap<String, String>,
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
        let Bundle { root, spelled } = Bundle::new(schema, others)?;
        let cost = Cost::new(&root)?;
        // What is there to configure would be compiled into this crate once more, and is a megabyte.
        let validator = jsonschema::draft4::new(&root).map_err(|error| {
            let why = complaint::shortened(&error.to_string());
            match error.instance_path().as_str() {
                "" => why,
                path => format!("{why}, at {path}"),
            }
        })?;
        Ok(Self { validator, cost, spelled })
    }

    /// Whether a value fits; one that takes too many steps to say doesn't.
    pub fn fits(&self, value: &Value) -> bool {
        self.cost.steps(value).is_ok() && self.validator.is_valid(value)
    }

    /// What is wrong with a value that doesn't fit, as AWS puts it: `$context.error.validationErrorString`.
    pub fn complaint(&self, value: &Value) -> Option<String> {
        let said = match self.cost.steps(value) {
            Err(why) => why,
            Ok(_) if self.validator.is_valid(value) => return None,
            Ok(steps) if steps > MAX_STEPS_NOTED => "instance does not match the schema".to_owned(),
            Ok(_) => complaint::all(self.validator.iter_errors(value), &self.spelled),
        };
        Some(format!("[{said}]"))
    }
}

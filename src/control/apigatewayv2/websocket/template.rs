//! Mapping templates. The template language comes with REST APIs; until then a template must stand for itself, and
//! one that doesn't is refused when it is stored, rather than misread when a message comes.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};

/// AWS: a template has at most 300 KB.
const MAX_LENGTH: usize = 300 * 1024;

/// Templates, by what selects them.
pub type Templates = BTreeMap<String, String>;

/// Reads templates.
pub fn read(input: &Input, member: &str) -> Result<Option<Templates>, Error> {
    let templates = input.map(member)?;
    match templates.iter().flatten().find(|(_, text)| text.len() > MAX_LENGTH) {
        Some((key, _)) => Err(bad_request(format!("{member} {key} has more than {MAX_LENGTH} bytes"))),
        None => Ok(templates),
    }
}

/// Whether each says only what stands there.
pub fn check_static(member: &str, templates: &Templates) -> Result<(), Error> {
    let says_more = |(key, text): (&String, &String)| Some((key.clone(), text.find(['$', '#'])?));
    match templates.iter().find_map(says_more) {
        Some((key, at)) => Err(bad_request(format!(
            "gatelet does not support mapping templates with $ or # yet, and {member} {key} has one at byte {at}: only \
             templates that are text and nothing else"
        ))),
        None => Ok(()),
    }
}

/// Whether each says the status that a MOCK integration answers with.
pub fn check_status(member: &str, templates: &Templates) -> Result<(), Error> {
    let status = |text: &str| {
        let said: Value = serde_json::from_str(text).ok()?;
        said.get("statusCode")?.as_u64().filter(|status| (100..600).contains(status))
    };
    match templates.iter().find(|(_, text)| status(text).is_none()) {
        Some((key, _)) => Err(bad_request(format!(
            "{member} {key} of a MOCK integration must be a JSON object with a statusCode: {{\"statusCode\": 200}}"
        ))),
        None => Ok(()),
    }
}

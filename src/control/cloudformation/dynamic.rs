//! Dynamic references: `{{resolve:ssm:/name:2}}` within the text of a property is the value of a parameter of
//! Systems Manager. Others (`secretsmanager`) are refused, since nothing here knows them.

use serde_json::Value;

use super::template::invalid;
use crate::control::answer::Error;

const BEGIN: &str = "{{resolve:";

/// AWS: "up to 60 dynamic references in a stack template"; of one property here, so that what is built is bounded.
const MAX_REFERENCES: usize = 60;

/// Replaces all dynamic references in `value`. `fetch` gives a parameter's value, by name and perhaps version.
///
/// # Errors
/// There is no such parameter; or the reference is of a kind that isn't supported.
pub fn resolve(value: &mut Value, fetch: &dyn Fn(&str) -> Option<String>) -> Result<(), Error> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::String(text) if text.contains(BEGIN) => {
            *text = resolved(text, fetch)?;
            Ok(())
        }
        Value::String(_) => Ok(()),
        Value::Array(items) => items.iter_mut().try_for_each(|item| resolve(item, fetch)),
        Value::Object(members) => members.values_mut().try_for_each(|value| resolve(value, fetch)),
    }
}

fn resolved(text: &str, fetch: &dyn Fn(&str) -> Option<String>) -> Result<String, Error> {
    let (mut out, mut rest) = (String::new(), text);
    for _ in 0..MAX_REFERENCES {
        let Some((before, after)) = rest.split_once(BEGIN) else { break };
        let Some((reference, behind)) = after.split_once("}}") else { break };
        let (service, name) = reference.split_once(':').unwrap_or((reference, ""));
        if !matches!(service, "ssm" | "ssm-secure") {
            return Err(invalid(format!(
                "gatelet does not support dynamic references to {service} yet: {BEGIN}{reference}}}}}"
            )));
        }
        let value = fetch(name).ok_or_else(|| unknown(name))?;
        out.push_str(before);
        out.push_str(&value);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

/// AWS's refusal of a parameter that the store does not have.
pub fn unknown(name: &str) -> Error {
    invalid(format!("Unable to fetch parameters [{name}] from parameter store for this account."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references() {
        let fetch = |name: &str| (name == "/a" || name == "/a:2").then(|| format!("<{name}>"));
        for (value, expected) in [
            (json!("x"), Ok(json!("x"))),
            (json!("{{resolve:ssm:/a}}"), Ok(json!("</a>"))),
            (json!(["x{{resolve:ssm-secure:/a:2}}y{{resolve:ssm:/a}}", 1]), Ok(json!(["x</a:2>y</a>", 1]))),
            (json!({ "k": "{{resolve:ssm:/a" }), Ok(json!({ "k": "{{resolve:ssm:/a" }))),
            (json!("{{resolve:ssm:/b}}"), Err(unknown("/b").message)),
            (
                json!("{{resolve:secretsmanager:s:SecretString:p}}"),
                Err("gatelet does not support dynamic references to secretsmanager yet: \
                     {{resolve:secretsmanager:s:SecretString:p}}"
                    .into()),
            ),
        ] {
            let mut value = value;
            let found = resolve(&mut value, &fetch).map(|()| value).map_err(|error| error.message);
            assert_eq!(found, expected);
        }
    }
}

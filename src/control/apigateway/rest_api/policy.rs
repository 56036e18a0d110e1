//! `policy`: a resource policy. It is stored and returned, and judges nobody.

use serde_json::Value;

use crate::control::answer::Error;
use crate::control::input::bad_request;

/// AWS: 8,192 bytes.
const MAX_POLICY: usize = 8_192;

/// A policy document without the white space between its tokens; an empty text is none.
///
/// # Errors
/// It is no JSON object, or too long.
pub fn read(text: &str) -> Result<Option<String>, Error> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let is_document = matches!(serde_json::from_str(text), Ok(Value::Object(_)));
    if !is_document {
        return Err(bad_request(
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        ));
    }
    let policy = compact(text);
    match policy.len() <= MAX_POLICY {
        true => Ok(Some(policy)),
        false => Err(bad_request(format!("A policy can have at most {MAX_POLICY} bytes"))),
    }
}

/// As answers show it: once more escaped, without the quotes around it. Clients undo that.
pub fn show(policy: &str) -> String {
    let quoted = Value::from(policy).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// JSON without white space outside of its strings; members stay in their order.
fn compact(json: &str) -> String {
    let (mut inside, mut escaped) = (false, false);
    let keep = |c: &char| {
        let keep = inside || !c.is_ascii_whitespace();
        match (escaped, c) {
            (true, _) => escaped = false,
            (false, '\\') => escaped = inside,
            (false, '"') => inside = !inside,
            (false, _) => {}
        }
        keep
    };
    json.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        for (text, stored, shown) in [
            ("", None, ""),
            (" ", None, ""),
            ("{}", Some("{}"), "{}"),
            ("{ \"a\" :\n \"b c\" }", Some(r#"{"a":"b c"}"#), r#"{\"a\":\"b c\"}"#),
            (
                r#"{"b": "\" x", "a": "\\"}"#,
                Some(r#"{"b":"\" x","a":"\\"}"#),
                r#"{\"b\":\"\\\" x\",\"a\":\"\\\\\"}"#,
            ),
        ] {
            let found = read(text).expect("a policy");
            assert_eq!(found.as_deref(), stored, "{text}");
            assert_eq!(found.map(|policy| show(&policy)).unwrap_or_default(), shown, "{text}");
        }
        for text in ["{", "[]", "1", "{} {}", &format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_POLICY))] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_stored_says_the_same(text in "\\{( *\"[a-z\\\\\\\\\" ]{0,6}\" *: *(1|\"[a-z \\\\\\\\n]{0,4}\") *,?){0,3}\\}") {
            if let Ok(Some(policy)) = read(&text) {
                let (before, after): (Value, Value) =
                    (serde_json::from_str(&text).unwrap(), serde_json::from_str(&policy).unwrap());
                proptest::prop_assert_eq!(before, after);
            }
        }
    }
}

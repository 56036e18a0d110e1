//! Selection expressions ("Working with selection expressions in API Gateway"), checked here, so that what is
//! stored selects what it says.

use crate::control::answer::Error;
use crate::control::input::{Input, bad_request};
use crate::live::json_path::JsonPath;

/// Longer than any that selects something; ours.
const MAX_LENGTH: usize = 1024;

/// What an expression may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Of the message.
    Message,
    /// Of the message and of what the integration answered.
    Response,
}

/// Reads an expression; an empty one is one that takes away what there was.
pub fn read(input: &Input, member: &str, asks: Asks) -> Result<Option<String>, Error> {
    let Some(text) = input.string(member, 0..=MAX_LENGTH)? else { return Ok(None) };
    match check(&text, asks) {
        Ok(()) => Ok(Some(text)),
        Err(why) => Err(bad_request(format!("Invalid {member} specified: {text}: {why}"))),
    }
}

fn check(text: &str, asks: Asks) -> Result<(), String> {
    let mut rest = text;
    while let Some(at) = rest.find(['$', '\\']) {
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("\\$") {
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let (variable, after) = after.split_once('}').ok_or("a brace is not closed")?;
            check_variable(variable, asks)?;
            rest = after;
        } else if let Some(after) = rest.strip_prefix('$') {
            let is_name = |c: char| c.is_alphanumeric() || "_-.[]'\"".contains(c);
            let (variable, after) = after.split_at(after.find(|c: char| !is_name(c)).unwrap_or(after.len()));
            // The keys of the service's own stand for themselves.
            if !matches!(variable, "default" | "connect" | "disconnect") {
                check_variable(variable, asks)?;
            }
            rest = after;
        } else {
            rest = &rest[1..];
        }
    }
    Ok(())
}

fn check_variable(variable: &str, asks: Asks) -> Result<(), String> {
    if let Some(path) = variable.strip_prefix("request.body") {
        return match JsonPath::parse(path) {
            Some(_) => Ok(()),
            None => Err(format!("{variable} is no path of names and indexes")),
        };
    }
    let is_header = |place: &str| variable.strip_prefix(place).is_some_and(|name| !name.is_empty());
    let of_response = matches!(variable, "integration.response.statuscode" | "response.statuscode")
        || is_header("integration.response.header.")
        || is_header("integration.response.multivalueheader.");
    match asks {
        Asks::Response if of_response => Ok(()),
        Asks::Message | Asks::Response => Err(format!("there is no {variable} to select by")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        for text in [
            "",
            "foo",
            "$request.body.action",
            "${request.body.action}",
            "${request.body.service}/${request.body['the action']}",
            "$request.body.a[0].b",
            "$default",
            "\\$default",
            "\\$anything",
            "a\\b",
            "200",
        ] {
            assert_eq!(check(text, Asks::Message), Ok(()), "{text}");
        }
        for text in [
            "$",
            "$foo",
            "${request.body.action",
            "${}",
            "$request.header.x",
            "$context.stage",
            "$request.body..action",
            "$request.body.",
            "$request.bodyaction",
            "${request.body[?(@.a)]}",
            "$integration.response.statuscode",
        ] {
            assert!(check(text, Asks::Message).is_err(), "{text}");
        }
        for text in [
            "${integration.response.statuscode}",
            "${response.statuscode}",
            "$integration.response.header.Content-Type",
            "${integration.response.multivalueheader.x}-$request.body.a",
        ] {
            assert_eq!(check(text, Asks::Response), Ok(()), "{text}");
        }
        assert!(check("$integration.response.header.", Asks::Response).is_err());
    }
}

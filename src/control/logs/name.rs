//! How calls name groups and streams.

use super::INVALID;
use crate::control::answer::Error;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::Owner;

/// AWS: of a name of a group or a stream.
const MAX_NAME: usize = 512;

const GROUP_PATTERN: &str = r"[\.\-_/#A-Za-z0-9]+";
const STREAM_PATTERN: &str = "[^:*]*";
const IDENTIFIER_PATTERN: &str = r"[\w#+=/:,.@-]*";

/// The required `logGroupName`.
pub fn group(input: &Input) -> Result<String, Error> {
    let name = input.text("logGroupName")?;
    let mut constraints = Constraints::default();
    constraints.required(name.as_ref(), "logGroupName");
    constraints.length(name.as_deref(), "logGroupName", 1, MAX_NAME);
    constraints.pattern(name.as_deref(), "logGroupName", is_group, GROUP_PATTERN);
    constraints.end_as(INVALID)?;
    Ok(name.expect("else the check above had failed"))
}

/// `logGroupName`, or `logGroupIdentifier`: a name or an ARN.
pub fn group_or_identifier(input: &Input) -> Result<String, Error> {
    let Some(identifier) = input.text("logGroupIdentifier")? else { return group(input) };
    if input.has("logGroupName") {
        return Err(super::invalid("LogGroup name and LogGroup ARN are mutually exclusive parameters."));
    }
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_#+=/:,.@-".contains(&b));
    let mut constraints = Constraints::default();
    constraints.length(Some(&identifier), "logGroupIdentifier", 1, 2048);
    constraints.pattern(Some(&identifier), "logGroupIdentifier", plain, IDENTIFIER_PATTERN);
    constraints.end_as(INVALID)?;
    Ok(of_arn(&identifier).unwrap_or(&identifier).to_owned())
}

/// The required `logStreamName`.
pub fn stream(input: &Input) -> Result<String, Error> {
    let name = input.text("logStreamName")?;
    let mut constraints = Constraints::default();
    constraints.required(name.as_ref(), "logStreamName");
    constraints.length(name.as_deref(), "logStreamName", 1, MAX_NAME);
    constraints.pattern(name.as_deref(), "logStreamName", is_stream, STREAM_PATTERN);
    constraints.end_as(INVALID)?;
    Ok(name.expect("else the check above had failed"))
}

/// The name in `arn:aws:logs:us-east-1:000000000000:log-group:name[:*]`.
pub fn of_arn(arn: &str) -> Option<&str> {
    let rest = arn.strip_prefix("arn:")?;
    // Behind partition, service, region, account.
    let name = rest.splitn(5, ':').nth(4)?.strip_prefix("log-group:")?;
    let name = name.strip_suffix(":*").unwrap_or(name);
    is_group(name).then_some(name)
}

/// The ARN of a group, as tags and policies name it.
pub fn arn(owner: &Owner, name: &str) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{name}", owner.region, owner.account)
}

fn is_group(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_/#".contains(&b))
}

fn is_stream(text: &str) -> bool {
    !text.contains([':', '*'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        for (arn, expected) in [
            ("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f", Some("/aws/lambda/f")),
            ("arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*", Some("/aws/lambda/f")),
            ("arn:aws:logs:us-east-1:000000000000:log-group:", None),
            ("arn:aws:logs:us-east-1:000000000000:log-group:a:log-stream:b", None),
            ("arn:aws:lambda:us-east-1:000000000000:function:f", None),
            ("/aws/lambda/f", None),
        ] {
            assert_eq!(of_arn(arn), expected, "{arn}");
        }
    }
}

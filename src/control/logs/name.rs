//! How calls name groups and streams.

use super::INVALID;
use crate::control::answer::Error;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::{Owner, arn};

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
    constraints.pattern(name.as_deref(), "logGroupName", arn::is_log_group, GROUP_PATTERN);
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
    Ok(arn::log_group(&identifier).map_or(identifier.as_str(), |(_, name)| name).to_owned())
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

/// The ARN of a group, as tags and policies name it.
pub fn arn(owner: &Owner, name: &str) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{name}", owner.region, owner.account)
}

fn is_stream(text: &str) -> bool {
    !text.contains([':', '*'])
}

//! What stages of all kinds of apis must say of their access logs.
//!
//! The texts of refusals are AWS's, as other emulators recorded them.

use super::answer::Error;
use super::input::bad_request;
use crate::live::access_log::Format;
use crate::model::api::Protocol;
use crate::model::arn;
use crate::model::logs::Logs;

/// Checks the destination of a V2 api's log: a log group.
pub fn check_group(arn: &str) -> Result<(), Error> {
    match arn::log_group(arn) {
        Some(_) => Ok(()),
        None => Err(no_destination(arn)),
    }
}

/// Checks the destination of a REST API's log: a log group, or a stream of Firehose, to which nothing is sent here.
pub fn check_destination(arn: &str) -> Result<(), Error> {
    match arn.split(':').collect::<Vec<_>>()[..] {
        ["arn", _, "firehose", _, _, stream] if stream.starts_with("deliverystream/") => Ok(()),
        _ => check_group(arn),
    }
}

/// Checks that the log group is there, as AWS does.
pub fn check_group_exists(arn: &str, logs: &Logs) -> Result<(), Error> {
    match arn::log_group(arn) {
        Some((owner, name)) if logs.group(&owner, name).is_none() => {
            let message = format!("Cannot enable logging. LogDestination: {name} does not exist");
            Err(Error::new(404, "NotFoundException", message))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks the format of a V2 api's log.
pub fn check_format(text: &str) -> Result<(), Error> {
    check(text, text, "The following errors are found in Access Log Format: ", "")
}

/// Checks the format of a REST API's log: it may end in a line's end.
pub fn check_rest_format(text: &str) -> Result<(), Error> {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    check(text, line, "", ", new line character is allowed only at end of the format")
}

/// Checks, as AWS does and LocalStack does not, that an api has the variables that a format names.
pub fn check_variables(text: &str, protocol: Protocol) -> Result<(), Error> {
    let format = Format::parse(text);
    let unknown = match protocol {
        Protocol::Http => format.unknown_of_http().map(|name| format!("$context.{name}")).collect(),
        Protocol::WebSocket => Vec::new(),
    };
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(bad_request(format!(
            "The following context variables are not supported: [{}]",
            unknown.join(", ")
        ))),
    }
}

fn check(text: &str, line: &str, before: &str, but: &str) -> Result<(), Error> {
    if line.contains(['\r', '\n']) {
        return Err(bad_request(format!("{before}Access Log format must be single line{but}: '{text}'")));
    }
    let format = Format::parse(text);
    if !format.has("requestId") && !format.has("extendedRequestId") {
        return Err(bad_request(format!(
            "{before}Access Log format must include either $context.requestId or $context.extendedRequestId : '{text}'"
        )));
    }
    Ok(())
}

fn no_destination(arn: &str) -> Error {
    bad_request(match arn.starts_with("arn:") {
        true => {
            "Invalid ARN specified in the request. The ARN must be a valid CloudWatch Logs log group or Kinesis Data \
             Firehose delivery stream ARN."
                .to_owned()
        }
        false => format!("Invalid ARN specified in the request. ARNs must start with 'arn:': {arn}"),
    })
}

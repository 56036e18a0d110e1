//! CloudWatch Logs: groups, streams, events, and filters. What functions print is found here.
//!
//! [`Logs`](crate::model::logs::Logs) stands behind a lock of its own, which the reactor takes for each line that a
//! function prints. So nobody holds it for long: operations that read events run on the jobs thread, and take an
//! extract at a time.

mod event;
mod filter;
mod group;
mod json_pattern;
mod name;
pub mod pattern;
mod stream;
mod tag;
mod unsupported;

use super::answer::Error;
use super::operation::Operation;

pub use unsupported::UNSUPPORTED;

/// What is emulated.
pub const OPERATIONS: &[Operation] = &[
    Operation::action("CreateLogGroup", group::create),
    Operation::action("CreateLogStream", stream::create),
    Operation::action("DeleteLogGroup", group::delete),
    Operation::action("DeleteLogStream", stream::delete),
    Operation::action("DeleteRetentionPolicy", group::delete_retention),
    Operation::action("DescribeLogGroups", group::describe),
    Operation::slow("DescribeLogStreams", "DescribeLogStreams", stream::describe),
    Operation::slow("FilterLogEvents", "FilterLogEvents", filter::filter),
    Operation::slow("GetLogEvents", "GetLogEvents", event::get),
    Operation::action("ListTagsForResource", tag::list),
    Operation::action("ListTagsLogGroup", tag::list_of_group),
    Operation::slow("PutLogEvents", "PutLogEvents", event::put),
    Operation::action("PutRetentionPolicy", group::put_retention),
    Operation::action("TagLogGroup", tag::tag_group),
    Operation::action("TagResource", tag::tag),
    Operation::action("UntagLogGroup", tag::untag_group),
    Operation::action("UntagResource", tag::untag),
];

/// The code of all that is wrong with a parameter.
const INVALID: &str = "InvalidParameterException";

/// How many events a reader takes at a time, under the lock.
const EXTRACT: usize = 1000;

/// AWS: events of an answer,
const MAX_EVENTS: i64 = 10_000;

/// and their bytes.
const MAX_ANSWER: usize = 1024 * 1024;

fn invalid(message: impl Into<String>) -> Error {
    Error::new(400, INVALID, message)
}

fn no_group() -> Error {
    Error::new(400, "ResourceNotFoundException", "The specified log group does not exist.")
}

fn no_stream() -> Error {
    Error::new(400, "ResourceNotFoundException", "The specified log stream does not exist.")
}

fn limit(message: String) -> Error {
    Error::new(400, "LimitExceededException", message)
}

fn bad_token() -> Error {
    invalid("The specified nextToken is invalid.")
}

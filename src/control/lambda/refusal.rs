//! Lambda's errors in its own words.

use std::fmt::Display;

use crate::control::answer::Error;

pub use crate::control::constraints::Constraints;

/// A parameter that has a wrong value.
pub fn invalid(message: impl Into<String>) -> Error {
    user(400, "InvalidParameterValueException", message)
}

/// Something that does not exist.
pub fn not_found(message: impl Into<String>) -> Error {
    user(404, "ResourceNotFoundException", message)
}

/// The function of this ARN does not exist.
pub fn no_function(arn: &str) -> Error {
    not_found(format!("Function not found: {arn}"))
}

/// Something that exists already, or is in use.
pub fn conflict(message: impl Into<String>) -> Error {
    user(409, "ResourceConflictException", message)
}

/// A `RevisionId` that isn't the latest; `call` names the operation that gives it.
pub fn stale_revision(call: &str) -> Error {
    let message = format!(
        "The Revision Id provided does not match the latest Revision Id. Call the {call} API to retrieve the \
         latest Revision Id"
    );
    user(412, "PreconditionFailedException", message)
}

/// More than Lambda takes.
pub fn too_large(message: impl Into<String>) -> Error {
    Error::new(413, "RequestEntityTooLargeException", message)
}

/// A body that can't be read.
pub fn unreadable(message: impl Display) -> Error {
    user(400, "InvalidRequestContentException", format!("Could not parse request body into json: {message}"))
}

/// A member of the wrong type.
pub fn mistyped(member: &str, expected: &str) -> Error {
    Error::new(400, "SerializationException", format!("{member} must be {expected}"))
}

/// Something that AWS has and we don't; the text says what to do instead.
pub fn not_yet(message: impl Into<String>) -> Error {
    Error::new(501, "NotImplementedException", message)
}

fn user(status: u16, code: &'static str, message: impl Into<String>) -> Error {
    Error::new(status, code, message).with("Type", "User")
}

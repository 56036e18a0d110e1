//! S3's errors in its own words. <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use std::io;

use crate::control::answer::Error;

/// What S3 calls an operation, or a part of one, that it does not have.
pub const NOT_IMPLEMENTED: &str = "NotImplemented";

/// A part of an operation that AWS has and we don't.
pub fn not_yet(what: &str) -> Error {
    Error::new(501, NOT_IMPLEMENTED, format!("gatelet does not support {what} yet"))
}

/// The bucket does not exist.
pub fn no_bucket(name: &str) -> Error {
    Error::new(404, "NoSuchBucket", "The specified bucket does not exist").with("BucketName", name)
}

/// The object does not exist.
pub fn no_key(key: &str) -> Error {
    Error::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
}

/// A version that does not exist: none do but the one there is, whose id is `null`.
pub fn no_version(key: &str, version: &str) -> Error {
    Error::new(404, "NoSuchVersion", "The specified version does not exist.")
        .with("Key", key)
        .with("VersionId", version)
}

/// The multipart upload does not exist.
pub fn no_upload(id: &str) -> Error {
    let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                   aborted or completed.";
    Error::new(404, "NoSuchUpload", message).with("UploadId", id)
}

/// A parameter that has a wrong value.
pub fn invalid_argument(name: &str, value: &str, message: impl Into<String>) -> Error {
    Error::new(400, "InvalidArgument", message).with("ArgumentName", name).with("ArgumentValue", value)
}

/// Something that makes no sense together.
pub fn invalid_request(message: impl Into<String>) -> Error {
    Error::new(400, "InvalidRequest", message)
}

/// A body that is no XML, or not the XML that is expected.
pub fn malformed_xml() -> Error {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    Error::new(400, "MalformedXML", message)
}

/// A condition of the request does not hold.
pub fn precondition(condition: &str) -> Error {
    Error::new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        .with("Condition", condition)
}

/// What was sent is not what its sender says.
pub fn bad_digest(of: &str) -> Error {
    Error::new(400, "BadDigest", format!("The {of} you specified did not match what we received."))
}

/// More than an upload may have.
pub fn too_large(limit: u64) -> Error {
    Error::new(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
        .with("MaxSizeAllowed", limit.to_string())
}

/// The disk does not do what it should.
pub fn disk(error: &io::Error) -> Error {
    Error::new(500, "InternalError", format!("gatelet cannot keep or read the object's file: {error}"))
}

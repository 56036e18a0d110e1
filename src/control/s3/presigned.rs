//! Presigned URLs: nothing of a signature is verified, but that it has not expired.

use crate::base::Now;
use crate::base::clock::{iso8601, parse_basic};
use crate::control::answer::Error;

/// AWS: "the maximum is 604800 seconds (seven days)".
const MAX_EXPIRES: u64 = 604_800;

/// Whether the URL with this query may still be used.
///
/// # Errors
/// `AccessDenied`, or `AuthorizationQueryParametersError` where it does not say for how long.
pub fn check(now: Now, query: &[(String, String)]) -> Result<(), Error> {
    let parameter =
        |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let end = if parameter("X-Amz-Signature").is_some() {
        let seconds = parameter("X-Amz-Expires").and_then(|text| text.parse().ok());
        let seconds: u64 = seconds
            .filter(|seconds| *seconds <= MAX_EXPIRES)
            .ok_or_else(|| refused("X-Amz-Expires must be a number of seconds, at most a week: 604800"))?;
        let signed = parameter("X-Amz-Date").and_then(parse_basic);
        signed.ok_or_else(|| {
            refused("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        })? + seconds
    } else if parameter("Signature").is_some() && parameter("AWSAccessKeyId").is_some() {
        // Signature version 2, as boto3 signs by default.
        let end = parameter("Expires").and_then(|text| text.parse().ok());
        end.ok_or_else(|| refused("Expires must be a number of seconds since 1970"))?
    } else {
        return Ok(());
    };
    if now.unix_seconds() > end {
        return Err(Error::new(403, "AccessDenied", "Request has expired")
            .with("Expires", iso8601(end))
            .with("ServerTime", iso8601(now.unix_seconds())));
    }
    Ok(())
}

fn refused(message: &str) -> Error {
    Error::new(400, "AuthorizationQueryParametersError", message)
}

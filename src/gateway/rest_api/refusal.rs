//! What REST APIs answer themselves: "Gateway response types for API Gateway" of the developer guide, with the bodies
//! as AWS writes them.

use super::super::json;
use crate::proto::http1::Response;

/// A gateway response.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Refusal {
    /// Its own status.
    status: u16,
    /// `x-amzn-ErrorType`, where there is one.
    error: Option<&'static str>,
    /// Whether a space stands before the message: AWS's own are not all written by the same hand.
    spaced: bool,
}

const fn refusal(status: u16, error: &'static str, spaced: bool) -> Refusal {
    Refusal { status, error: Some(error), spaced }
}

/// `MISSING_AUTHENTICATION_TOKEN`: no such resource, no such method.
pub(in super::super) const MISSING_TOKEN: Refusal =
    refusal(403, "MissingAuthenticationTokenException", false);

/// LocalStack's own, which AWS has no answer for.
pub(in super::super) const NOT_DEPLOYED: Refusal = Refusal { status: 404, error: None, spaced: true };

/// `UNAUTHORIZED`
pub(in super::super) const UNAUTHORIZED: Refusal = refusal(401, "UnauthorizedException", false);

/// `INVALID_API_KEY`, and what has no type of its own.
pub(in super::super) const FORBIDDEN: Refusal = refusal(403, "ForbiddenException", false);

/// `BAD_REQUEST_PARAMETERS`
pub(in super::super) const BAD_PARAMETERS: Refusal = refusal(400, "BadRequestException", true);

/// `BAD_REQUEST_BODY`
pub(in super::super) const BAD_BODY: Refusal = refusal(400, "BadRequestException", true);

/// `UNSUPPORTED_MEDIA_TYPE`
pub(in super::super) const MEDIA_TYPE: Refusal = refusal(415, "BadRequestException", true);

/// `REQUEST_TOO_LARGE`
pub(in super::super) const TOO_LARGE: Refusal = refusal(413, "RequestTooLargeException", false);

/// `THROTTLED`
pub(in super::super) const THROTTLED: Refusal = refusal(429, "TooManyRequestsException", false);

/// `QUOTA_EXCEEDED`
pub(in super::super) const QUOTA_EXCEEDED: Refusal = refusal(429, "LimitExceededException", false);

/// `API_CONFIGURATION_ERROR`
pub(in super::super) const MISCONFIGURED: Refusal = refusal(500, "InternalServerErrorException", true);

/// `INTEGRATION_FAILURE`, of one that was reached.
pub(in super::super) const FAILED: Refusal = refusal(502, "InternalServerErrorException", true);

/// `INTEGRATION_FAILURE`, of one that was not.
pub(in super::super) const UNREACHABLE: Refusal = refusal(504, "InternalServerErrorException", true);

/// `INTEGRATION_TIMEOUT`
pub(in super::super) const TIMED_OUT: Refusal = refusal(504, "InternalServerErrorException", true);

impl Refusal {
    /// The response, but for what every response has.
    pub(super) fn response(&self, message: &str) -> Response {
        let mut body = Vec::with_capacity(message.len() + 16);
        body.extend_from_slice(if self.spaced { b"{\"message\": " } else { b"{\"message\":" });
        json::string(&mut body, message);
        body.push(b'}');
        let mut response = Response::json(self.status, body);
        if let Some(error) = self.error {
            response.header("x-amzn-ErrorType", error);
        }
        response
    }
}

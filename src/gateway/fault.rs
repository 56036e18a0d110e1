//! [`Fault`]: why a request is not served, and what its client is told.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::json;
use super::rest_api::refusal::{self, Refusal};
use crate::model::settings::Parity;
use crate::proto::http1::Response;
use crate::proto::http1::response::reason;
use crate::proto::jwt;

/// Whose fault it is stands in the comments; what the client sees of it in [`Fault::told`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The client's: no such api, stage, deployment or route.
    NotFound,
    /// The client's: no such stage of the REST API with this id.
    NotDeployed(String),
    /// The client's: it does not say who it is.
    Unauthorized,
    /// The client's: it does not say who it is by a token that is good.
    Challenged(Challenge),
    /// The client's: it may not.
    Forbidden(String),
    /// The client's: it has no API key that opens the route.
    ApiKey(String),
    /// The client's: its API key has been used as often as its usage plan lets it.
    Quota,
    /// The client's: the request lacks what it must have, as the message says.
    BadRequest(String),
    /// The client's: the request lacks what a service is to get, as the message says.
    Unresolved(String),
    /// The client's: the message does not look as it must.
    BadBody(String),
    /// The client's: its content type is not one that is taken.
    MediaType,
    /// The client's: the request makes an event that is larger than a function may get.
    TooLarge,
    /// The client's: its route's ARN is longer than those may be.
    UriTooLong,
    /// The authorizer's: it failed, or its answer is none.
    Authorizer(String),
    /// The client's, and perhaps all others': more requests than the stage or a usage plan lets the route take.
    TooMany,
    /// The integration's: missing, not permitted, or it can't be asked for what it should be.
    Integration(String),
    /// The integration's: it failed, or its answer is none.
    Answer(String),
    /// The integration's: nobody is there to be asked.
    Unconnected(String),
    /// The integration's: it refuses a handshake with this status.
    Refused(u16),
    /// The integration's: not in time.
    TimedOut,
    /// The integration's: it can't be reached.
    Unreachable(String),
    /// The integration's: the function takes no more.
    Throttled(String),
    /// The user's: what the integration leads to is outside, and nobody said where.
    NotConfigured(String),
    /// Ours: as many exchanges as there may be, or stopping.
    Busy(&'static str),
}

/// What is wrong with a client's token: what `WWW-Authenticate` says of it (RFC 6750 section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// There is none.
    Missing,
    /// It is not good.
    Token(jwt::Error),
    /// Its issuer does not say where its keys are: why, for the log.
    Discovery(String),
    /// Its issuer's keys can't be had: why, for the log.
    Keys(String),
}

impl Challenge {
    /// The header's value, in AWS's own spelling, which has no commas.
    fn header(&self) -> String {
        let described = |text: &dyn fmt::Display| {
            format!("Bearer scope=\"\" error=\"invalid_token\" error_description=\"{text}\"")
        };
        match self {
            Self::Missing => "Bearer".to_owned(),
            Self::Token(error) => described(error),
            Self::Discovery(_) => described(&"OIDC discovery endpoint communication error"),
            Self::Keys(_) => described(&"JWKS communication error"),
        }
    }

    /// For the log.
    fn reason(self) -> String {
        match self {
            Self::Missing => "the request has no token".to_owned(),
            Self::Token(error) => format!("invalid_token: {error}"),
            Self::Discovery(why) => {
                format!("invalid_token: OIDC discovery endpoint communication error: {why}")
            }
            Self::Keys(why) => format!("invalid_token: JWKS communication error: {why}"),
        }
    }
}

/// What clients are told, by what they speak.
struct Told<'a> {
    /// A client of an HTTP API, in JSON. There are no 502 and 504 among them, unlike REST APIs.
    http: (u16, Cow<'static, str>),
    /// A client that wants to speak WebSocket.
    handshake: (u16, &'a str),
    /// A client that does.
    frame: &'static str,
    /// A client of a REST API: which gateway response, and its message.
    rest: (&'static Refusal, &'a str),
}

/// What AWS's own messages say.
const INTERNAL: &str = "Internal server error";

impl Fault {
    /// What the client of an HTTP API is told.
    pub fn response(&self) -> Response {
        let mut response = match self.told().http {
            (status, Cow::Borrowed(body)) => Response::json(status, body),
            (status, Cow::Owned(body)) => Response::json(status, body),
        };
        if let Self::Challenged(challenge) = self {
            response.header("www-authenticate", &challenge.header());
        }
        response
    }

    /// What an integration leads to is outside, and nobody said where; AWS tells no client what its users have to do.
    pub(super) fn not_configured(parity: Parity, why: String) -> Self {
        match parity {
            Parity::Aws => Self::Integration(why),
            Parity::LocalStack => Self::NotConfigured(why),
        }
    }

    /// What the client of a REST API is told: which gateway response, and its message.
    pub(super) fn rest(&self) -> (&'static Refusal, &str) {
        self.told().rest
    }

    /// What the client of a WebSocket API is told instead of a 101, where there was no connection to be.
    pub fn refusal(&self) -> Response {
        let (status, message) = self.told().handshake;
        let mut body = b"{\"message\":".to_vec();
        json::string(&mut body, message);
        body.push(b'}');
        refusal(status, body)
    }

    /// The same, where there was one: with its id, and that of the request.
    pub fn refusal_of(&self, connection: &str, request: &str) -> Response {
        let (status, message) = self.told().handshake;
        let mut body = b"{\"message\":".to_vec();
        json::string(&mut body, message);
        for (before, id) in [(",\"connectionId\":", connection), (",\"requestId\":", request)] {
            body.extend_from_slice(before.as_bytes());
            json::string(&mut body, id);
        }
        body.push(b'}');
        refusal(status, body)
    }

    /// What the client of a WebSocket is told, with AWS's own spacing.
    pub fn frame(&self, connection: &str, request: &str) -> Bytes {
        let message = self.told().frame;
        // The developer guide shows this one with another member.
        let member = if matches!(self, Self::BadBody(_)) { "messageId" } else { "requestId" };
        format!(
            "{{\"message\": \"{message}\", \"connectionId\":\"{connection}\", \"{member}\":\"{request}\"}}"
        )
        .into()
    }

    /// The status and the message of [`Fault::refusal`].
    pub(super) fn handshake(&self) -> (u16, &str) {
        self.told().handshake
    }

    /// The message in [`Fault::frame`].
    pub(super) fn frame_message(&self) -> &'static str {
        self.told().frame
    }

    /// `error.responseType` of access logs: which of the types of gateway responses it is.
    pub fn response_type(&self) -> &'static str {
        match self {
            Self::NotFound | Self::NotDeployed(_) => "RESOURCE_NOT_FOUND",
            Self::Unauthorized | Self::Challenged(_) => "UNAUTHORIZED",
            Self::Forbidden(_) => "ACCESS_DENIED",
            Self::ApiKey(_) => "INVALID_API_KEY",
            Self::Quota => "QUOTA_EXCEEDED",
            Self::BadRequest(_) | Self::Unresolved(_) => "BAD_REQUEST_PARAMETERS",
            Self::BadBody(_) => "BAD_REQUEST_BODY",
            Self::MediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::TooLarge | Self::UriTooLong => "REQUEST_TOO_LARGE",
            Self::Authorizer(_) => "AUTHORIZER_FAILURE",
            Self::Integration(_) | Self::NotConfigured(_) => "API_CONFIGURATION_ERROR",
            Self::Answer(_)
            | Self::Unconnected(_)
            | Self::Refused(_)
            | Self::Unreachable(_)
            | Self::Throttled(_) => "INTEGRATION_FAILURE",
            Self::TimedOut => "INTEGRATION_TIMEOUT",
            Self::TooMany | Self::Busy(_) => "THROTTLED",
        }
    }

    /// `authorizer.error` of access logs. `None`: it is not the authorizer's.
    pub fn of_authorizer(&self) -> Option<String> {
        match self {
            Self::Authorizer(reason) => Some(reason.clone()),
            Self::Challenged(challenge) => Some(challenge.clone().reason()),
            Self::NotFound
            | Self::NotDeployed(_)
            | Self::Unauthorized
            | Self::Forbidden(_)
            | Self::ApiKey(_)
            | Self::Quota
            | Self::UriTooLong
            | Self::TooMany
            | Self::BadRequest(_)
            | Self::Unresolved(_)
            | Self::NotConfigured(_)
            | Self::BadBody(_)
            | Self::MediaType
            | Self::TooLarge
            | Self::Integration(_)
            | Self::Answer(_)
            | Self::Unconnected(_)
            | Self::Refused(_)
            | Self::TimedOut
            | Self::Unreachable(_)
            | Self::Throttled(_)
            | Self::Busy(_) => None,
        }
    }

    /// `integration.error` of access logs. `None`: it is not the integration's.
    pub fn of_integration(&self) -> Option<String> {
        match self {
            Self::Integration(_)
            | Self::Answer(_)
            | Self::Unconnected(_)
            | Self::Unreachable(_)
            | Self::Throttled(_)
            | Self::NotConfigured(_)
            | Self::TimedOut
            | Self::TooLarge => self.clone().reason(),
            Self::NotFound
            | Self::NotDeployed(_)
            | Self::Unauthorized
            | Self::Challenged(_)
            | Self::Authorizer(_)
            | Self::Forbidden(_)
            | Self::ApiKey(_)
            | Self::Quota
            | Self::UriTooLong
            | Self::TooMany
            | Self::BadRequest(_)
            | Self::Unresolved(_)
            | Self::BadBody(_)
            | Self::MediaType
            | Self::Refused(_)
            | Self::Busy(_) => None,
        }
    }

    /// The one place that maps faults to what is told of them.
    fn told(&self) -> Told<'_> {
        const FAILED: (u16, Cow<'static, str>) =
            (500, Cow::Borrowed(r#"{"message":"Internal Server Error"}"#));
        const UNAVAILABLE: (u16, Cow<'static, str>) =
            (503, Cow::Borrowed(r#"{"message":"Service Unavailable"}"#));
        const NOT_FOUND: (u16, Cow<'static, str>) = (404, Cow::Borrowed(r#"{"message":"Not Found"}"#));
        const BAD_REQUEST: (u16, Cow<'static, str>) = (400, Cow::Borrowed(r#"{"message":"Bad Request"}"#));
        const TOO_LARGE: (u16, Cow<'static, str>) =
            (413, Cow::Borrowed(r#"{"message":"Request Entity Too Large"}"#));
        let (http, handshake, frame, rest) = match self {
            Self::NotFound => (
                NOT_FOUND,
                (403, "Forbidden"),
                "Forbidden",
                (&refusal::MISSING_TOKEN, "Missing Authentication Token"),
            ),
            Self::NotDeployed(why) => (
                (404, Cow::Owned(format!("{{\"message\": {}}}", serde_json::Value::from(why.as_str())))),
                (403, "Forbidden"),
                "Forbidden",
                (&refusal::NOT_DEPLOYED, &**why),
            ),
            Self::Unauthorized | Self::Challenged(_) => (
                (401, Cow::Borrowed(r#"{"message":"Unauthorized"}"#)),
                (401, "Unauthorized"),
                "Unauthorized",
                (&refusal::UNAUTHORIZED, "Unauthorized"),
            ),
            Self::Forbidden(_) | Self::ApiKey(_) => (
                (403, Cow::Borrowed(r#"{"message":"Forbidden"}"#)),
                (403, "Forbidden"),
                "Forbidden",
                (&refusal::FORBIDDEN, "Forbidden"),
            ),
            Self::BadRequest(why) => {
                (BAD_REQUEST, (400, &**why), "Bad request", (&refusal::BAD_PARAMETERS, &**why))
            }
            Self::Unresolved(why) => {
                ((400, message(why)), (400, &**why), "Bad request", (&refusal::BAD_PARAMETERS, &**why))
            }
            Self::BadBody(_) => (
                BAD_REQUEST,
                (400, "Bad request body"),
                "Bad request body",
                (&refusal::BAD_BODY, "Invalid request body"),
            ),
            Self::MediaType => (
                (415, Cow::Borrowed(r#"{"message":"Unsupported Media Type"}"#)),
                (415, "Unsupported Media Type"),
                "Bad request",
                (&refusal::MEDIA_TYPE, "Unsupported Media Type"),
            ),
            Self::TooLarge => (
                TOO_LARGE,
                (413, "Request Entity Too Large"),
                INTERNAL,
                (&refusal::TOO_LARGE, "Request Too Long"),
            ),
            Self::UriTooLong => (
                (414, Cow::Borrowed(r#"{"message":"Request URI too long"}"#)),
                (414, "Request URI too long"),
                "Bad request",
                (&refusal::TOO_LARGE, "Request URI too long"),
            ),
            Self::Authorizer(_) => (FAILED, (500, INTERNAL), INTERNAL, (&refusal::MISCONFIGURED, INTERNAL)),
            Self::NotConfigured(why) => {
                ((501, message(why)), (500, INTERNAL), INTERNAL, (&refusal::MISCONFIGURED, INTERNAL))
            }
            Self::TooMany => (
                (429, Cow::Borrowed(r#"{"message":"Too Many Requests"}"#)),
                (429, "Too Many Requests"),
                "Too Many Requests",
                (&refusal::THROTTLED, "Too Many Requests"),
            ),
            Self::Quota => (
                (429, Cow::Borrowed(r#"{"message":"Limit Exceeded"}"#)),
                (429, "Limit Exceeded"),
                "Limit Exceeded",
                (&refusal::QUOTA_EXCEEDED, "Limit Exceeded"),
            ),
            Self::Integration(_) => (FAILED, (500, INTERNAL), INTERNAL, (&refusal::MISCONFIGURED, INTERNAL)),
            Self::Answer(_) => (FAILED, (502, INTERNAL), INTERNAL, (&refusal::FAILED, INTERNAL)),
            Self::Unconnected(_) => {
                (UNAVAILABLE, (502, INTERNAL), INTERNAL, (&refusal::MISCONFIGURED, INTERNAL))
            }
            Self::Refused(status) => {
                (FAILED, (*status, message_of(*status)), INTERNAL, (&refusal::FAILED, INTERNAL))
            }
            Self::TimedOut => (
                UNAVAILABLE,
                (504, "Endpoint request timed out"),
                "Endpoint request timed out",
                (&refusal::TIMED_OUT, "Endpoint request timed out"),
            ),
            Self::Unreachable(_) => (
                UNAVAILABLE,
                (502, INTERNAL),
                INTERNAL,
                (&refusal::UNREACHABLE, "Network error communicating with endpoint"),
            ),
            Self::Throttled(_) => {
                (UNAVAILABLE, (502, INTERNAL), INTERNAL, (&refusal::MISCONFIGURED, INTERNAL))
            }
            Self::Busy(_) => (
                UNAVAILABLE,
                (429, "Too Many Requests"),
                "Too Many Requests",
                (&refusal::THROTTLED, "Too Many Requests"),
            ),
        };
        Told { http, handshake, frame, rest }
    }

    /// What the answer does not say: for the log.
    pub fn reason(self) -> Option<String> {
        match self {
            Self::NotFound | Self::NotDeployed(_) | Self::Unauthorized | Self::Refused(_) => None,
            Self::MediaType => Some("no template is for the content type, and nothing passes without".into()),
            Self::TooLarge => Some("the event is larger than the 6 MB that a function may get".into()),
            Self::TooMany => Some("more requests than throttling lets the route take".into()),
            Self::Quota => Some("the API key has been used as often as its usage plan lets it".into()),
            Self::UriTooLong => {
                Some("the ARN of the request is longer than the 1,600 bytes that it may have".into())
            }
            Self::TimedOut => Some("the integration did not answer in time".into()),
            Self::Challenged(challenge) => Some(challenge.reason()),
            Self::Authorizer(reason) => Some(format!("the authorizer failed: {reason}")),
            Self::Forbidden(reason)
            | Self::ApiKey(reason)
            | Self::BadRequest(reason)
            | Self::Unresolved(reason)
            | Self::BadBody(reason)
            | Self::NotConfigured(reason)
            | Self::Integration(reason)
            | Self::Answer(reason)
            | Self::Unconnected(reason)
            | Self::Unreachable(reason)
            | Self::Throttled(reason) => Some(reason),
            Self::Busy(reason) => Some(reason.into()),
        }
    }
}

/// The body that says no more than a message.
fn message(text: &str) -> Cow<'static, str> {
    serde_json::json!({ "message": text }).to_string().into()
}

/// What a handshake that was refused with this status says.
fn message_of(status: u16) -> &'static str {
    match status {
        500.. => INTERNAL,
        status => reason(status),
    }
}

fn refusal(status: u16, body: Vec<u8>) -> Response {
    let mut response = Response::json(status, body);
    let kind = match status {
        401 => Some("UnauthorizedException"),
        403 => Some("ForbiddenException"),
        429 => Some("LimitExceededException"),
        500.. => Some("InternalServerErrorException"),
        _ => None,
    };
    if let Some(kind) = kind {
        response.header("x-amzn-ErrorType", kind);
    }
    response
}

//! [`Fault`]: why a request is not served, and what its client is told.

use bytes::Bytes;

use super::json;
use crate::proto::http1::Response;
use crate::proto::http1::response::reason;

/// Whose fault it is stands in the comments; what the client sees of it in [`Fault::told`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The client's: no such api, stage, deployment or route.
    NotFound,
    /// The client's: it does not say who it is.
    Unauthorized,
    /// The client's: it may not.
    Forbidden(String),
    /// The client's: the request lacks what it must have, as the message says.
    BadRequest(String),
    /// The client's: the message does not look as it must.
    BadBody(String),
    /// The client's: the request makes an event that is larger than a function may get.
    TooLarge,
    /// The integration's: missing, not permitted, or it can't be asked for what it should be.
    Integration(String),
    /// The integration's: it failed, or its answer is none.
    Answer(String),
    /// The integration's: it refuses a handshake with this status.
    Refused(u16),
    /// The integration's: not in time.
    TimedOut,
    /// The integration's: it can't be reached, or takes no more.
    Unreachable(String),
    /// Ours: as many exchanges as there may be, or stopping.
    Busy(&'static str),
}

/// What clients are told, by what they speak.
struct Told<'a> {
    /// A client of an HTTP API, in JSON. There are no 502 and 504 among them, unlike REST APIs.
    http: (u16, &'static str),
    /// A client that wants to speak WebSocket.
    handshake: (u16, &'a str),
    /// A client that does.
    frame: &'static str,
}

/// What AWS's own messages say.
const INTERNAL: &str = "Internal server error";

impl Fault {
    /// What the client of an HTTP API is told.
    pub fn response(&self) -> Response {
        let (status, body) = self.told().http;
        Response::json(status, body)
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

    /// The one place that maps faults to what is told of them.
    fn told(&self) -> Told<'_> {
        const FAILED: (u16, &str) = (500, r#"{"message":"Internal Server Error"}"#);
        const UNAVAILABLE: (u16, &str) = (503, r#"{"message":"Service Unavailable"}"#);
        let (http, handshake, frame) = match self {
            Self::NotFound => ((404, r#"{"message":"Not Found"}"#), (403, "Forbidden"), "Forbidden"),
            Self::Unauthorized => {
                ((401, r#"{"message":"Unauthorized"}"#), (401, "Unauthorized"), "Unauthorized")
            }
            Self::Forbidden(_) => ((403, r#"{"message":"Forbidden"}"#), (403, "Forbidden"), "Forbidden"),
            Self::BadRequest(why) => ((400, r#"{"message":"Bad Request"}"#), (400, &**why), "Bad request"),
            Self::BadBody(_) => {
                ((400, r#"{"message":"Bad Request"}"#), (400, "Bad request body"), "Bad request body")
            }
            Self::TooLarge => (
                (413, r#"{"message":"Request Entity Too Large"}"#),
                (413, "Request Entity Too Large"),
                INTERNAL,
            ),
            Self::Integration(_) => (FAILED, (500, INTERNAL), INTERNAL),
            Self::Answer(_) => (FAILED, (502, INTERNAL), INTERNAL),
            Self::Refused(status) => (FAILED, (*status, message_of(*status)), INTERNAL),
            Self::TimedOut => {
                (UNAVAILABLE, (504, "Endpoint request timed out"), "Endpoint request timed out")
            }
            Self::Unreachable(_) => (UNAVAILABLE, (502, INTERNAL), INTERNAL),
            Self::Busy(_) => (UNAVAILABLE, (429, "Too Many Requests"), "Too Many Requests"),
        };
        Told { http, handshake, frame }
    }

    /// What the answer does not say: for the log.
    pub fn reason(self) -> Option<String> {
        match self {
            Self::NotFound | Self::Unauthorized | Self::Refused(_) => None,
            Self::TooLarge => Some("the event is larger than the 6 MB that a function may get".into()),
            Self::TimedOut => Some("the integration did not answer in time".into()),
            Self::Forbidden(reason)
            | Self::BadRequest(reason)
            | Self::BadBody(reason)
            | Self::Integration(reason)
            | Self::Answer(reason)
            | Self::Unreachable(reason) => Some(reason),
            Self::Busy(reason) => Some(reason.into()),
        }
    }
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

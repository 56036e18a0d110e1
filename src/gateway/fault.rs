//! [`Fault`]: why a request is not served, and what its client is told.

use crate::proto::http1::Response;

/// Whose fault it is stands in the comments; what the client sees of it in [`Fault::response`] alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The client's: no such api, stage, deployment or route.
    NotFound,
    /// The client's: it may not.
    Forbidden,
    /// The client's: the request makes an event that is larger than a function may get.
    TooLarge,
    /// The integration's: missing, not permitted, failed, or its answer is none.
    Integration(String),
    /// The integration's: not in time.
    TimedOut,
    /// The integration's: it can't be reached, or takes no more.
    Unreachable(String),
    /// Ours: as many exchanges as there may be, or stopping.
    Busy(&'static str),
}

impl Fault {
    /// What the client of an HTTP API is told. There are no 502 and 504 among them, unlike REST APIs.
    pub fn response(&self) -> Response {
        let (status, body) = match self {
            Self::NotFound => (404, r#"{"message":"Not Found"}"#),
            Self::Forbidden => (403, r#"{"message":"Forbidden"}"#),
            Self::TooLarge => (413, r#"{"message":"Request Entity Too Large"}"#),
            Self::Integration(_) => (500, r#"{"message":"Internal Server Error"}"#),
            Self::TimedOut | Self::Unreachable(_) | Self::Busy(_) => {
                (503, r#"{"message":"Service Unavailable"}"#)
            }
        };
        Response::json(status, body)
    }

    /// What the answer does not say: for the log.
    pub fn reason(self) -> Option<String> {
        match self {
            Self::NotFound => None,
            Self::Forbidden => {
                Some("the route asks for an authorization that gatelet does not have yet".into())
            }
            Self::TooLarge => Some("the event is larger than the 6 MB that a function may get".into()),
            Self::TimedOut => Some("the integration did not answer in time".into()),
            Self::Integration(reason) | Self::Unreachable(reason) => Some(reason),
            Self::Busy(reason) => Some(reason.into()),
        }
    }
}

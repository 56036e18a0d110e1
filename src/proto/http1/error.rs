//! Why a request cannot be read, and what its sender is told.

use super::Response;

/// Why a request cannot be read; the connection closes after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is no HTTP/1 request, or one that could be read in two ways.
    Malformed(&'static str),
    /// The request line alone exceeds the limit of the head.
    TargetTooLong,
    /// Request line and headers exceed the limit.
    HeadTooLarge,
    /// More headers than the limit.
    TooManyHeaders,
    /// The body exceeds the limit.
    BodyTooLarge,
    /// It expects something that we do not know.
    Expectation,
    /// It asks for something of HTTP that we do not have.
    Unimplemented(&'static str),
    /// It is of another major version of HTTP.
    Version,
}

impl Error {
    /// What the client is told.
    pub fn status(self) -> u16 {
        self.told().0
    }

    /// The answer; the connection closes after it.
    pub fn response(self) -> Response {
        let (status, message) = self.told();
        Response::json(status, format!("{{\"message\":\"{message}\"}}"))
    }

    /// Status and message: the one place that maps errors to them. Messages are free of what JSON escapes.
    fn told(self) -> (u16, &'static str) {
        match self {
            Self::Malformed(why) => (400, why),
            Self::TargetTooLong => (414, "the request line is too long"),
            Self::HeadTooLarge => (431, "request line and headers are too large"),
            Self::TooManyHeaders => (431, "too many headers"),
            // As API Gateway says it.
            Self::BodyTooLarge => (413, "Request Entity Too Large"),
            Self::Expectation => (417, "the only expectation we know is 100-continue"),
            Self::Unimplemented(what) => (501, what),
            Self::Version => (505, "only HTTP/1.0 and HTTP/1.1 are spoken here"),
        }
    }
}

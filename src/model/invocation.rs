//! How an invocation of a function ended: what the pool says to whoever asked.

use bytes::Bytes;

/// The end of an invocation that a worker took.
#[derive(Clone, Debug, PartialEq)]
pub struct Invoked {
    /// The function's payload; on an error, Lambda's error object as JSON.
    pub payload: Bytes,
    /// Whether `payload` is an error: what `X-Amz-Function-Error` says.
    pub error: Option<FunctionError>,
    /// The last 4 KB of what was printed, for `LogType=Tail`.
    pub log_tail: Vec<u8>,
    /// The Lambda request id.
    pub request_id: String,
}

/// `X-Amz-Function-Error`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionError {
    /// `Unhandled`: thrown, timed out, crashed, too large, could not start.
    Unhandled,
}

/// Why an invocation never reached a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The function's concurrency or our queue is used up: `TooManyRequestsException` and its `Reason`.
    Throttled(&'static str),
    /// gatelet is stopping.
    Stopping,
}

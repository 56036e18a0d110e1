//! What Lambda says when a function's environment failed rather than its code: the error object of the answer,
//! and what the report line adds. The shapes are those that AWS answers today.

use std::time::Duration;

use bytes::Bytes;

use super::{Exit, MAX_RESPONSE};
use crate::base::clock;

/// Why an invocation has no answer of the function's own.
#[derive(Clone, Debug)]
pub(super) enum Failure {
    /// It took longer than the function's timeout, or its start longer than it may.
    TimedOut(Duration),
    /// The process ended.
    Exited(Exit),
    /// The process never ran; the text is for the user.
    NotStarted(String),
    /// The worker said itself why it could not initialize.
    Init(Bytes),
    /// The answer is larger than [`MAX_RESPONSE`].
    TooLarge,
}

impl Failure {
    /// Lambda's error object.
    pub(super) fn payload(&self, request_id: &str) -> Bytes {
        match self {
            Self::TimedOut(after) => {
                let seconds = after.as_secs_f64();
                error(
                    self.kind(),
                    &format!("RequestId: {request_id} Error: Task timed out after {seconds:.2} seconds"),
                )
            }
            Self::Exited(exit) => {
                error(self.kind(), &format!("RequestId: {request_id} Error: {}", reason(*exit)))
            }
            Self::NotStarted(why) => error(self.kind(), why),
            Self::Init(said) => said.clone(),
            Self::TooLarge => error(self.kind(), &too_large()),
        }
    }

    /// What the function's log says of it; empty where the worker has said so itself.
    pub(super) fn last_words(&self, unix_ms: u64, request_id: &str) -> String {
        match self {
            Self::TimedOut(after) => {
                let (mut time, ms) = (clock::iso8601(unix_ms / 1000), unix_ms % 1000);
                time.truncate(time.len() - 1);
                let seconds = after.as_secs_f64();
                format!("{time}.{ms:03}Z {request_id} Task timed out after {seconds:.2} seconds")
            }
            Self::Exited(exit) => format!("RequestId: {request_id} Error: {}", reason(*exit)),
            Self::NotStarted(why) => why.clone(),
            Self::Init(_) => String::new(),
            Self::TooLarge => too_large(),
        }
    }

    /// `errorType`
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::TimedOut(_) => "Sandbox.Timedout",
            Self::Exited(_) => "Runtime.ExitError",
            Self::NotStarted(_) => "Runtime.InvalidEntrypoint",
            Self::Init(_) => "Runtime.InitError",
            Self::TooLarge => "Function.ResponseSizeTooLarge",
        }
    }
}

fn error(kind: &str, message: &str) -> Bytes {
    let message = serde_json::Value::from(message);
    format!("{{\"errorType\":\"{kind}\",\"errorMessage\":{message}}}").into()
}

fn too_large() -> String {
    format!("Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).")
}

/// In the words of Go's `os.ProcessState`, which Lambda shows as they are.
fn reason(exit: Exit) -> String {
    match exit {
        Exit::Code(0) | Exit::Closed => "Runtime exited without providing a reason".into(),
        Exit::Code(code) => format!("Runtime exited with error: exit status {code}"),
        Exit::Signal(signal) => match SIGNALS.iter().find(|(number, _)| *number == signal) {
            Some((_, name)) => format!("Runtime exited with error: signal: {name}"),
            None => format!("Runtime exited with error: signal: signal {signal}"),
        },
    }
}

/// The signals that end processes and have one number on all Unix systems that we run on.
const SIGNALS: [(i32, &str); 11] = [
    (1, "hangup"),
    (2, "interrupt"),
    (3, "quit"),
    (4, "illegal instruction"),
    (5, "trace/breakpoint trap"),
    (6, "aborted"),
    (8, "floating point exception"),
    (9, "killed"),
    (11, "segmentation fault"),
    (13, "broken pipe"),
    (15, "terminated"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_objects() {
        for (failure, expected) in [
            (
                Failure::TimedOut(Duration::from_secs(3)),
                r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id Error: Task timed out after 3.00 seconds"}"#,
            ),
            (
                Failure::Exited(Exit::Code(127)),
                r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited with error: exit status 127"}"#,
            ),
            (
                Failure::Exited(Exit::Code(0)),
                r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited without providing a reason"}"#,
            ),
            (
                Failure::Exited(Exit::Signal(9)),
                r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited with error: signal: killed"}"#,
            ),
            (
                Failure::Exited(Exit::Signal(77)),
                r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited with error: signal: signal 77"}"#,
            ),
            (
                Failure::NotStarted("no \"node\"".into()),
                r#"{"errorType":"Runtime.InvalidEntrypoint","errorMessage":"no \"node\""}"#,
            ),
            (Failure::Init(Bytes::from_static(b"{\"errorType\":\"x\"}")), r#"{"errorType":"x"}"#),
            (
                Failure::TooLarge,
                r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#,
            ),
        ] {
            assert_eq!(failure.payload("id"), expected.as_bytes());
        }
    }

    #[test]
    fn last_words() {
        for (failure, expected) in [
            (
                Failure::TimedOut(Duration::from_secs(3)),
                "2025-04-14T22:13:56.073Z id Task timed out after 3.00 seconds",
            ),
            (Failure::Exited(Exit::Code(1)), "RequestId: id Error: Runtime exited with error: exit status 1"),
            (Failure::NotStarted("why".into()), "why"),
            (Failure::Init(Bytes::new()), ""),
        ] {
            assert_eq!(failure.last_words(1_744_668_836_073, "id"), expected);
        }
    }
}

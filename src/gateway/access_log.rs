//! Lines of access logs: what a stage's format makes of a request and of what became of it.
//!
//! A stage without one costs a look at an `Option`.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;

use super::context::{Arrival, Who};
use super::effect::{Answer, Effect};
use super::exchange::{Journey, RequestId, Step};
use super::fault::Fault;
use super::result::{Field, Fields};
use super::{Engine, HttpWay, Peer};
use crate::base::Now;
use crate::live::access_log::{AccessLog, Format, Outcome, Part, Variable};
use crate::model::api::PayloadFormat;
use crate::model::invocation::Refused;
use crate::model::logs::MAX_EVENT;
use crate::proto::http1::{Request, Response};

/// What has no value.
const NOTHING: &str = "-";

/// What is noted of a request whose stage has an access log, while it is on its way.
#[derive(Default)]
pub(super) struct Notes {
    /// When the integration was asked.
    asked: Option<Instant>,
    /// When it answered.
    answered: Option<Instant>,
    /// Of Lambda's own answer, or of the back end's.
    status: Option<u16>,
    returned: Returned,
    request_id: Option<Box<str>>,
    second_id: Option<Box<str>>,
}

/// What a function or a back end returned, as far as its status goes.
#[derive(Default)]
enum Returned {
    #[default]
    Nothing,
    /// A function's result, which is read if a line asks for it.
    Result(PayloadFormat, Bytes),
    Status(u16),
}

/// What became of a request.
pub(super) struct Ended<'a> {
    /// Of the response.
    pub(super) status: u16,
    /// Bytes of its body.
    pub(super) sent: usize,
    /// Bytes of the request's body.
    pub(super) received: usize,
    /// When it began,
    pub(super) began: Now,
    /// and when it ended.
    pub(super) now: Now,
    /// What went wrong.
    pub(super) failure: Option<Failure<'a>>,
    pub(super) notes: &'a Notes,
}

/// What went wrong, as a kind of api tells it.
#[derive(Clone, Copy)]
pub(super) struct Failure<'a> {
    pub(super) fault: &'a Fault,
    /// What the client was told.
    pub(super) message: &'a str,
    /// Which gateway response it was.
    pub(super) kind: &'static str,
}

impl Engine {
    /// Writes a line into a stage's access log.
    pub(super) fn log<'c>(
        &mut self,
        log: &Arc<AccessLog>,
        ended: &Ended<'_>,
        context: impl Fn(&str) -> Option<Cow<'c, str>>,
    ) {
        let line = ended.line(&log.format, context);
        self.effects.push_back(Effect::Log { log: Arc::clone(log), line });
    }

    /// What became of a request to an HTTP API goes into its stage's access log, if it has one.
    pub(super) fn log_http(
        &mut self,
        now: Now,
        journey: &Journey,
        response: &Response,
        fault: Option<&Fault>,
    ) {
        let (Some(log), Some(notes)) = (&journey.stage.access_log, journey.notes.as_deref()) else { return };
        let message = fault.map(|_| message(response)).unwrap_or_default();
        let ended = Ended {
            status: response.status,
            sent: response.body.len(),
            received: journey.request.body().len(),
            began: journey.began,
            now,
            failure: fault.map(|fault| of_http(fault, &message)),
            notes,
        };
        self.log(log, &ended, |name| journey.context(name));
    }

    /// The same of one that no route is for.
    pub(super) fn log_unrouted(
        &mut self,
        now: Now,
        way: &HttpWay<'_>,
        peer: &Peer,
        id: &RequestId,
        request: &Request,
        response: &Response,
    ) {
        let Some((stage, log)) = way.stage.and_then(|stage| Some((stage, stage.access_log.as_ref()?))) else {
            return;
        };
        let arrival = Arrival {
            request,
            who: Who { ip: peer.ip.to_canonical(), channel: &peer.channel },
            began: now,
            api: way.api,
            stage,
            route: None,
            behind_stage: way.behind_stage,
            mapped: way.mapped,
            domain: way.domain.as_deref().unwrap_or(request.host()),
            id,
        };
        let message = message(response);
        let ended = Ended {
            status: response.status,
            sent: response.body.len(),
            received: request.body().len(),
            began: now,
            now,
            // A preflight is answered where no route is.
            failure: (response.status == 404).then(|| of_http(&Fault::NotFound, &message)),
            notes: &Notes::default(),
        };
        self.log(log, &ended, |name| arrival.context(name));
    }
}

impl Notes {
    /// Something was asked, and is waited for.
    pub(super) fn asked(&mut self, now: Now, step: Step) {
        match step {
            Step::Invoking(_) | Step::Fetching => self.asked = Some(now.instant),
            Step::Authorizing | Step::Discovering | Step::Pushing => {}
        }
    }

    /// An answer has come.
    pub(super) fn answered(&mut self, now: Now, step: Step, answer: &Answer) {
        match (step, answer) {
            (Step::Authorizing | Step::Discovering | Step::Pushing, _) => return,
            (Step::Invoking(format), Answer::Invoked(Ok(invoked))) => {
                self.status = Some(200);
                self.request_id = Some(invoked.request_id.as_str().into());
                if invoked.error.is_none() {
                    self.returned = Returned::Result(format, invoked.payload.clone());
                }
            }
            (Step::Invoking(_) | Step::Fetching, Answer::Invoked(Err(Refused::Throttled(_)))) => {
                self.status = Some(429);
            }
            (Step::Invoking(_) | Step::Fetching, Answer::Fetched(Ok(reply))) => {
                self.status = Some(reply.status());
                self.returned = Returned::Status(reply.status());
                let header = |names: &[&str]| {
                    let mut headers = reply.headers();
                    let found = headers.find(|(name, _)| names.iter().any(|n| name.eq_ignore_ascii_case(n)));
                    found.map(|(_, value)| String::from_utf8_lossy(value).into())
                };
                self.request_id = header(&["x-amz-request-id", "x-amzn-requestid"]);
                self.second_id = header(&["x-amz-id-2"]);
            }
            (
                Step::Invoking(_) | Step::Fetching,
                Answer::Invoked(Ok(_) | Err(Refused::Stopping)) | Answer::Fetched(Err(_)) | Answer::Pushed(_),
            ) => {}
        }
        self.answered = Some(now.instant);
    }

    /// The status that the function or the back end returned.
    fn returned(&self) -> Option<Cow<'_, str>> {
        match &self.returned {
            Returned::Nothing => None,
            Returned::Status(status) => Some(status.to_string().into()),
            Returned::Result(format, payload) => {
                let status = Fields::parse(payload).and_then(|fields| fields.get("statusCode"));
                match (status, format) {
                    (Some(Field::Scalar(status)), _) => Some(status),
                    // Then the payload is a body.
                    (None, PayloadFormat::V2) => Some("200".into()),
                    (Some(Field::Null | Field::Object(_) | Field::List(_)) | None, _) => None,
                }
            }
        }
    }
}

impl Ended<'_> {
    /// The line, at most [`MAX_EVENT`] long. `context` has what was known of the request before.
    fn line<'c>(&self, format: &Format, context: impl Fn(&str) -> Option<Cow<'c, str>>) -> String {
        let mut line = String::with_capacity(256);
        for part in &format.0 {
            match part {
                Part::Text(text) => line.push_str(text),
                Part::Variable(Variable::Request(name)) => {
                    let value = context(name).filter(|value| !value.is_empty());
                    line.push_str(value.as_deref().unwrap_or(NOTHING));
                }
                Part::Variable(Variable::Outcome(outcome)) => self.write(&mut line, *outcome),
            }
            if line.len() > MAX_EVENT {
                line.truncate(line.floor_char_boundary(MAX_EVENT));
                break;
            }
        }
        line
    }

    fn write(&self, line: &mut String, outcome: Outcome) {
        let notes = self.notes;
        let number = |line: &mut String, number: Option<u64>| match number {
            Some(number) => write!(line, "{number}").expect("a string takes all"),
            None => line.push_str(NOTHING),
        };
        let text = |line: &mut String, text: Option<&str>| {
            line.push_str(text.filter(|text| !text.is_empty()).unwrap_or(NOTHING));
        };
        let told = self.failure.map(|failure| failure.message);
        match outcome {
            Outcome::Status => number(line, Some(self.status.into())),
            Outcome::ResponseLength => number(line, Some(self.sent as u64)),
            Outcome::ResponseLatency => {
                number(line, Some(milliseconds(self.began.instant, self.now.instant)))
            }
            Outcome::DataProcessed => number(line, Some((self.sent + self.received) as u64)),
            Outcome::ErrorMessage => text(line, told),
            Outcome::ErrorMessageString => match told {
                Some(message) => line.push_str(&serde_json::Value::from(message).to_string()),
                None => line.push_str(NOTHING),
            },
            Outcome::ErrorResponseType => text(line, self.failure.map(|failure| failure.kind)),
            Outcome::IntegrationError => {
                text(line, self.failure.and_then(|failure| failure.fault.of_integration()).as_deref());
            }
            Outcome::AuthorizerError => {
                text(line, self.failure.and_then(|failure| failure.fault.of_authorizer()).as_deref());
            }
            Outcome::ServiceStatus => number(line, notes.status.map(u64::from)),
            Outcome::ReturnedStatus => text(line, notes.returned().as_deref()),
            Outcome::IntegrationLatency => {
                // What never answered took until the end.
                let until = notes.answered.unwrap_or(self.now.instant);
                number(line, notes.asked.map(|asked| milliseconds(asked, until)));
            }
            Outcome::IntegrationRequestId => text(line, notes.request_id.as_deref()),
            Outcome::SecondRequestId => text(line, notes.second_id.as_deref()),
        }
    }
}

fn of_http<'a>(fault: &'a Fault, message: &'a str) -> Failure<'a> {
    Failure { fault, message, kind: fault.response_type() }
}

/// What a response of our own says is wrong.
fn message(response: &Response) -> String {
    match Fields::parse(&response.body).and_then(|fields| fields.get("message")) {
        Some(Field::Scalar(message)) => message.into_owned(),
        Some(Field::Null | Field::Object(_) | Field::List(_)) | None => String::new(),
    }
}

fn milliseconds(from: Instant, to: Instant) -> u64 {
    to.saturating_duration_since(from).as_millis() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_no_longer_than_an_event() {
        let now = Now { instant: Instant::now(), unix_ms: 0 };
        let fault = Fault::Answer("ä".repeat(MAX_EVENT));
        let failure = Some(Failure { fault: &fault, message: "", kind: "" });
        let notes = &Notes::default();
        let ended = Ended { status: 500, sent: 0, received: 0, began: now, now, failure, notes };
        let format = Format::parse("x $context.integration.error $context.status");
        let line = ended.line(&format, |_| None);
        // Two bytes each, behind two others.
        assert_eq!((line.len(), line.chars().last()), (MAX_EVENT, Some('ä')));
        assert_eq!(Ended { failure: None, ..ended }.line(&format, |_| None), "x - 500");
    }
}

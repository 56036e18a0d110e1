//! Events of one stream: put and got.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{EXTRACT, INVALID, MAX_ANSWER, MAX_EVENTS, invalid, name, no_group, no_stream};
use crate::control::Control;
use crate::control::answer::{Answer, Error};
use crate::control::call::Call;
use crate::control::constraints::Constraints;
use crate::control::input::Input;
use crate::model::logs::{Event, MAX_EVENT};

/// AWS: what each event is counted as besides its bytes.
const OVERHEAD: usize = 26;

/// AWS: events of one call, and their bytes together.
const MAX_BATCH: usize = 10_000;
const MAX_BATCH_BYTES: usize = 1024 * 1024;

/// AWS: "The batch of events can't span more than 24 hours",
const MAX_SPAN_MS: u64 = 24 * 60 * 60 * 1000;

/// "none of the log events can be older than 14 days",
const MAX_AGE_MS: u64 = 14 * MAX_SPAN_MS;

/// and "none can be more than 2 hours in the future".
const MAX_AHEAD_MS: u64 = 2 * 60 * 60 * 1000;

/// PutLogEvents. Events that are too old or too new are left out, and the answer says which.
pub fn put(control: &Control, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let (group, stream) = (name::group(&input)?, Arc::<str>::from(name::stream(&input)?));
    let said = input.structures("logEvents")?;
    let mut constraints = Constraints::default();
    constraints.check(!said.is_empty(), "[]", "logEvents", "have length greater than or equal to 1");
    constraints.check(said.len() <= MAX_BATCH, "[…]", "logEvents", "have length less than or equal to 10000");
    constraints.end_as(INVALID)?;
    let (mut events, mut bytes) = (Vec::with_capacity(said.len()), 0);
    for event in &said {
        let (time, message) = (event.integer("timestamp", 0..=i64::MAX)?, event.text("message")?);
        let (Some(time), Some(message)) = (time, message.filter(|message| !message.is_empty())) else {
            return Err(invalid("Each log event needs a timestamp and a message that is not empty"));
        };
        bytes += message.len() + OVERHEAD;
        if message.len() > MAX_EVENT {
            return Err(invalid(format!(
                "Log event too large: {} bytes exceeds limit of {MAX_EVENT}",
                message.len()
            )));
        }
        let time_ms = u64::try_from(time).unwrap_or_default();
        if events.last().is_some_and(|last: &Event| last.time_ms > time_ms) {
            return Err(invalid(
                "Log events in a single PutLogEvents request must be in chronological order.",
            ));
        }
        let (stream, ingested_ms) = (Arc::clone(&stream), call.now.unix_ms);
        events.push(Event { stream, time_ms, ingested_ms, message: message.into() });
    }
    if bytes > MAX_BATCH_BYTES {
        return Err(invalid(format!("Upload too large: {bytes} bytes exceeds limit of {MAX_BATCH_BYTES}")));
    }
    let span = events.last().map_or(0, |last| last.time_ms) - events.first().map_or(0, |first| first.time_ms);
    if span > MAX_SPAN_MS {
        return Err(invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        ));
    }
    let now = call.now.unix_ms;
    let too_old = events.partition_point(|event| event.time_ms + MAX_AGE_MS < now);
    let too_new = events.partition_point(|event| event.time_ms <= now + MAX_AHEAD_MS);
    let mut members = json!({ "nextSequenceToken": "1" });
    if too_old > 0 {
        members["rejectedLogEventsInfo"]["tooOldLogEventEndIndex"] = too_old.into();
    }
    if too_new < events.len() {
        members["rejectedLogEventsInfo"]["tooNewLogEventStartIndex"] = too_new.into();
    }
    let mut logs = control.context().logs();
    logs.group(&call.owner, &group).ok_or_else(no_group)?.stream(&stream).ok_or_else(no_stream)?;
    let taken = events.drain(too_old..too_new.max(too_old));
    for event in taken {
        logs.append(&call.owner, &group, event);
    }
    Ok(Answer::ok(members))
}

/// Where to go on, and in which direction: a number of the group's events.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    /// From it on.
    Forward(u64),
    /// From the one before it back.
    Backward(u64),
}

/// GetLogEvents
pub fn get(control: &Control, call: &Call) -> Result<Answer, Error> {
    let input = Input::of(call)?;
    let (group, stream) = (name::group_or_identifier(&input)?, name::stream(&input)?);
    let most = input.integer("limit", i64::MIN..=i64::MAX)?;
    let mut constraints = Constraints::default();
    constraints.range(most, "limit", 1, MAX_EVENTS);
    constraints.end_as(INVALID)?;
    let most = usize::try_from(most.unwrap_or(MAX_EVENTS)).unwrap_or_default();
    let from_head = input.boolean("startFromHead")?.unwrap_or_default();
    let token = match input.text("nextToken")? {
        Some(text) => Token::of(&text).ok_or_else(|| invalid("The specified nextToken is invalid."))?,
        None if from_head => Token::Forward(0),
        None => Token::Backward(u64::MAX),
    };
    let times = Times::of(&input)?;
    let mut found: Vec<(u64, Event)> = Vec::new();
    let (mut at, mut bytes) = (token, 0);
    'reading: loop {
        let extract = {
            let logs = control.context().logs();
            let group = logs.group(&call.owner, &group).ok_or_else(no_group)?;
            group.stream(&stream).ok_or_else(no_stream)?;
            match at {
                Token::Forward(from) => group.after(from, EXTRACT),
                Token::Backward(end) => group.before(end, EXTRACT),
            }
        };
        let Some((last, _)) = extract.last() else { break };
        at = match at {
            Token::Forward(_) => Token::Forward(last + 1),
            Token::Backward(_) => Token::Backward(*last),
        };
        for (number, event) in extract {
            if *event.stream == *stream && times.have(&event) {
                bytes += event.message.len() + OVERHEAD;
                if found.len() == most || (bytes > MAX_ANSWER && !found.is_empty()) {
                    break 'reading;
                }
                found.push((number, event));
            }
        }
    }
    let numbers = || found.iter().map(|(number, _)| *number);
    // A client has seen all when it gets the token that it sent.
    let (forward, backward) = match (numbers().min(), numbers().max(), token) {
        (Some(first), Some(last), _) => (last + 1, first),
        (_, _, Token::Forward(from)) => (from, from),
        (_, _, Token::Backward(end)) => (end, end),
    };
    found.sort_unstable_by_key(|(number, event)| (event.time_ms, *number));
    let shown = |(_, event): &(u64, Event)| {
        json!({
            "timestamp": event.time_ms,
            "message": &*event.message,
            "ingestionTime": event.ingested_ms,
        })
    };
    Ok(Answer::ok(json!({
        "events": found.iter().map(shown).collect::<Vec<Value>>(),
        "nextForwardToken": Token::Forward(forward).text(),
        "nextBackwardToken": Token::Backward(backward).text(),
    })))
}

impl Token {
    /// In AWS's shape: a direction, 56 digits, an `s`.
    fn text(self) -> String {
        match self {
            Self::Forward(number) => format!("f/{number:056}/s"),
            Self::Backward(number) => format!("b/{number:056}/s"),
        }
    }

    fn of(text: &str) -> Option<Self> {
        let number = |digits: &str| digits.strip_suffix("/s")?.parse().ok();
        match text.split_once('/')? {
            ("f", digits) => Some(Self::Forward(number(digits)?)),
            ("b", digits) => Some(Self::Backward(number(digits)?)),
            _ => None,
        }
    }
}

/// `startTime` and `endTime`.
pub struct Times {
    start: Option<u64>,
    end: Option<u64>,
}

impl Times {
    /// What a call says of them.
    pub fn of(input: &Input) -> Result<Self, Error> {
        let time = |name: &str| {
            let said = input.integer(name, i64::MIN..=i64::MAX)?;
            let mut constraints = Constraints::default();
            constraints.range(said, name, 0, i64::MAX);
            constraints.end_as(INVALID)?;
            Ok(said.and_then(|time| u64::try_from(time).ok()))
        };
        Ok(Self { start: time("startTime")?, end: time("endTime")? })
    }

    /// Whether an event lies between them.
    pub fn have(&self, event: &Event) -> bool {
        self.start.is_none_or(|start| event.time_ms >= start)
            && self.end.is_none_or(|end| event.time_ms <= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_read_back() {
        for token in [Token::Forward(0), Token::Backward(7), Token::Forward(u64::MAX)] {
            assert_eq!(Token::of(&token.text()), Some(token));
            assert_eq!(token.text().len(), 60);
        }
        for text in ["", "f/", "f/1", "x/1/s", "f/-1/s", "b/x/s"] {
            assert_eq!(Token::of(text), None, "{text}");
        }
    }
}

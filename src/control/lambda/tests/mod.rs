//! Lambda's operations from the front door on: requests in, answers out, code in a disk in memory.

mod aliases;
mod functions;
mod invocations;
mod layers;
mod permissions;
mod urls;

use std::io::{Cursor, Write};
use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::base::{Now, Published, Rng};
use crate::control::files::memory::Memory;
use crate::control::ports::fake::Fake;
use crate::control::{Control, Done, Invocation, Turn};
use crate::live::Live;
use crate::model::Settings;
use crate::proto::http1::{Framing, Request};

/// A control plane, and its disk.
struct Lambda {
    control: Control,
    disk: Arc<Memory>,
    live: Arc<Published<Live>>,
}

/// An answer, taken apart.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

const FUNCTIONS: &str = "/2015-03-31/functions";
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

impl Lambda {
    /// Nothing in it.
    fn empty() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let disk = Arc::new(Memory::default());
        let live = Arc::new(Published::new(Live::empty(Arc::clone(&settings))));
        let ports = Arc::new(Fake::default());
        let control =
            Control::new(settings, Arc::clone(&live), disk.clone(), ports, Rng::with_seed(7), now());
        Self { control, disk, live }
    }

    /// With a function `f`.
    fn with_f() -> Self {
        let lambda = Self::empty();
        lambda.made(&function("f"));
        lambda
    }

    fn made(&self, function: &Value) -> Value {
        self.said(&format!("POST {FUNCTIONS}"), function, 201)
    }

    fn turn(&self, line: &str, headers: &str, body: &[u8]) -> Turn {
        let length = body.len();
        let mut request =
            format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {length}\r\n\r\n")
                .into_bytes();
        request.extend_from_slice(body);
        self.control.call(now(), Request::of(&request).expect("a request"))
    }

    fn answered(&self, line: &str, body: &[u8]) -> Answer {
        match self.turn(line, "", body) {
            Turn::Done(done) => answer(done),
            Turn::Later(later) => answer(later.run(&self.control)),
            Turn::Invoke(_) | Turn::Reset(_) | Turn::End(_) | Turn::Metrics => {
                panic!("{line} is no plain call")
            }
        }
    }

    /// The members of an answer.
    fn said(&self, line: &str, body: &Value, status: u16) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.answered(line, body.as_bytes());
        assert_eq!(answer.status, status, "{line}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    /// An error, as `status code: message`.
    fn refused(&self, line: &str, body: &Value) -> String {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        refusal(self.answered(line, body.as_bytes()))
    }

    fn invocation(&self, line: &str, headers: &str, body: &[u8]) -> Result<Invocation, Answer> {
        match self.turn(line, headers, body) {
            Turn::Invoke(invocation) => Ok(invocation),
            Turn::Done(done) => Err(answer(done)),
            Turn::Later(_) | Turn::Reset(_) | Turn::End(_) | Turn::Metrics => {
                panic!("{line} is no invocation")
            }
        }
    }
}

fn now() -> Now {
    Now { instant: Instant::now(), unix_ms: 1_744_668_836_573 }
}

fn answer(done: Done) -> Answer {
    let mut bytes = Vec::new();
    let framing = Framing { head_only: false, http10: false, keep_alive: true, date: "" };
    done.response.write(&mut bytes, framing);
    let text = String::from_utf8(bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    Answer { status: done.response.status, head: head.to_lowercase(), body: body.to_owned() }
}

fn refusal(answer: Answer) -> String {
    assert!(answer.status >= 400, "{} {}", answer.status, answer.body);
    let code = answer.head.lines().find_map(|line| line.strip_prefix("x-amzn-errortype: ")).expect("a code");
    let members: Value = serde_json::from_str(&answer.body).expect("JSON");
    let message =
        members.get("message").or(members.get("Message")).and_then(Value::as_str).expect("a message");
    format!("{} {code}: {message}", answer.status)
}

/// CreateFunction's members for a function of this name.
fn function(name: &str) -> Value {
    json!({
        "FunctionName": name,
        "Runtime": "nodejs22.x",
        "Role": "arn:aws:iam::000000000000:role/r",
        "Handler": "index.handler",
        "Code": { "ZipFile": zip("exports.handler = 1") },
    })
}

/// The same, but with these members.
fn but(mut members: Value, others: Value) -> Value {
    for (name, value) in others.as_object().expect("members") {
        members[name] = value.clone();
    }
    members
}

/// A zip with one file, in base64.
fn zip(code: &str) -> String {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("index.js", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(code.as_bytes()).unwrap();
    STANDARD.encode(writer.finish().unwrap().into_inner())
}

/// That `seen` has all that `expected` has.
#[track_caller]
fn has(seen: &Value, expected: Value) {
    for (name, value) in expected.as_object().expect("members") {
        assert_eq!(seen.get(name), Some(value), "{name} of {seen}");
    }
}

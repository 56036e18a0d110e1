//! How a line is spelled. Written by hand rather than by `format!`: a line for each request must cost next to
//! nothing.

use super::{Format, Level, RequestLine, Served};
use crate::base::{Now, clock};

/// Remembers how the last second was spelled.
#[derive(Debug, Default)]
pub(super) struct Clock {
    second: Option<u64>,
    spelled: String,
}

impl Clock {
    /// `2026-11-24T06:20:00`, without what follows it.
    fn second(&mut self, unix_seconds: u64) -> &[u8] {
        if self.second != Some(unix_seconds) {
            self.second = Some(unix_seconds);
            self.spelled = clock::iso8601(unix_seconds);
            self.spelled.pop();
        }
        self.spelled.as_bytes()
    }
}

/// A line whose time and level are written; one of its methods writes the rest.
pub(super) struct Line<'a> {
    out: &'a mut Vec<u8>,
    format: Format,
}

impl<'a> Line<'a> {
    pub(super) fn new(
        out: &'a mut Vec<u8>,
        format: Format,
        clock: &mut Clock,
        now: Now,
        level: Level,
    ) -> Self {
        if format == Format::Json {
            out.extend_from_slice(b"{\"time\":\"");
        }
        out.extend_from_slice(clock.second(now.unix_seconds()));
        out.push(b'.');
        thousandths(out, now.unix_ms % 1000);
        let (text, json) = spelled(level);
        out.extend_from_slice(match format {
            Format::Text => text,
            Format::Json => json,
        });
        Self { out, format }
    }

    pub(super) fn request(mut self, request: &RequestLine<'_>) {
        match self.format {
            Format::Text => self.request_text(request),
            Format::Json => self.request_json(request),
        }
        self.end();
    }

    pub(super) fn event(mut self, target: &str, message: &str) {
        match self.format {
            Format::Text => {
                plain(self.out, target);
                self.out.extend_from_slice(b": ");
                plain(self.out, message);
            }
            Format::Json => {
                self.member(r#","target":""#, target);
                self.member(r#","message":""#, message);
            }
        }
        self.end();
    }

    pub(super) fn function(mut self, function: &str, request_id: Option<&str>, text: &[u8]) {
        let text = String::from_utf8_lossy(text);
        match self.format {
            Format::Text => {
                self.out.extend_from_slice(b"function ");
                plain(self.out, function);
                if let Some(id) = request_id {
                    self.out.push(b' ');
                    plain(self.out, id);
                }
                self.out.extend_from_slice(b": ");
                plain(self.out, &text);
            }
            Format::Json => {
                self.member(r#","target":""#, "function");
                self.member(r#","function":""#, function);
                self.member_if(r#","requestId":""#, request_id);
                self.member(r#","message":""#, &text);
            }
        }
        self.end();
    }

    fn request_text(&mut self, request: &RequestLine<'_>) {
        let out = &mut *self.out;
        plain(out, request.method);
        out.push(b' ');
        plain(out, request.path);
        match request.served {
            Served::Nobody => {}
            Served::Api { api, stage, route } => {
                out.extend_from_slice(b" api=");
                plain(out, api.unwrap_or("-"));
                if let Some(route) = route {
                    out.extend_from_slice(b" route=\"");
                    plain(out, route);
                    out.push(b'"');
                }
                if let Some(stage) = stage {
                    out.extend_from_slice(b" stage=");
                    plain(out, stage);
                }
            }
            Served::Operation { service, operation } => {
                out.push(b' ');
                plain(out, service);
                out.push(b'.');
                plain(out, operation);
            }
        }
        out.push(b' ');
        decimal(out, request.status.into());
        out.push(b' ');
        decimal(out, request.duration_us / 1000);
        out.push(b'.');
        thousandths(out, request.duration_us % 1000);
        out.extend_from_slice(b"ms ");
        decimal(out, request.bytes);
        out.push(b'B');
        if let Some(error) = request.error {
            out.extend_from_slice(b" error=\"");
            plain(out, error);
            out.push(b'"');
        }
    }

    fn request_json(&mut self, request: &RequestLine<'_>) {
        self.member(r#","method":""#, request.method);
        self.member(r#","path":""#, request.path);
        match request.served {
            Served::Nobody => {}
            Served::Api { api, stage, route } => {
                self.member_if(r#","api":""#, api);
                self.member_if(r#","route":""#, route);
                self.member_if(r#","stage":""#, stage);
            }
            Served::Operation { service, operation } => {
                self.member(r#","service":""#, service);
                self.member(r#","operation":""#, operation);
            }
        }
        self.number(r#","status":"#, request.status.into());
        self.number(r#","durationUs":"#, request.duration_us);
        self.number(r#","bytes":"#, request.bytes);
        self.member_if(r#","error":""#, request.error);
    }

    /// `name` is all that stands before the value.
    fn member(&mut self, name: &'static str, value: &str) {
        self.out.extend_from_slice(name.as_bytes());
        json(self.out, value);
        self.out.push(b'"');
    }

    fn member_if(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value {
            self.member(name, value);
        }
    }

    fn number(&mut self, name: &'static str, value: u64) {
        self.out.extend_from_slice(name.as_bytes());
        decimal(self.out, value);
    }

    fn end(self) {
        self.out.extend_from_slice(match self.format {
            Format::Text => b"\n",
            Format::Json => b"}\n",
        });
    }
}

/// What stands between the time and the rest, as text and as JSON.
fn spelled(level: Level) -> (&'static [u8], &'static [u8]) {
    match level {
        Level::Off => (b"Z OFF   ", b"Z\",\"level\":\"OFF\""),
        Level::Error => (b"Z ERROR ", b"Z\",\"level\":\"ERROR\""),
        Level::Warn => (b"Z WARN  ", b"Z\",\"level\":\"WARN\""),
        Level::Info => (b"Z INFO  ", b"Z\",\"level\":\"INFO\""),
        Level::Debug => (b"Z DEBUG ", b"Z\",\"level\":\"DEBUG\""),
        Level::Trace => (b"Z TRACE ", b"Z\",\"level\":\"TRACE\""),
    }
}

/// Text with its control characters escaped: C0 and C1 both move terminals.
pub(super) fn plain(out: &mut Vec<u8>, text: &str) {
    if is_bare(text) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let mut utf8 = [0; 4];
    for c in text.chars() {
        if c.is_control() && c != '\t' {
            c.escape_default().for_each(|c| out.push(c as u8));
        } else {
            out.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
        }
    }
}

/// The inside of a JSON string (RFC 8259 section 7), with C1 escaped too, for those who look at it.
fn json(out: &mut Vec<u8>, text: &str) {
    if is_bare(text) && memchr::memchr2(b'"', b'\\', text.as_bytes()).is_none() {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let mut utf8 = [0; 4];
    for c in text.chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            c if c.is_control() => {
                // Every control character lies below U+00A0.
                out.extend_from_slice(b"\\u00");
                out.extend([c as u8 >> 4, c as u8 & 15].map(|digit| HEX[usize::from(digit)]));
            }
            c => out.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes()),
        }
    }
}

/// Whether all of it is printable ASCII. Folded rather than found, so that it is done many bytes at a time.
fn is_bare(text: &str) -> bool {
    text.bytes().fold(true, |bare, b| bare & matches!(b, b' '..=b'~'))
}

const HEX: &[u8; 16] = b"0123456789abcdef";

fn decimal(out: &mut Vec<u8>, mut number: u64) {
    // 2^64 has 20 digits.
    let (mut digits, mut at) = ([0; 20], 20);
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Three digits of a number below 1000.
fn thousandths(out: &mut Vec<u8>, number: u64) {
    out.extend([number / 100 % 10, number / 10 % 10, number % 10].map(|digit| b'0' + digit as u8));
}

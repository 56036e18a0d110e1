//! What a worker prints: cut into lines, and the last 4 KB of an invocation kept for `LogType=Tail`, between
//! the lines that Lambda itself writes.

use std::sync::Arc;
use std::time::Duration;

/// What `LogType=Tail` returns at most. AWS: 4 KB.
pub(super) const TAIL: usize = 4096;

/// A longer line is cut. CloudWatch Logs: 256 KB an event.
pub(super) const MAX_LINE: usize = 256 * 1024;

/// Some more than a `START`, an `END` and a `REPORT` line take.
const PLATFORM_LINES: usize = 384;

/// The output of one worker.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The name of the log stream that it goes to.
    stream: Arc<str>,
    /// The line that has not ended yet.
    partial: Vec<u8>,
    /// At least the last [`TAIL`] bytes since the invocation began, if so many were printed.
    tail: Vec<u8>,
}

impl Log {
    /// Nothing yet, of this stream.
    pub(super) fn new(stream: Arc<str>) -> Self {
        Self { stream, ..Self::default() }
    }

    /// The name of the log stream.
    pub(super) fn stream(&self) -> &Arc<str> {
        &self.stream
    }

    /// Another invocation begins.
    pub(super) fn begin(&mut self) {
        self.tail.clear();
    }

    /// Takes what was printed; each whole line goes to `line`.
    pub(super) fn print(&mut self, bytes: &[u8], mut line: impl FnMut(Vec<u8>)) {
        self.keep(bytes);
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            self.gather(&rest[..end], &mut line);
            let mut text = std::mem::take(&mut self.partial);
            if text.last() == Some(&b'\r') {
                text.pop();
            }
            line(text);
            rest = &rest[end + 1..];
        }
        self.gather(rest, &mut line);
    }

    /// Ends the line that has not ended, if there is one.
    pub(super) fn flush(&mut self, mut line: impl FnMut(Vec<u8>)) {
        if !self.partial.is_empty() {
            line(std::mem::take(&mut self.partial));
        }
    }

    /// The end of what the invocation printed, between Lambda's own lines; with its last words, if any.
    pub(super) fn tail(&self, report: &Report<'_>, last_words: &str) -> Vec<u8> {
        let mut text = Vec::with_capacity(PLATFORM_LINES + self.tail.len() + last_words.len());
        report.start(&mut text);
        text.push(b'\n');
        text.extend_from_slice(&self.tail);
        if self.tail.last().is_some_and(|byte| *byte != b'\n') {
            text.push(b'\n');
        }
        if !last_words.is_empty() {
            text.extend_from_slice(last_words.as_bytes());
            text.extend_from_slice(b"\n\n");
        }
        report.end(&mut text);
        text.push(b'\n');
        report.report(&mut text);
        text.push(b'\n');
        if text.len() > TAIL {
            text.drain(..text.len() - TAIL);
        }
        text
    }

    /// Appends to the tail. It is cut only when it has doubled, so that each byte moves at most once.
    fn keep(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(TAIL)..];
        self.tail.extend_from_slice(bytes);
        if self.tail.len() >= 2 * TAIL {
            self.tail.drain(..self.tail.len() - TAIL);
        }
    }

    fn gather(&mut self, mut bytes: &[u8], line: &mut impl FnMut(Vec<u8>)) {
        while self.partial.len() + bytes.len() > MAX_LINE {
            let (head, rest) = bytes.split_at(MAX_LINE - self.partial.len());
            self.partial.extend_from_slice(head);
            line(std::mem::take(&mut self.partial));
            bytes = rest;
        }
        self.partial.extend_from_slice(bytes);
    }
}

/// What Lambda's own lines say of an invocation.
pub(super) struct Report<'a> {
    pub(super) request_id: &'a str,
    /// `$LATEST`, or the number.
    pub(super) version: &'a str,
    pub(super) memory_mb: u32,
    /// What the worker took at most, in bytes; `None`: nobody has measured it.
    pub(super) peak: Option<u64>,
    pub(super) duration: Duration,
    /// Of the worker's first invocation: how long its start took.
    pub(super) init: Option<Duration>,
    pub(super) status: Status<'a>,
}

/// How the invocation ended, as the report line says it.
pub(super) enum Status<'a> {
    /// The worker answered, be it with an error.
    Answered,
    /// The function took too long.
    TimedOut,
    /// The environment failed, with this `errorType`.
    Failed(&'a str),
}

impl Report<'_> {
    /// `START RequestId: … Version: $LATEST`
    pub(super) fn start(&self, out: &mut Vec<u8>) {
        for part in ["START RequestId: ", self.request_id, " Version: ", self.version] {
            out.extend_from_slice(part.as_bytes());
        }
    }

    /// `END RequestId: …`
    pub(super) fn end(&self, out: &mut Vec<u8>) {
        for part in ["END RequestId: ", self.request_id] {
            out.extend_from_slice(part.as_bytes());
        }
    }

    /// `REPORT RequestId: …\tDuration: 1.23 ms\t…`. No more memory is said to be used than there is.
    pub(super) fn report(&self, out: &mut Vec<u8>) {
        let mut say = |text: &str| out.extend_from_slice(text.as_bytes());
        say("REPORT RequestId: ");
        say(self.request_id);
        say("\tDuration: ");
        push_millis(out, self.duration);
        out.extend_from_slice(b" ms\tBilled Duration: ");
        push_number(out, self.duration.as_nanos().div_ceil(1_000_000) as u64);
        out.extend_from_slice(b" ms\tMemory Size: ");
        push_number(out, self.memory_mb.into());
        out.extend_from_slice(b" MB\tMax Memory Used: ");
        let size = u64::from(self.memory_mb);
        push_number(out, self.peak.map_or(size, |peak| peak.div_ceil(1 << 20).min(size)));
        out.extend_from_slice(b" MB\t");
        if let Some(init) = self.init {
            out.extend_from_slice(b"Init Duration: ");
            push_millis(out, init);
            out.extend_from_slice(b" ms\t");
        }
        match self.status {
            Status::Answered => {}
            Status::TimedOut => out.extend_from_slice(b"Status: timeout"),
            Status::Failed(kind) => {
                out.extend_from_slice(b"Status: error\tError Type: ");
                out.extend_from_slice(kind.as_bytes());
            }
        }
    }
}

/// Milliseconds with two digits behind the point.
fn push_millis(out: &mut Vec<u8>, duration: Duration) {
    let hundredths = (duration.as_nanos() + 5_000) / 10_000;
    push_number(out, (hundredths / 100) as u64);
    let rest = (hundredths % 100) as u8;
    out.extend_from_slice(&[b'.', b'0' + rest / 10, b'0' + rest % 10]);
}

/// In decimal; every invocation has some of these, and the standard library's way costs several times as much.
pub(super) fn push_number(out: &mut Vec<u8>, mut number: u64) {
    let (mut digits, mut at) = ([0; 20], 20);
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return out.extend_from_slice(&digits[at..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<Vec<u8>> {
        let (mut log, mut lines) = (Log::default(), Vec::new());
        for piece in pieces {
            log.print(piece, |line| lines.push(line));
        }
        log.flush(|line| lines.push(line));
        lines
    }

    #[test]
    fn output_is_cut_into_lines() {
        assert_eq!(lines(&[b"a\nb", b"c\r\n", b"\n", b"d"]), [&b"a"[..], b"bc", b"", b"d"]);
        assert_eq!(lines(&[b""]), [b""; 0]);
        let long = vec![b'x'; MAX_LINE + 3];
        let cut = lines(&[&long, b"y\nz"]);
        assert_eq!(cut.iter().map(Vec::len).collect::<Vec<_>>(), [MAX_LINE, 4, 1]);
    }

    fn report(status: Status<'static>, init: Option<Duration>) -> Report<'static> {
        let duration = Duration::from_micros(1_234);
        Report { request_id: "id", version: "$LATEST", memory_mb: 128, peak: None, duration, init, status }
    }

    fn tail(printed: &[u8], report: &Report<'_>, last_words: &str) -> String {
        let mut log = Log::default();
        log.print(b"of the one before", drop);
        log.begin();
        log.print(printed, drop);
        String::from_utf8(log.tail(report, last_words)).unwrap()
    }

    #[test]
    fn the_tail_stands_between_lambdas_lines() {
        assert_eq!(
            tail(b"hello", &report(Status::Answered, Some(Duration::from_millis(80))), ""),
            "START RequestId: id Version: $LATEST\nhello\nEND RequestId: id\n\
             REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t\
             Max Memory Used: 128 MB\tInit Duration: 80.00 ms\t\n"
        );
        let text = tail(b"", &report(Status::TimedOut, None), "it took too long");
        assert!(
            text.contains(
                "$LATEST
it took too long

END"
            ),
            "{text}"
        );
        assert!(text.ends_with("128 MB\tStatus: timeout\n"), "{text}");
        let text = tail(b"", &report(Status::Failed("Runtime.ExitError"), None), "");
        assert!(text.ends_with("\tStatus: error\tError Type: Runtime.ExitError\n"), "{text}");
        for (peak, used) in [(50 << 20, 50), ((50 << 20) + 1, 51), (500 << 20, 128)] {
            let text = tail(b"", &Report { peak: Some(peak), ..report(Status::Answered, None) }, "");
            assert!(text.contains(&format!("Memory Size: 128 MB\tMax Memory Used: {used} MB\t")), "{text}");
        }
    }

    #[test]
    fn numbers() {
        for number in [0, 7, 10, 128, u64::MAX] {
            let mut out = Vec::new();
            push_number(&mut out, number);
            assert_eq!(out, number.to_string().as_bytes());
        }
        for (nanos, expected) in
            [(0, "0.00"), (4_999, "0.00"), (5_000, "0.01"), (1_234_567, "1.23"), (3_000_000_000, "3000.00")]
        {
            let mut out = Vec::new();
            push_millis(&mut out, Duration::from_nanos(nanos));
            assert_eq!(out, expected.as_bytes());
        }
    }

    #[test]
    fn the_tail_is_the_last_of_much() {
        let mut log = Log::default();
        for n in 0..10_000 {
            log.print(format!("line {n}\n").as_bytes(), drop);
            assert!(log.tail.len() < 2 * TAIL);
        }
        log.print(&vec![b'x'; 100_000], drop);
        let text = log.tail(&report(Status::Answered, None), "");
        assert_eq!(text.len(), TAIL);
        assert!(text.starts_with(b"xxx"));
    }
}

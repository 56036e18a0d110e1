//! Frames: how our own bootstraps and the pool talk over a pair of pipes. Made so that the interpreter at the
//! other end has as little to do as can be: two numbers, one short line-wise head, and the event as it is.
//!
//! ```text
//! to a worker    u32 head length | u32 event length | head | event
//!                head: request id \n deadline in ms \n ARN \n trace id \n client context (rest; may be empty)
//! from a worker  u32 length of what follows | u8 kind | u8 id length | request id | payload
//!                kind: n  asks for an event   r  response   e  error   i  could not initialize
//! ```
//!
//! Numbers are little-endian. A frame of kind `n` may stand in the same write as the answer before it.

use bytes::Bytes;

use super::log::push_number;
use super::{Delivery, FromWorker, MAX_RESPONSE};

/// The largest frame that is read: Lambda's limit and room for the error that a larger answer gets. Our
/// bootstraps check the limit themselves, so that what is longer still comes from a worker that is out of order.
pub const MAX_FRAME: usize = MAX_RESPONSE + 64 * 1024;

/// Payloads from this size on are split off the input instead of copied out of it.
const LARGE: usize = 64 * 1024;

/// The four bytes of a frame's length.
const LENGTH: usize = 4;

/// Writes a delivery as a frame.
pub fn encode(out: &mut Vec<u8>, delivery: &Delivery) {
    let start = out.len();
    out.extend_from_slice(&[0; 2 * LENGTH]);
    push_line(out, &delivery.request_id);
    push_number(out, delivery.deadline_ms);
    out.push(b'\n');
    push_line(out, &delivery.arn);
    push_line(out, &delivery.trace_id);
    out.extend_from_slice(delivery.client_context.as_deref().unwrap_or_default().as_bytes());
    let head = out.len() - start - 2 * LENGTH;
    out[start..start + LENGTH].copy_from_slice(&length(head));
    out[start + LENGTH..start + 2 * LENGTH].copy_from_slice(&length(delivery.event.len()));
    out.extend_from_slice(&delivery.event);
}

/// Why what a worker wrote is no frame. It is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Longer than [`MAX_FRAME`], or too short for what it must hold.
    Length(usize),
    /// No kind of ours.
    Kind(u8),
    /// A request id that is no text.
    Id,
}

/// Takes frames from what a worker wrote.
#[derive(Debug, Default)]
pub struct Decoder {
    /// How much at the front of the input was decoded already: many small frames are dropped together.
    taken: usize,
}

impl Decoder {
    /// The next frame of `input`, to which only more is appended between calls. `None`: more must come.
    pub fn decode(&mut self, input: &mut Vec<u8>) -> Result<Option<FromWorker>, Error> {
        let Some(frame) = self.frame(input)? else {
            self.drop_taken(input);
            return Ok(None);
        };
        let body = self.taken + LENGTH;
        let end = body + frame;
        let (kind, id_length) = (input[body], usize::from(input[body + 1]));
        let payload = body + 2 + id_length;
        if payload > end {
            return Err(Error::Length(frame));
        }
        let id = String::from(std::str::from_utf8(&input[body + 2..payload]).map_err(|_| Error::Id)?);
        let said = match kind {
            b'n' => {
                self.taken = end;
                FromWorker::Ready
            }
            b'r' => FromWorker::Response { request_id: id, payload: self.take(input, payload, end) },
            b'e' => FromWorker::Error { request_id: id, error: self.take(input, payload, end) },
            b'i' => FromWorker::InitError { error: self.take(input, payload, end) },
            other => return Err(Error::Kind(other)),
        };
        self.drop_taken(input);
        Ok(Some(said))
    }

    /// The length of the next frame, if all of it has come.
    fn frame(&self, input: &mut Vec<u8>) -> Result<Option<usize>, Error> {
        let Some((prefix, rest)) = input[self.taken..].split_first_chunk::<LENGTH>() else { return Ok(None) };
        let frame = u32::from_le_bytes(*prefix) as usize;
        if !(2..=MAX_FRAME).contains(&frame) {
            return Err(Error::Length(frame));
        }
        if rest.len() < frame {
            let missing = frame - rest.len();
            input.reserve(missing);
            return Ok(None);
        }
        Ok(Some(frame))
    }

    /// Takes `start..end` out: a large payload with its buffer, a small one by copy.
    fn take(&mut self, input: &mut Vec<u8>, start: usize, end: usize) -> Bytes {
        if end - start < LARGE {
            self.taken = end;
            return Bytes::copy_from_slice(&input[start..end]);
        }
        let rest = input.split_off(end);
        self.taken = 0;
        Bytes::from(std::mem::replace(input, rest)).slice(start..end)
    }

    /// Drops what was decoded once it is all or most of the input, so that each byte moves at most once.
    fn drop_taken(&mut self, input: &mut Vec<u8>) {
        if self.taken == input.len() {
            input.clear();
            self.taken = 0;
        } else if self.taken > input.len() / 2 {
            input.drain(..self.taken);
            self.taken = 0;
        }
    }
}

/// A line of the head. What is in it came from outside, and a line end would shift the rest.
fn push_line(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    out.extend_from_slice(text.as_bytes());
    if memchr::memchr(b'\n', text.as_bytes()).is_some() {
        out[start..].iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
    }
    out.push(b'\n');
}

fn length(of: usize) -> [u8; LENGTH] {
    u32::try_from(of).expect("events and heads are bounded far below 4 GiB").to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, id: &str, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::from(length(2 + id.len() + payload.len()));
        out.extend_from_slice(&[kind, id.len() as u8]);
        out.extend_from_slice(id.as_bytes());
        out.extend_from_slice(payload);
        out
    }

    fn response(id: &str, payload: &[u8]) -> FromWorker {
        FromWorker::Response { request_id: id.into(), payload: Bytes::copy_from_slice(payload) }
    }

    #[test]
    fn a_delivery_is_two_lengths_a_head_and_the_event() {
        let mut out = vec![b'-'];
        let delivery = Delivery {
            request_id: "id".into(),
            deadline_ms: 1_700_000_000_123,
            arn: "arn:\nx".into(),
            trace_id: "Root=1".into(),
            client_context: Some("{\n}".into()),
            event: Bytes::from_static(b"{}"),
        };
        encode(&mut out, &delivery);
        let head = "id\n1700000000123\narn: x\nRoot=1\n{\n}";
        let mut expected = vec![b'-'];
        expected.extend_from_slice(&length(head.len()));
        expected.extend_from_slice(&length(2));
        expected.extend_from_slice(head.as_bytes());
        expected.extend_from_slice(b"{}");
        assert_eq!(out, expected);
    }

    /// All frames of a stream that arrives in pieces of `step` bytes.
    fn decode(stream: &[u8], step: usize) -> Result<Vec<FromWorker>, Error> {
        let (mut decoder, mut input, mut frames) = (Decoder::default(), Vec::new(), Vec::new());
        for piece in stream.chunks(step) {
            input.extend_from_slice(piece);
            while let Some(frame) = decoder.decode(&mut input)? {
                frames.push(frame);
            }
        }
        assert!(input.is_empty() && decoder.taken == 0, "nothing is left of whole frames");
        Ok(frames)
    }

    #[test]
    fn frames_survive_every_split() {
        let large = vec![b'x'; LARGE + 5];
        let mut stream = frame(b'n', "", b"");
        stream.extend(frame(b'r', "one", b"{\"a\":1}"));
        stream.extend(frame(b'n', "", b""));
        stream.extend(frame(b'e', "two", b"{}"));
        stream.extend(frame(b'i', "", b"{\"errorType\":\"x\"}"));
        let small = stream.len();
        stream.extend(frame(b'r', "three", &large));
        stream.extend(frame(b'n', "", b""));
        let expected = [
            FromWorker::Ready,
            response("one", b"{\"a\":1}"),
            FromWorker::Ready,
            FromWorker::Error { request_id: "two".into(), error: Bytes::from_static(b"{}") },
            FromWorker::InitError { error: Bytes::from_static(b"{\"errorType\":\"x\"}") },
            response("three", &large),
            FromWorker::Ready,
        ];
        for step in 1..=small {
            assert_eq!(decode(&stream[..small], step).unwrap(), expected[..5], "pieces of {step}");
        }
        for step in [1, 4096, 65_537, stream.len()] {
            assert_eq!(decode(&stream, step).unwrap(), expected, "pieces of {step}");
        }
    }

    #[test]
    fn what_is_no_frame_is_refused() {
        for (bytes, expected) in [
            (vec![0, 0, 0, 0], Error::Length(0)),
            (vec![1, 0, 0, 0, b'n'], Error::Length(1)),
            (vec![255, 255, 255, 255], Error::Length(u32::MAX as usize)),
            (vec![2, 0, 0, 0, b'n', 9], Error::Length(2)),
            (frame(b'?', "", b""), Error::Kind(b'?')),
            (vec![3, 0, 0, 0, b'r', 1, 0xff], Error::Id),
        ] {
            assert_eq!(Decoder::default().decode(&mut bytes.clone()), Err(expected), "{bytes:?}");
        }
        assert_eq!(Decoder::default().decode(&mut vec![2, 0, 0]), Ok(None));
    }

    #[test]
    fn many_small_frames_are_dropped_together() {
        let ready = frame(b'n', "", b"");
        let mut input = ready.repeat(100_000);
        let mut decoder = Decoder::default();
        let mut count = 0;
        while let Some(FromWorker::Ready) = decoder.decode(&mut input).unwrap() {
            count += 1;
        }
        assert_eq!((count, input.len()), (100_000, 0));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_frames_or_an_error(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..64)) {
            let (mut decoder, mut input) = (Decoder::default(), bytes);
            while let Ok(Some(_)) = decoder.decode(&mut input) {}
        }
    }
}

//! What holds for any bytes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Connection, LIMITS, Opcode};
use crate::proto::ws::{Frame, State};

fn opcode() -> impl Strategy<Value = Opcode> {
    use Opcode::{Binary, Close, Continuation, Ping, Pong, Text};
    prop_oneof![4 => Just(Continuation), 4 => Just(Text), 4 => Just(Binary), 1 => Just(Close), 2 => Just(Ping), 1 => Just(Pong)]
}

fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => vec(any::<u8>(), 0..20),
        3 => "\\PC{0,20}".prop_map(String::into_bytes),
        1 => vec(any::<char>(), 100..200).prop_map(|text| text.into_iter().collect::<String>().into_bytes()),
        1 => prop::sample::select(vec![&b"\x03\xe8"[..], b"\x03\xe8bye", b"\x0f\xa0", b"\xc3", b"\xa9"]).prop_map(<[u8]>::to_vec),
    ]
}

fn frames() -> impl Strategy<Value = Vec<u8>> {
    let frame = (any::<bool>(), opcode(), any::<[u8; 4]>(), payload());
    vec(frame, 0..12).prop_map(|frames| {
        let mut out = Vec::new();
        for (fin, opcode, mask, payload) in &frames {
            Frame { fin: *fin, opcode: *opcode, mask: Some(*mask), payload }.write(&mut out);
        }
        out
    })
}

fn cut<'a>(bytes: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let (mut parts, mut rest) = (Vec::new(), bytes);
    for &length in lengths {
        let (part, behind) = rest.split_at(length.min(rest.len()));
        parts.push(part);
        rest = behind;
    }
    parts.push(rest);
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn sessions_do_not_depend_on_how_bytes_arrive(
        bytes in prop_oneof![4 => frames(), 1 => vec(any::<u8>(), 0..100)], lengths in vec(0..30usize, 0..30),
    ) {
        let whole = Connection::of(&[&bytes], &LIMITS);
        let parts = Connection::of(&cut(&bytes, &lengths), &LIMITS);
        prop_assert_eq!(&whole.seen, &parts.seen);
        prop_assert_eq!(&whole.out, &parts.out);
        prop_assert_eq!(whole.session.state(), parts.session.state());
        prop_assert_eq!(whole.inbox.len(), parts.inbox.len());
        prop_assert!(whole.inbox.is_empty() || whole.session.state() == State::Open);
    }

    #[test]
    fn messages_come_as_they_were_sent(
        messages in vec((any::<bool>(), "\\PC{0,40}", vec(0..20usize, 0..4)), 0..5), mask in any::<[u8; 4]>(),
        pings in any::<u8>(), lengths in vec(0..30usize, 0..30),
    ) {
        let (mut bytes, mut expected) = (Vec::new(), Vec::new());
        for (is_text, text, parts) in &messages {
            let (kind, shown) = match is_text {
                true => (Opcode::Text, format!("text {text}")),
                false => (Opcode::Binary, format!("binary {}", text.as_bytes().escape_ascii())),
            };
            expected.push(shown);
            let parts = cut(text.as_bytes(), parts);
            for (i, payload) in parts.iter().enumerate() {
                let opcode = if i == 0 { kind } else { Opcode::Continuation };
                Frame { fin: i + 1 == parts.len(), opcode, mask: Some(mask), payload }.write(&mut bytes);
                if pings >> (i % 8) & 1 == 1 {
                    Frame { fin: true, opcode: Opcode::Ping, mask: Some(mask), payload: b"?" }.write(&mut bytes);
                }
            }
        }
        prop_assert_eq!(Connection::of(&cut(&bytes, &lengths), &LIMITS).seen, expected);
    }
}

//! Whole sessions: what the application learns, and what the client is told.

use super::{Connection, LIMITS, Opcode, last, ours, part, segmentations, show};
use crate::proto::http1::{Inbox, Spares};
use crate::proto::ws::frame::MOST_CONTROL;
use crate::proto::ws::{Close, Event, Limits, Session, State, close};

/// Runs a client's bytes, however they arrive.
#[track_caller]
fn check(bytes: &[Vec<u8>], events: &[&str], told: &[Vec<u8>]) {
    let bytes = bytes.concat();
    for parts in segmentations(&bytes) {
        let connection = Connection::of(&parts, &LIMITS);
        let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
        assert_eq!(connection.seen, events, "{} in parts of {lengths:?}", bytes.escape_ascii());
        let out = connection.out.escape_ascii().to_string();
        assert_eq!(out, told.concat().escape_ascii().to_string(), "in parts of {lengths:?}");
    }
}

/// A mistake: its close frame is the last that is written, whatever follows.
#[track_caller]
fn refuse(bytes: &[Vec<u8>], code: u16) {
    let mut bytes = bytes.to_vec();
    bytes.push(last(Opcode::Text, "nobody hears this"));
    let bytes = bytes.concat();
    for parts in segmentations(&bytes) {
        let connection = Connection::of(&parts, &LIMITS);
        assert_eq!(connection.seen, [format!("error {code}")], "{}", bytes.escape_ascii());
        assert_eq!(connection.out[0], 0x88);
        assert_eq!(connection.out[2..4], code.to_be_bytes());
        assert_eq!(connection.out.len(), 2 + connection.out[1] as usize);
        assert_eq!(connection.session.state(), State::Closed);
    }
}

fn raw(bytes: &[u8]) -> Vec<u8> {
    bytes.to_vec()
}

fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    last(Opcode::Close, [&code.to_be_bytes(), reason.as_bytes()].concat())
}

#[test]
fn messages() {
    use Opcode::{Binary, Continuation, Text};
    check(&[last(Text, "Hello")], &["text Hello"], &[]);
    check(&[last(Text, "")], &["text "], &[]);
    check(&[last(Binary, [0, 255])], &["binary \\x00\\xff"], &[]);
    check(&[last(Text, "a"), last(Binary, "b"), last(Text, "c")], &["text a", "binary b", "text c"], &[]);
    check(&[part(Text, "Hel"), last(Continuation, "lo")], &["text Hello"], &[]);
    check(&[part(Binary, "a"), part(Continuation, "b"), last(Continuation, "c")], &["binary abc"], &[]);
    check(&[part(Text, ""), part(Continuation, ""), last(Continuation, "")], &["text "], &[]);
    check(&[part(Text, "caf\u{e9}".as_bytes()), last(Continuation, "!")], &["text caf\u{e9}!"], &[]);
    // A character in two frames.
    check(&[part(Text, b"caf\xc3"), last(Continuation, b"\xa9!")], &["text caf\u{e9}!"], &[]);
    // Lengths of sixteen bits.
    check(&[last(Text, "x".repeat(126))], &[&format!("text {}", "x".repeat(126))], &[]);
}

#[test]
fn pings_are_answered() {
    use Opcode::{Binary, Continuation, Ping, Pong, Text};
    check(&[last(Ping, "are you there")], &[], &[ours(Pong, "are you there")]);
    check(&[last(Ping, "")], &[], &[ours(Pong, "")]);
    check(&[last(Ping, [255; MOST_CONTROL])], &[], &[ours(Pong, [255; MOST_CONTROL])]);
    check(&[last(Ping, "1"), last(Ping, "2")], &[], &[ours(Pong, "1"), ours(Pong, "2")]);
    check(&[last(Pong, "unasked"), last(Text, "a")], &["text a"], &[]);
    check(
        &[
            part(Text, "a"),
            last(Ping, "p"),
            part(Continuation, "b"),
            last(Pong, "q"),
            last(Continuation, "c"),
        ],
        &["text abc"],
        &[ours(Pong, "p")],
    );
    check(
        &[part(Binary, "a"), last(Ping, "p"), close_frame(1000, "")],
        &["close 1000"],
        &[ours(Pong, "p"), ours(Opcode::Close, 1000u16.to_be_bytes())],
    );
}

#[test]
fn the_clients_close_is_answered_once() {
    use Opcode::{Close, Ping, Text};
    check(&[last(Close, "")], &["close 1005"], &[ours(Close, "")]);
    for code in [1000u16, 1001, 1003, 1011, 1014, 3000, 4999] {
        let told = [ours(Close, code.to_be_bytes())];
        check(&[close_frame(code, "a reason")], &[&format!("close {code} a reason")], &told);
        // Nothing more is decoded.
        let more =
            [close_frame(code, ""), last(Ping, "p"), last(Text, "a"), close_frame(1000, ""), raw(b"\xff")];
        check(&more, &[&format!("close {code}")], &told);
    }
}

#[test]
fn mistakes() {
    use Opcode::{Binary, Close, Continuation, Pong, Text};
    for bytes in [
        [last(Continuation, "of nothing")].to_vec(),
        [part(Continuation, "of nothing")].to_vec(),
        [part(Text, "a"), last(Text, "b")].to_vec(),
        [part(Text, "a"), part(Binary, "b")].to_vec(),
        [part(Text, "a"), last(Pong, ""), last(Binary, "b")].to_vec(),
        [last(Close, "x")].to_vec(),
        [close_frame(1005, "")].to_vec(),
        [close_frame(1006, "")].to_vec(),
        [close_frame(999, "")].to_vec(),
        [close_frame(5000, "")].to_vec(),
        [raw(b"\x81\x05Hello")].to_vec(),
        [raw(b"\xc1\x80\0\0\0\0")].to_vec(),
        [raw(b"\x83\x80\0\0\0\0")].to_vec(),
        [raw(b"\x09\x80\0\0\0\0")].to_vec(),
        [raw(b"\x89\xfe\0\x7e\0\0\0\0")].to_vec(),
        [raw(b"\x81\xfe\0\x01\0\0\0\0")].to_vec(),
    ] {
        refuse(&bytes, close::PROTOCOL_ERROR);
    }
    for bytes in [
        [last(Text, b"\xff")].to_vec(),
        [last(Text, b"caf\xc3")].to_vec(),
        [part(Text, b"caf\xc3"), last(Continuation, "(")].to_vec(),
        [part(Text, b"caf\xc3"), last(Continuation, "")].to_vec(),
        [part(Text, b"\xed\xa0"), last(Continuation, "")].to_vec(),
        [last(Close, b"\x03\xe8\xff")].to_vec(),
    ] {
        refuse(&bytes, close::INVALID_PAYLOAD);
    }
    for bytes in [
        [last(Text, "x".repeat(301))].to_vec(),
        [part(Binary, "x".repeat(300)), last(Continuation, "x".repeat(201))].to_vec(),
        [part(Text, "x".repeat(300)), part(Continuation, "x".repeat(200)), last(Continuation, "x")].to_vec(),
        [raw(b"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0")].to_vec(),
    ] {
        refuse(&bytes, close::TOO_LARGE);
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_sent() {
    let header = |payload: usize| last(Opcode::Binary, vec![0; payload])[..8].to_vec();
    assert_eq!(Connection::of(&[&header(301)], &LIMITS).seen, ["error 1009"]);
    let [first, second] = [part(Opcode::Binary, [0; 300]), last(Opcode::Continuation, [0; 201])];
    assert_eq!(Connection::of(&[&first, &second[..8]], &LIMITS).seen, ["error 1009"]);
    // What is exactly as large as it may be is not.
    let [first, second] = [part(Opcode::Binary, [0; 300]), last(Opcode::Continuation, [0; 200])];
    let limits = Limits::default();
    assert_eq!((limits.frame, limits.message), (32_768, 131_072));
    assert_eq!(Connection::of(&[&first, &second], &LIMITS).seen.len(), 1);
}

#[test]
fn bad_text_is_refused_with_the_byte_that_shows_it() {
    use Opcode::{Continuation, Text};
    let begun = part(Text, b"\xf4");
    for (bytes, good) in [
        // Six bytes of header, two of good text.
        (last(Text, b"ab\xff and more"), 8),
        (part(Text, b"\xce\xba\xf4\x90\x80\x80"), 9),
        (part(Text, b"\xed\xa0\x80"), 7),
        ([&begun[..], &last(Continuation, b"\x90\x80\x80")].concat(), begun.len() + 6),
    ] {
        let mut connection = Connection::of(&[&bytes[..good]], &LIMITS);
        assert_eq!(connection.seen, [""; 0], "{}", bytes.escape_ascii());
        connection.receive(&bytes[good..=good], &LIMITS);
        assert_eq!(connection.seen, ["error 1007"], "{}", bytes.escape_ascii());
    }
}

#[test]
fn we_close() {
    let mut connection = Connection::default();
    connection.receive(&part(Opcode::Text, "half a mess"), &LIMITS);
    assert!(connection.session.close(close::GOING_AWAY, "Going away", &mut connection.out));
    let told = connection.out.clone();
    assert_eq!(told, ours(Opcode::Close, b"\x03\xe9Going away"));
    assert_eq!(connection.session.state(), State::Closing);
    // It is said once, and it is the last that is said.
    assert!(!connection.session.close(close::NORMAL, "", &mut connection.out));
    assert!(!connection.session.text("a", &LIMITS, &mut connection.out));
    assert!(!connection.session.binary(b"a", &LIMITS, &mut connection.out));
    // What was on the way is dropped, up to the client's close.
    let on_the_way = [
        last(Opcode::Continuation, b"age\xff"),
        last(Opcode::Ping, "p"),
        last(Opcode::Text, "whole"),
        part(Opcode::Binary, "in"),
        last(Opcode::Continuation, "parts"),
    ];
    connection.receive(&on_the_way.concat(), &LIMITS);
    assert_eq!(connection.seen, [""; 0]);
    connection.receive(&close_frame(1001, ""), &LIMITS);
    assert_eq!(connection.seen, ["close 1001"]);
    assert_eq!(connection.out, told);
    assert_eq!(connection.session.state(), State::Closed);
    assert_eq!(connection.session.hung_up(), None);
}

#[test]
fn a_mistake_after_our_close_is_not_told() {
    let mut connection = Connection::default();
    assert!(connection.session.close(close::NORMAL, "", &mut connection.out));
    let told = connection.out.clone();
    connection.receive(b"\x81\x00", &LIMITS);
    assert_eq!(connection.seen, ["error 1002"]);
    assert_eq!(connection.out, told);
}

#[test]
fn a_connection_that_ends_is_learned_once() {
    let mut session = Session::new();
    assert_eq!(session.hung_up(), Some(Close::abnormal()));
    assert_eq!(session.hung_up(), None);
    let mut session = Session::new();
    assert!(session.close(close::NORMAL, "", &mut Vec::new()));
    assert_eq!(session.hung_up().map(|close| close.code), Some(1006));
    for bytes in [last(Opcode::Close, ""), last(Opcode::Text, b"\xff"), raw(b"\xff\xff")] {
        let mut connection = Connection::of(&[&bytes], &LIMITS);
        assert_eq!(connection.session.hung_up(), None);
        assert_eq!(connection.seen.len(), 1);
    }
}

#[test]
fn messages_of_ours() {
    let (mut session, mut out) = (Session::new(), Vec::new());
    let limits = Limits { frame: 3, message: 10 };
    assert!(session.text("abcd", &limits, &mut out) && session.binary(b"e", &limits, &mut out));
    assert_eq!(out, b"\x01\x03abc\x80\x01d\x82\x01e");
}

#[test]
fn whole_frames_are_lent_and_gathered_ones_given() {
    let (mut session, mut inbox, mut spares) = (Session::new(), Inbox::new(), Spares::new());
    let frames = [last(Opcode::Text, "lent"), part(Opcode::Text, "giv"), last(Opcode::Continuation, "en")];
    inbox.extend(&frames.concat(), &mut spares);
    let mut decode = |expected: &str, owned: bool| {
        let Ok(Some(Event::Text(text))) = session.decode(&mut inbox, &LIMITS, &mut Vec::new()) else {
            panic!("a text is due");
        };
        assert_eq!(text, expected);
        assert_eq!(matches!(text, std::borrow::Cow::Owned(_)), owned);
    };
    decode("lent", false);
    decode("given", true);
}

#[test]
fn pings_of_somebody_who_does_not_read_cost_one_pong() {
    let mut connection = Connection::default();
    for i in 0..50_000u32 {
        connection.receive(&last(Opcode::Ping, i.to_be_bytes()), &LIMITS);
    }
    assert!(connection.out.len() < 17 * 1024, "{} bytes wait", connection.out.len());
    // Once all that is read, the newest is answered, and only that.
    connection.out.clear();
    assert!(connection.session.drained(&mut connection.out));
    assert_eq!(connection.out, ours(Opcode::Pong, 49_999u32.to_be_bytes()));
    assert!(!connection.session.drained(&mut connection.out));
}

#[test]
fn a_newer_ping_makes_up_for_one_that_waited() {
    let mut connection = Connection { out: vec![0; 20_000], ..Connection::default() };
    connection.receive(&last(Opcode::Ping, "old"), &LIMITS);
    assert_eq!(connection.out.len(), 20_000);
    connection.out.clear();
    connection.receive(&last(Opcode::Ping, "new"), &LIMITS);
    assert_eq!(connection.out, ours(Opcode::Pong, "new"));
    assert!(!connection.session.drained(&mut connection.out));
}

#[test]
fn a_pong_that_waited_goes_out_before_the_next_message() {
    let mut connection = Connection { out: vec![0; 20_000], ..Connection::default() };
    connection.receive(&last(Opcode::Ping, "p"), &LIMITS);
    assert!(connection.session.text("a", &LIMITS, &mut connection.out));
    assert_eq!(connection.out[20_000..], [ours(Opcode::Pong, "p"), ours(Opcode::Text, "a")].concat());
    assert!(!connection.session.drained(&mut connection.out));
}

#[test]
fn a_flood_of_small_parts_is_one_message() {
    let limits = Limits { frame: 1 << 20, message: 1 << 20 };
    let mut connection = Connection::default();
    connection.receive(&part(Opcode::Text, ""), &limits);
    let flood = part(Opcode::Continuation, "x").repeat(1000);
    for _ in 0..200 {
        connection.receive(&flood, &limits);
        connection.receive(&part(Opcode::Continuation, ""), &limits);
    }
    connection.receive(&last(Opcode::Continuation, ""), &limits);
    assert_eq!(connection.seen, [show(&Event::Text("x".repeat(200_000).into()))]);
}

//! Buffers move rather than being copied, are used again, and stay small.

use proptest::prelude::*;

use crate::proto::http1::{Decoded, Decoder, Inbox, Limits, Request, Spares};

const READ: usize = 1024;
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// As one read of a socket.
fn read(inbox: &mut Inbox, bytes: &[u8], spares: &mut Spares) {
    inbox.room(READ, spares)[..bytes.len()].copy_from_slice(bytes);
    inbox.filled(bytes.len());
}

fn take(inbox: &mut Inbox, spares: &mut Spares) -> Request {
    match Decoder::default().decode(inbox, &Limits::default(), |_| 100, spares) {
        Ok(Decoded::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_alone_takes_the_buffer() {
    let (mut inbox, mut spares) = (Inbox::new(), Spares::new());
    read(&mut inbox, REQUEST, &mut spares);
    let place = inbox.bytes().as_ptr();
    let request = take(&mut inbox, &mut spares);
    assert_eq!(request.method().as_ptr(), place, "nothing was copied");

    // The buffer serves the next request, of any connection.
    request.recycle(&mut spares);
    let mut other = Inbox::new();
    read(&mut other, REQUEST, &mut spares);
    assert_eq!(other.bytes().as_ptr(), place);
}

#[test]
fn what_stands_behind_a_request_does_not_move() {
    let (mut inbox, mut spares) = (Inbox::new(), Spares::new());
    read(&mut inbox, &REQUEST.repeat(3), &mut spares);
    let place = inbox.bytes().as_ptr() as usize;
    for taken in 1..=2 {
        let request = take(&mut inbox, &mut spares);
        assert_eq!(inbox.bytes().as_ptr() as usize, place + taken * REQUEST.len());
        assert_eq!(request.target(), "/");
        request.recycle(&mut spares);
    }
    let last = take(&mut inbox, &mut spares);
    assert_eq!(last.method().as_ptr() as usize, place + 2 * REQUEST.len(), "the last takes the buffer");
    assert!(inbox.is_empty());
}

#[test]
fn large_buffers_are_not_kept() {
    let mut spares = Spares::new();
    let mut large = Inbox::new();
    large.extend(&[b'x'; 100_000], &mut spares);
    large.take(100_000);
    large.rest(&mut spares);
    let mut inbox = Inbox::new();
    assert_eq!(inbox.room(10, &mut spares).len(), 10, "there was no spare");
}

#[test]
fn a_silent_connection_holds_no_buffer() {
    let mut spares = Spares::new();
    let mut inbox = Inbox::new();
    read(&mut inbox, b"ab", &mut spares);
    inbox.take(1);
    inbox.rest(&mut spares);
    assert_eq!(inbox.bytes(), b"b", "only an empty inbox gives its buffer");
    inbox.take(1);
    inbox.rest(&mut spares);
    assert_eq!(Inbox::new().room(1, &mut spares).len(), READ, "the spare is the one it gave");
}

proptest! {
    /// An inbox is a queue of bytes, and no larger than twice what it ever held, and a read.
    #[test]
    fn an_inbox_is_a_queue(steps in prop::collection::vec((0..READ, 0..2 * READ), 0..60)) {
        let (mut inbox, mut spares) = (Inbox::new(), Spares::new());
        let (mut expected, mut next, mut most) = (Vec::new(), 0u8, 0);
        for (come, go) in steps {
            let bytes: Vec<u8> = (0..come).map(|n| next.wrapping_add(n as u8)).collect();
            next = next.wrapping_add(come as u8);
            read(&mut inbox, &bytes, &mut spares);
            expected.extend_from_slice(&bytes);
            most = most.max(expected.len());
            let go = go.min(expected.len());
            inbox.take(go);
            expected.drain(..go);
            prop_assert_eq!(inbox.bytes(), &expected[..]);
            prop_assert_eq!((inbox.len(), inbox.is_empty()), (expected.len(), expected.is_empty()));
            prop_assert!(inbox.held() <= 2 * most + READ, "{} bytes held for {}", inbox.held(), most);
        }
    }
}

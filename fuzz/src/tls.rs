//! The first bytes of TLS clients: whatever comes, in whatever pieces, is answered by our side of a handshake, an
//! alert, or nothing.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use gatelet::base::Now;
use gatelet::net::tls::Tls;
use gatelet::net::tls::names::{Identity, Names};

use super::cut;

/// More than our whole side of a handshake.
const MOST_OUTPUT: usize = 16 * 1024;

/// A socket whose peer has said these pieces, and then nothing, or goodbye.
struct Socket {
    pieces: VecDeque<Vec<u8>>,
    closed: bool,
    written: usize,
}

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(mut piece) = self.pieces.pop_front() else {
            return if self.closed { Ok(0) } else { Err(ErrorKind::WouldBlock.into()) };
        };
        let count = piece.len().min(into.len());
        into[..count].copy_from_slice(&piece[..count]);
        if count < piece.len() {
            self.pieces.push_front(piece.split_off(count));
        }
        Ok(count)
    }
}

impl Write for Socket {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.written += from.len();
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first byte is for us: whether the peer closes, and whether the first piece comes early.
pub fn first_bytes(data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else { return };
    let mut pieces: VecDeque<Vec<u8>> = cut(data).into_iter().map(<[u8]>::to_vec).collect();
    let early = if choice & 1 == 0 { Vec::new() } else { pieces.pop_front().unwrap_or_default() };
    let mut tls = Tls::server(Socket { pieces, closed: choice & 2 != 0, written: 0 }, early);
    let now = Now { instant: Instant::now(), unix_ms: 1_764_000_000_000 };
    let mut names = Names::new(Identity::Own(Arc::default()));
    let mut room = [0; 512];
    let mut violated = false;
    loop {
        match tls.read(&mut room) {
            // The end, or once rules are broken, what comes as it is.
            Ok(0) => break,
            Ok(_) => assert!(violated, "nobody has shaken hands with a fuzzer"),
            Err(error) if error.kind() == ErrorKind::WouldBlock => match tls.greeted() {
                Some(name) => {
                    let config = names.config(now, name.as_deref(), IpAddr::V4(Ipv4Addr::LOCALHOST));
                    violated |= !tls.open(config, None);
                }
                None if tls.socket.pieces.is_empty() => break,
                None => {}
            },
            Err(_) => {
                assert!(!violated, "what is broken is not broken again");
                violated = true;
            }
        }
    }
    assert!(!violated || !tls.is_handshaking());
    tls.close();
    assert!(tls.socket.written <= MOST_OUTPUT, "{} bytes", tls.socket.written);
}

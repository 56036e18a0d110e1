//! Closing: the codes, and what a close frame says (RFC 6455 sections 5.5.1 and 7.4).

use super::frame::{self, Opcode};
use super::{Error, frame::MOST_CONTROL};

/// The purpose of the connection is fulfilled.
pub const NORMAL: u16 = 1000;
/// The server goes down, or has waited long enough.
pub const GOING_AWAY: u16 = 1001;
/// The peer does not speak the protocol.
pub const PROTOCOL_ERROR: u16 = 1002;
/// This kind of data cannot be accepted.
pub const UNSUPPORTED: u16 = 1003;
/// Never sent: a close frame without a code was received.
pub const NO_CODE: u16 = 1005;
/// Never sent: the connection ended without a close frame.
pub const ABNORMAL: u16 = 1006;
/// Text that is not UTF-8.
pub const INVALID_PAYLOAD: u16 = 1007;
/// What was sent breaks a rule of ours.
pub const POLICY: u16 = 1008;
/// A message is too large.
pub const TOO_LARGE: u16 = 1009;
/// We failed.
pub const INTERNAL: u16 = 1011;

/// How a connection was closed, as the application learns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// The code that the peer sent, or [`NO_CODE`], or [`ABNORMAL`].
    pub code: u16,
    /// The reason that the peer sent; mostly empty.
    pub reason: String,
}

impl Close {
    /// The connection ended without a close frame.
    pub fn abnormal() -> Self {
        Self { code: ABNORMAL, reason: String::new() }
    }

    /// What the payload of a close frame says.
    pub fn parse(payload: &[u8]) -> Result<Self, Error> {
        let (code, reason) = match payload {
            [] => return Ok(Self { code: NO_CODE, reason: String::new() }),
            [_] => return Err(Error::Protocol("half a close code")),
            [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
        };
        if !may_be_sent(code) {
            return Err(Error::Protocol("a close code that must not be sent"));
        }
        let reason = std::str::from_utf8(reason).map_err(|_| Error::NotUtf8)?;
        Ok(Self { code, reason: reason.to_owned() })
    }
}

/// Whether this code may stand in a close frame: those of RFC 6455 section 7.4.1 and the IANA registry that are
/// not reserved, those of libraries (3000 to 3999) and of applications (4000 to 4999).
pub fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Appends a close frame; of a long reason as much as fits.
pub fn push(out: &mut Vec<u8>, code: u16, reason: &str) {
    debug_assert!(may_be_sent(code), "{code}");
    let mut payload = [0; MOST_CONTROL];
    let reason = &reason[..reason.floor_char_boundary(MOST_CONTROL - 2)];
    payload[..2].copy_from_slice(&code.to_be_bytes());
    payload[2..2 + reason.len()].copy_from_slice(reason.as_bytes());
    frame::push(out, Opcode::Close, &payload[..2 + reason.len()]);
}

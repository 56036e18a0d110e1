//! Frames (RFC 6455 section 5.2): the headers of those that clients send are read, whole frames are written.
//!
//! ```text
//!   fin 1 | reserved 3 | opcode 4 | masked 1 | length 7 [+16 | +64] | mask 32, if masked | payload
//! ```

use super::{Error, mask};

/// The most bytes of a control frame's payload (RFC 6455 section 5.5).
pub const MOST_CONTROL: usize = 125;

/// The most bytes of a header.
const MOST_HEADER: usize = 14;

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const OPCODE: u8 = 0x0f;
const MASKED: u8 = 0x80;
/// In the place of a length: sixteen bits follow that have it.
const LENGTH_16: u8 = 126;
/// The same with sixty-four bits.
const LENGTH_64: u8 = 127;

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// The next part of a message.
    Continuation,
    /// Text, or the first part of it.
    Text,
    /// Anything else, or the first part of it.
    Binary,
    /// The last frame of a side.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping, or nothing.
    Pong,
}

/// How a client's frame begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// It is the last of its message.
    pub fin: bool,
    /// What it is for.
    pub opcode: Opcode,
    /// What the payload is masked with.
    pub mask: [u8; 4],
    /// How many bytes the payload has.
    pub length: u64,
    /// How many bytes this header has.
    pub size: usize,
}

/// A whole frame, to be written.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// It is the last of its message.
    pub fin: bool,
    /// What it is for.
    pub opcode: Opcode,
    /// What a client masks it with; servers don't (RFC 6455 section 5.1).
    pub mask: Option<[u8; 4]>,
    /// What it carries.
    pub payload: &'a [u8],
}

impl Opcode {
    /// Whether it is of the control frames, which may stand between the parts of a message.
    pub fn is_control(self) -> bool {
        match self {
            Self::Continuation | Self::Text | Self::Binary => false,
            Self::Close | Self::Ping | Self::Pong => true,
        }
    }

    fn of(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0x0,
            Self::Text => 0x1,
            Self::Binary => 0x2,
            Self::Close => 0x8,
            Self::Ping => 0x9,
            Self::Pong => 0xa,
        }
    }
}

impl Header {
    /// The header that these bytes begin with; `None`: more of it must come. What is wrong with it by itself is
    /// found here; what is wrong where it stands is the session's to find.
    #[inline]
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, Error> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        let (fin, short) = (first & FIN != 0, second & !MASKED);
        if first & RESERVED != 0 {
            return Err(Error::Protocol("reserved bits are set"));
        }
        let opcode = Opcode::of(first & OPCODE).ok_or(Error::Protocol("a reserved opcode"))?;
        if second & MASKED == 0 {
            return Err(Error::Protocol("a client's frame must be masked"));
        }
        if opcode.is_control() && !fin {
            return Err(Error::Protocol("a control frame must not be fragmented"));
        }
        if opcode.is_control() && short as usize > MOST_CONTROL {
            return Err(Error::Protocol("a control frame is too long"));
        }
        let (length, rest) = match short {
            LENGTH_16 => {
                let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
                (checked(u16::from_be_bytes(*length).into(), LENGTH_16.into())?, rest)
            }
            LENGTH_64 => {
                let Some((length, rest)) = rest.split_first_chunk() else { return Ok(None) };
                (checked(u64::from_be_bytes(*length), 1 << 16)?, rest)
            }
            short => (short.into(), rest),
        };
        let Some((&mask, payload)) = rest.split_first_chunk() else { return Ok(None) };
        Ok(Some(Self { fin, opcode, mask, length, size: bytes.len() - payload.len() }))
    }
}

/// RFC 6455 section 5.2: "the minimal number of bytes MUST be used to encode the length", and of sixty-four bits
/// "the most significant bit MUST be 0".
fn checked(length: u64, least: u64) -> Result<u64, Error> {
    if length < least {
        return Err(Error::Protocol("a length in more bytes than it needs"));
    }
    if length >> 63 != 0 {
        return Err(Error::Protocol("a length of more than 63 bits"));
    }
    Ok(length)
}

impl Frame<'_> {
    /// Appends it, with the shortest header.
    pub fn write(self, out: &mut Vec<u8>) {
        let Self { fin, opcode, mask, payload } = self;
        out.reserve(MOST_HEADER + payload.len());
        let masked = if mask.is_some() { MASKED } else { 0 };
        out.push(opcode.bits() | if fin { FIN } else { 0 });
        match payload.len() {
            short @ 0..126 => out.push(masked | short as u8),
            long @ 126..0x1_0000 => {
                out.push(masked | LENGTH_16);
                out.extend_from_slice(&(long as u16).to_be_bytes());
            }
            longer => {
                out.push(masked | LENGTH_64);
                out.extend_from_slice(&(longer as u64).to_be_bytes());
            }
        }
        let Some(mask) = mask else { return out.extend_from_slice(payload) };
        out.extend_from_slice(&mask);
        let start = out.len();
        out.extend_from_slice(payload);
        mask::apply(&mut out[start..], mask);
    }
}

/// Appends a frame of ours that stands by itself: a whole message, or a control frame.
pub fn push(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    debug_assert!(!opcode.is_control() || payload.len() <= MOST_CONTROL);
    Frame { fin: true, opcode, mask: None, payload }.write(out);
}

/// Appends a message of ours in frames that carry at most so many bytes.
///
/// # Panics
/// When `most` is 0.
pub fn push_split(out: &mut Vec<u8>, mut opcode: Opcode, mut payload: &[u8], most: usize) {
    assert!(most > 0, "a frame carries something");
    while payload.len() > most {
        let (part, rest) = payload.split_at(most);
        Frame { fin: false, opcode, mask: None, payload: part }.write(out);
        (opcode, payload) = (Opcode::Continuation, rest);
    }
    push(out, opcode, payload);
}

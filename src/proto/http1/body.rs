//! Chunked bodies (RFC 9112 section 7.1), decoded in place.
//!
//! ```text
//!   5;x=y\r\nhello\r\n0\r\nTrailer: dropped\r\n\r\n   ->   hello
//! ```
//!
//! Each byte is looked at once, however the bytes arrive: what part of the framing comes next is the `State`.

use super::grammar::{is_token_byte, is_value_byte};

/// Of a chunk's size; more would not fit into 64 bits.
const MOST_DIGITS: u8 = 16;

/// Of all chunks of a body together: nobody has a use for them, but they can be sent endlessly. hyper's limit.
const MOST_EXTENSION_BYTES: usize = 16 * 1024;

/// Of a body: ours, since nobody sees them. As large as AWS lets a head be.
const MOST_TRAILER_BYTES: usize = 10 * 1024;

/// Takes a body out of its chunks.
#[derive(Debug)]
pub struct Chunked {
    state: State,
    /// Of the chunk under way: its size while that is read, then what of its data is still to come.
    left: u64,
    /// How much data there may be yet.
    allowed: u64,
    extension_bytes: usize,
    trailer_bytes: usize,
}

/// What one call decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many bytes were read.
    pub read: usize,
    /// How many bytes of data now stand at the front, in the place of those.
    pub data: usize,
    /// Whether the body ended with the last byte read. If not, all bytes were read.
    pub done: bool,
}

/// Why this is no chunked body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The framing is broken.
    Malformed(&'static str),
    /// There is more data than allowed.
    TooLarge,
    /// The trailers are.
    TrailersTooLarge,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The size, of which there are so many digits.
    Size(u8),
    /// White space before the semicolon of an extension.
    Gap,
    /// White space, or the first byte of an extension's name.
    NameStart,
    Name,
    /// White space after a name, then an equals sign or semicolon.
    NameEnd,
    /// White space, or the first byte of an extension's value.
    ValueStart,
    Value,
    Quoted,
    /// What a backslash in a quoted value stands before.
    Escaped,
    QuotedEnd,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// A trailer, or the line end that ends all.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    LastLf,
}

impl Chunked {
    /// A body of at most `limit` bytes of data.
    pub fn new(limit: usize) -> Self {
        Self { state: State::Size(0), left: 0, allowed: limit as u64, extension_bytes: 0, trailer_bytes: 0 }
    }

    /// Reads `bytes`, which follow those of the last call, and moves the data in them to their front.
    pub fn decode(&mut self, bytes: &mut [u8]) -> Result<Progress, Error> {
        let (mut read, mut data) = (0, 0);
        while let Some(&byte) = bytes.get(read) {
            if self.state == State::Data {
                let count = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len() - read);
                bytes.copy_within(read..read + count, data);
                (read, data, self.left) = (read + count, data + count, self.left - count as u64);
                if self.left == 0 {
                    self.state = State::DataCr;
                }
                continue;
            }
            read += 1;
            if (self.state, byte) == (State::LastLf, b'\n') {
                return Ok(Progress { read, data, done: true });
            }
            self.state = self.next(byte)?;
        }
        Ok(Progress { read, data, done: false })
    }

    /// What follows this byte of framing.
    fn next(&mut self, byte: u8) -> Result<State, Error> {
        const EXTENSION: Error = Error::Malformed("a chunk extension is malformed");
        const TRAILER: Error = Error::Malformed("a trailer is malformed");
        let state = match self.state {
            State::Size(digits) => match (char::from(byte).to_digit(16), byte) {
                (Some(_), _) if digits == MOST_DIGITS => {
                    return Err(Error::Malformed("a chunk size is too long"));
                }
                (Some(digit), _) => {
                    self.left = self.left << 4 | u64::from(digit);
                    State::Size(digits + 1)
                }
                (None, b'\r' | b';' | b' ' | b'\t') if digits > 0 => {
                    self.allowed = self.allowed.checked_sub(self.left).ok_or(Error::TooLarge)?;
                    match byte {
                        b'\r' => State::SizeLf,
                        b';' => self.extended(State::NameStart)?,
                        _ => self.extended(State::Gap)?,
                    }
                }
                (None, _) => return Err(Error::Malformed("a chunk size is no hexadecimal number")),
            },
            State::SizeLf => match (byte, self.left) {
                (b'\n', 0) => State::TrailerStart,
                (b'\n', _) => State::Data,
                _ => return Err(Error::Malformed("a chunk size ends in a bare CR")),
            },
            State::Gap | State::NameStart | State::Name | State::NameEnd => {
                let state = match (self.state, byte) {
                    (State::Gap | State::NameStart | State::NameEnd, b' ' | b'\t') => self.state,
                    (State::Gap | State::Name | State::NameEnd, b';') => State::NameStart,
                    (State::Name | State::NameEnd, b'=') => State::ValueStart,
                    (State::Name, b' ' | b'\t') => State::NameEnd,
                    (State::Name, b'\r') => State::SizeLf,
                    (State::NameStart | State::Name, byte) if is_token_byte(byte) => State::Name,
                    _ => return Err(EXTENSION),
                };
                self.extended(state)?
            }
            State::ValueStart | State::Value | State::Quoted | State::Escaped | State::QuotedEnd => {
                let state = match (self.state, byte) {
                    (State::Quoted, b'"') => State::QuotedEnd,
                    (State::Quoted, b'\\') => State::Escaped,
                    (State::Quoted | State::Escaped, byte) if is_value_byte(byte) => State::Quoted,
                    (State::ValueStart, b' ' | b'\t') => State::ValueStart,
                    (State::ValueStart, b'"') => State::Quoted,
                    (State::ValueStart | State::Value, byte) if is_token_byte(byte) => State::Value,
                    (State::Value | State::QuotedEnd, b' ' | b'\t') => State::Gap,
                    (State::Value | State::QuotedEnd, b';') => State::NameStart,
                    (State::Value | State::QuotedEnd, b'\r') => State::SizeLf,
                    _ => return Err(EXTENSION),
                };
                self.extended(state)?
            }
            State::Data => unreachable!("data is no framing"),
            State::DataCr if byte == b'\r' => State::DataLf,
            State::DataLf if byte == b'\n' => State::Size(0),
            State::DataCr | State::DataLf => {
                return Err(Error::Malformed("a chunk does not end where its size says"));
            }
            State::TrailerStart if byte == b'\r' => State::LastLf,
            State::TrailerStart if is_token_byte(byte) => self.trailed(State::TrailerName)?,
            State::TrailerName if byte == b':' => self.trailed(State::TrailerValue)?,
            State::TrailerName if is_token_byte(byte) => self.trailed(State::TrailerName)?,
            State::TrailerValue if byte == b'\r' => self.trailed(State::TrailerLf)?,
            State::TrailerValue if is_value_byte(byte) => self.trailed(State::TrailerValue)?,
            State::TrailerLf if byte == b'\n' => self.trailed(State::TrailerStart)?,
            State::TrailerStart | State::TrailerName | State::TrailerValue | State::TrailerLf => {
                return Err(TRAILER);
            }
            State::LastLf => return Err(Error::Malformed("the last chunk ends in a bare CR")),
        };
        Ok(state)
    }

    fn extended(&mut self, state: State) -> Result<State, Error> {
        self.extension_bytes += 1;
        if self.extension_bytes > MOST_EXTENSION_BYTES {
            return Err(Error::Malformed("the chunk extensions are too long"));
        }
        Ok(state)
    }

    fn trailed(&mut self, state: State) -> Result<State, Error> {
        self.trailer_bytes += 1;
        if self.trailer_bytes > MOST_TRAILER_BYTES { Err(Error::TrailersTooLarge) } else { Ok(state) }
    }
}

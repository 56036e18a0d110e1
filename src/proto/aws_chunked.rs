//! `aws-chunked` bodies, decoded in place: S3's own chunks, inside whatever framing HTTP has.
//!
//! ```text
//!   5;chunk-signature=…\r\nhello\r\n0;chunk-signature=…\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n   ->   hello
//! ```
//!
//! Signatures are not verified. Trailers are kept, since checksums come in them. Each byte is looked at once, however
//! the bytes arrive. Where all of that is described:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html> and `sigv4-streaming-trailers.html`.

/// Of a chunk's size; more would not fit into 64 bits.
const MOST_DIGITS: u8 = 16;

/// Of a chunk: AWS has one, `chunk-signature`, of some 80 bytes.
const MOST_EXTENSION_BYTES: usize = 1024;

/// Of a body: a checksum and `x-amz-trailer-signature`. As large as AWS lets a head be.
const MOST_TRAILER_BYTES: usize = 10 * 1024;

/// Takes a body out of its chunks.
#[derive(Debug)]
pub struct AwsChunked {
    state: State,
    /// Of the chunk under way: its size while that is read, then what of its data is still to come.
    left: u64,
    extension_bytes: usize,
    trailers: Vec<u8>,
}

/// Why this is no such body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The size, of which there are so many digits.
    Size(u8),
    /// `;chunk-signature=…`, up to the line's end.
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// A trailer, or the line end that ends all.
    TrailerStart,
    Trailer,
    TrailerLf,
    /// The end of an empty line. Nothing should follow it, but AWS's own examples have one between two trailers,
    /// and where a body ends is HTTP's to say.
    EmptyLf,
}

impl Default for AwsChunked {
    fn default() -> Self {
        Self { state: State::Size(0), left: 0, extension_bytes: 0, trailers: Vec::new() }
    }
}

impl AwsChunked {
    /// A decoder at a body's beginning.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads `bytes`, which follow those of the last call, and moves the data in them to their front: as many as is
    /// returned.
    pub fn decode(&mut self, bytes: &mut [u8]) -> Result<usize, Malformed> {
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
            self.state = self.next(byte)?;
        }
        Ok(data)
    }

    /// Whether the last chunk has come. A body may end behind it or behind the trailers: clients do both.
    pub fn is_done(&self) -> bool {
        match self.state {
            State::TrailerStart => true,
            State::Size(_)
            | State::Extension
            | State::SizeLf
            | State::Data
            | State::DataCr
            | State::DataLf
            | State::Trailer
            | State::TrailerLf
            | State::EmptyLf => false,
        }
    }

    /// The trailers so far: names as sent, values without surrounding white space.
    pub fn trailers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.trailers.split(|&byte| byte == b'\n');
        lines.filter_map(|line| {
            let (name, value) = std::str::from_utf8(line).ok()?.split_once(':')?;
            Some((name.trim(), value.trim()))
        })
    }

    /// What follows this byte of framing.
    fn next(&mut self, byte: u8) -> Result<State, Malformed> {
        let state = match self.state {
            State::Size(digits) => match (char::from(byte).to_digit(16), byte) {
                (Some(_), _) if digits == MOST_DIGITS => return Err(Malformed("a chunk size is too long")),
                (Some(digit), _) => {
                    self.left = self.left << 4 | u64::from(digit);
                    State::Size(digits + 1)
                }
                (None, b'\r') if digits > 0 => State::SizeLf,
                (None, b';') if digits > 0 => {
                    self.extension_bytes = 0;
                    State::Extension
                }
                (None, _) => return Err(Malformed("a chunk size is no hexadecimal number")),
            },
            State::Extension => {
                self.extension_bytes += 1;
                match byte {
                    b'\r' => State::SizeLf,
                    b'\n' => return Err(Malformed("a chunk's line ends in a bare LF")),
                    _ if self.extension_bytes > MOST_EXTENSION_BYTES => {
                        return Err(Malformed("a chunk's signature is too long"));
                    }
                    _ => State::Extension,
                }
            }
            State::SizeLf => match (byte, self.left) {
                (b'\n', 0) => State::TrailerStart,
                (b'\n', _) => State::Data,
                _ => return Err(Malformed("a chunk size ends in a bare CR")),
            },
            State::Data => unreachable!("data is no framing"),
            State::DataCr if byte == b'\r' => State::DataLf,
            State::DataLf if byte == b'\n' => State::Size(0),
            State::DataCr | State::DataLf => {
                return Err(Malformed("a chunk does not end where its size says"));
            }
            State::TrailerStart if byte == b'\r' => State::EmptyLf,
            State::TrailerStart | State::Trailer => match byte {
                b'\r' => State::TrailerLf,
                // So do AWS's examples end a trailer.
                b'\n' => self.trailed(b'\n')?,
                byte => self.trailed(byte)?,
            },
            State::TrailerLf if byte == b'\n' => self.trailed(b'\n')?,
            State::EmptyLf if byte == b'\n' => State::TrailerStart,
            State::TrailerLf | State::EmptyLf => return Err(Malformed("a trailer ends in a bare CR")),
        };
        Ok(state)
    }

    fn trailed(&mut self, byte: u8) -> Result<State, Malformed> {
        if self.trailers.len() == MOST_TRAILER_BYTES {
            return Err(Malformed("the trailers are too long"));
        }
        self.trailers.push(byte);
        Ok(if byte == b'\n' { State::TrailerStart } else { State::Trailer })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIGNED: &str = "5;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\nhello\r\n\
                          0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";

    #[test]
    fn bodies() {
        for (body, expected) in [
            (SIGNED, "hello"),
            ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"),
            ("0\r\n\r\n", ""),
            ("0\r\n", ""),
            ("a\r\n0123456789\r\n0\r\n", "0123456789"),
            ("2\r\nab\r\n0\r\nx-amz-checksum-crc32:i9aeUg==\r\n\r\n", "ab [x-amz-checksum-crc32=i9aeUg==]"),
            (
                "2\r\nab\r\n0\r\nx-amz-checksum-crc32:i9aeUg==\n\r\nx-amz-trailer-signature: 12\r\n\r\n",
                "ab [x-amz-checksum-crc32=i9aeUg==] [x-amz-trailer-signature=12]",
            ),
            (
                "2\r\nab\r\n0\r\nx-amz-checksum-crc32: i9aeUg== \nx-amz-trailer-signature:12\r\n\r\n\r\n",
                "ab [x-amz-checksum-crc32=i9aeUg==] [x-amz-trailer-signature=12]",
            ),
            ("", "! incomplete"),
            ("5\r\nhel", "hel! incomplete"),
            ("5\r\nhello\r\n", "hello! incomplete"),
            ("5\r\nhello!\r\n", "! a chunk does not end where its size says"),
            ("x\r\n", "! a chunk size is no hexadecimal number"),
            (";a\r\n", "! a chunk size is no hexadecimal number"),
            ("\r\n", "! a chunk size is no hexadecimal number"),
            ("00000000000000000\r\n", "! a chunk size is too long"),
            ("1\rx", "! a chunk size ends in a bare CR"),
            ("1;a\nx", "! a chunk's line ends in a bare LF"),
            ("0\r\na:b\rc", "! a trailer ends in a bare CR"),
            ("0\r\n\rx", "! a trailer ends in a bare CR"),
            ("0\r\n\r\nx", "! incomplete"),
        ] {
            for size in 1..=body.len().max(1) {
                let found = decoded(body.as_bytes(), size);
                let fits = match expected.split_once('!') {
                    // How much was given out before the mistake depends on how the bytes came.
                    Some((_, why)) => found.ends_with(&format!("!{why}")),
                    None => found == expected,
                };
                assert!(fits, "{body:?} in pieces of {size}: {found}");
            }
        }
        let long = format!("1;{}\r\n", "x".repeat(MOST_EXTENSION_BYTES + 1));
        assert_eq!(decoded(long.as_bytes(), 7), "! a chunk's signature is too long");
        let long = format!("0\r\n{}\r\n", "x".repeat(MOST_TRAILER_BYTES + 1));
        assert_eq!(decoded(long.as_bytes(), 7), "! the trailers are too long");
    }

    proptest! {
        #[test]
        fn every_split_gives_what_was_put_in(
            chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..40), 0..6),
            cuts in proptest::collection::vec(1usize..50, 1..20),
        ) {
            let mut body = Vec::new();
            for chunk in &chunks {
                body.extend_from_slice(format!("{:x};chunk-signature=0\r\n", chunk.len()).as_bytes());
                body.extend_from_slice(chunk);
                body.extend_from_slice(b"\r\n");
            }
            body.extend_from_slice(b"0;chunk-signature=0\r\nx-amz-checksum-crc32:AA==\r\n\r\n");
            let (mut decoder, mut out, mut rest) = (AwsChunked::new(), Vec::new(), &mut body[..]);
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at_mut((*cut).min(rest.len()));
                let count = decoder.decode(piece).unwrap();
                out.extend_from_slice(&piece[..count]);
                rest = after;
            }
            prop_assert!(decoder.is_done());
            prop_assert_eq!(out, chunks.concat());
            prop_assert_eq!(decoder.trailers().collect::<Vec<_>>(), vec![("x-amz-checksum-crc32", "AA==")]);
        }

        #[test]
        fn nothing_panics(mut body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = AwsChunked::new().decode(&mut body);
        }
    }

    fn decoded(body: &[u8], size: usize) -> String {
        let (mut decoder, mut out) = (AwsChunked::new(), Vec::new());
        for piece in body.chunks(size) {
            let mut piece = piece.to_vec();
            match decoder.decode(&mut piece) {
                Ok(count) => out.extend_from_slice(&piece[..count]),
                Err(Malformed(why)) => return format!("{}! {why}", String::from_utf8(out).unwrap()),
            }
        }
        let mut text = String::from_utf8(out).unwrap();
        if !decoder.is_done() {
            return text + "! incomplete";
        }
        for (name, value) in decoder.trailers() {
            text += &format!(" [{name}={value}]");
        }
        text
    }
}
